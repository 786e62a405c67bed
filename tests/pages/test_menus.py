"""The layer panel, the bar and the viewer's menu as pure functions."""

from datetime import date
from typing import Any

import pytest
from page_tools import links, of_class, text, walk
from scenes import scene, seen_by, targets
from small_report import report, unit

from data.core.period import Period
from data.core.roles import ROLES
from layers.build import build_legends
from layers.style.legend import Legend
from layers.view import View
from pages import (
    area_sections,
    layer_panel,
    time_panel,
    top_bar,
    viewer_menu,
)

AREA = {"code": "990101", "name": "一街", "name_en": "First", "level": "street"}
CITY_SEEN: Any = {"rights": "all", "detail": "cases", "scope": None, "figures": None, "cases": True}


# ---- Layers ----


def rows(shown: Any) -> list[Legend]:
    return build_legends(shown.context)


def test_a_switch_leads_to_the_view_with_the_layer_toggled() -> None:
    panel = layer_panel.panel(scene(), rows(scene()))
    switches = [View.parse(str(one.href)) for one in of_class(panel, "switch")]
    assert [view.layers for view in switches] == [
        ("incidents", "buildings"),
        ("grid", "buildings"),
        ("grid", "incidents"),
        ("grid", "incidents", "buildings", "population"),
        ("grid", "incidents", "buildings", "facilities"),
        ("grid", "incidents", "buildings", "flood"),
    ]
    checked = [getattr(one, "aria-checked") for one in of_class(panel, "switch")]
    assert checked == ["true"] * 3 + ["false"] * 3


def test_the_menus_of_areas_and_buildings_change_different_things() -> None:
    areas, _, buildings, *_ = of_class(layer_panel.panel(scene(), rows(scene())), "layer")
    assert {view.measure for view in targets(of_class(areas, "choice"))} == set(area_sections.MEASURES)
    assert [view.colour for view in targets(of_class(buildings, "choice"))] == ["grid", "use", "floors", "residents"]
    assert {view.measure for view in targets(of_class(buildings, "choice"))} == {"incidents_per_1000"}


def test_levels_can_be_chosen_where_there_are_two() -> None:
    def levels(level: str) -> list[str | None]:
        shown = scene(level=level, coloured=[unit(1, "grid")])
        return [view.units for view in targets(of_class(layer_panel._levels(shown, "en"), "pill"))]

    assert levels("street") == ["community", "grid"] and levels("community") == []


def test_the_card_on_a_phone_says_the_first_ramp() -> None:
    shown = rows(scene())
    assert "Cases per 1,000 residents" in text(layer_panel.compact(shown))
    floors = rows(scene(View(layers=("buildings",), colour="floors")))
    assert "By floors" in text(layer_panel.compact(floors))
    assert layer_panel.compact(rows(scene(View(layers=("incidents", "flood"))))) == []


def test_ticks_of_a_ramp_stand_between_its_colours() -> None:
    legend = Legend("x", classes=[("a", ""), ("b", ""), ("c", ""), ("d", "")], breaks=["1", "2", "3"])
    ticks = of_class(layer_panel._ramp(legend), "ramp-ticks")[0].children
    assert [(tick.children, tick.style["left"]) for tick in ticks] == [("1", "25.00%"), ("2", "50.00%"), ("3", "75.00%")]


# ---- The bar ----


def test_arrow_keys_go_round_the_siblings() -> None:
    beside = [unit(n) for n in (1, 2, 3)]

    def keys(code: str) -> dict[str, View]:
        crumb = top_bar.breadcrumb(scene(code=code, siblings=beside, ancestors=[{**AREA, "code": "990100", "seen": True}]))
        return {getattr(one, "data-key"): View.parse(str(one.href)) for one in walk(crumb) if getattr(one, "data-key", None)}

    assert {name: view.area for name, view in keys("990101").items()} == {"up": "990100", "previous": "990103", "next": "990102"}
    assert {name: view.area for name, view in keys("990103").items()} == {"up": "990100", "previous": "990102", "next": "990101"}
    assert set(keys("elsewhere")) == {"up"}


def test_areas_that_may_not_be_opened_are_named_without_a_link() -> None:
    above = [{**AREA, "code": "990100", "seen": False}, {**AREA, "code": "990101", "name_en": "Mine", "seen": True}]
    crumb = top_bar.breadcrumb(scene(ancestors=above))
    assert [text(one) for one in of_class(crumb, "closed")] == ["First"]
    assert [View.parse(str(one.href)).area for one in of_class(crumb, "step") if getattr(one, "href", None)] == ["990101"]


def test_below_a_zone_the_zone_is_the_way_up() -> None:
    zone = {**AREA, "code": "ZONE", "level": "zone"}
    seen = {**CITY_SEEN, "figures": zone}
    above = [{**AREA, "code": "990100", "seen": False}]
    assert [(area["code"], opens) for area, opens in top_bar._above(scene(ancestors=above, seen=seen))] == [
        ("990100", False),
        ("ZONE", True),
    ]
    assert top_bar._above(scene(code="ZONE", seen=seen)) == []


def test_menus_list_at_most_four_hundred_areas_and_their_true_number() -> None:
    group = top_bar._group(scene(), "x", [unit(n) for n in range(401)])
    assert len(links(group)) == 400 and "401" in text(group[0])


def test_other_cities_keep_language_theme_and_dimension_only() -> None:
    cities = [{**report()["city"], "bbox": None}, {**report()["city"], "code": "77", "name_en": "Twin", "bbox": None}]
    view = View(area="990101", dim="2d", theme="dark", lang="en", categories=("env",), measure="open")
    places = targets(top_bar._places(scene(view, cities=cities)))
    assert places == [View(area=code, dim="2d", theme="dark", lang="en") for code in ("990100", "77")]
    assert "Cities" not in text(top_bar._places(scene(view, cities=cities[:1])))


@pytest.mark.parametrize(("now", "following"), [("auto", "light"), ("light", "dark"), ("dark", "auto")])
def test_the_theme_goes_round(now: str, following: str) -> None:
    assert targets(top_bar._theme(View(theme=now), "en"))[0].theme == following


def test_a_ready_made_period_is_called_by_its_name() -> None:
    assert top_bar.period_title(scene()) == "Last 30 days"
    assert top_bar.period_title(scene(period=Period.parse("2026-10-25", "2026-10-31"))) == "Last 7 days"
    assert top_bar.period_title(scene(period=Period.parse("2026-10-24", "2026-10-31"))) is None
    assert top_bar.period_title(scene(period=Period.parse("2026-10-01", "2026-10-31"))) == "This month"


def test_nothing_is_called_today_where_the_data_are_old() -> None:
    old = {"city": {**report()["city"], "current": False}}
    assert top_bar.period_title(scene(**old)) == "30 days to 31 Oct"
    assert top_bar.period_title(scene(period=Period.parse("2026-10-31", "2026-10-31"), **old)) == "31 Oct"
    assert top_bar.period_title(scene(period=Period.parse("2026-10-01", "2026-10-31"), **old)) == "1 Oct to 31 Oct"
    menu = text(top_bar.period_menu(scene(**old)))
    assert "7 days to 31 Oct" in menu and not [word for word in ("Today", "Last", "This") if word in menu]
    told = text(top_bar.tools(scene(**old)))
    assert told.startswith("Data up to 31 Oct 2026") and "Data up to" not in text(top_bar.tools(scene()))


# ---- Who looks ----

WALLS = ("/wall", "/wall/scenes", "/wall/screens", "/wall/remote")


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("wall", ["/docs"]),
        ("leader", ["/desk", "/hub", "/wall", "/wall/screens", "/wall/remote", "/account", "/docs", "/signout"]),
        ("auditor", ["/account", "/audit", "/docs", "/signout"]),
        (
            "administrator",
            ["/desk", "/hub", *WALLS, "/account", "/accounts", "/docs", "/signout"],
        ),
    ],
)
def test_the_menu_of_a_viewer_holds_what_the_role_may(role: str, pages: list[str]) -> None:
    menu = viewer_menu.viewer_menu(seen_by(role, ROLES[role].highest), None, [], [])
    assert links(menu) == pages


@pytest.mark.parametrize(("detail", "listed"), [("people", True), ("cases", False)])
def test_a_steward_who_may_see_the_register_gets_to_the_imports(detail: str, listed: bool) -> None:
    menu = viewer_menu.viewer_menu(seen_by("steward", detail), None, [], [])
    assert ("/imports" in links(menu)) is listed


def test_how_far_the_rights_of_a_viewer_reach_is_said() -> None:
    seen: Any = {"rights": "x", "detail": "cases", "scope": AREA, "figures": AREA, "cases": True}
    told = text(viewer_menu._reach(seen_by("leader"), seen))
    assert told.startswith("Area of workFirst") and "Figures seen" not in told and "An administrator" in told
    wide = text(viewer_menu._reach(seen_by("leader"), {**seen, "figures": None}))
    assert "Figures seenAll areas" in wide and "An administrator" not in wide


def test_why_cases_are_only_counted_is_said() -> None:
    def said(**parts: Any) -> str:
        return viewer_menu.why_counted({**CITY_SEEN, **parts}, "en")

    assert said() == "" and "figures only" in said(cases=False, detail="figures")
    assert "inside First only" in said(cases=False, scope=AREA)


def test_ready_made_periods_lie_where_their_names_say() -> None:
    found = dict(top_bar.presets(date(2026, 3, 31)))
    assert found["Last month"] == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert found["This month"] == Period(date(2026, 3, 1), date(2026, 3, 31))
    assert found["Today"] == Period(date(2026, 3, 31), date(2026, 3, 31))
    assert found["This year"] == Period(date(2026, 1, 1), date(2026, 3, 31))
    assert found["Last 90 days"] == Period(date(2026, 1, 1), date(2026, 3, 31))


def test_the_time_panel_says_how_many_days_are_shown() -> None:
    assert "30 days" in text(time_panel.panel(scene())) and "140 cases" in text(time_panel.panel(scene()))
    window = Period.parse("2026-10-05", "2026-10-07")
    assert "3-day window" in text(time_panel.panel(scene(View(window=window))))
