"""Every number of a report names its figure, each figure has an identity of its own, and leads to exactly the cases behind it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import pytest_asyncio
from whole_app import started_app

from data.accounts.guest import guest
from data.core.period import Period
from data.core.settings import settings
from data.core.viewer import Detail, everything
from data.demo.common.names import CITY_CODE
from data.figures.types import Population
from reports.cases import link_list, link_overdue, link_reported
from reports.citing import define_people
from reports.compose import compose
from reports.content import Column, Figure, Fraction, Number, Paragraph, Piece, Report, Section, Table
from reports.figures import NOW, Figures, name_figure, number_figures
from reports.graphics import Map, Point
from reports.kinds import list_kinds
from reports.periods import parse_period, write_span
from reports.sections.comparison import share_cases
from reports.writers.notes import list_notes
from tests.reports.made import make_report

WITHOUT = ("Rank", "Oldest", "Late by", "Area, km²")
"""Columns and rows whose numbers need no figure: places in the table, ages of one case that is named beside, the extent of the area."""

# ---- Alone ----


def test_a_figure_is_named_by_what_it_is_where_and_when() -> None:
    assert name_figure("reported", "990100", "2026-W47") == "reported@990100/2026-W47"
    assert name_figure("overdue", "1", NOW, unit="u1", category="a,b") == "overdue@1/now?category=a%2Cb&unit=u1"


@pytest.mark.parametrize("text", ["2026-11-23", "2026-W01", "2026-02", "2026-Q3", "2025", "2026-03-01..2026-03-17"])
def test_a_period_is_written_as_briefly_as_can_be(text: str) -> None:
    assert write_span(parse_period(text)[1]) == text


def test_spans_that_are_something_else_say_what_they_are() -> None:
    assert write_span(parse_period("2026-11-16..2026-11-22")[1]) == "2026-W47"
    assert write_span(parse_period("2026-02-02..2026-02-28")[1]) == "2026-02-02..2026-02-28"


def test_the_same_figure_keeps_its_number_and_what_is_known_of_it_grows() -> None:
    figures = Figures()
    assert figures.cite("a", "A", 0.5, "share", group="A") == 1
    assert figures.cite("b", "B", 2, "cases") == 2
    assert figures.cite("a", "another name", 0.5 + 1e-17, "share", numerator=1, denominator=2, definition="So.") == 1
    first, _ = figures
    assert first == Figure(1, "A", 0.5, "share", 1, 2, definition="So.", key="a"), "cited singly once, it has a small number everywhere"


@pytest.mark.parametrize("other", [{"value": 3}, {"value": None}, {"value": 2, "denominator": 9}])
def test_two_ways_to_count_the_same_are_both_told(other: dict[str, Any]) -> None:
    figures = Figures()
    figures.cite("a", "A", 2, "cases", denominator=8)
    given = {"unit": "cases", **other}
    assert [figures.cite("a", "A", **given), figures.cite("a", "A", **given), figures.cite("a", "A", 7, "cases")] == [2, 2, 3]
    assert [one.key for one in figures] == ["a", "a;2", "a;3"]


def test_small_numbers_run_without_a_gap_and_those_of_tables_come_behind() -> None:
    figures = [
        Figure(1, "a", 1, "cases", group="x"),
        Figure(2, "b", 2, "cases"),
        Figure(3, "c", 3, "cases", group="x"),
        Figure(4, "d", 4, "cases"),
    ]
    table = Table((Column(""),), ((Number("1", 1, figure=1),), (Fraction(1, 2, 3),), (Number("–", None),)))
    sections = (Section("", (Paragraph((Piece("2", figure=2), Piece("!"), Piece("4", figure=4))), table)),)
    (section,), numbered = number_figures(sections, figures)
    assert [(one.no, one.label) for one in numbered] == [(1, "b"), (2, "d"), (3, "a"), (4, "c")]
    assert [piece.figure for piece in section.blocks[0].pieces] == [1, None, 2]  # type: ignore[union-attr]
    assert [cell.figure for (cell,) in section.blocks[1].rows] == [3, 4, None]  # type: ignore[union-attr]
    assert sections[0].blocks[1] == table, "what was given is not changed"


def test_documents_explain_a_sort_of_figures_once() -> None:
    figures = (
        Figure(1, "Reported", 9, "cases", definition="All."),
        Figure(2, "Reported: A", 4, "cases", definition="All.", group="Reported"),
        Figure(3, "Share: A", 0.4, "share", definition="Of all.", group="Share"),
        Figure(4, "Share: B", 0.6, "share", definition="Of all.", group="Share"),
    )
    notes = list_notes(replace(make_report("en"), figures=figures))
    assert [(one.no, one.label, one.definition) for one in notes] == [
        (1, "Reported", "All."),
        (0, "Share, in tables and charts", "Of all."),
    ]


@pytest.mark.parametrize(
    ("list_", "desk"),
    [
        (None, None),
        ("/api/cases?area=1&due_from=2026-10-01&state=closed", "/desk?area=1&due_from=2026-10-01&state=closed"),
        (
            "/api/cases?area=1&from=2026-10-01&channel=hotline&channel=public",
            "/desk?area=1&from=2026-10-01&source=hotline,public&state=overdue,amber,on_time,paused,closed,ended",
        ),
        ("/api/cases?area=1&stage=filed&stage=void", "/desk?area=1&stage=filed,void"),
    ],
)
def test_the_desk_is_asked_for_the_list_that_a_number_names(list_: str | None, desk: str | None) -> None:
    """The same as ``deskAddress`` of the page of figures, tests/js/figures_test.js."""
    assert link_list(list_) == desk


def test_what_is_reported_or_overdue_has_its_own_address() -> None:
    week = Period.parse("2026-11-16", "2026-11-22")
    every = "overdue,amber,on_time,paused,closed,ended"
    assert link_reported("1", week, {"channel": "app"}) == f"/desk?area=1&from=2026-11-16&to=2026-11-22&source=app&state={every}"
    assert link_overdue("1", {"unit": "城管"}) == "/desk?area=1&unit=%E5%9F%8E%E7%AE%A1&state=overdue"


# ---- In the demo city ----


def walk(value: Any) -> Iterator[Any]:
    """Every dataclass inside a report."""
    if isinstance(value, tuple):
        for one in value:
            yield from walk(one)
    elif is_dataclass(value):
        yield value
        for one in fields(value):
            yield from walk(getattr(value, one.name))


async def make(kind: str, area: str = CITY_CODE, detail: Detail = "cases", beside: tuple[str, ...] = ()) -> Report:
    return await compose(area, kind, None, everything("en", detail), beside=beside)


def find_streets() -> list[str]:
    with psycopg.connect(settings().database_url) as owner:
        return [code for (code,) in owner.execute("SELECT code FROM area WHERE level = 'street' AND origin <> 'unplaced' ORDER BY code")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(list_kinds()))
async def test_every_number_of_a_table_names_the_figure_that_states_it(demo_database: str, kind: str) -> None:
    streets = find_streets()
    report = await make(kind, streets[0] if kind == "profile" else CITY_CODE, beside=tuple(streets[:3]) if kind == "comparison" else ())
    by_no = {one.no: one for one in report.figures}
    assert [*by_no] == list(range(1, len(by_no) + 1))
    keys = [one.key for one in report.figures]
    assert len({*keys}) == len(keys) and all(keys)
    assert not [key for key in keys if ";" in key], "no part of the report counts otherwise than another"
    assert all(one.definition for one in report.figures)
    cited = {figure for one in walk(report.sections) if (figure := getattr(one, "figure", None)) is not None}
    assert cited <= by_no.keys()
    unstated = {one.label for one in report.figures if one.no not in cited and not one.group}
    assert not unstated, "what has a small number stands somewhere"
    for table in (one for one in walk(report.sections) if isinstance(one, Table)):
        for row in table.rows:
            check_row(table, row, by_no)
    for one in walk(report.sections):
        if isinstance(one, Point):
            assert by_no[one.figure or 0].value == one.value
        if isinstance(one, Map) and one.areas:
            assert all((area.figure is None) == (area.place is None) for area in one.areas)


def check_row(table: Table, row: tuple[Any, ...], figures: dict[int, Figure]) -> None:
    for column, cell in zip(table.columns, row, strict=True):
        if isinstance(cell, Fraction) and cell.figure is not None:
            assert (cell.numerator, cell.denominator) == (figures[cell.figure].numerator, figures[cell.figure].denominator)
        if not isinstance(cell, Number) or cell.value is None or column.title in WITHOUT or row[0] in WITHOUT:
            continue
        if column.title == "Fraction":  # on how many cases a time is counted: its figure stands beside
            assert any(isinstance(one, Number) and one.figure and figures[one.figure].denominator == cell.value for one in row)
            continue
        assert cell.figure is not None, (table.title, column.title, row)
        figure = figures[cell.figure]
        if column.title == "On the period before":
            assert "," in figure.label, "the figure of the period before"
        else:
            assert figure.value == pytest.approx(cell.value), (figure, cell)


@pytest_asyncio.fixture
async def door(demo_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program of somebody who may see all of the demo city."""
    async with started_app() as app:
        with guest("supervisor") as known:
            headers = {"authorization": f"Bearer {known.token}"}
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
                yield client
    settings.cache_clear()


async def count_at_desk(door: httpx.AsyncClient, address: str) -> int:
    """How many cases the desk lists at an address: it asks the machine door for them, see ``listQuery`` of the desk's state."""
    told = parse_qs(urlsplit(address).query)
    asked = {{"source": "channel"}.get(name, name): value for name, (text,) in told.items() for value in [text.split(",")]}
    answer = await door.get("/api/cases", params={**asked, "limit": "1", "counts": "true"})
    assert answer.status_code == 200, answer.text
    total = answer.json()["counts"]["total"]
    assert not total["more"], address
    return int(total["n"])


@pytest.mark.slow
async def test_each_figure_leads_to_as_many_cases_as_it_counts(door: httpx.AsyncClient) -> None:
    report, followed = await make("monthly", detail="people"), set()  # as the supervisor sees it
    for one in report.figures:
        if one.cases is None:
            continue
        assert one.cases.startswith("/desk?")
        wanted = one.value if one.unit == "cases" else one.denominator
        assert await count_at_desk(door, one.cases) == wanted, one
        followed.add(one.key.partition("@")[0])
    assert {"reported", "overdue", "on_time_closing_rate", "proactive_share"} <= followed


@pytest.mark.slow
async def test_who_sees_figures_alone_is_led_to_no_case(demo_database: str) -> None:
    report = await make("monthly", detail="figures")
    assert report.figures and not [one for one in report.figures if one.cases]


# ---- Side by side ----


@pytest.mark.parametrize(
    ("one", "first", "shared"),
    [
        (("street", "a.b.c"), ("street", "a.b.d"), False),
        (("street", "a.b.c"), ("street", "a.b.cc"), False),
        (("street", "a.b.c"), ("district", "a.b"), True),
        (("district", "a.b"), ("street", "a.b.c"), True),
        (("zone", "a"), ("street", "b"), True),
    ],
)
def test_areas_that_share_cases_are_not_called_different(one: tuple[str, str], first: tuple[str, str], shared: bool) -> None:
    made: list[Any] = [{"level": level, "path": path} for level, path in (one, first)]
    assert share_cases(*made) is shared


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("register", "登记数，2026 年 10 月 1 日。按 5 取整。"),
        ("published", "公布数，2026 年 10 月 1 日。按 5 取整。"),
        ("by_buildings", "公布数，2026 年 10 月 1 日。按建筑分摊至网格。按 5 取整。"),
    ],
)
def test_people_are_known_from_somewhere(method: str, text: str) -> None:
    people: Population = {
        "total": 5,
        "households": None,
        "as_of": "2026-10-01",
        "hidden": False,
        "male": None,
        "female": None,
        "ages": None,
        "method": method,
        "rounded": True,
    }
    assert define_people(people, "zh") == text
