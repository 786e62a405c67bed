"""The process that parses files: it has nothing to steal, it is limited, and nothing that comes out of it is trusted."""

import datetime as dt
import os
import signal
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from data.core.settings import settings
from data.importing.common.columns import make_column
from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files import gdal_internals
from data.importing.profile.source import Source
from data.importing.reader import client, frames
from data.importing.reader.client import read_file

pytestmark = pytest.mark.slow

TRAITOR = """
import ctypes, os, socket, subprocess, sys, time
sys.path.insert(0, sys.argv[2])
from data.importing.files import readers
from data.importing.reader import first_use, process  # the samples are read by the true reader

SECRET, WATCHED, PORT, PARENT = {secret!r}, {watched!r}, {port}, {parent}
call = ctypes.CDLL(None, use_errno=True).syscall

def raw(number, *arguments):
    found = call(number, *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found

def connect():
    with socket.create_connection(("127.0.0.1", PORT), timeout=5):
        pass

WISHES = dict(
    read=lambda: open(SECRET).read(),
    read_low=lambda: os.open(SECRET, os.O_RDONLY),
    read_openat2=lambda: raw(437, -100, SECRET.encode(), (ctypes.c_uint64 * 3)(), 24),
    list=lambda: os.listdir("/"),
    status=lambda: os.stat(SECRET),
    environment=lambda: open(f"/proc/{{PARENT}}/environ", "rb").read(),
    memory=lambda: open(f"/proc/{{PARENT}}/mem", "rb").read(),
    memory_low=lambda: raw(310, PARENT, None, 0, None, 0, 0),
    trace=lambda: raw(101, 16, PARENT, 0, 0),
    write=lambda: open(WATCHED + "/owned", "w"),
    folder=lambda: os.mkdir(WATCHED + "/owned"),
    link=lambda: os.symlink(SECRET, WATCHED + "/owned"),
    rename=lambda: os.rename(SECRET, WATCHED + "/owned"),
    remove=lambda: os.unlink(SECRET),
    mode=lambda: os.chmod(SECRET, 0o777),
    send=connect,
    send_datagram=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT)),
    socket_unix=lambda: socket.socket(socket.AF_UNIX),
    socket_kernel=lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    start=lambda: subprocess.run(["/bin/true"]),
    fork=os.fork,
    execute=lambda: os.execv("/bin/true", ["true"]),
    end_others=lambda: os.kill(PARENT, 9),
    become_root=lambda: os.setuid(0),
    anonymous_file=lambda: os.memfd_create("x"),
    ring=lambda: raw(425, 8, (ctypes.c_uint8 * 120)()),
    handle=lambda: raw(304, -100, None, 0),
    namespace=lambda: raw(272, 0x10000000),
    mount=lambda: raw(165, b"x", b"/", b"tmpfs", 0, 0),
    kernel_keys=lambda: raw(250, 0, -3, 0),
    program_in_kernel=lambda: raw(321, 0, None, 0),
    limits=lambda: __import__("resource").setrlimit(1, (-1, -1)),
)

def steal(file, source):
    kinds, told = [], []
    for name, wish in WISHES.items():
        try:
            wish()
            told.append(f"{{name}}: done")
        except OSError as error:
            told.append(f"{{name}}: {{error.errno}}")
        except BaseException as error:
            told.append(f"{{name}}: {{type(error).__name__}}")
    told.append(f"uid: {{os.getuid()}} {{os.geteuid()}} {{os.getgid()}}")
    told.append(f"environment: {{sorted(os.environ)}}")
    told.append(f"arguments: {{SECRET in str(sys.argv)}}")
    from data.importing.common.sheet import make_sheet
    yield make_sheet(file.told, ["told"], [[line] for line in told], range(1, len(told) + 1))

readers.read_sheets = steal
import socket as s
process.serve(s.socket(fileno=int(sys.argv[1])))
"""


def parent_of(pid: int) -> int | None:
    """The process number of a process's parent; ``None`` where it has ended."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def children(pid: int) -> list[int]:
    """Process numbers of a process's children that have not ended."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if parent_of(int(entry.name)) == pid]


@pytest.fixture
def own_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that only this test uses."""
    monkeypatch.setattr(client, "_idle", [])


@pytest.mark.usefixtures("own_readers")
def test_code_of_an_attacker_in_the_process_reaches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, watched = tmp_path / "keys", tmp_path / "watched"
    secret.write_text("the key file")
    secret.chmod(0o666)  # not even what everybody may read
    tmp_path.chmod(0o777)
    watched.mkdir(mode=0o777)
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:password@127.0.0.1/x")
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        program = TRAITOR.format(secret=str(secret), watched=str(watched), port=listener.getsockname()[1], parent=os.getpid())
        monkeypatch.setattr(client, "_PROGRAM", program)
        (sheet,) = read_file(path, "x.csv", Source(file=[]))
        with pytest.raises(BlockingIOError):
            listener.accept()
    told = dict(line.split(": ", 1) for line in sheet.columns["told"].to_pylist())
    uid, environment, arguments = told.pop("uid"), told.pop("environment"), told.pop("arguments")
    assert len(told) > 30
    assert {name: answer for name, answer in told.items() if answer != "13"} == {}
    assert uid == ("65534 65534 65534" if os.geteuid() == 0 else f"{os.getuid()} {os.getuid()} {os.getgid()}")
    assert "DATABASE_URL" not in environment
    assert arguments == "False"
    assert secret.read_text() == "the key file"
    assert not list(watched.iterdir())


def test_gdal_has_only_the_drivers_that_are_named() -> None:
    """In the reader itself, by what a file of each other format is told: here by what the adapter leaves in a fresh process."""
    import subprocess
    import sys

    program = (
        "import pyogrio as p; from data.importing.files.gdal_internals import keep_drivers as k; k(); print(*p.list_drivers(), sep=';')"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert set(told.stdout.strip().split(";")) == set(gdal_internals.DRIVERS)
    assert {"OGR_VRT", "GDALG", "HTTP", "WFS"} <= set(pyogrio.list_drivers())  # what this GDAL would have


# -- limits --------------------------------------------------------------------------------------------------------------

HANGS = """
import sys, time
sys.path.insert(0, sys.argv[2])
from data.importing.files import readers
from data.importing.reader import first_use, process
def read(file, source):
    {body}
    yield
readers.read_sheets = read
import socket
process.serve(socket.socket(fileno=int(sys.argv[1])))
"""


def _told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, **limits: int) -> FileProblem:
    given = settings()
    monkeypatch.setattr(client, "_PROGRAM", HANGS.format(body=body))
    monkeypatch.setattr(client, "settings", lambda: given.model_copy(update=limits))
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    with pytest.raises(FileProblem) as told:
        list(read_file(path, "x.csv", Source(file=[])))
    return told.value


@pytest.mark.usefixtures("own_readers")
@pytest.mark.parametrize(
    ("body", "reason", "ending"),
    [
        ("time.sleep(600)", "reads_too_long", None),
        ("import os; os.kill(os.getpid(), 11)", "reader_ended", "PermissionError"),  # it may not even signal itself
        ("import ctypes; ctypes.string_at(0)", "reader_ended", "SIGSEGV"),
        ("x = bytearray(600 << 20)", "needs_memory", None),
        ("x = [bytes(1 << 20) for _ in range(600)]", "needs_memory", None),
        ("import os; os._exit(7)", "reader_ended", "exit code 7"),
        ("raise RuntimeError", "reader_ended", "RuntimeError"),
    ],
)
def test_a_child_that_hangs_falls_or_grows_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str, ending: str | None
) -> None:
    patience = 2 if reason == "reads_too_long" else 120  # only there the time must run out, however slowly a reader starts
    problem = _told(tmp_path, monkeypatch, body, import_file_s=patience, import_memory_mb=512)
    assert problem.told.reason == reason
    if ending:
        assert ending in str(problem.told.facts["ending"])


@pytest.mark.usefixtures("own_readers")
def test_a_child_that_only_computes_is_ended_by_its_processor_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = _told(tmp_path, monkeypatch, "while True: pass", import_file_s=2)
    assert problem.told.reason in ("reads_too_long", "reader_ended")
    (reader,) = client._idle
    assert children(reader.process.pid) == []


@pytest.mark.usefixtures("own_readers")
def test_more_than_a_file_may_unpack_to_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = "make_sheet('x.csv', ['a'], [['x' * (1 << 20)]], [1]) for _ in range(9)"
    body = f"from data.importing.common.sheet import make_sheet; yield from ({made})"
    assert _told(tmp_path, monkeypatch, body, import_unpacked_mb=4).told.reason == "unpacks_to_more"


@pytest.mark.usefixtures("own_readers")
def test_a_reader_that_was_ended_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    assert len(list(read_file(path, "x.csv", Source(file=[])))) == 1
    (reader,) = client._idle
    os.kill(reader.process.pid, signal.SIGKILL)
    reader.process.wait()
    assert len(list(read_file(path, "x.csv", Source(file=[])))) == 1


@pytest.mark.usefixtures("own_readers")
def test_a_file_of_which_no_more_is_wanted_is_left_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 40_000_000)
    sheets = read_file(path, "x.csv", Source(file=[]))
    next(sheets)
    sheets.close()
    (reader,) = client._idle
    assert children(reader.process.pid) == []
    assert len(list(read_file(_small(tmp_path), "y.csv", Source(file=[])))) == 1


def _small(folder: Path) -> Path:
    path = folder / "y.csv"
    path.write_text("a\n1\n")
    return path


@pytest.mark.usefixtures("own_readers")
def test_two_files_are_read_at_once(tmp_path: Path) -> None:
    first = read_file(_small(tmp_path), "y.csv", Source(file=[]))
    second = read_file(_small(tmp_path), "y.csv", Source(file=[]))
    assert [len(next(sheets)) for sheets in (first, second)] == [1, 1]
    assert [list(sheets) for sheets in (first, second)] == [[], []]
    assert len(client._idle) == 2


@pytest.mark.usefixtures("own_readers")
def test_the_reader_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        list(read_file(_small(tmp_path), "y.csv", Source(file=[])))
        (tmp_path / "pid").write_text(str(client._idle[0].process.pid))
        os._exit(0)  # without a chance to tidy up
    os.waitpid(child, 0)
    pid = int((tmp_path / "pid").read_text())
    for _ in range(600):
        if parent_of(pid) is None:
            return
        time.sleep(0.1)
    raise AssertionError("the reader still runs")


# -- what comes back -----------------------------------------------------------------------------------------------------


def test_values_of_all_kinds_come_back_as_they_were() -> None:
    mixed = [
        *(1, 2.5, True, False, None, "井", "", b"\x00\xff", 10**30, float("inf"), "half \ud800 a pair"),
        *(dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5, 6), dt.datetime(2026, 1, 2, tzinfo=dt.UTC), dt.time(1, 2), Decimal("1.50")),
    ]
    count = len(mixed)
    shapes = np.array([shapely.Point(i, 1) for i in range(count - 2)] + [None, shapely.Polygon()], dtype=object)
    sheet = Sheet(
        file="a/井.csv",
        columns={
            "mixed": mixed,
            "井": make_column([str(i) for i in range(count)]),
            "n": make_column([None, *range(1, count)]),
            "f": make_column([0.1] * count),
            "b": make_column([True] * count),
            "": make_column(["x"] * count),
        },
        geometry=shapes,
        crs="EPSG:4490",
        lines=np.arange(1, count + 1),
        broken={1, 3},
        closed={2},
    )
    back = frames.unpack_sheet(pa.py_buffer(frames.pack_sheet(sheet)), "a/井.csv")
    assert back.columns["mixed"] == mixed
    assert [type(v) for v in back.columns["mixed"]] == [type(v) for v in mixed]
    assert {name: v.equals(back.columns[name]) for name, v in sheet.columns.items() if name != "mixed"} == dict.fromkeys(
        ("井", "n", "f", "b", ""), True
    )
    assert list(back.columns) == list(sheet.columns)
    assert (back.file, back.crs, back.broken, back.closed) == (sheet.file, sheet.crs, sheet.broken, sheet.closed)
    assert back.lines.tolist() == sheet.lines.tolist()
    assert back.geometry is not None
    assert shapely.equals_exact(back.geometry[:-2], shapes[:-2]).all()
    assert back.geometry[-2] is None
    assert back.geometry[-1].is_empty


@pytest.mark.parametrize(
    "raw",
    [b"", b"nonsense", b"\xff" * 1000, b'{"reason": "__class__", "facts": {}}', b'{"reason": "empty_file", "facts": {"x": 1}}', b"[]"],
)
def test_what_is_no_frame_is_refused(raw: bytes) -> None:
    with pytest.raises(frames.BadFrame):
        frames.unpack_sheet(pa.py_buffer(raw), "x")
    with pytest.raises(frames.BadFrame):
        frames.unpack_problem(raw)


def test_a_sheet_with_columns_that_do_not_fit_is_refused() -> None:
    sheet = Sheet(file="x", columns={"a": make_column(["x"])}, lines=np.array([1]))
    good = frames.pack_sheet(sheet)
    assert len(frames.unpack_sheet(pa.py_buffer(good), "x")) == 1
    for broken in (good[: len(good) // 2], good.replace(b'"names": ["a"]', b'"names": ["a", "b"]'), good.replace(b'"mixed"', b'"other"')):
        with pytest.raises(frames.BadFrame):
            frames.unpack_sheet(pa.py_buffer(broken), "x")


def test_a_problem_comes_back_with_its_facts() -> None:
    problem = frames.unpack_problem(frames.pack_problem(FileProblem("ragged_line", file="x", line=3, found=2, expected=4)))
    assert (problem.told.reason, problem.told.facts) == ("ragged_line", {"file": "x", "line": 3, "found": 2, "expected": 4})
