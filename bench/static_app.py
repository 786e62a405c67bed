"""The product with one folder of files beside it, for the warm tile: ``uvicorn --factory bench.static_app:create``.

The files answer through the same middleware as a tile, up to the router, and from there as Starlette serves static files.
"""

import os

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app import create_app

UNPACKED, PACKED = "/bench-static", "/assets/bench-static"
"""The first is read from disk each time; what lies under ``/assets/`` the product packs once and keeps in memory."""


def create() -> FastAPI:
    """The app, serving the folder that ``GRIDWELL_BENCH_STATIC`` names."""
    app = create_app()
    files = StaticFiles(directory=os.environ["GRIDWELL_BENCH_STATIC"])
    for number, path in enumerate((UNPACKED, PACKED)):
        app.router.routes.insert(number, Mount(path, files))
    return app
