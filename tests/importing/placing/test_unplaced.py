"""Cases without a place: they count for an area or the city, sum at every level, and are on no map. Golden sums by pandas on the file."""

import gzip
import io
from pathlib import Path
from typing import Any

import import_city
import pandas as pd
import psycopg
import pytest
import shapely
from import_city import PROFILE, bring, feature, sentences, square, write_city
from import_rows import incident_source, make_batch
from map_tools import tile_of
from mvt import read

from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.doctor.examine import examine_city
from data.figures.reports import NO_FILTERS, Filters, fetch_report, fetch_units
from data.figures.scope import OutOfScope
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.importing.common.sentences import ImportRefused
from data.importing.placing.crowded_points import Crowds
from data.importing.profile.profile import load_profile
from data.importing.rows.rejects import Ledger
from data.places import outlines
from data.places.cards import fetch_incident_card
from data.places.outlines import fetch_cases, fetch_polygons
from data.places.search import search
from data.places.tiles import fetch_tile

DEFAULT = (10.003, 50.003)
YEAR = Period.parse("2026-01-01", "2026-12-31")
UNPLACED = PROFILE.replace(
    'file = "cases.csv"\n',
    f'file = "cases.csv"\nunplaced = [[{DEFAULT[0]}, {DEFAULT[1]}]]\nno_coordinates = "unplaced"\n',
).replace('key = "id"\n', 'key = "id"\narea = { column = "hood", map = { "Northwest" = "T1001" } }\n')
HOODS = ("西北", "Northwest", "东区", None, "T2002", "T2001001")
"""Names and codes of areas as the file spells them; those of Northwest are mapped, None is the city."""
MEANT = {"西北": "T1001", "Northwest": "T1001", "东区": "T2", "T2002": "T2002", "T2001001": "T2001001", None: "T"}


def cases(count: int = 210) -> str:
    """Cases of which two of three have no place: the default point, or nothing."""
    lines = ["id,type,status,reported,due,closed,lon,lat,hood"]
    for n in range(count):
        place = (f"{10.0005 + n % 19 / 1000:.6f}", f"{50.0005 + n % 17 / 1000:.6f}") if n % 3 == 0 else DEFAULT if n % 3 == 1 else ("", "")
        hood = HOODS[n // 3 % 6] or ""
        state = "open,2026-10-0{d} 08:00,2026-10-04 08:00," if n % 2 else "closed,2026-10-0{d} 08:00,2026-10-09 08:00,2026-10-05 08:00"
        lines.append(f"{n},{'Lamp' if n % 5 else 'Rubbish'},{state.format(d=1 + n % 9 % 3)},{place[0]},{place[1]},{hood}")
    return "\n".join(lines) + "\n"


def golden(text: str) -> pd.DataFrame:
    """The file with the area that each case counts for; ``None`` for what stands on the map."""
    found = pd.read_csv(io.StringIO(text), keep_default_na=False)
    placed = (found.lon != "") & ~((found.lon == str(DEFAULT[0])) & (found.lat == str(DEFAULT[1])))
    found["area"] = [None if there else MEANT[hood or None] for there, hood in zip(placed, found.hood, strict=True)]
    return found


async def report(code: str, viewer: Viewer | None = None) -> Any:
    return await fetch_report(code, YEAR, viewer or everything())


def _of_district(code: str) -> Viewer:
    """Somebody who may see the cases of one district."""
    return Viewer("worker", "worker", "zh", 1, "grid_worker", "cases", f"T.{code}", f"T.{code}", "", code, "192.0.2.7")


def counted_by(found: pd.DataFrame, code: str) -> pd.DataFrame:
    """The cases of one area: those that stand in it, and those that its own row or that of an area below names."""
    below = {
        "T": {"T", "T1", "T2", "T1001", "T1002", "T2001", "T2002", "T2001001"},
        "T1": {"T1", "T1001", "T1002"},
        "T2": {"T2", "T2001", "T2002", "T2001001"},
        "T2001": {"T2001", "T2001001"},
    }
    shapes = {
        one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in [*import_city.DISTRICTS, *import_city.COMMUNITIES]
    }
    shapes["T"] = shapely.union_all(list(shapes.values()))
    placed = found.area.isna()
    inside = shapely.intersects_xy(shapes[code], pd.to_numeric(found.lon), pd.to_numeric(found.lat)) & placed
    return found[inside | found.area.isin(below.get(code, {code}))]


@pytest.fixture
def town(database: str, tmp_path: Path) -> str:
    outcome = bring(write_city(tmp_path, UNPLACED, cases()))
    assert outcome.outcome == "loaded", sentences(outcome)
    repairs = {reason: n for (_, reason), n in outcome.ledger.repairs.items()}
    found = golden(cases())
    assert repairs["unplaced_in_city"] == (found.area == "T").sum()
    assert repairs["unplaced_by_area"] == (found.area.notna() & (found.area != "T")).sum()
    return database


async def test_every_figure_is_that_of_the_file_and_children_sum_to_their_parent(town: str) -> None:
    found = golden(cases())
    for code in ("T", "T1", "T2", "T1001", "T1002", "T2001", "T2002"):
        told, mine = await report(code), counted_by(found, code)
        incidents = told["incidents"]
        assert (incidents["total"], incidents["open"]) == (len(mine), (mine.status == "open").sum()), code
        without = mine[mine.area.notna()]
        assert (incidents["unplaced"], incidents["unplaced_open"]) == (len(without), (without.status == "open").sum()), code
        assert sum(unit["incidents"]["total"] for unit in told["children"]) == len(mine), code
        assert sum(incidents["by_category"].values()) == len(mine)
        assert [u["origin"] for u in told["children"]].count("unplaced") == (mine.area == code).any()
        assert not [u for u in told["siblings"] if u["origin"] == "unplaced"]
    for level in ("district", "community", "grid"):
        units = await fetch_units("T", level, YEAR, NO_FILTERS, everything())
        assert sum(unit["incidents"]["total"] for unit in units) == len(found), level
        lamps = await fetch_units("T", level, YEAR, Filters(categories=("Lamp",)), everything())
        assert sum(unit["incidents"]["total"] for unit in lamps) == (found.type == "Lamp").sum(), level
    with psycopg.connect(town) as connection:
        assert [one.code for one in examine_city(connection, "T") if not one.outcome.ok] == []
        leaves = dict(connection.execute("SELECT parent, name FROM area WHERE origin = 'unplaced'").fetchall())
        assert leaves == {code: leaves[code] for code in ("T", "T1001", "T2", "T2002", "T2001001")}
        assert leaves["T2"] == "东区（位置不明）"


@pytest.mark.parametrize("closed", [False, True])
async def test_they_are_on_no_map(town: str, monkeypatch: pytest.MonkeyPatch, closed: bool) -> None:
    """Not as points, not in circles of points, and not in circles of areas."""
    found = golden(cases())
    placed = found[found.area.isna() & (closed | (found.status == "open"))]
    for most, located in ((2_000, 20_000), (10, 20_000), (10, 10)):
        monkeypatch.setattr(outlines, "MOST_CASES", most)
        monkeypatch.setattr(outlines, "MOST_LOCATED", located)
        told = (await fetch_cases("T", YEAR, NO_FILTERS, closed, everything())).body
        assert told["total"] == len(placed)
        assert sum(row.get("n", 1) for row in told["rows"]) == len(placed), (most, located)
    monkeypatch.undo()
    figures = (await fetch_cases("T", YEAR, NO_FILTERS, closed, everything(detail="figures"))).body
    assert sum(row["n"] for row in figures["rows"]) == len(placed)
    if not closed:
        tile = await fetch_tile("incidents", tile_of(10.01, 50.01, 11), None, everything(detail="figures"))
        assert sum(one["n"] for one in read(gzip.decompress(tile.packed))["incidents"]) == len(placed)
    for level in ("community", "grid"):
        drawn = await fetch_map_figures(MapRequest("T", YEAR, level=level), everything())
        assert {unit["origin"] for unit in drawn.coloured} <= {"published", "made"}
        assert not [one for one in (await fetch_polygons("T", level, everything())).body["areas"] if one["origin"] == "unplaced"]


async def test_rights_search_and_cards_hold(town: str) -> None:
    with psycopg.connect(town) as connection:
        rows = connection.execute("SELECT source_id || ':' || source_key, number, path::text, district FROM incident WHERE geom IS NULL")
        keys = {number: (key, path, district) for key, number, path, district in rows}
    found = golden(cases())
    for area, district in (("T", "T"), ("T2", "T2"), ("T1001", "T1")):
        number = str(found[found.area == area].id.iloc[0])
        key, path, stored = keys[number]
        assert (path.split(".")[-2], stored) == (area, district)
        card = await fetch_incident_card(key, everything())
        assert (card["lon"], card["lat"], card["grid_method"]) == (None, None, "unplaced")
        assert [one["code"] for one in card["areas"]][-2] == area
        (hit,) = [one for one in await search(number, "T", everything()) if one["title"] == number]
        assert (hit["kind"], hit["lon"], hit["area"]) == ("incident", None, card["area"])
        inside = _of_district("T1")
        if district == "T1":
            assert (await fetch_incident_card(key, inside))["key"] == key
        else:
            with pytest.raises(OutOfScope):
                await fetch_incident_card(key, inside)
    mine = await report("T1", _of_district("T1"))
    assert mine["incidents"]["total"] == len(counted_by(found, "T1"))
    leaf = next(u for u in (await report("T"))["children"] if u["origin"] == "unplaced")
    (named,) = [one for one in await search(leaf["name"], "T", everything()) if one["kind"] == "area"]
    assert named["code"] == leaf["code"]
    own = await report(leaf["code"])
    assert own["incidents"]["total"] == leaf["incidents"]["total"] == (found.area == "T").sum()
    assert [u["code"] for u in own["siblings"]] == [leaf["code"]]


def test_the_same_files_again_change_nothing_and_a_place_that_became_known_is_used(town: str, tmp_path: Path) -> None:
    path = write_city(tmp_path, UNPLACED, cases())
    assert bring(path, again=True).outcome == "unchanged"
    lines = cases().splitlines()
    known = [lines[0], *(",".join([*line.split(",")[:6], "10.0055", "50.0155", ""]) for line in lines[1:])]
    outcome = bring(write_city(tmp_path, UNPLACED, "\n".join(known) + "\n"))
    assert (outcome.outcome, outcome.report["changes"]["area"]["deleted"]) == ("loaded", 5)
    with psycopg.connect(town) as connection:
        assert connection.execute("SELECT count(*) FROM incident WHERE geom IS NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM area WHERE origin = 'unplaced'").fetchone() == (0,)
        assert [one.code for one in examine_city(connection, "T") if not one.outcome.ok] == []


async def test_their_area_moves_or_goes(town: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an area that is gone count for the city; nothing is lost, though this import brings only one case."""
    found = golden(cases())
    first, *others = import_city.COMMUNITIES[:3]
    moved = [feature(first["geometry"], **(first["properties"] | {"district": "T2"})), *others]
    east = feature(square(10.01, 50.0, 10.02, 50.01), code="T2009", name="新东南", district="T2")
    monkeypatch.setattr(import_city, "COMMUNITIES", [*moved, east])
    north = [[10.0, 50.01], [10.01, 50.01], [10.01, 50.0], [10.02, 50.0], [10.02, 50.02], [10.01, 50.02], [10.0, 50.02], [10.0, 50.01]]
    shapes = {"T1": square(10.0, 50.0, 10.01, 50.01), "T2": {"type": "Polygon", "coordinates": [north]}}
    districts = [feature(shapes[one["properties"]["code"]], **one["properties"]) for one in import_city.DISTRICTS]
    monkeypatch.setattr(import_city, "DISTRICTS", districts)
    lines = cases().splitlines()
    outcome = bring(write_city(tmp_path, UNPLACED, "\n".join(lines[:2]) + "\n"))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert (await report("T"))["incidents"]["total"] == len(found)
    own = {code: (found.area == code).sum() for code in ("T", "T1001", "T2", "T2002", "T2001001")}
    assert (await report("T2"))["incidents"]["unplaced"] == own["T2"] + own["T1001"] + own["T2001001"]
    assert (await report("T"))["children"][-1]["incidents"]["total"] == own["T"] + own["T2002"]
    with psycopg.connect(town) as connection:
        assert [one.code for one in examine_city(connection, "T") if not one.outcome.ok] == []


def test_people_of_an_area_without_polygon_stay_beside_its_unplaced_cases(database: str, tmp_path: Path) -> None:
    """The leaf for cases holds nobody: an area whose people were published by its code keeps them."""
    (tmp_path / "more.csv").write_text("code,name,district\nT1003,无边界,T1\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text("code,n\nT1001,100\nT1002,50\nT2001,20\nT2002,30\nT1003,7\n", encoding="utf-8")
    more = '\n[[areas]]\nlevel = "community"\nfile = "more.csv"\ncolumns = { code = "code", name = "name", parent = "district" }\n'
    population = '\n[[population]]\nfile = "people.csv"\nas_of = 2026-01-01\ncolumns = { area = "code", total = "n" }\n'
    outcome = bring(write_city(tmp_path, UNPLACED + more + population, cases().replace("Northwest", "无边界")))
    assert outcome.outcome == "loaded", sentences(outcome)
    with psycopg.connect(database) as connection:
        people = dict(connection.execute("SELECT area, population FROM area_figure WHERE area = ANY('{T,T1,T1003}')").fetchall())
        assert people == {"T": 207, "T1": 157, "T1003": 7}
        assert [one.code for one in examine_city(connection, "T") if not one.outcome.ok] == []


# -- profiles and rows -------------------------------------------------------------------------------------------------


def test_without_a_word_in_the_profile_they_are_refused_as_before(database: str, tmp_path: Path) -> None:
    outcome = bring(write_city(tmp_path, PROFILE, cases()))
    assert outcome.outcome == "failed"
    assert {r.reason for r in outcome.unforgiven} == {"no_coordinates"}


def test_empty_coordinates_are_refused_where_only_points_are_declared(database: str, tmp_path: Path) -> None:
    outcome = bring(write_city(tmp_path, UNPLACED.replace('no_coordinates = "unplaced"\n', ""), cases()))
    assert outcome.outcome == "failed"
    assert len(outcome.unforgiven) == 70 and {r.reason for r in outcome.unforgiven} == {"no_coordinates"}


@pytest.mark.parametrize(("hood", "reason"), [("西北部", "unknown_place"), ("Twin", "ambiguous_place")])
def test_a_word_that_means_no_area_or_two_is_told_with_the_nearest(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hood: str, reason: str
) -> None:
    twins = [feature(one["geometry"], **(one["properties"] | {"name_en": "Twin"})) for one in import_city.COMMUNITIES]
    monkeypatch.setattr(import_city, "COMMUNITIES", twins)
    profile = UNPLACED.replace('name = "name", parent', 'name = "name", name_en = "name_en", parent')
    text = cases(5).replace("Northwest", hood)
    outcome = bring(write_city(tmp_path, profile, text))
    assert outcome.outcome == "failed"
    (told,) = outcome.unforgiven
    assert (told.reason, told.value, told.column) == (reason, hood, "hood")
    assert ("西北" if reason == "unknown_place" else "4 areas") in told.sentence.tell("en")
    outcome = bring(write_city(tmp_path, profile.replace("unplaced = ", 'unknown_place = "city"\nunplaced = '), text))
    assert outcome.outcome == "loaded", sentences(outcome)


def test_a_file_without_any_coordinates_is_all_unplaced(database: str, tmp_path: Path) -> None:
    lines = [",".join([*line.split(",")[:6], line.split(",")[8]]) for line in cases(12).splitlines()]
    outcome = bring(write_city(tmp_path, UNPLACED, "\n".join(lines) + "\n"))
    assert outcome.outcome == "loaded", sentences(outcome)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*), count(geom) FROM incident").fetchone() == (12, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('unplaced = [[10.003, 50.003]]\nno_coordinates = "unplaced"\n', ""), "columns.area says where"),
        (("[[10.003, 50.003]]", "[[50.003, 190.0]]"), "[longitude, latitude]"),
    ],
)
def test_profiles_that_mean_nothing_are_refused(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert change[0] in UNPLACED
    with pytest.raises(ImportRefused) as refused:
        load_profile(write_city(tmp_path, UNPLACED.replace(*change)))
    assert told in refused.value.sentences[0].tell("en")


# -- crowded points ----------------------------------------------------------------------------------------------------


def crowded(counts: list[int], parts: int = 1) -> list[tuple[str, str]]:
    """What is told of points that hold so many rows each: number and share."""
    shapes = [shapely.Point(10 + k / 1000, 50) for k, n in enumerate(counts) for _ in range(n)]
    crowds, ledger = Crowds(), Ledger()
    for part in range(parts):
        mine = shapes[part::parts]
        crowds.add([make_batch({"at": ["x"] * len(mine)}, shapes=mine)])
    crowds.tell(incident_source(), ledger)
    return [(str(told.facts["count"]), str(told.facts["share"])) for _, told in ledger.remarks]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([20, *[4] * 30], [("20", "14.3 %")]),  # twenty rows, five times the tenth
        ([19, *[1] * 30], []),  # too few
        ([24, *[5] * 30], []),  # less than five times
        ([25, *[5] * 30], [("25", "14.3 %")]),
        ([100, 40, 30, *[5] * 30], [("100", "31.2 %"), ("40", "12.5 %"), ("30", "9.4 %")]),  # several defaults
        ([50] * 9, []),  # all points are alike
        ([50], [("50", "100 %")]),  # there is but one
        ([100, 20], [("100", "83.3 %")]),
        ([], []),
    ],
)
def test_points_that_hold_an_unusual_share_are_told(counts: list[int], told: list[tuple[str, str]]) -> None:
    assert crowded(counts) == crowded(counts, parts=3) == told


def test_the_remark_says_what_to_declare_and_what_is_declared_is_not_told_again(database: str, tmp_path: Path) -> None:
    outcome = bring(write_city(tmp_path, PROFILE.replace('"cases.csv"\n', '"cases.csv"\nallow = ["no_coordinates"]\n'), cases()))
    (told,) = [told for _, told in outcome.ledger.remarks if told.reason == "crowded_point"]
    assert (told.facts["count"], told.facts["total"]) == ("70", "140")
    assert "unplaced = [[10.003000, 50.003000]]" in told.tell("en")
    outcome = bring(write_city(tmp_path, UNPLACED, cases()))
    assert [told for _, told in outcome.ledger.remarks if told.reason == "crowded_point"] == []
