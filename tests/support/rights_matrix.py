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
from planted_reports import plant_report
from psycopg.types.json import Jsonb
from serving import PATIENT

from app import create_app
from data.core.settings import settings
from data.live.event_ids import encode_id
from data.wall.model import Scene

EPOCH, ID_KEY = "0123456789abcdef", bytes(16)
ALL_EVENTS = encode_id(ID_KEY, EPOCH, 0)
"""The id from which all events of both cities are replayed."""
REPORTED = (small.CITY, small.D2, small.C1, small.ZONE, twin_city.TWIN)
"""Areas of which there is an issued report."""
AREAS = (small.CITY, small.D1, small.D2, small.S1, small.C1, small.C5, small.ZONE, twin_city.TWIN, twin_city.twin(small.C1))


@pytest.fixture(scope="module")
def cities(fresh_database: Any) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**PATIENT, "GRIDWELL_RATE_FACTOR": "0"}.items():
            patch.setenv(name, value)
        with fresh_database(twin_city.load, load_base) as url:
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE rate_limit SET most = 1000000")
                _write_tours(connection)
                _write_events(connection)
                for code in REPORTED:
                    plant_report(connection, code)
            yield url
    settings.cache_clear()


def _write_tours(connection: psycopg.Connection[Any]) -> None:
    """A tour of each city, with a scene of every area, and one that is shown for an hour."""
    for code in (small.CITY, twin_city.TWIN):
        bound = {"city": code}
        connection.execute(
            "INSERT INTO wall_tour (city, wall, area, epoch_at, set_at) VALUES (%(city)s, 'main', %(city)s, now(), now())", bound
        )
        connection.execute(
            "INSERT INTO wall_scene (city, wall, ordinal, playlist, name, area, body)"
            " SELECT city, 'main', 1, 'day', 'scene', code, %(body)s FROM area WHERE city = %(city)s",
            {**bound, "body": Jsonb(Scene(0, "", "", "").body())},
        )
        connection.execute(
            "INSERT INTO wall_turn (city, wall, kind, from_at, until_at, area, body) SELECT city, 'main', 'serious', now(),"
            " now() + interval '1 hour', code, %(body)s FROM area WHERE city = %(city)s",
            {
                **bound,
                "body": Jsonb(
                    {"case": {"category": "env", "category_name": "", "category_name_en": "", "severity": 1, "lon": 1, "lat": 1}}
                ),
            },
        )


def _write_events(connection: psycopg.Connection[Any]) -> None:
    """An event of each case, with the case's mark, and numbers for all events."""
    connection.execute(
        "INSERT INTO live_event (city, kind, grid, path, category, body) SELECT city, 'case', grid, path, category, jsonb_build_object("
        "'number', number, 'path', string_to_array(path::text, '.'), 'grid', grid) FROM incident"
    )
    connection.execute("UPDATE live_event SET seq = id")
    connection.execute("UPDATE live_state SET last = (SELECT max(seq) FROM live_event), epoch = %s, id_key = %s", [EPOCH, ID_KEY])


@pytest.fixture(scope="module")
def app(cities: str) -> FastAPI:
    return create_app()


def callback_map(app: FastAPI) -> dict[str, Any]:
    """Of the one Dash in an app."""
    found = [one for one in gc.get_objects() if isinstance(one, dash.Dash) and one.server is app]
    return dict(found[0].callback_map)
