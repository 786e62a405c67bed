"""Cells along two borders: they tile the area, keep to both sides of every border, and slivers go to a neighbour."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.geo.cell_division import plane_at
from data.geo.overlay import divide_along

WARD = shapely.box(10.0, 50.0, 10.02, 50.02)
SIDE_M2 = plane_at(WARD).metres(WARD).area


def measure(cells: list[shapely.Geometry]) -> np.ndarray:
    return shapely.area(np.array([plane_at(WARD).metres(cell) for cell in cells], dtype=object))


def assert_tiled(cells: list[shapely.Geometry], whole: shapely.Geometry) -> None:
    assert shapely.coverage_is_valid(cells)
    assert shapely.union_all(cells).symmetric_difference(whole).area < 1e-14


def test_no_cell_crosses_a_border() -> None:
    tract = shapely.box(10.013, 49.99, 10.05, 50.011)
    done = divide_along(WARD, [tract], SIDE_M2 / 10, 1_000)
    assert_tiled(done.cells, WARD)
    shares = shapely.area(shapely.intersection(done.cells, tract)) / shapely.area(done.cells)
    assert np.all((shares < 1e-9) | (shares > 1 - 1e-9))
    within = sum(cell.area for cell, share in zip(done.cells, shares, strict=True) if share > 0.5)
    assert within == pytest.approx(shapely.intersection(WARD, tract).area)
    assert len(done.cells) in range(9, 13) and done.slivers == 0


@pytest.mark.parametrize(("width_m", "slivers"), [(1.0, 1), (5.0, 0)])
def test_a_sliver_below_the_stated_size_goes_to_its_neighbour(width_m: float, slivers: int) -> None:
    """The ward is 2.2 km high: a strip of 1 m has 2,200 m², one of 5 m 11,100 m²."""
    strip = width_m / (plane_at(WARD).metres(WARD).bounds[2] * 2) * 0.02
    done = divide_along(WARD, [shapely.box(10.0, 49.0, 10.0 + strip, 51.0)], SIDE_M2, 5_000)
    assert_tiled(done.cells, WARD)
    assert (done.slivers, len(done.cells)) == (slivers, 2 - slivers)
    assert done.sliver_m2 == pytest.approx(slivers * 2_225, rel=0.01)


def test_a_border_that_only_touches_changes_nothing() -> None:
    done = divide_along(WARD, [shapely.box(10.02, 50.0, 10.04, 50.02)], SIDE_M2, 1_000)
    assert len(done.cells) == 1 and done.cells[0].equals(WARD)


@given(st.lists(st.tuples(*[st.floats(-0.01, 0.03) for _ in range(4)]), min_size=1, max_size=4))
def test_any_borders_tile(corners: list[tuple[float, float, float, float]]) -> None:
    borders = [shapely.box(10 + min(a, c), 50 + min(b, d), 10 + max(a, c) + 1e-4, 50 + max(b, d) + 1e-4) for a, b, c, d in corners]
    done = divide_along(WARD, borders, SIDE_M2 / 6, 0)
    assert shapely.union_all(done.cells).symmetric_difference(WARD).area < 1e-12
    assert sum(cell.area for cell in done.cells) == pytest.approx(WARD.area, rel=1e-9)
    for border in borders:
        inside = [cell for cell in done.cells if shapely.intersection(cell, border).area > cell.area / 2]
        held = shapely.intersection(border, WARD).area
        assert sum(cell.area for cell in inside) == pytest.approx(held, abs=1e-9)
