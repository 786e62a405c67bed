"""Addresses of deck.gl and its tile reader. They change with the content, so browsers may keep the files without limit."""

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
    """Compute the digest and the gzip-compressed content of a script."""
    raw = path.read_bytes()
    return hashlib.sha256(raw).hexdigest()[:16], gzip.compress(raw, 9, mtime=0)


def bundle_address() -> str:
    """Address of deck.gl as pydeck ships it."""
    return f"/vendor/deck-{pack_script(BUNDLE)[0]}.js"


def worker_address() -> str:
    """Address of the worker that reads vector tiles, in the version that deck.gl was built with."""
    return f"/vendor/mvt-worker-{pack_script(WORKER)[0]}.js"
