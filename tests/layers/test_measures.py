"""Measures at the values where they begin, end, or are written differently."""

from typing import Any

import pytest
from small_report import people, report, unit

from data.figures.assemble import make_rate
from layers.style.measures import (
    CHANGES,
    MEASURES,
    density,
    explain_no_data,
    format_break,
    format_value,
    is_withheld,
    list_measures,
    measure_from,
    residents,
)

PER_1000, CLOSING = MEASURES["incidents_per_1000"], MEASURES["closing_rate"]


@pytest.mark.parametrize(("total", "value"), [(99, None), (100, 90.0), (101, 9 / 101 * 1000)])
def test_a_figure_per_thousand_needs_a_hundred_residents(total: int, value: float | None) -> None:
    assert PER_1000.value(unit(3, population=people(total))) == value


@pytest.mark.parametrize(
    ("level", "due", "known"),
    [
        *[(level, due, due >= 60) for level in ("city", "district", "street") for due in (59, 60)],
        *[(level, due, due >= 30) for level in ("community", "grid", "zone") for due in (29, 30)],
    ],
)
def test_a_rate_needs_sixty_due_cases_and_thirty_in_small_areas(level: str, due: int, known: bool) -> None:
    assert CLOSING.value(unit(1, level, closing_rate=make_rate(due // 2, due))) == (due // 2 / due * 100 if known else None)


@pytest.mark.parametrize("level", ["city", "street", "community"])
@pytest.mark.parametrize(("due", "known"), [(29, False), (30, True)])
def test_a_report_asks_for_as_many_due_cases_at_every_level(level: str, due: int, known: bool) -> None:
    area = unit(3, level, closing_rate=make_rate(due, due), on_time_closing_rate=make_rate(0, due))
    assert measure_from("closing_rate", 30).value(area) == (100 if known else None)
    assert measure_from("on_time_closing_rate", 30).value(area) == (0 if known else None)
    assert measure_from("incidents", 30) is MEASURES["incidents"] and measure_from("closing_rate") is CLOSING
    said = explain_no_data("closing_rate", level, False, "en", fewest=30)
    assert said == "Fewer than 30 cases due, not calculated"


def test_each_measure_reads_its_own_figure() -> None:
    area = unit(
        3,
        area_m2=2e6,
        incidents={"total": 12, "open": 7, "overdue": 2, "open_at_end": 9, "overdue_at_end": 4},
        closing_rate=make_rate(75, 100),
        on_time_closing_rate=make_rate(60, 80),
    )
    assert {name: measure.value(area) for name, measure in MEASURES.items() if name not in CHANGES} == {
        "incidents": 12,
        "incidents_per_1000": 4,
        "closing_rate": 75,
        "on_time_closing_rate": 75,
        "population": 3000,
        "density": 1500,
        "open": 7,
        "overdue": 2,
        "open_at_end": 9,
        "overdue_at_end": 4,
    }


def test_only_rates_diverge_and_only_counts_cannot_stand_beside_their_parts() -> None:
    assert {name for name, one in MEASURES.items() if one.diverging} == {"closing_rate", "on_time_closing_rate", *CHANGES}
    stocks = {"open", "overdue", "open_at_end", "overdue_at_end"}
    assert {name for name, one in MEASURES.items() if not one.per_area} == {"incidents", "population", *stocks}


@pytest.mark.parametrize("area_m2", [None, 0])
def test_no_density_without_a_surface(area_m2: float | None) -> None:
    assert density(unit(1, area_m2=area_m2)) is None


def test_nobody_is_a_number_and_nothing_known_is_none() -> None:
    assert MEASURES["population"].value(unit(1, population=people(0))) == 0
    assert density(unit(1, population=people(0))) == 0
    assert residents(unit(1, population=people(None))) is None


@pytest.mark.parametrize(("total", "hidden", "withheld"), [(None, True, True), (None, False, False), (5, True, False), (0, True, False)])
def test_withheld_is_what_is_known_and_not_shown(total: int | None, hidden: bool, withheld: bool) -> None:
    assert is_withheld(unit(1, population=people(total, hidden))) is withheld


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("incidents_per_1000", 0.994, "0.99"),
        ("incidents_per_1000", 1.0, "1.0"),
        ("incidents_per_1000", 0.0, "0.0"),
        ("incidents_per_1000", 1234.56, "1,234.6"),
        ("closing_rate", 99.95, "100.0%"),
        ("closing_rate", 0.5, "0.50%"),
        ("density", 0.4, "0"),
        ("incidents", 1234.0, "1,234"),
    ],
)
def test_small_values_are_written_with_a_digit_more(name: str, value: float, text: str) -> None:
    assert format_value(MEASURES[name], value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.25, "0.25"), (2.5, "2.5"), (10, "10"), (100, "100"), (1200, "1,200"), (3.14159, "3.14")]
)
def test_a_break_is_written_without_needless_zeros(value: float, text: str) -> None:
    assert format_break(value) == text


def test_the_measures_offered_stand_in_a_fixed_order() -> None:
    usual, stocks = ("incidents_per_1000", "density", "incidents"), ("open", "overdue", "open_at_end", "overdue_at_end")
    assert list_measures(True, True) == (*usual, "closing_rate", "on_time_closing_rate", "population", *stocks, *CHANGES)
    assert list_measures(False, True) == ("density", "population")
    assert list_measures(True, False) == ("incidents", "closing_rate", "on_time_closing_rate", *stocks, *CHANGES)


@pytest.mark.parametrize(
    ("name", "level", "unknown", "few", "reason"),
    [
        ("population", "grid", True, True, "Too few people to show"),
        ("incidents_per_1000", "grid", True, True, "Too few people to show"),
        ("incidents_per_1000", "grid", False, False, "Fewer than 100 residents, not calculated"),
        ("incidents_per_1000", "grid", True, False, "No data"),
        ("closing_rate", "street", False, True, "Fewer than 60 cases due, not calculated"),
        ("closing_rate", "community", False, False, "Fewer than 30 cases due, not calculated"),
        ("density", "street", True, False, "No data"),
    ],
)
def test_the_reason_for_a_hatch_fits_its_measure(name: str, level: str, unknown: bool, few: bool, reason: str) -> None:
    assert explain_no_data(name, level, unknown, "en", few) == reason


def test_a_report_is_measured_like_a_unit() -> None:
    shown: Any = report()
    assert MEASURES["density"].value(shown) == 28_000 and CLOSING.value(shown) == 93
