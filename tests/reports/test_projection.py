"""From degrees to the picture: true lengths, areas and directions, whatever lies where."""

import math

import numpy as np
import pytest
import shapely
from pyproj import Geod

from reports.maps.furniture import make_scale_bar, place_furniture
from reports.maps.projection import Margins, fit, simplify

GEOD = Geod(ellps="WGS84")
PLACES = [
    pytest.param(118.42, 30.88, 0.1, id="a city"),
    pytest.param(118.42, 30.88, 3e-5, id="a few metres"),
    pytest.param(-77.03, 38.9, 0.1, id="the western half"),
    pytest.param(-70.0, -33.4, 0.2, id="the southern half"),
    pytest.param(180.0, -17.0, 0.5, id="across the 180th meridian"),
    pytest.param(25.0, 78.0, 1.0, id="near the pole"),
]


def square(lon: float, lat: float, half: float) -> shapely.Geometry:
    """A square about a place; across the 180th meridian in two parts, as GeoJSON has it."""
    if lon + half <= 180:
        return shapely.box(lon - half, lat - half, lon + half, lat + half)
    return shapely.MultiPolygon(
        [shapely.box(lon - half, lat - half, 180, lat + half), shapely.box(-180, lat - half, lon + half - 360, lat + half)]
    )


@pytest.mark.parametrize(("lon", "lat", "half"), PLACES)
def test_a_length_in_the_picture_is_the_length_on_the_earth(lon: float, lat: float, half: float) -> None:
    view = fit([square(lon, lat, half)], 1210, (400, 945))
    bar = make_scale_bar(view.metres)
    for dx, dy in ((bar.length / 2, 0.0), (0.0, bar.length / 2)):
        ends = [view.unplace(view.width / 2 + side * dx, view.height / 2 + side * dy) for side in (-1, 1)]
        assert GEOD.inv(*ends[0], *ends[1])[2] == pytest.approx(bar.metres, rel=0.01)


@pytest.mark.parametrize(("lon", "lat", "half"), PLACES)
def test_all_lies_in_the_frame_and_fills_it(lon: float, lat: float, half: float) -> None:
    view = fit([square(lon, lat, half)], 1210, (400, 945), Margins(20, 30, 40))
    (drawn,) = view.project([square(lon, lat, half)])
    west, north, east, south = drawn.bounds
    assert west >= 20 - 0.01 and east <= 1190.01 and north >= 30 - 0.01 and south <= view.height - 40 + 0.01
    assert east - west > 1169 or south - north > 945 - 70 - 1
    assert drawn.geom_type == "Polygon", "two parts that meet on the 180th meridian are one"
    given = square(lon, lat, half)  # the straight edge of a large one is a parallel here, and would be a geodesic there
    metres2 = abs(GEOD.geometry_area_perimeter(shapely.segmentize(given, 0.05) if half > 0.3 else given)[0])
    assert drawn.area * view.metres**2 == pytest.approx(metres2, rel=0.002)


def test_a_whole_country_keeps_its_areas_and_its_middle() -> None:
    cells = [shapely.box(lon, lat, lon + 5, lat + 5) for lon in range(75, 130, 5) for lat in range(20, 50, 5)]
    view = fit(cells, 1210, (400, 945))
    drawn = view.project(cells)
    true = [abs(GEOD.geometry_area_perimeter(shapely.segmentize(cell, 0.05))[0]) for cell in cells]
    assert shapely.area(drawn) * view.metres**2 == pytest.approx(true, rel=0.003)
    assert shapely.area(shapely.union_all(drawn)) == pytest.approx(shapely.area(drawn).sum(), rel=1e-4), "no gap, nothing twice"


def test_north_is_up_in_the_middle_of_both_halves() -> None:
    for lat in (40.0, -40.0):
        assert fit([square(10, lat, 1)], 1210, (400, 945)).north_deg == pytest.approx(0, abs=0.05)


def test_a_single_place_is_shown_too() -> None:
    view = fit([shapely.Point(118, 30)], 1210, (400, 945))
    assert view.place(np.array([[118.0, 30.0]]))[0] == pytest.approx([605, view.height / 2], abs=0.1)


def test_neighbours_keep_their_common_border_when_they_are_simplified() -> None:
    rng = np.random.default_rng(3)
    border = [(x / 40, 0.5 + rng.normal(0, 0.004)) for x in range(41)]
    one, other = shapely.Polygon([(0, 0), *border[::1], (1, 0)]), shapely.Polygon([(0, 1), *border, (1, 1)])
    view = fit([one, other], 300, (200, 300))
    drawn = view.project([one, other])
    plain = simplify(drawn, 4.0)
    assert shapely.get_num_coordinates(plain).sum() < 0.7 * shapely.get_num_coordinates(drawn).sum()
    assert plain[0].intersection(plain[1]).area == pytest.approx(0, abs=1e-6)
    assert shapely.union_all(plain).geom_type == "Polygon" and not shapely.union_all(plain).interiors


@pytest.mark.parametrize(
    ("metres_a_unit", "metres", "label"),
    [
        (1 / 130, 1, "1 m"),
        (7.8, 1000, "1 km"),
        (7.6, 500, "500 m"),
        (18.6, 2000, "2 km"),
        (0.0077, 1, "1 m"),
        (0.004, 0.5, "50 cm"),
        (9000, 1e6, "1,000 km"),
    ],
)
def test_the_scale_bar_is_the_longest_round_one_that_has_room(metres_a_unit: float, metres: float, label: str) -> None:
    bar = make_scale_bar(metres_a_unit)
    assert (bar.metres, bar.label) == (pytest.approx(metres), label)
    assert 130 / 2.5 - 1e-6 <= bar.length <= 130 + 1e-6
    assert math.isclose(bar.length * metres_a_unit, bar.metres)


def test_scale_bar_and_arrow_stand_where_nothing_is_covered() -> None:
    view = fit([square(118, 30, 0.1)], 1210, (400, 945))
    corner = shapely.box(800, view.height - 200, 1210, view.height)
    assert place_furniture(view, shapely.Polygon()).box.bounds[2:] == pytest.approx((1194, view.height - 16))
    placed = place_furniture(view, corner)
    assert placed.covers == 0 and placed.box.bounds[0] == pytest.approx(16)
    assert place_furniture(view, shapely.box(0, 0, 1210, 945)).covers == 1
