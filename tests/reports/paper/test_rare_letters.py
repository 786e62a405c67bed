"""No letter is missing in a PDF: all 8,105 of the 通用规范汉字表 (2013), and rare ones of names and places far beyond it."""

import dataclasses
import io
import re
from pathlib import Path

import pikepdf
import pytest

from reports.content import Column, Note, Paragraph, Piece, Report, Section, Table
from reports.drawing.glyphs import MISSING, make_drawable
from reports.writers.pdf import write_pdf
from tests.reports.made import make_report

STANDARD = "".join(Path(__file__).with_name("standard_letters.txt").read_text("utf-8").split())
"""The letters in the order of the table: 3,500 of its first level, 3,000 of its second, 1,605 of its third."""
RARE = (
    "㛃㑇䶮䲟䴖𬎆𫖯𬍤𬱖𬸪𬭎𫓶"  # of names, in the table or near it
    "𠅤𠮷𡈽𡞲𢛳𢢁𣏴𤧛𤩽𥖄𥳐𦍌𦈡𧰼𨥤𨰻𩵋𠂇𡧛𡯁𢘑𣅜𤨩𤪱𥙿𦏵𧑏𨨏𩀱𩇕"  # Extension B, most of which Noto CJK lacks
    "\u9ff0\u9fff\u4db6\u4dbf\U0002a6d6\U0002a700\U0002b81d\U0002ceb0\U0002ebe0\U0003106c\U00030ede"  # ends of blocks; Extension G
)


def write(text: str) -> bytes:
    """A report with this text in plain letters, bold ones, a table, and its title."""
    bold, table = Paragraph((Piece(text, True),)), Table((Column("姓名"),), tuple((text[at : at + 60],) for at in range(0, len(text), 60)))
    section = Section(text[:20], (Note(text), bold, table))
    return write_pdf(dataclasses.replace(make_report(), sections=(section,), figures=(), title=text[-12:]))


def read_letters(made: bytes) -> tuple[set[str], list[str]]:
    """The letters that the fonts of a PDF say they draw, and fonts that are not inside or tell no letters."""
    letters, faults = set[str](), []
    with pikepdf.open(io.BytesIO(made)) as document:
        for font in (one for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"):
            if font.get("/Subtype") != "/Type0":
                continue
            described = font.DescendantFonts[0].FontDescriptor
            if not any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3")) or "/ToUnicode" not in font:
                faults.append(str(font.BaseFont))
                continue
            told = font.ToUnicode.read_bytes().decode("ascii")
            for _, code in re.findall(
                r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", re.sub(r"begincodespacerange.*?endcodespacerange", "", told, flags=re.DOTALL)
            ):
                letters |= set(bytes.fromhex(code).decode("utf-16-be"))
    return letters, faults


def test_the_table_is_whole() -> None:
    assert len(STANDARD) == len(set(STANDARD)) == 8105
    assert (STANDARD[0], STANDARD[3500], STANDARD[6500], STANDARD[-1]) == ("一", "乂", "亍", "蠼")


@pytest.mark.parametrize("letters", [STANDARD, RARE], ids=["standard", "rare"])
def test_every_letter_is_drawn_by_a_font_inside_the_file(letters: str) -> None:
    assert make_drawable(letters) == letters
    drawn, faults = read_letters(write(letters))
    assert faults == []
    assert set(letters) - drawn == set()
    assert MISSING not in drawn


def test_a_letter_that_no_font_has_is_told_from_one_that_is_drawn() -> None:
    drawn, _ = read_letters(write("一\ue123二"))
    assert {"一", "二", MISSING} <= drawn
    assert "\ue123" not in drawn


def test_a_usual_report_is_drawn_with_the_usual_fonts_alone() -> None:
    report: Report = make_report()
    with pikepdf.open(io.BytesIO(write_pdf(report))) as document:
        names = {str(one.BaseFont) for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"}
    assert names
    assert all("Noto" in name for name in names), names
