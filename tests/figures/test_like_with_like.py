"""What is compared with earlier periods, and which day is called today."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase

from data.core.period import Period
from data.core.viewer import everything
from data.figures.reports import NO_FILTERS, Filters, fetch_cities, fetch_report
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.figures.types import AreaReport

WHO = everything()


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The small city, in a database that a test may change; each statement is committed at once."""
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


async def asked(first: str, last: str, code: str = city.CITY, filters: Filters = NO_FILTERS) -> AreaReport:
    return await fetch_report(code, Period.parse(first, last), WHO, filters)


def spans(report: AreaReport) -> dict[str, tuple[str, str] | None]:
    found: dict[str, Any] = {name: report[name] for name in ("whole_days", "previous", "year_before")}  # type: ignore[literal-required]
    return {name: one and (one["period"]["from"], one["period"]["to"]) for name, one in found.items()}


async def test_a_day_that_is_not_over_is_compared_with_nothing(small: str) -> None:
    """It is 20:00 on 31 October; five cases of that day are not compared, and neither are the deadlines of i04 and i23."""
    report = await asked(city.FROM, city.TO)
    assert spans(report) == {
        "whole_days": ("2026-10-02", "2026-10-30"),
        "previous": ("2026-09-03", "2026-10-01"),
        "year_before": ("2025-10-02", "2025-10-30"),
    }
    whole = report["whole_days"]
    assert whole and (whole["total"], report["incidents"]["total"]) == (city.TOTAL[city.CITY] - 5, city.TOTAL[city.CITY])
    rates = (whole["closing_rate"]["denominator"], whole["closing_rate"]["numerator"], whole["on_time_closing_rate"]["numerator"])
    assert rates == (13, 10, 8) and city.DUE[city.CITY] == (15, 11, 9)


@pytest.mark.parametrize(
    ("first", "last", "whole", "previous"),
    [
        ("2026-10-30", "2026-10-30", ("2026-10-30", "2026-10-30"), ("2026-10-29", "2026-10-29")),
        ("2026-10-30", "2026-10-31", ("2026-10-30", "2026-10-30"), ("2026-10-29", "2026-10-29")),
        ("2026-10-31", "2026-10-31", None, ("2026-10-30", "2026-10-30")),
        ("2026-10-25", "2026-12-31", ("2026-10-25", "2026-10-30"), ("2026-10-19", "2026-10-24")),
        ("2026-11-02", "2026-11-03", None, ("2026-10-31", "2026-11-01")),
    ],
)
async def test_as_many_whole_days_are_compared_as_are_over(
    small: str, first: str, last: str, whole: tuple[str, str] | None, previous: tuple[str, str]
) -> None:
    report = await asked(first, last)
    assert (spans(report)["whole_days"], spans(report)["previous"]) == (whole, previous)
    if whole:
        again = await asked(*whole)
        assert report["whole_days"] and report["whole_days"]["total"] == again["incidents"]["total"]
        assert report["whole_days"]["closing_rate"] == again["closing_rate"]
        assert report["previous"] == again["previous"] and report["year_before"] == again["year_before"]


@pytest.mark.parametrize("code", [city.D1, city.C1, city.ZONE])
@pytest.mark.parametrize("filters", [Filters(), Filters(("env",)), Filters((), ("hotline",)), Filters(("env",), ("hotline",))])
async def test_whole_days_are_those_of_a_report_that_ends_with_them(small: str, code: str, filters: Filters) -> None:
    whole = (await asked(city.FROM, city.TO, code, filters))["whole_days"]
    alone = await asked(city.FROM, "2026-10-30", code, filters)
    assert whole == alone["whole_days"] and whole["total"] == alone["incidents"]["total"]


@pytest.mark.parametrize(("time", "last"), [("23:58:59.999", "2026-10-30"), ("23:59", "2026-10-31"), ("00:00", "2026-10-30")])
async def test_a_day_is_over_with_its_last_minute(town: psycopg.Connection[Any], time: str, last: str) -> None:
    """In the city: Shanghai is eight hours before Greenwich."""
    town.execute("UPDATE city SET as_of = %s", [f"2026-10-31T{time}+08:00"])
    assert spans(await asked(city.FROM, city.TO))["whole_days"] == (city.FROM, last)


# ---- Old data ----


@pytest.mark.parametrize(("newest", "today"), [("2026-10-28", "2026-10-31"), ("2026-10-27", "2026-10-27"), (None, "2026-10-31")])
async def test_where_the_newest_case_is_days_old_today_becomes_its_date(
    town: psycopg.Connection[Any], newest: str | None, today: str
) -> None:
    """Three days may pass without a report; on the fourth the data are old, and end with the newest case."""
    town.execute("UPDATE city SET newest_case_day = %s", [newest])
    report = await fetch_report(city.CITY, None, WHO)
    assert (report["city"]["today"], report["city"]["newest_case"]) == (today, newest)
    assert report["period"] == {"from": str(Period.last_days(30, Period.parse(today, today).end).start), "to": today}
    seen = await fetch_map_figures(MapRequest(city.CITY), WHO)
    assert (seen.period.end.isoformat(), seen.cities[0]["today"]) == (today, today)
    # Nobody knows at which hour the data ended, so the last day is not compared.
    assert report["whole_days"] and report["whole_days"]["period"]["to"] == ("2026-10-30" if today == "2026-10-31" else "2026-10-26")


async def test_open_cases_of_old_data_stand_for_the_moment_of_the_figures(town: psycopg.Connection[Any]) -> None:
    """Only the period moves back; what was open when it ended is counted back from that moment."""
    town.execute("UPDATE city SET newest_case_day = '2026-10-12'")
    found = (await fetch_report(city.CITY, None, WHO))["incidents"]
    assert (found["open"], found["overdue"]) == (city.OPEN[city.CITY], city.OVERDUE[city.CITY])
    assert (found["open_at_end"], found["overdue_at_end"]) == city.AT_END["2026-10-12"][city.CITY]


@pytest.mark.parametrize(
    ("as_of", "newest", "current"), [(None, "2199-01-01", True), (None, "2000-01-01", False), (city.AS_OF, "2026-10-31", False)]
)
async def test_today_is_the_present_day_only_in_a_city_whose_cases_keep_coming(
    town: psycopg.Connection[Any], as_of: str | None, newest: str, current: bool
) -> None:
    town.execute("UPDATE city SET as_of = %s, newest_case_day = %s", [as_of, newest])
    assert (await fetch_report(city.CITY, None, WHO))["city"]["current"] is current
    assert [one["current"] for one in await fetch_cities(WHO)] == [current]
