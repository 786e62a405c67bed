"""Kill −9 of keeper, worker, database and client in the middle of every kind of step: nothing half, nothing twice, nothing lost.

All of it is under way at once, with a bulk and an upload, so that one kill meets every kind: a lock on the city holds the requests up until
all are there, the keeper takes them as one batch, and triggers hold it, and the upload, in the middle of their transactions.
"""

import json
import os
import secrets
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import small_city as city
from attachment_files import make_png
from case_tools import middle_of
from gridwell_command import Up, address_of, filled_home, kill_one, up
from table_locks import until

from data import rollup
from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.cases.stages import STEPS
from data.cluster import processes
from data.database.connections import connection_arguments
from data.database.socket import paths
from data.doctor.examine import CITY_CHECKS

pytestmark = pytest.mark.slow

_SLOW = (
    "CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0"
    " AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END'",
    "CREATE TRIGGER rest AFTER INSERT ON incident_event FOR EACH STATEMENT EXECUTE FUNCTION rest()",
    # When the file is stored and its row is not: at the end of the transaction.
    "CREATE CONSTRAINT TRIGGER rest AFTER INSERT ON attachment_upload DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rest()",
)
_FAST = "DROP TRIGGER rest ON incident_event; DROP TRIGGER rest ON attachment_upload; DROP FUNCTION rest()"
_HOLD = "SELECT pg_advisory_lock(4711)"
_IN_THE_MIDDLE = "SELECT count(*) = %s FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
CHECKS = [code for code in CITY_CHECKS if code.startswith(("incident.", "sum.", "place.")) and code != "place.crowds"]

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "file": ("reported", {}),
    "dispatch": ("filed", {"unit": "u1"}),
    "accept": ("dispatched", {}),
    "handle": ("in_progress", {}),
    "verify_pass": ("feedback", {}),
    "verify_fail": ("feedback", {"reason": "not clean"}),
    "evaluate": ("closed", {}),
    "void": ("filed", {"reason": "a test call"}),
    "mark_duplicate": ("filed", {"into": "i05"}),
    "not_responsible": ("dispatched", {"reason": "private land"}),
    "refer_up": ("filed", {"reason": "too large"}),
    "pause": ("in_progress", {"reason": "rain", "approver": "chief", "until": "2099-01-01T00:00:00+08:00"}),
    "resume": ("in_progress", {}),
    "split": ("filed", {"parts": [{"title": "a part"}]}),
    "call_back": ("closed", {"answered": True, "solved": False}),
    "reopen": ("void", {"reason": "it is back"}),
    "remark": ("closed", {}),
    "remind": ("in_progress", {}),
    "set_severity": ("filed", {"severity": 1}),
    "hand_over": ("dispatched", {"unit": "u2"}),
    "move": ("filed", {"reason": "the other bank", "area": city.C6}),
    "reply": ("closed", {"reply": "thank you"}),
    "undo": ("filed", {}),
}
"""Of each step, the stage of the case it is taken on, and its fields."""
ONE_WORKER = {"GRIDWELL_WORKERS": "1", "GRIDWELL_RATE_FACTOR": "0"}
VICTIMS = ("keeper", "worker", "postmaster", "client")
BULK = ("bulk-1", "bulk-2", "bulk-3")


def test_every_kind_of_step_is_there() -> None:
    assert set(KINDS) == set(STEPS) - {"blur"}, "which needs files: it is written as a remark with a file is"


@pytest.fixture(scope="module")
def running() -> Iterator[Up]:
    """A server over the small city."""
    with filled_home() as home, up(home, GRIDWELL_STATEMENT_TIMEOUT_MS="120000", **ONE_WORKER) as made:
        with owner(home) as connection:
            connection.execute("UPDATE incident SET number = source_key")
        yield made


def owner(home: Path) -> psycopg.Connection[Any]:
    return psycopg.connect(autocommit=True, **connection_arguments(address_of(home), "test"))


def asks(home: Path) -> bool:
    """Whether the database answers."""
    try:
        with owner(home) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def supervisor(home: Path) -> str:
    with owner_transaction(address_of(home)) as connection:
        name = f"chief-{secrets.token_hex(4)}"
        store.add(connection, Draft(name, role="supervisor"))
        return tokens.make(connection, name, "test", 1)


def plant_cases(connection: psycopg.Connection[Any], word: str) -> None:
    """A case for each kind of step, in its stage, and some for the bulk."""
    rows = [(f"{word}-{kind}", stage, kind == "resume") for kind, (stage, _) in KINDS.items()]
    plant(connection, [*rows, *((f"{word}-{name}", "filed", False) for name in BULK)])


def plant(connection: psycopg.Connection[Any], rows: Sequence[tuple[str, str, bool]]) -> None:
    """Cases with these numbers, each in its stage, paused or not."""
    with connection.transaction():
        for number, stage, paused in rows:
            connection.execute(
                "INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel,"
                " reported_at, title, stage, paused, paused_at, paused_until, closed_at)"
                " SELECT district, city, source_id, %(number)s, grid, path, geom, geom_3857, %(number)s, category, channel, reported_at,"
                " title, %(stage)s, %(paused)s, CASE WHEN %(paused)s THEN reported_at END, CASE WHEN %(paused)s THEN reported_at END,"
                " CASE WHEN %(stage)s = 'closed' THEN reported_at END FROM incident WHERE number = 'i06'",
                {"number": number, "stage": stage, "paused": paused},
            )
        rollup.rebuild(connection, city.CITY)


@dataclass
class Call:
    """One request, which may be sent again under its key."""

    path: str
    key: str
    content: bytes
    first: Future[httpx.Response | None] | None = None
    answer: httpx.Response | None = field(default=None)

    def send(self, url: str, token: str) -> httpx.Response | None:
        """The answer; ``None`` where the connection was lost."""
        headers = {"authorization": f"Bearer {token}", "idempotency-key": self.key, "content-type": "application/json"}
        try:
            return httpx.post(url + self.path, content=self.content, headers=headers, timeout=90)
        except httpx.TransportError:
            return None

    def send_and_die(self, url: str, token: str, share: float = 1) -> Callable[[], None]:
        """Send it, or a share of its content, as a client that is then killed: what is returned cuts the connection."""
        parts = urlsplit(url)
        cut = socket.create_connection((parts.hostname or "", parts.port or 0))
        cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        head = f"POST {self.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {self.key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(self.content)}\r\n\r\n"
        cut.sendall(head.encode() + self.content[: int(len(self.content) * share)])
        return cut.close


def list_calls(word: str, picture: bytes, versions: dict[str, int]) -> dict[str, Call]:
    """One call of each kind."""
    calls = {}
    for kind, (_, fields) in KINDS.items():
        number = f"{word}-{kind}"
        said = {"step": kind, "version": versions[number], "remark": f"{word} {kind}", **fields}
        calls[kind] = Call(f"/api/cases/{number}/steps", f"{word}-{kind}", json.dumps(said).encode())
    lon, lat = middle_of(city.C1)
    report = {"category": "env", "title": f"{word} report", "lon": lon, "lat": lat, "remark": f"{word} report"}
    calls["report"] = Call("/api/cases", f"{word}-report", json.dumps(report).encode())
    many = {"step": "set_severity", "severity": 2, "remark": f"{word} bulk", "cases": [{"number": f"{word}-{name}"} for name in BULK]}
    calls["bulk"] = Call("/api/cases/steps", f"{word}-bulk", json.dumps(many).encode())
    calls["upload"] = Call("/api/attachments", f"{word}-upload", picture)
    return calls


def kill(running: Up, whom: str) -> None:
    if whom == "postmaster":
        found = processes.postmaster(paths(running.home).data)
        assert found is not None
        os.kill(found, signal.SIGKILL)
    else:
        kill_one(running.keepers if whom == "keeper" else running.workers)


def stored_files(home: Path) -> set[str]:
    return {path.name for path in (home / "attachments").rglob("*") if path.is_file()}


@pytest.mark.parametrize("whom", VICTIMS)
def test_whoever_is_killed_the_work_is_whole(running: Up, whom: str) -> None:
    home, token, before = running.home, supervisor(running.home), stored_files(running.home)
    with owner(home) as connection:
        plant_cases(connection, whom)
    undone = Call(f"/api/cases/{whom}-undo/steps", f"{whom}-first", b'{"step": "dispatch", "version": 0, "unit": "u1"}')
    assert (made := undone.send(running.url, token)) is not None and made.status_code == 200, made and made.text
    with owner(home) as connection:
        for statement in _SLOW:
            connection.execute(statement)
        versions = dict(connection.execute("SELECT number, version FROM incident").fetchall())
    calls = list_calls(whom, make_png(color=(7, 8, VICTIMS.index(whom))), versions)
    with ThreadPoolExecutor(len(calls)) as pool, owner(home) as holder:
        holder.execute(_HOLD)
        kill_in_the_middle(running, whom, begin_all(running, whom, calls, token, pool))
        holder.close()
        until(lambda: asks(home), "the database answers")
        with owner(home) as connection:
            connection.execute(_FAST)
        for call in calls.values():
            call.answer = call.first.result() if call.first is not None else None
    until(lambda: running.workers() and running.keepers() and asks(home), "everything runs again")
    check_first_answers(calls)
    ask_again(running, calls, token)
    with owner(home) as connection:
        check_once(connection, whom, calls)
    of_picture = answer_of(calls["upload"]).json()["hash"]
    assert stored_files(home) - before == {of_picture, f"{of_picture}.thumbnail"}, "one file, and nothing beside it"


def begin_all(running: Up, whom: str, calls: dict[str, Call], token: str, pool: ThreadPoolExecutor) -> ExitStack:
    """Send everything while the city is held, so that it becomes one batch; what is returned cuts the connections of a client."""
    cuts = ExitStack()
    with owner(running.home) as holder, holder.transaction():
        holder.execute("SELECT FROM city FOR NO KEY UPDATE")
        for call in calls.values():
            if whom == "client":
                cuts.callback(call.send_and_die(running.url, token))
            else:
                call.first = pool.submit(call.send, running.url, token)
        if whom == "client":
            half = Call("/api/attachments", "half", make_png((640, 480), (1, 2, 3)))
            half.send_and_die(running.url, token, 0.5)()
        wanted = len(calls) - 2 + len(BULK)  # the bulk is several requests, and an upload is none
        count = "SELECT count(*) FROM case_request WHERE outcome IS NULL"
        with owner(running.home) as looking:
            # Nobody waits for ever: on a slow machine the first may have given up before the last is there, and is asked for again later.
            soon = time.monotonic() + 6
            while looking.execute(count).fetchone() != (wanted,) and time.monotonic() < soon:
                time.sleep(0.02)
    return cuts


def kill_in_the_middle(running: Up, whom: str, cuts: ExitStack) -> None:
    """Wait until writer and upload are in the middle of their transactions, and kill."""
    wait_for_the_middle(running, 2)
    cuts.close()
    if whom != "client":
        kill(running, whom)


def wait_for_the_middle(running: Up, count: int) -> None:
    """Wait until so many transactions are held in their middle."""
    with owner(running.home) as connection:
        until(lambda: connection.execute(_IN_THE_MIDDLE, [count]).fetchone() == (True,), "writer and upload are in the middle")


def answer_of(call: Call) -> httpx.Response:
    """Its last answer."""
    assert call.answer is not None
    return call.answer


def check_first_answers(calls: dict[str, Call]) -> None:
    """Everybody was told that it is done, or that it is not, or that nobody knows yet; or heard nothing."""
    for kind, call in calls.items():
        if call.answer is not None:
            assert call.answer.status_code in (200, 201, 503), (kind, call.answer.text)


def ask_again(running: Up, calls: dict[str, Call], token: str) -> None:
    """Send everything once more under the same keys, until it is answered; what was told stays true."""
    for kind, call in calls.items():
        told, answers = call.answer, list[httpx.Response]()

        def again(call: Call = call, answers: list[httpx.Response] = answers) -> bool:
            made = call.send(running.url, token)
            if made is not None and (made.status_code in (200, 201) or "too_late" in made.text):
                answers.append(made)
            return bool(answers)

        until(again, f"the same key tells what became of {kind}")
        call.answer = answers[0]
        check_told(kind, told, answers[0])


def check_told(kind: str, told: httpx.Response | None, now: httpx.Response) -> None:
    """What was told first is true."""
    if now.status_code == 409:
        assert kind == "undo" and (told is None or told.status_code == 503), "on a slow machine the minute of an undo has passed"
    elif told is not None and (kind in KINDS or kind == "report"):
        if told.status_code in (200, 201):
            assert now.json()["again"] and now.json()["seq"] == told.json()["seq"], kind
        elif told.json()["error"]["code"] == "not_done":
            assert not now.json()["again"], f"{kind} was not done, as was said"


def check_once(connection: psycopg.Connection[Any], word: str, calls: dict[str, Call]) -> None:
    """Each step was taken once, on every case of the bulk, and the doctor finds nothing."""
    done = [kind for kind in (*KINDS, "report") if answer_of(calls[kind]).status_code in (200, 201)]
    events = "SELECT remark, count(*) FROM incident_event WHERE remark LIKE %s GROUP BY 1"
    found = dict(connection.execute(events, [f"{word} %"]).fetchall())
    assert found == {**{f"{word} {kind}": 1 for kind in done}, f"{word} bulk": len(BULK)}
    once = {
        "SELECT count(*) FROM incident WHERE title = %s": f"{word} report",
        "SELECT count(*) FROM incident_event WHERE details ->> 'split_from' = %s": f"{word}-split",
        "SELECT count(*) FROM incident_event WHERE step = 'absorb' AND details ->> 'from' = %s": f"{word}-mark_duplicate",
        "SELECT count(*) FROM attachment_upload WHERE hash = %s": answer_of(calls["upload"]).json()["hash"],
    }
    assert {what: connection.execute(query.encode(), [what]).fetchone() for query, what in once.items()} == dict.fromkeys(
        once.values(), (1,)
    )
    with connection.transaction(force_rollback=True):
        assert {code: CITY_CHECKS[code][1](connection, city.CITY).offenders for code in CHECKS} == dict.fromkeys(CHECKS, ())


# ---- Two thousand at once ----

MANY, PART = 2_000, 200
"""The most cases that the desk chooses, and how many it asks for together."""


def part_of(numbers: Sequence[str], step: str, version: int, key: str, **fields: Any) -> Call:
    said = {"step": step, "cases": [{"number": number, "version": version} for number in numbers], **fields}
    return Call("/api/cases/steps", key, json.dumps(said).encode())


def send_until_told(running: Up, token: str, call: Call) -> dict[str, Any]:
    """Ask under the same key until all of it is done, as “Go on” does: a slow machine takes back what it does not reach in time."""

    def again() -> bool:
        call.answer = call.send(running.url, token)
        return call.answer is not None and call.answer.status_code == 200 and call.answer.json()["done"] == PART

    until(again, f"{call.key} is answered")
    told: dict[str, Any] = answer_of(call).json()
    return told


def test_two_thousand_go_on_where_a_kill_in_the_fourth_part_stopped_them_and_are_taken_back(running: Up) -> None:
    """The server is killed while the writer holds the fourth of ten parts: all of it or nothing is done, and no case gets a step twice."""
    home, token = running.home, supervisor(running.home)
    numbers = [f"many-{n:04}" for n in range(MANY)]
    groups = [numbers[start : start + PART] for start in range(0, MANY, PART)]
    with owner(home) as connection:
        plant(connection, [(number, "filed", False) for number in numbers])
    parts = [part_of(some, "dispatch", 0, f"many {n}", unit="u1") for n, some in enumerate(groups)]
    assert [send_until_told(running, token, call)["done"] for call in parts[:3]] == [PART] * 3
    with owner(home) as connection:
        connection.execute(_SLOW[0])
        connection.execute(_SLOW[1])
    with ThreadPoolExecutor(1) as pool, owner(home) as holder:
        holder.execute(_HOLD)
        fourth = pool.submit(parts[3].send, running.url, token)
        wait_for_the_middle(running, 1)
        kill(running, "worker")
        kill(running, "keeper")
        with owner(home) as connection:
            assert count_dispatched(connection) == 3 * PART, "nothing of a part is done before all of it is"
        holder.close()
        with owner(home) as connection:
            connection.execute("DROP TRIGGER rest ON incident_event; DROP FUNCTION rest()")
        assert fourth.result() is None, "whoever asked heard nothing"
    until(lambda: running.workers() and running.keepers(), "everything runs again")
    with owner(home) as connection:
        assert count_dispatched(connection) in (3 * PART, 4 * PART)
    told = [send_until_told(running, token, call) for call in parts[3:]]
    assert [one["done"] for one in told] == [PART] * 7
    again = send_until_told(running, token, parts[3])
    assert again["results"] == told[0]["results"], "asked once more, the same is told"
    with owner(home) as connection:
        assert count_dispatched(connection) == MANY
        twice = "SELECT incident_id FROM incident_event WHERE step = 'dispatch' GROUP BY district, incident_id HAVING count(*) > 1"
        assert connection.execute(twice).fetchall() == []
        with connection.transaction():  # however slow the machine is, the minute has not passed
            connection.execute("SET LOCAL gridwell.removing_cases = 'on'")
            connection.execute(
                "UPDATE incident_event e SET at = at + interval '1 day' FROM incident i"
                " WHERE i.district = e.district AND i.id = e.incident_id AND i.number LIKE 'many-%' AND e.step = 'dispatch'"
            )
    version = told[0]["results"][0]["case_version"]
    back = [send_until_told(running, token, part_of(some, "undo", version, f"back {n}")) for n, some in enumerate(groups)]
    assert [one["done"] for one in back] == [PART] * 10
    with owner(home) as connection:
        assert count_dispatched(connection) == 0
        with connection.transaction(force_rollback=True):
            assert {code: CITY_CHECKS[code][1](connection, city.CITY).offenders for code in CHECKS} == dict.fromkeys(CHECKS, ())


def count_dispatched(connection: psycopg.Connection[Any]) -> int:
    query = "SELECT count(*) FROM incident WHERE number LIKE 'many-%' AND stage = 'dispatched' AND unit = 'u1'"
    return int(connection.execute(query).fetchall()[0][0])
