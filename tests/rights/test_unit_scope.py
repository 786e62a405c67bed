"""Members of a unit see its cases wherever these are, and nothing else by it: rows, histories, files, steps, lists and live events."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from live_tools import case, running
from rights_tools import Connection, load_people, refused, seeing, viewer_of

from data.accounts.store import CHANNEL
from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.core.roles import DOOR
from data.core.viewer import Viewer, everything
from data.figures.scope import OutOfScope
from data.live.event_pages import read_events
from data.live.outbox import append_events
from data.organisation.store import read_organisation, write_members, write_units
from data.queries.case_filters import CaseFilters

DENIED = "42501"
OF_UNIT = {"U1": {"i01", "i11", "i17", "i24"}, "U2": {"i02", "i18"}, '单位 "3"\\,{}': {"i30"}}
"""Cases of each unit: i01 and i02 in C1, i11 in C3, i17 and i18 in C5, i24 and i30 in C7."""
IN_C1 = {row[0] for row in city.INCIDENTS if row[1] == city.C1}
UNITS, MEMBERS = (
    (*OF_UNIT, "over"),
    [
        ("wang", "U1", None, 0, 0),
        ("west", "U1", city.D1, 0, 0),
        ("both", "U1", city.D1, 0, 0),
        ("both", "U2", city.D2, 0, 0),
        ("li", '单位 "3"\\,{}', None, 0, 0),
        ("gone", "U1", None, -9, -1),
        ("soon", "U1", None, 2, 9),
        ("zoned", "U1", city.ZONE, 0, 0),
        ("lost", "U1", "nowhere", 0, 0),
        ("over", "over", None, 0, 0),
    ],
)
"""Account, unit, area, and from how many days from now to how many; 0 and 0: always."""


def load_units(connection: Connection) -> None:
    for code in UNITS:
        ended = date.today() - timedelta(2) if code == "over" else None
        connection.execute("INSERT INTO unit (city, code, name, valid_to) VALUES (%s, %s, %s, %s)", [city.CITY, code, code, ended])
    for account, unit, area, first, last in MEMBERS:
        days = [date.today() + timedelta(n) if n else None for n in (first, last)]
        connection.execute(
            "INSERT INTO unit_member (city, unit, account, area, post, valid_from, valid_to) VALUES (%s, %s, %s, %s, 'worker', %s, %s)",
            [city.CITY, unit, account, area, *days],
        )
    for unit, keys in OF_UNIT.items():
        connection.execute("UPDATE incident SET unit = %s WHERE source_key = ANY(%s)", [unit, list(keys)])
    connection.execute("UPDATE incident SET assignee = 'wang' WHERE source_key IN ('i17', 'i18')")
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load, load_people, load_units) as url:
        yield url


def units_of(account: str) -> str:
    with seeing(Viewer(), DOOR) as connection:
        row = connection.execute("SELECT units_of(%s)", [account]).fetchone()
    assert row
    return str(row[0])


def member(account: str, code: str | None = city.C1, detail: str = "cases") -> Viewer:
    """A member of a unit who works in an area, or in none."""
    there = viewer_of(code, detail) if code else viewer_of(city.C1, detail)  # type: ignore[arg-type]
    nowhere = {} if code else {"scope": "", "figures": "", "scope_code": ""}
    return replace(there, name=account, units=units_of(account), **nowhere)  # type: ignore[arg-type]


def seen(viewer: Viewer, query: str = "SELECT source_key FROM incident") -> set[str]:
    with seeing(viewer) as connection:
        return {key for (key,) in connection.execute(query.encode())}


# ---- Rows ----


@pytest.mark.parametrize(
    ("account", "beside"),
    [
        ("wang", OF_UNIT["U1"]),
        ("west", {"i01", "i11"}),
        ("both", {"i01", "i11", "i18"}),
        ("li", {"i30"}),
        *((account, set()) for account in ("gone", "soon", "zoned", "lost", "over", "nobody")),
    ],
)
def test_a_member_sees_the_own_area_and_the_cases_of_the_unit(account: str, beside: set[str]) -> None:
    assert seen(member(account)) == IN_C1 | beside
    assert seen(member(account, None)) == beside, "also without any area"
    assert seen(member(account, city.CITY)) == {row[0] for row in city.INCIDENTS}


def test_what_belongs_to_such_a_case_is_seen_with_it() -> None:
    steps = "SELECT i.source_key FROM incident_event e JOIN incident i ON i.district = e.district AND i.id = e.incident_id"
    assert seen(member("wang"), steps) == IN_C1 | OF_UNIT["U1"]
    with seeing(member("wang")) as connection:
        (n,) = connection.execute("SELECT count(*) FROM incident_event").fetchone() or ()
        assert n == len(IN_C1 | OF_UNIT["U1"])


def test_people_stay_those_of_the_own_area() -> None:
    """Who reported a case is found by where it is: membership of a unit opens no register."""
    who = member("wang", city.C1, "people")
    assert len(seen(who, "SELECT grid || '/' || id FROM person")) == 2
    assert len(seen(who, "SELECT incident_id::text FROM incident_reporter")) == len(IN_C1)


def test_a_sensitive_case_needs_the_right_to_personal_data(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'utility'")
    try:
        assert "i24" not in seen(member("wang")) and "i17" in seen(member("wang"))
        assert "i24" in seen(member("wang", city.C1, "people"))
    finally:
        with psycopg.connect(town) as owner:
            owner.execute("UPDATE category SET sensitive = false")


def test_figures_and_those_who_see_figures_alone_are_as_before() -> None:
    with seeing(member("wang", city.C1, "figures")) as connection:
        assert refused(connection, "SELECT FROM incident") == DENIED
    counted = "SELECT area_no::text FROM incident_open"
    assert seen(member("wang"), counted) == seen(viewer_of(city.C1, "cases"), counted)


@pytest.mark.parametrize("units", ["{}", "{u0}", "{u1.990000}"])
def test_a_case_without_a_unit_or_of_another_one_is_not_seen(units: str) -> None:
    assert seen(replace(viewer_of(city.C1, "cases"), units=units)) == IN_C1


def test_whoever_sees_more_has_other_rights() -> None:
    """So what is kept for some is never given to others."""
    rights = [member(account).rights for account in ("wang", "west", "both", "li", "nobody")]
    assert len(set(rights)) == len(rights)
    assert member("gone").rights == viewer_of(city.C1, "cases").rights


async def test_processes_hear_of_new_tables(town: str) -> None:
    with psycopg.connect(town, autocommit=True) as listener, psycopg.connect(town) as owner:
        listener.execute(f"LISTEN {CHANNEL}")
        known = read_organisation(owner, city.CITY)
        for write in (
            lambda: write_units(owner, city.CITY, known.units, date(2020, 1, 1)),
            lambda: write_members(owner, city.CITY, known.members),
        ):
            write()
            owner.commit()
            assert len(list(listener.notifies(timeout=60, stop_after=1))) == 1


# ---- Steps ----

ASK = "INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body) VALUES (%s, %s, %s, %s, %s, 'k', '', '{}')"


@pytest.mark.parametrize(
    ("account", "key", "state"), [("wang", "i17", ""), ("wang", "i18", DENIED), ("west", "i17", DENIED), ("li", "i17", DENIED)]
)
def test_steps_are_asked_for_on_cases_of_the_unit_and_on_no_others(town: str, account: str, key: str, state: str) -> None:
    with psycopg.connect(town) as owner:
        row = owner.execute("SELECT city, district, id, reported_at, number FROM incident WHERE source_key = %s", [key]).fetchone()
    assert row
    with seeing(member(account)) as connection:
        assert refused(connection, ASK, uuid.uuid4(), *row[:4]) == state
        found = connection.execute("SELECT case_id FROM find_case(%s, NULL)", [row[4]]).fetchall()
        assert found == ([] if state else [(row[2],)])


# ---- Lists ----


async def listed(viewer: Viewer, **asked: Any) -> set[str]:
    told = await fetch_list(CaseQuestion(limit=200, **asked), viewer)
    counts = told["counts"]
    assert counts and counts["total"] == {"n": len(told["cases"]), "more": False}
    return {row["key"].partition(":")[2] for row in told["cases"]}


async def test_the_list_of_the_own_units_reaches_beyond_the_own_area() -> None:
    assert await listed(member("wang"), own_units=True) == OF_UNIT["U1"]
    assert await listed(member("both"), own_units=True) == {"i01", "i11", "i18"}
    assert await listed(member("wang"), own_units=True, area=city.D1) == {"i01", "i11"}
    with pytest.raises(OutOfScope):
        await listed(member("wang"), own_units=True, area=city.D2)
    assert await listed(member("wang"), own_units=True, filters=CaseFilters(units=("U2",))) == set()
    assert await listed(member("wang"), own_units=True, filters=CaseFilters(states=("closed",))) == {"i01", "i24"}
    assert await listed(member("nobody"), own_units=True) == await listed(member("gone"), own_units=True) == set()
    assert await listed(replace(everything(detail="cases"), name="wang", units=units_of("wang")), own_units=True) == OF_UNIT["U1"]


async def test_without_asking_for_it_the_list_is_of_the_own_area() -> None:
    assert await listed(member("wang")) == await listed(viewer_of(city.C1, "cases")) == IN_C1
    with pytest.raises(OutOfScope):
        await listed(member("wang"), area=city.D2)


async def test_mine_are_those_that_i_work_on_and_may_see() -> None:
    assert await listed(member("wang"), mine=True) == {"i17"}, "i18 is of another unit, and elsewhere"
    assert await listed(member("wang", city.CITY), mine=True) == {"i17", "i18"}
    assert await listed(member("li"), mine=True) == set()


# ---- Live ----


async def test_a_step_is_told_to_the_units_before_and_after_it(town: str) -> None:
    async with running():
        begin = (await read_events(everything(), None)).position.last
        told = [("n1", ("U1",)), ("n2", ("U1", "U2")), ("n3", ("U2",)), ("n4", ()), ("n5", ('单位 "3"\\,{}',))]
        with psycopg.connect(town) as owner:
            append_events(owner, [replace(case(number, city.C7), units=units) for number, units in told])
        for _ in range(1_200):
            page = await read_events(everything(), begin)
            if page.count >= len(told):
                break
            await asyncio.sleep(0.05)
        heard = {}
        for account in ("wang", "west", "li", "both", "nobody"):
            encoded = (await read_events(member(account), begin)).encoded.decode()
            heard[account] = {number for number, _ in told if f'"{number}"' in encoded}
    assert heard == {"wang": {"n1", "n2"}, "west": set(), "li": {"n5"}, "both": {"n2", "n3"}, "nobody": set()}
