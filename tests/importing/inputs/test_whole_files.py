"""Files that do not hold everything, or whose values would lose something on their way: refused or kept whole."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from delivered_files import read, refused, values
from import_rows import incident_source, make_batch, rejected

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.readers import read_sheets
from data.importing.profile.source import Source
from data.importing.profile.spec import Spec
from data.importing.rows.intake import Parts
from data.importing.rows.keys import Keys
from data.importing.rows.point_texts import read_points

LONG = 440305202610009985
POINT = {"type": "Point", "coordinates": [10.005, 50.01]}


def features(count: int, **around: Any) -> bytes:
    listed = [{"type": "Feature", "properties": {"id": i}, "geometry": POINT} for i in range(count)]
    return json.dumps({"type": "FeatureCollection", "features": listed, **around}).encode()


CUT: list[dict[str, Any]] = [
    *({"exceededTransferLimit": True}, {"properties": {"exceededTransferLimit": True}}, {"numberMatched": 4}, {"totalFeatures": 10}),
    *({"links": [{"rel": "self"}, {"rel": "next", "href": "x"}]}, {"next": "http://x/2"}, {"numberMatched": 4, "numberReturned": 3}),
]
WHOLE: list[dict[str, Any]] = [
    *({}, {"exceededTransferLimit": False}, {"numberMatched": 3, "numberReturned": 3}, {"totalFeatures": 3}, {"numberMatched": "unknown"}),
    *({"links": [{"rel": "self"}]}, {"next": None}),
]


def is_refused(*sheets: Sheet) -> bool:
    parts = Parts()
    for sheet in sheets:
        parts.add(sheet)
    try:
        parts.check()
    except FileProblem as problem:
        assert problem.told.reason == "cut_short"
        return True
    return False


@pytest.mark.parametrize("around", [*CUT, *WHOLE], ids=str)
def test_a_file_that_says_that_it_is_cut(around: dict[str, Any]) -> None:
    (sheet,) = read(features(3, **around), "x.geojson")
    assert is_refused(sheet) == (around in CUT)


def test_an_answer_of_esris_services_that_is_cut_is_read_without_asking_for_more() -> None:
    listed = [{"attributes": {"no": i}, "geometry": {"x": 10, "y": 50}} for i in (1, 2)]
    about = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "no", "type": "esriFieldTypeInteger"}],
    }
    (sheet,) = read(json.dumps({**about, "features": listed, "exceededTransferLimit": True}).encode(), "x.json")
    assert (values(sheet, "no"), is_refused(sheet)) == ([1, 2], True)
    (sheet,) = read(json.dumps({**about, "features": listed}).encode(), "x.json")
    assert not is_refused(sheet)


def test_pages_that_are_everything_together() -> None:
    def page(count: int, **around: Any) -> Sheet:
        return read(features(count, **around), "x.geojson")[0]

    assert not is_refused(page(3, exceededTransferLimit=True), page(3, exceededTransferLimit=True), page(1))
    assert is_refused(page(3, exceededTransferLimit=True), page(3, exceededTransferLimit=True))
    assert not is_refused(page(3, numberMatched=5), page(2, numberMatched=5))
    assert is_refused(page(3, numberMatched=9), page(2, numberMatched=9))


def test_lists_inside_of_objects() -> None:
    rows = [{"id": [1], "n": ["a", "b"]}, {"id": [2], "n": None}]
    wrapped = json.dumps({"meta": {"page": 1}, "data": {"items": rows, "tags": ["x"]}, "total_count": 9}).encode()
    problem = refused(wrapped, "x.json")
    assert (problem.told.reason, problem.told.facts["lists"], problem.told.facts["example"]) == (
        "wrapped_list",
        "data.items (2)",
        'layer = "data.items"',
    )
    (sheet,) = read(wrapped, "x.json", layer="data.items")
    assert (values(sheet, "id"), values(sheet, "n")) == ([1, 2], ['["a","b"]', None])
    assert refused(wrapped, "x.json", layer="data.rows").told.reason == "wrapped_list"
    (sheet,) = read(json.dumps({"results": rows, "total_count": 9}).encode(), "x.json", layer="results")
    assert sheet.cut == ("2 / 9", 9)


@pytest.mark.parametrize(("number", "text"), [(LONG, str(LONG)), (2**64 + 1, str(2**64 + 1)), (-(2**63) - 5, str(-(2**63) - 5))])
def test_long_numbers_of_json_keep_their_digits(number: int, text: str) -> None:
    listed = [{"no": number}, {"no": None}, {"no": 2.5}, {"no": 7}]
    for name, content in (("x.json", json.dumps(listed)), ("x.jsonl", "\n".join(map(json.dumps, listed)))):
        batch = make_batch({"no": values(read(content.encode(), name)[0], "no")})
        batch.read_key("no", Spec(column="no"))
        assert batch.list_values("no") == [text, None, "2.5", "7"]


def typed() -> pa.Table:
    days = [dt.date(2026, 10, 12), None, dt.date(2026, 10, 13)]
    shapes = pa.array(shapely.to_wkb([shapely.Point(10, 50)] * 3))
    return pa.table(
        {"no": pa.array([LONG, None, LONG + 1], pa.int64()), "day": pa.array(days, pa.date32()), "s": ["a", None, "井"], "geometry": shapes}
    )


@pytest.mark.parametrize(
    ("driver", "ending"), [("GPKG", "gpkg"), ("SQLite", "sqlite"), ("ESRI Shapefile", "shp"), ("FlatGeobuf", "fgb"), ("GML", "gml")]
)
def test_long_numbers_keep_their_digits_beside_gaps_and_days(tmp_path: Path, ending: str, driver: str) -> None:
    path = tmp_path / f"x.{ending}"
    pyogrio.write_arrow(typed(), path, driver=driver, geometry_name="geometry", geometry_type="Point", crs="EPSG:4326")
    parts = [path, *sorted(p for p in tmp_path.iterdir() if p != path)]
    (sheet,) = read_sheets(DeliveredFile(path.name, [Part(p.name, p.read_bytes()) for p in parts]), Source(file=[path.name]))
    batch = make_batch({"no": values(sheet, "no"), "day": values(sheet, "day")})
    batch.read_key("no", Spec(column="no"))
    assert batch.list_values("no") == [str(LONG), None, str(LONG + 1)]
    batch.read_moment("day", Spec(column="day"))
    assert batch.days["day"].tolist() == [driver != "FlatGeobuf", False, driver != "FlatGeobuf"]
    assert [m and m.astimezone(batch.zone).day for m in batch.list_values("day")] == [12, None, 13]


def test_long_numbers_of_parquet_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(typed().drop(["geometry"]), path)
    (sheet,) = read(path.read_bytes(), "x.parquet")
    assert (values(sheet, "no"), values(sheet, "day")) == ([LONG, None, LONG + 1], [dt.date(2026, 10, 12), None, dt.date(2026, 10, 13)])


def test_whole_numbers_beyond_the_signed_ones_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(
        pa.table({"no": pa.array([2**64 - 1, None], pa.uint64()), "s": pa.array(["a", "b"]).dictionary_encode()}), path
    )
    (sheet,) = read(path.read_bytes(), "x.parquet")
    assert (values(sheet, "no"), values(sheet, "s")) == ([2**64 - 1, None], ["a", "b"])


@pytest.mark.parametrize("value", [4.40305202610009984e17, -9.1e15, "4.40305E+17", "4E+15"])
def test_a_key_that_has_lost_digits_is_no_key(value: object) -> None:
    batch = make_batch({"no": [value, "a"]})
    batch.read_key("no", Spec(column="no"))
    assert rejected(batch) == {2: "rounded_number"}
    if isinstance(value, float):
        made = make_batch({"no": [value, "a"]})
        made.read_text("no", Spec(template="n-{no}"))
        assert rejected(made) == {2: "rounded_number"}


@pytest.mark.parametrize("value", [9007199254740991.0, "E+17", "4.4e17x", "1E5", 4.5])
def test_a_key_that_only_looks_so(value: object) -> None:
    batch = make_batch({"no": [value, "a"]})
    batch.read_key("no", Spec(column="no"))
    assert rejected(batch) == {}


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("id,a,b\n1,x,y\n2,x", "cut_row", 3),
        ("id,a,b\n1,x,y\n2,x,y", None, 0),
        ("id,a,b\n1,x\n2,x", None, 0),
        ("id,a,b\n1,x,y\n2,x\n", None, 0),
        ('id,a,b\n1,x,y\n2,"x,y\n3,x,y\n4,x,y\n', "open_quote", 3),
        ('id,a,b\n1,x,y\n2,"x,y', "open_quote", 3),
        ('id,a,b\n1,"x\nx",y\n2,"x,y\n3,x,y', "open_quote", 4),
        ('id,a,b\n1,5",y\n2,x,y\n', None, 0),
    ],
)
def test_a_table_that_ends_too_early(text: str, reason: str | None, line: int) -> None:
    if reason is None:
        assert sum(map(len, read(text.encode(), "x.csv"))) == 2
        return
    problem = refused(text.encode(), "x.csv")
    assert (problem.told.reason, problem.told.facts["line"]) == (reason, line)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["id\ttype\n1\t路灯\n", "id\tn\n1\t2\n", "编号,类型\n1,路灯\n2,垃圾\n"])
def test_text_of_two_bytes_a_character_without_its_mark(text: str, encoding: str) -> None:
    for declared in (None, "gb18030", "latin-1"):
        problem = refused(text.encode(encoding), "x.txt", encoding=declared)
        assert problem.told.facts["hint"] == f'encoding = "{encoding}"'
    assert sum(map(len, read(text.encode(encoding), "x.txt", encoding=encoding))) == text.count("\n") - 1


@pytest.mark.parametrize(
    ("text", "decimal", "wanted"),
    [
        *(("10.005,50.01", None, (10.005, 50.01)), ("(10.005, 50.01)", None, (10.005, 50.01)), ("[10.005; 50.01]", None, (10.005, 50.01))),
        *(("10.005 50.01", None, (10.005, 50.01)), ("10,005; 50,01", ",", (10.005, 50.01)), ("-10,50", None, (-10, 50))),
        *(
            ('{"lon": 10.005, "lat": "50.01"}', None, (10.005, 50.01)),
            ("10.005", None, None),
            ("10.005,50.01,3", None, None),
            ("a,b", None, None),
        ),
    ],
)
def test_two_coordinates_in_one_column(text: str, decimal: Any, wanted: tuple[float, float] | None) -> None:
    for lat_first in (False, True):
        batch = make_batch({"at": [text, None]}, incident_source(decimal=decimal))
        made = read_points(batch, "at", lat_first)
        named = text.startswith("{")
        expected = wanted if wanted is None or not lat_first or named else wanted[::-1]
        assert (None if made[0] is None else (made[0].x, made[0].y)) == expected
        assert rejected(batch) == ({} if wanted else {2: "bad_coordinates"})
        assert made[1] is None


def test_the_last_row_of_a_key_counts_where_that_is_declared() -> None:
    source = incident_source(columns={"reported_at": "at", "key": "id"}, duplicates="last")
    first = make_batch({"id": ["a", "b", "a"]}, source)
    second = make_batch({"id": ["b", "c"]}, source, ledger=first.ledger, file="y.csv")
    for batch in (first, second):
        batch.read_key("key", Spec(column="id"))
    second.reject(0, "bad_text")
    Keys().make_unique([first, second])
    assert (first.alive.tolist(), second.alive.tolist()[1]) == ([False, True, True], True)
    assert [(r.reason, r.file, r.line, r.sentence.facts.get("first")) for r in first.ledger.rejects if r.reason == "superseded"] == [
        ("superseded", "x.csv", 2, "x.csv:4")
    ]
    assert [r for r in first.ledger.unforgiven(source) if r.reason == "superseded"] == []
