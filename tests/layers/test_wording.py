"""Names, counts and days in both languages."""

from datetime import date
from typing import Any

import pytest
from small_report import context, people, report, unit

from data.core.period import Period
from data.core.viewer import Lang
from layers import grid
from layers.fallback import build_figure
from layers.style import days, wording
from layers.view import View

LANGUAGES: tuple[Lang, ...] = ("zh", "en")


@pytest.mark.parametrize(
    ("n", "zh", "en"), [(0, "0 件", "0 cases"), (1, "1 件", "1 case"), (2, "2 件", "2 cases"), (1234, "1,234 件", "1,234 cases")]
)
def test_one_is_counted_apart(n: int, zh: str, en: str) -> None:
    assert wording.format_count(n, "cases", "en") == en
    assert wording.format_count(n, "cases", "zh").startswith(zh.split()[0])


@pytest.mark.parametrize(
    ("thing", "more"),
    [
        ("Community", "communities"),
        ("Grid cell", "grid cells"),
        ("Survey", "surveys"),
        ("City", "cities"),
    ],
)
def test_plurals_of_levels(thing: str, more: str) -> None:
    assert wording.pluralize(thing, "en") == more and wording.pluralize("社区", "zh") == "社区"
    assert wording.format_level_count(1, thing, "en") == f"1 {thing.lower()}" and wording.format_level_count(2, thing, "en") == f"2 {more}"


def test_days_have_years_where_these_differ() -> None:
    here, across = Period(date(2026, 10, 24), date(2026, 11, 22)), Period(date(2025, 12, 31), date(2026, 1, 1))
    assert [days.format_period(here, lang) for lang in LANGUAGES] == ["10-24 至 11-22", "24 Oct to 22 Nov"]
    assert [days.format_period(across, lang) for lang in LANGUAGES] == ["2025-12-31 至 2026-01-01", "31 Dec 2025 to 1 Jan 2026"]


def test_written_days_are_read_and_others_stay() -> None:
    assert [days.format_written_day("2026-11-02", lang) for lang in LANGUAGES] == ["2026-11-02", "2 Nov 2026"]
    assert days.format_written_day("2026-11-02T09:40:00+08:00", "en") == "2 Nov 2026"
    assert days.format_written_day("2020 census", "en") == "2020 census"


@pytest.mark.parametrize(
    ("name", "name_en", "zh", "en"), [("东", "East", "东", "East"), ("东", "", "东", "东"), ("", "East", "c", "East"), ("", "", "c", "c")]
)
def test_a_name_falls_back_to_chinese_and_then_to_the_code(name: str, name_en: str, zh: str, en: str) -> None:
    named: Any = {"code": "c", "name": name, "name_en": name_en}
    assert (wording.local_name(named, "zh"), wording.local_name(named, "en")) == (zh, en)


def test_a_level_is_called_as_the_city_calls_it() -> None:
    city = {**report()["city"], "level_names": {"street": {"zh": "镇", "en": "Town"}}}
    assert wording.level_name(report(city=city), "street", "en") == "Town"
    assert wording.level_name(report(city=city), "community", "en") == "Community"
    assert wording.level_name(report(city=city), "zone", "en") == "Functional zone"


def test_the_legend_of_areas_says_its_ranges_unit_and_dates() -> None:
    legend = grid.legend(context(View(measure="incidents", method="equal"), lang="en"))
    assert [label for _, label in legend.classes] == ["< 9", "9 – 17", "17 – 25", "25 – 33", "33 – 41", "≥ 41"]
    assert legend.note == "cases, 7 streets" and legend.measure_note == "2 Oct to 31 Oct" and legend.count == "7 areas"
    for measure, dated in (("incidents_per_1000", True), ("population", True), ("density", True), ("closing_rate", False), ("open", False)):
        shown = grid.legend(context(View(measure=measure), lang="en"))
        assert ("population as of 1 Oct 2026" in shown.note) is dated, measure
        assert (shown.measure_note == "") is (measure in ("population", "density"))


def test_areas_that_do_not_differ_are_all_alike_and_without_values_there_are_no_colours() -> None:
    same = grid.legend(context(View(measure="population"), units=[unit(1), unit(1, code="x")], lang="en"))
    assert [label for _, label in same.classes] == ["All areas have the same value"] and same.breaks == []
    none = grid.legend(context(View(measure="population"), units=[unit(1, population=people(None))], lang="en"))
    assert none.classes == [] and none.no_data == "No data (1)"


def test_areas_without_a_value_have_the_class_minus_one() -> None:
    shown = context(View(measure="population"), units=[unit(1), unit(2), unit(3, population=people(None))])
    assert sorted(shown.classes.by_label().values()) == [-1, 0, 1] and shown.classes.missing == 1


def test_the_flat_map_is_as_wide_as_it_is_on_the_ground() -> None:
    drawn = build_figure(context(figures=report(label_point=[120.0, 60.0])))
    assert drawn.layout.yaxis.scaleratio == pytest.approx(2), "at 60° a degree of longitude is half as long"


def test_the_note_counts_only_areas_with_a_value() -> None:
    units = [unit(1), unit(2), unit(3, population=people(99))]
    assert "2 streets" in grid.legend(context(View(measure="incidents_per_1000"), units=units, lang="en")).note


@pytest.mark.parametrize(
    ("measure", "last", "told"),
    [
        ("incidents", "2026-10-31", "2 Oct to 31 Oct"),
        ("open", "2026-10-20", "as it stands"),
        ("overdue", "2026-10-31", "as it stands"),
        ("open_at_end", "2026-10-31", "as it stands"),
        ("open_at_end", "2026-10-30", "when 30 Oct ended"),
        ("overdue_at_end", "2026-11-02", "as it stands"),
        ("population", "2026-10-20", ""),
    ],
)
def test_a_stock_says_which_moment_it_is_of(measure: str, last: str, told: str) -> None:
    """Today is 31 October, and not over."""
    assert wording.format_measured_days(measure, report(period={"from": "2026-10-02", "to": last}), "en") == told


def test_zero_is_a_class_of_its_own_where_it_is_frequent() -> None:
    """Of 3,114 cells 114 have one overdue case, and one has seven."""
    cells = [unit(1, "grid", code=str(n), incidents={"total": 1, "open": 1, "overdue": n < 114}) for n in range(3114)]
    cells.append(unit(1, "grid", code="most", incidents={"total": 9, "open": 9, "overdue": 7}))
    shown = context(View(measure="overdue"), units=cells, lang="en")
    legend = grid.legend(shown)
    assert [label for _, label in legend.classes] == ["0", "1 – 7", "≥ 7"] and legend.breaks == ["1", "7"]
    assert (shown.classes.of["3113"], shown.classes.of["0"], shown.classes.of["most"], shown.classes.zero) == (0, 1, 2, 0)
    rare = context(View(measure="overdue"), units=[unit(1, code=str(n), incidents={"overdue": n}) for n in range(7)], lang="en")
    assert rare.classes.zero is None and grid.legend(rare).classes[0][1].startswith("< ")


def test_classes_stay_the_same_while_days_are_played_and_the_legend_says_so() -> None:
    units = [unit(1), unit(2), unit(3)]
    free = context(View(measure="population"), units=units, lang="en")
    kept = context(View(measure="population", breaks=(1.0, 2.0)), units=units, lang="en")
    assert kept.classes.breaks == [1.0, 2.0] != free.classes.breaks and set(kept.classes.of.values()) == {2}
    assert "classes stay the same while playing" in grid.legend(kept).note and "stay the same" not in grid.legend(free).note
    assert grid.legend(kept).edges == [1.0, 2.0] and grid.legend(kept).breaks == ["1", "2"]
