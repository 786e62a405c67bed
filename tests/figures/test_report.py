"""Reports of areas against answers worked out by hand."""

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from data.core.errors import BadPeriod, NoData, UnknownArea
from data.core.period import Period
from data.core.settings import settings
from data.core.text import mask_phone
from data.core.viewer import everything
from data.database import connections
from data.figures.assemble import make_rate, round_coordinates, sort_by_count
from data.figures.reports import Filters, fetch_cities, fetch_default_city, fetch_report, fetch_units
from data.schema import CHANNELS
from layers.spec.camera import camera
from layers.view import View

WHO = everything()
PERIOD = Period.parse(city.FROM, city.TO)


@pytest.mark.parametrize("code", [city.CITY, city.D1, city.D2, city.ZONE])
async def test_incidents_and_rates(small: str, code: str) -> None:
    report = await fetch_report(code, PERIOD, WHO)
    incidents, due = report["incidents"], city.DUE[code]
    assert (incidents["total"], incidents["open"], incidents["overdue"]) == (city.TOTAL[code], city.OPEN[code], city.OVERDUE[code])
    assert report["closing_rate"] == {"numerator": due[1], "denominator": due[0], "value": due[1] / due[0]}
    assert report["on_time_closing_rate"] == {"numerator": due[2], "denominator": due[0], "value": due[2] / due[0]}
    assert incidents["open"] == sum(incidents[state] for state in ("overdue", "amber", "paused", "on_time"))  # type: ignore[literal-required]


@pytest.mark.parametrize("days", [1, 7, 30, 900])
async def test_what_is_open_is_counted_as_it_stands_whatever_the_period(small: str, days: int) -> None:
    for code, expected in city.OPEN.items():
        found = (await fetch_report(code, Period.last_days(days, PERIOD.end), WHO))["incidents"]
        assert (found["open"], found["overdue"]) == (expected, city.OVERDUE[code])
        assert (found["open_at_end"], found["overdue_at_end"]) == (expected, city.OVERDUE[code]), "today is not over: the end is now"


@pytest.mark.parametrize("day", city.AT_END)
async def test_what_was_open_when_a_day_ended_is_another_figure(small: str, day: str) -> None:
    for first in ("2025-01-01", day):
        for code, expected in city.AT_END[day].items():
            found = (await fetch_report(code, Period.parse(first, day), WHO))["incidents"]
            assert (found["open_at_end"], found["overdue_at_end"]) == expected, code
    assert ((await fetch_report(city.CITY, Period.parse(day, day), WHO))["incidents"]["open"]) == city.OPEN[city.CITY]


async def test_cases_are_closed_on_days_of_the_period_whenever_they_were_reported(small: str) -> None:
    assert (await fetch_report(city.CITY, PERIOD, WHO))["incidents"]["closed"] == city.CLOSED
    one = await fetch_report(city.CITY, Period.parse("2026-10-14", "2026-10-14"), WHO)
    assert (one["incidents"]["total"], one["incidents"]["closed"]) == (0, 1)  # i18


async def test_breakdowns(small: str) -> None:
    report = await fetch_report(city.CITY, PERIOD, WHO)
    incidents: dict[str, Any] = dict(report["incidents"])
    assert {name: incidents[name] for name in city.DEADLINES} == city.DEADLINES
    assert incidents["by_category"] == city.BY_CATEGORY
    assert list(incidents["by_category"]) == ["env", "order", "utility"]
    assert incidents["by_source"] == city.BY_CHANNEL
    assert len(incidents["by_day"]) == 30
    assert {day: n for day, n in incidents["by_day"] if n} == city.BY_DAY
    assert report["proactive"]["numerator"] == city.PROACTIVE
    assert set(report["channels"]) == set(CHANNELS)
    assert report["categories"]["order"]["name_en"] == "Street order"
    assert report["facilities"] == {"total": 4, "by_kind": {"school": 2, "hospital": 1, "police": 1}}


@pytest.mark.parametrize(("name", "expected"), [("previous", city.PREVIOUS), ("year_before", city.YEAR_BEFORE)])
async def test_comparisons(small: str, name: str, expected: tuple[int, int, int, int]) -> None:
    other = (await fetch_report(city.CITY, PERIOD, WHO))[name]  # type: ignore[literal-required]
    due, closed, on_time = (
        other["closing_rate"]["denominator"],
        other["closing_rate"]["numerator"],
        other["on_time_closing_rate"]["numerator"],
    )
    assert (other["total"], due, closed, on_time) == expected


async def test_the_family(small: str) -> None:
    report = await fetch_report(city.S1, PERIOD, WHO)
    assert [above["code"] for above in report["ancestors"]] == [city.CITY, city.D1]
    assert [one["code"] for one in report["siblings"]] == [city.S1, city.S2]
    assert [one["code"] for one in report["children"]] == [city.K1]
    assert report["zones"] == []
    root = await fetch_report(city.CITY, PERIOD, WHO)
    assert [one["code"] for one in root["children"]] == [city.D1, city.D2]
    assert [one["code"] for one in root["siblings"]] == [city.CITY]
    assert [one["code"] for one in root["zones"]] == [city.ZONE]
    zone = await fetch_report(city.ZONE, PERIOD, WHO)
    assert [one["code"] for one in zone["children"]] == [city.C3, city.C5]
    assert [one["code"] for one in zone["siblings"]] == [city.ZONE]


async def test_an_area_whose_place_is_unknown_is_looked_for_in_the_one_around_it(
    database: str,
) -> None:
    with psycopg.connect(database) as connection:
        city.load(connection)
        connection.execute("UPDATE area SET geom = NULL, label_point = NULL WHERE code = ANY(%s)", ([city.S3, city.K3],))
    nowhere, above = await fetch_report(city.K3, PERIOD, WHO), await fetch_report(city.D2, PERIOD, WHO)
    assert (nowhere["has_polygon"], nowhere["label_point"]) == (False, None)
    assert nowhere["bbox"] == above["bbox"]
    assert camera(View(area=city.K3), nowhere)["box"] == above["bbox"]


async def test_a_box_across_the_180th_meridian_ends_west_of_where_it_begins(database: str) -> None:
    with psycopg.connect(database) as connection:
        city.load(connection)
        west, east = (f"(({a} -16.82,{b} -16.82,{b} -16.8,{a} -16.8,{a} -16.82))" for a, b in ((179.98, 180), (-180, -179.98)))
        halves = f"MULTIPOLYGON({west},{east})"
        connection.execute("UPDATE area SET geom = ST_GeomFromText(%s, 4326) WHERE code = %s", (halves, city.K3))
    across = await fetch_report(city.K3, PERIOD, WHO)
    assert across["bbox"] == [179.98, -16.82, -179.98, -16.8]
    assert camera(View(area=city.K3), across)["box"] == across["bbox"]


async def test_children_sum_to_their_parent(small: str) -> None:
    for code in (city.CITY, city.D1, city.D2, city.S3, city.K1, city.ZONE):
        report = await fetch_report(code, PERIOD, WHO)
        for count in ("total", "open", "overdue", "open_at_end", "overdue_at_end"):
            assert sum(child["incidents"][count] for child in report["children"]) == report["incidents"][count]  # type: ignore[literal-required,misc]
        assert sum(child["closing_rate"]["denominator"] for child in report["children"]) == report["closing_rate"]["denominator"]
        assert sum(child["population"]["total"] or 0 for child in report["children"]) == report["population"]["total"]


async def test_a_rate_of_nothing_has_no_value(small: str) -> None:
    report = await fetch_report(city.C8, PERIOD, WHO)
    assert report["closing_rate"] == {"numerator": 0, "denominator": 0, "value": None}
    assert report["population"]["total"] is None
    assert report["children"] == []


async def test_deadlines_after_today_are_not_yet_due(small: str) -> None:
    """i05, i06, i22 and i30 fall due in November, which has not come."""
    report = await fetch_report(city.CITY, Period.parse(city.FROM, "2026-11-30"), WHO)
    assert report["closing_rate"]["denominator"] == city.DUE[city.CITY][0]


async def test_filters_apply_to_every_figure_of_incidents(small: str) -> None:
    report = await fetch_report(city.CITY, PERIOD, WHO, Filters(categories=("env",), channels=("hotline", "public")))
    incidents = report["incidents"]
    assert incidents["total"] == 6  # i02 i07 i17 i18 i21 i23
    assert (incidents["open"], incidents["overdue"], incidents["void"]) == (2, 1, 1)  # i17 i21
    assert (report["closing_rate"]["numerator"], report["closing_rate"]["denominator"]) == (3, 4)  # i02 i18 i23, and i21
    assert report["previous"]["total"] == 1  # i27
    assert sum(child["incidents"]["total"] for child in report["children"]) == 6
    assert report["population"]["total"] == 2800


async def test_breakdowns_name_what_the_filters_leave(small: str) -> None:
    """Each breakdown holds the names that its own filter leaves, counted with the other filter."""
    hotline = (await fetch_report(city.CITY, PERIOD, WHO, Filters(channels=("hotline", "video"))))["incidents"]
    assert hotline["by_source"] == {"hotline": 7, "video": 1} and hotline["by_category"] == {"env": 6, "order": 1, "utility": 1}
    order = (await fetch_report(city.CITY, PERIOD, WHO, Filters(categories=("order",))))["incidents"]
    assert order["by_category"] == {"order": 7}
    assert order["by_source"] == {"grid_worker": 3, "building_head": 1, "hotline": 1, "other": 1, "public": 1}
    both = (await fetch_report(city.CITY, PERIOD, WHO, Filters(("utility",), ("hotline",))))["incidents"]
    assert both["by_category"] == {"utility": 1} and both["by_source"] == {"hotline": 1}
    assert sum(n for _, n in both["by_day"]) == both["total"] == 1
    nothing = (await fetch_report(city.CITY, PERIOD, WHO, Filters(("utility",), ("superior",))))["incidents"]
    assert nothing["by_category"] == nothing["by_source"] == {} and nothing["total"] == 0


async def test_the_share_found_proactively_follows_the_filters(small: str) -> None:
    report = await fetch_report(city.CITY, PERIOD, WHO, Filters(channels=("hotline", "video", "sensor")))
    assert report["proactive"] == {"numerator": 3, "denominator": 10, "value": 0.3}
    report = await fetch_report(city.CITY, PERIOD, WHO, Filters(channels=("hotline",)))
    assert report["proactive"] == {"numerator": 0, "denominator": 7, "value": 0.0}


async def test_a_deadline_counts_on_its_day_and_not_before(small: str) -> None:
    """i05 and i22 fall due on 1 November; on 31 October they are not yet, on the day itself they are, at whatever hour."""
    november = Period.parse("2026-11-01", "2026-11-01")
    try:
        for as_of, due in (("2026-10-31T23:59:59.999999+08:00", 0), ("2026-11-01T00:00:00+08:00", 2)):
            with psycopg.connect(small) as connection:
                connection.execute("UPDATE city SET as_of = %s", [as_of])
            assert (await fetch_report(city.CITY, november, WHO))["closing_rate"]["denominator"] == due
    finally:
        with psycopg.connect(small) as connection:
            connection.execute("UPDATE city SET as_of = %s", [city.AS_OF])


async def test_the_default_period_is_the_last_thirty_days_with_today(small: str) -> None:
    assert (await fetch_report(city.CITY, None, WHO))["period"] == {"from": city.FROM, "to": city.TO}


async def test_periods_hold_their_first_and_last_day(small: str) -> None:
    """i15 was reported on 8 October at 23:30, i16 on the 9th at 00:30."""
    for first, last, total in (("10-08", "10-08", 1), ("10-09", "10-09", 1), ("10-08", "10-09", 2), ("10-07", "10-07", 0)):
        report = await fetch_report(city.C4, Period.parse(f"2026-{first}", f"2026-{last}"), WHO)
        assert report["incidents"]["total"] == total == sum(n for _, n in report["incidents"]["by_day"])


def test_names_are_sorted_by_their_count_and_then_by_name() -> None:
    counted = {"b": 2, "c": 7, "a": 2, "none": 0}
    assert list(sort_by_count(counted).items()) == [("c", 7), ("a", 2), ("b", 2)]
    assert sort_by_count(counted, ("a", "none", "z")) == {"a": 2}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ([120.123456789, 30.00000004, 0.0, -5], [120.1234568, 30.0, 0.0, -5]),
        ([120.1, None, 1.0, 2.0], None),
        ([None] * 4, None),
        ([0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_coordinates_are_rounded_to_a_centimetre_or_missing(given_: list[float | None], expected: list[float] | None) -> None:
    assert round_coordinates(given_) == expected


async def test_the_head_s_phone_is_masked(small: str) -> None:
    head = (await fetch_report(city.C1, PERIOD, WHO))["head"]
    assert (head["name"], head["phone"]) == ("王小明", "138****5678")
    phones = (None, "", "110", "62345678", "13812345678")
    with psycopg.connect(small) as connection:
        by_database = [
            connection.execute("UPDATE area SET head_phone = %s WHERE code = %s RETURNING head_phone_shown", [phone, city.C1]).fetchone()
            for phone in phones
        ]
        connection.rollback()
    assert [mask_phone(phone) for phone in phones] == [row and row[0] for row in by_database]
    assert [mask_phone(phone) for phone in phones] == [None, None, "****10", "****78", "138****5678"]


async def test_units_of_the_map(small: str) -> None:
    async def units(code: str, level: str | None) -> list[str]:
        return [unit["code"] for unit in await fetch_units(code, level, PERIOD, Filters(), WHO)]

    assert await units(city.CITY, None) == [city.D1, city.D2]
    assert await units(city.CITY, "grid") == list(city.CELLS)
    assert await units(city.D2, "community") == [city.K3, city.K4]
    assert await units(city.C1, None) == [city.C1]
    assert await units(city.C1, "street") == [city.C1]
    assert await units(city.ZONE, None) == [city.C3, city.C5]
    assert await units(city.ZONE, "grid") == [city.C3, city.C5]


async def test_units_agree_with_reports(small: str) -> None:
    for unit in await fetch_units(city.CITY, "grid", PERIOD, Filters(), WHO):
        report = await fetch_report(unit["code"], PERIOD, WHO)
        for name in ("total", "open", "overdue", "open_at_end", "overdue_at_end"):
            assert unit["incidents"][name] == report["incidents"][name]  # type: ignore[literal-required]
        assert unit["closing_rate"] == report["closing_rate"]


async def test_a_report_takes_few_statements_whatever_the_area(small: str) -> None:
    asked: list[str] = []
    event.listen(connections.engine().sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    await fetch_report(city.CITY, PERIOD, WHO)
    assert len(asked) == 5


async def test_default_city(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(small) as connection:
        connection.execute("INSERT INTO city (code, name, name_en, timezone, is_demo) VALUES ('demo', '示范', 'Demo', 'UTC', true)")
        connection.execute(
            "INSERT INTO area (code, city, level, name, name_en, path) VALUES ('demo', 'demo', 'city', '示范', 'Demo', 'demo')"
        )
    assert [one["code"] for one in await fetch_cities(WHO)] == [city.CITY, "demo"]
    assert await fetch_default_city(WHO) == city.CITY
    monkeypatch.setenv("GRIDWELL_CITY", "demo")
    settings.cache_clear()
    assert await fetch_default_city(WHO) == "demo"
    monkeypatch.setenv("GRIDWELL_CITY", "atlantis")
    settings.cache_clear()
    with pytest.raises(UnknownArea):
        await fetch_default_city(WHO)
    monkeypatch.undo()
    settings.cache_clear()
    with psycopg.connect(small) as connection:
        connection.execute("DELETE FROM city WHERE code = 'demo'")


async def test_without_a_city(database: str) -> None:
    with pytest.raises(NoData):
        await fetch_report(None, None, WHO)


async def test_unknown_areas(small: str) -> None:
    for code in ("nowhere", "", "\x00", "9" * 1000):
        with pytest.raises(UnknownArea):
            await fetch_report(code, PERIOD, WHO)
        with pytest.raises(UnknownArea):
            await fetch_units(code, None, PERIOD, Filters(), WHO)


days = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@given(days, st.integers(1, 7000))
def test_the_period_before_touches_and_is_as_long(start: date, length: int) -> None:
    period = Period(start, start + timedelta(days=length - 1))
    before = period.previous()
    assert before.days == period.days == len(period.dates()) == length
    assert before.end + timedelta(days=1) == period.start


@given(days, st.integers(1, 300))
def test_a_year_before_is_a_year_before(start: date, length: int) -> None:
    period = Period(start, start + timedelta(days=length - 1))
    before = period.year_before()
    assert (before.start.year, before.end.year) == (period.start.year - 1, period.end.year - 1)
    assert abs(before.days - period.days) <= 1
    assert 365 <= (period.start - before.start).days <= 366


@given(days, days)
def test_parsing_gives_what_was_written_or_says_why(start: date, end: date) -> None:
    try:
        period = Period.parse(start.isoformat(), end.isoformat())
    except BadPeriod as error:
        assert end < start or (end - start).days >= 7300
        assert error.facts["reason"]
    else:
        assert (period.start, period.end) == (start, end)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_rates_say_what_they_are_made_of(numerator: int, denominator: int) -> None:
    made = make_rate(numerator, denominator)
    assert (made["numerator"], made["denominator"]) == (numerator, denominator)
    assert (made["value"] is None) == (denominator == 0)
