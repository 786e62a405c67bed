"""Where the browser loads deck.gl and its tile reader from: addresses that change with the content, so that they may be kept for ever."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import pydeck

from data.core.settings import ROOT

BUNDLE = Path(pydeck.__file__).parent / "nbextension" / "static" / "index.js"
WORKER = ROOT / "assets" / "vendor" / "mvt-worker.js"


@lru_cache
def pack_script(path: Path) -> tuple[str, bytes]:
    """Digest and gzip-compressed content of a script."""
    raw = path.read_bytes()
    return hashlib.sha256(raw).hexdigest()[:16], gzip.compress(raw, 9, mtime=0)


def bundle_address() -> str:
    """deck.gl, as pydeck ships it."""
    return f"/vendor/deck-{pack_script(BUNDLE)[0]}.js"


def worker_address() -> str:
    """The worker that reads vector tiles, in the version that deck.gl was built with."""
    return f"/vendor/mvt-worker-{pack_script(WORKER)[0]}.js"
