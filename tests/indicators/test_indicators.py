"""Indicators against a table that was worked out by hand: 49 lives (lives.csv), and which of them count for what (expected.csv)."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_city as city
from case_tools import person
from databases import FreshDatabase
from lives import UNITS, Life, load_city, read_lives, read_rows, write_lives

from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.core.period import Period
from data.core.viewer import Viewer
from data.indicators.definitions import INDICATORS
from data.indicators.questions import BY, IndicatorQuestion
from data.indicators.reports import fetch_indicators
from data.indicators.types import IndicatorAnswer, IndicatorValue
from data.queries.case_filters import CaseFilters

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
LIVES = {one.row["key"]: one for one in read_lives(HERE / "lives.csv")}
PERIODS = {"1": Period(date(2026, 10, 11), date(2026, 10, 20)), "2": Period(date(2026, 10, 21), date(2026, 10, 30))}
EXPECTED = {(row["period"], row["indicator"]): row for row in read_rows(HERE / "expected.csv")}
CHIEF = person("chief", "supervisor")
BY_AREA = {"district": 6, "street": 9, "community": 12, "grid": 15}
"""Digits of a cell's code that are the code of the area above."""
GROUPS: dict[str, Callable[[Life], str | None]] = {
    **{level: lambda one, n=n: one.cell[:n] for level, n in BY_AREA.items()},  # type: ignore[misc]
    "unit": lambda one: one.row["unit"] or None,
    "department": lambda one: UNITS.get(one.row["unit"]),
    "category": lambda one: one.row["category"],
    "source": lambda one: one.row["source"],
    "person": lambda one: one.row["person"] or None,
}


def fill(connection: Any) -> None:
    load_city(connection)
    write_lives(connection, list(LIVES.values()))


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(fill) as url:
        yield url


async def ask(by: str = "none", period: str = "1", viewer: Viewer = CHIEF, **more: Any) -> IndicatorAnswer:
    return await fetch_indicators(IndicatorQuestion(by=by, period=PERIODS[period], **{"area": city.CITY, **more}), viewer)


def values(answer: IndicatorAnswer) -> dict[tuple[str | None, str], IndicatorValue]:
    return {(group["code"], value["indicator"]): value for group in answer["groups"] for value in group["values"]}


def keys(period: str, indicator: str, column: str) -> list[Life]:
    return [LIVES[key] for key in EXPECTED[period, indicator][column].split()]


def test_the_table_is_large_enough_and_names_every_share() -> None:
    assert len(LIVES) >= 40
    shares = {code for code, one in INDICATORS.items() if one.kind == "share" and one.anchor != "now"} | {"handling_mean"}
    assert {indicator for _, indicator in EXPECTED} == shares
    assert all((period, code) in EXPECTED for period in PERIODS for code in shares)


def test_the_end_of_every_life_is_as_the_table_says() -> None:
    for one in LIVES.values():
        assert (one.state.unit or "", one.state.assignee or "") == (one.row["unit"], one.row["person"]), one.row["key"]


@pytest.mark.parametrize("period", PERIODS)
async def test_the_whole_city(period: str) -> None:
    told = values(await ask(period=period))
    for code in {indicator for _, indicator in EXPECTED}:
        row = EXPECTED[period, code]
        value = told[None, code]
        assert value["denominator"] == len(row["denominator"].split()), code
        if INDICATORS[code].unknown is not None:
            assert value["left_out"] == len(row["left_out"].split()), code
        if code not in ("missed_rate", "handling_mean"):
            assert value["numerator"] == len(row["numerator"].split()), code
            assert value["value"] == value["numerator"] / value["denominator"], code
            assert value["low"] is not None and value["high"] is not None and value["low"] <= value["value"] <= value["high"]


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("by", GROUPS)
async def test_by_every_grouping(by: str, period: str) -> None:
    told, group_of = values(await ask(by, period)), GROUPS[by]
    for code in {indicator for _, indicator in EXPECTED}:
        base = Counter(map(group_of, keys(period, code, "denominator")))
        counted = Counter(map(group_of, keys(period, code, "numerator")))
        unknown = Counter(map(group_of, keys(period, code, "left_out")))
        found = {group: value for (group, of), value in told.items() if of == code}
        assert {group: value["denominator"] for group, value in found.items() if value["denominator"]} == dict(base), code
        if code not in ("missed_rate", "handling_mean"):
            assert {group: value["numerator"] for group, value in found.items() if value["numerator"]} == dict(counted), code
        if INDICATORS[code].unknown is not None:
            assert {group: value["left_out"] for group, value in found.items() if value["left_out"]} == dict(unknown), code


@pytest.mark.parametrize("area", [city.D1, city.S3, city.C5, city.ZONE])
async def test_of_a_smaller_area(area: str) -> None:
    inside = {city.C3, city.C5} if area == city.ZONE else {cell for cell in city.CELLS if cell.startswith(area)}
    told = values(await ask(area=area))
    for code in {indicator for _, indicator in EXPECTED}:
        assert told[None, code]["denominator"] == sum(one.cell in inside for one in keys("1", code, "denominator")), code


async def test_hours_from_report_to_closing() -> None:
    """First period: 3 10 26 24 47 5.5 4 9 47 24 39 23 24 28 24; second: 1.5 36 12 48 23 72 87 23 25."""
    first, second = values(await ask()), values(await ask(period="2"))
    assert (first[None, "handling_mean"]["numerator"], first[None, "handling_mean"]["value"]) == (337.5, 22.5)
    assert (first[None, "handling_median"]["value"], first[None, "handling_median"]["denominator"]) == (24, 15)
    assert second[None, "handling_mean"]["numerator"] == 327.5 and second[None, "handling_median"]["value"] == 25
    assert first[None, "handling_median"]["left_out"] == 2 and first[None, "handling_median"]["numerator"] is None
    people = values(await ask("person"))
    assert people["wang", "handling_median"]["value"] == 9 and people["wang", "handling_mean"]["value"] == (3 + 10 + 47 + 5.5 + 9) / 5


async def test_hours_in_each_stage() -> None:
    """Second period, a03 a23 b01 b02 b03 b05 b07 b11; times of a case that was in a stage twice are added up.

    reported: .1 6 1 1 .5 1 1 .25; filed: .1 2 1 3 .5 1 1 .25; dispatched: .1 3 2 20 2 .5 1 .5; in progress: 1 23 6 12 18 68 81 1.5;
    feedback: .2 2 2 12 2 1.5 3 .5.
    """
    stages = tuple(code for code, one in INDICATORS.items() if one.kind == "stage")
    assert not any(code in stages for _, code in values(await ask(period="2"))), "they have to be named"
    told = values(await ask(period="2", indicators=stages))
    found = {code: (told[None, code]["denominator"], told[None, code]["value"]) for _, code in told if code.startswith("stage_")}
    medians = {"stage_reported": 1, "stage_filed": 1, "stage_dispatched": 1.5, "stage_in_progress": 15, "stage_feedback": 2}
    assert found == {code: (8, pytest.approx(median)) for code, median in medians.items()}
    mine = values(await ask("person", period="2", indicators=stages))
    assert mine["zhao", "stage_in_progress"]["value"] == pytest.approx((18 + 1.5) / 2)


async def test_nothing_says_what_was_missed() -> None:
    value = values(await ask())[None, "missed_rate"]
    assert (value["numerator"], value["value"], value["reason"], value["denominator"]) == (None, None, "no_datum", 21)


async def test_coverage_is_as_it_stands() -> None:
    """C1 has a head; nobody works in a unit for a cell yet."""
    value = values(await ask())[None, "coverage"]
    assert (value["numerator"], value["denominator"], value["left_out"]) == (1, 8, None)
    by_street = values(await ask("street"))
    assert [by_street[code, "coverage"]["numerator"] for code in (city.S1, city.S2, city.S3)] == [1, 0, 0]
    assert [by_street[code, "coverage"]["denominator"] for code in (city.S1, city.S2, city.S3)] == [2, 2, 4]
    assert values(await ask("unit"))["U1", "coverage"]["reason"] == "not_by_this"


async def test_nothing_to_count_is_not_nought() -> None:
    told = values(await ask(filters=CaseFilters(channels=("media",))))
    assert told[None, "answer_rate"]["reason"] == "no_cases" and told[None, "answer_rate"]["value"] is None
    imported = values(await ask("grid", filters=CaseFilters(categories=("utility",), channels=("media",))))
    assert imported[city.C3, "accurate_filing_rate"]["reason"] == "not_known", "c03: nobody knows how it was filed"
    assert imported[city.C3, "accurate_filing_rate"]["left_out"] == 1


async def test_both_periods_are_compared() -> None:
    told = await ask(period="2", compare=True)
    assert told["periods"]["previous"] == {"from": "2026-10-11", "to": "2026-10-20"}
    assert told["periods"]["whole_days"] == told["periods"]["period"]
    found = values(told)
    for code in {indicator for _, indicator in EXPECTED} - {"missed_rate", "handling_mean"}:
        value = found[None, code]
        assert value["whole_days"] is not None
        for name in ("numerator", "denominator", "value"):
            assert value["whole_days"][name] == value[name], code  # type: ignore[literal-required]
        assert value["previous"] and value["previous"]["denominator"] == len(EXPECTED["1", code]["denominator"].split())
        assert value["previous"]["numerator"] == len(EXPECTED["1", code]["numerator"].split()), code
        assert value["year_before"] is not None and value["year_before"]["usual"] is None
        assert (value["year_before"]["numerator"], value["year_before"]["denominator"], value["year_before"]["value"]) == (0, 0, None)
    assert found[None, "coverage"]["previous"] is None, "nobody knows how it was"


async def test_a_day_that_is_not_over_is_not_compared() -> None:
    last = Period(date(2026, 10, 31), date(2026, 10, 31))
    told = await fetch_indicators(IndicatorQuestion(city.CITY, period=last, compare=True), CHIEF)
    assert told["periods"]["whole_days"] is None and values(told)[None, "closing_rate"]["previous"] is None
    assert values(told)[None, "proactive_share"]["denominator"] == 1, "b09"
    # Due on 31 October: b08 and c13; the deadline of b09 is the first moment of November
    assert values(told)[None, "closing_rate"]["denominator"] == 2


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("by", ["none", *GROUPS])
async def test_each_number_leads_to_its_cases(by: str, period: str) -> None:
    followed = 0
    for value in values(await ask(by, period, indicators=tuple(INDICATORS))).values():
        shares = INDICATORS[value["indicator"]].kind == "share"
        numbers = [
            (value["denominator_cases"], value["denominator"]),
            *([(value["numerator_cases"], value["numerator"])] if shares else []),
        ]
        for address, number in numbers:
            if value["indicator"] != "coverage" and by not in ("department", "unit", "person") and number:
                assert address is not None, (by, value["indicator"])
            if address is not None and value["reason"] is None:
                assert await count_listed(address) == number, address
                followed += 1
    assert followed


async def count_listed(address: str) -> int:
    from urllib.parse import parse_qs, urlsplit

    from routes.api.case_list import parse_days

    said = parse_qs(urlsplit(address).query)

    def days(first: str, last: str) -> Any:
        return parse_days((first, last), said.get(first, [None])[0], said.get(last, [None])[0])

    named = said.get("indicator")
    filters = CaseFilters(
        behind=(named[0], said["part"][0]) if named else None,  # type: ignore[arg-type]
        **{name: tuple(said.get(param, ())) for name, param in _PARAMS.items()},  # type: ignore[arg-type]
        **{name: False for name in ("with_unit", "with_assignee") if name in said},  # type: ignore[arg-type]
        reported=days("from", "to"),
        due=days("due_from", "due_to"),
        closed=days("closed_from", "closed_to"),
    )
    told = await fetch_list(CaseQuestion(said["area"][0], filters, limit=200), CHIEF)
    return len(told["cases"])


_PARAMS = {"stages": "stage", "states": "state", "categories": "category", "channels": "channel", "units": "unit", "assignees": "assignee"}


def test_every_grouping_is_asked() -> None:
    assert {"none", *GROUPS} == set(BY)
