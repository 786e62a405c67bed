"""Shared parts of the tests of role × area: two cities in one database, the app over them, and its questions."""

import gc
from collections.abc import Iterator
from typing import Any

import dash
import psycopg
import pytest
import small_city as small
import twin_city
from fastapi import FastAPI
from map_tools import load_base

from app import create_app
from data.core.settings import settings

AREAS = (small.CITY, small.D1, small.D2, small.S1, small.C1, small.C5, small.ZONE, twin_city.TWIN, twin_city.twin(small.C1))


@pytest.fixture(scope="module")
def cities(fresh_database: Any) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database(twin_city.load, load_base) as url:
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE rate_limit SET most = 1000000")
            yield url
    settings.cache_clear()


@pytest.fixture(scope="module")
def app(cities: str) -> FastAPI:
    return create_app()


def callback_map(app: FastAPI) -> dict[str, Any]:
    """Of the one Dash in an app."""
    found = [one for one in gc.get_objects() if isinstance(one, dash.Dash) and one.server is app]
    return dict(found[0].callback_map)
