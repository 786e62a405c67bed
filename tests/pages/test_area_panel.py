"""The panel of an area as a pure function, at the values where its text changes."""

import json
from dataclasses import replace
from datetime import date, time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from page_tools import links, of_class, text, walk
from scenes import scene, seen_by, targets
from small_report import people, report, unit

from data.core.i18n import t
from data.core.period import Period
from data.figures.assemble import make_rate
from data.figures.changes import SameHours
from layers.view import Camera, View
from pages import (
    area_figures,
    area_panel,
    area_sections,
    html,
    saving,
    time_panel,
)

AREA = {"code": "990101", "name": "一街", "name_en": "First", "level": "street"}
CITY_SEEN: Any = {"rights": "all", "detail": "cases", "scope": None, "figures": None, "cases": True}


# ---- The area's panel ----


def test_the_rates_colours_begin_below_the_lowest_and_counts_at_nothing() -> None:
    rates, counts = area_sections.MEASURES["closing_rate"], area_sections.MEASURES["incidents"]
    assert area_sections._base(rates, [80.0, 90.0]) == 77.0 and area_sections._base(rates, [90.0, 91.0]) == 89.0
    assert area_sections._base(rates, [0.5, 1.0]) == 0.0 and area_sections._base(counts, [80.0, 90.0]) == 0.0


def test_a_ranking_puts_equal_values_in_the_order_of_codes_and_the_unknown_last() -> None:
    beside = [unit(3, incidents={"total": 5, "open": 0, "overdue": 0}), unit(2, incidents={"total": 5, "open": 0, "overdue": 0})]
    least = unit(1, incidents={"total": 0, "open": 0, "overdue": 0})
    shown = scene(View(measure="incidents"), siblings=[least, *beside])
    rows = of_class(area_sections.rankings(shown), "rank-row")
    assert [text(of_class(row, "bar-name")) for row in rows] == ["Street 2", "Street 3", "Street 1"]
    few = scene(View(measure="incidents_per_1000"), siblings=[unit(1, population=people(99)), *beside])
    assert len(of_class(area_sections.rankings(few), "rank-row")) == 2 and "1 more without enough data" in text(area_sections.rankings(few))


def test_one_area_alone_is_not_ranked() -> None:
    assert area_sections.rankings(scene(siblings=[unit(1)])) == []
    assert "All Districts" not in text(area_sections.rankings(scene(children=[unit(1)])))
    assert "All streets of Littleton" in text(area_sections.rankings(scene(children=[unit(1)], siblings=[])))


def test_residents_are_told_apart_from_what_is_hidden_and_unknown() -> None:
    known = report()["population"]
    assert area_sections.residents(scene(population={**known, "total": None})) == []
    hidden = area_sections.residents(scene(population={**known, "total": None, "hidden": True}))
    assert text(of_class(hidden, "withheld")) == "not shown" and "fewer than 5 people" in text(hidden)
    full = {**known, "male": 103, "female": 100, "ages": {"0-4": 1}, "rounded": True, "method": "by_area"}
    told = text(area_sections.residents(scene(population=full, area_m2=2e6)))
    assert "Men per 100 women103.0" in told and "Residents per km²14,000" in told
    assert "rounded to 5" in told and "Distributed over the cells by area" in told


def test_one_resident_and_several_have_their_own_sentences() -> None:
    known = report()["population"]
    one = text(area_panel.panel(scene(population={**known, "total": 1})))
    assert "1 resident" in one and "1 residents" not in one
    assert "2 residents" in text(area_panel.panel(scene(population={**known, "total": 2})))


def test_cells_with_few_people_are_counted_on_a_zone_only() -> None:
    few = [unit(1, population=people(None, True)), unit(2)]
    assert "1 cell with few people is not in these sums." in text(area_sections.residents(scene(level="zone", children=few)))
    assert "are not in these sums" not in text(area_sections.residents(scene(children=few)))


def test_floor_area_is_shared_among_residents() -> None:
    held = {"total": 3, "footprint_m2": 5_000.0, "floor_area_m2": 1_400_000.0}
    assert "Floor area per resident50 m²" in text(area_sections.buildings(scene(buildings=held)))
    assert area_sections.buildings(scene()) == [], "there is no building"
    nobody = {**report()["population"], "total": 0}
    assert "per resident" not in text(area_sections.buildings(scene(buildings=held, population=nobody)))


def test_facilities_stand_by_number_and_unnamed_kinds_by_their_code() -> None:
    held = {"total": 9, "by_kind": {"school": 2, "police": 7}}
    rows = of_class(area_sections.facilities(scene(facilities=held)), "bar-row")
    assert [text(row) for row in rows] == ["police 7", "School 2"]
    assert area_sections.facilities(scene(facilities={"total": 0, "by_kind": {}})) == []


def test_another_area_is_opened_without_what_was_picked_in_the_old_one() -> None:
    before = View(area="1", units="grid", building="1:b", incident="1:i", facility="1:f", camera=Camera(1, 2, 3), categories=("a",))
    assert area_sections.move_to_area(before, "2") == View(area="2", categories=("a",))


def test_the_phone_number_of_a_head_is_called_shown_masked_or_left_out() -> None:
    head = {
        "name": "李明",
        "name_en": None,
        "title": "网格员",
        "title_en": "Grid worker",
        "phone": "138 0000",
        "body": None,
        "body_en": None,
    }
    told = area_panel._head(scene(head=head))
    assert (
        [one.href for one in walk(told) if getattr(one, "href", None)] == ["tel:1380000"]
        and "李明" in text(told)
        and "Grid worker" in text(told)
    )
    masked = area_panel._head(scene(head={**head, "phone": "138****"}))
    assert not links(masked) and "138****" in text(masked), "a masked number cannot be called"
    assert "138" not in text(area_panel._head(scene(head=head, viewer=seen_by("wall"))))
    body = area_panel._head(scene(head={**dict.fromkeys(head), "body": "街道办", "body_en": "Office"}))
    assert text(of_class(body, "head-text")) == "Office"
    assert area_panel._head(scene()) == []


def test_the_title_says_residents_or_else_the_surface() -> None:
    assert "28,000 residents" in text(area_panel._title(scene()))
    nobody = {**report()["population"], "total": None}
    assert "1.0 km²" in text(area_panel._title(scene(population=nobody)))
    for origin, said in (("approximate", "made from points"), ("none", "No outline is known"), ("published", "")):
        noted = text(of_class(area_panel._title(scene(origin=origin)), "noted"))
        assert said in noted and bool(noted) is bool(said)


def test_parts_are_counted_by_level() -> None:
    children, streets = [unit(1, "district"), unit(2, "district")], [unit(n) for n in range(3, 6)]
    assert area_panel._parts_below(scene(children=children, coloured=streets)) == ["2 districts", "3 streets"]
    assert area_panel._parts_below(scene(children=[unit(1, "district")], coloured=[])) == ["1 district"]


def test_each_filter_can_be_taken_off_alone() -> None:
    day = Period(date(2026, 10, 5), date(2026, 10, 5))
    view = View(categories=("env", "order"), channels=("hotline",), window=day)
    chips = targets(area_panel._filters(scene(view)))
    assert chips == [
        view.but(window=None),
        view.but(categories=("order",)),
        view.but(categories=("env",)),
        view.but(channels=()),
        View(),
    ]
    open_ = View(states=("overdue", "amber"), severities=(1,), measure="open")
    left = [open_.but(states=("amber",)), open_.but(states=("overdue",)), open_.but(severities=()), View(measure="open")]
    assert targets(of_class(area_panel._filters(scene(open_)), "filters")) == left
    assert "whatever they are" in text(area_panel._filters(scene(open_))), "what the filter does not reach is said"
    assert len(targets(area_panel._filters(scene(View(channels=("hotline",)))))) == 1, "one filter needs no way to take off all"


def test_open_cases_lead_to_the_desk_with_the_filters_of_the_map() -> None:
    view = View(categories=("env", "order"), channels=("hotline",), states=("amber",), severities=(1, 2), lang="en")
    figure = area_figures.key_figures(scene(view, seen_by("supervisor", "cases")))
    targets = [urlsplit(str(one.href)) for one in walk(figure) if "to-desk" in str(getattr(one, "className", ""))]
    asked = [parse_qs(one.query) for one in targets]
    common = {"area": ["990100"], "category": ["env,order"], "source": ["hotline"], "lang": ["en"]}
    assert {one.path for one in targets} == {"/desk"}
    assert [one.pop("state") for one in asked] == [["amber"], ["overdue"], ["amber"]], "open ones as filtered, then each state by itself"
    assert all(one == common for one in asked)
    assert "Open now · Due soon" in text(figure)
    listed = [urlsplit(one).query for one in links(of_class(area_panel._filters(scene(view, seen_by("supervisor", "cases"))), "listed"))]
    assert [parse_qs(one) for one in listed] == [{**common, "state": ["amber"], "severity": ["1,2"]}], "severity where no figure counts it"


def test_a_filter_is_added_and_taken_off_by_the_same_bar() -> None:
    view = View(categories=("env",), channels=("hotline",))
    shown = scene(view, by_category={"order": 3, "env": 2}, by_source={"public": 4})
    assert [(row.name, row.count, row.chosen, row.to and row.to.categories) for row in area_panel._categories(shown)] == [
        ("Street order", 3, False, ("env", "order")),
        ("City appearance", 2, True, ()),
    ]
    assert [(row.name, row.count, row.to and row.to.channels) for row in area_panel._channels(shown)] == [
        ("Public", 4, ("hotline", "public")),
        ("Hotline", 0, ()),
    ]


def test_whole_days_alone_are_compared_and_which_ones_is_said() -> None:
    told = text(area_figures._changes(scene()))
    assert told == "vs. previous 29 days +35.0%" + "vs. last year +35.0%" + "whole days, to 30 Oct", "135 of 140 are compared with 100"
    over = {**report()["whole_days"], "period": report()["period"]}  # type: ignore[dict-item]
    assert "whole days" not in text(area_figures._changes(scene(whole_days=over)))
    day = {**report()["previous"], "period": {"from": "2026-10-30", "to": "2026-10-30"}}
    assert "vs. previous day +35.0%" in text(area_figures._changes(scene(previous=day)))
    assert text(area_figures._changes(scene(whole_days=None))) == "This day is not over, so it is not compared."


def test_today_is_compared_until_the_same_hour_in_words() -> None:
    shown = scene(whole_days=None)
    shown = replace(shown, figures=replace(shown.figures, same_hours=SameHours(time(9, 40), 33, 30, 0)))
    told = area_figures._changes(shown)
    assert [text(one) for one in told] == ["vs. the day before until 09:40 +10.0%", "vs. last year until 09:40 –"]
    assert told[0].title == "33 cases today until 09:40, 30 then"
    assert text(area_figures._changes(scene(whole_days=None))) == "This day is not over, so it is not compared."


@pytest.mark.parametrize(
    ("began", "said"),
    [("2026-10-24T12:00:00+00:00", True), ("2026-10-24T11:59:59+00:00", False), ("2026-10-31T12:00:00+00:00", True), (None, False)],
)
def test_for_a_week_the_page_says_that_deadlines_follow_the_clock(began: str | None, said: bool) -> None:
    told = area_panel.panel(scene(city={**report()["city"], "worked_since": began}))
    assert ("deadlines are judged by the clock" in text(told)) is said


def test_what_was_open_when_a_past_day_ended_is_told_beside_what_is_open_now() -> None:
    """Of the selected days; while the last one is not over there is only what is open now."""

    def told(last: str) -> str:
        figures = replace(scene().figures, report=report(period={"from": "2026-10-02", "to": last}))
        return text(of_class(area_panel.panel(replace(scene(), figures=figures)), "key-figures"))

    now = "Open now28cases" + "overdue12" + "due soon5"
    assert now in told("2026-10-31") and "at the end" not in told("2026-10-31")
    assert now in told("2026-10-30") and "at the end of 30 Oct: 35 open, 9 overdue" in told("2026-10-30")


def test_what_is_not_counted_for_this_reader_is_said() -> None:
    counted = {**report()["incidents"], "withheld": ["order", "care"]}
    said = "Not counted here: Street order · care. These cases concern people"
    assert said in text(area_panel.panel(scene(incidents=counted)))
    assert "Not counted here" not in text(area_panel.panel(scene()))


def test_a_city_without_cases_shows_four_figures_and_no_charts_of_cases() -> None:
    city = {**report()["city"], "has_cases": False}
    shown = scene(
        city=city, buildings={"total": 7, "footprint_m2": 1.0, "floor_area_m2": 1.0}, area_m2=2e6, viewer=seen_by("leader", "figures")
    )
    told = area_panel.panel(shown)
    assert [text(one) for one in of_class(told, "value")] == ["28,000", "14,000", "7", "3"]
    assert "no case data" in text(told) and not of_class(told, "day-bars") and not of_class(told, "limits")
    assert time_panel.panel(shown) == []


def test_the_change_against_before_names_its_days() -> None:
    before: Any = {
        "period": {"from": "2026-09-02", "to": "2026-10-01"},
        "total": 100,
        "closing_rate": make_rate(1, 1),
        "on_time_closing_rate": make_rate(1, 1),
    }
    told = area_figures._change("vs. previous 30 days", 140, before, "en")
    assert text(told) == "vs. previous 30 days +40.0%" and told.title == "2 Sept to 1 Oct: 100 cases"


def test_figures_and_map_can_be_saved_with_the_days_and_filters_shown() -> None:
    told = saving.section(scene(View(categories=("env",), channels=("hotline",))))
    figures, table, *maps = [one for one in walk(told) if isinstance(one, html.Button)]
    kept = {name: getattr(figures, name) for name in ("data-save", "data-code", "data-query")}
    assert kept == {
        "data-save": "figures",
        "data-code": "990100",
        "data-query": "from=2026-10-02&to=2026-10-31&category=env&source=hotline",
    }
    assert [getattr(one, "data-format") for one in (figures, table, *maps)] == ["xlsx", "csv", "png", "pdf", "pdf"]
    assert {getattr(one, "data-save") for one in maps} == {"map"} and [getattr(one, "data-paper") for one in maps[1:]] == ["a4", "a3"]
    source, made = json.loads(getattr(maps[0], "data-words"))["lines"]
    assert "version" in source and "as of" in source and made.startswith("Made by ")


def test_one_case_is_told_as_one() -> None:
    counted = {**report()["incidents"], "total": 1, "open": 1}
    told = text(area_figures.key_figures(scene(incidents=counted)))
    assert "Cases reported1case" in told and "Open now1case" in told
    assert t("zh", "case (unit)") == t("zh", "cases") == "件", "the unit, not the thing"
