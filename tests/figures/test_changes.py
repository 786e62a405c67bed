"""How the cases of areas changed from one period to another: beside sums over the cases themselves."""

from datetime import date

import pandas as pd
import pytest
import small_city as city

from data.core.period import Period
from data.core.viewer import everything
from data.figures.changes import Against, Changes
from data.figures.reports import NO_FILTERS, Filters
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.queries.figures import Counting

WHO = everything()


async def changes(
    code: str, first: str, last: str, against: Against, filters: Filters = NO_FILTERS, level: str | None = None
) -> tuple[Changes, set[str]]:
    """What a map of an area compares, and the codes of the areas that it colours."""
    asked = MapRequest(code, Period.parse(first, last), None, filters, level, against)
    found = await fetch_map_figures(asked, WHO)
    assert found.changes is not None
    return found.changes, {one["code"] for one in found.coloured}


def count_by_hand(days: Period, filters: Filters) -> dict[str, int]:
    """Cases reported on some days by the code of every area of the tree, with pandas from the list of cases."""
    rows = pd.DataFrame(city.INCIDENTS, columns=["key", "cell", "category", "channel", "stage", "paused", "reported", "due", "closed"])
    written = rows["reported"].where(rows["reported"].str.len() > len("10-05 09:00"), "2026-" + rows["reported"])
    day = pd.to_datetime(written).dt.date
    kept = rows[(day >= days.start) & (day <= days.end)]
    if filters.categories:
        kept = kept[kept["category"].isin(filters.categories)]
    if filters.channels:
        kept = kept[kept["channel"].isin(filters.channels)]
    per_cell = kept.groupby("cell").size()
    by_area = {code: int(per_cell.reindex([cell for cell in city.CELLS if cell.startswith(code)]).fillna(0).sum()) for code in CODES}
    return by_area | {city.CITY: int(per_cell.sum())}


CODES = [code for code, level, *_ in city.AREAS if level not in ("zone", "city")]


@pytest.mark.parametrize("filters", [NO_FILTERS, Filters(("env",)), Filters((), ("hotline",)), Filters(("env",), ("hotline",))])
@pytest.mark.parametrize(("code", "level"), [(city.CITY, None), (city.CITY, "grid"), (city.D1, "community"), (city.S3, None)])
async def test_both_counts_are_those_of_the_cases(small: str, code: str, level: str | None, filters: Filters) -> None:
    found, coloured = await changes(code, "2026-10-10", city.TO, "previous", filters, level)
    assert (found.now, found.before) == (Period.parse("2026-10-10", "2026-10-30"), Period.parse("2026-09-19", "2026-10-09"))
    now, before = (count_by_hand(days, filters) for days in (found.now, found.before) if days)
    assert coloured <= set(found.counts)
    assert {one: found.counts[one] for one in found.counts if one != city.ZONE} == {
        one: (now[one], before[one]) for one in found.counts if one != city.ZONE
    }
    change = found.of(code)
    assert change and (change.now, change.before, change.of_now, change.of_before) == (now[code], before[code], 21, 21)


async def test_counts_of_a_zone_are_those_of_its_cells(small: str) -> None:
    found, coloured = await changes(city.ZONE, "2026-10-10", city.TO, "previous")
    assert coloured == {city.C3, city.C5} and found.now
    now, before = count_by_hand(found.now, NO_FILTERS), count_by_hand(found.before, NO_FILTERS)
    assert found.counts[city.ZONE] == (now[city.C3] + now[city.C5], before[city.C3] + before[city.C5])


async def test_a_year_before_and_a_window_inside_the_period(small: str) -> None:
    asked = MapRequest(city.CITY, Period.parse(city.FROM, city.TO), Period.parse("2026-10-05", "2026-10-12"), against="year_before")
    found = (await fetch_map_figures(asked, WHO)).changes
    assert found and found.now == Period.parse("2026-10-05", "2026-10-12") and found.before == Period.parse("2025-10-05", "2025-10-12")
    now, before = count_by_hand(found.now, NO_FILTERS), count_by_hand(found.before, NO_FILTERS)
    assert found.counts[city.CITY] == (now[city.CITY], before[city.CITY])


async def test_a_day_that_is_not_over_is_compared_with_nothing(small: str) -> None:
    found, _ = await changes(city.CITY, city.TO, city.TO, "previous")
    assert (found.now, found.counts, found.of(city.CITY)) == (None, {}, None)


async def test_who_does_not_ask_for_changes_gets_none(small: str) -> None:
    assert (await fetch_map_figures(MapRequest(city.CITY), WHO)).changes is None


def test_a_leap_day_makes_the_periods_unequal_and_rates_are_compared() -> None:
    """29 February 2028 has no day of its own in 2027: two days are compared with one, day by day."""
    counting = Counting(Period(date(2028, 2, 28), date(2028, 2, 29)), NO_FILTERS, city.CITY, date(2028, 3, 9))
    found = Changes.choose_days(counting, "year_before").with_counts([{"code": "a", "now_reported": 40, "before_reported": 20}])  # type: ignore[list-item]
    change = found.of("a")
    assert change and (change.of_now, change.of_before, change.ratio, change.verdict) == (2, 1, 1.0, "unclear")
    assert found.of("b") is None
