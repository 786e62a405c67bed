"""Rows that the clock and retention rely on are the owner's: the server's role cannot write them, and older rows are not believed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from alembic import command
from audit_tools import Connection, become, behind_its_back, written
from databases import FreshDatabase
from sqlalchemy import create_engine, make_url

from data.auditing.chain import verify
from data.core.roles import PRINTER, SERVICE
from data.core.settings import ROOT
from data.database.migrate import make_config
from data.database.server_roles import ROLES
from data.migrations import audit_0014, telephones_0036, wall_0043
from data.migrations.hazards import notices_0049
from data.migrations.packs import feeds_0051
from data.migrations.reports import acts_0050, kept_0047, sent_0048
from data.schema.audit_actions import ACTION_TITLES
from data.upkeep import retention
from data.upkeep.plausible_time import CONFIRMED, MOST_GAP, doubt_clock

SERVERS_ACTIONS = (
    *audit_0014.SERVERS_ACTIONS,
    *telephones_0036.MORE_ACTIONS,
    *wall_0043.ACTIONS,
    *kept_0047.ACTIONS,
    *sent_0048.ACTIONS,
    *notices_0049.ACTIONS,
    *acts_0050.ACTIONS,
    *feeds_0051.ACTIONS,
)
OWNERS_ACTIONS = sorted({*ACTION_TITLES, "a new one", ""} - set(SERVERS_ACTIONS))
REFUSED = "GW003"


@pytest.fixture
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        yield url


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def server(database: str) -> Iterator[Connection]:
    url = make_url(database).set(username=SERVICE).render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        yield connection


def go(url: str, direction: object, revision: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        settings = make_config()
        settings.attributes["connection"] = connection
        direction(settings, revision)  # type: ignore[operator]
    engine.dispose()


def date_back(owner: Connection, at: datetime) -> None:
    with owner.transaction(), behind_its_back(owner):
        owner.execute("UPDATE audit_log SET at = %s WHERE no = 1", [at])


def test_every_row_of_the_owner_is_refused_whatever_role_the_server_takes(server: Connection, owner: Connection) -> None:
    assert {"retention", CONFIRMED, "backup", "import", "keys_rotated", "entry_failures", "configuration"} <= set(OWNERS_ACTIONS)
    for role in (name for name in ROLES if name != SERVICE):
        for action in OWNERS_ACTIONS:
            become(server, role)
            with pytest.raises(psycopg.Error) as refused:
                server.execute("SELECT audit_append(%s, 'x')", [action])
            assert refused.value.sqlstate == ("42501" if role == PRINTER else REFUSED), (role, action)
            server.rollback()
    with pytest.raises(psycopg.Error) as refused:
        become(server, "gridwell_door")
        server.execute("SELECT audit_append(NULL, 'x')")
    assert refused.value.sqlstate == REFUSED
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)


def test_what_the_server_needs_it_writes(server: Connection) -> None:
    become(server, "gridwell_door")
    assert [written(server, 1, action=action) for action in SERVERS_ACTIONS] == [[n + 1] for n in range(len(SERVERS_ACTIONS))]


def test_what_the_source_writes_for_people_is_open_to_the_server() -> None:
    """``account_removed`` is written by a check of the measuring commands, as the owner."""
    says = re.compile(
        r"""(?:audit_log\.append\([^"']*|PERFORM audit_append\(|SELECT audit_append\(|run_sync\(audit_log\.append, )["'](\w+)["']"""
    )
    files = [path for room in ("data", "routes", "pages", "callbacks") for path in (ROOT / room).rglob("*.py")]
    found = {action for path in files if path.name != "key_rotation.py" for action in says.findall(path.read_text("utf-8"))}
    assert len(found) > 15 and found - {"account_removed", "owner_rows_begin"} <= set(SERVERS_ACTIONS)


def test_an_upgrade_believes_no_row_that_the_server_could_have_written(database: str, owner: Connection, server: Connection) -> None:
    """Before 0014 the server's role forges that the date was confirmed, and that a thousand rows went yesterday."""
    now = datetime.now(UTC)
    go(database, command.downgrade, "0013")
    with owner.transaction():
        written(owner, 1)
    become(server, "gridwell_door")
    written(server, 1, action=CONFIRMED, subject="")
    written(server, 1, action="retention", subject="c", detail={"people": 1000, "reporters": 1000})
    server.commit()
    date_back(owner, now - 3 * MOST_GAP)
    go(database, command.upgrade, "head")

    rows = owner.execute("SELECT no, action, account FROM audit_log WHERE no > 3").fetchall()
    assert rows == [(4, "owner_rows_begin", f"owner:{make_url(database).username}")]
    assert owner.execute(retention._MOST_EVER, ["retention", "c"]).fetchone() == (0, 0)  # type: ignore[arg-type]
    doubt = doubt_clock(owner, now)
    assert doubt is not None and doubt.known < now - 2 * MOST_GAP, "the forged rows move nothing"

    with owner.transaction():
        written(owner, 1, action="retention", subject="c", detail={"people": 7, "reporters": 8})
        written(owner, 1, action=CONFIRMED, subject="")
    assert owner.execute(retention._MOST_EVER, ["retention", "c"]).fetchone() == (7, 8)  # type: ignore[arg-type]
    assert doubt_clock(owner, now + timedelta(minutes=1)) is None, "rows of the owner do"


def test_the_chain_goes_on_over_the_upgrade_and_back(database: str, owner: Connection) -> None:
    with owner.transaction():
        written(owner, 2)
    go(database, command.downgrade, "0013")
    go(database, command.upgrade, "head")
    go(database, command.downgrade, "0013")
    go(database, command.upgrade, "head")
    with owner.transaction():
        verdict = verify(owner)
    assert verdict.sound and verdict.rows == 4


def test_an_empty_log_needs_no_mark(owner: Connection) -> None:
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)
