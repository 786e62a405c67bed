"""The product with an additional folder of static files, for the row on warm tiles: ``uvicorn --factory bench.static_app:create``.

A request for a file passes the same middleware as a tile up to the router; then Starlette serves it as a static file.
"""

import os

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app import create_app

UNPACKED, PACKED = "/vendor/bench-static", "/assets/bench-static"
"""The first is read from disk each time; files under ``/assets/`` are compressed once and kept in memory. Like tiles, neither waits in the
queue for the database, which refuses some on a busy machine.
"""


def create() -> FastAPI:
    """The app, serving the folder that ``GRIDWELL_BENCH_STATIC`` names."""
    app = create_app()
    files = StaticFiles(directory=os.environ["GRIDWELL_BENCH_STATIC"])
    for number, path in enumerate((UNPACKED, PACKED)):
        app.router.routes.insert(number, Mount(path, files))
    return app
