"""What a click costs in PostgreSQL, by structure: its statements, the tables they touch, and the indexes they use.

No timings: machines are noisy. Plans are those of the readers' own sessions, rights and settings included, over the demo city.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from callbacks.drill import open_pick
from callbacks.show import show_page
from data.core.period import Period
from data.core.viewer import everything
from data.database import connections, partitions, transactions
from data.indicators.questions import IndicatorQuestion
from data.indicators.reports import fetch_indicators
from data.places import outlines
from data.queries.figures import NO_FILTERS, Filters
from data.queries.search import buildings_by_name
from layers.view import View

WHO = everything()
RAW = ("incident", "building", "person", "incident_event")
ROLLUPS = ("incident_daily", "incident_open")
MOST_STATEMENTS = 8
Asked = list[tuple[str, dict[str, Any]]]
pytestmark = [pytest.mark.usefixtures("demo_database"), pytest.mark.slow]

LEVELS = ("city", "district", "street", "community", "grid", "zone")
MIXED = ("district", "community")
"""Areas with sums, and areas without."""
FILTERS = ("&cat=env", "&src=hotline", "&cat=env,order&src=hotline,public", "&wfrom=2026-11-01&wto=2026-11-07")


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    """Statements that are executed for people, with their values."""
    heard: Asked = []

    def hear(_: Any, cursor: Any, statement: str, values: Any, *more: Any) -> None:
        heard.append((statement, dict(values or {})))

    engine = connections.engine().sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture
def somewhere(demo_database: str) -> dict[str, str]:
    """An area of each level with something below it."""
    below = "(SELECT count(*) FROM area b WHERE b.parent = a.code)"
    with psycopg.connect(demo_database) as connection:
        return dict(connection.execute(f"SELECT DISTINCT ON (level) level, code FROM area a ORDER BY level, {below} DESC, code").fetchall())


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All nodes of a plan, from the top down."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def planned(asked: Asked) -> list[dict[str, Any]]:
    """The nodes of the plans of all statements, as a reader's session runs them: what was never executed is left out."""
    found = []
    statements = list(asked)  # what is asked here is heard too
    async with transactions.read_transaction(WHO) as session:
        # No scan of a whole table is cheap: the demo city is small, a real one is not.
        await session.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, values in statements:
            told = (await session.exec_driver_sql("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, values)).scalar_one()
            found += [node for node in nodes(told[0]["Plan"]) if node["Actual Loops"]]
    return found


def base(relation: str) -> str:
    """The table, of which the relation may be a month."""
    return "incident" if re.match(partitions.NAMES, relation) else relation


def touched(found: list[dict[str, Any]]) -> set[str]:
    """Tables that a plan reads."""
    return {base(node["Relation Name"]) for node in found if "Relation Name" in node}


@pytest.mark.parametrize(("level", "filters"), [*((level, "") for level in LEVELS), *((level, one) for level in MIXED for one in FILTERS)])
async def test_a_click_takes_few_statements_on_rollups_alone(level: str, filters: str, asked: Asked, somewhere: dict[str, str]) -> None:
    page = await show_page(f"?area={somewhere[level]}{filters}", None, WHO)
    assert page.spec
    assert len(asked) <= MOST_STATEMENTS
    found = await planned(asked)
    assert touched(found) >= set(ROLLUPS)
    assert not touched(found) & set(RAW)
    for node in found:
        if node.get("Relation Name") in ROLLUPS:
            condition = node.get("Index Cond") or node.get("Recheck Cond") or node["Node Type"]
            # Whether there is any case at all is seen from one row, of whatever day. Open cases are a stock, and have no day.
            by_day = node["Relation Name"] == "incident_open" or "day" in condition or node["Actual Rows"] <= 1
            assert "area_no" in condition and by_day, condition


@pytest.mark.parametrize("units", ["district", "street", "community", "grid"])
async def test_a_choropleth_of_any_level_reads_rollups_alone(units: str, asked: Asked) -> None:
    await show_page(f"?units={units}", None, WHO)
    assert len(asked) <= MOST_STATEMENTS
    tables = touched(await planned(asked))
    assert tables >= set(ROLLUPS) and not tables & set(RAW)


async def test_unfiltered_large_areas_are_read_from_the_index_of_sums(asked: Asked) -> None:
    """However many kinds of cases a day holds, one row of it is read; nothing else is the same for a city of any size."""
    await show_page("?units=street", None, WHO)
    found = [node for node in await planned(asked) if node.get("Relation Name") == "incident_daily" and node["Actual Rows"] > 1]
    assert {(node["Node Type"], node["Index Name"]) for node in found} == {("Index Only Scan", "ix_incident_daily_sums")}
    assert max(node["Actual Loops"] for node in found) > 10, "once for each area"


async def test_a_pick_on_the_map_asks_only_for_the_way_there(asked: Asked, somewhere: dict[str, str]) -> None:
    await open_pick({"kind": "area", "code": somewhere["grid"]}, View(area=somewhere["district"]), WHO)
    assert len(asked) == 1
    assert touched(await planned(asked)) == {"area"}


async def test_days_since_a_period_are_read_only_where_it_is_over(asked: Asked) -> None:
    """What was open at the end of a past day costs as much as the days since then; at the end of today, nothing."""

    def since(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [node for node in found if "(day > " in node.get("Index Cond", "")]

    await show_page("?units=street", None, WHO)
    assert not since(await planned(asked))
    asked.clear()
    await show_page("?units=street&wfrom=2026-11-01&wto=2026-11-07", None, WHO)
    found = since(await planned(asked))
    assert {(node["Node Type"], node["Index Name"]) for node in found} == {("Index Only Scan", "ix_incident_daily_sums")}


@pytest.mark.parametrize("filters", [NO_FILTERS, Filters(("env",), ("hotline",))])
async def test_lists_of_cases_touch_only_the_months_asked_for(filters: Filters, asked: Asked, somewhere: dict[str, str]) -> None:
    found = await listed(True, filters, asked, somewhere)
    months = {node["Relation Name"] for node in found if base(node.get("Relation Name", "")) == "incident"}
    # The city's first midnight in November is still October's last day in UTC.
    assert months and months <= {"incident_2026_11"}


async def indicated(indicator: str, asked: Asked, somewhere: dict[str, str]) -> list[dict[str, Any]]:
    """The nodes of the plans of an indicator of a district that read cases."""
    span = Period.parse("2026-11-02", "2026-11-20")
    await fetch_indicators(IndicatorQuestion(area=somewhere["district"], period=span, indicators=(indicator,)), WHO)
    return [node for node in await planned(asked) if base(node.get("Relation Name", "")) == "incident"]


@pytest.mark.parametrize("indicator", ["valid_report_rate", "accurate_filing_rate", "accurate_dispatch_rate", "solved_rate"])
async def test_indicators_of_reports_touch_only_the_months_asked_for(indicator: str, asked: Asked, somewhere: dict[str, str]) -> None:
    found = await indicated(indicator, asked, somewhere)
    assert {node["Relation Name"] for node in found} == {"incident_2026_11"}


@pytest.mark.parametrize("indicator", ["rework_rate", "handling_mean", "handling_median"])
async def test_indicators_of_closings_find_older_reports_by_an_index(indicator: str, asked: Asked, somewhere: dict[str, str]) -> None:
    """Most of what was closed in the period was reported in it, too; of older months nothing else is read."""
    older = [node for node in await indicated(indicator, asked, somewhere) if node["Relation Name"] < "incident_2026_10"]
    assert len(older) > 1
    assert not [node for node in older if "closed_at" not in (node.get("Index Cond") or node.get("Recheck Cond") or "")]


@pytest.mark.parametrize("filters", [NO_FILTERS, Filters(("env",), ("hotline",))])
async def test_open_cases_are_found_among_open_ones_alone(
    filters: Filters, asked: Asked, somewhere: dict[str, str], demo_database: str
) -> None:
    """They are a stock, and come from every month; each has an index of its open cases."""
    found = await listed(False, filters, asked, somewhere)
    used = {node["Index Name"] for node in found if "Index Name" in node and "path" in node.get("Index Cond", "")}
    with psycopg.connect(demo_database) as connection:
        small = connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ix_incident_open'::regclass"
        ).fetchall()
    assert used and used <= {name for (name,) in small}


async def listed(closed: bool, filters: Filters, asked: Asked, somewhere: dict[str, str]) -> list[dict[str, Any]]:
    """The nodes of the plan of a list of cases."""
    await outlines.fetch_cases(somewhere["community"], Period.parse("2026-11-02", "2026-11-20"), filters, closed, WHO)
    found = await planned(asked[-1:])
    assert not [node for node in found if node["Node Type"] == "Seq Scan"]
    return found


@pytest.mark.parametrize("text", ["幸", "幸福", "幸福路", "路 12"])
async def test_buildings_are_sought_by_an_index_however_short_the_word(text: str, asked: Asked) -> None:
    await transactions.fetch(buildings_by_name("990100", text, 20), WHO)
    found = await planned(asked)
    assert [node["Index Name"] for node in found if "trgm" in node.get("Index Name", "")]
    assert not [node for node in found if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "building"]


def test_a_plan_is_walked_to_its_leaves() -> None:
    leaf = {"Node Type": "Seq Scan", "Relation Name": "incident_2026_11", "Actual Loops": 1}
    assert touched(list(nodes({"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [leaf]}]}))) == {"incident"}
