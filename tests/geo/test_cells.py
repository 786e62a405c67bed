"""Cells tile their community: made shapes of every kind, and the real single-member districts of Washington."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.geo import cell_division
from data.geo.tiling import merge_small

KM = 1000.0


def _there(flat: Any) -> Any:
    """A shape in metres, laid on the ground near Beijing."""
    return cell_division.Plane(116.4, 39.9).lonlat(flat)


def _m2(shape: Any) -> float:
    return float(cell_division.Plane(116.4, 39.9).metres(shape).area)


def _check_tiling(whole: Any, parts: list[Any]) -> None:
    """No gap, no overlap, the same vertices on both sides of every border."""
    assert all(part.is_valid and part.geom_type in ("Polygon", "MultiPolygon") and not part.is_empty for part in parts)
    assert shapely.coverage_is_valid(np.array(parts, dtype=object))
    assert sum(part.area for part in parts) == pytest.approx(whole.area, rel=1e-6)
    assert shapely.union_all(parts).symmetric_difference(whole).area <= 1e-6 * whole.area


@st.composite
def stars(draw: st.DrawFn, east: float = 0.0) -> Any:
    """A ragged polygon around a centre, of 0.3 to 1 km, now and then with a hole."""
    count = draw(st.integers(3, 24))
    radius = np.array(draw(st.lists(st.floats(0.3, 1.0), min_size=count, max_size=count))) * KM
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    shape = shapely.Polygon(np.column_stack([east + radius * np.cos(turn), radius * np.sin(turn)]))
    if draw(st.booleans()):
        shape = shape.difference(shapely.Point(east + 40.0, -25.0).buffer(draw(st.floats(20, 120))))
    return shape


@st.composite
def communities(draw: st.DrawFn) -> Any:
    """One or several ragged parts."""
    parts = [draw(stars(east=2500.0 * i)) for i in range(draw(st.integers(1, 3)))]
    return _there(shapely.union_all(parts))


@settings(max_examples=60)
@given(communities(), st.floats(20_000, 3_000_000))
def test_cells_tile_any_community(community: Any, size_m2: float) -> None:
    made = cell_division.divide_area(community, size_m2)
    _check_tiling(community, made)
    if len(made) > 1:
        areas = np.array([_m2(cell) for cell in made])
        # The size is first rounded so that it goes into the community a whole number of times: up to 4/3 and down to 2/3 of the asked.
        assert areas.min() > 0.66 * cell_division.LEAST * size_m2
        assert areas.max() < 2.2 * size_m2


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=9))
def test_cells_tile_rectilinear_shapes(boxes: list[tuple[int, int, int, int]]) -> None:
    whole = shapely.union_all([shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes])
    community = _there(shapely.transform(whole, lambda p: p * 200.0))
    _check_tiling(community, cell_division.divide_area(community, 90_000.0))


def test_square_gives_equal_squares() -> None:
    made = cell_division.divide_area(_there(shapely.box(0, 0, 1200, 1200)), 90_000.0)
    areas = [_m2(cell) for cell in made]
    assert len(made) == 16
    assert max(areas) / min(areas) < 1.01
    flat = [cell_division.Plane(116.4, 39.9).metres(cell) for cell in made]
    assert all(4 * np.pi * cell.area / cell.length**2 > 0.75 for cell in flat)


def test_small_community_is_one_cell() -> None:
    small = _there(shapely.box(0, 0, 200, 200))
    assert cell_division.divide_area(small, 90_000.0) == [small]


def test_island_joins_the_nearest_cell() -> None:
    community = _there(shapely.union_all([shapely.box(0, 0, 1000, 300), shapely.box(1100, 0, 1130, 30)]))
    made = cell_division.divide_area(community, 100_000.0)
    _check_tiling(community, made)
    assert [shape.geom_type for shape in made] == ["Polygon", "Polygon", "MultiPolygon"]


@pytest.mark.parametrize("bad", [shapely.Polygon(), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
def test_unusable_shapes_are_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="valid"):
        cell_division.divide_area(bad, 1000.0)
    with pytest.raises(ValueError, match="above 0"):
        cell_division.divide_area(_there(shapely.box(0, 0, 1, 1)), 0.0)


def test_numbers_run_west_to_east_north_to_south() -> None:
    rows = [shapely.box(x, -y, x + 1, 1 - y) for y in range(3) for x in range(4)]
    order = [7, 0, 11, 3, 5, 1, 9, 2, 10, 4, 8, 6]
    assert cell_division.number_cells([rows[i] for i in order]) == [i + 1 for i in order]
    assert cell_division.number_cells([]) == []


@settings(max_examples=40)
@given(communities(), st.lists(st.tuples(st.floats(-400, 400), st.floats(-400, 400)), min_size=1, max_size=25))
def test_voronoi_tiles_the_street(street: Any, spots: list[tuple[float, float]]) -> None:
    points = [tuple(p) for p in shapely.get_coordinates(_there(shapely.points(np.array(spots))))]
    made = cell_division.divide_by_points(points, street)
    assert len(made.cells) == len(points)
    got = [cell for cell in made.cells if cell is not None]
    assert bool(got) == (len(made.left_out) < len(points))
    if got:
        _check_tiling(street, got)


def test_single_point_gets_the_whole_street() -> None:
    street = _there(shapely.box(0, 0, 800, 800))
    assert cell_division.divide_by_points([(116.401, 39.901)], street).cells == [street]


def test_points_outside_and_at_one_place() -> None:
    street = _there(shapely.box(0, 0, 1000, 1000))
    flat = [(200, 200), (200, 200), (1100, 500), (5000, 500)]
    points = [tuple(p) for p in shapely.get_coordinates(_there(shapely.points(np.array(flat, dtype=float))))]
    made = cell_division.divide_by_points(points, street)
    assert (made.moved, made.left_out, made.spread) == ([2], [3], [1])
    assert made.cells[3] is None
    _check_tiling(street, [cell for cell in made.cells if cell is not None])


def test_each_voronoi_cell_holds_its_point() -> None:
    street = _there(shapely.box(0, 0, 1000, 1000).difference(shapely.box(480, 0, 520, 900)))
    flat = np.array([(100.0, 100.0), (900.0, 100.0), (300.0, 950.0)])
    points = [tuple(p) for p in shapely.get_coordinates(_there(shapely.points(flat)))]
    made = cell_division.divide_by_points(points, street)
    assert [cell is not None and cell.covers(shapely.Point(p)) for cell, p in zip(made.cells, points, strict=True)] == [True] * 3
    assert [cell.geom_type for cell in made.cells if cell is not None] == ["Polygon"] * 3


@pytest.mark.realdata
def test_washington_single_member_districts(realdata: Path) -> None:
    text = (realdata / "washington_dc" / "boundaries" / "single-member-district-2013.geojson").read_text("utf-8")
    districts = [shapely.geometry.shape(feature["geometry"]) for feature in json.loads(text)["features"]]
    made = [cell_division.divide_area(district, 60_000.0) for district in districts]
    assert len(districts) == 296
    assert sum(len(some) for some in made) == 2955
    for district, some in zip(districts, made, strict=True):
        _check_tiling(district, some)
        if len(some) > 1:
            shares = [cell_division._plane_along(district).metres(cell).area / 60_000.0 for cell in some]
            assert cell_division.LEAST < min(shares) <= max(shares) < cell_division.MOST


@pytest.mark.parametrize(("target_m2", "count"), [(60_000.0, 2), (66_600.0, 2), (66_800.0, 1), (40_100.0, 2), (39_900.0, 3)])
def test_the_size_goes_into_a_community_a_whole_number_of_times(target_m2: float, count: int) -> None:
    """100,000 m² make one cell up to a size of two thirds of them, and three below two fifths."""
    assert len(cell_division.divide_area(_there(shapely.box(0, 0, 400, 250)), target_m2)) == count


def test_a_row_begins_where_cells_lie_more_than_six_tenths_of_their_height_lower() -> None:
    def stepped(drop: float) -> list[int]:
        return cell_division.number_cells([shapely.box(1, 0, 2, 1), shapely.box(0, -drop, 1, 1 - drop)])

    assert stepped(0.59) == [2, 1], "one row, from west to east"
    assert stepped(0.61) == [1, 2], "two rows, from north to south"


@pytest.mark.parametrize(("metres", "moved", "left_out"), [(499.0, [1], []), (501.0, [], [1]), (-1.0, [], [])])
def test_a_point_is_moved_inside_from_five_hundred_metres(metres: float, moved: list[int], left_out: list[int]) -> None:
    street = _there(shapely.box(0, 0, 1000, 1000))
    points = [tuple(p) for p in shapely.get_coordinates(_there(shapely.points(np.array([(100.0, 500.0), (1000.0 + metres, 500.0)]))))]
    made = cell_division.divide_by_points(points, street)
    assert (made.moved, made.left_out) == (moved, left_out)


def test_a_plane_measures_metres() -> None:
    geod = pyproj.Geod(ellps="WGS84")
    for lon, lat in ((116.4, 39.9), (-74.0, 40.7), (151.2, -33.9), (24.9, 60.2), (103.8, 1.3)):
        corner, east, north = (lon, lat), (lon + 0.01, lat), (lon, lat + 0.01)
        flat = shapely.get_coordinates(cell_division.Plane(lon, lat).metres(shapely.points([corner, east, north])))
        assert np.hypot(*(flat[1] - flat[0])) == pytest.approx(geod.inv(*corner, *east)[2], rel=1e-5)
        assert np.hypot(*(flat[2] - flat[0])) == pytest.approx(geod.inv(*corner, *north)[2], rel=1e-4)


def test_small_cells_go_to_the_neighbour_with_the_longest_border_that_does_not_grow_too_large() -> None:
    small = shapely.box(0, 0, 1, 1)
    tall, wide, far = shapely.box(1, 0, 5, 1), shapely.box(0, 1, 0.5, 5), shapely.box(9, 9, 12, 12)

    def merged(least: float, most: float) -> list[float]:
        return sorted(round(cell.area, 6) for cell in merge_small([small, tall, wide, far], least, most))

    assert merged(1.0, 100.0) == [1, 2, 4, 9], "what is as large as the least stays"
    assert merged(1.1, 100.0) == [2, 5, 9], "the border with the tall one is twice as long"
    assert merged(1.1, 4.9) == [3, 4, 9], "but with it the cell would be too large"
    assert merged(1.1, 2.0) == [2, 5, 9], "where every neighbour would be, the longest border counts"
