"""Numbers and charts at the values where their form changes."""

from datetime import date
from typing import Any

import pytest
from page_tools import links, of_class, text
from scenes import days, targets

from data.core.period import Period
from data.figures.assemble import make_rate
from layers.style import numbers
from layers.style.days import format_period
from layers.view import View
from pages import charts

AREA = {"code": "990101", "name": "一街", "name_en": "First", "level": "street"}
CITY_SEEN: Any = {"rights": "all", "detail": "cases", "scope": None, "figures": None, "cases": True}


# ---- Numbers ----


@pytest.mark.parametrize(
    ("n", "zh", "en"),
    [
        (99_999, "99,999", "99,999"),
        (100_000, "10.0 万", "100k"),
        (999_999, "100.0 万", "1,000k"),
        (1_000_000, "100.0 万", "1.00M"),
        (99_999_999, "10,000.0 万", "100.00M"),
        (100_000_000, "1.00 亿", "100.00M"),
        (-100_000, "-10.0 万", "-100k"),
        (0, "0", "0"),
    ],
)
def test_large_numbers_are_shortened_from_a_hundred_thousand_on(n: int, zh: str, en: str) -> None:
    assert (numbers.short(n, "zh"), numbers.short(n, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("m2", "said"),
    [
        (None, "–"),
        (0, "–"),
        (9_999, "9,999 m²"),
        (10_000, "1.0 ha"),
        (999_999, "100.0 ha"),
        (1_000_000, "1.0 km²"),
        (999_940_000, "999.9 km²"),
        (1e9, "1,000 km²"),
    ],
)
def test_an_area_is_told_in_the_unit_that_fits(m2: float | None, said: str) -> None:
    assert numbers.area(m2, "en") == said


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (109.99, 10, "+999.9%"),
        (110, 10, "×11"),
        (0, 10, "−100.0%"),
        (10, 10, "0%"),
        (10_001, 10_000, "≈0%"),
        (9_999, 10_000, "≈0%"),
        (10_005, 10_000, "+0.1%"),
        (0, 0, "–"),
    ],
)
def test_a_change_is_a_share_and_beyond_tenfold_a_multiple(now: float, before: float, said: str) -> None:
    assert numbers.change(now, before) == said


def test_nearly_all_is_not_all_and_hardly_any_is_not_none() -> None:
    assert [numbers.percent_of(make_rate(*of)) for of in ((9_999, 10_000), (10_000, 10_000), (1, 10_000), (0, 10_000))] == [
        ">99.9",
        "100.0",
        "<0.1",
        "0.0",
    ]


def test_a_share_of_nothing_is_a_dash_and_of_something_a_number() -> None:
    assert [numbers.percent_of(make_rate(*of)) for of in ((0, 0), (0, 5), (2, 3))] == ["–", "0.0", "66.7"]
    assert [numbers.percent(share) for share in (None, 0.0, 0.0001, 0.9999, 1.0)] == ["–", "0.0", "0.1", "99.9", "100.0"]


# ---- Charts ----


def test_a_bar_is_a_day_up_to_ninety_two_days_and_a_week_beyond() -> None:
    assert [one.days.days for one in charts.bins(days(92))] == [1] * 92
    weeks = charts.bins(days(93))
    assert [one.days.days for one in weeks] == [7] * 13 + [2] and [one.count for one in weeks] == [7] * 13 + [2]
    assert {one.days.days for one in charts.bins(days(92 * 7))} == {7} and charts.bins(days(92 * 7 + 1))[0].days.days == 14


def test_saturday_and_sunday_are_light() -> None:
    week = charts.bins(days(7, first=date(2026, 11, 2)))  # a Monday
    assert [one.weekend for one in week] == [False] * 5 + [True] * 2
    assert not charts.Bin(Period(date(2026, 11, 7), date(2026, 11, 8)), 1).weekend, "a bar of several days is never light"


@pytest.mark.parametrize(
    ("count", "largest", "said"),
    [(0, 10, "0%"), (1, 0, "0%"), (1, 1000, "1.5%"), (15, 1000, "1.5%"), (16, 1000, "1.6%"), (10, 10, "100.0%")],
)
def test_something_is_never_drawn_as_nothing(count: float, largest: float, said: str) -> None:
    assert charts.share(count, largest) == said


@pytest.mark.parametrize(("n", "open_rows", "folded"), [(5, 5, 0), (6, 6, 0), (7, 5, 2)])
def test_beyond_five_rows_the_rest_is_folded_unless_it_is_one(n: int, open_rows: int, folded: int) -> None:
    rows = [charts.Row(str(i), 10 - i, View(area=str(i))) for i in range(n)]
    drawn = charts.count_bars(rows, "en", "here")
    inside = of_class(drawn, "rest")
    assert len(inside) == (1 if folded else 0)
    assert len(links(drawn)) == n and len(links(inside)) == folded
    if folded:
        assert f"{folded} others" in text(inside) and text(of_class(inside, "bar-count")[0]) == str(sum(row.count for row in rows[5:]))
        assert inside[0].open is False
        chosen = [*rows[:-1], charts.Row("x", 1, View(), chosen=True)]
        assert of_class(charts.count_bars(chosen, "en", "here"), "rest")[0].open is True


@pytest.mark.parametrize(
    ("n", "own", "places"), [(8, 4, "12345678"), (9, 5, "123456789"), (9, None, "123789"), (12, 2, "123101112"), (12, 4, "12345101112")]
)
def test_a_ranking_of_more_than_eight_shows_both_ends_and_the_own_row(n: int, own: int | None, places: str) -> None:
    rows = [charts.Ranked(str(i), float(n - i), "", View(), own=i == own) for i in range(1, n + 1)]
    drawn = charts.ranking(rows, "en", "x")
    outside = [one for one in drawn.children if "rank-row" in str(one.className)]
    assert "".join(text(of_class(one, "rank-place")) for one in outside) == places


def test_a_gap_in_a_ranking_is_marked_where_places_are_left_out() -> None:
    rows = [charts.Ranked(str(i), float(20 - i), "", View(), own=i == 3) for i in range(1, 13)]
    assert len(of_class(charts.ranking(rows, "en", "x"), "rank-gap")) == 1, "3 and 4 follow each other, 4 and 10 do not"


def test_the_window_stands_over_its_own_days() -> None:
    window = Period(date(2026, 1, 3), date(2026, 1, 4))
    brush = of_class(charts.histogram(days(10), window, "en"), "brush")[0]
    assert brush.style == {"left": "20.000%", "width": "20.000%"}
    assert (getattr(brush, "data-start"), getattr(brush, "data-end"), getattr(brush, "aria-valuemax")) == ("2", "4", "9")
    whole = of_class(charts.histogram(days(10), None, "en"), "brush")[0]
    assert whole.style == {"left": "0.000%", "width": "100.000%"} and whole.className == "brush all"


def test_bars_inside_the_window_are_lit() -> None:
    window = Period(date(2026, 1, 3), date(2026, 1, 4))
    bars = of_class(charts.histogram(days(6), window, "en"), "bars-row")[0].children
    assert [bar.className for bar in bars] == ["", "", "on", "on", "", ""]
    quiet = ["quiet" in bar.className for bar in of_class(charts.day_bars(View(window=window), days(6), "en", "here"), "day")]
    assert quiet == [True, True, False, False, True, True]


def test_a_click_on_the_only_day_chosen_shows_all_days_again() -> None:
    day = Period(date(2026, 1, 2), date(2026, 1, 2))
    first, second, *_ = targets(charts.day_bars(View(window=day), days(3), "en", "here"))
    assert first.window == Period(date(2026, 1, 1), date(2026, 1, 1)) and second.window is None


def test_ages_stand_youngest_first_with_their_share() -> None:
    bars = of_class(charts.age_bars({"100+": 1, "0-4": 6, "65-99": 3}, "en"), "age-bars")[0].children
    assert [bar.title for bar in bars] == [
        "Aged 0-4: 6 residents, 60.0%",
        "Aged 65-99: 3 residents, 30.0%",
        "Aged 100+: 1 resident, 10.0%",
    ]


def test_a_bar_of_several_days_is_lit_only_where_all_of_them_are_chosen() -> None:
    window = Period(date(2026, 1, 1), date(2026, 1, 10))
    bars = of_class(charts.day_bars(View(window=window), days(100), "en", "here"), "day")
    assert ["quiet" in bar.className for bar in bars[:3]] == [False, True, True], "of the second week three days are chosen"


def test_the_last_tick_is_the_last_day() -> None:
    weeks = charts.histogram(days(140), None, "en")
    ticks = [text(one) for one in of_class(weeks, "ticks")[0].children]
    assert ticks[0] == "1 Jan" and ticks[-1] == "20 May" and len(ticks) == 5


def test_days_say_their_year_where_it_is_not_this_one() -> None:
    last_year = Period(date(2025, 12, 1), date(2025, 12, 2))
    assert format_period(last_year, "en", date(2026, 1, 1)) == "1 Dec 2025 to 2 Dec 2025"
    assert format_period(last_year, "en", date(2025, 12, 31)) == format_period(last_year, "en") == "1 Dec to 2 Dec"
    assert format_period(Period(date(2025, 12, 1), date(2026, 1, 2)), "zh") == "2025-12-01 至 2026-01-02"
