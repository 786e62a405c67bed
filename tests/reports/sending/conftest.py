"""A town whose clock is driven, and a mail server, for tests of sending."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from databases import FreshDatabase
from serving import free_port

from data.core.settings import settings
from tests.reports.sending.posted import SECRET, Connection, Mailbox, load, mail_server


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database(load) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mailbox]:
    """A mail server, and settings under which everything may be sent."""
    held, port = Mailbox(), free_port()
    monkeypatch.setenv("GRIDWELL_SMTP", f"127.0.0.1:{port}")
    monkeypatch.setenv("GRIDWELL_SMTP_FROM", "grid@example.org")
    monkeypatch.setenv("GRIDWELL_PUBLIC_URL", "https://grid.example.org")
    monkeypatch.setenv("GRIDWELL_REPORT_FOLDER", str(tmp_path / "sent"))
    monkeypatch.setenv("GRIDWELL_NOTICE_SECRET", SECRET)
    settings.cache_clear()
    with mail_server(held, port):
        yield held
    settings.cache_clear()
