"""Files at their edges: encodings, delimiters, headers, lines, patterns, archives, shapes of GeoJSON, and what the report counts."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from import_rows import incident_source, make_batch

from data.importing import report
from data.importing.common.account import read_account
from data.importing.common.sentences import FileProblem, Sentence
from data.importing.common.sheet import Sheet
from data.importing.files import delimited, unpack_limits
from data.importing.files.delimited import read_csv
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.encodings import decode_text, list_members, read_member
from data.importing.files.file_patterns import find_files, leaves_folder
from data.importing.files.geojson import parse_shapes, read_geojson
from data.importing.landing.staging import Changes
from data.importing.profile.headings import propose_columns
from data.importing.profile.model import PeopleColumns
from data.importing.profile.source import Source
from data.importing.reader.client import read_file
from data.importing.rows.rejects import Ledger


def sheets(path: Path, source: Source | None = None) -> list[Sheet]:
    return list(read_file(path, path.name, source or incident_source()))


def table(path: Path, source: Source | None = None) -> tuple[list[str], list[list[Any]], list[int]]:
    """Names, rows and lines of a file that is one table."""
    (sheet,) = sheets(path, source)
    names = [name for name in sheet.columns if not name.startswith("file.")]
    columns = [v if isinstance(v, list) else v.to_pylist() for v in (sheet.columns[name] for name in names)]
    return names, [list(row) for row in zip(*columns, strict=True)], sheet.lines.tolist()


def written(folder: Path, text: str | bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def delivered(path: Path) -> DeliveredFile:
    return DeliveredFile(path.name, [Part(path.name, path.read_bytes())])


def problem(path: Path, source: Source | None = None) -> tuple[str, dict[str, object]]:
    with pytest.raises(FileProblem) as told:
        sheets(path, source)
    return told.value.told.reason, told.value.told.facts


# -- delimited text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_sign_that_the_first_line_has_most(tmp_path: Path, sign: str) -> None:
    other = ";" if sign == "," else ","
    path = written(tmp_path, f"a{sign}b{other}{sign}c\n1{sign}2{other}{other}{other}{other}{sign}3\n")
    assert table(path)[1] == [["1", f"2{other * 4}", "3"]]
    assert table(written(tmp_path, "only\n1\n"))[:2] == (["only"], [["1"]])


def test_headers_lines_and_what_comes_before_them(tmp_path: Path) -> None:
    text = "A list of cases\n\nid,id,\n1,2,3\n\n4,5,6"
    names, rows, lines = table(written(tmp_path, text), incident_source(skip_lines=1, delimiter=","))
    assert (names, rows, lines) == (["id", "id_2", "3"], [["1", "2", "3"], ["4", "5", "6"]], [4, 6])
    names, rows, lines = table(written(tmp_path, "1,2\n3,4\n"), incident_source(header=False))
    assert (names, rows, lines) == (["1", "2"], [["1", "2"], ["3", "4"]], [1, 2])
    names, rows, lines = table(written(tmp_path, "x\n1,2\n"), incident_source(header=["a", "b"], skip_lines=1, delimiter=","))
    assert (names, rows, lines) == (["a", "b"], [["1", "2"]], [2])


def test_lines_of_windows_and_quotes_that_span_lines(tmp_path: Path) -> None:
    names, rows, lines = table(written(tmp_path, 'a,b\r\n"one\r\ntwo",""\r\n\r\n"say ""so""",2\r\n'))
    assert (names, rows, lines) == (["a", "b"], [["one\r\ntwo", ""], ['say "so"', "2"]], [2, 5])


@pytest.mark.parametrize(
    ("line", "found"), [("1,2,3,4", None), ("1,2,3,4,5", 5), ("1,2,3,4,", None), ("1,2,3", None), ("1,2", None), ("1", 1)]
)
def test_a_row_may_lack_values_but_not_half_of_them_and_have_none_too_many(tmp_path: Path, line: str, found: int | None) -> None:
    path = written(tmp_path, f"a,b,c,d\n1,2,3,4\n{line}\n")
    if found is None:
        _, rows, _ = table(path)
        assert rows[1] == [*line.removesuffix(",").split(","), None, None, None][:4]
    else:
        assert problem(path) == ("ragged_line", {"file": "x.csv", "line": 3, "found": found, "expected": 4})


@pytest.mark.parametrize("text", ["", "a,b\n", "\n\n", "a,b\n\n\n"])
def test_a_file_without_rows_is_empty(tmp_path: Path, text: str) -> None:
    assert problem(written(tmp_path, text))[0] == "empty_file"


# -- encodings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5"])
def test_encodings_that_are_named_or_marked(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "名,b\n路燈,2\n".encode(encoding))
    marked = encoding in ("utf-8", "utf-8-sig", "utf-16")
    source = incident_source() if marked else incident_source(encoding=encoding)
    assert table(path, source)[:2] == (["名", "b"], [["路燈", "2"]])


@pytest.mark.parametrize(
    ("text", "encoding", "hint"),
    [
        ("街道办,路灯", "gb18030", "gb18030"),
        ("Straße,Müll", "cp1252", "cp1252"),
        ("Café,“x”", "cp1252", "cp1252"),
        # All bytes of the next two could be read as either. High bytes that stand alone are most of the runs (3 of 4): western.
        ("Müll,für,Ärzte,–Öl", "cp1252", "cp1252"),
        # The second byte of 镕 is a plain letter, so its first one stands alone: 1 of 2 runs, which is not most of them.
        ("a镕b,街道", "gb18030", "gb18030"),
    ],
)
def test_the_first_byte_that_does_not_fit_is_named_with_an_encoding_that_does(text: str, encoding: str, hint: str) -> None:
    raw = b"a,b\nplain,text\n" + text.encode(encoding)
    with pytest.raises(FileProblem) as told:
        decode_text(raw, "x.csv", None, line=10)
    before = next(i for i, c in enumerate(text) if ord(c) > 127)
    assert told.value.told.reason == "wrong_encoding"
    assert {k: told.value.told.facts[k] for k in ("line", "column", "hint")} == {
        "line": 12,
        "column": before + 1,
        "hint": f'encoding = "{hint}"',
    }


def test_an_encoding_that_is_none(tmp_path: Path) -> None:
    assert problem(written(tmp_path, "a\n1\n"), incident_source(encoding="klingon"))[0] == "unreadable_file"


# -- which files -------------------------------------------------------------------------------------------------------


def test_patterns_mean_files_in_order_and_once(tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    for name in ("b.csv", "a.csv", "c.txt"):
        written(city, "x", name)
    written(tmp_path, "x", "beside.csv")
    found, empty = find_files(city, ["b.csv", "*.csv", "no*.csv", "beside.csv", "city/c.txt", "city/*.txt"])
    assert [told for _, told in found] == ["b.csv", "a.csv", "city/c.txt"]
    assert empty == ["no*.csv", "beside.csv"]
    assert [leaves_folder(city, p) for p in ("../x.csv", "a/../../x", "/etc/passwd", str(tmp_path / "beside.csv"), "a..b.csv")] == [
        *(True, True, True, True, False)
    ]


def test_members_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.CSV", "__MACOSX/b.csv", "readme.md"):
            archive.writestr(name, f"a\n{name}\n")
    assert list_members(delivered(path), (".csv",)) == ["a.CSV"]
    assert read_member(delivered(path), "a.CSV") == b"a\na.CSV\n"
    assert table(path)[1] == [["a.CSV"]]


@pytest.mark.parametrize(
    ("packed", "most_mb"), [(1, 64), (64 * 2**20 // 200, 64), (2**20, 200), (2**30, None)], ids=["little", "edge", "middle", "much"]
)
def test_what_a_file_may_unpack_to(packed: int, most_mb: int | None) -> None:
    file = DeliveredFile("x.zip", [Part("x.zip", b"")], most_unpacked=4_096 * 2**20)
    file.parts[0].size = packed
    assert unpack_limits.max_unpacked_bytes(file) == (4_096 if most_mb is None else most_mb) * 2**20


# -- GeoJSON -----------------------------------------------------------------------------------------------------------

SQUARE = [[10, 50], [10.01, 50], [10.01, 50.01], [10, 50.01], [10, 50]]
HOLE = [[10.002, 50.002], [10.004, 50.002], [10.004, 50.004], [10.002, 50.002]]


def test_shapes_of_geojson_are_read_together_or_one_by_one() -> None:
    whole = {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
    for others in ([], [{"type": "Point", "coordinates": [10, 50]}]):
        sheet = make_batch({"a": ["x"] * (2 + len(others))}).sheet
        made = parse_shapes([whole, {"type": "Polygon", "coordinates": [SQUARE]}, *others], sheet)
        assert made is not None
        assert [len(shapely.get_rings(shape)) for shape in made[:2]] == [2, 1]
        assert shapely.area(made[0]) == pytest.approx(0.0001 - 0.000002)
        assert (sheet.broken, sheet.closed) == (set(), set())


def test_open_rings_are_closed_and_broken_ones_are_told() -> None:
    sheet = make_batch({"a": ["x"] * 5}).sheet
    shapes = [
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[x + 1, y] for x, y in SQUARE[:-1]]]]},
        {"type": "Polygon", "coordinates": [SQUARE[:1]]},
        None,
        {"type": "Point", "coordinates": ["x"]},
    ]
    made = parse_shapes(shapes, sheet)
    assert made is not None
    assert (sheet.closed, sheet.broken) == ({0, 1}, {2, 4})
    assert [shape is None for shape in made] == [False, False, True, True, True]
    assert shapely.area(made[1]) == pytest.approx(0.0002)
    assert parse_shapes([None, None], sheet) is None
    # Polygons alone are read together; an open or a short ring among them is seen all the same.
    for rings, closed, broken in (([SQUARE[:-1]], {1}, set()), ([SQUARE, HOLE[:-1]], {1}, set()), ([SQUARE[:1]], set(), {1})):
        sheet = make_batch({"a": ["x"] * 2}).sheet
        made = parse_shapes([{"type": "Polygon", "coordinates": one} for one in ([SQUARE], rings)], sheet)
        assert made is not None
        assert (sheet.closed, sheet.broken) == (closed, broken)
        assert shapely.area(made[0]) == pytest.approx(0.0001)


def test_the_system_of_a_geojson_file(tmp_path: Path) -> None:
    feature = {"type": "Feature", "properties": {"a": 1, "b": [1], "c": None}, "geometry": {"type": "Point", "coordinates": [10, 50]}}
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": [feature]}
    sheet = read_geojson(delivered(written(tmp_path, json.dumps(collection), "x.geojson")), incident_source())
    assert sheet is not None
    assert sheet.lines.tolist() == [1]
    assert "4326" in str(sheet.crs) or "CRS84" in str(sheet.crs)
    collection["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    sheet = read_geojson(delivered(written(tmp_path, json.dumps(collection), "x.geojson")), incident_source())
    assert sheet is not None
    assert "25832" in str(sheet.crs)


# -- what is found by headings, and the report -------------------------------------------------------------------------


def test_headings_are_known_whatever_their_case_and_the_profile_goes_first() -> None:
    names = [" 姓名 ", "ID_Number", "联系电话", "手机号", "其他"]
    columns, found = propose_columns(PeopleColumns(name="其他"), names)  # type: ignore[arg-type]
    assert columns.name is not None
    assert columns.name.column == "其他"
    assert "name" not in found
    assert columns.phone is not None
    assert set(columns.phone.first or [columns.phone.column]) <= {"联系电话", "手机号"}


def test_the_report_counts_by_file_and_reason() -> None:
    ledger = Ledger()
    batch = make_batch({"a": ["x"] * 4}, ledger=ledger)
    ledger.tallies[("x", "x.csv")].left_out = 3
    batch.reject(0, "no_value", "a")
    batch.reject(1, "no_value", "a")
    batch.reject(2, "bad_date", "a", "soon")
    batch.repair("null_date", 2)
    batch.repair("ring_closed", 0)
    made = report.build_report(ledger, {"incident": Changes(1, 2, 3)}, [Sentence("no_areas")], {"seconds": 1})
    assert made["files"] == [
        {"subject": "IncidentSource", "source": "x", "file": "x.csv", "read": 4, "loaded": 1, "rejected": 3, "left_out": 3}
    ]
    assert (made["read"], made["loaded"], made["rejected"], made["seconds"]) == (4, 1, 3, 1)
    assert made["reasons"] == [{"source": "x", "reason": "no_value", "count": 2}, {"source": "x", "reason": "bad_date", "count": 1}]
    assert [(r["kind"], r["count"]) for r in made["repairs"]] == [("null_date", 2)]  # type: ignore[attr-defined]
    assert made["changes"] == {"incident": {"inserted": 1, "updated": 2, "deleted": 3}}


def test_the_first_sentences_of_each_kind_are_told_and_the_rest_counted() -> None:
    ledger = Ledger()
    batch = make_batch({"a": ["x"] * 60}, ledger=ledger)
    for row in range(25):
        batch.reject(row, "no_value", "a")
    for row in range(25, 55):
        batch.reject(row, "unknown_category", "a", "noise" if row % 2 else "smell")
    lines = report.format_rejects(ledger.rejects, "en")
    # Thirty rows of two unknown words: each word once, then the number of rows; of the others ten, then fifteen more.
    assert len(lines) == 3 + 11
    assert "and 28 more of “unknown_category” in x" in lines[2]
    assert "and 15 more of “no_value” in x" in lines[-1]


@pytest.mark.parametrize(("count", "lines"), [(20, 20), (21, 21), (30, 21)])
def test_twenty_remarks_are_shown(count: int, lines: int) -> None:
    ledger = Ledger()
    ledger.remarks = [("x", Sentence("same_number_held", {"count": i})) for i in range(count)]
    told = report.format_remarks(read_account(report.build_report(ledger, {}, [], {}), "en"), "en", 7)
    assert len(told) == lines
    assert ("/imports/7" in told[-1] and "report-of-import 7" in told[-1]) is (count > 20)
    assert (f"{count - 20} more" in told[-1]) is (count > 20)


def test_columns_of_the_table_stand_in_line_for_wide_characters_too() -> None:
    ledger = Ledger()
    for key, file in (("x", "案件.csv"), ("y", "cases-long.csv")):
        make_batch({"a": ["x"] * 1234}, incident_source(key=key), ledger=ledger, file=file)
    lines = report.format_table(read_account(report.build_report(ledger, {}, [], {}), "en"), "en")
    width = {sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in lines}
    assert len(width) == 1
    assert lines[-1].split()[:4] == ["Total", "2,468", "2,468", "0"]


def test_lines_are_counted_on_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 16)
    path = written(tmp_path, "a,b\n" + "".join(f"{i},x\n" for i in range(20)))
    found = list(read_csv(delivered(path), incident_source()))
    assert len(found) > 2
    assert np.concatenate([sheet.lines for sheet in found]).tolist() == list(range(2, 22))


# -- workbooks ---------------------------------------------------------------------------------------------------------


def workbook(folder: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for one in rows:
        book.active.append(one)
    book.save(folder / "x.xlsx")
    return folder / "x.xlsx"


def test_a_workbook_is_read_like_a_text(tmp_path: Path) -> None:
    """With a header, without one, and with names that the profile gives; empty rows count as lines and are no rows."""
    path = workbook(tmp_path, ["A list of cases"], [], ["id", "id", "kind"], ["1", "2", "x"], [], ["4", "5", "y"])
    assert table(path, incident_source(skip_lines=1)) == (["id", "id_2", "kind"], [["1", "2", "x"], ["4", "5", "y"]], [4, 6])
    assert table(path, incident_source(skip_lines=3, header=False)) == (["1", "2", "3"], [["1", "2", "x"], ["4", "5", "y"]], [4, 6])
    assert table(path, incident_source(skip_lines=4, header=["a", "b", "c"])) == (["a", "b", "c"], [["4", "5", "y"]], [6])
    assert problem(workbook(tmp_path, ["id", "kind"]))[0] == "empty_file"
    assert problem(workbook(tmp_path, []))[0] == "empty_file"
