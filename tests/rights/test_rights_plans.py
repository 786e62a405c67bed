"""What row policies cost: under them PostgreSQL uses the same indexes, also for viewers with a small scope."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from databases import FreshDatabase
from map_tools import tile_sql
from rights_tools import as_service, become
from sqlalchemy import event

from data.cases.duplicates.finding import SimilarQuestion, find_similar
from data.cases.listing import counts as list_counts
from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.cases.listing.types import CaseList
from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.database import connections, transactions
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.people import register
from data.places import cards, outlines
from data.queries import case_list
from data.queries.case_filters import CaseFilters, Days
from data.queries.case_list import Order
from data.queries.figures import NO_FILTERS
from data.queries.search import incidents_by_number
from data.queries.tile_encoding import HALF_WORLD_M, Tile

pytestmark = pytest.mark.slow

LARGE = re.compile(r"incident_(\d{4}_\d\d|before|after|event|daily|open)|person|area|area_figure|building")
CITY = "990100"


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    """The small demo city."""
    with fresh_database(template=demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        yield url


@pytest.fixture(params=["everywhere", "community"])
def who(request: pytest.FixtureRequest, town: str) -> Viewer:
    """Somebody who may see everything, and somebody who may see the register of one community and compare its district."""
    if request.param == "everywhere":
        return everything()
    with psycopg.connect(town) as owner:
        row = owner.execute(
            "SELECT c.path::text, subpath(c.path, 0, 2)::text, c.code FROM area c JOIN incident i ON i.path <@ c.path AND i.is_open"
            " WHERE c.level = 'community' GROUP BY c.path, c.code ORDER BY count(*) DESC, c.code LIMIT 1"
        ).fetchone()
    assert row
    return Viewer("worker", "worker", "zh", 1, "grid_worker", "people", row[0], row[1], "", row[2])


def one(town: str, query: str, *values: Any) -> Any:
    with psycopg.connect(town) as owner:
        row = owner.execute(query.encode(), values).fetchone()
    assert row
    return row


def in_scope(who: Viewer) -> str:
    return "" if who.everywhere else who.scope


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan that ran and reads a table or an index."""
    if "Scan" in plan["Node Type"] and plan["Actual Loops"] and ("Relation Name" in plan or "Index Name" in plan):
        yield plan
    for part in plan.get("Plans", []):
        yield from scans(part)


def explained(who: Viewer, *statements: tuple[str, Any]) -> list[dict[str, Any]]:
    """How statements are run in a session like those of the server."""
    found = []
    with as_service(options=connections._session_options(60_000), autocommit=True) as session:
        become(session, who, local=False)
        session.execute("SET enable_seqscan = off")  # the demo city is small, a real one is not
        for statement, values in statements:
            row = session.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}".encode(), values).fetchone()
            assert row
            plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
            found += list(scans(plan[0]["Plan"]))
    return found


def whole(nodes: list[dict[str, Any]]) -> list[str]:
    """Large tables that are read from end to end."""
    return [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan" and LARGE.fullmatch(node["Relation Name"])]


class Heard(list[tuple[str, Any]]):
    """Statements that are executed for people."""

    def __enter__(self) -> "Heard":
        event.listen(connections.engine().sync_engine, "before_cursor_execute", self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(connections.engine().sync_engine, "before_cursor_execute", self._hear)

    def _hear(self, _: Any, cursor: Any, statement: str, values: Any, *more: Any) -> None:
        self.append((statement, dict(values or {})))


def conditions(nodes: list[dict[str, Any]], table: str) -> set[str]:
    """Index conditions under which the rows of a table, or of its months, are found."""
    of_table = [
        node for node in nodes if re.fullmatch(table, node.get("Relation Name", "")) or re.search(table, node.get("Index Name", ""))
    ]
    return {str(node.get("Index Cond") or node.get("Recheck Cond")) for node in of_table}


# ---- Tiles ----


def fullest(town: str, who: Viewer, zoom: int) -> Tile:
    side = 2 * HALF_WORLD_M / (1 << zoom)
    x, y = one(
        town,
        "SELECT floor((%s + ST_X(geom_3857)) / %s)::int x, floor((%s - ST_Y(geom_3857)) / %s)::int y FROM incident"
        " WHERE is_open AND path <@ %s::text::ltree GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1",
        *(HALF_WORLD_M, side, HALF_WORLD_M, side, in_scope(who)),
    )
    return Tile(zoom, x, y)


@pytest.mark.parametrize("zoom", [14, 16])
def test_single_cases_of_a_tile_are_found_by_where_they_stand(town: str, who: Viewer, zoom: int) -> None:
    nodes = explained(who, (tile_sql("incidents", fullest(town, who, zoom)), None))
    assert not whole(nodes)
    found = conditions(nodes, r"incident_\d{4}_\d\d_geom_3857.*")
    assert found and all("geom_3857 &&" in condition for condition in found), found


@pytest.mark.parametrize("layer", ["incidents", "facilities", "buildings", "areas"])
@pytest.mark.parametrize("zoom", [10, 12, 15])
def test_no_tile_reads_a_large_table_from_end_to_end(town: str, who: Viewer, layer: str, zoom: int) -> None:
    assert not whole(explained(who, (tile_sql(layer, fullest(town, who, zoom)), None)))


# ---- Cases, people, looks ----


async def test_cases_of_an_area_are_found_by_its_path(town: str, who: Viewer) -> None:
    code = who.scope_code if not who.everywhere else CITY
    with Heard() as heard:
        await outlines.fetch_cases(code, Period.parse("2026-11-02", "2026-11-20"), NO_FILTERS, True, who)
        nodes = explained(who, *heard)
        heard.clear()
        await outlines.fetch_cases(code, None, NO_FILTERS, False, who)
        assert not whole(explained(who, *heard)), "open ones come from every month"
    assert not whole(nodes)
    assert {node["Relation Name"] for node in nodes if str(node.get("Relation Name")).startswith("incident_20")} <= {"incident_2026_11"}


async def test_a_case_is_found_by_its_number(town: str, who: Viewer) -> None:
    (number,) = one(town, "SELECT number FROM incident WHERE path <@ %s::text::ltree ORDER BY id LIMIT 1", in_scope(who))
    with Heard() as heard:
        assert [row["title"] for row in await transactions.fetch(incidents_by_number(CITY, number, 20), who)] == [number]
    nodes = explained(who, *heard)
    assert not whole(nodes)
    found = conditions(nodes, r"incident_.*number.*")
    assert found and all("~>=~" in condition for condition in found), found


async def test_a_card_and_its_history_are_found_by_their_keys(town: str, who: Viewer) -> None:
    (key,) = one(
        town, "SELECT source_id || ':' || source_key FROM incident WHERE path <@ %s::text::ltree ORDER BY id LIMIT 1", in_scope(who)
    )
    with Heard() as heard:
        card = await cards.fetch_incident_card(key, who)
    assert card["events"], "the history is seen too"
    nodes = explained(who, *heard)
    assert not whole(nodes)
    assert any("incident_id" in condition for condition in conditions(nodes, "incident_event"))


async def test_people_of_a_building_are_found_by_it(town: str, who: Viewer) -> None:
    (key,) = one(
        town,
        "SELECT b.source_id || ':' || b.source_key FROM building b WHERE residents > 2 AND path <@ %s::text::ltree ORDER BY id LIMIT 1",
        in_scope(who),
    )
    with Heard() as heard:
        assert len((await register.people_of_building(key, who)).people) > 2
    nodes = explained(who, *(pair for pair in heard if " person" in pair[0]))
    assert not whole(nodes)
    assert any("building_id" in condition for condition in conditions(nodes, "person"))


async def test_a_look_at_an_area_reads_roll_ups_by_number_and_nothing_from_end_to_end(town: str, who: Viewer) -> None:
    with Heard() as heard:
        seen = await fetch_map_figures(MapRequest(who.scope_code if not who.everywhere else None), who)
    assert seen.report["incidents"]["total"] > 0
    nodes = explained(who, *heard)
    assert not whole(nodes)
    assert all("area_no" in condition for condition in conditions(nodes, "incident_(daily|open)"))
    # The scope of figures is one short array, however many areas lie inside.
    assert not [node for node in nodes if "hashed SubPlan" in str(node.get("Filter")) and "incident_" in str(node.get("Relation Name"))]


async def test_likely_duplicates_are_found_by_place_and_by_the_cells_around(town: str, who: Viewer) -> None:
    lon, lat, category = one(
        town, "SELECT ST_X(geom), ST_Y(geom), category FROM incident WHERE is_open AND path <@ %s::text::ltree LIMIT 1", in_scope(who)
    )
    with Heard() as heard:
        told = await find_similar(SimilarQuestion(CITY, category, lon, lat), who)
    assert told["cases"][0]["distance_m"] == 0
    nodes = explained(who, *heard)
    assert not whole(nodes)
    of_cases = conditions(nodes, r"incident_\d{4}_\d\d.*")
    assert any("geom_3857 &&" in one for one in of_cases) and any("grid = ANY" in one for one in of_cases), of_cases
    assert all("geom_3857 &&" in one or "grid = ANY" in one or "closed_at >=" in one for one in of_cases), of_cases


# ---- Lists of cases ----


async def listed(question: CaseQuestion, who: Viewer, told_of: str = "") -> tuple[CaseList, list[dict[str, Any]]]:
    """The answer, and what its statements read, or those of them in which a text occurs."""
    with Heard() as heard:
        told = await fetch_list(question, who)
    return told, explained(who, *(pair for pair in heard if told_of in pair[0]))


LISTS = {
    "all": CaseFilters(),
    "open": CaseFilters(states=("overdue", "amber", "on_time", "paused")),
    "words": CaseFilters(words=("附近", "路灯")),
    "seldom": CaseFilters(words=("zq",)),
    "codes": CaseFilters(categories=("env",), channels=("media",), stages=("void",)),
    "unit": CaseFilters(units=("nobody",)),
    "due": CaseFilters(due=Days(date(2026, 11, 20), date(2026, 11, 20))),
    "closed": CaseFilters(closed=Days(date(2026, 11, 20), date(2026, 11, 20))),
    "box": CaseFilters(box=(118.4, 30.9, 118.41, 30.91)),
    "without place": CaseFilters(placed=False),
}


@pytest.mark.parametrize("column", ["reported_at", "due_at", "unit"])
@pytest.mark.parametrize("name", list(LISTS))
async def test_no_list_reads_a_large_table_from_end_to_end(town: str, who: Viewer, name: str, column: str) -> None:
    _, nodes = await listed(CaseQuestion(filters=LISTS[name], order=Order(column)), who)
    assert nodes and not whole(nodes)


async def test_cases_are_found_by_any_two_characters_through_the_index_of_keys(town: str, who: Viewer) -> None:
    (title,) = one(town, "SELECT title FROM incident WHERE path <@ %s::text::ltree ORDER BY id DESC LIMIT 1", in_scope(who))
    told, nodes = await listed(CaseQuestion(filters=CaseFilters(words=(title[1:4], title[-2:]))), who)
    assert title in {row["title"] for row in told["cases"]}
    found = conditions(nodes, r"incident_.*search_keys.*")
    if who.everywhere:
        assert found and all("search_keys @>" in condition for condition in found), found
    else:  # few cases, which are found by their path as well
        assert found or conditions(nodes, r"incident_.*path.*")


def months(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in nodes if str(node.get("Relation Name")).startswith("incident_20")}


async def test_a_word_within_a_district_reads_its_cases_alone(town: str) -> None:
    district, path = one(
        town,
        "SELECT code, path::text FROM area WHERE level = 'district' ORDER BY code LIMIT 1",
    )
    who = Viewer("desk", "desk", "zh", 1, "dispatcher", "cases", path, path, "", district)
    told, nodes = await listed(CaseQuestion(filters=CaseFilters(words=("路灯",)), order=Order("due_at")), who)
    assert told["cases"]
    found = conditions(nodes, r"incident_.*search_keys_district.*")
    assert found and all("search_keys @>" in condition and f"district = '{district}'" in condition for condition in found), found


async def test_a_common_word_is_sought_in_the_newest_months_until_there_are_enough(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_FOUND", 20)
    common, seldom = CaseFilters(words=("附近",)), CaseFilters(words=("zq",))
    told, nodes = await listed(CaseQuestion(filters=common, limit=10), everything(), "sorted_by")
    assert len(told["cases"]) == 10 and told["counts"] and told["counts"]["total"]["more"]
    assert 1 <= len(months(nodes)) <= 2 < len(months((await listed(CaseQuestion(filters=seldom), everything(), "sorted_by"))[1]))


async def test_the_newest_page_of_many_reads_the_newest_months_alone(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 3)
    told, nodes = await listed(CaseQuestion(area=CITY, limit=5), everything(), "sorted_by")
    assert len(told["cases"]) == 5
    assert 1 <= len(months(nodes)) <= 2


@pytest.mark.parametrize("filters", [{"units": ("nobody",)}, {"severities": (1,)}, {"stages": ("void",), "channels": ("media",)}])
async def test_codes_that_few_cases_have_are_found_through_the_index_of_keys(town: str, filters: dict[str, Any]) -> None:
    _, nodes = await listed(CaseQuestion(filters=CaseFilters(**filters)), everything(detail="cases"))
    found = conditions(nodes, r"incident_.*search_keys.*")
    assert found and all("search_keys &&" in condition for condition in found), found


@pytest.mark.parametrize("column", ["reported_at", "due_at", "closed_at"])
async def test_a_page_of_many_is_read_in_the_order_of_an_index(
    town: str, who: Viewer, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the page behind it begins in the index where the first one ended."""
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 3)
    question = CaseQuestion(area=CITY, order=Order(column), limit=5, counted=False)
    first = await fetch_list(question, who)
    assert first["next"]
    for cursor in (None, first["next"]):
        _, nodes = await listed(replace(question, cursor=cursor), who)
        assert not whole(nodes)
        walked = conditions(nodes, rf"incident_.*{column}_idx.*")
        if who.everywhere:
            assert walked and all("city" in condition for condition in walked), walked
            assert cursor is None or all(column in condition for condition in walked), walked


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("column", "of_index", "sign"), [("number", "number", "~"), ("area", "grid", "grid")])
async def test_numbers_and_areas_are_walked_along_their_index(
    town: str, column: str, of_index: str, sign: str, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 3)
    question = CaseQuestion(area=CITY, order=Order(column, descending), limit=5, counted=False)
    first = await fetch_list(question, everything())
    _, nodes = await listed(replace(question, cursor=first["next"]), everything(), "sorted_by")
    assert not whole(nodes)
    walked = [node for node in nodes if re.search(rf"incident_.*_{of_index}_idx", node.get("Index Name", ""))]
    assert walked and all(node["Node Type"] == "Index Scan" and node["Actual Rows"] < 100 for node in walked), walked
    assert all(sign in str(node["Index Cond"]) for node in walked)


@pytest.mark.parametrize("column", case_list.BY_VALUE)
async def test_a_list_by_a_column_of_few_values_reads_the_newest_months_of_one_value(
    town: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Severity has no value but the third here, which is looked for after two that no case has."""
    monkeypatch.setattr(list_counts, "MOST_COUNTED", 3)
    newest = "SELECT stage FROM incident, city WHERE reported_at > as_of - interval '9 days' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    filters = CaseFilters(stages=one(town, newest)) if column == "stage" else CaseFilters()
    question = CaseQuestion(CITY, filters, Order(column, descending=column == "severity"), limit=5, counted=False)
    first = await fetch_list(question, everything())
    _, nodes = await listed(replace(question, cursor=first["next"]), everything(), "sorted_by")
    assert 1 <= len(months(nodes)) <= 3 and not whole(nodes)
