"""Code of an attacker in the reader process: what it can still do to the import, and what a file can without any code."""

import json
import math
import os
import signal
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from data.core.settings import settings
from data.importing.common.columns import make_column
from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.profile.source import Source
from data.importing.reader import client, frames, wkb
from data.importing.reader.client import read_file

pytestmark = pytest.mark.slow

PROGRAM = """
import ctypes, mmap, os, sys, time
sys.path.insert(0, sys.argv[2])
from data.importing.common.sheet import make_sheet
from data.importing.files import readers
from data.importing.reader import first_use, frames, process
call = ctypes.CDLL(None, use_errno=True).syscall

def done(name, wish):
    try:
        wish()
        return f"{{name}}: done"
    except OSError as error:
        return f"{{name}}: {{error.errno}}"

def raw(number, *arguments):
    if call(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")

def read(file, source):
{body}
    yield make_sheet(file.told, ["told"], [[line] for line in told], range(1, len(told) + 1))

readers.read_sheets = read
import socket
process.serve(socket.socket(fileno=int(sys.argv[1])))
"""


@pytest.fixture(autouse=True)
def own_readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Readers that only this test uses."""
    monkeypatch.setattr(client, "_idle", [])
    yield
    client._end_readers()


def small(folder: Path, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_text("a\n1\n")
    return path


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, **limits: int) -> list[str]:
    """What an attacker's code in the child tells."""
    given = settings()
    monkeypatch.setattr(client, "_PROGRAM", PROGRAM.format(body="\n".join(f"    {line}" for line in body.splitlines())))
    monkeypatch.setattr(client, "settings", lambda: given.model_copy(update=limits))
    (sheet,) = read_file(small(tmp_path), "x.csv", Source(file=[]))
    told: list[str] = sheet.columns["told"].to_pylist()
    return told


def test_no_path_is_even_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag for an empty path leaves the path free: whether files are there, and how large, was to be seen."""
    secret = tmp_path / "keys"
    secret.write_text("secret")
    body = f"""
into = ctypes.create_string_buffer(256)
told = [done("newfstatat", lambda: raw(262, -100, {str(secret)!r}.encode(), into, 0x1000)),
        done("statx", lambda: raw(332, -100, {str(secret)!r}.encode(), 0x1000, 0xfff, into))]
"""
    assert run(tmp_path, monkeypatch, body) == ["newfstatat: 13", "statx: 38"]


def test_memory_beside_the_limit_of_data_is_not_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = """
told = [done("shared", lambda: mmap.mmap(-1, 1 << 20)),
        done("shared and checked", lambda: mmap.mmap(-1, 1 << 20, flags=0x3 | mmap.MAP_ANONYMOUS)),
        done("addresses", lambda: mmap.mmap(-1, 1 << 40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ))]
"""
    assert run(tmp_path, monkeypatch, body) == ["shared: 13", "shared and checked: 13", "addresses: 12"]


def test_calls_by_the_numbers_of_another_interface_end_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileProblem) as told:
        run(tmp_path, monkeypatch, 'told = []\ncall(0x40000000 | 257, -100, b"/etc/passwd", 0)')
    assert told.value.told.facts["ending"] == "SIGSYS"


def test_the_terminal_of_the_operator_is_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    body = 'for n in (0, 1, 2):\n    os.write(n, b"\\x1b]0;owned\\x07")\nprint("owned", file=sys.stderr, flush=True)\ntold = ["told"]'
    assert run(tmp_path, monkeypatch, body) == ["told"]
    assert capfd.readouterr() == ("", "")


def test_a_child_that_closes_its_pipe_and_stays_does_not_hold_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_GRACE_MS", 100)
    with pytest.raises(FileProblem) as told:
        run(tmp_path, monkeypatch, "told = []\nos.closerange(3, 1000)\ntime.sleep(600)")
    assert told.value.told.facts["ending"] == "SIGKILL"


def test_a_child_that_sleeps_ends_with_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PROGRAM", PROGRAM.format(body="    told = []\n    time.sleep(600)"))
    importing = os.fork()
    if importing == 0:
        start = client._start_reader

        def noted() -> Any:
            reader = start()
            (tmp_path / "pid").write_text(str(reader.process.pid))
            return reader

        client._start_reader = noted
        try:
            list(read_file(small(tmp_path), "x.csv", Source(file=[])))
        finally:
            os._exit(1)
    reader, children = _await(lambda: _reader_with_children(tmp_path / "pid"))
    os.kill(importing, signal.SIGKILL)  # without a chance to tidy up
    os.waitpid(importing, 0)
    _await(lambda: not any(_runs(pid) for pid in (reader, *children)))


def _reader_with_children(told: Path) -> tuple[int, list[int]] | None:
    pid = int(told.read_text() or 0) if told.exists() else 0
    found = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if pid and _parent(int(entry.name)) == pid]
    return (pid, found) if found else None


def _parent(pid: int) -> int | None:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def _runs(pid: int) -> bool:
    return _parent(pid) is not None


def _await(found: Any) -> Any:
    for _ in range(600):
        if made := found():
            return made
        time.sleep(0.1)
    raise AssertionError("it did not come to pass within a minute")


# -- lies ----------------------------------------------------------------------------------------------------------------


def honest() -> bytes:
    shapes = np.array([shapely.Point(1, 2), shapely.Point(3, 4)], dtype=object)
    columns = {"a": make_column(["x", "y"]), "n": make_column([1, 2]), "m": [1, "x"]}
    return frames.pack_sheet(Sheet("x.csv", columns, geometry=shapes, lines=np.array([1, 2])))


def lying(raw: bytes, **about: Any) -> pa.Buffer:
    """A frame with another description."""
    (size,) = struct.unpack_from("!Q", raw)
    told = json.dumps(json.loads(raw[8 : 8 + size]) | about).encode()
    body = raw[8 + size + -(8 + size) % 64 :]
    return pa.py_buffer(struct.pack("!Q", len(told)) + told + bytes(-(8 + len(told)) % 64) + body)


LIES: dict[str, dict[str, Any]] = {
    "another file": {"file": "y.csv"},
    "a file beside it": {"file": "x.csvy"},
    "more rows than bytes": {"rows": 1 << 40},
    "less than no rows": {"rows": -1},
    "a row that is not there": {"broken": [2]},
    "a row before the first": {"closed": [-1]},
    "more names than columns": {"names": ["a", "n", "m", "o"]},
    "no columns": {"names": [], "mixed": []},
    "a column of shapes that is not there": {"column": "b"},
    "no arrays": {"arrays": []},
    "a column of nothing": {"arrays": [["null", [None]]] * 6},
    "packed names": {"arrays": [["dictionary<values=string, indices=int32, ordered=0>", [None, 16]]] * 6},
    "a buffer beyond the end": {"arrays": [["int64", [None, 1 << 50]]] * 6},
    "a buffer of less than nothing": {"arrays": [["int64", [None, -64]]] * 6},
    "rows nested without end": {"rows": [[]]},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_frame_that_lies_is_refused(lie: dict[str, Any]) -> None:
    assert frames.unpack_sheet(lying(honest()), "x.csv").columns["m"] == [1, "x"]
    with pytest.raises(frames.BadFrame):
        frames.unpack_sheet(lying(honest(), **lie), "x.csv")


@pytest.mark.parametrize("line", [-1, 2**31, 2**62])
def test_lines_that_the_database_cannot_keep_are_refused(line: int) -> None:
    raw = frames.pack_sheet(Sheet("x.csv", {"a": make_column(["x"])}, lines=np.array([line])))
    with pytest.raises(frames.BadFrame):
        frames.unpack_sheet(pa.py_buffer(raw), "x.csv")


@pytest.mark.parametrize("value", ["1E+999999999", "-1E-999999999"])
def test_a_number_that_cannot_be_written_out_is_refused(value: str) -> None:
    from decimal import Decimal

    raw = frames.pack_sheet(Sheet("x.csv", {"a": [Decimal(value)]}, lines=np.array([1])))
    with pytest.raises(frames.BadFrame):
        frames.unpack_sheet(pa.py_buffer(raw), "x.csv")


@pytest.mark.parametrize("facts", ['{"reason": 1}', '{"self": 1}', '{"lang": "en"}', '{"msgid": 1}'])
def test_facts_that_no_sentence_has_are_left_out(facts: str) -> None:
    given = json.loads(facts) | {"file": "x.csv"}
    problem = frames.unpack_problem(json.dumps({"reason": "empty_file", "facts": given}).encode())
    assert problem.told.both()["en"] == "x.csv is empty: it holds no rows."


def nested(depth: int, order: str = "<") -> bytes:
    level = struct.pack(f"{order}BII", order == "<", 7, 1)
    return level * depth + struct.pack(f"{order}BIdd", order == "<", 1, 1, 2)


@pytest.mark.parametrize("order", ["<", ">"])
def test_shapes_in_shapes_do_not_end_the_import(order: str) -> None:
    """GEOS reads them by calling itself: 20,000 levels, 180 kilobytes, were a segmentation fault."""
    assert wkb.is_shallow(nested(31, order))
    assert not wkb.is_shallow(nested(32, order))
    assert not wkb.is_shallow(nested(50_000, order))
    broken: set[int] = set()
    shapes = frames._read_shapes(pa.array([nested(50_000, order), shapely.to_wkb(shapely.Point(3, 4)), None], pa.binary()), broken)
    assert (shapes[0], shapes[1].wkt, shapes[2], broken) == (None, "POINT (3 4)", None, {0})


def test_large_shapes_of_all_kinds_are_shallow() -> None:
    ring = [(np.cos(i / 50), np.sin(i / 50)) for i in range(300)]
    polygon = shapely.Polygon(ring, [[(x / 2, y / 2) for x, y in ring]])
    every = [
        *(polygon, shapely.MultiPolygon([polygon, polygon]), shapely.LineString(ring), shapely.MultiPoint(ring)),
        *(shapely.MultiLineString([ring, ring]), shapely.GeometryCollection([shapely.MultiPolygon([polygon]), shapely.MultiPoint(ring)])),
    ]
    for shape in [*every, *shapely.force_3d(np.array(every, dtype=object))]:
        for flavor in ("iso", "extended"):
            for order in (0, 1):
                raw = shapely.to_wkb(shapely.set_srid(shape, 4490), byte_order=order, flavor=flavor, include_srid=flavor == "extended")
                assert wkb.is_shallow(raw)


# -- without any code ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", ["WKT", "WKB", "GeoJSON"])
def test_a_text_that_would_end_geos_ends_only_the_child(tmp_path: Path, notation: str) -> None:
    depth = 300_000
    text = {
        "WKT": "GEOMETRYCOLLECTION(" * depth + "POINT(1 1)" + ")" * depth,
        "WKB": nested(depth).hex(),
        "GeoJSON": '{""type"":""GeometryCollection"",""geometries"":[' * depth + "]}" * depth,
    }[notation]
    (tmp_path / "x.csv").write_text(f'id,geometry\n1,"{text}"\n')
    try:
        (sheet,) = read_file(tmp_path / "x.csv", "x.csv", Source(file=[]))
    except FileProblem as problem:
        assert (notation, problem.told.reason, problem.told.facts["ending"]) == (notation, "reader_ended", "SIGSEGV")
    else:
        assert sheet.broken == {0}


def test_a_curve_becomes_short_lines_and_a_broken_one_spoils_only_its_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('id,wkt\n1,"CIRCULARSTRING(0 0,1 1,2 0)"\n2,POINT(1 2)\n3,"CIRCULARSTRING(0 0,1 1"\n')
    (sheet,) = read_file(tmp_path / "x.csv", "x.csv", Source(file=[]))
    assert sheet.broken == {2}
    assert sheet.geometry is not None
    assert sheet.geometry[0].geom_type == "LineString" and abs(sheet.geometry[0].length - math.pi) < 0.01
    assert sheet.geometry[1].wkt == "POINT (1 2)"


def test_a_file_cannot_pass_for_another(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("file.name,file.folder,file.stem,file.line\nreal.csv,trusted,real,99\n")
    (sheet,) = read_file(path, "x.csv", Source(file=[]))
    found = {name: values.to_pylist() for name, values in sheet.columns.items()}
    assert found == {"file.name": ["x.csv"], "file.folder": [tmp_path.name], "file.stem": ["x"], "file.line": [2]}


def test_a_name_that_is_no_text_is_read_and_told(tmp_path: Path) -> None:
    """Names out of archives are often in GBK: their bytes are no UTF-8."""
    (tmp_path / os.fsdecode(b"\xbe\xae.csv")).write_text("a\n1\n")
    from data.importing.files.file_patterns import find_files

    ((path, told),), _ = find_files(tmp_path, ["*.csv"])
    assert told == "\ufffd\ufffd.csv"
    (sheet,) = read_file(path, told, Source(file=[]), tmp_path)
    assert sheet.columns["file.name"].to_pylist() == ["\ufffd\ufffd.csv"]
