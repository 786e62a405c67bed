"""What is drawn: colours, classes, legends and specifications, from figures worked out by hand."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from small_report import UNITS, context, people, report, unit

from data.core.settings import ROOT
from data.figures.assemble import make_rate
from layers import fallback, outlines
from layers.build import build_legends, build_map_spec
from layers.context import MapContext
from layers.registry import DRAWING_ORDER, LAYERS, PANEL_ORDER
from layers.screen import Screen
from layers.spec import icons
from layers.spec.addresses import shapes
from layers.spec.area_tree import levels_below, neighbours_of
from layers.spec.camera import camera
from layers.spec.deck import PROPERTIES, UnknownProperty, ink, layer
from layers.style import breaks, theme
from layers.style.measures import CHANGES, MEASURES, list_measures
from layers.view import Camera, View


def spec_of(view: View, figures: dict[str, Any] | None = None, lang: Any = "zh") -> dict[str, Any]:
    return build_map_spec(context(view, figures, lang=lang))  # type: ignore[return-value]


# ---- Colours ----


def test_dark_changes_only_colours_that_light_has() -> None:
    light, dark = theme.load_tokens("light"), theme.load_tokens("dark")
    assert set(light) == set(dark)
    assert light["ramp-5"] == "#43338C" and dark["ramp-5"] == "#C9C2FB"
    assert light["accent"].upper() == "#0B6BD3"


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("shown", ["light", "dark"])
def test_the_ramp_also_works_in_grey(shown: theme.Theme) -> None:
    values = [luminance(theme.load_tokens(shown)[token]) for token in theme.RAMP]
    assert values == sorted(values, reverse=shown == "light")
    assert min(abs(a - b) for a, b in pairwise(values)) > 0.01


@pytest.mark.parametrize("shown", ["light", "dark"])
@pytest.mark.parametrize("token", ["text", "muted", "accent", "ontime", "amber", "overdue", "paused"])
def test_texts_stand_out_from_their_surface(shown: theme.Theme, token: str) -> None:
    pair = sorted((luminance(theme.load_tokens(shown)[token]), luminance(theme.load_tokens(shown)["raised"])))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_every_token_named_in_python_or_the_bridge_exists() -> None:
    known = set(theme.load_tokens("light"))
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "assets" / "map").glob("*.js"))
    named = set(re.findall(r"gw\.ink\('([a-z0-9-]+)'", scripts))
    python = "".join(path.read_text("utf-8") for path in (ROOT / "layers").rglob("*.py"))
    named |= set(re.findall(r'\bink\("([a-z0-9-]+)"', python))
    assert named and named <= known


# ---- Breaks ----


def test_quantiles_hold_as_many_areas_each() -> None:
    assert breaks.sequential_breaks(list(range(1, 13)), "quantile", 4) == [3.8, 6.5, 9.2]


def test_equal_and_natural_breaks() -> None:
    assert breaks.sequential_breaks([0, 10, 60], "equal", 6) == [20.0, 40.0]
    assert breaks.sequential_breaks([0, 30, 57, 58, 59, 60], "equal") == [10, 20, 30, 40, 50]
    found = breaks.sequential_breaks([1, 1.1, 1.2, 50, 51, 99, 100], "natural", 3)
    assert [breaks.find_class(value, found) for value in (1, 1.2, 51, 100)] == [0, 0, 1, 2]


@pytest.mark.parametrize("method", ["quantile", "natural", "equal"])
def test_values_that_do_not_differ_make_one_class(method: str) -> None:
    assert breaks.sequential_breaks([3, 3, 3], method) == []
    assert breaks.sequential_breaks([], method) == []


@pytest.mark.parametrize("method", ["quantile", "natural", "equal"])
def test_breaks_rise_strictly(method: str) -> None:
    found = breaks.sequential_breaks([0] * 50 + [0.001, 7, 7.0001, 1e6], method)
    assert found == sorted(set(found))


def test_the_middle_class_holds_the_own_value() -> None:
    found = breaks.diverging_breaks([86.0, 89, 91, 92, 94, 96], 91.8)
    assert len(found) == 6
    assert breaks.find_class(91.8, found) == 3
    assert {round(b - a, 6) for a, b in pairwise(found)} == {found[1] - found[0]}


def test_a_value_on_a_break_belongs_above_it() -> None:
    assert [breaks.find_class(value, [10, 20]) for value in (9.9, 10, 20)] == [0, 1, 2]


# ---- Measures ----


def test_small_numbers_give_no_rate() -> None:
    few = unit(1, population=people(99), closing_rate=make_rate(59, 59))
    assert MEASURES["incidents_per_1000"].value(few) is None
    assert MEASURES["closing_rate"].value(few) is None
    assert MEASURES["closing_rate"].value({**few, "level": "grid"}) == 100
    assert MEASURES["incidents_per_1000"].value(unit(4)) == 4.0
    assert MEASURES["density"].value(unit(4)) == 4000


def test_nothing_known_is_not_zero() -> None:
    nobody = unit(1, population=people(None))
    assert MEASURES["population"].value(nobody) is None and MEASURES["density"].value(nobody) is None


# ---- Specification ----


@pytest.mark.parametrize("dim", ["2d", "3d"])
@pytest.mark.parametrize("level", ["city", "grid", "zone"])
def test_a_specification_is_plain_json_with_distinct_ids(dim: Any, level: str) -> None:
    above = [] if level == "city" else [{"code": "990100", "name": "小城市", "name_en": "Littleton", "level": "city", "seen": True}]
    spec = spec_of(View(dim=dim, layers=LAYERS), report(level=level, ancestors=above))
    text = json.dumps(spec)
    ids = [one["id"] for one in spec["layers"]]
    assert len(ids) == len(set(ids))
    assert "@@=" not in text, "an expression would have to be evaluated"
    assert all(one["@@type"] in PROPERTIES for one in spec["layers"])


def test_layers_follow_their_switches() -> None:
    ids = {one["id"] for one in spec_of(View(layers=()))["layers"]}
    assert not ids & {"grid", "buildings", "fg-incidents", "fg-facilities", "flood", "population"}
    assert {"land", "ground", "base", "line-units"} <= ids


def test_opacity_reaches_the_layers() -> None:
    spec = spec_of(View(dim="3d", opacity={"grid": 50, "buildings": 20}))
    by_id = {one["id"]: one for one in spec["layers"]}
    assert by_id["grid"]["alpha"] == 112 and by_id["buildings"]["opacity"] == 0.2


def test_a_misspelt_property_is_told() -> None:
    with pytest.raises(UnknownProperty, match="get_fil_color"):
        layer("SolidPolygonLayer", "x", [], get_fil_color=ink("text"))
    with pytest.raises(UnknownProperty):
        layer("NoSuchLayer", "x")


def test_properties_may_be_called_like_the_arguments_of_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROPERTIES, "Signs", {"kind", "id", "data"})
    assert layer("Signs", "signs", "/a.json", kind="school") == {"@@type": "Signs", "id": "signs", "data": "/a.json", "kind": "school"}


def test_a_layer_is_registered_for_the_panel_and_for_drawing() -> None:
    drawn = [part for part in DRAWING_ORDER if part in PANEL_ORDER]
    assert sorted(one.name for one in drawn) == sorted(LAYERS) and len(set(LAYERS)) == len(LAYERS)


def test_strings_stay_strings() -> None:
    made = layer("AreaLines", "x", "/shapes/1", get_color=ink("text"), skip=["a", "b"])
    assert made["skip"] == ["a", "b"] and made["data"] == "/shapes/1"


def test_addresses_carry_the_version_of_what_they_are_about() -> None:
    fetched = {one["data"] for one in spec_of(View(layers=LAYERS))["layers"] if isinstance(one["data"], str)}
    versions = {re.sub(r"^/(tiles/)?(\w+)/.*", r"\2", address): int(re.findall(r"[?&]v=(\d+)&r=all$", address)[0]) for address in fetched}
    # Cases say the names of their cells, too: the newer of the two counts.
    assert versions == {"ground": 6, "base": 6, "flood": 6, "places": 6, "buildings": 3, "shapes": 1, "incidents": 7, "facilities": 5}


def test_tooltips_name_numerator_and_denominator() -> None:
    spec = spec_of(View(measure="closing_rate"), lang="en")
    name, value, *lines = spec["tips"]["of"]["990103"]
    assert (name, value) == ("Street 3", "93.0%") and "93 closed ÷ 100 due" in lines
    assert spec["tips"]["ref"] == "Littleton 93.0%"


# ---- Legends ----


def test_the_panel_has_a_row_for_every_layer() -> None:
    rows = build_legends(context())
    assert {row.layer for row in rows} == set(LAYERS)
    assert [row.layer for row in rows if row.on] == ["grid", "incidents", "buildings"]


def test_classes_have_one_break_fewer() -> None:
    """Those of change are told in words, without breaks."""
    for measure in MEASURES:
        grid = build_legends(context(View(measure=measure), units=UNITS, lang="en"))[0]
        assert len(grid.breaks) == (0 if measure in CHANGES else len(grid.classes) - 1) and len(grid.classes) > 1
        assert all(colour.startswith("var(--") for colour, _ in grid.classes)


def test_no_data_is_said_and_counted() -> None:
    few = [*UNITS, unit(8, population=people(12))]
    grid = build_legends(context(View(), units=few, lang="en"))[0]
    assert grid.no_data == "Fewer than 100 residents, not calculated (1)"
    assert build_legends(context(lang="en"))[0].no_data is None


def test_a_hidden_number_is_told_from_one_that_nobody_knows() -> None:
    hidden = unit(8, population=people(None, True))
    unknown = unit(9, population=people(None, False))
    shown, units = report(), [*UNITS, hidden, unknown]
    view = View(dim="2d", measure="population")
    named = outlines.draw_names(context(view, shown, units, "en"))[0]
    texts = list(named["texts"].values())
    assert texts[-2:] == ["Street 8\nnot shown", "Street 9\nno data"]


def test_the_diverging_legend_says_what_its_middle_is() -> None:
    grid = build_legends(context(View(measure="closing_rate"), units=UNITS, lang="en"))[0]
    assert "average of Littleton, 93.0%" in grid.note and len(grid.classes) == 7
    assert not grid.methods


def test_no_class_lies_beyond_a_hundred_percent() -> None:
    high = [unit(n, closing_rate=make_rate(980 + 2 * n, 1000)) for n in range(1, 8)]
    figures = report(closing_rate=make_rate(992, 1000))
    grid = build_legends(context(View(measure="closing_rate"), figures, high, "en"))[0]
    assert all(float(value) < 100 for value in grid.breaks) and len(grid.classes) == len(grid.breaks) + 1
    assert context(View(measure="closing_rate"), figures, high).classes.of["990107"] is not None


def test_states_add_up_to_the_open_cases() -> None:
    cases = build_legends(context(lang="en"))[1]
    assert sum(int(one.count) for one in cases.states) == 28 and not any(one.chosen for one in cases.states)
    assert [symbol for symbol, _ in cases.symbols] == ["bin", "shop"]


def test_open_cases_are_filtered_by_deadline_and_severity() -> None:
    """12 overdue and 5 due soon; the counts of all states stay, so that another one can be chosen."""
    view = View(states=("overdue", "amber"), severities=(1, 2), measure="open")
    shown = context(view, lang="en")
    grid, cases = build_legends(shown)[:2]
    assert cases.count == "17 cases" and [(one.code, one.count, one.chosen) for one in cases.states] == [
        ("overdue", "12", True),
        ("amber", "5", True),
        ("on_time", "10", False),
        ("paused", "1", False),
    ]
    assert [n for n, _, chosen in cases.severities if chosen] == [1, 2] and len(cases.severities) == 4
    assert "severity filters pins and circles, not these counts" in cases.note and "only: Overdue, Due soon" in grid.note
    assert "deadline=overdue,amber&severity=1,2" in address_of_cases(shown)


def test_who_may_not_see_single_cases_is_not_offered_severities() -> None:
    figures: Any = {"rights": "r", "detail": "figures", "scope": None, "figures": None, "cases": False}
    shown = context(View(severities=(1,), states=("overdue",)), report(seen=figures), lang="en")
    cases = build_legends(shown)[1]
    assert cases.severities == [] and "severity can be filtered only where single cases may be seen" in cases.note
    assert "severity=" not in address_of_cases(shown) and "deadline=overdue" in address_of_cases(shown)


def address_of_cases(shown: MapContext) -> str:
    return next(str(layer["data"]) for layer in build_map_spec(shown)["layers"] if layer["@@type"] == "IncidentPins")


# ---- Units, camera, icons, the flat map ----


def test_levels_below_are_those_that_the_city_has() -> None:
    assert levels_below(report()) == ["district", "street", "community", "grid"]
    assert levels_below(report(level="community")) == ["grid"] and levels_below(report(level="grid")) == []
    assert levels_below(report(level="zone")) == ["grid"]
    bare = report()
    bare["city"] = {**bare["city"], "level_names": {"city": {}, "district": {}, "grid": {}}}
    assert levels_below(bare) == ["district", "grid"]


def test_neighbours_are_those_two_levels_up() -> None:
    names = [{"code": code, "seen": True} for code in ("990100", "990101", "990101001")]
    assert neighbours_of(report(ancestors=names)) == "990101"
    assert neighbours_of(report(ancestors=[{**name, "seen": False} for name in names])) is None
    assert neighbours_of(report(ancestors=names[:1])) == "990100"
    assert neighbours_of(report()) is None
    assert shapes(report(code="A/1"), "grid") == "/shapes/A%2F1/grid.json?v=1&r=all"


def test_the_camera_moves_only_for_another_area() -> None:
    flat, deep = camera(View(dim="2d"), report()), camera(View(dim="3d", measure="open"), report())
    assert flat["key"] == deep["key"] != camera(View(), report(code="990101"))["key"]
    assert (flat["pitch"], deep["pitch"], deep["bearing"]) == (0, 50, -16)
    assert camera(View(camera=Camera(120, 30, 14)), report())["exact"]["zoom"] == 14


def test_every_icon_is_a_path_on_the_grid() -> None:
    for symbol, path in icons.load_icons().items():
        assert re.fullmatch(r"[MLHVCSQTAZmlhvcsqtaz0-9 ,.\-]+", path), symbol
    assert icons.icon_path("unheard-of") == icons.icon_path("dot")


def test_the_flat_map_has_the_same_classes_and_opens_the_next_level() -> None:
    view = View(measure="closing_rate")
    ring = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]
    drawn: Any = [
        {"code": one["code"], "name": one["name"], "name_en": one["name_en"], "drill": "D", "at": [120, 30], "polygons": [[ring]]}
        for one in UNITS
    ]
    figure = fallback.build_figure(context(view, lang="en"), drawn)
    classes = context(view).classes
    index = classes.of["990103"]
    assert index is not None
    assert figure.data[2].fillcolor == theme.load_tokens("light")[classes.tokens[index]]
    assert list(figure.data[2].customdata) == ["area", "D"]
    dots = fallback.build_figure(context(View(measure="closing_rate", theme="dark"), lang="en"))
    assert len(dots.data) == 1 and len(dots.data[0].x) == len(UNITS)


def test_a_name_on_the_flat_map_fits_into_its_area_or_is_left_out() -> None:
    def area(code: str, west: float, east: float) -> Any:
        ring = [[west, 30.0], [east, 30.0], [east, 30.1], [west, 30.1], [west, 30.0]]
        return {"code": code, "name": "街道", "name_en": "", "drill": code, "at": [(west + east) / 2, 30.05], "polygons": [[ring]]}

    # 0.4 degrees of longitude on 390 pixels: two characters of 12 pixels are 0.0246 degrees wide.
    drawn = [area("990101", 120.0, 120.02), area("990102", 120.02, 120.05), area("990103", 120.05, 120.4)]
    names = fallback.build_figure(context(lang="zh"), drawn, screen=Screen(width=390)).data[-1]
    assert [code for _, code in names.customdata] == ["990102", "990103"]


def test_the_flat_map_shows_open_cases_urgent_ones_on_top() -> None:
    rows: Any = [{"key": key, "lon": 120.0, "lat": 30.0, "state": state} for key, state in (("1:a", "overdue"), ("1:b", "on_time"))]
    whole: Any = {"kind": "points", "rows": rows}
    pins = fallback.build_figure(context(), cases=whole).data[-1]
    tokens = theme.load_tokens("light")
    assert pins.marker.color == (tokens["pin-ontime"], tokens["pin-overdue"])
    assert pins.hoverinfo == "skip", "a click opens the area below"
    many: Any = {"kind": "points", "rows": rows * (fallback.MOST_PINS // 2 + 1)}
    assert set(fallback.build_figure(context(), cases=many).data[-1].marker.color) == {tokens["pin-overdue"]}, "only overdue ones"
    counted: Any = {"kind": "clusters", "rows": [{"n": 8, "overdue": 1, "lon": 120.0, "lat": 30.0}]}
    circles = fallback.build_figure(context(), cases=counted, screen=Screen(dark=True)).data[-1]
    assert circles.text == ("8",) and circles.marker.line.color == (theme.load_tokens("dark")["pin-overdue"],)


def test_the_screen_is_what_the_browser_says() -> None:
    assert Screen.parse({"ok": False}) == Screen()
    assert Screen.parse({"dark": True, "width": 390, "height": 844}) == Screen(True, 390, 844)
    assert Screen.parse({"dark": "yes", "width": -1, "height": "9"}) == Screen()
    assert Screen(width=390, height=800).map_px == (390.0, 288.0)


def test_a_city_without_cases_offers_no_measure_of_cases() -> None:
    figures = report()
    quiet = {**figures, "city": {**figures["city"], "has_cases": False}}
    grid = build_legends(context(View(measure="density"), quiet, UNITS, "en"))[0]
    assert {value for value, _ in grid.choices} == {"density", "population"}


@pytest.mark.parametrize(("cases", "people", "usual"), [(1, 1, "incidents_per_1000"), (0, 1, "density"), (1, 0, "incidents")])
def test_the_usual_measure_is_one_there_is_data_for(cases: int, people: int, usual: str) -> None:
    assert list_measures(bool(cases), bool(people))[0] == usual
    assert set(list_measures(False, False)) == set(MEASURES)


def test_borders_made_from_points_are_said_to_be_approximate() -> None:
    made = [{**one, "origin": "approximate"} for one in UNITS]
    assert "approximate" in build_legends(context(View(), units=made, lang="en"))[0].note
    assert "approximate" not in build_legends(context(lang="en"))[0].note
