"""Specifications at the values where what is drawn changes."""

import math
from typing import Any

import pytest
from small_report import UNITS, context, people, report, unit

from data.places.tiles import LAYERS as TILES
from data.schema import area_label
from layers import base, buildings, facilities, grid, incidents, outlines, population
from layers.build import build_legends, build_map_spec
from layers.context import MapContext
from layers.registry import LAYERS
from layers.spec.addresses import shapes, water_names
from layers.spec.camera import camera
from layers.spec.tooltips import build_area_tips
from layers.style.measures import CHANGES, MEASURES
from layers.view import Camera, View

FLAT, DEEP = View(dim="2d"), View(dim="3d")
ABOVE = [{"code": code, "name": code, "name_en": code, "level": "x", "seen": True} for code in ("990100", "990101")]


def drawn(part: Any, shown: MapContext) -> dict[str, Any]:
    """Layers by id."""
    return {one["id"]: one for one in part(shown)}


# ---- Coloured areas ----


@pytest.mark.parametrize(("area_m2", "pitch"), [(1e4, 12), (720**2, 12), (3600**2, 60), (24_000**2, 400), (1e12, 400), (None, 17)])
def test_the_hatch_is_never_finer_or_wider_than_can_be_seen(area_m2: float | None, pitch: int) -> None:
    assert drawn(grid.draw, context(figures=report(area_m2=area_m2)))["grid-hatch"]["pitchM"] == pitch


def test_large_areas_have_a_hatch_in_pixels_and_small_ones_in_metres() -> None:
    wide, narrow = {"pixels": 1.2}, {"meters": 3.2}
    for level, width in (("district", wide), ("street", wide), ("community", narrow), ("grid", narrow)):
        shown = context(units=[unit(1, level)])
        assert drawn(grid.draw, shown)["grid-hatch"]["width"] == width, level


def test_opacity_goes_into_every_ink_of_the_areas() -> None:
    half = drawn(grid.draw, context(View(dim="2d", opacity={"grid": 50})))
    assert half["grid"]["alpha"] == round(215 * 0.5) and half["grid-hatch"]["getColor"]["alpha"] == round(255 * 0.5)
    assert drawn(grid.draw, context(FLAT))["grid"]["alpha"] == 215 and drawn(grid.draw, context(DEEP))["grid"]["alpha"] == 225


def test_classes_of_buildings_are_those_of_the_areas_only_while_these_are_shown() -> None:
    assert drawn(buildings.draw, context(View(layers=("grid", "buildings"))))["buildings"]["classes"] is True
    assert drawn(buildings.draw, context(View(layers=("buildings",))))["buildings"]["classes"] == {}


def test_a_class_may_end_below_a_hundred_percent_but_not_begin_there() -> None:
    rates = [unit(n, closing_rate={"numerator": 1000 - 10 * n, "denominator": 1000, "value": None}) for n in range(1, 8)]
    own = report(closing_rate={"numerator": 950, "denominator": 1000, "value": 0.95})
    classes = context(View(measure="closing_rate"), own, rates).classes
    assert classes.breaks == [90, 92, 94, 96, 98] and len(classes.tokens) == 6, "the sixth break would be 100"
    assert classes.of == {unit(n)["code"]: index for n, index in zip(range(1, 8), (5, 5, 4, 4, 3, 3, 2), strict=True)}


# ---- Borders and names ----


def test_values_are_written_beside_at_most_four_hundred_names() -> None:
    for n, valued in ((400, True), (401, False)):
        named = drawn(outlines.draw_names, context(FLAT, units=[unit(i) for i in range(n)]))
        assert ("texts" in named["fg-names"]) is valued, n


def test_the_next_level_is_named_in_three_dimensions_and_values_where_there_is_none() -> None:
    city = drawn(outlines.draw_names, context(DEEP))
    assert "texts" not in city["fg-names"] and "/district.json" in city["fg-names"]["data"]
    street = drawn(outlines.draw_names, context(DEEP, report(level="street"), [unit(1, "community")]))
    assert set(street["fg-names"]["texts"].values()) == {"第1街道\n1.0"} and street["fg-names"]["size"] == 17
    assert drawn(outlines.draw_names, context(FLAT))["fg-names"]["size"] == 14


def test_names_stand_alone_while_the_areas_are_switched_off() -> None:
    named = drawn(outlines.draw_names, context(View(dim="2d", layers=())))["fg-names"]
    assert named["texts"][area_label("990101")] == "第1街道" and named["invert"] == []


def test_names_are_white_on_the_two_darkest_classes() -> None:
    shown = context(View(dim="2d", measure="incidents", method="equal"))
    dark = drawn(outlines.draw_names, shown)["fg-names"]["invert"]
    assert dark == [area_label(code) for code, index in shown.classes.of.items() if index in (4, 5)] and dark
    percents = [10, 90, *range(36, 45), *range(36, 45)]
    spread = [unit(n, closing_rate={"numerator": value, "denominator": 100, "value": value / 100}) for n, value in enumerate(percents)]
    own = report(closing_rate={"numerator": 40, "denominator": 100, "value": 0.4})
    rates = context(View(dim="2d", measure="closing_rate"), own, spread)
    ends = drawn(outlines.draw_names, rates)["fg-names"]["invert"]
    assert ends == [area_label("990100"), area_label("990101")], "10 and 90 percent"


def test_the_picked_area_is_outlined_where_it_has_a_polygon_and_is_no_city() -> None:
    assert "line-self" in drawn(outlines.draw_borders, context(figures=report(level="street")))
    assert "line-self" not in drawn(outlines.draw_borders, context(figures=report(level="street", has_polygon=False)))
    assert "line-self" not in drawn(outlines.draw_borders, context())


def test_an_area_without_an_outline_is_shown_by_the_one_around_it() -> None:
    nowhere = context(figures=report(code="990101001", level="street", has_polygon=False, ancestors=ABOVE))
    assert drawn(outlines.draw_borders, nowhere)["line-self"]["data"].startswith("/shapes/990101/x.json")
    assert drawn(outlines.draw_names, nowhere)["fg-above"]["data"].startswith("/shapes/990100/x.json")


def test_the_land_reaches_across_the_180th_meridian() -> None:
    ring = drawn(base.draw_below, context(figures=report(bbox=[179.98, -16.82, -179.98, -16.8])))["land"]["data"][0]["ring"]
    assert [round(lon, 2) for lon, _ in ring] == [179.38, 180.62, 180.62, 179.38]


def test_neighbours_are_drawn_and_named_without_the_picked_area() -> None:
    shown = context(figures=report(code="990101001", level="street", ancestors=ABOVE))
    for part, id in ((outlines.draw_borders, "line-neighbours"), (outlines.draw_names, "fg-beside")):
        beside = drawn(part, shown)[id]
        assert beside["skip"] == ["990101001"] and beside["data"].startswith("/shapes/990100/street.json")


def test_the_next_level_has_a_line_only_where_it_is_not_the_coloured_one() -> None:
    assert "line-children" in drawn(outlines.draw_borders, context())
    assert "line-children" not in drawn(outlines.draw_borders, context(units=[unit(1, "district")]))
    assert "line-children" not in drawn(outlines.draw_borders, context(figures=report(level="grid"), units=[unit(1, "grid")]))


# ---- Population ----


def test_columns_grow_with_the_density_and_circles_with_the_residents() -> None:
    areas = [unit(1, area_m2=1e6, population=people(1000)), unit(2, area_m2=4e6, population=people(2000))]
    rows = population.draw(context(DEEP, report(area_m2=1e8), areas))[0]["data"]
    assert isinstance(rows, list)
    tallest = math.sqrt(1e8) * population.TALLEST_SHARE
    assert [row["height"] for row in rows] == [round(tallest, 1), round(tallest / 2, 1)], "1,000 and 500 residents per km²"
    widest = round(math.sqrt(4e6) * 0.16, 1) * 3
    assert [row["radius"] for row in rows] == [round(widest * math.sqrt(0.5), 1), round(widest, 1)]


def test_nobody_has_no_column_but_an_empty_area_has_one() -> None:
    areas = [unit(1, population=people(None)), unit(2, label_point=None), unit(3, population=people(0)), unit(4)]
    rows = population.draw(context(units=areas))[0]["data"]
    assert isinstance(rows, list) and [row["code"] for row in rows] == ["990103", "990104"]
    assert population.draw(context(units=areas[:2]))[0]["data"] == []


def test_the_legend_of_the_population_says_how_many_are_missing_and_why() -> None:
    hidden, unknown = unit(8, population=people(None, True)), unit(9, population=people(None))
    assert population.legend(context(units=[*UNITS, hidden], lang="en")).no_data == "Too few people to show (1)"
    assert population.legend(context(units=[*UNITS, hidden, unknown], lang="en")).no_data == "No population known (2)"
    assert population.legend(context(lang="en")).no_data is None


# ---- Buildings, facilities, cases ----


@pytest.mark.parametrize(("level", "inside"), [("city", None), ("district", "990100"), ("zone", "990100")])
def test_buildings_outside_the_picked_area_are_known_by_its_label(level: str, inside: str | None) -> None:
    found = drawn(buildings.draw, context(figures=report(level=level)))["buildings"]["inside"]
    assert found == {"label": area_label(inside) if inside else None, "zone": level == "zone"}


def test_at_most_eight_uses_have_a_colour_and_the_last_is_all_others() -> None:
    many = {f"u{n}": {"name": f"用{n}", "name_en": f"Use {n}", "symbol": "dot", "ordinal": n} for n in range(9)}
    many["other"] = {"name": "其他", "name_en": "Others", "symbol": "dot", "ordinal": 9}
    found = buildings.list_uses(report(uses=many), "en")
    assert [(code, place) for code, _, place in found] == [*((f"u{n}", n) for n in range(7)), ("other", 7)]
    assert [title for _, title, _ in found] == [*(f"Use {n}" for n in range(7)), "Other use"]
    usual = buildings.list_uses(report(), "en")
    assert [code for code, _, _ in usual] == list(buildings.USE_TITLES) and usual[-1] == ("other", "Other use", 7)


def test_each_colouring_has_its_breaks() -> None:
    floors, residents = ["4", "7", "11", "19", "34"], ["1", "20", "60", "150", "400"]
    for colour, edges in (("floors", floors), ("residents", residents), ("grid", []), ("use", [])):
        shown = context(View(colour=colour))
        assert buildings.legend(shown).breaks == edges and buildings.legend(shown).chosen == colour
        assert drawn(buildings.draw, shown)["buildings"].get("breaks", []) == [int(edge) for edge in edges]


def test_open_cases_are_asked_for_with_filters_and_whatever_the_period() -> None:
    address = str(incidents.draw(context(View(categories=("env", "a"), channels=("hotline",))))[0]["data"])
    assert address == "/incidents/990100.json?cat=env,a&src=hotline&v=7&r=all"
    assert "cat=" not in str(incidents.draw(context())[0]["data"])


def test_symbols_stand_in_the_order_of_the_city() -> None:
    legend = incidents.legend(context(lang="en"))
    assert legend.symbols == [("bin", "City appearance"), ("shop", "Street order")]
    states = [(one.label, one.count) for one in legend.states]
    assert states == [
        ("Overdue", "12"),
        ("Due soon", "5"),
        ("On time", "10"),
        ("Paused", "1"),
    ]
    assert legend.note == "as it stands" and "red part of the ring" in legend.far_note
    counted = report(seen={"rights": "x", "detail": "figures", "scope": None, "figures": None, "cases": False})
    assert incidents.legend(context(figures=counted, lang="en")).note == "as it stands, single cases are not shown"


def test_a_category_that_is_withheld_here_stands_in_no_legend() -> None:
    figures = report()
    figures["incidents"]["withheld"] = ["env"]
    assert [label for _, label in incidents.legend(context(figures=figures, lang="en")).symbols] == ["Street order"]


def test_the_citys_order_of_categories_wins_over_their_codes() -> None:
    names = {"name": "x", "name_en": "x"}
    found = {"a": {**names, "symbol": "last", "ordinal": 2}, "b": {**names, "symbol": "first", "ordinal": 1}}
    assert [symbol for symbol, _ in incidents.legend(context(figures=report(categories=found))).symbols] == ["first", "last"]


@pytest.mark.parametrize(
    ("by_kind", "said"),
    [
        ({"school": 1, "police": 0}, "1 facility of 1 kind"),
        ({"school": 2, "police": 0}, "2 facilities of 1 kind"),
        ({"school": 1, "police": 1}, "2 facilities of 2 kinds"),
    ],
)
def test_the_legend_counts_facilities_and_the_kinds_that_are_here(by_kind: dict[str, int], said: str) -> None:
    here = report(facilities={"total": sum(by_kind.values()), "by_kind": by_kind})
    legend = facilities.legend(context(figures=here, lang="en"))
    assert legend.count == said and legend.symbols == [("school", "School")]


# ---- The whole ----


def test_a_layer_is_drawn_only_while_it_is_switched_on() -> None:
    for name in LAYERS:
        alone = {one["id"] for one in build_map_spec(context(View(layers=(name,))))["layers"]}
        nothing = {one["id"] for one in build_map_spec(context(View(layers=())))["layers"]}
        assert alone > nothing, name


def test_every_row_of_the_panel_knows_its_switch_and_opacity() -> None:
    view = View(layers=("flood", "population"), opacity={"flood": 40, "grid": 10})
    assert [(row.layer, row.on, row.opacity) for row in build_legends(context(view))] == [
        ("grid", False, 10),
        ("incidents", False, 100),
        ("buildings", False, 100),
        ("population", True, 100),
        ("facilities", False, 100),
        ("flood", True, 40),
    ]


@pytest.mark.parametrize(("layer", "zooms"), [("ground", (7, 15)), ("base", (7, 15)), ("flood", (7, 15)), ("buildings", (10, 15))])
def test_tiles_are_asked_for_between_their_zooms(layer: str, zooms: tuple[int, int]) -> None:
    found = next(one for one in build_map_spec(context(View(layers=LAYERS)))["layers"] if one["id"] == layer)
    assert (found["minZoom"], found["maxZoom"]) == zooms == TILES[layer].zooms


def test_the_land_reaches_beyond_the_picked_area_on_every_side() -> None:
    ring = drawn(base.draw_below, context())["land"]["data"][0]["ring"]
    assert ring == [pytest.approx(corner) for corner in ([119.4, 29.4], [120.7, 29.4], [120.7, 30.7], [119.4, 30.7])]
    point = drawn(base.draw_below, context(figures=report(bbox=None, label_point=[121.0, 31.0])))["land"]["data"][0]["ring"]
    assert point[0] == pytest.approx([120.4, 30.4]) and point[2] == pytest.approx([121.6, 31.6])


def test_trees_stand_only_in_three_dimensions() -> None:
    for view, trees in ((FLAT, False), (DEEP, True)):
        above = drawn(base.draw_above, context(view))
        assert (above["base"]["trees"], above["base"]["quiet"], above["fg-water-names"]["sizeM"]) == (
            trees,
            not trees,
            95 if trees else 320,
        )


def test_an_area_that_is_a_point_is_shown_with_a_kilometre_around_it() -> None:
    assert camera(View(), report(bbox=None, label_point=[120.0, 30.0]))["box"] == pytest.approx([119.99, 29.99, 120.01, 30.01])
    exact = camera(View(camera=Camera(120, 30, 14, 20, -16)), report())["exact"]
    assert exact == {"longitude": 120, "latitude": 30, "zoom": 14, "pitch": 20, "bearing": -16}


def test_addresses_name_the_own_polygon_and_quote_codes() -> None:
    own = report(code="a/b", level="street")
    assert shapes(own, "street") == "/shapes/a%2Fb/self.json?v=1&r=all"
    assert shapes(own, "street", "990100") == "/shapes/990100/street.json?v=1&r=all", "of another area they are its parts"
    assert water_names(own) == "/places/990100.json?v=6&r=all", "names of waters are the city's"


# ---- Tooltips ----


@pytest.mark.parametrize("measure", list(MEASURES))
def test_a_tooltip_says_what_its_value_is_made_of(measure: str) -> None:
    tips = build_area_tips(context(View(measure=measure), lang="en"))
    name, value, *lines = tips["of"][area_label("990104")]
    assert name == "Street 4" and value
    expected = {
        "closing_rate": ["94 closed ÷ 100 due", "95% interval 87.5–97.2%"],
        "on_time_closing_rate": ["84 on time ÷ 100 due", "95% interval 75.6–89.9%"],
        **{key: ["4 open, 2 overdue"] for key in ("open", "overdue")},
        **{key: ["5 open, 1 overdue"] for key in ("open_at_end", "overdue_at_end")},
        **{key: ["80 cases now, 100 before", "95% interval −40.5% to +7.3%", "may be chance"] for key in ("change", "change_year")},
    }
    assert lines == expected.get(measure, ["16 cases, 4,000 residents"])
    assert (tips["unit"] == "") is MEASURES[measure].diverging
    own = {
        "incidents_per_1000": "Littleton 5.0",
        "closing_rate": "Littleton 93.0%",
        "on_time_closing_rate": "Littleton 83.0%",
        "density": "Littleton 28,000",
        **dict.fromkeys(CHANGES, "Littleton −20.0%"),
    }
    assert tips["ref"] == own.get(measure, "")


def test_a_tooltip_without_a_value_says_why() -> None:
    few = unit(1, "grid", closing_rate={"numerator": 0, "denominator": 0, "value": None}, population=people(None, True))
    rates = build_area_tips(context(View(measure="closing_rate"), units=[few], lang="en"))["of"][area_label("990101")]
    assert rates == ["Street 1", None, "Fewer than 30 cases due, not calculated", "0 closed ÷ 0 due"]
    hidden = build_area_tips(context(View(measure="density"), units=[few], lang="en"))["of"][area_label("990101")]
    assert hidden == ["Street 1", None, "Too few people to show", "1 case"]
