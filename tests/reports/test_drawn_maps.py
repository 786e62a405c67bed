"""Maps as SVG: every area is drawn in the colour of its class, texts are texts, and nothing points outside."""

import random
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from layers.style.theme import DIVERGING
from reports.drawing import svg
from reports.drawing.colours import colour
from reports.maps import density, relief
from reports.maps.choropleth import draw_choropleth
from reports.maps.density import FEWEST_TOLD, Spot, draw_density
from reports.maps.prisms import Prism, make_faces, order_prisms
from reports.maps.relief import Building, draw_relief
from reports.maps.sheet import Area, Base, lay_sheet

SVG = "{http://www.w3.org/2000/svg}"
COLOURS = [colour(token) for token in DIVERGING]
STEP = 0.01


def cell(x: int, y: int) -> shapely.Polygon:
    return shapely.box(118 + x * STEP, 30 + y * STEP, 118 + (x + 1) * STEP, 30 + (y + 1) * STEP)


def town(across: int = 4, down: int = 3, place: int | None = 3) -> list[Area]:
    return [
        Area(f"街道{x}{y}", f"{80 + x}.{y}", cell(x, y), place if place is None else (x + y) % 7, f"d{x // 2}", f"区{x // 2}")
        for y in range(down)
        for x in range(across)
    ]


def read(drawing: svg.Drawing) -> ElementTree.Element:
    root = ElementTree.fromstring(drawing.svg)
    assert root.attrib["viewBox"] == f"0 0 {svg.number(drawing.width)} {svg.number(drawing.height)}"
    return root


def texts(drawing: svg.Drawing) -> list[str]:
    return ["".join(one.itertext()) for one in read(drawing).iter(f"{SVG}text")]


def fills(drawing: svg.Drawing) -> dict[str, int]:
    """How many closed rings each colour fills."""
    found: dict[str, int] = {}
    for one in read(drawing).iter(f"{SVG}path"):
        found[one.get("fill", "")] = found.get(one.get("fill", ""), 0) + one.get("d", "").count("Z")
    return found


def test_every_area_is_drawn_in_the_colour_of_its_class_and_named() -> None:
    areas = town()
    drawn = draw_choropleth(areas, COLOURS)
    filled = fills(drawn)
    for place, fill in enumerate(COLOURS):
        assert filled.get(fill, 0) == sum(area.place == place for area in areas)
    assert {area.name for area in areas} | {area.value for area in areas} <= set(texts(drawn))
    assert drawn.unnamed == ()


def test_what_is_not_told_is_hatched_and_has_no_value() -> None:
    areas = [Area("甲", "", cell(0, 0), None), Area("乙", "90.0", cell(1, 0), 3)]
    drawn = draw_choropleth(areas, COLOURS)
    assert fills(drawn)[svg.UNTOLD] == 1 and fills(drawn)[COLOURS[3]] == 1
    assert sorted(texts(drawn))[-2:] == ["乙", "甲"]


def test_borders_between_the_areas_above_are_dark_and_lie_inside() -> None:
    drawn = draw_choropleth(town(), COLOURS)
    dark = [one for one in read(drawn).iter(f"{SVG}path") if one.get("stroke") == colour("map-district-line")]
    assert len(dark) == 1
    xs = {float(corner.split(",")[0]) for corner in dark[0].attrib["d"].strip("M").split()}
    assert max(xs) - min(xs) < 3, "one line from north to south between two districts"
    assert fills(draw_choropleth([Area("甲", "1", cell(0, 0), 1, "d", "区")], COLOURS)).get(colour("map-district-line")) is None


def test_an_area_without_borders_is_a_dot_and_one_without_a_place_is_told() -> None:
    areas = [Area("甲", "1", cell(0, 0), 1), Area("乙", "2", None, 2, at=(118.05, 30.005)), Area("丙", "3", None, 3)]
    drawn = draw_choropleth(areas, COLOURS)
    assert fills(drawn)[COLOURS[2]] == 1 and fills(drawn).get(COLOURS[3], 0) == 0
    assert drawn.unnamed == ("丙",)
    with pytest.raises(ValueError, match="no area has a place"):
        draw_choropleth([Area("丙", "3", None, 3)], COLOURS)


def test_many_cells_carry_the_names_of_what_lies_above_them() -> None:
    drawn = draw_choropleth(town(20, 15), COLOURS, names="above")
    assert sorted(text for text in texts(drawn) if text.startswith("区")) == sorted(f"区{n}" for n in range(10))
    assert not any(text.startswith("街道") for text in texts(drawn))
    assert fills(drawn)[COLOURS[0]] == sum((x + y) % 7 == 0 for x in range(20) for y in range(15))


ELEMENTS = {"svg", "defs", "clipPath", "pattern", "rect", "g", "path", "circle", "text"}
EVIL = '<script>alert(1)</script>"&\x00\x1b]]>'


def test_what_people_typed_is_a_text_and_nothing_points_outside() -> None:
    areas = [Area(EVIL, "<b>1</b>", cell(0, 0), 1, EVIL, EVIL), Area("javascript:alert(1)", "2", cell(1, 0), 2, "b", "b")]
    still = draw_relief(areas, [Building(cell(0, 0).buffer(-0.003), 30, 1)], COLOURS).drawing
    for drawn in (draw_choropleth(areas, COLOURS), draw_density(areas, [Spot(118.005, 30.005, 3)], True).drawing, still):
        root = read(drawn)
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
            "svg",
            "defs",
            "clipPath",
            "pattern",
            "rect",
            "g",
            "path",
            "circle",
            "text",
        }
        assert not any(name.startswith("on") or "href" in name or name == "style" for one in root.iter() for name in one.attrib)
        assert set(re.findall(r"url\(([^)]*)\)", drawn.svg)) <= {f"#{one.get('id')}" for one in root.iter() if one.get("id")}
        assert "alert(1)" in "".join(root.itertext()), "it is shown as it was typed"


def test_water_and_roads_are_drawn_and_names_keep_off_the_water() -> None:
    lake = shapely.box(118.02, 30.0, 118.04, 30.03)
    base = Base((lake,), ((shapely.LineString([(117.9, 30.015), (118.2, 30.015)]), 20.0),), (cell(-1, 0),))
    drawn = draw_choropleth([Area("湖区", "90.0", shapely.box(118, 30, 118.04, 30.03), 3)], COLOURS, base)
    assert fills(drawn)[colour("map-water")] == 1
    name = next(one for one in read(drawn).iter(f"{SVG}text") if one.text == "湖区")
    assert float(name.attrib["x"]) < drawn.width / 2, "the dry half is the western one"


def test_a_picture_is_the_same_every_time_whatever_the_order_of_its_areas() -> None:
    areas = town()
    first = draw_choropleth(areas, COLOURS).svg
    assert draw_choropleth(areas, COLOURS).svg == first
    random.Random(1).shuffle(areas)
    assert sorted(texts(draw_choropleth(areas, COLOURS))) == sorted(texts(draw_choropleth(town(), COLOURS)))


# ---- Density ----


def test_the_surface_sums_to_the_number_of_cases() -> None:
    rng = np.random.default_rng(2)
    at, counts = rng.uniform((118.02, 30.02), (118.08, 30.08), (80, 2)), rng.integers(1, 9, 80).astype(float)
    sheet = lay_sheet([Area("甲", "", shapely.box(118, 30, 118.1, 30.1), None)], Base())
    hexagons, values, _ = density._measure(sheet, sheet.view.place(at), counts, 500.0)
    km2 = shapely.area(hexagons) * (sheet.view.metres / 1000) ** 2
    assert (values * km2).sum() == pytest.approx(counts.sum(), rel=0.01)


def test_single_cases_are_dots_only_for_those_who_may_see_them() -> None:
    areas, spots = town(), [Spot(118.005 + n * 1e-4, 30.005, 1) for n in range(3)]
    assert draw_density(areas, spots, True).drawing.svg.count("<circle") == 3
    hidden = draw_density(areas, spots, False)
    assert hidden.drawing.svg.count("<circle") == 0 and hidden.peak == 0
    assert set(fills(hidden.drawing)) & set(hidden.colours) == set(), "three cases are too few to be shown as a place"
    told = draw_density(areas, [*spots, Spot(118.005, 30.005, FEWEST_TOLD - 3)], False)
    assert told.peak > 0 and set(fills(told.drawing)) & set(told.colours)


def test_no_case_is_a_map_without_colour() -> None:
    empty = draw_density(town(), [], True)
    assert (empty.breaks, empty.peak) == ((), 0.0) and "街道00" in texts(empty.drawing)


# ---- Relief ----


def prism(west: float, near: float, wide: float, deep: float, height: float) -> Prism:
    """A box whose nearest edge is at ``near``."""
    return Prism(shapely.orient_polygons(shapely.box(west, near - deep, west + wide, near), exterior_cw=False), height, 0)


def test_what_stands_nearer_is_painted_later() -> None:
    back, wall, front = prism(0, 10, 10, 5, 20), prism(-50, 20, 100, 2, 5), prism(0, 40, 10, 5, 20)
    for order in ((back, wall, front), (front, back, wall), (wall, front, back)):
        assert [order[n] for n in order_prisms(order, 0.64)] == [back, wall, front]


def test_a_long_building_is_ordered_by_the_common_line_of_sight_and_not_by_its_middle() -> None:
    slanted = Prism(shapely.orient_polygons(shapely.Polygon([(0, 0), (100, 90), (100, 100), (0, 10)]), exterior_cw=False), 5, 0)
    small = prism(2, 30, 6, 6, 30)  # in front of the slanted one's far end, although its middle lies farther away
    assert order_prisms([slanted, small], 0.64) == [0, 1] and order_prisms([small, slanted], 0.64) == [1, 0]


def test_a_box_shows_its_roof_and_the_wall_that_faces_the_reader() -> None:
    faces = make_faces(prism(0, 10, 4, 10, 7), 0.5)
    assert [face.turn for face in faces] == [pytest.approx(0), None]
    assert sorted(map(tuple, faces[0].corners.tolist())) == [(0, -2), (0, 5), (4, -2), (4, 5)]
    assert sorted(map(tuple, faces[1].corners.tolist())) == [(0, -7), (0, -2), (4, -7), (4, -2)]


def test_the_largest_buildings_are_drawn_and_hidden_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    areas = [Area("甲", "1", cell(0, 0), 0)]
    rows = [Building(shapely.box(118.002 + n * 8e-4, 30.004, 118.0025 + n * 8e-4, 30.0045), 10.0 + n, 0) for n in range(8)]
    drawn = draw_relief(areas, rows, COLOURS)
    assert (drawn.shown, drawn.left_out) == (8, 0)
    behind = Building(shapely.box(118.00205, 30.0047, 118.0021, 30.00472), 3.0, 0)
    tower = Building(rows[0].shape, 80.0, 0)
    assert draw_relief(areas, [tower, behind], COLOURS).drawing.svg == draw_relief(areas, [tower], COLOURS).drawing.svg
    monkeypatch.setattr(relief, "MOST_FACES", 9)
    few = draw_relief(areas, rows, COLOURS)
    assert 0 < few.shown < 8 and few.shown + few.left_out == 8


def test_no_building_is_a_ground_with_its_classes() -> None:
    drawn = draw_relief(town(), [], COLOURS)
    assert (drawn.shown, drawn.left_out) == (0, 0) and fills(drawn.drawing)[COLOURS[0]] == 1
