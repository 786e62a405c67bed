"""Where people begin to work in a city of a fixed moment, every figure stands for now, and equals what the raw rows say."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, ask, carry_out, take
from case_tools import ask_report as asked_report
from databases import FreshDatabase
from rights_tools import load_people

from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.cases.writer import write_city
from data.core.period import Period
from data.core.viewer import everything
from data.doctor.model import CITY_CHECKS
from data.figures.reports import fetch_report
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.places.outlines import fetch_cases
from data.queries.case_filters import CaseFilters, Days
from data.queries.figures import NO_FILTERS
from data.rollup import compare, tick
from data.schema import DEADLINE_STATES

Connection = psycopg.Connection[Any]
WHO = everything()
MARKS = [mark for mark in CITY_CHECKS if mark.startswith(("incident.", "sum.", "fresh.")) and mark != "fresh.register"]
"""All but one: the people of this city were put beside its figures, not counted into them."""

# The state of a case at the moment of the figures, said once more and in other words than the product says it.
_RAW = """
SELECT count(*) FILTER (WHERE day BETWEEN %(first)s AND %(last)s) AS total,
    count(*) FILTER (WHERE is_open) AS open,
    count(*) FILTER (WHERE is_open AND paused) AS paused,
    count(*) FILTER (WHERE waits AND due_at < at) AS overdue,
    count(*) FILTER (WHERE waits AND due_at >= at AND at - reported_at > (due_at - reported_at) * 0.75) AS amber,
    count(*) FILTER (WHERE waits AND (due_at IS NULL OR due_at >= at AND at - reported_at <= (due_at - reported_at) * 0.75)) AS on_time,
    count(*) FILTER (WHERE due_day BETWEEN %(first)s AND least(%(last)s, (at AT TIME ZONE timezone)::date)
        AND stage NOT IN ('void', 'duplicate', 'not_responsible', 'referred') AND NOT paused) AS due
FROM (
    SELECT i.*, c.timezone, c.states_at AS at, i.is_open AND NOT i.paused AS waits,
        (reported_at AT TIME ZONE c.timezone)::date AS day, (due_at AT TIME ZONE c.timezone)::date AS due_day
    FROM incident i JOIN city c ON c.code = i.city WHERE i.path <@ (SELECT path FROM area WHERE code = %(area)s)
) i
"""


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The small city, whose figures stand for the evening of 31 October 2026."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        yield connection


def state_of(owner: Connection) -> tuple[Any, ...]:
    row = owner.execute("SELECT as_of, worked_since, states_at, newest_case_day FROM city").fetchone()
    assert row
    return row


async def assert_figures_equal_raw_rows(owner: Connection, period: Period | None = None) -> dict[str, Any]:
    """Panel, coloured areas, the map's cases, the list and the roll-ups of every area; returns the city's report."""
    reports: dict[str, Any] = {}
    for code in (city.CITY, city.D1, city.S1, city.C1):
        report: Any = await fetch_report(code, period, WHO)
        reports[code], told = report, report["incidents"]
        span = {name: date.fromisoformat(report["period"][end]) for name, end in (("first", "from"), ("last", "to"))}
        cursor = owner.execute(_RAW, {"area": code, **span})
        names = [column.name for column in cursor.description or ()]
        raw = dict(zip(names, cursor.fetchone() or (), strict=True))
        assert {"total": told["total"], "open": told["open"], **{state: told[state] for state in DEADLINE_STATES}} == {
            name: raw[name] for name in ("total", "open", *DEADLINE_STATES)
        }
        assert report["closing_rate"]["denominator"] == raw["due"]
        assert sum(n for _, n in told["by_day"]) == sum(told["by_source"].values()) == raw["total"]
        on_map = (await fetch_cases(code, period, NO_FILTERS, False, WHO)).body
        assert on_map["total"] == raw["open"] and on_map["live"] is (state_of(owner)[0] is None)
        assert [row["state"] for row in on_map["rows"]].count("overdue") == raw["overdue"]
        listed = await fetch_list(CaseQuestion(code), WHO)
        assert listed["counts"] is not None
        assert {state: count["n"] for state, count in listed["counts"]["by_state"].items() if state in DEADLINE_STATES} == {
            state: raw[state] for state in DEADLINE_STATES if raw[state]
        }
        reported = await fetch_list(CaseQuestion(code, CaseFilters(reported=Days(span["first"], span["last"]))), WHO)
        assert len(reported["cases"]) == raw["total"]
    page = await fetch_map_figures(MapRequest(city.CITY, period), WHO)
    assert page.report["incidents"] == reports[city.CITY]["incidents"]
    assert sum(unit["incidents"]["open"] for unit in page.coloured) == page.report["incidents"]["open"]
    with owner.transaction(force_rollback=True):
        assert compare(owner, city.CITY) == []
        assert {mark: CITY_CHECKS[mark][1](owner, city.CITY).offenders for mark in MARKS} == dict.fromkeys(MARKS, ())
    city_report: dict[str, Any] = reports[city.CITY]
    return city_report


async def test_a_first_report_brings_every_figure_to_now(owner: Connection) -> None:
    before = await assert_figures_equal_raw_rows(owner)
    assert before["city"]["as_of"] == city.AS_OF and before["period"]["to"] == "2026-10-31"
    began = datetime.now(UTC)
    assert carry_out(owner, asked_report(WORKER, city.C1))[0]["ok"]
    as_of, worked_since, states_at, newest = state_of(owner)
    assert as_of is None and began <= worked_since == states_at <= datetime.now(UTC)
    after = await assert_figures_equal_raw_rows(owner)
    assert began.replace(microsecond=0) <= datetime.fromisoformat(after["city"]["as_of"])
    assert after["incidents"]["open"] == before["incidents"]["open"] + 1
    assert after["city"]["current"] and after["city"]["today"] == after["period"]["to"] >= newest.isoformat()
    assert after["city"]["versions"]["incidents"] > before["city"]["versions"]["incidents"]


async def test_a_first_step_on_an_old_case_brings_deadlines_to_now_and_leaves_the_days_of_old_data(owner: Connection) -> None:
    period = Period.parse("2026-10-01", "2026-10-31")
    before = await assert_figures_equal_raw_rows(owner, period)
    moment = datetime.fromisoformat("2026-11-02T07:00+08:00")
    ask(DESK, "i01", "remark", 0, remark="looked at")
    assert write_city(owner, city.CITY, moment) == 1
    after = await assert_figures_equal_raw_rows(owner, period)
    assert after["incidents"]["overdue"] == before["incidents"]["overdue"] + 2, "i05 and i22 were due on 1 November"
    assert after["incidents"]["total"] == before["incidents"]["total"]
    assert state_of(owner)[3] == date(2026, 10, 31), "nothing new was reported"
    owner.execute("UPDATE city SET newest_case_day = newest_case_day - 400")
    report = await fetch_report(city.CITY, None, WHO)
    assert not report["city"]["current"] and report["city"]["today"] == report["city"]["newest_case"]


async def test_a_fixed_moment_that_lies_ahead_is_brought_back(owner: Connection) -> None:
    """A day stands for its end: in the morning of the day itself, nothing that is due in the evening is late."""
    with owner.transaction():
        owner.execute("UPDATE city SET as_of = NULL")
        tick(owner, city.CITY, datetime.fromisoformat("2026-11-02T07:00+08:00"))
        owner.execute("UPDATE city SET as_of = states_at")
    ahead = await fetch_report(city.CITY, None, WHO)
    ask(DESK, "i01", "remark", 0, remark="looked at")
    write_city(owner, city.CITY, datetime.fromisoformat(city.AS_OF))
    back = await assert_figures_equal_raw_rows(owner, Period.parse("2026-10-01", "2026-10-31"))
    assert back["incidents"]["overdue"] == ahead["incidents"]["overdue"] - 2


async def test_what_is_refused_leaves_the_moment(owner: Connection) -> None:
    before = state_of(owner)
    assert not take(owner, WORKER, "i01", "evaluate")["ok"]
    assert not carry_out(owner, asked_report(WORKER, city.C1, category="nothing"))[0]["ok"]
    assert state_of(owner) == before
    await assert_figures_equal_raw_rows(owner)


def test_it_is_told_once_and_the_clock_goes_on(owner: Connection) -> None:
    for remark in ("one", "two"):
        assert take(owner, DESK, "i01", "remark", remark=remark)["ok"]
    rows = owner.execute("SELECT account, subject, detail FROM audit_log WHERE action = 'work_begun'").fetchall()
    assert rows == [("gridwell", city.CITY, {"figures_stood_for": "2026-10-31T12:00:00+00:00"})]
    assert owner.execute("SELECT count(*) FROM live_event WHERE kind = 'figures'").fetchone() != (0,)
    since = state_of(owner)[1]
    later = datetime.now(UTC) + timedelta(hours=1)
    with owner.transaction():
        tick(owner, city.CITY, later)
    assert state_of(owner)[1:3] == (since, later)


def test_a_city_that_stands_for_now_only_notes_since_when(owner: Connection) -> None:
    owner.execute("UPDATE city SET as_of = NULL")
    settled = state_of(owner)[2]
    assert take(owner, CHIEF, "i01", "remark", remark="one")["ok"]
    as_of, since, states_at, _ = state_of(owner)
    assert as_of is None and since is not None and states_at == settled, "the clock brings deadlines on, not the step"
    assert owner.execute("SELECT count(*) FROM audit_log WHERE action = 'work_begun'").fetchone() == (0,)
