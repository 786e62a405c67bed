"""Every unusual file is either imported correctly, or refused in one clear sentence."""

import shutil
from pathlib import Path

import psycopg
import pytest
from import_city import bring, sentences

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.realdata]

HEAD = """
[city]
code = "A"
name = "A"
timezone = "Asia/Shanghai"
[cells]
make = false
"""


def areas(file: str, code: str, name: str, *more: str) -> str:
    """A profile of one layer of districts."""
    lines = "\n".join(more)
    return f'{HEAD}\n[[areas]]\nlevel = "district"\nfile = "{file}"\n{lines}\ncolumns = {{ code = "{code}", name = "{name}" }}\n'


BOX = "POLYGON(({0} {1}, {2} {1}, {2} {3}, {0} {3}, {0} {1}))"


def around(folder: Path, west: float, south: float, east: float, north: float) -> str:
    """A profile with one district that is a rectangle."""
    (folder / "awkward" / "box.csv").write_text(f"code;name;wkt\nA1;A1;{BOX.format(west, south, east, north)}\n")
    return areas("box.csv", "code", "name")


def imported(folder: Path, awkward: Path, profile: str, database: str, statement: str) -> object:
    """The first value of a statement after an import that has to land."""
    path = folder / "city.toml"
    path.write_text(profile, encoding="utf-8")
    outcome = bring(path, awkward)
    assert outcome.outcome == "loaded", sentences(outcome)
    assert outcome.report["read"] == outcome.report["loaded"] + outcome.report["rejected"]
    with psycopg.connect(database) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def awkward(realdata: Path, tmp_path: Path) -> Path:
    """A copy of their folder, for what a test writes itself: a profile names no files from elsewhere."""
    return shutil.copytree(realdata / "awkward", tmp_path / "awkward")


AREAS = {
    "GBK shapefile that only the language byte declares": (
        areas("chongqing_gbk_shapefile/区县界_area.shp", "ADMINCODE", "NAME"),
        38,
        ("name", "500236", "奉节县"),
    ),
    "zipped shapefile in feet": (areas("nybb_16a.zip", "ny-{BoroCode}", "BoroName"), 5, ("name", "ny-5", "Staten Island")),
    "TopoJSON without a coordinate system": (
        areas("NTA.topo.json", "NTACode", "NTAName", 'crs = "EPSG:4326"'),
        195,
        ("name", "BK88", "Borough Park"),
    ),
    "FlatGeobuf with polygons over the pole": (areas("natural-earth_countries.fgb", "{name}", "name"), 177, ("name", "Fiji", "Fiji")),
    "GeoParquet with spherical edges": (
        # Russia goes round the pole on the sphere, and over Iceland on the plane: without `nests` the import stops and names both.
        areas("geoparquet/natural-earth_countries-geography_geo.parquet", "{name}", "name", "nests = 0.6"),
        177,
        ("name", "Fiji", "Fiji"),
    ),
    "GeoParquet in UTM": (
        areas("geoparquet/example-crs_vermont-utm_geo.parquet", "V", "{file.stem}").replace('code = "V"', 'code = { value = "V" }'),
        1,
        ("level", "V", "district"),
    ),
    "GeoParquet with a custom system": (
        areas("geoparquet/example-crs_vermont-custom_geo.parquet", "V", "{file.stem}").replace('code = "V"', 'code = { value = "V" }'),
        1,
        ("level", "V", "district"),
    ),
    "GeoParquet in degrees": (
        areas("geoparquet/example-crs_vermont-4326_geo.parquet", "V", "{file.stem}").replace('code = "V"', 'code = { value = "V" }'),
        1,
        ("level", "V", "district"),
    ),
    "Parquet geometry without metadata": (
        areas("geoparquet/example-crs_vermont-crs84-unknown.parquet", "V", "{file.stem}").replace('code = "V"', 'code = { value = "V" }'),
        1,
        ("level", "V", "district"),
    ),
}


@pytest.mark.parametrize("kind", AREAS)
def test_awkward_areas_land(tmp_path: Path, awkward: Path, database: str, kind: str) -> None:
    profile, count, (column, code, value) = AREAS[kind]
    assert imported(tmp_path, awkward, profile, database, "SELECT count(*)::int FROM area WHERE level = 'district'") == count
    with psycopg.connect(database) as connection:
        assert connection.execute(f"SELECT {column} FROM area WHERE code = %s", [code]).fetchone() == (value,)
        assert connection.execute(
            "SELECT bool_and(ST_IsValid(geom) AND ST_Within(geom, ST_MakeEnvelope(-180.001, -90.001, 180.001, 90.001, 4326))) FROM area"
        ).fetchone() == (True,)


@pytest.mark.parametrize("file", ["4326_geo", "utm_geo", "custom_geo", "crs84-unknown"])
def test_one_outline_in_four_systems_is_one_place(tmp_path: Path, awkward: Path, database: str, file: str) -> None:
    profile = areas(f"geoparquet/example-crs_vermont-{file}.parquet", "V", "{file.stem}").replace('code = "V"', 'code = { value = "V" }')
    km2 = imported(tmp_path, awkward, profile, database, "SELECT area_m2 / 1e6 FROM area WHERE code = 'V'")
    assert float(str(km2)) == pytest.approx(24_900, rel=0.02)
    with psycopg.connect(database) as connection:
        lon, lat = connection.execute("SELECT ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM area WHERE code = 'V'").fetchone() or (
            0,
            0,
        )
    assert (lon, lat) == pytest.approx((-72.66, 44.07), abs=0.05)


def test_a_file_without_system_says_so(tmp_path: Path, awkward: Path) -> None:
    path = tmp_path / "city.toml"
    path.write_text(areas("NTA.topo.json", "NTACode", "NTAName"))
    outcome = bring(path, awkward)
    assert sentences(outcome) == 'NTA.topo.json does not say its coordinate system. Declare `crs`, for example crs = "EPSG:4326".'


def test_kml_attributes_in_extended_data_are_read(tmp_path: Path, awkward: Path, database: str) -> None:
    profile = around(tmp_path, -75.4, 39.8, -74.9, 40.2)
    profile += '\n[[facilities]]\nkind = "school"\nfile = "philadelphiaschool_facilities201302.kml"\ncolumns = { key = "objectid", name = "facil_name", address = "facil_addr" }\n'  # noqa: E501
    assert (
        imported(tmp_path, awkward, profile, database, "SELECT count(*)::int FROM facility WHERE name IS NOT NULL AND address IS NOT NULL")
        == 567
    )


def test_layers_of_a_geopackage_are_asked_for(tmp_path: Path, awkward: Path, database: str) -> None:
    profile = around(tmp_path, 24.90, 60.15, 24.95, 60.18)
    road = '\n[[base]]\nkind = "road"\nfile = "OSM_Kamppi.gpkg"\nLAYERcolumns = { name = "name" }\n'
    path = tmp_path / "city.toml"
    path.write_text(profile + road.replace("LAYER", ""))
    assert sentences(bring(path, awkward)) == "OSM_Kamppi.gpkg has several layers: streets, route, nodes. Declare `layer`."
    path.write_text(profile + road.replace("LAYER", 'layer = "roads"\n'))
    assert sentences(bring(path, awkward)) == "OSM_Kamppi.gpkg has no layer “roads”; it has: streets, route, nodes"
    whole = profile + road.replace("LAYER", 'layer = "streets"\n')
    assert imported(tmp_path, awkward, whole, database, "SELECT count(*)::int FROM base_feature") == 3207


def test_broken_rings_of_an_osm_extract_do_not_stop_the_rest(tmp_path: Path, awkward: Path, database: str) -> None:
    profile = around(tmp_path, 24.90, 60.15, 24.99, 60.19)
    profile += '\n[[buildings]]\nfile = "Helsinki.osm.pbf"\nlayer = "multipolygons"\nmax_rejected = "3%"\nallow = ["outside"]\ndrop = { building = [""] }\n'  # noqa: E501
    profile += 'columns = { name = "name", key = { first = ["osm_way_id", "osm_id"] } }\n'
    count = imported(tmp_path, awkward, profile, database, "SELECT count(*)::int FROM building")
    assert int(str(count)) > 400


@pytest.mark.parametrize("file", ["example_geometry-m.tsv", "example_geometry-mixed-dimensions.tsv"])
def test_wkt_of_all_kinds(tmp_path: Path, awkward: Path, database: str, file: str) -> None:
    profile = around(tmp_path, -60, -60, 60, 60)
    profile += f'\n[[facilities]]\nkind = "thing"\nfile = "wkt/{file}"\ngeometry = "geometry"\ncolumns = {{ key = "{{file.line}}" }}\n'
    path = tmp_path / "city.toml"
    path.write_text(profile)
    refused = sentences(bring(path, awkward))
    assert f"wkt/{file}, line " in refused and "the geometry is empty." in refused
    path.write_text(profile.replace('kind = "thing"', 'kind = "thing"\nallow = ["empty_geometry"]'))
    outcome = bring(path, awkward)
    assert outcome.outcome == "loaded", sentences(outcome)


def test_nothing_is_forgotten(awkward: Path) -> None:
    """A new awkward file needs a test of its own."""
    tried = Path(__file__).read_text(encoding="utf-8")
    data = [p for p in awkward.rglob("*") if p.is_file() and p.suffix not in (".md", ".dbf", ".shx", ".prj")]
    names = {p.name.removeprefix("example-crs_vermont-").removesuffix(".parquet") if "vermont" in p.name else p.name for p in data}
    assert [name for name in sorted(names) if name not in tried] == []
