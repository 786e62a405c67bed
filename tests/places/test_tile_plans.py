"""Tiles over large tables: which indexes they use, how many rows they read, and what the fullest tile weighs."""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from map_tools import tile_sql
from rights_tools import as_service, become

from data import rollup
from data.core.viewer import everything
from data.database import connections
from data.places import tiles
from data.queries import tile_layers as queries
from data.queries.tile_encoding import HALF_WORLD_M, Tile

pytestmark = pytest.mark.slow

COPIES = {"building": 12, "incident": 3, "base_feature": 3}
"""Of the small demo city's objects, laid upon one another: 39,000 buildings on a few square kilometres are denser than any city."""
LARGE = re.compile(r"building|base_feature|incident_\d")
ZOOMS = range(7, 18)

_MULTIPLY = """
INSERT INTO {table} (district, city, source_id, source_key, grid, path, geom, geom_3857, {more})
SELECT district, city, source_id, source_key || '-' || n, grid, path, geom, ST_Translate(geom_3857, n, -n), {more}
FROM {table}, generate_series(1, {copies}) n
"""
_BASE = """
INSERT INTO base_feature (city, source_id, source_key, kind, rank, width_m, name, geom_3857)
SELECT city, source_id, source_key || '-' || n, kind, rank, width_m, name, ST_Translate(geom_3857, n, -n)
FROM base_feature, generate_series(1, {copies}) n
"""
_MORE = {
    "building": "use, floors, height_m, height_origin, footprint_m2",
    "incident": "number, category, channel, stage, paused, reported_at, due_at, closed_at, title, deadline_state",
}
_NOT_FOR_TILES = ("ix_building_path", "ix_building_grid", "ix_building_address_trgm", "ix_building_name_trgm", "ix_incident_path")
"""They would only slow the copying down."""


@pytest.fixture(scope="module")
def crowded(fresh_database, demo_template: str) -> Iterator[str]:  # type: ignore[no-untyped-def]
    with fresh_database(template=demo_template) as url:
        with psycopg.connect(url) as connection:
            for index in _NOT_FOR_TILES:
                connection.execute(f"DROP INDEX {index}".encode())
            for table, more in _MORE.items():
                connection.execute(_MULTIPLY.format(table=table, more=more, copies=COPIES[table]).encode())
            connection.execute(_BASE.format(copies=COPIES["base_feature"]).encode())
            city = connection.execute("SELECT code FROM city").fetchone()
            assert city
            rollup.rebuild(connection, city[0])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        yield url


@pytest.fixture
def reader(crowded: str) -> Iterator[psycopg.Connection[Any]]:
    """A session like those in which tiles are asked for, of the role that sees most and has most policies to pass."""
    with as_service(options=f"{connections._session_options(60_000)} -c random_page_cost=1.1") as connection:
        become(connection, everything(), local=False)
        yield connection


@pytest.fixture(scope="module")
def fullest(crowded: str) -> dict[int, Tile]:
    """For each zoom the tile in which most buildings stand."""
    sql = """
        SELECT floor((%(half)s + ST_XMin(geom_3857)) / (2 * %(half)s) * (1 << %(zoom)s))::int x,
            floor((%(half)s - ST_YMax(geom_3857)) / (2 * %(half)s) * (1 << %(zoom)s))::int y
        FROM building GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1"""
    with psycopg.connect(crowded) as connection:
        rows = {zoom: connection.execute(sql, {"half": HALF_WORLD_M, "zoom": zoom}).fetchone() for zoom in ZOOMS}
    return {zoom: Tile(zoom, *row) for zoom, row in rows.items() if row}


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan that reads a table or an index."""
    if "Scan" in plan["Node Type"] and ("Relation Name" in plan or "Index Name" in plan):
        yield plan
    for part in plan.get("Plans", []):
        yield from scans(part)


def explained(reader: psycopg.Connection[Any], layer: str, where: Tile) -> list[dict[str, Any]]:
    row = reader.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {tile_sql(layer, where)}".encode()).fetchone()
    assert row
    plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return list(scans(plan[0]["Plan"]))


@pytest.mark.parametrize("layer", list(tiles.LAYERS))
def test_no_large_table_is_read_from_end_to_end(reader: psycopg.Connection[Any], fullest: dict[int, Tile], layer: str) -> None:
    for zoom, where in fullest.items():
        read = [node["Relation Name"] for node in explained(reader, layer, where) if node["Node Type"] == "Seq Scan"]
        assert not [name for name in read if LARGE.match(name)], (layer, zoom)


@pytest.mark.parametrize("zoom", range(7, queries.ALL_BUILDINGS_FROM_ZOOM))
def test_from_afar_little_more_is_read_than_drawn(reader: psycopg.Connection[Any], fullest: dict[int, Tile], zoom: int) -> None:
    nodes = [node for node in explained(reader, "buildings", fullest[zoom]) if node.get("Relation Name") == "building"]
    read = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in nodes)
    drawn = tiles.LAYERS["buildings"].most_at(zoom)
    total = reader.execute("SELECT count(*) FROM building_seen").fetchone()
    assert total and total[0] > 7 * drawn
    # A step holds about as many as all before it; the demo city's houses are more alike than that.
    assert 0 < read <= 4 * drawn


def test_cases_from_afar_come_from_the_roll_up(reader: psycopg.Connection[Any], fullest: dict[int, Tile]) -> None:
    for zoom in (7, 10, queries.SINGLES_FROM_ZOOM - 1):
        tables = {node.get("Relation Name", "") for node in explained(reader, "incidents", fullest[zoom])}
        assert "incident_open" in tables and not [name for name in tables if LARGE.match(name)]


@pytest.mark.parametrize("layer", list(tiles.LAYERS))
async def test_no_tile_weighs_more_than_the_budget(crowded: str, fullest: dict[int, Tile], layer: str) -> None:
    for where in fullest.values():
        raw, _ = await tiles._within_budget(tiles.LAYERS[layer], where, everything())
        assert len(raw) <= tiles.BUDGET_BYTES, (layer, where)
