"""The crew of the demo city at the door of a running server: its work is whole, also over restarts, and it works nowhere else."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from databases import FreshDatabase
from gridwell_command import kill_one, name_of
from serving import Server, serving
from table_locks import until

from cli._serving.crew import NAME
from cli._serving.keeper import NAME as KEEPER
from cli._serving.printer import NAME as PRINTER
from data.accounts import store, tokens
from data.accounts.model import Draft, NameTaken
from data.accounts.transactions import owner_transaction
from data.cases.life import replay
from data.cases.states import STATE_COLUMNS, CaseState
from data.cases.targets import read_events
from data.demo.alive.admission import PREFIX, NoDemo, OnlyInDemo, check_city, send_home
from data.demo.alive.client import Dismissed, Door, Later
from data.demo.alive.hiring import Hired, hire
from data.demo.alive.people import UNIT_OF, make_crew
from data.demo.alive.photos import DIFFERENT, draw_photo
from data.demo.alive.rhythm import Place
from data.demo.alive.run import Shift
from data.demo.common import names
from data.demo.common.offices import kind_of
from data.doctor.examine import examine_city
from data.organisation.store import read_organisation
from data.rollup import compare

CITY = names.CITY_CODE
_OPEN_ACCOUNTS = "SELECT count(*) FROM account WHERE starts_with(name, %s) AND disabled_at IS NULL"
_VALID_TOKENS = (
    "SELECT count(*) FROM token t JOIN account a ON a.id = t.account_id WHERE starts_with(a.name, %s) AND t.withdrawn_at IS NULL"
)


def count(connection: psycopg.Connection[Any], statement: str, *values: object) -> int:
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


# ---- At a server ----


@pytest.mark.slow
def test_it_works_over_restarts_and_what_it_leaves_is_whole(fresh_database: FreshDatabase, demo_template: str) -> None:
    with fresh_database(template=demo_template) as url, psycopg.connect(url, autocommit=True) as owner:

        def wait_for_more(what: str, statement: str) -> None:
            before = count(owner, statement)
            until(lambda: count(owner, statement) > before + 3, what)

        with serving(url, words="--alive --speed 30000", GRIDWELL_WORKERS="1") as server:
            wait_for_more("reports", "SELECT count(*) FROM incident_event WHERE step = 'report'")
            wait_for_more("closings", "SELECT count(*) FROM incident_event WHERE step = 'verify_pass'")
            for whom in (NAME, "", KEEPER):  # the crew itself, who serves, who writes
                hired = count(owner, "SELECT count(*) FROM token")
                kill_one(lambda: find_children(server, whom))  # noqa: B023
                if whom == NAME:
                    until(lambda: count(owner, "SELECT count(*) FROM token") > hired, "another crew is hired")  # noqa: B023
                wait_for_more(f"work after {whom or 'the server'} was killed", "SELECT count(*) FROM incident_event")
            server.stop()
            assert_whole(owner)
            server.start()
            wait_for_more("work after a restart", "SELECT count(*) FROM incident_event WHERE step = 'file'")
        assert_whole(owner)


def find_children(server: Server, name: str) -> set[int]:
    """Processes of the server by their name; empty: those that serve."""
    children = {int(child) for child in Path(f"/proc/{server.process}/task/{server.process}/children").read_text().split()}
    called = {pid: name_of(pid) for pid in children}
    return {pid for pid, its in called.items() if its and (its == name or (not name and its not in {NAME, KEEPER, PRINTER}))}


def assert_whole(owner: psycopg.Connection[Any]) -> None:
    """States are those of their events, roll-ups equal raw rows, nothing was reported twice, and the crew has gone home."""
    with owner.transaction(force_rollback=True):
        assert not list(compare(owner, CITY))
        wrong = [finding.code for finding in examine_city(owner, CITY) if not finding.outcome.ok]
        assert wrong == []
    columns = ", ".join(STATE_COLUMNS)
    for district, case_id, *state in owner.execute(f"SELECT district, id, {columns} FROM incident WHERE version > 0".encode()):
        assert replay(read_events(owner, (district, case_id))) == CaseState(*state)
    reports, keys = "SELECT count(*) FROM incident_event WHERE step = 'report'", "SELECT count(*) FROM case_idempotency WHERE {}"
    reported = "starts_with(account, 'demo-crew.') AND outcome ->> 'step' = 'report' AND (outcome ->> 'ok')::boolean"
    split = "SELECT count(*) FROM incident_event WHERE step = 'report' AND details ? 'split_from'"
    assert count(owner, reports) - count(owner, split) == count(owner, keys.format(reported))
    assert count(owner, _OPEN_ACCOUNTS, PREFIX) == count(owner, _VALID_TOKENS, PREFIX) == 0


# ---- Hiring ----


@pytest.fixture
def demo(fresh_database: FreshDatabase, demo_template: str) -> Iterator[psycopg.Connection[Any]]:
    with fresh_database(template=demo_template) as url, psycopg.connect(url, autocommit=True) as owner:
        yield owner


@pytest.mark.slow
def test_whoever_is_hired_works_in_the_demo_city_alone(demo: psycopg.Connection[Any]) -> None:
    first = hire()
    scopes = {scope for (scope,) in demo.execute("SELECT DISTINCT scope FROM account WHERE starts_with(name, %s)", [PREFIX])}
    assert CITY in scopes and all(scope.startswith(CITY[:4]) for scope in scopes)
    assert count(demo, "SELECT count(*) FROM account WHERE password_hash IS NOT NULL AND starts_with(name, %s)", PREFIX) == 0
    assert first.per_day > 1 and set(first.places) == set(UNIT_OF) and all(first.places.values())
    known = read_organisation(demo, CITY)
    assert {kind_of(unit.code) for unit in known.units} == set(UNIT_OF.values()) and known.rules
    assert {member.unit for member in known.members} == {unit.code for unit in known.units}, "every unit has workers"
    second = hire()
    assert (second.places, second.per_day) == (first.places, first.per_day)
    assert not set(second.tokens.values()) & set(first.tokens.values())
    assert count(demo, _VALID_TOKENS, PREFIX) == len(second.tokens)
    assert read_organisation(demo, CITY) == known
    assert send_home() == len(second.tokens)
    assert count(demo, _OPEN_ACCOUNTS, PREFIX) == count(demo, _VALID_TOKENS, PREFIX) == send_home() == 0
    with owner_transaction() as accounts:
        one = store.fetch_named(accounts, f"{PREFIX}chief")
        store.set_password(accounts, one.id, "somebody's hash")
    with pytest.raises(NameTaken):
        hire()


def test_elsewhere_nobody_is_hired(small: str) -> None:
    with psycopg.connect(small) as owner, pytest.raises(OnlyInDemo):
        check_city(owner)
    with pytest.raises(OnlyInDemo):
        hire()


def test_without_a_city_or_beside_a_real_one_nobody_is_hired(database: str) -> None:
    with psycopg.connect(database) as owner:
        with pytest.raises(NoDemo):
            check_city(owner)
        owner.execute(
            "INSERT INTO city (code, name, name_en, timezone, is_demo) VALUES (%s, '澜州市', 'Demo', 'Asia/Shanghai', true)", [CITY]
        )
        check_city(owner)
        owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('110000', '小城', 'Littleton', 'Asia/Shanghai')")
        with pytest.raises(OnlyInDemo, match="小城"):
            check_city(owner)


def test_accounts_that_people_use_are_not_closed(database: str) -> None:
    with owner_transaction() as accounts:
        for name in (f"{PREFIX}desk-1", "somebody"):
            store.add(accounts, Draft(name, role="dispatcher"))
            tokens.make(accounts, name, "test", 1)
    assert send_home() == 1
    with owner_transaction() as accounts:
        assert store.fetch_named(accounts, "somebody").enabled


# ---- The door ----

WHO = make_crew(CITY, []).at("hotline")


@pytest.fixture
def answers() -> Iterator[tuple[list[tuple[int, dict[str, str], bytes]], str]]:
    """What a server answers next, and its address."""
    waiting: list[tuple[int, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = waiting.pop(0)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield waiting, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_the_door_says_when_to_come_again(answers: tuple[list[tuple[int, dict[str, str], bytes]], str]) -> None:
    waiting, address = answers
    door = Door(address, {WHO.name: "token"})
    waiting += [
        (503, {"Retry-After": "7"}, b"{}"),
        (200, {}, b'{"a": 1}'),
        (200, {}, b"no JSON"),
        (401, {}, b"{}"),
        (429, {"Retry-After": "9"}, b""),
    ]
    with pytest.raises(Later) as busy:
        door.get(WHO, "/api/x")
    assert busy.value.seconds >= 7 and busy.value.answered and busy.value.everybody
    assert door.get(WHO, "/api/x").body == {"a": 1}
    assert door.get(WHO, "/api/x").body == {}
    with pytest.raises(Dismissed):
        door.get(WHO, "/api/x")
    for _ in range(2):  # the second time nobody is asked
        with pytest.raises(Later) as often:
            door.get(WHO, "/api/x")
        assert 0 < often.value.seconds <= 9 and not often.value.everybody


def test_a_crew_whose_tokens_open_nothing_stops_and_does_not_go_on_asking(
    answers: tuple[list[tuple[int, dict[str, str], bytes]], str],
) -> None:
    waiting, address = answers
    waiting += [(401, {}, b"{}")] * 3
    crew = make_crew(CITY, [])
    places = {code: [Place(118.4, 30.9, "990102", "长街")] for code in UNIT_OF}
    hired = Hired(crew, {member.name: "token" for member in crew.members}, 0.0, places)
    with pytest.raises(Dismissed):
        Shift(hired, address, 60, Event()).run()
    assert len(waiting) >= 1, "two lists were asked for, and nothing else"


def test_a_server_that_is_away_is_asked_ever_more_rarely() -> None:
    door = Door("http://127.0.0.1:1", {WHO.name: "token"})
    pauses = []
    for _ in range(40):
        with pytest.raises(Later) as away:
            door.get(WHO, "/api/x")
        assert not away.value.answered
        pauses.append(away.value.seconds)
    assert pauses == sorted(pauses) and pauses[0] < 1 and pauses[-1] == 15


def test_photos_are_small_and_the_same_for_the_same_number() -> None:
    made = {draw_photo(n) for n in range(12)}
    assert len(made) == 12 and all(1_000 < len(photo) < 20_000 for photo in made)
    assert draw_photo(5) == draw_photo(5 + DIFFERENT)
