"""Reports as workbooks, read back: numbers are numbers, texts are texts, every figure with what defends it, and sheets that print well."""

import io
import re
import zipfile
from functools import cache
from typing import Any, Literal

import openpyxl
import pytest

from data.core.spreadsheets import ILLEGAL_CHARACTERS_RE
from reports.content import Number, Report
from reports.drawing.texts import make_legible
from reports.writers.numbers import find_form, write_interval, write_number
from reports.writers.xlsx import name_sheets, write_xlsx
from tests.reports.made import HOSTILE, SCALE, STREETS, Interval, make_report

Lang = Literal["zh", "en"]


@cache
def written(lang: Lang = "zh", hostile: bool = False) -> bytes:
    """The rich report, written once."""
    return write_xlsx(make_report(lang, hostile=hostile))


def opened(lang: Lang = "zh", hostile: bool = False) -> Any:
    """The same, read by openpyxl."""
    return openpyxl.load_workbook(io.BytesIO(written(lang, hostile)))


def rows_of(sheet: Any) -> list[tuple[Any, ...]]:
    """The values of a sheet."""
    return list(sheet.iter_rows(values_only=True))


def test_the_first_sheet_says_what_it_is() -> None:
    facts = {row[0]: row[1] for row in rows_of(opened().worksheets[0])}
    assert rows_of(opened().worksheets[0])[0][0] == "网格治理周报"
    assert facts["发布单位"] == "澜州市网格化服务管理中心"
    assert facts["区域"] == "澜州市"
    assert facts["时段"] == "2026 年第 47 周"
    assert (facts["起始日"], facts["截止日"]) == ("2026-11-16", "2026-11-22")
    assert facts["截至"] == "2026 年 11 月 23 日 06:00"
    assert facts["数据版本"] == 412
    version = next(row[1] for row in opened().worksheets[0].iter_rows() if row[0].value == "数据版本")
    assert version.number_format == "0"  # 1796001018936, not 1.8E+12


NAMES = {
    "zh": ["关于本报告", "全部指标", "一、各街道（镇）结案情况", "每日上报", "案件类别", "办理时长", "empty", "超期名单", "说明"],
    "en": [
        "About the report",
        "All figures",
        "1 Streets",
        "Reported by day",
        "Categories",
        "Handling times",
        "empty",
        "Overdue cases",
        "Notes",
    ],
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_and_chart_has_a_sheet(lang: Lang) -> None:
    book, names = opened(lang), NAMES[lang]
    assert book.sheetnames == names
    assert [row[0] for row in rows_of(book.worksheets[0])[-len(names) + 1 :]] == names[1:]


def test_figures_stand_with_what_defends_them() -> None:
    sheet = opened().worksheets[1]
    heads, *rows = rows_of(sheet)
    assert heads[:8] == ("序号", "指标", "值", "单位", "分子", "分母", "区间下限", "区间上限")
    assert rows[0][:6] == (1, "上报案件", 2862, "件", None, None)
    assert rows[0][8:11] == ("本周各来源登记的案件，含重复和作废。", "澜州市登记的案件。", "https://grid.example/cases?week=47")
    assert rows[1][:8] == (2, "按期结案率", 0.9189, "占比", 2435, 2650, 0.908, 0.929)
    assert rows[2][2] is None
    assert rows[2][11] == "没有办结的案件。"
    assert rows[3][2:6] == (26.4, "小时", 37778.4, 1431)
    forms = [[cell.number_format for cell in row[2:8]] for row in sheet.iter_rows(min_row=2)]
    assert forms[1] == ["0.0%", "General", "#,##0", "#,##0", "0.0%", "0.0%"]
    assert forms[3][0] == "#,##0.0"


def test_numbers_of_tables_are_numbers_as_they_are_shown() -> None:
    sheet = opened()["一、各街道（镇）结案情况"]
    heads, *rows = rows_of(sheet)
    assert heads == ("名次", "街道", "上报", "按期 / 应结", "值", "区间下限", "区间上限", "结案率")
    for row, (name, all_, done, due, low, high) in zip(rows, STREETS, strict=True):
        assert row[1:] == (name, all_, f"{done} / {due}", done / due, low, high, done / due)
    assert [cell.number_format for cell in sheet[2]][2:] == ["#,##0", "General", "0.0%", "0.0%", "0.0%", "0.0%"]
    heads, *rows = rows_of(opened()["案件类别"])
    assert heads == (None, "件", "占比")  # the column of bars is no number
    assert rows[0] == ("市容环境", 885, 0.309)
    heads, *rows = rows_of(opened()["超期名单"])
    assert rows[0] == ("LZ-000001", "街面秩序", "城管局", 1.5, 1, 0.9, 0.8, 0.95)
    assert rows[2][3] == "–"  # not known
    assert opened()["超期名单"]["E2"].number_format == "+#,##0;-#,##0;#,##0"


def test_charts_are_tables_of_their_numbers() -> None:
    assert rows_of(opened()["每日上报"])[:3] == [("时间", "值", "对比时段"), ("周一", 433, 385), ("周二", 381, 500)]
    assert rows_of(opened()["每日上报"])[5] == ("周五", 423, None)
    heads, first, *_ = rows_of(opened()["办理时长"])
    assert heads == ("时间点", "占比", "区间下限", "区间上限")
    assert first == pytest.approx((4, 0.96, 0.91, 1))


def test_notes_are_kept() -> None:
    rows = rows_of(opened()["说明"])
    assert ("一、各街道（镇）结案情况", "案件过少，不排名（17 个） 按期 / 应结，件", "东津街道 26/28、柳浪街道 9/10、安平镇 6/7。") in rows
    assert ("本周要点", "各街道（镇）按期结案率", "深色线为区界，中间色 90–93 含全市值") in rows
    assert rows_of(opened()["超期名单"])[-1][0] == "挂账不计。"


def test_heads_stay_in_sight_and_sheets_print_on_a4() -> None:
    for sheet in opened().worksheets:
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, 0, True)
        assert "&P" in sheet.oddFooter.right.text
        assert "&N" in sheet.oddFooter.right.text
    for sheet in opened().worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(8 <= sheet.column_dimensions[cell.column_letter].width <= 60 for cell in sheet[1])
    assert opened()["超期名单"].auto_filter.ref == "A1:H13"  # not the note below


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_becomes_a_formula(lang: Lang) -> None:
    book = opened(lang, hostile=True)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    texts = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    for text in HOSTILE:
        assert any(make_legible(text).replace("\r", "\n") == told for told in texts), text
    parts = zipfile.ZipFile(io.BytesIO(written(lang, hostile=True)))
    sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 9
    assert not any(re.search(r"<f[ >]|<hyperlink|t=\"e\"", sheet) for sheet in sheets)
    assert not any(ILLEGAL_CHARACTERS_RE.search(sheet) for sheet in sheets)


def test_a_title_is_no_command_of_the_footer() -> None:
    report = make_report()
    told = Report(**{name: getattr(report, name) for name in Report.__slots__} | {"title": "A&B &D" + "x" * 200})
    footer = openpyxl.load_workbook(io.BytesIO(write_xlsx(told))).worksheets[0].oddFooter
    assert footer.left.text.startswith("A&&B &&D")
    assert len(footer.left.text + footer.right.text) < 200


def test_sheets_have_names_that_programs_take() -> None:
    names = name_sheets(["超期: 名单/[全市]?", "", "a" * 40, "A" * 40, "a" * 40, "History", "'x'", "\x00y\nz"])
    assert names == ["超期  名单  全市", "1", "a" * 31, "A" * 27 + " (2)", "a" * 27 + " (3)", "History (2)", "x", "\ufffdy z"]
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)


def test_the_same_report_gives_the_same_bytes() -> None:
    assert write_xlsx(make_report("zh")) == written("zh")
    assert {one.date_time for one in zipfile.ZipFile(io.BytesIO(written())).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = opened().properties
    assert (properties.title, properties.language) == ("网格治理周报", "zh-CN")
    assert properties.created == properties.modified
    assert properties.created.isoformat() == "2026-11-22T00:00:00"


def test_tables_of_thousands_of_rows_are_whole() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(make_report(rows=2_000))))["超期名单"]
    assert sheet["A2001"].value == "LZ-002000"
    assert sheet["F2001"].value == 0.9
    assert sheet.auto_filter.ref == "A1:H2001"


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("2,862", 2862, "#,##0"),
        ("0", 0, "#,##0"),
        ("26.4", 26.42, "#,##0.0"),
        ("91.9", 0.9189, "0.0%"),
        ("91.9%", 0.9189, "0.0%"),
        ("91.9%", 91.89, '#,##0.0"%"'),
        ("92%", 0.919, "0%"),
        ("0.1", 0.0001, "0.0%"),
        ("100.0", 1.0, "0.0%"),
        ("1", 1, "#,##0"),
        ("+72", 72, "+#,##0;-#,##0;#,##0"),
        ("−3.4%", -0.034, "0.0%"),
        ("9 天", 9, '#,##0" 天"'),
        ("55.8 hours", 55.84, '#,##0.0" hours"'),
        ("+11.1 小时", 11.1, '+#,##0.0" 小时";-#,##0.0" 小时";#,##0.0" 小时"'),
        ("9 天", 216, "General"),
        ('4 "x"', 4, "General"),
        ("3,190 (16.0%)", 3190, "General"),
        ("2 天 3 小时", 51.0, "General"),
        ("–", None, None),
        ("<5", 3, None),
        ("不足 5", None, None),
        ("不公开", 3, None),
        ("–", float("nan"), None),
    ],
)
def test_a_number_is_shown_as_in_the_report(text: str, value: float | None, form: str | None) -> None:
    assert find_form(Number(text, value)) == form


def test_numbers_are_written_with_a_real_minus_and_a_share_that_is_not_all_is_not_all() -> None:
    assert [write_number(one) for one in (None, 1234567, -9.25, float("inf"))] == ["–", "1,234,567", "−9.2", "–"]
    assert write_number(0.99999, share=True) == "99.9%"
    assert write_interval(Interval(0.9, 0.8, 0.95), SCALE) == "90.0% (80.0%–95.0%)"
    assert write_interval(Interval(26.4, 20, 30.5), None) == "26.4 (20–30.5)"
