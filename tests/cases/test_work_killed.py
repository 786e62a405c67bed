"""Kill −9 of keeper, worker and database in the middle of a step and of a bulk: nothing half, nothing twice, nothing lost."""

import os
import secrets
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import small_city as city
from gridwell_command import Up, address_of, filled_home, up
from table_locks import until

from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.cases.writer import SESSION
from data.cluster import processes
from data.database.connections import connection_arguments
from data.database.socket import paths
from data.doctor.examine import CITY_CHECKS

pytestmark = pytest.mark.slow

_SLOW = (
    "CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NULL; END'",
    "CREATE TRIGGER rest AFTER INSERT ON incident_event FOR EACH STATEMENT EXECUTE FUNCTION rest()",
)
_FAST = "DROP TRIGGER rest ON incident_event; DROP FUNCTION rest()"
_IN_THE_MIDDLE = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = %s AND wait_event = 'PgSleep')"
CHECKS = [code for code in CITY_CHECKS if code.startswith(("incident.", "sum."))]


@pytest.fixture(scope="module")
def running() -> Iterator[Up]:
    """A server over the small city."""
    with filled_home() as home, up(home, GRIDWELL_WORKERS="1", GRIDWELL_RATE_FACTOR="0") as made:
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


def send(running: Up, path: str, body: dict[str, Any], token: str, key: str) -> httpx.Response | None:
    """The answer; ``None`` where the connection was lost."""
    try:
        headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
        return httpx.post(running.url + path, json=body, headers=headers, timeout=90)
    except httpx.TransportError:
        return None


def victim(running: Up, whom: str) -> int:
    if whom == "postmaster":
        found = processes.postmaster(paths(running.home).data)
        assert found is not None
        return found
    return next(iter(running.keepers() if whom == "keeper" else running.workers()))


@pytest.mark.parametrize("whom", ["keeper", "worker", "postmaster"])
@pytest.mark.parametrize("many", [False, True], ids=["step", "bulk"])
def test_whoever_is_killed_the_work_is_whole(running: Up, whom: str, many: bool) -> None:
    home, token, key = running.home, supervisor(running.home), secrets.token_hex(8)
    with owner(home) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        open_cases = connection.execute("SELECT number, version FROM incident WHERE is_open ORDER BY number").fetchall()
        for statement in _SLOW:
            connection.execute(statement)
    chosen = open_cases if many else open_cases[:1]
    step = {"step": "reply", "reply": key} if many else {"step": "remark", "remark": key}
    path = "/api/cases/steps" if many else f"/api/cases/{chosen[0][0]}/steps"
    body = {**step, **({"cases": [{"number": n, "version": v} for n, v in chosen]} if many else {"version": chosen[0][1]})}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, running, path, body, token, key)
        with owner(home) as connection:
            until(lambda: connection.execute(_IN_THE_MIDDLE, [SESSION]).fetchone() == (True,), "the writer is in the middle")
            killed = victim(running, whom)
            os.kill(killed, signal.SIGKILL)
        until(lambda: asks(home), "the database answers")
        with owner(home) as connection:
            connection.execute(_FAST)
        first = answer.result()
    assert first is None or first.status_code in (200, 503)
    until(lambda: running.workers() and running.keepers() and asks(home), "everything runs again")

    def again() -> httpx.Response | None:
        made = send(running, path, body, token, key)
        return made if made is not None and made.status_code == 200 else None

    answers: list[httpx.Response] = []
    until(lambda: bool(answers) or bool((made := again()) and not answers.append(made)), "the same key tells what became of it")
    told = answers[0].json()
    with owner(home) as connection:
        found = (
            "SELECT count(*), count(DISTINCT (district, incident_id)) FROM incident_event WHERE %(key)s IN (remark, details ->> 'reply')"
        )
        made = connection.execute(found, {"key": key}).fetchone()
        assert made == (len(chosen), len(chosen)), "each once, whatever the first answer was"
        if first is not None and first.status_code == 200 and not many:
            assert told["again"] and told["seq"] == first.json()["seq"]
        with connection.transaction(force_rollback=True):
            assert {code: CITY_CHECKS[code][1](connection, city.CITY).offenders for code in CHECKS} == dict.fromkeys(CHECKS, ())
