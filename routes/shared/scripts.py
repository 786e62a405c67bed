"""The page's own scripts: ES modules in ``assets/scripts``, sent as one file under a version that stands in its path.

The shared worker that listens for events is such a file, too. The version is a digest of that file, which may therefore be kept for ever.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import brotli
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from data.core.settings import ROOT
from routes.shared.script_joining import join_modules

FOLDER = ROOT / "assets" / "scripts"
ENTRY = "map_page.js"
"""The map's page begins with it. Pages of another kind get an entry of their own beside it."""
DESK = "desk_page.js"
"""The desk begins with it."""
FIGURES = "figures_page.js"
"""The page of figures begins with it."""
RULES = "rules_page.js"
"""The page of rules begins with it."""
HUB = "hub_page.js"
"""The data hub begins with it."""
REPORT = "report_page.js"
"""The pages of reports begin with it."""
REPORT_SCHEDULE = "report_schedule_page.js"
"""The page of a schedule of reports begins with it."""
WALL_REMOTE, WALL_SCREENS, WALL_SCENES = "wall_remote_page.js", "wall_screens_page.js", "wall_scenes_page.js"
"""The pages on which people look after walls."""
WALL = "wall_page.js"
"""The wall of a command centre begins with it."""
LIVE_WORKER = "live_worker.js"
"""A shared worker, which the pages of a browser start together."""
SIGN_OUT = "sign_out.js"
"""On the page that asks before signing out."""
ENTRIES = (ENTRY, DESK, FIGURES, RULES, HUB, REPORT, REPORT_SCHEDULE, WALL, WALL_REMOTE, WALL_SCREENS, WALL_SCENES, LIVE_WORKER, SIGN_OUT)
FOREVER = "public, max-age=31536000, immutable"
_PACKING: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {"br": lambda body: brotli.compress(body, quality=9), "gzip": lambda body: gzip.compress(body, 9, mtime=0)}
)
"""The better first. Browsers offer Brotli only over https."""

_COMMENT = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$|^[ \t]*//[^\n]*$", re.MULTILINE | re.DOTALL)

router = APIRouter(tags=["map"], include_in_schema=False)


@lru_cache
def script(entry: str = ENTRY) -> bytes:
    """The entry with all modules that it imports, joined and without comments; made once in a process."""
    modules = {file.relative_to(FOLDER).as_posix(): _without_comments(file.read_text("utf-8")) for file in FOLDER.rglob("*.js")}
    return join_modules(entry, modules).encode()


def _without_comments(text: str) -> str:
    """A module without the comments that fill whole lines: types and explanations are two fifths of it."""
    return _COMMENT.sub("", text)


@lru_cache
def version(entry: str = ENTRY) -> str:
    """A digest of the script."""
    return hashlib.sha256(script(entry)).hexdigest()[:16]


def address(entry: str = ENTRY) -> str:
    """Where a browser loads the script from."""
    return f"/scripts/{version(entry)}/{entry}"


@router.get("/scripts/{digest}/{name:path}")
async def get_script(digest: str, name: str, request: Request) -> Response:
    """A script. An older version is answered with the present one, but not kept."""
    if name not in ENTRIES:
        raise HTTPException(404)
    present = version(name)
    headers = {"Cache-Control": FOREVER if digest == present else "no-cache", "ETag": f'"{present}"', "Vary": "Accept-Encoding"}
    if present in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    encoding = next((one for one in _PACKING if one in request.headers.get("accept-encoding", "")), None)
    if encoding is None:
        return Response(script(name), media_type="text/javascript", headers=headers)
    return Response(_packed(name, encoding), media_type="text/javascript", headers={**headers, "Content-Encoding": encoding})


@lru_cache
def _packed(entry: str, encoding: str) -> bytes:
    return _PACKING[encoding](script(entry))
