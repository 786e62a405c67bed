"""Open cases on the map by deadline state and severity: beside the list of cases, singly and as circles, and within rights."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase

from data.core.errors import BadInput
from data.core.period import Period
from data.core.viewer import everything
from data.figures.scope import FiguresOnly
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.places import outlines
from data.queries.case_circles import EVERY_OPEN, OpenFilters
from data.queries.figures import NO_FILTERS, Filters
from data.schema import DEADLINE_STATES

WHO = everything()
FIGURES = everything(detail="figures")


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city, in which the numbers of cases, last digit by digit, are of the severities 1 to 4."""
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE incident SET severity = 1 + right(source_key, 1)::int % 4")
        yield url


def by_hand(url: str, only: OpenFilters, under: str, category: str | None = None) -> list[str]:
    """Keys of the open cases in an area, one after the other from the table itself."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT source_key, grid, category, deadline_state, severity FROM incident WHERE is_open").fetchall()
    return sorted(
        key
        for key, grid, of, state, severity in rows
        if (under == city.CITY or grid.startswith(under))
        and category in (None, of)
        and (not only.states or state in only.states)
        and (not only.severities or severity in only.severities)
    )


async def shown(only: OpenFilters, code: str = city.CITY, filters: Filters = NO_FILTERS, viewer: Any = WHO) -> Any:
    return (await outlines.fetch_cases(code, None, filters, False, viewer, only)).body


@pytest.mark.parametrize("code", [city.CITY, city.D1, city.K3])
@pytest.mark.parametrize(
    "only",
    [
        EVERY_OPEN,
        *(OpenFilters((state,)) for state in DEADLINE_STATES),
        OpenFilters(("overdue", "paused")),
        OpenFilters((), (1,)),
        OpenFilters((), (2, 4)),
        OpenFilters(("overdue", "on_time"), (1, 2, 3)),
    ],
)
async def test_pins_are_those_that_meet_all_filters(town: str, code: str, only: OpenFilters) -> None:
    body = await shown(only, code)
    assert (body["kind"], body["left_out"]) == ("points", 0)
    assert sorted(row["key"].partition(":")[2] for row in body["rows"]) == by_hand(town, only, code)
    named = await shown(only, code, Filters(("env",)))
    assert sorted(row["key"].partition(":")[2] for row in named["rows"]) == by_hand(town, only, code, "env")


@pytest.mark.parametrize("only", [OpenFilters(("overdue",)), OpenFilters(("amber", "on_time")), OpenFilters(("paused",))])
@pytest.mark.parametrize("code", [city.CITY, city.D2])
async def test_circles_from_roll_ups_count_the_same_for_who_sees_no_single_case(town: str, code: str, only: OpenFilters) -> None:
    body = await shown(only, code, viewer=FIGURES)
    expected = by_hand(town, only, code)
    assert (body["kind"], body["total"], body["left_out"]) == ("clusters", len(expected), 0)
    assert sum(row["overdue"] for row in body["rows"]) == (len(expected) if only.states == ("overdue",) else 0)


async def test_circles_of_located_cases_count_the_same(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MOST_CASES", 0)
    for only in (OpenFilters(("overdue",)), OpenFilters((), (1, 2)), OpenFilters(("overdue", "on_time"), (1, 2, 3))):
        body = await shown(only)
        assert (body["kind"], body["total"]) == ("clusters", len(by_hand(town, only, city.CITY)))
    monkeypatch.setattr(outlines, "MOST_LOCATED", 0)
    assert (await shown(OpenFilters((), (1, 2))))["total"] == len(by_hand(town, OpenFilters((), (1, 2)), city.CITY)), (
        "no roll-up knows them"
    )
    assert (await shown(OpenFilters(("overdue",))))["total"] == len(by_hand(town, OpenFilters(("overdue",)), city.CITY))


async def test_severities_are_refused_where_single_cases_may_not_be_seen(town: str) -> None:
    for viewer in (FIGURES, replace(WHO, scope=f"{city.CITY}.{city.D1}")):
        with pytest.raises(FiguresOnly):
            await shown(OpenFilters((), (1,)), viewer=viewer)


async def test_cases_that_are_closed_have_no_deadline_state(town: str) -> None:
    with pytest.raises(BadInput):
        await outlines.fetch_cases(city.CITY, Period.parse(city.FROM, city.TO), NO_FILTERS, True, WHO, OpenFilters(("overdue",)))


@pytest.mark.parametrize("states", [("overdue",), ("amber", "paused"), DEADLINE_STATES])
async def test_open_figures_count_only_these_states_and_flows_stay(town: str, states: tuple[str, ...]) -> None:
    period = Period.parse(city.FROM, city.TO)
    plain = await fetch_map_figures(MapRequest(city.CITY, period, level="community"), WHO)
    found = await fetch_map_figures(MapRequest(city.CITY, period, level="community", states=states), WHO)
    for unit in (*found.coloured, *found.report["children"]):
        assert unit["incidents"]["open"] == len(by_hand(town, OpenFilters(states), unit["code"]))
    assert found.report["incidents"]["open"] == len(by_hand(town, OpenFilters(states), city.CITY))
    rest = [{**one["incidents"], "open": 0} for one in (plain.report, found.report)]
    assert rest[0] == rest[1] and plain.report["on_time_closing_rate"] == found.report["on_time_closing_rate"]
