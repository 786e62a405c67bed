"""What sends and receives in tests of sending: accounts, schedules, a mail server and a receiver of web hooks on this machine.

``print_all`` does in one go what the printer's process does with requests and wishes.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import psycopg
import small_city as city
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg.types.json import Jsonb
from serving import free_port

from data.reports.sending.delivering import send_due
from data.reports.sending.preparing import prepare
from data.reports.sending.runs import begin_runs
from reports.stored import to_json
from tests.reports.made import make_report

Connection = psycopg.Connection[Any]
DUE = datetime(2026, 11, 2, 0, tzinfo=UTC)
"""Monday, 08:00 in Shanghai: the first moment at which the schedules of these tests are due."""
BEFORE = DUE - timedelta(days=3)
MINUTE = timedelta(minutes=1)
SECRET = "0123456789abcdef0123456789"
MAIL = ("zhou", "mail", "zhou@example.org")
PDF = b"%PDF-1.7 a report of figures"


def add_account(connection: Connection, name: str, role: str, scope: str, detail: str = "cases", lang: str = "zh") -> None:
    """An account."""
    connection.execute(
        "INSERT INTO account (name, shown, role, detail, scope, lang) VALUES (%s, %s, %s, %s, %s, %s)",
        [name, name.title(), role, detail, scope, lang],
    )


def load(connection: Connection) -> None:
    """The small city with accounts: of all of it, of a district, of figures alone."""
    city.load(connection)
    add_account(connection, "zhou", "supervisor", city.CITY)
    add_account(connection, "wei", "supervisor", city.D1)
    add_account(connection, "lin", "leader", city.S1, "figures", "en")
    add_account(connection, "quay", "leader", city.ZONE)
    add_account(connection, "screen", "wall", city.CITY, "figures")
    add_account(connection, "feed", "hazard_feed", city.CITY, "figures")
    connection.execute("DELETE FROM escalation_rule")
    connection.commit()


def add_schedule(connection: Connection, since: datetime, recipients: list[tuple[str, str, str]], **other: Any) -> int:
    """A schedule: every Monday 08:00, of the city, figures only."""
    values = {
        **{"name": "周报", "kind": "weekly", "step": "week", "area": city.CITY, "level": None},
        **{"rhythm": {"every": "week", "at_min": 480, "weekdays": [1]}, "figures_only": True, "approval": False, "send_empty": True},
        **other,
    }
    told = [{"account": account, "channel": channel, "target": target, "area": None} for account, channel, target in recipients]
    row = connection.execute(
        "INSERT INTO report_schedule (city, name, kind, step, area, level, rhythm, figures_only, approval, send_empty, recipients, since,"
        " changed_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'zhou') RETURNING id",
        [city.CITY, *(Jsonb(v) if k == "rhythm" else v for k, v in values.items()), Jsonb(told), since],
    ).fetchone()
    assert row
    return int(row[0])


def print_all(connection: Connection) -> int:
    """Make what is asked for, and write the files that are wished for; returns how many reports were made."""
    facts = {"title": "周报", "area_name": "小城市", "period": "2026 年第 44 周", "first": "2026-10-26", "last": "2026-11-01"}
    facts |= {"as_of": "2026-11-01T20:00:00+08:00"}
    made = connection.execute(
        "UPDATE report_request SET state = 'done', content = %(content)s, sha256 = sha256(%(content)s), done_at = clock_timestamp(),"
        " facts = %(facts)s WHERE state = 'queued'",
        {"content": to_json(make_report()), "facts": Jsonb(facts)},
    ).rowcount
    for of, form in connection.execute("SELECT id, form FROM report_wish").fetchall():
        connection.execute("SELECT report_keep(%s, %s, %s)", [of, form, PDF])
    return made


def work(connection: Connection, now: datetime) -> dict[str, int]:
    """What the keeper and the printer do at a moment."""
    begin_runs(connection, now)
    prepare(connection, now)
    print_all(connection)
    prepare(connection, now + timedelta(seconds=11))
    print_all(connection)
    return send_due(connection, now + timedelta(seconds=11))


def states(connection: Connection) -> list[tuple[Any, ...]]:
    """Account, state, tries and failure of each delivery."""
    return connection.execute("SELECT account, state, tries, failure FROM report_delivery ORDER BY account, area, target").fetchall()


def _set() -> threading.Event:
    made = threading.Event()
    made.set()
    return made


@dataclass
class Mailbox:
    """A mail server that keeps what it got. ``nobody…`` does not exist, ``greylisted…`` is to come again."""

    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    lose: int = 0
    thinks_s: float = 0
    asked: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=_set)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """Take a receiver, or refuse."""
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("greylisted"):
            return "451 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append((envelope.rcpt_tos[0], message))
        self.asked.set()
        await asyncio.to_thread(self.goes_on.wait)
        await asyncio.sleep(self.thinks_s)
        if self.lose:
            self.lose -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        """Message-IDs in the order in which mails came."""
        return [str(message["Message-ID"]) for _, message in self.got]


@contextmanager
def mail_server(box: Mailbox, port: int, **more: Any) -> Iterator[None]:
    """The server, for as long as the block lasts."""
    server = Controller(box, hostname="127.0.0.1", port=port, **more)
    server.start()
    try:
        yield
    finally:
        server.stop()


class Hooked(HTTPServer):
    """A receiver of web hooks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), _Answer)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/report"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Hooked)
        body = self.rfile.read(int(self.headers["content-length"]))
        server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if server.status:
            self.send_response(server.status)
            self.send_header("content-length", "0")
            self.end_headers()
        else:  # the answer is lost
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def hook_receiver() -> Iterator[Hooked]:
    """The receiver, for as long as the block lasts."""
    made = Hooked()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
