"""The change of the number of cases as a colour of the map, and in words."""

from datetime import date

import pytest
from small_report import UNITS, report, unit

from data.core.period import Period
from data.core.rate_changes import compare_counts
from data.figures.changes import Changes
from layers import grid
from layers.context import MapContext
from layers.spec.tooltips import build_area_tips
from layers.style.change import CHANCE, CLASS_TITLES, TOKENS, find_change_class, format_change, format_percent, percent_of
from layers.style.classes import classify
from layers.view import View

NOW, BEFORE = Period(date(2026, 10, 2), date(2026, 10, 30)), Period(date(2026, 9, 3), date(2026, 10, 1))


def changes(**counts: tuple[int, int]) -> Changes:
    """Counts by the number of the unit, and ``own`` of the city."""
    return Changes(NOW, BEFORE, {"990100" if name == "own" else f"99010{name[1:]}": pair for name, pair in counts.items()})


@pytest.mark.parametrize(
    ("now", "before", "title"),
    [
        (100, 200, "Halved or less"),
        (101, 200, "Down by a third to a half"),
        (200, 300, "Down by a third to a half"),
        (201, 300, "Down by less than a third"),
        (950, 1000, "Within chance"),
        (1000, 1000, "Within chance"),
        (299, 200, "Up by less than a half"),
        (300, 200, "Up by a half to double"),
        (399, 200, "Up by a half to double"),
        (400, 200, "Doubled or more"),
        (12, 0, "Doubled or more"),
        (0, 12, "Halved or less"),
        (12, 6, "Within chance"),
    ],
)
def test_classes_begin_at_a_half_two_thirds_three_halves_and_double(now: int, before: int, title: str) -> None:
    found = find_change_class(compare_counts(now, before, 29, 29))
    assert found is not None and CLASS_TITLES[found] == title


@pytest.mark.parametrize(("now", "before"), [(9, 0), (4, 5), (0, 0)])
def test_too_few_cases_have_no_class_and_no_value(now: int, before: int) -> None:
    change = compare_counts(now, before, 29, 29)
    assert (find_change_class(change), percent_of(change)) == (None, None)


def test_more_cases_have_the_warm_end_and_chance_the_middle() -> None:
    assert (TOKENS[0], TOKENS[CHANCE], TOKENS[-1]) == ("div-6", "div-3", "div-0") and len(TOKENS) == len(CLASS_TITLES)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.234, "+23.4%"),
        (0.5, "−50.0%"),
        (1.0, "0%"),
        (1.0004, "0%"),
        (1.0006, "+0.1%"),
        (0.0, "−100.0%"),
        (10.99, "+999.0%"),
        (11.0, "×11"),
    ],
)
def test_a_change_is_written_with_its_sign(ratio: float, text: str) -> None:
    assert format_percent(ratio) == text


def test_without_a_case_before_there_is_no_percentage() -> None:
    assert format_change(compare_counts(12, 0, 29, 29), "en") == "none before"


def test_classes_never_follow_the_data_and_kept_breaks_change_nothing() -> None:
    found = classify("change", "quantile", report(), UNITS, (1.0, 2.0), changes(u1=(100, 20), u2=(5, 1), u3=(100, 101)))
    assert found.breaks == [] and found.tokens == list(TOKENS)
    assert [found.of[f"99010{n}"] for n in range(1, 5)] == [6, None, CHANCE, None]


def drawn(compared: Changes) -> MapContext:
    return MapContext.of(View(measure="change"), report(), [unit(n) for n in range(1, 5)], "en", compared)


def test_the_legend_is_in_words_with_the_number_of_areas_and_tells_the_test() -> None:
    legend = grid.legend(drawn(changes(u1=(100, 20), u2=(5, 1), u3=(100, 101), u4=(300, 310), own=(505, 432))))
    labels = [label for _, label in legend.classes]
    assert labels[CHANCE] == "Within chance (2)" and labels[-1] == "Doubled or more (1)" and labels[0] == "Halved or less (0)"
    assert legend.breaks == [] and legend.methods == []
    assert legend.measure_note == "2 Oct to 30 Oct, before: 3 Sept to 1 Oct"
    assert legend.no_data == "Fewer than 10 cases in both periods together, not compared (1)"
    assert legend.note.startswith("Littleton: +16.9%, 95% interval +2.8% to +33.0%. Coloured:")
    assert "mid-P" in legend.note and "1 area in 20" in legend.note


def test_a_tooltip_tells_both_counts_and_the_interval() -> None:
    tips = build_area_tips(drawn(changes(u1=(100, 20), u2=(5, 1), u3=(100, 101), u4=(12, 0), own=(505, 432))))
    assert (tips["ref"], tips["span"], tips["unit"]) == ("Littleton +16.9%", "2 Oct to 30 Oct, before: 3 Sept to 1 Oct", "")
    told = list(tips["of"].values())
    assert told[0][:3] == ["Street 1", "+400.0%", "100 cases now, 20 before"]
    assert told[1][1:] == [None, "Fewer than 10 cases in both periods together, not compared", "5 cases now, 1 before"]
    assert told[2][1] == "−1.0%" and told[2][-1] == "may be chance"
    assert told[3][1] == "none before" and str(told[3][3]).startswith("95% interval: at least +")


def test_where_no_day_is_over_nothing_is_compared_and_that_is_told() -> None:
    context = drawn(Changes(None, BEFORE, {}))
    legend = grid.legend(context)
    assert legend.classes == [] and legend.no_data == "This day is not over, so it is not compared. (4)"
    assert legend.measure_note == "This day is not over, so it is not compared."
