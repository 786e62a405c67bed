"""Counts in several spans at once are what reports of the single spans say, for every level; and what stays overdue is counted back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import small_city
from databases import FreshDatabase

from data.core.period import Period
from data.core.viewer import everything
from data.demo.common.frame import PINNED_DAY
from data.demo.common.names import CITY_CODE
from data.figures.reports import Filters, fetch_report, fetch_units
from data.figures.spans import count_overdue_since, fetch_category_spans, fetch_spans
from data.queries.figures import NO_FILTERS

VIEWER = everything("zh", "cases")
SPANS = [
    *(Period.last_days(7, PINNED_DAY - timedelta(days=1 + 7 * back)) for back in (5, 1, 0)),
    Period.last_days(1, PINNED_DAY - timedelta(days=3)),  # inside another one
    Period.last_days(30, PINNED_DAY - timedelta(days=4_000)),  # before all cases
]


def told(report: Mapping[str, Any]) -> tuple[int, int, int]:
    rate = report["on_time_closing_rate"]
    return report["incidents"]["total"], rate["denominator"], rate["numerator"]


async def down(level: str) -> str:
    """An area of a level."""
    return (await fetch_units(CITY_CODE, level, SPANS[0], NO_FILTERS, VIEWER))[0]["code"]


@pytest.mark.parametrize(("of", "inside"), [("city", "street"), ("street", "community"), ("community", "grid"), ("grid", None)])
async def test_counts_of_an_area_and_of_those_inside_are_those_of_reports(demo_database: str, of: str, inside: str | None) -> None:
    code = CITY_CODE if of == "city" else await down(of)
    found = await fetch_spans(code, inside, SPANS, VIEWER)
    reports = [await fetch_report(code, span, VIEWER) for span in SPANS]
    assert [(one.reported, one.due, one.due_on_time) for one in found.own.counts] == [told(report) for report in reports]
    assert found.own.counts[-1].reported == 0
    if of == "city":
        assert sum(one.reported for one in found.own.counts) > 100
        assert found.since is not None and SPANS[-1].end < found.since <= SPANS[0].start
    if inside is None:
        assert found.areas == ()
        return
    for at, span in enumerate(SPANS):
        units = {one["code"]: told(one) for one in await fetch_units(code, inside, span, NO_FILTERS, VIEWER) if one["origin"] != "unplaced"}
        counts = {one.code: one.counts[at] for one in found.areas}
        assert {of: (one.reported, one.due, one.due_on_time) for of, one in counts.items()} == units


async def test_counts_by_category_are_those_of_reports(demo_database: str) -> None:
    for code in (CITY_CODE, await down("community")):
        found = await fetch_category_spans(code, SPANS, VIEWER)
        for at, span in enumerate(SPANS):
            report = await fetch_report(code, span, VIEWER)
            assert {category: counts[at] for category, counts in found.items() if counts[at]} == report["incidents"]["by_category"]


async def test_a_filter_counts_its_category_alone(demo_database: str) -> None:
    category = next(iter(await fetch_category_spans(CITY_CODE, SPANS, VIEWER)))
    found = await fetch_spans(CITY_CODE, "district", SPANS, VIEWER, Filters(categories=(category,)))
    assert tuple(one.reported for one in found.own.counts) == (await fetch_category_spans(CITY_CODE, SPANS, VIEWER))[category]


async def test_cases_overdue_since_a_day_are_those_that_are_still_open(demo_database: str) -> None:
    """Until yesterday they are all that is overdue, but for those of today; and the longer, the fewer."""
    for code in (CITY_CODE, await down("community")):
        report = await fetch_report(code, None, VIEWER)
        counts = [await count_overdue_since(code, PINNED_DAY - timedelta(days=back), VIEWER) for back in (0, 1, 4, 4_000)]
        assert counts == sorted(counts, reverse=True) and counts[-1] == 0
        assert counts[1] <= report["incidents"]["overdue"] <= counts[0]


async def test_a_single_misdated_case_is_not_the_beginning_of_the_data(fresh_database: FreshDatabase) -> None:
    with fresh_database(small_city.load) as url, psycopg.connect(url, autocommit=True) as owner:
        before = (await fetch_spans(small_city.CITY, None, SPANS[:1], VIEWER)).since
        moved = "UPDATE incident_daily SET day = day - 3000 WHERE day = (SELECT max(day) FROM incident_daily WHERE reported > 0)"
        assert owner.execute(moved).rowcount and before is not None
        assert (await fetch_spans(small_city.CITY, None, SPANS[:1], VIEWER)).since == before
        owner.execute("DELETE FROM incident_daily WHERE day > '2020-01-01'")
        alone = (await fetch_spans(small_city.CITY, None, SPANS[:1], VIEWER)).since
        assert alone is not None and alone < before, "where there is nothing else it is"
