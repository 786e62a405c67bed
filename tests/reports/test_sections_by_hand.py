"""The sections of the small city, counted by hand; and what readers with less get of them: nothing from outside, and no failure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib import import_module
from typing import Any

import psycopg
import pytest
import small_city as city
from rights_tools import viewer_of

from data import rollup
from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.database import partitions
from reports.content import Aside, Bullets, Cell, Fraction, KeyFigures, Note, Number, Pair, Paragraph, Section, Table
from reports.context import Context
from reports.graphics import Bars
from reports.kinds import list_sections

DAYS = Period(date.fromisoformat(city.FROM), date.fromisoformat(city.TO))
CHIEF = everything("en", "cases")


def load_unit(connection: psycopg.Connection[Any]) -> None:
    """A unit that has a case in West and one in East, a cell in which three people live, and a case with a wrong date: year 2019."""
    partitions.ensure_partitions(connection, [date(2019, 5, 1)])
    connection.execute(
        "INSERT INTO incident (district, city, source_id, source_key, grid, path, number, category, channel, stage, reported_at)"
        " SELECT district, city, source_id, 'i00', grid, path, 'AJ-i00', category, channel, 'void', '2019-05-06 10:00+08' FROM incident"
        " WHERE source_key = 'i24'"
    )
    connection.execute("INSERT INTO unit (city, code, name, name_en) VALUES (%s, 'U1', '一队', 'Team One')", [city.CITY])
    connection.execute("UPDATE incident SET unit = 'U1' WHERE source_key IN ('i04', 'i26')")
    connection.execute(
        "UPDATE area_figure SET population = 3, households = 2, male = 1, female = 2, ages = %s WHERE area = %s",
        ['{"0-14": 0, "15-59": 3, "60+": 0}', city.C2],
    )
    rollup.rebuild(connection, city.CITY)
    connection.commit()


@pytest.fixture(scope="module")
def with_unit(fresh_database: Any) -> Iterator[str]:
    with fresh_database(city.load, load_unit) as url:
        yield url


async def make(name: str, area: str = city.CITY, viewer: Viewer = CHIEF, days: Period = DAYS, **options: Any) -> Section | None:
    beside = (city.D2,) if name == "comparison" and area == city.D1 else ()
    return await make_in(Context(area, "own", days, viewer, beside), name, **options)


async def make_in(context: Context, name: str, **options: Any) -> Section | None:
    module = import_module(f"reports.sections.{name}")
    made: Section | None = await module.make(context, module.Options(**options))
    return made


def tables(section: Section | None) -> list[Table]:
    assert section is not None
    blocks = [part for block in section.blocks for part in ((block.left, block.right) if isinstance(block, Pair) else (block,))]
    return [block for block in blocks if isinstance(block, Table)]


def shown(table: Table) -> list[list[Any]]:
    def read(cell: Cell) -> Any:
        return f"{cell.numerator:,} / {cell.denominator:,}" if isinstance(cell, Fraction) else getattr(cell, "text", cell)

    return [[read(cell) for cell in row if isinstance(cell, Number | Fraction | str)] for row in table.rows]


# ---- Right values ----


async def test_breakdown(small: str) -> None:
    kinds, sources = tables(await make("breakdown"))
    assert shown(kinds) == [["City appearance", "12", "52.2%"], ["Street order", "7", "30.4%"], ["Public utilities", "4", "17.4%"]]
    assert shown(sources)[:4] == [
        ["Hotline", "7", "30.4%"],
        ["Grid worker", "5", "21.7%"],
        ["Public", "3", "13.0%"],
        ["Sensor", "2", "8.7%"],
    ]
    assert [row[1] for row in shown(sources)[4:8]] == ["1"] * 4
    assert shown(sources)[8:] == [["2 others", "2", "8.7%"]]


async def test_key_figures(small: str) -> None:
    section = await make("key_figures", figures=["reported", "on_time_closing_rate", "proactive_share", "overdue", "residents"])
    assert section is not None and isinstance(section.blocks[0], KeyFigures)
    told = [(one.label, one.value, one.detail) for one in section.blocks[0].figures]
    assert told == [
        ("Cases reported", "23", ""),
        ("On-time closing rate", "60.0", "9 of 15 cases"),
        ("Proactive share", "39.1", "9 of 23 cases"),
        ("Overdue and open", "5", "45.5% of 11 open"),
        ("Residents", "2,800", "1,120 households"),
    ]
    assert all(not one.changes and not one.spark for one in section.blocks[0].figures), "the last day is not over"


async def test_changes_of_key_figures(small: str) -> None:
    """Of 5 to 11 October seven days: nine cases, and two in the seven days before and on the days a year before three."""
    section = await make("key_figures", days=Period(date(2026, 10, 5), date(2026, 10, 11)), figures=["reported", "overdue"])
    assert section is not None and isinstance(section.blocks[0], KeyFigures)
    reported, late = section.blocks[0].figures
    assert (reported.value, reported.detail) == ("9", "1.3 a day")
    assert [(one.title, one.text) for one in reported.changes] == [("vs the one before", "+800.0%"), ("vs last year", "+200.0%")]
    assert (late.value, late.detail) == ("1", "25.0% of 4 open")


@pytest.mark.parametrize(("first", "changes"), [(10, []), (12, ["\N{MINUS SIGN}100.0%"])])
async def test_nothing_is_compared_with_a_period_in_which_the_data_begin(small: str, first: int, changes: list[str]) -> None:
    """The city's first case is of 5 October 2025: the seven days from the third on are not known as a whole."""
    assert await tell_changes(first) == changes


async def tell_changes(first: int) -> list[str]:
    section = await make("key_figures", days=Period(date(2025, 10, first), date(2025, 10, first + 6)), figures=["reported"])
    assert section is not None and isinstance(section.blocks[0], KeyFigures)
    return [one.text for one in section.blocks[0].figures[0].changes]


async def test_a_single_case_is_told_in_the_singular(small: str) -> None:
    section = await make("key_figures", city.S1, figures=["overdue"])
    assert section is not None and isinstance(section.blocks[0], KeyFigures)
    (late,) = section.blocks[0].figures
    assert (late.value, late.unit, late.detail) == ("1", "case", "33.3% of 3 open")


async def test_ranking_of_areas_with_few_cases(small: str) -> None:
    section = await make("ranking")
    assert section is not None and not tables(section)
    assert isinstance(section.blocks[0], Paragraph) and section.blocks[0].pieces[0].text == "No area has enough cases to be ranked."
    assert [block.text for block in section.blocks if isinstance(block, Aside)] == ["West 6/9, East 3/6."]


async def test_comparison(small: str) -> None:
    (table,) = tables(await make("comparison", city.D1))
    assert [column.title for column in table.columns] == ["Figure", "West", "East"]
    found = {str(row[0]): row[1:] for row in shown(table)}
    assert found["Cases reported"] == ["15", "8"]
    assert found["Cases per 1,000 residents"] == ["15.0", "4.4"]
    assert found["Overdue and open"] == ["2", "3"]
    assert (found["Residents"], found["Buildings"]) == (["1,000", "1,800"], ["7", "5"])
    assert found["On-time closing rate"] == ["66.7% (6/9)", "50.0% (3/6)"]


@pytest.mark.parametrize(
    ("name", "options"),
    [("comparison", {}), ("map", {"measure": "population"}), ("place", {}), ("key_figures", {"figures": ["residents"]})],
)
async def test_residents_say_how_they_are_known(small: str, name: str, options: dict[str, Any]) -> None:
    context = Context(city.D1, "own", DAYS, CHIEF, (city.D2,))
    await make_in(context, name, **options)
    known = {one.key: one.definition for one in context.figures}
    said = "As registered, 1 October 2026. Rounded to 5."
    assert known[f"residents@{city.D1}/now"] == said
    if name == "map":
        assert known[f"residents@{city.S1}/now"] == said
    if name == "comparison":
        assert known[f"residents@{city.D2}/now"] == said
        (rate,) = [text for key, text in known.items() if key.startswith(f"reported_per_thousand@{city.D2}/")]
        assert rate == f"Cases reported in the period ÷ residents × 1,000. {said}"


async def test_coverage(small: str) -> None:
    section = await make("coverage")
    rows = {str(row[0]): row[1:] for row in shown(tables(section)[0])}
    assert list(rows.values()) == [["–", "–", "–", "–"], ["1 / 8", "0 / 8", "1 / 8", "12.5%"]]
    assert section is not None
    (gaps,) = [block for block in section.blocks if isinstance(block, Aside)]
    assert (
        gaps.text == "Cell 2 (First), Cell 3 (Second), Cell 4 (Second), Cell 5 (Third), Cell 6 (Third), Cell 7 (Fourth), Cell 8 (Fourth)."
    )
    assert any(isinstance(block, Note) for block in section.blocks), "what a dash means"


async def test_indicators(small: str) -> None:
    (table,) = tables(await make("indicators"))
    rows = {str(row[0]): row[1:3] for row in shown(table)}
    assert rows["Closing rate"] == ["73.3%", "11 / 15"]
    assert rows["Valid report rate"] == ["86.4%", "19 / 22"]
    assert rows["Duplicate rate"] == ["4.5%", "1 / 22"]
    assert rows["Missed rate"] == ["–", "no datum says it"]
    # 11 closed: 6, 48, 10, 3, 24, 1, 11.5, 72, 23.98, 2 and 3 hours
    assert rows["Median handling time"] == ["10.0 hours", "11 cases"]


async def test_overdue(small: str) -> None:
    section = await make("overdue")
    units, cases = tables(section)
    said = section.blocks[0] if section else None
    assert isinstance(said, Paragraph) and re.match(r"Overdue at \d+ \w+ 20\d\d, \d\d:\d\d: 5 in all;", said.pieces[0].text), said
    assert shown(units) == [["no unit yet: dispatcher", "", "5", "384 days", "AJ-i26"]]
    assert [(row[0], row[-1]) for row in shown(cases)] == [
        ("AJ-i26", "384 days"),
        ("AJ-i29", "11 days"),
        ("AJ-i21", "2 days"),
        ("AJ-i11", "1 day"),
        ("AJ-i04", "under a day"),
    ]


async def test_place_and_data_notes(small: str) -> None:
    what, facilities = tables(await make("place"))
    rows = {str(row[0]): row[1] for row in shown(what)}
    assert (rows["Residents"], rows["Households"], rows["Buildings"]) == ("2,800", "1,120", "12")
    assert (rows["aged 0-14"], rows["aged 15-59"], rows["aged 60+"]) == ("280 (10.0%)", "1,960 (70.0%)", "560 (20.0%)")
    assert shown(facilities)[0] == ["School", "2"] and sorted(row[1] for row in shown(facilities)) == ["1", "1", "2"]
    notes = await make("data_notes")
    assert notes is not None and isinstance(notes.blocks[0], Bullets)
    told = [point[0].text for point in notes.blocks[0].points]
    assert told[:3] == [
        "The figures stand for 31 October 2026, 20:00.",
        "The newest case is of 31 October 2026.",
        "The period is not over: its figures are not final.",
    ]
    assert "Figures about people are rounded to 5, and households cell by cell before they are added up." in told


async def test_rhythm(small: str) -> None:
    section = await make("rhythm", by="none")
    assert section is not None and isinstance(section.blocks[0], Bars)
    by_day = {point.label: point.value for point in section.blocks[0].points if point.value}
    assert by_day == {str(int(day[-2:])): n for day, n in city.BY_DAY.items()}


# ---- Readers with less ----

FIGURES = viewer_of(city.CITY, "figures")
STREET = viewer_of(city.S1, "cases")
ZONE = viewer_of(city.ZONE, "cases")
MEMBER = replace(viewer_of(city.C1, "cases"), name="wang", units=f"{city.CITY}/U1")
OWN = {
    "figures": (FIGURES, city.CITY, set()),
    "street": (STREET, city.S1, {"AJ-i04"}),
    "zone": (ZONE, city.ZONE, {"AJ-i11"}),
    "member": (MEMBER, city.C1, {"AJ-i04"}),
}
"""A reader, the reader's area, and the overdue cases in it."""


async def read(viewer: Viewer, area: str) -> dict[str, str]:
    """Everything that the sections say to a reader, without maps, which have tests of their own."""
    names = [name for name in list_sections() if name != "map"]
    return {name: str(await make(name, area, replace(viewer, lang="en"))) for name in names}


@pytest.mark.parametrize("who", OWN)
async def test_no_section_fails_or_tells_what_lies_outside(with_unit: str, who: str) -> None:
    viewer, area, late = OWN[who]
    told = await read(viewer, area)
    everywhere = " ".join(told.values())
    assert set(re.findall(r"AJ-i\d\d", everywhere)) == late
    if who in ("street", "member"):
        for name in ("Belfry", "Willows", "East", "Cell 3", "Cell 5", "Second", "Third", "Fourth"):
            assert name not in everywhere, name
    if who == "zone":
        for name in ("Dock", "Cell 1", "Cell 7", "First", "Fourth"):
            assert name not in everywhere, name
    if who == "figures":
        assert (told["overdue"], told["handling"]) == ("None", "None")
        assert "Team One" not in everywhere and "暴露垃圾" not in everywhere
        assert "not for this reader" in told["indicators"]


async def test_few_people_are_not_told(with_unit: str) -> None:
    """Three people live in the cell: who may not see the register reads neither them nor their households, here and in the area above."""
    for viewer in (FIGURES, viewer_of(city.C2, "cases")):
        reader = replace(viewer, lang="en")
        what = tables(await make("place", city.C2, reader))[0]
        assert {str(row[0]): row[1] for row in shown(what)}.items() >= {"Residents": "–", "Households": "–"}.items()
        figures = await make("key_figures", city.C2, reader, figures=["reported", "residents"])
        assert figures is not None and isinstance(figures.blocks[0], KeyFigures)
        assert [one.label for one in figures.blocks[0].figures] == ["Cases reported"]
        notes = str(await make("data_notes", city.C2, reader))
        assert "Figures about fewer than five people are withheld" in notes


# ---- A misdated case ----


async def test_a_case_with_a_wrong_date_is_no_beginning(with_unit: str) -> None:
    assert await tell_changes(10) == []
