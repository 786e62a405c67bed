"""The pages and callbacks as plain functions, over the city counted by hand."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
import small_city as small
from databases import FreshDatabase
from page_tools import links, of_class, text, walk

from callbacks.drill import find_step, from_figure, open_pick
from callbacks.search import find_places
from callbacks.show import OUTPUTS, show_page
from data.core.period import Period
from data.core.viewer import everything
from layers.style import numbers
from layers.style.days import format_period
from layers.view import View
from pages import charts, top_bar
from pages.area_sections import move_to_area
from pages.scene import fetch_scene
from pages.shell_texts import shell_texts

ZH, EN = everything(), everything("en")


@pytest.fixture(scope="module")
def littleton(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city in a database of its own."""
    with fresh_database(small.load) as url:
        yield url


pytestmark = pytest.mark.usefixtures("littleton")


# ---- The page of an address ----


async def test_every_field_of_a_page_has_an_output() -> None:
    page = await show_page("", None, ZH)
    assert set(page.outputs(shell_texts("zh"))) == set(OUTPUTS)


async def test_the_panel_says_what_was_counted_by_hand() -> None:
    page = await show_page("", None, ZH)
    figures = [text(one) for one in of_class(page.panel, "value")]
    on_time = small.DUE[small.CITY][2] / small.DUE[small.CITY][0] * 100
    proactive = small.PROACTIVE / small.TOTAL[small.CITY] * 100
    assert figures == [f"{small.TOTAL[small.CITY]}件", f"{on_time:.1f}%", f"{small.OPEN[small.CITY]}件", f"{proactive:.1f}%"]
    told = text(page.panel)
    assert f"{small.DUE[small.CITY][2]} ÷ 应结 {small.DUE[small.CITY][0]} 件" in told
    assert f"超期{small.OVERDUE[small.CITY]}" in told
    assert "小城市" in told and "常住 2,800 人" in told


async def test_category_bars_are_links_that_filter_and_unfilter() -> None:
    plain = await show_page("", None, ZH)
    rows = of_class(plain.panel, "bar-row")
    assert [text(row) for row in rows[:3]] == ["市容环境 12", "街面秩序 7", "公用设施 4"]
    filtered = await show_page(str(rows[0].href), None, ZH)
    assert text(of_class(filtered.panel, "value")[0]) == f"{small.BY_CATEGORY['env']}件"
    again = of_class(filtered.panel, "bar-row")
    assert [text(row) for row in again[:3]] == ["市容环境 12", "街面秩序 7", "公用设施 4"], "the other categories can still be chosen"
    assert View.parse(str(again[0].href)).categories == ()
    assert View.parse(str(again[1].href)).categories == ("env", "order")


async def test_a_window_counts_its_days_and_keeps_the_whole_histogram() -> None:
    page = await show_page("?wfrom=2026-10-31&wto=2026-10-31", None, ZH)
    assert text(of_class(page.panel, "value")[0]) == f"{small.BY_DAY['2026-10-31']}件"
    assert len(of_class(page.panel, "day")) == 30
    assert len(of_class(page.panel, "quiet")) == 29
    assert of_class(page.time, "brush")[0].className == "brush"


async def test_own_row_stands_out_among_the_siblings() -> None:
    page = await show_page(f"?area={small.D1}&measure=incidents", None, ZH)
    own = of_class(page.panel, "own")
    assert [text(row) for row in own] == [f"1西区{small.TOTAL[small.D1]}"]


async def test_everything_is_told_in_english_too() -> None:
    page = await show_page(f"?area={small.C1}&lang=en", None, EN)
    told = text([page.panel, page.layers, page.crumb, page.time, page.tools])
    assert "Cell 1" in told and "Littleton" in told
    left = set(re.findall(r"[\u4e00-\u9fff]{2,}", told.replace(text(of_class(page.panel, "head")), "")))
    assert not left, "only the head, whose name is known in Chinese alone, may be Chinese"
    assert page.shown["html_lang"] == "en" and page.shown["title"] == "Cell 1 · Gridwell"


async def test_a_phone_number_is_masked() -> None:
    masked = await show_page(f"?area={small.C1}", None, ZH)
    assert "138****5678" in text(masked.panel) and "13812345678" not in text(masked.panel)


async def test_an_unknown_area_is_one_sentence_with_a_way_on() -> None:
    page = await show_page("?area=nowhere&lang=en", None, EN)
    assert "There is no area with the code “nowhere”." in text(page.panel)
    assert "?lang=en" in links(page.panel)
    assert page.spec is None


async def test_without_webgl_the_flat_map_is_there() -> None:
    page = await show_page("?dim=2d", {"ok": False}, ZH)
    assert page.fallback and page.spec is None
    assert page.outputs(shell_texts("zh"))["without_fallback"] is False


async def test_cards_of_buildings_and_cases_have_a_way_back() -> None:
    source = (await fetch_scene(View(area=small.C1), ZH)).report["city"]["code"]
    assert source == small.CITY
    found = await find_places("AJ-i04", View(area=small.C1), ZH)
    case = View.parse(links(found)[0])
    assert case.incident and case.camera
    page = await show_page(case.search(), None, ZH)
    told = text(page.panel)
    assert "暴露垃圾" in told and "AJ-i04" in told and "超期 11 小时" in told
    back = of_class(page.panel, "back")[0]
    assert View.parse(str(back.href)).incident is None
    up = next(one for one in walk(page.crumb) if getattr(one, "data-key", None) == "up")
    assert View.parse(str(up.href)).incident is None


# ---- Acting ----


async def test_a_pick_opens_one_level_on_the_way() -> None:
    pick = {"kind": "area", "code": small.C1}
    assert (await open_pick(pick, View(), ZH)).area == small.D1
    assert (await open_pick(pick, View(area=small.D1), ZH)).area == small.S1
    assert (await open_pick(pick, View(area=small.K1), ZH)).area == small.C1
    assert (await open_pick(pick, View(area=small.C1), ZH)).area == small.C1
    assert (await open_pick(pick, View(area=small.D2), ZH)).area == small.C1, "beside the open area: straight there"
    assert (await open_pick({"kind": "area", "code": "nowhere"}, View(area=small.D1), ZH)).area == small.D1


async def test_a_pick_of_a_thing_keeps_the_area_and_nothing_else_picked() -> None:
    view = View(area=small.C1, incident="1:i04")
    picked = await open_pick({"kind": "building", "key": "1:b1"}, view, ZH)
    assert (picked.area, picked.building, picked.incident) == (small.C1, "1:b1", None)
    assert (await open_pick({"kind": "empty"}, picked, ZH)) == View(area=small.C1)


def test_opening_an_area_leaves_the_old_place_but_not_the_filters() -> None:
    view = View.parse("?area=1&units=grid&building=1:b&cam=120.00000,30.00000,12.00,0,0&cat=env&from=2026-10-01&to=2026-10-20&dim=2d")
    after = move_to_area(view, "2")
    assert (after.area, after.units, after.building, after.camera) == ("2", None, None, None)
    assert (after.categories, after.period, after.dim) == (view.categories, view.period, "2d")
    assert View.parse(after.search()) == after


def test_steps_towards_a_cell() -> None:
    assert find_step(["a", "b", "c"], "a") == "b"
    assert find_step(["a", "b", "c"], "c") == "c"
    assert find_step(["a", "b", "c"], "x") == "c"


def test_a_click_on_the_plotly_figure_is_a_pick() -> None:
    assert from_figure({"points": [{"customdata": ["area", "7"]}]}) == {"kind": "area", "code": "7", "key": "7"}
    assert from_figure({"points": [{"customdata": 7}]}) is None
    assert from_figure({"points": []}) is None
    assert from_figure(None) is None


async def test_search_leads_to_areas_and_says_when_there_is_nothing() -> None:
    assert View.parse(links(await find_places("码头", View(), ZH))[0]).area == small.S1
    assert "qqqq" in text(await find_places("qqqq", View(), ZH))
    assert await find_places("  ", View(), ZH) == []
    place = View.parse(links(await find_places("30.01, 120.02", View(), ZH))[0])
    assert place.camera and (place.camera.lon, place.camera.lat) == (120.02, 30.01)


# ---- Numbers, days, bars ----


def test_numbers_are_short_where_they_are_long() -> None:
    assert numbers.short(53_087, "zh") == "53,087"
    assert numbers.short(1_357_000, "zh") == "135.7 万"
    assert numbers.short(1_357_000, "en") == "1.36M"
    assert numbers.short(None, "en") == "–"
    assert numbers.change(106, 100) == "+6.0%"
    assert numbers.change(97.9, 100) == "−2.1%"
    assert numbers.change(5, 0) == "–"


def test_days_say_their_year_only_where_it_is_needed() -> None:
    today = date(2026, 11, 23)
    assert format_period(Period(date(2026, 10, 24), date(2026, 11, 22)), "zh", today) == "10-24 至 11-22"
    assert format_period(Period(date(2026, 10, 24), date(2026, 11, 22)), "en", today) == "24 Oct to 22 Nov"
    assert format_period(Period(date(2025, 12, 24), date(2026, 1, 2)), "en", today) == "24 Dec 2025 to 2 Jan 2026"
    assert format_period(Period(today, today), "zh", today) == "11-23"


def test_presets_lie_where_their_names_say() -> None:
    found = dict(top_bar.presets(date(2026, 3, 1)))
    assert found["Last month"] == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert found["This month"] == Period(date(2026, 3, 1), date(2026, 3, 1))
    assert found["Last 7 days"] == Period(date(2026, 2, 23), date(2026, 3, 1))
    assert found["Last 30 days"] is None


def test_long_periods_are_drawn_by_week_and_lose_no_case() -> None:
    by_day = [((date(2025, 1, 1).fromordinal(date(2025, 1, 1).toordinal() + i)).isoformat(), i % 5) for i in range(400)]
    drawn = charts.bins(by_day)
    assert len(drawn) <= charts.MOST_BINS
    assert sum(one.count for one in drawn) == sum(count for _, count in by_day)
    assert drawn[0].days.days == 7 and drawn[-1].days.end.isoformat() == by_day[-1][0]


def test_a_long_ranking_shows_both_ends_and_the_own_row() -> None:
    rows = [charts.Ranked(str(n), float(40 - n), str(40 - n), View(area=str(n)), own=n == 20) for n in range(40)]
    shown = charts.ranking(rows, "en", "Cases")
    outside = [one for one in shown.children if one.className and "rank-row" in one.className]
    assert [text(one.children[0]) for one in outside] == ["1", "2", "3", "20", "21", "22", "38", "39", "40"]
    assert "All 40" in text(shown)


def test_areas_without_a_value_are_counted_not_ranked() -> None:
    rows = [charts.Ranked("a", 1.0, "1", View(area="a")), charts.Ranked("b", None, "", View(area="b"))]
    shown = charts.ranking(rows, "en", "Cases")
    assert len(of_class(shown, "rank-row")) == 1
    assert "1 more without enough data to rank" in text(shown)
