"""Chinese datums: published vectors, exact inverses, and detection on made and real points."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from datum_tools import wgs84_to_bd09
from hypothesis import given
from hypothesis import strategies as st

from data.geo import datum

GCJ_VECTORS = [  # lon, lat in WGS 84; lon, lat in GCJ-02: the test values of the public “eviltransform”
    (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
    (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
]
BD_OF_GCJ = (116.404, 39.915, 116.41036949371029, 39.92133699351022)
"""Lon, lat in GCJ-02; lon, lat in BD-09: the example of the public “coordtransform”."""
LON, LAT = st.floats(73.0, 136.0), st.floats(3.0, 54.0)


@pytest.mark.parametrize("vector", GCJ_VECTORS)
def test_published_gcj02(vector: tuple[float, float, float, float]) -> None:
    lon, lat, gcj_lon, gcj_lat = vector
    assert np.allclose(datum.wgs84_to_gcj02(lon, lat), (gcj_lon, gcj_lat), atol=1e-10)
    assert np.allclose(datum.gcj02_to_wgs84(gcj_lon, gcj_lat), (lon, lat), atol=1e-9)


def test_published_bd09() -> None:
    lon, lat, bd_lon, bd_lat = BD_OF_GCJ
    assert np.allclose(datum.gcj02_to_bd09(lon, lat), (bd_lon, bd_lat), atol=1e-12)
    assert np.allclose(datum.bd09_to_gcj02(bd_lon, bd_lat), (lon, lat), atol=1e-9)


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=40))
def test_inverse_is_exact(points: list[tuple[float, float]]) -> None:
    lon, lat = np.array(points).T
    assert np.allclose(datum.gcj02_to_wgs84(*datum.wgs84_to_gcj02(lon, lat)), (lon, lat), atol=1e-9, rtol=0)
    assert np.allclose(datum.bd09_to_wgs84(*wgs84_to_bd09(lon, lat)), (lon, lat), atol=1e-9, rtol=0)


@pytest.mark.parametrize("place", [(-77.04, 38.9), (-73.98, 40.7), (24.94, 60.17), (151.2, -33.87)])
def test_outside_china_nothing_moves(place: tuple[float, float]) -> None:
    for change in (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84, wgs84_to_bd09, datum.bd09_to_wgs84):
        assert tuple(float(v) for v in change(*place)) == place


def test_empty_input() -> None:
    lon, lat = datum.gcj02_to_wgs84([], [])
    assert lon.size == lat.size == 0


def test_geometries_keep_their_shape() -> None:
    beijing = shapely.box(116.3, 39.9, 116.4, 40.0).difference(shapely.box(116.34, 39.94, 116.36, 39.96))
    there = shapely.transform(beijing, lambda p: np.column_stack(wgs84_to_bd09(p[:, 0], p[:, 1])))
    back = datum.geometry_to_wgs84(there, "bd09")
    assert shapely.equals_exact(back, beijing, 1e-9)
    assert datum.geometry_to_wgs84(beijing, "wgs84") is beijing


def _town(columns: int = 6) -> tuple[list[object], np.ndarray, np.ndarray, np.ndarray]:
    """Squares of about 2 km with points spread over them; own square of each."""
    dice = np.random.default_rng(7)
    boxes = [
        shapely.box(116 + i * 0.02, 39.8 + j * 0.02, 116.02 + i * 0.02, 39.82 + j * 0.02) for i in range(columns) for j in range(columns)
    ]
    own = dice.integers(0, len(boxes), 800)
    west_south = np.array([box.bounds[:2] for box in boxes])[own]
    lon, lat = (west_south + dice.uniform(0, 0.02, (800, 2))).T
    return boxes, own, lon, lat


@pytest.mark.parametrize(("name", "shift"), [("gcj02", datum.wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_detects_a_shift(name: str, shift: object) -> None:
    boxes, own, lon, lat = _town()
    found = datum.detect_datum(*shift(lon, lat), boxes, own)  # type: ignore[operator]
    assert (found.datum, found.sure, found.count) == (name, True, 800)
    assert found.shares[name] > 0.999 > 0.8 > found.shares["wgs84"]  # type: ignore[index]


def test_leaves_wgs84_alone() -> None:
    boxes, own, lon, lat = _town()
    assert datum.detect_datum(lon, lat, boxes, own).datum == "wgs84"
    assert datum.detect_datum(lon, lat, boxes).shares["wgs84"] == 1.0
    few = datum.detect_datum(lon[:0], lat[:0], boxes, own[:0])
    assert (few.count, few.datum, few.sure) == (0, "wgs84", False)


def test_too_few_points_prove_nothing() -> None:
    square = [shapely.box(116.0, 39.8, 116.02, 39.82)]
    lon, lat = datum.wgs84_to_gcj02([116.019], [39.81])
    found = datum.detect_datum(lon, lat, square, [0])
    assert found.shares["gcj02"] > found.shares["wgs84"]
    assert (found.datum, found.sure) == ("wgs84", False)


def test_footprints_show_their_datum_by_not_crossing_borders() -> None:
    boxes, _, lon, lat = _town()
    inner = np.minimum(np.mod(lon - 116, 0.02), np.mod(lat - 39.8, 0.02)) < 0.017
    homes = shapely.transform(shapely.box(lon, lat, lon + 0.001, lat + 0.001)[inner], lambda p: np.column_stack(wgs84_to_bd09(*p.T)))
    kept = datum.detect_datum_of_shapes(homes, boxes)
    assert (kept.datum, kept.sure) == ("bd09", True)
    assert datum.detect_datum_of_shapes([shapely.box(116.05, 39.85, 116.051, 39.851)], [shapely.box(116, 39, 117, 40)]).datum == "wgs84"


def _few(own: int, elsewhere: int, lost: int = 0) -> datum.Detection:
    """Small areas of 200 m: ``own`` points lie in theirs when read as GCJ-02, ``lost`` when read as they stand, ``elsewhere`` never."""
    corners = [(116 + 0.05 * i, 39.9) for i in range(own + elsewhere + lost)]
    areas = [shapely.box(x - 0.001, y - 0.001, x + 0.001, y + 0.001) for x, y in corners]
    x, y = np.array(corners).T
    shifted_x, shifted_y = datum.wgs84_to_gcj02(x, y)
    moved = np.arange(len(x)) < own
    lon, lat = np.where(moved, shifted_x, x), np.where(moved, shifted_y, y)
    lat[len(x) - elsewhere :] += 1
    return datum.detect_datum(lon, lat, areas, np.arange(len(x)))


@pytest.mark.parametrize(
    ("own", "elsewhere", "lost", "sure"),
    [
        # Nine of nine could be chance (three standard errors: 9² is 9 × 9), ten of ten are not.
        *((9, 0, 0, False), (10, 0, 0, True)),
        # Points that lie in their own area only as they stand speak against it.
        *((20, 0, 5, False), (21, 0, 5, True)),
        # However sure the difference: half of the points prove nothing, one more does.
        *((30, 30, 0, False), (31, 30, 0, True), (100, 200, 0, False)),
    ],
)
def test_a_shift_needs_evidence_and_a_majority(own: int, elsewhere: int, lost: int, sure: bool) -> None:
    found = _few(own, elsewhere, lost)
    assert (found.datum, found.sure) == ("gcj02" if sure else "wgs84", sure)
    assert found.shares["gcj02"] == own / (own + elsewhere + lost)


@pytest.mark.parametrize(("lost", "elsewhere", "sure"), [(3, 3, False), (4, 3, True), (0, 3, False)])
def test_wgs84_is_sure_where_more_than_half_lie_in_their_own_area(lost: int, elsewhere: int, sure: bool) -> None:
    found = _few(0, elsewhere, lost)
    assert (found.datum, found.sure) == ("wgs84", sure)


def test_a_point_on_the_border_lies_in_its_area_and_any_area_will_do() -> None:
    areas = [shapely.box(10, 50, 10.01, 50.01), shapely.box(10.02, 50, 10.03, 50.01)]
    assert datum.detect_datum([10.01, 10.025], [50.0, 50.005], areas, [0, 0]).shares["wgs84"] == 0.5
    assert datum.detect_datum([10.01, 10.025], [50.0, 50.005], areas).shares["wgs84"] == 1.0


@pytest.mark.parametrize(("lon", "lat"), [(72.004, 30), (137.8347, 30), (100, 0.8293), (100, 55.8271)])
def test_the_rectangle_of_the_shift_ends_where_it_says(lon: float, lat: float) -> None:
    out = 1e-9
    beyond = {72.004: (lon - out, lat), 137.8347: (lon + out, lat)}.get(lon, (lon, lat + (out if lat > 30 else -out)))
    assert [bool(datum.in_china(*place)) for place in ((lon, lat), beyond)] == [True, False]


@pytest.mark.realdata
def test_beijing_as_published_and_converted(realdata: Path) -> None:
    """The acceptance test of coordinate handling: 2,539 points, 78.8 % as published, 94.3 % after GCJ-02 to WGS 84."""
    root = realdata / "beijing"
    streets: dict[str, object] = {}
    for path in sorted((root / "boundaries" / "subdistrict").glob("*.geojson")):
        for feature in json.loads(path.read_text("utf-8"))["features"]:
            streets[str(feature["properties"]["code"])[:9]] = shapely.geometry.shape(feature["geometry"])
    points = []
    for path in sorted((root / "codes_2016").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            points += [row for row in csv.reader(lines) if row[3] in ("town", "village") and row[12] and row[0][:9] in streets]
    place = {code: i for i, code in enumerate(streets)}
    lon, lat = [float(row[12]) for row in points], [float(row[13]) for row in points]
    found = datum.detect_datum(lon, lat, list(streets.values()), [place[row[0][:9]] for row in points])
    assert found.count == 2539
    assert round(100 * found.shares["wgs84"], 1) == 78.8
    assert round(100 * found.shares["gcj02"], 1) == 94.3
    assert (found.datum, found.sure) == ("gcj02", True)


@pytest.mark.realdata
def test_district_outlines_of_beijing_are_gcj02(realdata: Path) -> None:
    root = realdata / "beijing"
    known = {}
    for path in sorted((root / "boundaries" / "district").glob("*.geojson")):
        feature = json.loads(path.read_text("utf-8"))["features"][0]
        known[str(feature["properties"]["code"])[:6]] = shapely.geometry.shape(feature["geometry"])
    shapes = [shapely.geometry.shape(json.loads((root / "boundaries_gcj02" / f"{code}.json").read_text("utf-8"))) for code in known]
    assert [datum.detect_datum_of_outlines([one], [own]).datum for one, own in zip(shapes, known.values(), strict=True)] == ["gcj02"] * 16
    assert datum.detect_datum_of_outlines(list(known.values()), list(known.values())).datum == "wgs84"
