"""What the template of the PDF is told about widths: no column is squeezed away, and no words above a scale touch."""

import dataclasses
import io
import json
from typing import Any

import pikepdf
import pytest

from reports.content import Bullets, Column, Interval, Piece, Scale, Section, Table
from reports.graphics import Map
from reports.writers.pdf import as_json, write_pdf
from tests.reports.made import make_report

WIDTH = 174 * 72 / 25.4


def blocks(told: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
    """Every block and the width of the place it stands in."""
    found = []
    for section in told["sections"]:
        for block in section["blocks"]:
            pair = block["kind"] == "pair"
            found += [(block["left"], (WIDTH - 18) / 2), (block["right"], (WIDTH - 18) / 2)] if pair else [(block, WIDTH)]
    return found


def test_columns_have_room_and_stay_in_their_place() -> None:
    tables = [(block, width) for block, width in blocks(json.loads(as_json(make_report()))) if block["kind"] == "table"]
    assert len(tables) == 5
    for table, width in tables:
        assert len(table["widths"]) == len(table["columns"])
        assert sum(table["widths"]) <= width + 0.01
        assert all(one > 20 for one in table["widths"])


def test_an_end_of_a_scale_makes_room_for_the_word_of_its_line() -> None:
    def head(table: dict[str, Any]) -> tuple[str, str]:
        scale = next(column["scale"] for column in table["columns"] if column["scale"])
        assert 0 < scale["middle"] < 1
        return scale["low_text"], scale["high_text"]

    tables = [block for block, _ in blocks(json.loads(as_json(make_report()))) if block["kind"] == "table" and block["columns"]]
    assert head(tables[0]) == ("70%", "100%")
    assert head(tables[-1]) == ("70%", "")


def test_curves_are_drawn_for_the_width_they_stand_in() -> None:
    curve = next(block for block, _ in blocks(json.loads(as_json(make_report()))) if block["kind"] == "curve")
    assert f'width="{WIDTH:.2f}"' in curve["svg"]


@pytest.mark.parametrize("scale", [Scale(0, 1, "0%", "100%", 0.5), Scale(0, 1, "0%", "100%"), Scale(0, 1, "0%", "100%", 0.99, "99%")])
def test_every_scale_can_be_written(scale: Scale) -> None:
    table = Table((Column("A"), Column("", scale=scale)), (("x", Interval(0.5, 0.4, 0.6)),))
    report = dataclasses.replace(make_report(), sections=(Section("", (table,)),))
    assert write_pdf(report) == write_pdf(report)


def written(points: int, title: str) -> tuple[int, int]:
    """Pages of a report of so many points and a map below a title of a section, and the page of the last title that is a bookmark."""
    report = make_report()
    drawn = next(block for section in report.sections for block in section.blocks if isinstance(block, Map))
    above = Section("要点", (Bullets(tuple((Piece("一"),) for _ in range(points))),))
    made = write_pdf(dataclasses.replace(report, sections=(above, Section(title, (drawn,))), figures=()))
    with pikepdf.open(io.BytesIO(made)) as document, document.open_outline() as outline:
        at = outline.root[-1].destination
        assert at is not None and not isinstance(at, str)
        return len(document.pages), document.pages.index(pikepdf.Page(at[0])) + 1


def test_a_map_that_nearly_fits_is_made_smaller_and_no_title_stays_without_its_map() -> None:
    """Whole, it would have room below twelve points; it becomes no smaller than can be read."""
    assert (written(15, "")[0], written(20, "")[0]) == (1, 2)
    assert written(15, "图") == (2, 2)
