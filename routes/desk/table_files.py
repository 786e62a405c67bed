"""The table of the desk (AG Grid, as dash-ag-grid ships it, and React, as Dash ships it) at addresses that change with their content."""

import gzip
import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import dash
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from layers.spec.vendor import pack_script

router = APIRouter(tags=["map"], include_in_schema=False)

_DASH = Path(dash.__file__).parent / "deps"
_FOREVER = "public, max-age=31536000, immutable"
SCRIPTS = ("react.js", "react-dom.js", "prop-types.js", "dash_ag_grid.min.js")
"""What the page loads, in this order. The table asks for the rest by itself, in the folder of its own script."""
_LATER = ("async-community.js",)


@lru_cache
def _find_table() -> Path:
    """The folder of dash-ag-grid. It is not imported: Dash would load it into the map's page."""
    found = find_spec("dash_ag_grid")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("dash_ag_grid")
    return Path(found.origin).parent


@lru_cache
def find_file(name: str) -> Path:
    """Where a file is installed; of React the newest version that Dash ships."""
    if name in ("dash_ag_grid.min.js", *_LATER):
        return _find_table() / name
    found = sorted(_DASH.glob(f"{name.removesuffix('.js')}@*.min.js"), key=_version)
    return found[-1]


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.name.partition("@")[2].removesuffix(".min.js").split("."))


@lru_cache
def digest_files() -> str:
    """One digest of all files: they belong together."""
    return hashlib.sha256("".join(pack_script(find_file(name))[0] for name in (*SCRIPTS, *_LATER)).encode()).hexdigest()[:16]


def list_addresses() -> list[str]:
    """Addresses of the scripts that the page loads."""
    return [f"/vendor/table-{digest_files()}/{name}" for name in SCRIPTS]


@router.get("/vendor/table-{digest}/{name}")
async def get_table_file(digest: str, name: str, request: Request) -> Response:
    """One file. An older address is answered with the present file, but not kept."""
    if name not in (*SCRIPTS, *_LATER):
        raise HTTPException(404)
    own, body = pack_script(find_file(name))
    kept = _FOREVER if digest == digest_files() else "no-cache"
    headers = {"Cache-Control": kept, "ETag": f'"{own}"', "Vary": "Accept-Encoding"}
    if own in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(body), media_type="text/javascript", headers=headers)
    return Response(body, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
