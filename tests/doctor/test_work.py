"""The doctor's checks of work on cases: a sound history passes, and every broken one is named."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, take
from databases import FreshDatabase
from rights_tools import load_people

from data.doctor.examine import CITY_CHECKS

Connection = psycopg.Connection[Any]
CHECKS = ("incident.steps", "incident.versions", "incident.replayed")


def offenders(connection: Connection) -> dict[str, tuple[str, ...]]:
    """What the checks of work name."""
    return {code: CITY_CHECKS[code][1](connection, city.CITY).offenders for code in CHECKS}


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The owner of the small city, with steps on two cases."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        assert take(connection, DESK, "i06", "dispatch", unit="u1")["ok"]
        assert take(connection, CHIEF, "i06", "accept")["ok"]
        assert take(connection, DESK, "i05", "mark_duplicate", into="i04")["ok"]
        connection.execute("SET gridwell.removing_cases = 'on'")
        yield connection


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT 1", {}),
        ("UPDATE incident SET stage = 'filed' WHERE number = 'i06'", {"incident.replayed": ("i06",)}),
        ("UPDATE incident SET severity = 1 WHERE number = 'i04'", {"incident.replayed": ("i04",)}),
        (
            "UPDATE incident SET version = 9 WHERE number = 'i06'",
            {"incident.versions": ("i06 · 9 ≠ 3",), "incident.replayed": ("i06",)},
        ),
        (
            "DELETE FROM incident_event WHERE account IS NOT NULL AND seq = 2 AND step = 'dispatch'",
            {"incident.replayed": ("i06",)},
        ),
        (
            "UPDATE incident_event SET seq = 8 WHERE step = 'accept'",
            {"incident.versions": ("i06 · 3 ≠ 8",), "incident.replayed": ("i06",)},
        ),
        (
            "UPDATE incident_event SET incident_id = 7777 WHERE step = 'accept'",
            {
                "incident.steps": (f"{city.D1}/7777 · 3",),
                "incident.versions": ("i06 · 3 ≠ 2",),
                "incident.replayed": ("i06",),
            },
        ),
    ],
)
def test_what_is_broken_is_named(owner: Connection, statement: str, found: dict[str, tuple[str, ...]]) -> None:
    owner.execute(statement.encode())
    assert offenders(owner) == {**dict.fromkeys(CHECKS, ()), **found}
