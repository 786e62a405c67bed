"""The two ways out, against real receivers on this machine: signed web hooks, e-mail with STARTTLS; the queue tries again and gives up."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from databases import FreshDatabase
from psycopg.types.json import Jsonb
from serving import free_port

from data.core.settings import settings
from data.notices import sending
from data.notices.account import Count, Failure, NoticeAccount, describe_failure, hide_receiver, parse_account, read_account
from data.notices.sending import KEPT, PAUSES_MIN, delete_old, send_waiting
from data.notices.web_hook import find_origin
from data.upkeep.condition_checks import _notices

Connection = psycopg.Connection[Any]
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789"
BODY = {
    **{"type": "cases.late", "city": city.CITY, "at": "2026-11-01T16:00:00+08:00", "factor": 1, "role": "街道负责人", "address": None},
    "cases": [{"number": "AJ-1", "grid": "C1", "area": "一号网格", "category": "env", "due_at": "2026-11-01T15:00:00+08:00"}],
}


class Receiver(HTTPServer):
    """A receiver of web hooks that keeps what it got and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/late"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["content-length"]))
        server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("location", server.address)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    made = Receiver()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings of these tests."""
    monkeypatch.setenv("GRIDWELL_NOTICE_SECRET", SECRET)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def queue(connection: Connection, channel: str, target: str) -> None:
    """A message that waits."""
    statement = "INSERT INTO notice (city, channel, target, body, next_at) VALUES (%s, %s, %s, %s, %s)"
    connection.execute(statement, [city.CITY, channel, target, Jsonb(BODY), NOW])


def state(connection: Connection) -> tuple[Any, ...]:
    """Tries, failure, whether it was sent and given up, and minutes until the next try."""
    row = connection.execute("SELECT tries, failure, sent_at, given_up_at, next_at FROM notice").fetchone()
    assert row
    return (row[0], row[1], row[2] is not None, row[3] is not None, (row[4] - NOW) / timedelta(minutes=1))


def test_a_web_hook_is_signed_over_id_time_and_body(connection: Connection, receiver: Receiver, allowed: pytest.MonkeyPatch) -> None:
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", f"https://other.example, {receiver.address}")
    queue(connection, "hook", receiver.address)
    assert send_waiting(connection, NOW) == (1, 0)
    assert state(connection)[:4] == (1, None, True, False)
    headers, body = receiver.got[0]
    number = connection.execute("SELECT id FROM notice").fetchone()
    assert number and headers["webhook-id"] == f"notice_{number[0]}"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}" and headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/json" and json.loads(body) == BODY
    assert "authorization" not in headers
    assert send_waiting(connection, NOW + timedelta(days=1)) == (0, 0) and len(receiver.got) == 1


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_refused_web_hook_is_tried_again_with_pauses_and_given_up(
    connection: Connection, receiver: Receiver, allowed: pytest.MonkeyPatch, status: int
) -> None:
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
    receiver.status = status
    queue(connection, "hook", receiver.address)
    moment, waits = NOW, []
    for _ in PAUSES_MIN:
        assert send_waiting(connection, moment) == (0, 1)
        assert send_waiting(connection, moment) == (0, 0), "not before its pause is over"
        waits.append(round(state(connection)[4] - (moment - NOW) / timedelta(minutes=1)))
        moment = NOW + timedelta(minutes=state(connection)[4])
    assert tuple(waits) == PAUSES_MIN and state(connection)[:4] == (len(PAUSES_MIN), f"status_{status}", False, False)
    reasons, figures = _notices(connection, NOW.timestamp())
    assert [(reason.code, reason.facts["failure"]) for reason in reasons] == [("notices_failing", f"status_{status}")]
    assert figures == {"notices_failing": 1.0}
    told = read_account(connection)
    assert told.counts == (Count("hook", 0, 1, 0),)
    tried_at = moment - timedelta(minutes=PAUSES_MIN[-1])
    assert told.failures == (Failure(tried_at.timestamp(), city.CITY, "hook", "127.0.0.1", 1, len(PAUSES_MIN), f"status_{status}", False),)
    assert send_waiting(connection, moment) == (0, 1)
    assert state(connection)[3], "given up"
    told = read_account(connection)
    assert told.counts == (Count("hook", 0, 0, 1),) and [(one.at, one.over) for one in told.failures] == [(moment.timestamp(), True)]
    assert parse_account(json.loads(json.dumps(asdict(told)))) == told
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1 and len(receiver.got) == len(PAUSES_MIN) + 1
    assert send_waiting(connection, moment + timedelta(days=9)) == (0, 0)
    assert delete_old(connection, moment + KEPT - timedelta(seconds=1)) == 0
    assert delete_old(connection, moment + KEPT + timedelta(seconds=1)) == 1


def test_a_receiver_that_comes_back_gets_the_message(connection: Connection, receiver: Receiver, allowed: pytest.MonkeyPatch) -> None:
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
    receiver.status = 503
    queue(connection, "hook", receiver.address)
    assert send_waiting(connection, NOW) == (0, 1)
    receiver.status = 200
    assert send_waiting(connection, NOW + timedelta(minutes=1)) == (1, 0)
    assert state(connection)[:4] == (2, None, True, False)
    assert read_account(connection) == NoticeAccount((Count("hook", 1, 0, 0),)), "what arrived in the end is no failure"


@pytest.mark.parametrize("named", ["", "https://hooks.example.org", "http://127.0.0.1:1"])
def test_nothing_leaves_for_an_address_that_no_setting_names(
    connection: Connection, receiver: Receiver, allowed: pytest.MonkeyPatch, named: str
) -> None:
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", named)
    queue(connection, "hook", receiver.address)
    queue(connection, "mail", "a@example.org")
    assert send_waiting(connection, NOW) == (0, 2)
    assert connection.execute("SELECT DISTINCT failure, given_up_at IS NOT NULL FROM notice").fetchall() == [("not_set", True)]
    assert receiver.got == []


def test_without_a_secret_no_hook_is_sent(connection: Connection, receiver: Receiver, allowed: pytest.MonkeyPatch) -> None:
    allowed.delenv("GRIDWELL_NOTICE_SECRET")
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
    queue(connection, "hook", receiver.address)
    assert send_waiting(connection, NOW) == (0, 1) and receiver.got == []


def test_a_receiver_that_does_not_answer(connection: Connection, allowed: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", address)
    queue(connection, "hook", address)
    assert send_waiting(connection, NOW) == (0, 1)
    assert state(connection)[1] == "no_answer"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Hooks.example.org/a?b=c", "https://hooks.example.org:443"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("http://example.org/", None),
        ("https://user:pass@example.org/", None),
        ("file:///etc/passwd", None),
        ("https://example.org:bad/", None),
        ("gopher://example.org", None),
        ("", None),
    ],
)
def test_addresses_that_hooks_may_have(address: str, origin: str | None) -> None:
    assert find_origin(address) == origin


# ---- E-mail ----


class Mailbox:
    """Keeps what a mail server got; refuses receivers called ``nobody``."""

    def __init__(self) -> None:
        self.got: list[tuple[Envelope, bool]] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.got.append((envelope, session.ssl is not None))
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def mailbox(certificate: Path, allowed: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server on this machine that wants STARTTLS."""
    held = Mailbox()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = Controller(held, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True)
    server.start()
    allowed.setenv("GRIDWELL_SMTP", f"localhost:{server.port}")
    allowed.setenv("GRIDWELL_SMTP_FROM", "grid@example.org")
    settings.cache_clear()
    yield held
    server.stop()


def test_a_mail_is_encrypted_and_in_both_languages(connection: Connection, mailbox: Mailbox, certificate: Path) -> None:
    queue(connection, "mail", "head@example.org")
    assert send_waiting(connection, NOW, ssl.create_default_context(cafile=str(certificate))) == (1, 0)
    (envelope, encrypted), *more = mailbox.got
    assert (encrypted, more, envelope.mail_from, envelope.rcpt_tos) == (True, [], "grid@example.org", ["head@example.org"])
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["Subject"] == "超期案件：1件 / Overdue cases: 1"
    text = message.get_body().get_content()  # type: ignore[attr-defined]
    assert "AJ-1，一号网格，截止时间2026-11-01T15:00:00+08:00" in text and "AJ-1, 一号网格, due 2026-11-01T15:00:00+08:00" in text


def test_a_mail_server_that_nobody_vouches_for_gets_nothing(connection: Connection, mailbox: Mailbox) -> None:
    queue(connection, "mail", "head@example.org")
    assert send_waiting(connection, NOW) == (0, 1)
    assert state(connection)[:4] == (1, "certificate", False, False) and mailbox.got == []


def test_a_receiver_that_does_not_exist_is_given_up_at_once(connection: Connection, mailbox: Mailbox, certificate: Path) -> None:
    queue(connection, "mail", "nobody@example.org")
    assert send_waiting(connection, NOW, ssl.create_default_context(cafile=str(certificate))) == (0, 1)
    assert state(connection)[:4] == (1, "receiver_refused", False, True)


def test_an_address_adds_no_receiver_and_no_header(connection: Connection, mailbox: Mailbox, certificate: Path) -> None:
    queue(connection, "mail", "head@example.org\nBcc: all@example.org")
    assert send_waiting(connection, NOW, ssl.create_default_context(cafile=str(certificate))) == (0, 1)
    assert state(connection)[1] == "bad_address" and mailbox.got == []


def test_a_message_that_breaks_is_given_up_and_the_others_are_sent(
    connection: Connection, mailbox: Mailbox, certificate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of this address the library of e-mail makes no header, and says so with an error of its own inside."""
    queue(connection, "mail", "a@b.c,<")
    queue(connection, "mail", "head@example.org")
    assert send_waiting(connection, NOW, ssl.create_default_context(cafile=str(certificate))) == (1, 1)
    rows = connection.execute("SELECT target, failure, given_up_at IS NOT NULL FROM notice ORDER BY id").fetchall()
    assert rows == [("a@b.c,<", "fault", True), ("head@example.org", None, False)]
    assert "IndexError" in caplog.text and "a@b.c" not in caplog.text, "an address belongs to a person"
    assert describe_failure("zh", "fault") == "消息处理出错。"


@pytest.mark.usefixtures("allowed")
def test_a_mail_server_that_is_away(connection: Connection, allowed: pytest.MonkeyPatch) -> None:
    allowed.setenv("GRIDWELL_SMTP", f"127.0.0.1:{free_port()}")
    queue(connection, "mail", "head@example.org")
    assert send_waiting(connection, NOW) == (0, 1)
    assert state(connection)[:4] == (1, "no_answer", False, False)


def test_the_keepers_sender_works_until_it_is_closed(
    fresh_database: FreshDatabase, receiver: Receiver, allowed: pytest.MonkeyPatch
) -> None:
    """In a thread of its own; a second sender of the same database sends nothing."""
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
    allowed.setattr(sending.Sender, "every_s", 0.02)
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        for _ in range(3):
            queue(connection, "hook", receiver.address)
        senders = [sending.Sender(), sending.Sender()]
        threads = [threading.Thread(target=one.run) for one in senders]
        for thread in threads:
            thread.start()
        sent = "SELECT count(*) FROM notice WHERE sent_at IS NOT NULL"
        while connection.execute(sent).fetchone() != (3,):
            threading.Event().wait(0.02)
        for one in senders:
            one.close()
        for thread in threads:
            thread.join()
    assert len(receiver.got) == len({headers["webhook-id"] for headers, _ in receiver.got}) == 3


def test_the_sender_goes_on_after_a_fault_of_any_kind(
    fresh_database: FreshDatabase, receiver: Receiver, allowed: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    allowed.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
    allowed.setattr(sending.Sender, "every_s", 0.02)
    faults, failed = iter([IndexError("once")]), threading.Event()

    def fail_once(*asked: Any) -> int:
        for fault in faults:
            failed.set()
            raise fault
        return delete_old(*asked)

    allowed.setattr(sending, "delete_old", fail_once)
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        sender = sending.Sender()
        thread = threading.Thread(target=sender.run)
        thread.start()
        assert failed.wait(60)
        queue(connection, "hook", receiver.address)
        while thread.is_alive() and connection.execute("SELECT sent_at IS NOT NULL FROM notice").fetchone() != (True,):
            threading.Event().wait(0.02)
        assert thread.is_alive()
        sender.close()
        thread.join()
    assert len(receiver.got) == 1 and "IndexError: once" in caplog.text


def test_receivers_are_told_without_names_and_secrets_and_failures_in_words() -> None:
    assert hide_receiver("mail", "li.ming@street.example.org") == "…@street.example.org"
    assert hide_receiver("hook", "https://hooks.example.org/late?key=secret") == "hooks.example.org"
    assert hide_receiver("hook", "http://[") == "…"
    assert describe_failure("en", "status_503") == "The receiver answered 503."
    assert describe_failure("zh", "no_answer") == "对方无应答。"
    assert describe_failure("en", "receiver_refused") == "The mail server refused the receiver."
    assert describe_failure("en", "something_new") == "something_new"
