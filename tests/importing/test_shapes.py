"""Geometries of rows: read, converted, checked at the limits, and turned into the wanted type."""

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from datum_tools import wgs84_to_bd09
from import_rows import building_source, incident_source, make_batch, rejected, repaired

from data.importing.common.sentences import FileProblem
from data.importing.rows.geometry import find_geometry, settle_geometry, to_lonlat
from data.importing.rows.intake import _exploded

SQUARE = shapely.box(10, 50, 10.01, 50.01)


def coordinates(batch: Any) -> list[Any]:
    return [None if shape is None else tuple(shapely.get_coordinates(shape)[0].tolist()) for shape in batch.geometry]


@pytest.mark.parametrize(
    ("lon", "lat"), [("lon", "lat"), ("Longitude", "LATITUDE"), ("经度", "纬度"), ("X", "Y"), ("lng", "lat"), (" point_x ", "point_y")]
)
def test_columns_of_coordinates_are_found_by_their_names(lon: str, lat: str) -> None:
    batch = make_batch({lat: ["50.5", None, "50,5", "x"], lon: ["10.25", "10", "10", "10"]})
    find_geometry(batch)
    assert coordinates(batch) == [(10.25, 50.5), None, None, None]
    assert rejected(batch) == {4: "bad_coordinates", 5: "bad_coordinates"}


def test_declared_columns_go_first_and_shapes_before_coordinates() -> None:
    columns = {"lon": ["1"], "lat": ["2"], "e": ["3"], "n": ["4"], "wkt": ["POINT (5 6)"], "own": ["POINT (7 8)"]}
    for source, wanted in (({"lon": "e", "lat": "n"}, (3, 4)), ({"geometry": "own"}, (7, 8)), ({}, (5, 6))):
        batch = make_batch(columns, incident_source(**source))
        find_geometry(batch)
        assert coordinates(batch) == [wanted]


def test_without_any_geometry_the_file_cannot_be_used() -> None:
    with pytest.raises(FileProblem) as problem:
        find_geometry(make_batch({"lon": ["1"]}))
    assert problem.value.told.reason == "no_geometry_column"
    batch = make_batch({"lon": ["1"]})
    find_geometry(batch, needed=False)
    assert batch.geometry is None


def test_texts_of_shapes_in_each_notation() -> None:
    wkb = shapely.Point(10, 50).wkb_hex
    texts = ["POINT (10 50)", "SRID=4326;POINT (10 50)", None, "POINT (10", "POLYGON ((10 50, 10.01 50, 10.01 50.01))"]
    batch = make_batch({"wkt": texts})
    find_geometry(batch)
    assert coordinates(batch)[:3] == [(10, 50), (10, 50), None]
    assert (rejected(batch), batch.sheet.closed) == ({5: "bad_geometry"}, {4})
    for column in ([wkb, None], ['{"type":"Point","coordinates":[10,50]}', None]):
        batch = make_batch({"geom": column})
        find_geometry(batch)
        assert coordinates(batch) == [(10, 50), None]


def test_axes_are_swapped_where_the_profile_says_so() -> None:
    batch = make_batch({"lon": ["50"], "lat": ["10"]}, incident_source(swap=True))
    find_geometry(batch)
    to_lonlat(batch)
    assert coordinates(batch) == [(10, 50)]


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32632", "EPSG:2263", "EPSG:31468"])
def test_projected_coordinates_become_degrees(crs: str) -> None:
    lon, lat = (-73.98, 40.75) if crs == "EPSG:2263" else (10.2, 50.3)
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    batch = make_batch({"x": [str(x)], "y": [str(y)]}, incident_source(crs=crs))
    find_geometry(batch)
    to_lonlat(batch)
    assert coordinates(batch)[0] == pytest.approx((lon, lat), abs=1e-6)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4269", "OGC:CRS84", None])
def test_degrees_stay_as_they_are(crs: str | None) -> None:
    """Also in Hawaii, where PROJ would move NAD83 by half a metre."""
    batch = make_batch({"x": ["10.1234567890123", "-157.8"], "y": ["50.25", "21.3"]}, incident_source(crs=crs))
    find_geometry(batch)
    to_lonlat(batch)
    assert coordinates(batch) == [(10.1234567890123, 50.25), (-157.8, 21.3)]


@pytest.mark.parametrize(("crs", "least", "most"), [("EPSG:4314", 50, 300), ("EPSG:4277", 50, 300), ("EPSG:4258", 0, 2)])
def test_degrees_of_another_datum_are_shifted(crs: str, least: float, most: float) -> None:
    lon, lat = (-1.5, 52.5) if crs == "EPSG:4277" else (10.2, 50.3)
    batch = make_batch({"x": [str(lon)], "y": [str(lat)]}, incident_source(crs=crs))
    find_geometry(batch)
    to_lonlat(batch)
    metres = pyproj.Geod(ellps="WGS84").inv(lon, lat, *coordinates(batch)[0])[2]
    assert least <= metres <= most


def test_a_declared_datum_is_undone() -> None:
    for name, lon, lat in (
        ("gcj02", 116.38404722455657, 39.91334545536069),
        ("bd09", *map(float, wgs84_to_bd09(116.377817, 39.911954))),
    ):
        batch = make_batch({"lon": [str(lon), None], "lat": [str(lat), None]}, incident_source(datum=name))
        find_geometry(batch)
        to_lonlat(batch)
        assert coordinates(batch)[0] == pytest.approx((116.377817, 39.911954), abs=1e-8)
        assert repaired(batch) == {"datum_shifted": 1}


@pytest.mark.parametrize(("far", "refused"), [(2, False), (3, True)])
def test_metres_without_a_system_are_refused_when_more_than_half_are_no_degrees(far: int, refused: bool) -> None:
    batch = make_batch({"x": ["500000"] * far + ["181"] * (4 - far), "y": ["50"] * 4})
    find_geometry(batch)
    if refused:
        with pytest.raises(FileProblem) as problem:
            to_lonlat(batch)
        assert problem.value.told.reason == "unknown_crs_degrees"
    else:
        to_lonlat(batch)


def test_files_of_shapes_have_to_name_their_system() -> None:
    batch = make_batch({"a": ["x"]}, building_source(), shapes=[SQUARE])
    batch.sheet.geometry = batch.geometry
    with pytest.raises(FileProblem) as problem:
        to_lonlat(batch)
    assert problem.value.told.reason == "unknown_crs"
    batch.sheet.crs = "EPSG:4326"
    to_lonlat(batch)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        *((180, 90, None), (-180, -90, None), (180.001, 90.001, None), (0, 50, None), (10, 0, None), (0, 0, "zero_coordinates")),
        *((lon, lat, "impossible_coordinates") for lon, lat in ((180.01, 0), (-180.01, 0), (0, 90.01), (0, -90.01))),
    ],
)
def test_what_can_be_on_earth(lon: float, lat: float, reason: str | None) -> None:
    batch = make_batch({"a": ["x"] * 3}, shapes=[shapely.Point(lon, lat), *[shapely.Point(10, 50)] * 2])
    settle_geometry(batch, "point")
    assert rejected(batch) == ({2: reason} if reason else {})


@pytest.mark.parametrize(("turned", "refused"), [(2, False), (3, True)])
def test_latitudes_beyond_ninety_are_swapped_axes_when_more_than_half_have_them(turned: int, refused: bool) -> None:
    batch = make_batch({"a": ["x"] * 5}, shapes=[shapely.Point(40, 116)] * turned + [shapely.Point(116, 40)] * (4 - turned) + [None])
    if refused:
        with pytest.raises(FileProblem) as problem:
            settle_geometry(batch, "point")
        assert (problem.value.told.reason, problem.value.told.facts["count"], problem.value.told.facts["total"]) == ("swapped_lonlat", 3, 4)
    else:
        settle_geometry(batch, "point")
        assert rejected(batch) == {2: "impossible_coordinates", 3: "impossible_coordinates", 6: "no_coordinates"}


BOW = shapely.Polygon([(10, 50), (10.02, 50.02), (10.02, 50), (10, 50.02)])
FLAT = shapely.Polygon([(10, 50), (10.01, 50), (10.02, 50), (10, 50)])
SPIKE = shapely.GeometryCollection([SQUARE, shapely.Point(10, 50), shapely.LineString([(10, 50), (11, 50)])])
RING = shapely.LineString([(10, 50), (10.01, 50), (10.01, 50.01), (10, 50)])
OPEN = shapely.LineString([(10, 50), (10.01, 50), (10.01, 50.01)])


@pytest.mark.parametrize(
    ("shape", "reason", "repair"),
    [
        *((SQUARE, None, {}), (shapely.MultiPolygon([SQUARE]), None, {}), (BOW, None, {"made_valid": 1}), (RING, None, {"ring_closed": 1})),
        *((SPIKE, None, {"part_dropped": 1}), (FLAT, "hopeless_geometry", {}), (OPEN, "wrong_geometry", {})),
        *((shapely.Point(10, 50), "wrong_geometry", {}), (shapely.Polygon(), "empty_geometry", {}), (None, "empty_geometry", {})),
        (shapely.GeometryCollection([shapely.Point(10, 50)]), "wrong_geometry", {}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_polygons_are_repaired_or_rejected(shape: Any, reason: str | None, repair: dict[str, int]) -> None:
    for wanted, kind in (("polygon", "MultiPolygon"), ("footprint", None)):
        batch = make_batch({"a": ["x", "y"]}, building_source(), shapes=[shape, SQUARE])
        settle_geometry(batch, wanted)  # type: ignore[arg-type]
        assert (rejected(batch), repaired(batch)) == ({2: reason} if reason else {}, repair)
        assert batch.geometry is not None
        if reason is None:
            assert batch.geometry[0].is_valid
            assert batch.geometry[0].area > 0
            assert kind is None or {shape.geom_type for shape in batch.geometry} == {kind}
    assert batch.geometry[1] is SQUARE or batch.geometry[1].geom_type == "Polygon", "a footprint of one part stays one"


def test_of_a_line_or_polygon_an_inner_point_stands_for_a_point() -> None:
    ell = shapely.Polygon([(10, 50), (10.03, 50), (10.03, 50.001), (10.001, 50.001), (10.001, 50.03), (10, 50.03)])
    batch = make_batch({"a": ["x"] * 3}, shapes=[ell, shapely.Point(10, 50), OPEN])
    settle_geometry(batch, "point")
    assert batch.geometry is not None
    assert [shape.geom_type for shape in batch.geometry] == ["Point"] * 3
    assert shapely.intersects(ell, batch.geometry[0])
    assert not shapely.intersects(ell, ell.centroid)
    assert repaired(batch) == {"point_of_shape": 2}


def test_parts_of_a_shape_become_rows_and_keep_what_was_said_of_it() -> None:
    several = shapely.MultiPolygon([SQUARE, shapely.box(11, 50, 11.01, 50.01)])
    batch = make_batch({"a": ["x", "y", "z"]}, building_source(), shapes=[several, SQUARE, None])
    batch.reject(1, "no_value")
    tally = batch.ledger.tallies[("x", "x.csv")]
    made = _exploded(batch, tally)
    assert made.geometry is not None
    assert [shape and shape.geom_type for shape in made.geometry] == ["Polygon", "Polygon", "Polygon", None]
    assert (made.sheet.columns["a"].to_pylist(), made.sheet.lines.tolist()) == (["x", "x", "y", "z"], [2, 2, 3, 4])
    assert made.sheet.columns["file.part"].to_pylist() == [1, 2, 1, 1]
    assert made.alive.tolist() == [True, True, False, True]
    assert (tally.read, repaired(made)) == (4, {"exploded": 1})


def test_heights_of_coordinates_are_left_out() -> None:
    batch = make_batch({"wkt": ["POINT Z (10 50 7)"]})
    find_geometry(batch)
    to_lonlat(batch)
    assert batch.geometry is not None
    assert not shapely.has_z(np.array(batch.geometry)).any()
