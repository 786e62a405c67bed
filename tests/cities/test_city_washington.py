"""Washington, D.C.: the figures that SOURCES.md states must come out, at every level."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import bring, sentences

from data.core.settings import ROOT
from data.importing.run import Outcome

pytestmark = pytest.mark.realdata
PROFILE = ROOT / "data" / "profiles" / "washington_dc.toml"
LEVELS = ("city", "district", "street", "community", "grid")


@pytest.fixture(scope="module")
def city(fresh_database: Any, realdata: Path) -> Iterator[tuple[str, Outcome]]:
    """The whole city, imported once for this file."""
    with fresh_database() as url:
        outcome = bring(PROFILE, realdata)
        assert outcome.outcome == "loaded", sentences(outcome)
        yield url, outcome


def rows(city: tuple[str, Outcome], statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(city[0]) as connection:
        return connection.execute(statement).fetchall()


def test_the_tree_has_every_published_area(city: tuple[str, Outcome]) -> None:
    counts = dict(rows(city, "SELECT level, count(*)::int FROM area GROUP BY 1"))
    assert {k: counts[k] for k in ("city", "district", "street", "community", "zone")} == {
        "city": 1,
        "district": 8,
        "street": 40,
        "community": 296,
        "zone": 10,
    }
    assert 800 <= counts["grid"] <= 1000


@pytest.mark.parametrize("level", LEVELS)
def test_everything_sums_up_at_every_level(city: tuple[str, Outcome], level: str) -> None:
    figures = rows(
        city,
        f"""SELECT sum(population)::int, sum(buildings)::int, sum(facilities)::int, sum(households)::int, sum((ages->>'0-17')::int)::int
        FROM area_figure JOIN area ON code = area WHERE level = '{level}'""",
    )
    assert figures == [(601_723, 1_251, 5_346, 266_707, 100_815)]
    reported = rows(
        city,
        f"""SELECT sum(reported)::int FROM incident_daily d JOIN area a ON a.no = d.area_no JOIN incident_kind k ON k.no = d.kind
        WHERE a.level = '{level}' AND k.category IS NOT NULL AND k.channel IS NOT NULL""",
    )
    assert reported == [(34_049 + 2_897,)]


def test_every_service_request_is_accounted_for(city: tuple[str, Outcome]) -> None:
    files = [f for f in city[1].report["files"] if f["source"] == "service-requests"]
    assert sum(f["read"] for f in files) == 34_420
    assert sum(f["loaded"] for f in files) == 34_049
    assert sum(f["rejected"] for f in files) == 371
    assert all(f["read"] == f["loaded"] + f["rejected"] for f in city[1].report["files"])
    reasons = {(r["source"], r["reason"]): r["count"] for r in city[1].report["reasons"]}
    assert reasons == {
        ("service-requests", "duplicate_key"): 370,
        ("service-requests", "no_coordinates"): 1,
        ("crimes", "duplicate_key"): 1,
    }


def test_the_mess_is_counted(city: tuple[str, Outcome]) -> None:
    repairs = {(source, kind): count for (source, kind), count in city[1].ledger.repairs.items()}
    assert repairs[("service-requests", "null_date")] == 4_671 + 190
    assert repairs[("service-requests", "closing_ignored")] == 26 + 163 + 4 + 18 + 56 + 131
    assert repairs[("base-flood", "made_valid")] == 2
    assert repairs[("areas-zone", "made_valid")] == 1
    told = {r.reason for _, r in city[1].ledger.remarks}
    disagree = [r.facts["share"] for _, r in city[1].ledger.remarks if r.reason == "parent_disagrees"]
    assert (told, disagree) == ({"parent_disagrees", "levels_nearly_nest", "units_made", "handlers_linked"}, ["20.3 %", "57.8 %"])
    units = {r.reason: r.facts for _, r in city[1].ledger.remarks if r.reason in ("units_made", "handlers_linked")}
    assert (units["units_made"]["count"], units["handlers_linked"]) == ("7", {"cases": "36,946", "names": "7"})
    assert rows(city, "SELECT count(*)::int, count(DISTINCT unit)::int FROM incident WHERE handler IS NOT NULL") == [(36_946, 7)]


def test_stages_and_closing_dates_agree(city: tuple[str, Outcome]) -> None:
    found = rows(city, "SELECT stage, count(*)::int, count(closed_at)::int FROM incident WHERE category <> 'crime' GROUP BY 1 ORDER BY 1")
    assert {stage: closed in (0, count) and (closed > 0) == (stage == "closed") for stage, count, closed in found} == dict.fromkeys(
        ("closed", "duplicate", "in_progress", "void"), True
    )
    assert rows(city, "SELECT count(*)::int FROM incident WHERE closed_at < reported_at OR reported_at > '2016-08-17'") == [(0,)]
    late = rows(city, "SELECT count(*)::int FROM incident WHERE stage = 'closed' AND closed_at > due_at")
    assert 2_300 <= late[0][0] <= 2_479


def test_times_are_local(city: tuple[str, Outcome]) -> None:
    at = rows(city, "SELECT reported_at AT TIME ZONE 'America/New_York' FROM incident WHERE number = '16-00601041'")
    assert str(at[0][0]) == "2016-07-22 09:13:30"


def test_every_row_lies_in_its_own_cell_and_cells_tile_their_communities(city: tuple[str, Outcome]) -> None:
    for table in ("building", "incident", "facility"):
        off = f"""SELECT count(*)::int FROM {table} t JOIN area a ON a.code = t.grid
            WHERE t.grid_method = 'within' AND NOT ST_Intersects(a.geom, ST_PointOnSurface(t.geom))"""
        assert rows(city, off) == [(0,)]
    # Planar: a geodesic edge is not the straight line in longitude and latitude along which cells meet.
    gap = """SELECT sum(ST_Area(ST_SymDifference(p.geom, u.geom))) * 111000 ^ 2 * cos(radians(38.9)) FROM area p
        JOIN (SELECT parent, ST_Union(geom) AS geom FROM area WHERE level = 'grid' GROUP BY 1) u ON u.parent = p.code"""
    assert rows(city, gap)[0][0] < 1.0


def test_contacts_and_free_text_stay_outside(city: tuple[str, Outcome]) -> None:
    keys = rows(
        city,
        "SELECT DISTINCT jsonb_object_keys(attributes) FROM incident UNION SELECT DISTINCT jsonb_object_keys(attributes) FROM facility",
    )
    assert not {str(k).lower() for (k,) in keys} & {"details", "contact", "phone", "ph_num", "administrator", "contactnumber", "point_of_c"}


def test_the_same_files_again_change_nothing(city: tuple[str, Outcome], realdata: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(city, "SELECT data_version, changed_at FROM city")
    assert bring(PROFILE, realdata / "washington_dc").outcome == "unchanged"
    assert rows(city, "SELECT data_version, changed_at FROM city") == before
