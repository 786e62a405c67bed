"""Cards, search results and messages as pure functions, at the values where their text changes."""

from typing import Any

import pytest
from page_tools import links, of_class, text, walk
from scenes import scene, seen_by
from small_report import report, unit

from data.core.errors import Busy, NoData, SignInNeeded, UnknownArea, UnknownObject
from data.core.viewer import everything
from data.figures.scope import FiguresOnly, Nowhere, OutOfScope
from data.people.register import Listing, MaskedPerson
from layers.registry import LAYERS
from layers.view import Camera, View
from pages import (
    cards,
    messages,
    people_register,
    search_results,
)
from pages.map_page import build_page

AREA = {"code": "990101", "name": "一街", "name_en": "First", "level": "street"}
CITY_SEEN: Any = {"rights": "all", "detail": "cases", "scope": None, "figures": None, "cases": True}


# ---- Cards, searches, messages ----

PLACE: Any = {
    "key": "1:x",
    "lon": 120.0,
    "lat": 30.0,
    "area": "990101",
    "areas": [{**AREA, "seen": True}],
    "grid_method": "inside",
    "category": {"code": "c", "name": "类", "name_en": "Kind", "symbol": "dot"},
    "address": "路 1 号",
    "attributes": {},
    "source": {"name": "S", "department": None, "licence": None, "refreshed_at": None},
}
INCIDENT: Any = {
    **PLACE,
    "kind": "incident",
    "number": "N1",
    "title": "题",
    "channel": "hotline",
    "stage": "dispatched",
    "state": "overdue",
    "paused": False,
    "reported_at": "2026-10-30T08:00:00+08:00",
    "due_at": "2026-10-31T12:00:00+00:00",
    "closed_at": None,
    "reported_is_day": False,
    "due_is_day": False,
    "closed_is_day": False,
    "handler": None,
    "handler_en": None,
    "events": [],
    "reporter": None,
}
SAME: Any = {"actor_en": None, "remark_en": None}
"""Of a step that is told in one language only."""
BUILDING: Any = {
    **PLACE,
    "kind": "building",
    "name": None,
    "floors": 3,
    "height_m": 9.0,
    "height_origin": "floors",
    "residents": None,
    "year_built": None,
    "footprint_m2": 120.0,
    "cases": {"rows": [], "open": 0, "total": 0},
}
BESIDE: Any = {
    "key": "1:i",
    "number": "N7",
    "title": "路灯不亮",
    "category": {"code": "c", "name": "类", "name_en": "Kind"},
    "state": "overdue",
    "reported_at": "2026-10-30T08:00:00+08:00",
    "due_at": "2026-10-31T12:00:00+08:00",
    "due_is_day": False,
}


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-10-31T12:00:00+00:00", "Overdue by 1 hour"),
        ("2026-10-31T11:00:01+00:00", "Overdue by 1 hour"),
        ("2026-10-31T10:00:00+00:00", "Overdue by 2 hours"),
        ("2026-10-29T12:00:01+00:00", "Overdue by 47 hours"),
        ("2026-10-29T12:00:00+00:00", "Overdue by 2 days"),
        ("2026-10-28T12:00:01+00:00", "Overdue by 2 days"),
        ("2026-10-28T12:00:00+00:00", "Overdue by 3 days"),
    ],
)
def test_how_long_a_case_is_overdue_is_told_in_hours_below_two_days(due: str, said: str) -> None:
    assert text(of_class(cards.panel(scene(), {**INCIDENT, "due_at": due}), "chip")) == said


def test_the_state_of_a_case_says_its_day_where_that_is_not_the_present_one() -> None:
    old = scene(city={**report()["city"], "current": False})
    late = {**INCIDENT, "due_at": "2026-10-29T12:00:00+00:00"}
    assert text(of_class(cards.panel(old, late), "chip")) == "Overdue by 2 days (as of 31 Oct 2026)"
    assert text(of_class(cards.panel(old, {**INCIDENT, "state": "closed"}), "chip")) == "Closed"


@pytest.mark.parametrize(
    ("state", "said"), [("amber", "Due soon"), ("paused", "Paused"), ("on_time", "On time"), ("closed", "Closed"), ("ended", "Ended")]
)
def test_states_of_cases_have_names(state: str, said: str) -> None:
    assert text(of_class(cards.panel(scene(), {**INCIDENT, "state": state}), "chip")) == said


@pytest.mark.parametrize(
    ("is_day", "due", "reported"), [(True, "31 Oct 2026", "30 Oct 2026"), (False, "31 Oct 2026 23:59", "30 Oct 2026 00:00")]
)
def test_a_day_is_told_as_a_day(is_day: bool, due: str, reported: str) -> None:
    step = {
        "at": "2026-10-30T00:00:00+08:00",
        "is_day": is_day,
        "step": "stage",
        "stage": "reported",
        "actor": None,
        "remark": None,
        **SAME,
    }
    moments = {"due_at": "2026-10-31T23:59:59+08:00", "reported_at": "2026-10-30T00:00:00+08:00", "events": [step]}
    shown = text(cards.panel(scene(), {**INCIDENT, **moments, "due_is_day": is_day, "reported_is_day": is_day}))
    assert (due in shown, shown.count(reported)) == (True, 2)
    assert (" 23:59" in shown, " 00:00" in shown) == (not is_day, not is_day)


def test_the_history_says_what_was_done_not_only_the_stage() -> None:
    steps = [("stage", "reported"), ("accept", "in_progress"), ("remark", "in_progress"), ("verify_fail", "dispatched")]
    events = [{"at": None, "is_day": False, "step": step, "stage": stage, "actor": None, "remark": None, **SAME} for step, stage in steps]
    shown = text(of_class(cards.panel(scene(), {**INCIDENT, "events": events}), "history"))
    assert [name for name in ("Reported", "Accept", "Remark", "Return for rework") if name in shown] == [
        "Reported",
        "Accept",
        "Remark",
        "Return for rework",
    ]
    assert "In progress" not in shown and "Dispatched" not in shown


def test_a_building_lists_its_cases_with_deadline_and_the_way_to_the_desk() -> None:
    ended = {**BESIDE, "key": "1:j", "number": "N8", "title": "", "state": "closed", "due_at": None}
    held = {**BUILDING, "cases": {"rows": [BESIDE, ended], "open": 1, "total": 5}}
    told = cards.panel(scene(viewer=seen_by("supervisor", "cases")), held)
    assert "1 open, 5 in all" in text(told) and "3 more are not listed." in text(told)
    assert [text(one) for one in of_class(told, "chip")] == ["Overdue", "Closed"]
    assert "N7 · due 31 Oct 2026 12:00" in text(told) and "N8 · 30 Oct 2026 08:00" in text(told) and "Kind" in text(told)
    assert [one for one in links(of_class(told, "cases-beside")) if "incident=" in one] == ["?incident=1:i", "?incident=1:j"]
    desk = links(of_class(told, "to-desk"))
    assert desk == ["/desk?area=990100&case=N7", "/desk?area=990100&case=N8&state=closed"]


@pytest.mark.parametrize(("total", "said"), [(1, False), (2, True)])
def test_how_many_cases_of_a_building_are_not_listed_is_said_only_if_there_are_any(total: int, said: bool) -> None:
    told = text(cards.panel(scene(), {**BUILDING, "cases": {"rows": [BESIDE], "open": 1, "total": total}}))
    assert ("1 more are not listed." in told) is said


def test_who_may_see_no_single_case_is_told_so_on_a_building() -> None:
    told = text(cards.panel(scene(viewer=seen_by("leader", "figures")), {**BUILDING, "cases": None}))
    assert "Single cases are not shown to this account." in told


def test_a_building_says_where_its_height_comes_from() -> None:
    told = text(cards.panel(scene(), BUILDING))
    assert "Height9 m from floors × 3 m" in told and "Floors3" in told and "Residents" not in told and "Built–" in told
    assert "Height– unknown" in text(cards.panel(scene(), {**BUILDING, "height_m": None, "height_origin": "none"}))
    assert "Residents–" in text(cards.panel(scene(), {**BUILDING, "residents": 0})), "nobody registered is no number"
    assert "Residents5" in text(cards.panel(scene(), {**BUILDING, "residents": 5}))


def test_texts_are_english_where_the_publisher_gave_them_in_english() -> None:
    named = {**BUILDING, "name": "楼", "attributes": {"name_en": "Tower", "roof": "flat", "empty": ""}}
    assert text(of_class(cards.panel(scene(), named), "card-title")) == "TowerKind"
    assert text(of_class(cards.panel(scene(viewer=everything("zh")), named), "card-title")) == "楼类"
    published = text(cards.panel(scene(), named)).split("As published")[1]
    assert published.startswith("1 fieldsroofflat"), "neither what is on the card already, nor what is empty"


def test_at_most_twelve_fields_of_the_publisher_are_shown() -> None:
    many = {**BUILDING, "attributes": {f"field{n}": n for n in range(13)}}
    told = text(cards.panel(scene(), many))
    assert "13 fields" in told and "field11" in told and "field12" not in told


def test_only_who_may_find_people_is_offered_who_lives_here() -> None:
    assert "Who lives here" in text(cards.panel(scene(), BUILDING))
    assert "Who lives here" not in text(cards.panel(scene(viewer=seen_by("leader", "cases")), BUILDING))


def test_a_card_replaces_the_panel_and_keys_lead_back_first() -> None:
    view = View(building="1:x")
    shown = build_page(scene(view, card=BUILDING))
    assert of_class(shown.panel, "card-title") and not of_class(shown.panel, "key-figures")
    up = next(one for one in walk(shown.crumb) if getattr(one, "data-key", None) == "up")
    assert View.parse(str(up.href)) == View()


def test_a_pick_replaces_the_other_picks() -> None:
    view = View(area="a", building="1:b", incident="1:i", facility="1:f")
    assert cards.pick_object(view, "building", "2:b") == View(area="a", building="2:b")
    assert cards.pick_object(view, "incident", "2:i") == View(area="a", incident="2:i")
    assert cards.pick_object(view, "facility", "2:f") == View(area="a", facility="2:f")
    assert cards.pick_object(view, "empty", "x") == cards.pick_object(view, "building", "") == View(area="a")


FOUND: Any = {
    "kind": "building",
    "code": None,
    "key": "1:b",
    "title": "楼",
    "title_en": "Tower",
    "subtitle": "路",
    "subtitle_en": "",
    "lon": 120.5,
    "lat": 30.5,
    "area": "990101",
}


def test_a_find_leads_right_above_what_was_found() -> None:
    close = search_results.CLOSE_ZOOM
    assert search_results.find_target(FOUND, View(area="x", dim="3d")) == View(
        area="990101", building="1:b", camera=Camera(120.5, 30.5, close, 45.0)
    )
    assert search_results.find_target(FOUND, View(dim="2d")).camera == Camera(120.5, 30.5, close, 0.0)
    assert search_results.find_target({**FOUND, "kind": "area"}, View()) == View(area="990101"), "an area is shown as a whole"
    assert search_results.find_target({**FOUND, "kind": "place", "area": None}, View(area="x")).area == "x"
    assert search_results.find_target({**FOUND, "lat": None}, View()) == View(area="990101")


def test_a_find_is_named_in_the_readers_language() -> None:
    assert text(search_results.result_list("x", [FOUND], View(), "en")) == "Tower路", "what has no English name keeps its own"
    assert text(search_results.result_list("x", [FOUND], View(), "zh")) == "楼路"


@pytest.mark.parametrize(
    ("error", "way"),
    [
        (UnknownArea(code="x"), "?lang=en"),
        (OutOfScope(asked="x", scope="y", who="w"), "?lang=en"),
        (Nowhere(who="x"), "/account"),
        (UnknownObject(kind="building", key="x"), "?area=a&lang=en"),
        (FiguresOnly(who="x"), "?area=a&lang=en"),
        (SignInNeeded(), "/signin"),
        (Busy(), "?area=a&building=1%3Ab&lang=en"),
        (NoData(), None),
    ],
)
def test_every_error_has_the_way_on_that_fits(error: Any, way: str | None) -> None:
    expected = [View.parse(way) if way.startswith("?") else way] if way else []
    found = links(messages.error_message(error, View(area="a", building="1:b", lang="en"), "en"))
    assert [View.parse(one) if one.startswith("?") else one for one in found] == expected


def test_the_register_is_offered_in_a_cell_as_a_whole() -> None:
    assert "Who lives here" in text(people_register.section(scene(children=[])))
    assert "Who lives here" not in text(people_register.section(scene(children=[unit(1)])))
    assert people_register.section(scene(viewer=seen_by("leader", "cases"))) == []


def test_every_layer_has_a_row_on_the_page() -> None:
    assert len(of_class(build_page(scene()).layers, "layer")) == len(LAYERS)


def test_a_place_outside_every_cell_says_so() -> None:
    assert "the nearest one" not in text(cards.panel(scene(), BUILDING))
    assert "the nearest one" in text(cards.panel(scene(), {**BUILDING, "grid_method": "nearest"}))
    chain = of_class(cards.panel(scene(), {**BUILDING, "areas": [{**AREA, "name_en": "A"}, {**AREA, "name_en": "B"}]}), "chain")
    assert text(chain) == "A›B"


def test_a_head_is_found_at_the_area_as_a_whole() -> None:
    assert search_results.find_target({**FOUND, "kind": "head"}, View()) == View(area="990101")


def test_a_list_that_was_cut_says_so() -> None:
    one = MaskedPerson("1", "", "王*", "F", 1980, "registered", None, None, None, "一街", "First")
    whole, cut = (text(people_register.people_list(Listing((one,), more), everything("en"))) for more in (False, True))
    assert "1 people" in whole and "More people" not in whole and "First 1 people" in cut and "More people" in cut
