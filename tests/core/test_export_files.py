"""Files of tables made while rows arrive: values read back as they were, no formula, a head that stays, what was asked on a sheet."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from data.core.export_files import Column, Form, make_writer
from data.core.spreadsheets import Cell

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = dt.datetime(2026, 10, 31, 16, 30, tzinfo=dt.UTC)
"""Half past midnight of the next day in Shanghai."""
HOSTILE = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\ufeff=1", "＝1+1", "#N/A", "{=1}"]


def made(form: Form, rows: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> bytes:
    writer = make_writer(form, SHANGHAI)
    writer.begin("案件", columns)
    for row in rows:
        writer.add([row])  # page after page
    return writer.finish("说明", [("区域", "=cmd()"), ("数量", len(rows)), ("时间", EVENING)])


def test_a_workbook_holds_numbers_moments_and_days() -> None:
    rows = [["A1", 3, 0.25, EVENING, dt.date(2026, 2, 1), None, -7]]
    columns = [Column("号", 20), Column("n"), Column("率", form="0.0%"), Column("时"), Column("日"), Column("空"), Column("负")]
    book = openpyxl.load_workbook(io.BytesIO(made("xlsx", rows, columns)))
    sheet = book["案件"]
    assert [cell.value for cell in sheet[1]] == ["号", "n", "率", "时", "日", "空", "负"]
    assert [cell.value for cell in sheet[2]] == [
        *("A1", 3, 0.25, dt.datetime(2026, 11, 1, 0, 30), dt.datetime(2026, 2, 1), None, -7),
    ]
    assert sheet["C2"].number_format == "0.0%" and sheet["D2"].is_date and sheet["E2"].is_date
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:G2"
    assert sheet.print_title_rows == "$1:$1" and sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToHeight == 0
    assert sheet.column_dimensions["A"].width == 20
    assert [[cell.value for cell in row] for row in book["说明"]] == [
        ["区域", "=cmd()"],
        ["数量", 1],
        ["时间", dt.datetime(2026, 11, 1, 0, 30)],
    ]


def test_no_text_becomes_a_formula() -> None:
    book = made("xlsx", [[text] for text in HOSTILE], [Column("=1+1")])
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        sheet_text = zipfile.ZipFile(io.BytesIO(book)).read(name)
        assert b"<f>" not in sheet_text and b"<f " not in sheet_text
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    assert [cell.data_type for (cell,) in sheet.iter_rows()] == ["s"] * (len(HOSTILE) + 1)
    read = list(csv.reader(io.StringIO(made("csv", [[text] for text in HOSTILE], [Column("=1+1")]).decode("utf-8-sig"), newline="")))
    quoted = [f"'{text[0]}'{text[1:]}" if text[0] in "\t\r\n" else f"'{text}" for text in ["=1+1", *HOSTILE[:-2]]]
    assert [row[0] for row in read] == [*quoted, *HOSTILE[-2:]]


def test_a_csv_file_is_recognised_by_spreadsheet_programs() -> None:
    told = made("csv", [["街道，一", 3, EVENING, None]], [Column("名"), Column("n"), Column("时"), Column("空")])
    assert told.startswith(b"\xef\xbb\xbf")
    assert told.decode("utf-8-sig") == "名,n,时,空\r\n街道，一,3,2026-11-01 00:30:00+08:00,\r\n"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_several_tables(form: Form) -> None:
    writer = make_writer(form, SHANGHAI)
    for title in ("一", "二"):
        writer.begin(title, [Column("x")])
        writer.add([[title]])
    told = writer.finish("说明", [])
    if form == "csv":
        assert told.decode("utf-8-sig") == "x\r\n一\r\n\r\n二\r\nx\r\n二\r\n"
        return
    book = openpyxl.load_workbook(io.BytesIO(told))
    assert book.sheetnames == ["一", "二", "说明"] and [book[name]["A2"].value for name in ("一", "二")] == ["一", "二"]
