"""A report as its page shows it: each block, the links of its figures, and texts that mean harm."""

import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from data.core.i18n import t
from reports.content import Interval, Report, Scale, Table
from reports.graphics import Bars, Curve, Point, Step
from reports.stored import from_json, to_json
from routes.report.shapes import shape_bars, shape_curve, shape_interval, shape_spark
from routes.report.shown import desk_address, show_report
from routes.shared.templates import environment
from tests.reports.made import HOSTILE, MAP_SVG, make_report

_WHOLE = '{% import "report/blocks.html" as blocks with context %}{{ blocks.whole(shown) }}'


class _Page(HTMLParser):
    """Elements with their attributes, and texts by element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [own for name, own in self.elements if name == tag and wanted.items() <= own.items()]


def render(report: Report, lang: str = "zh", may_open_cases: bool = True) -> str:
    shown = show_report(report, lang, may_open_cases)
    return environment().from_string(_WHOLE).render(shown=shown, t=partial(t, lang), lang=lang)


# ---- Blocks ----


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_is_headings_tables_and_paragraphs(lang: str) -> None:
    report = make_report("zh" if lang == "zh" else "en")
    page = _Page(render(report, lang))
    titled = [section for section in report.sections if section.title]
    assert len(page.all("h1")) == 1 and len(page.all("h2")) == len(titled) + 1
    assert {own["id"] for own in page.all("section")} == {*(f"section-{at}" for at in range(1, len(report.sections) + 1)), "counted"}
    assert page.all("article")[0]["lang"] == ("zh-CN" if lang == "zh" else "en")
    tables = page.all("table")
    assert len(tables) == 6, "four tables with columns, and the numbers of two charts; a table without columns is none"
    assert all(own["scope"] in ("col", "row") for own in page.all("th"))
    assert len(page.all("aside")) == 1 and len(page.all("figure")) == 3
    for text in (report.title, report.issuer, report.period, report.days, report.area_name, "古渡街道", "2,435 ÷ 应结 2,650 件"):
        assert text in page.text


def test_a_map_is_a_picture_of_its_own_that_asks_nobody() -> None:
    (picture,) = _Page(render(make_report())).all("img")
    kind, _, body = picture["src"].partition(",")
    assert kind == "data:image/svg+xml;charset=utf-8" and unquote(body) == MAP_SVG
    assert picture["alt"] == "各街道按期结案率的地图" and (picture["width"], picture["height"]) == ("1210", "900")


def test_pictures_in_tables_say_their_numbers() -> None:
    page = _Page(render(make_report()))
    told = [own["aria-label"] for own in page.all("svg", role="img")]
    assert "96.7% (91.7%–98.7%)" in told and any(text.startswith("85.7%") and "全市 91.9%" in text for text in told)
    assert page.all("svg", **{"class": "report-bar"})[0]["aria-label"] == "100%"


def test_an_empty_report_says_so() -> None:
    assert "本报告没有内容" in render(replace(make_report(), sections=(), figures=()))


# ---- Figures ----


def test_each_small_number_leads_to_the_cases_or_to_how_it_was_counted() -> None:
    report = make_report()
    figures = (
        replace(report.figures[0], cases="/api/cases?area=LZ&channel=video&from=2026-11-16&state=overdue&state=amber"),
        *report.figures[1:],
    )
    report = replace(report, figures=figures)
    page = _Page(render(report))
    numbers = page.all("a", **{"class": "cite"})
    assert {own["data-figure"] for own in numbers} == {"1", "2", "3", "4"}, "a number without a figure is none"
    for own in numbers:
        cases = own["data-figure"] == "1"
        assert own["href"].startswith("/desk?") if cases else own["href"] == f"#figure-{own['data-figure']}"
        assert report.figures[int(own["data-figure"]) - 1].label in own["aria-label"]
    assert {own["id"] for own in page.all("li") if own.get("id")} == {f"figure-{no}" for no in (1, 2, 3, 4)}
    without = _Page(render(report, may_open_cases=False))
    assert not [own for own in without.all("a") if own["href"].startswith("/desk")], "no link to what the reader may not open"


def test_figures_of_tables_and_charts_are_folded_behind_what_is_explained_once() -> None:
    report = make_report()
    many = tuple(replace(one, group="上报案件", definition="一个口径") if one.no > 1 else one for one in report.figures)
    page = _Page(html := render(replace(report, figures=many)))
    assert {own["id"] for own in page.all("li") if own.get("id")} == {f"figure-{no}" for no in (1, 2, 3, 4)}, "each can be led to"
    (folded,) = (own for own in page.all("details") if own["class"] == "report-further")
    assert "open" not in folded and "表格和图表中的全部数据（3 个）" in page.text
    open_list, further = html.split('<details class="report-further">')
    assert 'id="figure-1"' in open_list and open_list.count("一个口径") == 1, "a sort is explained once"
    assert all(f'id="figure-{no}"' in further for no in (2, 3, 4)) and further.count("一个口径") == 3


def test_a_list_of_the_machine_door_is_the_same_at_the_desk() -> None:
    asked = "/api/cases?area=990100&channel=video&from=2026-11-16&to=2026-11-22&state=overdue&state=amber"
    assert desk_address(asked, "en") == "/desk?area=990100&source=video&from=2026-11-16&to=2026-11-22&state=overdue,amber&lang=en"
    assert desk_address("/api/cases?area=1", "zh") == "/desk?area=1&state=overdue,amber,on_time,paused,closed,ended&lang=zh"
    assert [desk_address(other, "zh") for other in (None, "", "javascript:alert(1)", "https://x/api/cases?area=1", "//x")] == [None] * 5


def name_cases(report: Report) -> Report:
    """The report with the numbers of its long table told to be those of cases."""
    table = report.sections[3].blocks[0]
    assert isinstance(table, Table)
    named = replace(table, columns=(replace(table.columns[0], holds="cases"), *table.columns[1:]))
    return replace(report, sections=(*report.sections[:3], replace(report.sections[3], blocks=(named,)), *report.sections[4:]))


def test_each_number_of_a_case_opens_it_for_whoever_may() -> None:
    report = name_cases(make_report())
    stored = to_json(report)
    links = [own for own in _Page(render(report, "en")).all("a") if "case=" in own.get("href", "")]
    assert [own["href"] for own in links] == [f"/desk?area=LZ&case=LZ-{at:06d}&lang=en" for at in range(1, 13)]
    without = _Page(render(report, may_open_cases=False))
    assert not [own for own in without.all("a") if "/desk" in own["href"]] and "LZ-000012" in without.text
    assert to_json(from_json(stored)) == stored and b"/desk" not in stored, "links are the page's: what is stored has none"


def test_a_number_that_means_harm_is_a_text_in_its_link() -> None:
    report = name_cases(make_report())
    table = report.sections[3].blocks[0]
    assert isinstance(table, Table)
    evil = replace(table, rows=(('"><script>x&case=2#', *table.rows[0][1:]), ("", *table.rows[1][1:])))
    page = _Page(render(replace(report, sections=(replace(report.sections[3], blocks=(evil,)),))))
    (link,) = (own for own in page.all("a") if "case=" in own.get("href", ""))
    assert link["href"] == "/desk?area=LZ&case=%22%3E%3Cscript%3Ex%26case%3D2%23&lang=zh"
    assert not page.all("script") and '"><script>x&case=2#' in page.text


# ---- Texts that mean harm ----


def test_texts_stay_texts() -> None:
    html = render(make_report(hostile=True))
    page = _Page(html)
    known = {
        *("article", "header", "section", "div", "h1", "h2", "h3", "p", "b", "span", "a", "ul", "ol", "li", "dl", "dt", "dd", "figure"),
        *("figcaption", "table", "thead", "tbody", "tr", "th", "td", "svg", "line", "rect", "circle", "text", "title", "polyline"),
        *("polygon", "path", "img", "details", "summary", "aside"),
    }
    assert {tag for tag, _ in page.elements} <= known
    assert not [own for _, own in page.elements if any(name.startswith("on") or name == "style" for name in own)]
    assert all(own["href"].startswith(("/", "#")) for own in page.all("a"))
    assert html.encode(), "halves of characters are replaced"
    assert "<w:p>&amp;\"'" in page.text and "\u202e" not in html, "what turns the order of reading is left out"
    assert all(text in page.text for text in HOSTILE[:4])


# ---- Where lines and points stand ----


def test_an_interval_stands_on_its_scale_and_never_beyond() -> None:
    shape = shape_interval(Interval(0.85, 0.775, 0.925), Scale(0.7, 1.0, "70%", "100%", 0.91))
    assert (shape.low, shape.width, shape.point, shape.line) == (25.0, 50.0, 50.0, 70.0)
    beyond = shape_interval(Interval(0.5, 0.2, 1.4), Scale(0.7, 1.0, "70%", "100%"))
    assert (beyond.low, beyond.width, beyond.point, beyond.line) == (0.0, 100.0, 0.0, None)


def test_bars_stand_on_the_ground_and_ticks_at_their_value() -> None:
    shape = shape_bars(Bars("", "", (Point("a", 200, 400), Point("b", 0), Point("c", 100, None, True)), ""))
    assert [(bar.top + bar.height, bar.height) for bar in shape.bars] == [(100, 50), (100, 0), (100, 25)]
    assert [bar.before for bar in shape.bars] == [0, None, None] and [bar.quiet for bar in shape.bars] == [False, False, True]
    assert [tick.text for tick in shape.ticks][-1] == "400" and shape.ticks[0].at == 100
    assert shape_bars(Bars("", "", (), "")).bars == ()


def test_a_curve_goes_down_in_steps_within_its_band() -> None:
    shape = shape_curve(Curve("", "", (Step(50, 0.5, 0.4, 0.6),), 100, ((0, "0"), (100, "100")), ""))
    assert shape.line == "0.0,0.0 500.0,0.0 500.0,500.0 1000.0,500.0"
    assert "500.0,400.0" in shape.band and "500.0,600.0" in shape.band
    assert [mark.at for mark in shape.marks] == [0, 100]


def test_a_sparkline_is_broken_where_nothing_is_known() -> None:
    shape = shape_spark((1, 2, None, 3))
    assert shape is not None and len(shape.pieces) == 2 and (shape.x, shape.y) == (100, 0) and shape.ends
    assert shape_spark((None, 2)) is None and shape_spark(()) is None
    flat = shape_spark((2, 2))
    assert flat is not None and re.fullmatch(r"0,500 1000,500", flat.pieces[0])
