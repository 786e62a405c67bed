"""The page's own scripts: ES modules, served under one version that stands in the path.

Modules import each other by relative paths, so the version of the page's first script is the version of all of them: no list of
addresses has to stand in the page. The version is a digest of all scripts together, and each file may be kept for ever under it.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import brotli
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from data.core.settings import ROOT

FOLDER = ROOT / "assets" / "scripts"
ENTRY = "map_page.js"
"""The map's page begins with it. Pages of another kind get an entry of their own beside it."""
FOREVER = "public, max-age=31536000, immutable"
_PACKING: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {"br": brotli.compress, "gzip": lambda body: gzip.compress(body, 9, mtime=0)}
)
"""The better first. Browsers offer Brotli only over https."""

_IMPORT = re.compile(r"""^(?:import|\} from|export) ?[^'"\n]*['"](\.[^'"]+)['"];$""", re.MULTILINE)
"""The path in an import; `deno fmt` keeps the form."""

_COMMENT = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$|^[ \t]*//[^\n]*$", re.MULTILINE | re.DOTALL)

router = APIRouter(tags=["map"], include_in_schema=False)


@lru_cache
def modules(folder: Path = FOLDER) -> Mapping[str, bytes]:
    """Every script by its path below the folder, as it is sent; read once."""
    return MappingProxyType({file.relative_to(folder).as_posix(): _bare(file.read_text("utf-8")) for file in sorted(folder.rglob("*.js"))})


def _bare(script: str) -> bytes:
    """A script without the comments that fill whole lines: types and explanations are two fifths of it. Lines keep their numbers."""
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), script).encode()


@lru_cache
def version(folder: Path = FOLDER) -> str:
    """A digest of all scripts, their names included."""
    digest = hashlib.sha256()
    for name, body in modules(folder).items():
        digest.update(f"{name}\n{len(body)}\n".encode() + body)
    return digest.hexdigest()[:16]


def address(name: str = ENTRY) -> str:
    """Where a browser loads a script from."""
    return f"/scripts/{version()}/{name}"


@lru_cache
def preloads(entry: str = ENTRY) -> tuple[str, ...]:
    """Addresses of all modules of a page: it links to them, so that a browser fetches them at once and not one import after another."""
    return tuple(address(name) for name in _imported(entry))


@router.get("/scripts/{digest}/{name:path}")
async def get_script(digest: str, name: str, request: Request) -> Response:
    """One module. An older version is answered with the present file, but not kept."""
    if name not in modules():
        raise HTTPException(404)
    headers = {"Cache-Control": FOREVER if digest == version() else "no-cache", "ETag": f'"{version()}"', "Vary": "Accept-Encoding"}
    if version() in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    encoding = next((one for one in _PACKING if one in request.headers.get("accept-encoding", "")), None)
    if encoding is None:
        return Response(modules()[name], media_type="text/javascript", headers=headers)
    return Response(_packed(name, encoding), media_type="text/javascript", headers={**headers, "Content-Encoding": encoding})


@lru_cache(maxsize=256)
def _packed(name: str, encoding: str) -> bytes:
    return _PACKING[encoding](modules()[name])


def _imported(entry: str) -> list[str]:
    """The entry and every module it imports, directly or through others."""
    found, waiting = [], [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        waiting += [_resolved(name, path) for path in _IMPORT.findall(modules()[name].decode())]
    return sorted(found)


def _resolved(importer: str, path: str) -> str:
    return (FOLDER / importer).parent.joinpath(path).resolve().relative_to(FOLDER).as_posix()
