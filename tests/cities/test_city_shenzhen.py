"""Shenzhen, imported whole: a published grid of 500 m that does not follow districts, and districts in two coordinate systems."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from real_city import City, bring, counts, repairs

from data.geo import datum

pytestmark = pytest.mark.realdata
CODE = "440300000000"
PEOPLE = 17_494_398
NAMES = {"罗湖": 3, "福田": 4, "南山": 5, "宝安": 6, "龙岗": 7, "盐田": 8, "龙华": 9, "坪山": 10, "光明": 11}


@pytest.fixture(scope="module")
def shenzhen(fresh_database: Any, realdata: Path) -> Iterator[City]:
    with fresh_database() as url:
        yield City(url, CODE, bring("shenzhen", realdata))


@pytest.fixture(scope="module")
def published(realdata: Path) -> dict[str, Any]:
    """The ten shapes of the district file, by short name."""
    text = (realdata / "shenzhen" / "boundaries" / "sz.json").read_text("utf-8")
    return {f["properties"]["qh"]: shapely.geometry.shape(f["geometry"]) for f in json.loads(text)["features"]}


def test_every_row_is_accounted_for(shenzhen: City) -> None:
    assert shenzhen.outcome.outcome == "loaded"
    assert counts(shenzhen.outcome) == {
        "districts": (10, 10, 0),
        "grid-500m": (9005, 9005, 0),
        "census-2020": (9, 9, 0),
        "nanshan-buildings": (5438, 5438, 0),
        "land": (10, 10, 0),
    }
    mended = repairs(shenzhen.outcome)
    assert (mended["dissolved"], mended["exploded"], mended["datum_shifted"]) == (1, 5428, 5438)


def test_the_published_grid_is_the_lowest_level(shenzhen: City) -> None:
    assert shenzhen.areas() == {("city", "derived"): 1, ("district", "published"): 9, ("grid", "published"): 9005}
    assert shenzhen.one("SELECT count(DISTINCT parent) FROM area WHERE city = %(city)s AND level = 'grid'") == 9


def test_a_cell_in_several_districts_belongs_to_the_largest_share(shenzhen: City, published: dict[str, Any]) -> None:
    cells = shenzhen.rows("SELECT code, parent, ST_AsBinary(geom) FROM area WHERE city = %(city)s AND level = 'grid' ORDER BY code")
    shapes = shapely.from_wkb([bytes(row[2]) for row in cells])
    codes = {name: f"4403{number:02d}000000" for name, number in NAMES.items()} | {"大鹏": "440307000000"}
    share: dict[int, dict[str, float]] = {}
    names = list(published)
    for i, j in zip(*shapely.STRtree(list(published.values())).query(shapes, predicate="intersects"), strict=True):
        common = shapely.area(shapely.intersection(shapes[i], published[names[j]]))
        if common > 0:
            of = share.setdefault(int(i), {})
            of[codes[names[j]]] = of.get(codes[names[j]], 0.0) + common
    several = {i: of for i, of in share.items() if len(of) > 1}
    assert len(several) > 500
    for i, of in several.items():
        assert of[cells[i][1]] == pytest.approx(max(of.values())), cells[i][0]
    told = [sentence.reason for key, sentence in shenzhen.outcome.ledger.remarks if key == "grid-500m"]
    assert set(told) == {"parent_straddles"}
    assert 0.8 * len(several) < len(told) <= len(several)  # one that lies in its district by 98 % or more is not worth a sentence
    assert repairs(shenzhen.outcome)["partly_outside"] > 500


def test_people_come_out_at_every_level(shenzhen: City) -> None:
    assert shenzhen.population() == {"city": PEOPLE, "district": PEOPLE, "grid": PEOPLE}
    assert shenzhen.one("SELECT population FROM area_figure WHERE area = '440305000000'") == 1_795_826
    assert shenzhen.one("SELECT min(population) FROM area_figure JOIN area ON area = code WHERE level = 'grid'") >= 0


def test_buildings_of_nanshan_are_split_and_shifted(shenzhen: City) -> None:
    assert shenzhen.rows(
        "SELECT district, count(*)::int, count(DISTINCT height_m)::int, min(height_m), max(height_m) FROM building GROUP BY 1"
    ) == [("440305000000", 5438, 10, 18.0, 228.0)]
    # The file's western edge, 113.910552 as published, lies some 480 m further west in WGS 84.
    assert 113.9050 < shenzhen.one("SELECT min(ST_XMin(geom)) FROM building") < 113.9065


def test_the_doctor_reports_but_does_not_mind_the_publishers_grid(shenzhen: City) -> None:
    assert shenzhen.ailments() == []


def test_again_changes_nothing(shenzhen: City, realdata: Path) -> None:
    assert bring("shenzhen", realdata).outcome == "unchanged"


def test_a_grid_without_a_coordinate_system_is_asked_about(shenzhen: City, realdata: Path, tmp_path: Path) -> None:
    outcome = bring("shenzhen", realdata, tmp_path, {'crs = "EPSG:4326"\n': ""})
    assert outcome.outcome == "failed"
    assert any("grid.shp" in told and "crs" in told for told in [told.tell("en") for told in outcome.refusals])
    assert shenzhen.one("SELECT count(*) FROM area WHERE city = %(city)s") == 9015


def test_amaps_districts_are_gcj02(realdata: Path, published: dict[str, Any]) -> None:
    """The second set of districts comes without any properties and undeclared; only 龙岗 is another shape (with 大鹏 in it)."""
    files = {
        name: realdata / "shenzhen" / "boundaries_amap" / f"4403{number:02d}.geojson" for name, number in NAMES.items() if name != "龙岗"
    }
    shapes = [shapely.geometry.shape(_geometry(json.loads(path.read_text("utf-8")))) for path in files.values()]
    known = [published[name] for name in files]
    assert [datum.detect_datum_of_outlines([one], [own]).datum for one, own in zip(shapes, known, strict=True)] == ["gcj02"] * len(files)


def _geometry(parsed: dict[str, Any]) -> dict[str, Any]:
    """The geometry of a bare geometry, a Feature or a collection of one."""
    if parsed["type"] == "FeatureCollection":
        parsed = parsed["features"][0]
    geometry: dict[str, Any] = parsed.get("geometry", parsed)
    return geometry


def test_districts_of_either_system_come_to_the_same_place(
    fresh_database: Any, realdata: Path, tmp_path: Path, published: dict[str, Any]
) -> None:
    """One file for each district, its code in the file's name: read in GCJ-02, centroids meet those in WGS 84 to 150 m, not 600."""
    number = json.dumps({f"4403{n:02d}": f"{name}区" for name, n in NAMES.items()}, ensure_ascii=False).replace(":", " =")
    profile = f"""
    [city]
    code = "{CODE}"
    name = "深圳市"
    timezone = "Asia/Shanghai"
    [cells]
    make = false
    [[areas]]
    level = "district"
    file = ["shenzhen/boundaries_amap/44030[3-9].geojson", "shenzhen/boundaries_amap/44031*.geojson"]
    datum = "gcj02"
    columns = {{ code = "{{file.stem}}000000", name = {{ column = "file.stem", map = {number} }} }}
    """
    (tmp_path / "amap.toml").write_text(profile, "utf-8")
    from data.importing.profile.profile import load_profile
    from data.importing.run import Order, import_city

    with fresh_database() as url:
        outcome = import_city(Order(load_profile(tmp_path / "amap.toml"), "amap.toml", realdata, show_progress=False))
        assert outcome.outcome == "loaded", [told.tell("en") for told in outcome.refusals]
        city = City(url, CODE, outcome)
        assert city.areas() == {("city", "derived"): 1, ("district", "published"): 9}
        for name, lon, lat in city.rows(
            "SELECT left(name, 2), ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM area WHERE level = 'district'"
        ):
            if name != "龙岗":
                there = published[name].centroid
                assert (lon, lat) == (pytest.approx(there.x, abs=1.5e-3), pytest.approx(there.y, abs=1.5e-3)), name
