"""Reports of extreme places stay whole on paper: nothing leaves the page's margins, no table is cut, every map has its legend."""

import dataclasses
from typing import Literal

import pytest
import shapely

from layers.style.theme import DIVERGING
from reports.content import (
    Aside,
    Bar,
    Block,
    Column,
    Interval,
    KeyFigure,
    KeyFigures,
    Number,
    Pair,
    Paragraph,
    Piece,
    Report,
    Scale,
    Section,
    Table,
)
from reports.drawing.colours import colour
from reports.dress import Dress
from reports.graphics import Bars, LegendClass, Map, Point
from reports.maps.choropleth import draw_choropleth
from reports.maps.sheet import Area
from reports.writers.pdf import write_pdf
from tests.reports.made import LONG, make_report
from tests.reports.paper.pdf_archive import find_faults
from tests.reports.paper.pdf_pages import Run, read_runs

Lang = Literal["zh", "en"]
MM = 72 / 25.4
MARGINS = {"standard": (18 * MM, 192 * MM, 7 * MM, 281 * MM), "official": (28 * MM, 184 * MM, 20 * MM, 260 * MM)}
"""Left, right, bottom (of the footer), and top, in points."""
ENGLISH = "Riverside-Commercial-and-Residential Joint Service Area, Workstation 3"
NAMES = {"zh": (LONG, "古渡街道", "清河街道"), "en": (ENGLISH, "Gudu Street", "Qinghe Street")}


def make(lang: Lang, format_: Literal["standard", "official"], areas: int, sources: int = 12, cases: bool = True) -> Report:
    """A report of so many areas, of which one in three has a very long name."""
    names = [f"{NAMES[lang][at % 3]} {at + 1}" for at in range(areas)]
    blocks: tuple[Block, ...] = (
        KeyFigures(tuple(KeyFigure(names[at % areas], "2,862,118" if cases else "–", "件", 1, LONG) for at in range(8))),
        make_map(names, cases),
        Paragraph((Piece(LONG, True), Piece(ENGLISH))),
        *((make_ranking(names), Aside("过少", "", "、".join(names))) if cases else ()),
        Pair(make_bars(cases), make_sources(names, sources)),
    )
    return dataclasses.replace(
        make_report(lang, format_), area_name=NAMES[lang][0], sections=(Section(LONG, blocks), Section(ENGLISH, blocks[:1]))
    )


def make_map(names: list[str], cases: bool) -> Map:
    """A map of areas in a grid of twenty columns."""
    areas = [
        Area(
            name, f"{80 + at % 17}.{at % 10}" if cases else "", box(at % 20, at // 20), at % 7 if cases else None, f"d{at % 20 // 5}", "区"
        )
        for at, name in enumerate(names)
    ]
    drawn = draw_choropleth(areas, [colour(token) for token in DIVERGING])
    classes = tuple(LegendClass(colour(token), f"{84 + at * 2}") for at, token in enumerate(DIVERGING))
    hatched = (LegendClass("#F1F3F6", "应结不足 30 件，不计算（12）", True),)
    return Map("各街道按期结案率", "%", drawn.svg, drawn.width, drawn.height, classes * cases + hatched, ("来源" * 40,), "地图")


def box(x: int, y: int) -> shapely.Polygon:
    """A square in a grid."""
    return shapely.box(118 + x * 0.01, 30 + y * 0.01, 118.01 + x * 0.01, 30.01 + y * 0.01)


def make_ranking(names: list[str]) -> Table:
    """A table with a row for each area."""
    scale = Scale(0.7, 1, "70%", "100%", 0.919, "全市 91.9%")
    columns = (
        Column("名次", "right"),
        Column("街道"),
        Column("上报", "right"),
        Column("分数", "right"),
        Column("", stretch=1, scale=scale),
        Column("%", "right"),
    )
    rows = tuple(
        (Number(str(at), at), name, Number("1,131", 1131), "1,116 / 1,120", Interval(0.9, 0.85, 0.93), Number("96.7", 0.967, True))
        for at, name in enumerate(names, 1)
    )
    return Table(columns, rows)


def make_bars(cases: bool) -> Bars:
    """31 days."""
    return Bars("每日上报", "件", tuple(Point(f"11 月 {day} 日", 1234 * cases, 99999 if cases else None) for day in range(1, 32)), "每日")


def make_sources(names: list[str], count: int) -> Table:
    """A table of sources with their shares."""
    columns = (Column(""), Column("", stretch=1), Column("件", "right"), Column("占比", "right"))
    rows = tuple((names[at % len(names)], Bar(1 / (at + 1)), Number("123,456", 123456), Number("10.1%", 0.101)) for at in range(count))
    return Table(columns, rows, "来源", "件")


def outside(pages: list[list[Run]], format_: str) -> list[Run]:
    """Runs that begin outside the margins, or end beyond them as far as their letters tell (each at least a quarter of its size wide)."""
    left, right, bottom, top = MARGINS[format_]
    return [
        run
        for page in pages
        for run in page
        if run.x < left - 1 or run.x + run.letters * run.size * 0.25 > right + 4 or run.y < bottom or run.y + run.size * 0.6 > top + 2
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("format_", ["standard", "official"])
@pytest.mark.parametrize(("areas", "cases"), [(200, True), (1, True), (3, False)], ids=["200 streets", "one cell", "no case"])
def test_nothing_leaves_the_page(lang: Lang, format_: Literal["standard", "official"], areas: int, cases: bool) -> None:
    made = write_pdf(make(lang, format_, areas, cases=cases), dress=Dress())
    assert outside(read_runs(made), format_) == []
    assert find_faults(made) == []
    assert len(made) < 3_000_000


def test_what_leaves_the_page_is_seen() -> None:
    pages = read_runs(write_pdf(make("zh", "standard", 3), dress=Dress()))
    assert outside(pages, "official")


def test_every_row_of_a_long_table_is_there_once_and_in_order() -> None:
    pages = read_runs(write_pdf(make("zh", "standard", 200), dress=Dress()))
    ranks = [
        run
        for page in pages
        for run in page
        if run.size == 9 and run.font.endswith("Regular") and 18 * MM <= run.x < 18 * MM + 24 and run.letters <= 3
    ]
    assert len(ranks) == 200
