"""Whole columns give the same results as single values: dates, delimited text, geometries, keys."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.importing.common.columns import make_column
from data.importing.common.sheet import Sheet
from data.importing.files import delimited, tables
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.placing import geometry_columns
from data.importing.profile.model import IncidentSource
from data.importing.profile.spec import Spec
from data.importing.rows import date_columns
from data.importing.rows.date_reader import DateReader
from data.importing.rows.reading import CoordinateReader, MomentReader, NumberReader, TextReader, read_column

BERLIN = ZoneInfo("Europe/Berlin")
FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%dT%H:%MZ")
moment_texts = st.builds(
    lambda at, form: at.strftime(form), st.datetimes(dt.datetime(1850, 1, 1), dt.datetime(2250, 1, 1)), st.sampled_from(FORMS)
)
broken_texts = st.builds(
    lambda text, at, sign: text[:at] + sign + text[at + 1 :], moment_texts, st.integers(0, 18), st.sampled_from("0369-:TZ. ")
)
"""Dates with one character wrong: nearly all of them are read one by one or not at all. The boundaries stand in ``test_dates``."""
SOURCE = IncidentSource(file=["x.csv"], columns={"reported_at": "at"})


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(moment_texts, broken_texts, st.none()), max_size=12))
def test_dates_of_a_column_are_those_of_its_values(texts: list[str | None]) -> None:
    for ignore_offset in (False, True):
        single = [None if t is None else DateReader(None, BERLIN, ignore_offset).read(t) for t in texts]
        made, bad = read_column(MomentReader(DateReader(None, BERLIN, ignore_offset)), make_column(texts), Spec(column="at"))
        assert [m if m is None else m.astimezone(dt.UTC) for m in single] == date_columns.unpack_moments(made)[0].to_pylist()
        assert bad.tolist() == [t is not None and s is None for t, s in zip(texts, single, strict=True)]


@pytest.mark.parametrize(
    ("form", "layout"),
    [("%d/%m/%Y %H:%M", "DD/MM/YYYY hh:mm"), ("%m/%d/%Y %I:%M:%S %p", "MM/DD/YYYY ii:mm:ss pp"), ("%d %b %Y", None), ("%H:%M", None)],
)
def test_formats_of_digits_in_fixed_places_are_layouts(form: str, layout: str | None) -> None:
    assert date_columns.find_layout(form) == layout


@settings(max_examples=25, deadline=None)
@given(st.lists(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2040, 1, 1)), min_size=1))
def test_declared_formats_are_read_the_same_way(times: list[dt.datetime]) -> None:
    form = "%m/%d/%Y %I:%M:%S %p"
    texts = [time.strftime(form) for time in times]
    made, bad = read_column(MomentReader(DateReader(form, BERLIN)), make_column(texts), Spec(column="at"))
    assert not bad.any()
    assert date_columns.unpack_moments(made)[0].to_pylist() == [DateReader(form, BERLIN).read(text).astimezone(dt.UTC) for text in texts]  # type: ignore[union-attr]


NUMBERS = [
    *("1,234.5", "1.234,5", "-7", "+7", "3.25", "3.", ".5", "1e5", "nan", "inf", "0x1", "1_0", "1 2", "２", "2000000000", "2000000001"),
    *("-2000000000.5", "1" * 15, "1" * 16, "0." + "1" * 15, "0." + "1" * 16),
]
TEXTS = ["x" * 5, "x" * 6, "井" * 5, "井" * 6, " x ", "\u3000x\u3000", "a\tb", "", " "]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.sampled_from(NUMBERS)), max_size=12))
@example([*NUMBERS, None])
@example([*TEXTS, None])
@example([*TEXTS, "a\x01b"])
def test_texts_and_numbers_of_a_column_are_those_of_its_values(texts: list[str | None]) -> None:
    for reader in (TextReader(5), NumberReader("."), NumberReader(","), CoordinateReader(".")):
        quick, bad = read_column(reader, make_column(texts), Spec(column="x"))
        slow, worse = read_column(reader, list(texts), Spec(column="x"))
        assert quick.to_pylist() == slow.to_pylist()
        assert bad.tolist() == worse.tolist()


cells = st.text('ab,";\n \r1', max_size=5)
lines = st.text('ab,"\n\r1', max_size=60)


@given(
    st.one_of(
        lines,
        st.lists(st.tuples(cells, cells, cells)).map(
            lambda rows: "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
        ),
    )
)
@example('1,"two\nlines",3\n\n4,5,6\n')
@example('1,5" pipe,3\n4,5,6\n')
def test_delimited_text_is_read_as_csv_reads_it(body: str) -> None:
    header = tables.Header(["a", "b", "c"], ",", 0)
    quick = delimited._read_with_arrow(body.encode(), "x.csv", header, 1)
    if quick is not None:
        slow = tables.parse_rows(body, "x.csv", header, 1, whole=True)
        assert [list(v) for v in plain(quick)] == [list(v) for v in plain(slow)]
        assert quick.lines.tolist() == slow.lines.tolist()


def plain(sheet: Sheet) -> list[list[object]]:
    return [v if isinstance(v, list) else v.to_pylist() for v in sheet.columns.values()]


@pytest.mark.parametrize("block", [7, 40, 1 << 20])
def test_large_files_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", block)
    path = tmp_path / "x.csv"
    path.write_text('id,note\n1,"one\nof two, ""quoted"""\n2,\n\n3,last', encoding="utf-8-sig")
    sheets = list(delimited.read_csv(DeliveredFile("x.csv", [Part("x.csv", path.read_bytes())]), SOURCE))
    assert [v for s in sheets for v in plain(s)[0]] == ["1", "2", "3"]
    assert [v for s in sheets for v in plain(s)[1]] == ['one\nof two, "quoted"', "", "last"]
    assert [line for s in sheets for line in s.lines.tolist()] == [2, 4, 6]
    assert (len(sheets) > 1) == (block < 60)


def test_geometry_on_the_wire_is_what_shapely_and_proj_make_of_it() -> None:
    plain_one, holed = (
        shapely.box(104, 30, 104.001, 30.002),
        shapely.box(10, 50, 10.02, 50.01).difference(shapely.box(10.005, 50.002, 10.01, 50.004)),
    )
    shapes = np.array(
        [plain_one, shapely.MultiPolygon([holed, shapely.box(11, 50, 11.01, 50.01)]), shapely.box(0, -89, 1, -80)], dtype=object
    )
    made = geometry_columns.encode_shapes(shapes)
    back = shapely.from_wkb(made.geom.to_pylist())
    assert shapely.equals_exact(back, [shapely.MultiPolygon([s]) if s.geom_type == "Polygon" else s for s in shapes]).all()
    assert set(shapely.get_srid(back)) == {4326} and set(shapely.get_type_id(back)) == {6}
    drawn = shapely.from_wkb(made.geom_3857.to_pylist())
    change = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    wanted = shapely.transform(shapes[:2], lambda xy: np.column_stack(change.transform(*xy.T)))
    assert shapely.equals_exact(shapely.normalize(drawn[0]), shapely.normalize(shapely.MultiPolygon([wanted[0]])), 1e-6)
    assert shapely.equals_exact(drawn[1], wanted[1], 1e-6)
    assert shapely.bounds(drawn[2])[1] == pytest.approx(change.transform(0, -85.06)[1], abs=1)
    geod = pyproj.Geod(ellps="WGS84")
    assert made.area_m2[:2] == pytest.approx(
        [abs(geod.geometry_area_perimeter(shapely.geometry.polygon.orient(plain_one))[0]), _area(geod, shapes[1])], rel=1e-6
    )
    points = geometry_columns.encode_shapes(shapely.points([[104.1, 30.6], [0, 0]]))
    assert [p.wkt for p in shapely.from_wkb(points.geom.to_pylist())] == ["POINT (104.1 30.6)", "POINT (0 0)"]


def _area(geod: pyproj.Geod, shape: shapely.MultiPolygon) -> float:
    return sum(abs(geod.geometry_area_perimeter(shapely.geometry.polygon.orient(part))[0]) for part in shape.geoms)


def test_a_column_keeps_what_it_cannot_hold_as_one_kind() -> None:
    assert make_column(["a", None]).type == pa.string()
    assert make_column([1, 2.5]) == [1, 2.5]
    assert make_column([2**70]) == [2**70]
    assert make_column([dt.date(2026, 1, 1)]) == [dt.date(2026, 1, 1)]
