"""Workbooks: several sheets, merged cells, formulas, days and long numbers, and files that are called workbooks and are none."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pytest
import shapely
from delivered_files import read, refused, values
from import_rows import SHANGHAI, incident_source, rejected

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

Rows = list[list[Any]]


def workbook(sheets: dict[str, Rows], change: Any = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if change is not None:
        change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def told(sheet: Sheet) -> list[str]:
    return [one.reason for one in sheet.remarks]


MONTHS: dict[str, Rows] = {
    "8月": [["id", "n"], ["a", 1], ["b", 2]],
    "9月 ": [["id", "n"], ["c", 3]],
    "说明": [["notes"], ["by hand"]],
    "empty": [],
}


def test_sheets_of_the_same_columns_are_not_left_out_quietly() -> None:
    problem = refused(workbook(MONTHS))
    assert (problem.told.reason, problem.told.facts["sheets"]) == ("which_sheet", "8月, 9月 ")
    both = read(workbook(MONTHS), sheet="*")
    assert [(sheet.file, values(sheet, "id")) for sheet in both] == [("x.xlsx/8月", ["a", "b"]), ("x.xlsx/9月 ", ["c"])]
    assert [told(sheet) for sheet in both] == [["other_sheets"], []]
    assert values(read(workbook(MONTHS), sheet="9月")[0], "id") == ["c"]
    assert refused(workbook(MONTHS), sheet="10月").told.reason == "missing_layer"


@pytest.mark.parametrize(
    "second",
    [[["n", "id"], [1, "c"]], [["ID ", "n", "more"], ["c", 1, 2]], [[None], [None], ["id", "n"], ["c", 1]], [["i\u200bd", "n"], ["c", 1]]],
    ids=["other order", "one more", "further down", "invisible"],
)
def test_columns_are_the_same_in_any_order_and_place(second: Rows) -> None:
    assert refused(workbook({"a": MONTHS["8月"], "b": second})).told.reason == "which_sheet"


def test_a_hidden_sheet_is_no_less_a_sheet() -> None:
    def hide(book: Any) -> None:
        book.worksheets[1].sheet_state = "hidden"

    assert refused(workbook({"a": MONTHS["8月"], "b": MONTHS["8月"]}, hide)).told.reason == "which_sheet"


def test_other_sheets_are_told() -> None:
    (sheet,) = read(workbook({"说明": [["notes"]], **{k: v for k, v in MONTHS.items() if k != "9月 "}} | {"说明": []}))
    assert (sheet.file, told(sheet)) == ("x.xlsx", [])
    (sheet,) = read(workbook({"data": MONTHS["8月"], "notes": MONTHS["说明"]}))
    assert (values(sheet, "n"), told(sheet)) == ([1, 2], ["other_sheets"])
    assert sheet.remarks[0].facts == {"file": "x.xlsx", "sheet": "data", "sheets": "notes"}


def merged(*ranges: str) -> Any:
    def merge(book: Any) -> None:
        for one in ranges:
            book.worksheets[0].merge_cells(one)

    return merge


def test_merged_cells_give_all_their_rows_their_value_and_say_so() -> None:
    rows: Rows = [["ward", "n", "day"], ["A", 1, dt.date(2026, 10, 1)], [None, 2, None], [None, 3, None], ["B", 4, None], [None, 5, None]]
    (sheet,) = read(workbook({"s": rows}, merged("A2:A4", "A5:A6", "C2:C3")))
    assert values(sheet, "ward") == ["A", "A", "A", "B", "B"]
    assert values(sheet, "day") == [dt.date(2026, 10, 1), dt.date(2026, 10, 1), None, None, None]
    assert sheet.merged == {"ward": "A2", "day": "C2"}
    assert [dict(one.facts) for one in sheet.remarks if one.facts["column"] == "ward"] == [
        {"file": "x.xlsx", "cell": "A2", "count": 3, "column": "ward"}
    ]


def test_a_merged_number_is_not_counted_for_every_row() -> None:
    (sheet,) = read(workbook({"s": [["ward", "n"], ["A", 300], ["B", None]]}, merged("B2:B3")))
    batch = Batch(incident_source(), sheet, Ledger(), SHANGHAI)
    with pytest.raises(FileProblem) as problem:
        batch.read_number("n", Spec(column="n"))
    assert (problem.value.told.reason, problem.value.told.facts["cell"]) == ("merged_number", "B2")


def test_merged_headings_are_no_values() -> None:
    (sheet,) = read(workbook({"s": [["Title", None], ["id", "n"], ["a", 1]]}, merged("A1:B1")), skip_lines=1)
    assert (list(sheet.columns), values(sheet, "id"), told(sheet)) == (["id", "n"], ["a"], [])
    (sheet,) = read(workbook({"s": [["id", "n"], [None, "unit"], ["a", 1]]}, merged("A1:A2")))
    assert values(sheet, "id") == [None, "a"]


def test_formulas_without_their_results_stop_who_reads_them() -> None:
    (sheet,) = read(workbook({"s": [["id", "due"], ["a", "=1+1"], ["b", dt.date(2026, 10, 1)], ["c", "=1+2"]]}))
    assert sheet.hollow == {"due": "B2"}
    batch = Batch(incident_source(), sheet, Ledger(), SHANGHAI)
    batch.read_text("id", Spec(column="id"))
    with pytest.raises(FileProblem) as problem:
        batch.read_moment("due_at", Spec(column="due"))
    assert (problem.value.told.reason, problem.value.told.facts["cell"]) == ("hollow_formula", "B2")


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        *(("yyyy-mm-dd", True), ("mm-dd-yy", True), ('yyyy"年"m"月"d"日"', True), ("d-mmm-yy", True), ("[$-409]d/m/yyyy", True)),
        *(("YYYY-MM-DD", True), ("[$-zh-CHS]yyyy/m/d;@", True), ('yyyy-mm-dd "hours"', True), ("YYYY-MM-DD HH:MM:SS", False)),
        *(("yyyy-mm-dd h:mm", False), ("yyyy-mm-dd hh:mm:ss", False), ("m/d/yy h:mm", False)),
    ],
)
def test_a_cell_that_shows_a_day_is_one(shown: str, day: bool) -> None:
    def style(book: Any) -> None:
        for row in (2, 3):
            book.worksheets[0].cell(row, 1).number_format = shown

    rows: Rows = [["due"], [dt.datetime(2026, 10, 12)], [dt.datetime(2026, 10, 12, 8, 30)]]
    found = values(read(workbook({"s": rows}, style))[0], "due")
    assert found == [dt.date(2026, 10, 12) if day else dt.datetime(2026, 10, 12), dt.datetime(2026, 10, 12, 8, 30)]
    assert type(found[0]) is (dt.date if day else dt.datetime)


def test_long_whole_numbers_that_a_workbook_has_rounded_are_refused() -> None:
    """Spreadsheets keep 15 digits; only a text keeps more."""
    rows: Rows = [["no"], [440305202610009985], [440305202610009986], ["440305202610009985"], [4.40305202610009e17], [123456789012345]]
    (sheet,) = read(workbook({"s": rows}))
    batch = Batch(incident_source(), sheet, Ledger(), SHANGHAI)
    batch.ledger.tally(batch.source, "incidents", sheet.file)
    batch.read_key("no", Spec(column="no"))
    assert [batch.list_values("no")[row] for row in batch.list_living()] == ["440305202610009985", "123456789012345"]
    assert rejected(batch) == {2: "rounded_number", 3: "rounded_number", 5: "rounded_number"}


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return made.getvalue()


def test_a_workbook_is_one_by_its_content() -> None:
    content = workbook({"s": [["id"], ["a"]]})
    for name in ("x.xls", "x.csv", "x.zip", "X.XLSX"):
        assert values(read(content, name)[0], "id") == ["a"]
    (sheet,) = read(zipped(UP__XLSX=content), "UP.ZIP")
    assert (sheet.file, values(sheet, "id")) == ("UP.ZIP/UP.XLSX", ["a"])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_workbook"),
        ("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked_workbook"),
        ("x.xls", b"<html><table><tr><td>id</td></tr></table></html>", "web_page"),
        ("x.xls", "\ufeff<!-- x --><TABLE><tr><td>id".encode("utf-16"), "web_page"),
        ("x.xls", b"id\tn\na\t1\n", "no_workbook"),
        ("x.xlsx", b"id,n\na,1\n", "no_workbook"),
        *((name, b"<!DOCTYPE html><title>Sign in</title>", "web_page") for name in ("x.csv", "x.geojson", "x.zip", "x.gpkg", "x.kml")),
        ("x.zip", b"PK\x03\x04broken", "unreadable_file"),
        ("x.zip", zipped(a__csv=b"a\n1\n", b__csv=b"a\n2\n"), "which_member"),
    ],
)
def test_what_is_something_else_than_its_name_says(name: str, content: bytes, reason: str) -> None:
    assert refused(content, name).told.reason == reason


def test_an_archive_with_a_password() -> None:
    locked = bytearray(zipped(a__csv=b"a\n1\n"))
    for found in re.finditer(rb"PK\x03\x04|PK\x01\x02", bytes(locked)):
        locked[found.start() + (6 if found[0].endswith(b"\x04") else 8)] |= 1
    assert refused(bytes(locked), "x.zip").told.reason == "locked_archive"


def test_a_table_beside_its_description() -> None:
    assert values(read(zipped(cases__csv=b"id\na\n", readme__txt=b"what this is"), "x.zip")[0], "id") == ["a"]


@pytest.mark.parametrize(("inside", "upper"), [("", True), ("folder/", False), ("a/b/", False)])
def test_shapes_in_a_folder_of_an_archive(tmp_path: Path, inside: str, upper: bool) -> None:
    frame = geopandas.GeoDataFrame({"CODE": ["a", "b"]}, geometry=[shapely.Point(1, 2)] * 2, crs=4326)
    frame.to_file(tmp_path / "roads.shp")
    frame.to_file(tmp_path / "one.gpkg")
    parts = {p.name.upper() if upper else p.name: p.read_bytes() for p in tmp_path.glob("roads.*")}
    made = zipped(**{inside + name.replace(".", "__"): content for name, content in parts.items()})
    assert values(read(made, "UP.ZIP" if upper else "x.zip")[0], "CODE") == ["a", "b"]
    several = zipped(**{inside + name.replace("roads.", f"{n}__"): c for name, c in parts.items() for n in ("x", "y")})
    if not upper:
        assert refused(several, "x.zip").told.reason == "which_layer"
        assert values(read(several, "x.zip", layer="y")[0], "CODE") == ["a", "b"]
    alone = zipped(**{f"{inside}one__gpkg": (tmp_path / "one.gpkg").read_bytes()})
    assert values(read(alone, "x.zip")[0], "CODE") == ["a", "b"]


# ---- OpenDocument ----

_ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>"""


def ods_cell(value: Any, more: str = "") -> str:
    kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
    return f'<table:table-cell {more} office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'


def ods(**sheets: list[list[str]]) -> bytes:
    """An OpenDocument file; rows are lists of cells as XML."""
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped(mimetype=kind, content__xml=_ODS.format(sheets=tables).encode())


HEADING = [ods_cell("ward"), ods_cell("n")]
MERGED = 'table:number-rows-spanned="2" table:number-columns-spanned="1"'
FORMULA = 'table:formula="of:=1+1"'
COVERED = "<table:covered-table-cell/>"


def test_an_opendocument_sheet_is_read() -> None:
    title = [ods_cell("ward"), ods_cell("n", 'table:number-columns-spanned="2"'), COVERED]
    (sheet,) = read(ods(s=[title, [ods_cell("A"), ods_cell(1, FORMULA)], [ods_cell("B"), ods_cell(2)]]), "x.ods")
    assert (values(sheet, "ward"), [int(n) for n in values(sheet, "n")]) == (["A", "B"], [1, 2])
    assert values(read(zipped(x__ods=ods(s=[HEADING, [ods_cell("A"), ods_cell(1)]])), "x.zip")[0], "ward") == ["A"]


@pytest.mark.parametrize(
    ("rows", "reason", "cell"),
    [
        ([HEADING, [ods_cell("A", MERGED), ods_cell(1)], [COVERED, ods_cell(2)]], "merged_in_ods", "A2"),
        ([HEADING, [ods_cell("A"), ods_cell(1, MERGED)], [ods_cell("B"), COVERED]], "merged_in_ods", "B2"),
        ([HEADING, [ods_cell("A"), f"<table:table-cell {FORMULA}/>"]], "hollow_in_ods", "B2"),
        ([HEADING, ['<table:table-cell table:number-columns-repeated="3"/>', ods_cell("A", MERGED)]], "merged_in_ods", "D2"),
    ],
)
def test_what_of_it_would_be_lost_is_refused(rows: list[list[str]], reason: str, cell: str) -> None:
    told = refused(ods(s=rows), "x.ods").told
    assert (told.reason, told.facts["sheet"], told.facts["cell"]) == (reason, "s", cell)
    several = ods(other=[HEADING, [ods_cell("Z"), ods_cell(9)]], s=rows)
    assert refused(several, "x.ods", layer="s").told.reason == reason
    (sheet,) = read(several, "x.ods", layer="other")
    assert values(sheet, "ward") == ["Z"]


def test_several_sheets_of_one_file_are_asked_for() -> None:
    rows = [HEADING, [ods_cell("A"), ods_cell(1)]]
    assert refused(ods(s=rows, t=rows), "x.ods").told.reason == "which_layer"


def test_an_opendocument_file_without_its_content() -> None:
    assert refused(zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "x.ods").told.reason == "unreadable_file"


@pytest.mark.parametrize("name", ["x.xls", "x.zip"])
def test_a_workbook_of_the_nineties_has_one_hint(name: str) -> None:
    """A real beginning of one: the header of its container, and the name of its stream. Also where it lies in an archive."""
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "Workbook".encode("utf-16-le") + bytes(512)
    problem = refused(old if name == "x.xls" else zipped(cases__xls=old), name)
    assert problem.told.reason == "old_workbook" and ".xlsx" in problem.told.tell("en")
