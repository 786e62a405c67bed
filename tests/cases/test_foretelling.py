"""What is foretold of a case is what filing it then does: deadline, rule, unit and refusals, over rules, calendars and moments."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, ask, ask_report, middle_of, outcomes, person
from databases import FreshDatabase
from rights_tools import load_people
from working_calendars import OFFICE, at

from data.cases.deadline_reading import explain_deadline
from data.cases.foretelling.previews import Foretold, foretell
from data.cases.reading import read_case
from data.cases.refusals import StepRefused
from data.cases.writer import write_city
from data.core.viewer import Viewer
from data.deadlines.calendar import Span, Week
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import set_region, write_hours
from data.deadlines.store import write_rules as write_deadline_rules
from data.geo.datum import gcj02_to_bd09, wgs84_to_gcj02
from data.organisation.model import GRID_HEAD, Hours, Member, RoutingRule, Unit, parse_hours
from data.organisation.store import write_members, write_rules, write_units

Connection = psycopg.Connection[Any]
DEADLINES = [
    Rule(0, "env", None, {"filing": parse_duration("2 h"), "handling": parse_duration("5 working hours")}),
    Rule(0, "env", "A", {"handling": parse_duration("1 h")}),
    Rule(0, "order", None, {"handling": parse_duration("2 working days"), "verifying": parse_duration("1 working day")}),
]
"""Cases of the third category follow no rule."""
NIGHT: Hours = parse_hours("18:00-08:00")
ROUTING = [
    RoutingRule(0, 0, "duty", hours=NIGHT),
    RoutingRule(0, 0, GRID_HEAD, category="env", area=city.S1),
    RoutingRule(0, 0, "cg", category="order"),
    RoutingRule(0, 0, "quay", area=city.ZONE),
    RoutingRule(0, 0, "cg", channel="hotline", area=city.D2),
]
MOMENTS = [at("2026-02-13 16:00"), at("2026-10-12 09:30"), at("2026-10-12 23:10"), at("2026-12-31 17:29")]
"""Before the Spring Festival, in the office's hours, at night, and at the end of the calendar that is gazetted."""
KEPT = ("due_at", "stage_due_at", "amber_at", "rule_id", "due_provisional")


@pytest.fixture(scope="module")
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The small city with office hours, holidays, rules and units."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        set_region(connection, city.CITY, "CN", date(2026, 10, 31))
        write_hours(connection, city.CITY, [OFFICE])
        write_deadline_rules(connection, city.CITY, DEADLINES)
        write_units(connection, city.CITY, [Unit("cg", "城管中队"), Unit("duty", "值班室"), Unit("quay", "码头办")], date(2020, 1, 1))
        write_members(connection, city.CITY, [Member("cg", "worker", city.S1, "head")])
        write_rules(connection, city.CITY, ROUTING)
        yield connection


def said(grid: str, category: str = "env", **more: Any) -> dict[str, Any]:
    lon, lat = middle_of(grid)
    return {"category": category, "title": "Rubbish", "lon": lon, "lat": lat, **more}


def file_case(owner: Connection, viewer: Viewer, grid: str, moment: datetime, **of_case: Any) -> tuple[str, dict[str, Any]]:
    """Report a case at a moment, and file it just after; returns its number, and the outcome of filing."""
    asked = ask_report(viewer, grid, **of_case)
    write_city(owner, city.CITY, moment)
    number = outcomes(owner, [asked])[0]["number"]
    filed = ask(DESK, number, "file", 1)
    write_city(owner, city.CITY, moment)
    return number, outcomes(owner, [filed])[0]


def stored(owner: Connection, number: str) -> dict[str, Any]:
    row = owner.execute(f"SELECT reported_at, {', '.join(KEPT)} FROM incident WHERE number = %s".encode(), [number]).fetchone()
    assert row
    return dict(zip(("reported_at", *KEPT), row, strict=True))


def codes(told: Foretold) -> set[tuple[str, str]]:
    return {(refusal.field, refusal.code) for refusal in told.refusals}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_is_foretold_is_what_filing_does(owner: Connection, moment: datetime) -> None:
    seen = set()
    for category, grid, channel in product(("env", "order", "utility"), (city.C1, city.C3, city.C8), ("hotline", "grid_worker")):
        more = {"condition": "A"} if channel == "hotline" else {}
        number, filed = file_case(owner, DESK, grid, moment, category=category, channel=channel, **more)
        row = owner.execute("SELECT reported_at FROM incident WHERE number = %s", [number]).fetchone()
        assert row
        told = await foretell(said(grid, category, channel=channel, **more), DESK, row[0])
        assert not told.refusals and told.row is not None
        read = await read_case(number, None, DESK)
        # Filing counts the rest of its own stage anew; all else stands as it was foretold.
        expected = stored(owner, number)
        assert {name: told.row[name] for name in KEPT if name != "stage_due_at"} == {
            name: expected[name] for name in KEPT if name != "stage_due_at"
        }
        went = (told.unit and told.unit.code, told.assignee, told.rule and told.rule.id)
        events = [event for event in read.events if event["step"] == "dispatch"]
        rule = events[0]["details"]["rule"] if events else None
        assert went == (filed["state"].get("unit"), filed["state"].get("assignee"), rule), (category, grid, channel)
        seen.add((went[0], told.row["rule_id"] is None))
    assert {without for _, without in seen} == {True, False}, "with and without a rule of deadlines"


async def test_the_lines_and_the_time_for_filing_are_those_of_the_case_that_was_reported(owner: Connection) -> None:
    asked = ask_report(DESK, city.C1, category="env", channel="hotline")
    write_city(owner, city.CITY, at("2026-09-30 15:00"))
    number = outcomes(owner, [asked])[0]["number"]
    read = await read_case(number, None, DESK)
    told = await foretell(said(city.C1, channel="hotline"), DESK, read.row["reported_at"])
    assert told.row is not None and {name: told.row[name] for name in KEPT} == {name: read.row[name] for name in KEPT}
    for lang in ("zh", "en"):
        now = datetime.now(UTC)
        assert explain_deadline(told.row, (), told.book, now, lang) == explain_deadline(read.row, read.events, read.book, now, lang)
    assert any(line["kind"] == "free" for line in explain_deadline(told.row, (), told.book, now, "en")["lines"]), "the holiday is told"


async def test_a_city_whose_calendar_has_no_hours_gives_no_deadline(owner: Connection) -> None:
    try:
        write_hours(owner, city.CITY, [Week(((),) * 8)])
        number, _ = file_case(owner, DESK, city.C3, MOMENTS[1], category="env")
        told = await foretell(said(city.C3), DESK, stored(owner, number)["reported_at"])
        assert told.row is not None and told.row["due_at"] == stored(owner, number)["due_at"] is None
        write_hours(owner, city.CITY, [Week(((Span(0, 1),),) * 8)])
        number, _ = file_case(owner, DESK, city.C3, MOMENTS[1], category="env")
        told = await foretell(said(city.C3), DESK, stored(owner, number)["reported_at"])
        assert told.row is not None and told.row["due_at"] == stored(owner, number)["due_at"] is not None
    finally:
        write_hours(owner, city.CITY, [OFFICE])


async def test_provisional_deadlines_are_said_to_be(owner: Connection) -> None:
    told = await foretell(said(city.C3, "order"), DESK, at("2027-12-30 10:00") if _is_gazetted(owner, 2027) else at("2026-12-31 17:00"))
    assert told.row is not None and told.row["due_provisional"]


def _is_gazetted(owner: Connection, year: int) -> bool:
    row = owner.execute("SELECT official_until FROM city_calendar WHERE city = %s", [city.CITY]).fetchone()
    return row is not None and row[0] is not None and row[0] >= date(year, 12, 31)


async def test_every_reason_is_told_and_what_is_known_all_the_same(owner: Connection) -> None:
    told = await foretell({**said(city.C1, "envy"), "title": " ", "reporter": {"phone": "x"}}, DESK)
    assert codes(told) == {("category", "unknown_category"), ("title", "needed"), ("reporter.phone", "bad_phone")}
    assert told.cell is not None and told.cell.grid == city.C1 and told.row is None
    told = await foretell({**said(city.C1), "title": ""}, DESK)
    assert codes(told) == {("title", "needed")} and told.row is not None and told.row["due_at"], "a title changes no deadline"
    assert codes(await foretell({"category": "env", "title": "x"}, DESK)) == {("lon", "place_or_area")}
    far = await foretell({**said(city.C1), "lon": 121.5}, DESK)
    assert codes(far) == {("lon", "outside"), ("lat", "outside")} and far.cell is None
    near = await foretell({**said(city.C1), "lon": 120.0 - 0.0002}, DESK)
    assert not near.refusals and near.cell is not None and (near.cell.grid, near.cell.method) == (city.C1, "nearest")


async def test_whoever_may_not_report_is_told_nothing(owner: Connection) -> None:
    for viewer in (person("boss", "leader"), person("keeper", "steward"), Viewer()):
        with pytest.raises(StepRefused):
            await foretell(said(city.C1), viewer)
    west = person("west", "dispatcher", city.D1)
    assert codes(await foretell(said(city.C8), west)) == {("lon", "too_far"), ("lat", "too_far")}
    assert codes(await foretell({"category": "env", "title": "x", "area": city.C8}, west)) == {("area", "unknown_area")}
    for grid, viewer in ((city.C1, WORKER), (city.C1, west), (city.C3, CHIEF), (city.C3, west)):
        of_viewer, of_desk = await foretell(said(grid, channel="hotline"), viewer), await foretell(said(grid, channel="hotline"), DESK)
        assert (of_viewer.unit, of_viewer.rule) == (of_desk.unit, of_desk.rule), "the same for everybody who reports it"


async def test_coordinates_of_each_datum_mean_the_same_place() -> None:
    lon, lat = middle_of(city.C1)
    gcj = wgs84_to_gcj02(lon, lat)
    given = {"wgs84": (lon, lat), "cgcs2000": (lon, lat), "gcj02": gcj, "bd09": gcj02_to_bd09(*gcj)}
    for datum, (x, y) in given.items():
        told = await foretell({**said(city.C1), "lon": float(x), "lat": float(y), "datum": datum}, DESK)
        assert told.cell is not None and told.cell.lon == pytest.approx(lon, abs=1e-7) and told.cell.lat == pytest.approx(lat, abs=1e-7)
    assert codes(await foretell({**said(city.C1), "datum": "beijing54"}, DESK)) == {("datum", "unknown_datum")}


async def test_nothing_is_written(owner: Connection) -> None:
    def count() -> Any:
        tables = ("incident", "incident_event", "case_request", "case_idempotency", "case_counter", "audit_log")
        return [owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in tables]

    before, moment = count(), datetime.now(UTC) + timedelta(days=1)
    for grid in city.CELLS:
        assert not (await foretell(said(grid, "order"), CHIEF, moment)).refusals
    assert count() == before
