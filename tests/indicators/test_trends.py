"""Indicators over time and by the hour, against pandas over the lives that were counted by hand, and who is told of whom."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import psycopg
import pytest
import small_city as city
from case_tools import person
from databases import FreshDatabase
from lives import load_city, read_lives, write_lives

from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.core.errors import BadInput, UnknownName
from data.core.intervals import share_difference_interval
from data.core.period import Period
from data.core.roles import DEVICES, ROLES
from data.figures.scope import FiguresOnly
from data.indicators.definitions import INDICATORS
from data.indicators.hours import fetch_hours
from data.indicators.questions import IndicatorQuestion, NotAboutOthers
from data.indicators.reports import fetch_indicators
from data.indicators.trends import TOLD, TrendQuestion, fetch_trend, list_spans, shift_year
from data.queries.case_filters import CaseFilters, Days
from data.queries.indicator_facts import BEHIND

CHIEF = person("chief", "supervisor")
MONTH = Period(date(2026, 10, 11), date(2026, 10, 30))


def fill(connection: "psycopg.Connection[Any]") -> None:
    load_city(connection)
    write_lives(connection, read_lives(Path(__file__).parent / "lives.csv"))


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(fill) as url:
        yield url


@pytest.fixture(scope="module")
def cases(town: str) -> pd.DataFrame:
    """Every case, with its moments by the city's clock."""
    with psycopg.connect(town) as owner:
        rows = owner.execute(
            "SELECT grid, category, channel, unit, assignee, stage, paused, due_at, closed_at, reported_at, reported_is_day, reworked,"
            " dispatched_at FROM incident WHERE city = %s",
            [city.CITY],
        )
        table = pd.DataFrame(rows.fetchall(), columns=[one.name for one in rows.description or ()])
    for name in ("due_at", "closed_at", "reported_at", "dispatched_at"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.tz_convert("Asia/Shanghai")
    return table


# ---- Spans of days ----


@pytest.mark.parametrize(
    ("step", "last", "newest", "before"),
    [
        ("day", "2026-10-31", ("2026-10-31", "2026-10-31"), ("2025-11-01", "2025-11-01")),
        ("week", "2026-10-24", ("2026-10-12", "2026-10-18"), ("2025-10-13", "2025-10-19")),
        ("week", "2026-10-25", ("2026-10-19", "2026-10-25"), ("2025-10-20", "2025-10-26")),
        ("month", "2026-10-30", ("2026-09-01", "2026-09-30"), ("2025-09-01", "2025-09-30")),
        ("month", "2026-10-31", ("2026-10-01", "2026-10-31"), ("2025-10-01", "2025-10-31")),
        ("month", "2024-02-29", ("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        ("month", "2025-02-28", ("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        ("quarter", "2026-09-29", ("2026-04-01", "2026-06-30"), ("2025-04-01", "2025-06-30")),
        ("quarter", "2026-09-30", ("2026-07-01", "2026-09-30"), ("2025-07-01", "2025-09-30")),
        ("year", "2026-12-30", ("2025-01-01", "2025-12-31"), ("2024-01-01", "2024-12-31")),
        ("year", "2026-12-31", ("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
    ],
)
def test_only_spans_that_are_over_and_the_same_a_year_earlier(
    step: str, last: str, newest: tuple[str, str], before: tuple[str, str]
) -> None:
    spans = list_spans(step, date.fromisoformat(last), 9)
    assert spans[-1] == Period.parse(*newest)
    assert shift_year(step, spans[-1]) == Period.parse(*before)
    for one, following in pairwise(spans):
        assert one.end + timedelta(days=1) == following.start, "no day is left out, and none counts twice"


# ---- Values ----


async def test_each_point_is_the_indicator_of_its_span() -> None:
    for code in TOLD:
        told = await fetch_trend(TrendQuestion(code, city.CITY, step="week", points=3, compare=True), CHIEF)
        (group,) = told["groups"]
        for span, point in zip(told["spans"], group["points"], strict=True):
            period = Period.parse(span["from"], span["to"])
            alone = await fetch_indicators(IndicatorQuestion(city.CITY, period=period, indicators=(code,)), CHIEF)
            (value,) = alone["groups"][0]["values"]
            for name in ("numerator", "denominator", "value", "low", "high", "too_few", "denominator_cases"):
                assert point[name] == value[name], (code, name)  # type: ignore[literal-required]
        assert [point["denominator"] for point in group["year_before"]] == [0, 0, 0], code


async def test_reworked_cases_by_week_as_pandas_counts_them(cases: pd.DataFrame) -> None:
    told = await fetch_trend(TrendQuestion("rework_rate", city.CITY, step="week", points=3), CHIEF)
    base = cases[cases["closed_at"].notna() & cases["dispatched_at"].notna()]
    for span, point in zip(told["spans"], told["groups"][0]["points"], strict=True):
        first, after = pd.Timestamp(span["from"], tz="Asia/Shanghai"), pd.Timestamp(span["to"], tz="Asia/Shanghai") + pd.Timedelta(days=1)
        of_week = base[(base["closed_at"] >= first) & (base["closed_at"] < after)]
        assert (point["numerator"], point["denominator"]) == (int((of_week["reworked"] > 0).sum()), len(of_week))
    assert sum(point["denominator"] or 0 for point in told["groups"][0]["points"]) > 0


async def test_small_multiples_hold_every_area_of_the_level_and_add_up(cases: pd.DataFrame) -> None:
    whole = await fetch_trend(TrendQuestion("proactive_share", city.CITY, step="week", points=2), CHIEF)
    parts = await fetch_trend(TrendQuestion("proactive_share", city.CITY, "street", "week", points=2), CHIEF)
    assert [group["code"] for group in parts["groups"]] == [city.S1, city.S2, city.S3]
    for n in range(2):
        assert sum(group["points"][n]["denominator"] or 0 for group in parts["groups"]) == whole["groups"][0]["points"][n]["denominator"]


async def test_hours_are_as_pandas_counts_them_and_lead_to_their_cases(cases: pd.DataFrame) -> None:
    told = await fetch_hours(IndicatorQuestion(city.CITY, period=MONTH), CHIEF)
    day = cases["reported_at"].dt.date
    inside = cases[(day >= MONTH.start) & (day <= MONTH.end)]
    timed = inside[~inside["reported_is_day"]]
    wanted = timed.groupby([timed["reported_at"].dt.day_of_week + 1, timed["reported_at"].dt.hour]).size().to_dict()
    assert {(one["weekday"], one["hour"]): one["reported"] for one in told["hours"]} == wanted
    assert (told["reported"], told["left_out"]) == (len(inside), int(inside["reported_is_day"].sum()))
    assert told["left_out"] > 0
    for one in told["hours"][:6]:
        assert await count_listed(one["cases"]) == one["reported"]
    assert await count_listed(told["left_out_cases"]) == told["left_out"]


async def test_hours_of_a_unit_and_a_category_are_those_of_its_cases(cases: pd.DataFrame) -> None:
    filters = CaseFilters(units=("U1",), categories=("env",))
    told = await fetch_hours(IndicatorQuestion(city.CITY, period=MONTH, filters=filters), CHIEF)
    day = cases["reported_at"].dt.date
    kept = cases[(day >= MONTH.start) & (day <= MONTH.end) & (cases["unit"] == "U1") & (cases["category"] == "env")]
    assert told["reported"] == len(kept) > 0


async def count_listed(address: str) -> int:
    from routes.api.case_list import parse_days

    said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    filters = CaseFilters(
        reported=parse_days(("from", "to"), said["from"], said["to"]),
        weekday=int(said["weekday"]) if "weekday" in said else None,
        hour=int(said["hour"]) if "hour" in said else None,
        only_day=True if "only_day" in said else None,
    )
    return len((await fetch_list(CaseQuestion(said["area"], filters, limit=200), CHIEF))["cases"])


# ---- What chance explains ----


def test_a_difference_of_shares_has_the_interval_of_newcombe() -> None:
    """Newcombe 1998, table II, method 10: 56 of 70 and 48 of 80; 9 of 10 and 3 of 10; 10 of 10 and 0 of 10."""
    for now, before, limits in (
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ):
        assert share_difference_interval(now, before) == pytest.approx(limits, abs=1e-4)


async def test_a_change_is_usual_where_chance_explains_it() -> None:
    second = Period(date(2026, 10, 21), date(2026, 10, 30))
    told = await fetch_indicators(IndicatorQuestion(city.CITY, period=second, compare=True), CHIEF)
    for value in told["groups"][0]["values"]:
        before, whole = value["previous"], value["whole_days"]
        if before is None or whole is None or INDICATORS[value["indicator"]].kind != "share" or before["value"] is None:
            assert before is None or before["usual"] is None
            continue
        pairs = [(int(one["numerator"] or 0), one["denominator"] or 0) for one in (whole, before)]
        low, high = share_difference_interval(pairs[0], pairs[1])
        assert before["usual"] is (low <= 0 <= high), value["indicator"]
        assert before["usual_count"] in (True, False) and whole["usual"] is None


# ---- Refused, and who is told of whom ----


@pytest.mark.parametrize(
    "question",
    [
        TrendQuestion("coverage"),
        TrendQuestion("stage_filed"),
        TrendQuestion("missed_rate"),
        TrendQuestion("closing_rate", by="unit"),
        TrendQuestion("closing_rate", step="hour"),
    ],
)
async def test_what_has_no_past_is_refused(question: TrendQuestion) -> None:
    with pytest.raises(UnknownName):
        await fetch_trend(question, CHIEF)


@pytest.mark.parametrize("points", [0, 32])
async def test_points_have_a_limit(points: int) -> None:
    with pytest.raises(BadInput):
        await fetch_trend(TrendQuestion("closing_rate", points=points), CHIEF)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in DEVICES])
async def test_nobody_is_told_of_one_other_worker_but_by_right(role: str) -> None:
    viewer = person("wang", role)
    other = CaseFilters(assignees=("zhao",))
    trend, hours = (
        TrendQuestion("rework_rate", city.CITY, filters=other, points=2),
        IndicatorQuestion(city.CITY, filters=other, period=MONTH),
    )
    listed = CaseQuestion(city.CITY, other)
    counted = CaseQuestion(
        city.CITY, CaseFilters(assignees=("zhao",), closed=Days(MONTH.start, MONTH.end), behind=("rework_rate", "numerator"))
    )
    if viewer.may("person_figures"):
        assert (await fetch_trend(trend, viewer))["groups"] and (await fetch_hours(hours, viewer))["reported"]
        assert (await fetch_list(listed, viewer))["counts"] is not None
        assert (await fetch_list(counted, viewer))["counts"] is not None
        return
    with pytest.raises(NotAboutOthers):
        await fetch_trend(trend, viewer)
    if viewer.detail == "figures":
        with pytest.raises(FiguresOnly):
            await fetch_list(listed, viewer)
        return
    with pytest.raises(NotAboutOthers):
        await fetch_hours(hours, viewer)
    with pytest.raises(NotAboutOthers):
        await fetch_list(counted, viewer)
    work = await fetch_list(listed, viewer)
    assert work["cases"] and work["counts"] is None, "a list of work, which counts nobody"
    own = await fetch_list(CaseQuestion(city.CITY, CaseFilters(assignees=("wang",))), viewer)
    assert own["counts"] is not None and own["counts"]["total"]["n"] == len(own["cases"])


def test_every_indicator_of_cases_can_be_listed() -> None:
    assert set(BEHIND) == set(INDICATORS) - {"coverage"}
