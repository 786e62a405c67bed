"""Sessions, tokens, links, waits and lengths at the exact value at which they change.

Within one transaction PostgreSQL's ``now()`` stands still, so that an expiry can be set to this very moment.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from databases import FreshDatabase
from sqlalchemy import Connection, NullPool, create_engine, func, insert, select, text, update

from data.accounts import delegation, links, lockout, passwords, recovery, second_factor, secret_values, sessions, store, tokens, totp
from data.accounts.model import Account, BadAccount, Draft, UnknownAccount, check_draft, normalize_name
from data.core.roles import DEVICES
from data.core.settings import settings
from data.database.connections import database_url
from data.schema import account, one_time_link, recovery_code, session, token

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
"""The smallest step of PostgreSQL's clock."""
IDLE = timedelta(minutes=30)


@pytest.fixture(scope="module")
def empty(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        yield url


@pytest.fixture
def connection(empty: str) -> Iterator[Connection]:
    """The owner's connection; what is done is taken back."""
    with create_engine(database_url(), poolclass=NullPool).connect() as made:
        yield made
        made.rollback()


@pytest.fixture
def chen(connection: Connection) -> Account:
    made = store.add(connection, Draft("chen", role="supervisor"))
    store.set_password(connection, made.id, "not a hash")
    return store.fetch_account(connection, made.id)


# ---- Sessions ----


def valid(connection: Connection, hashed: bytes) -> bool:
    return connection.execute(sessions.select_valid(), {"hash": hashed}).one_or_none() is not None


@pytest.mark.parametrize(("left", "found"), [
    (timedelta(0), False),
    (TICK, True),
    (-TICK, False),
    (timedelta(hours=12), True),
    (timedelta(hours=12) + TICK, False),  # begun while the clock was ahead
])  # fmt: skip
def test_a_session_ends_at_its_very_moment(connection: Connection, chen: Account, left: timedelta, found: bool) -> None:
    hashed = secret_values.hash_value(sessions.begin(connection, chen.id, "full", "", ""))
    connection.execute(update(session).values(ends_at=func.now() + left))
    assert valid(connection, hashed) == found
    assert len(sessions.list_open(connection, chen.id)) == found


@pytest.mark.parametrize(("idle", "found"), [(IDLE, False), (IDLE - TICK, True)])
def test_a_session_that_is_not_used_ends_after_its_minutes(connection: Connection, chen: Account, idle: timedelta, found: bool) -> None:
    assert settings().session_idle_min == 30
    hashed = secret_values.hash_value(sessions.begin(connection, chen.id, "full", "", ""))
    connection.execute(update(session).values(seen_at=func.now() - idle))
    assert valid(connection, hashed) == found


@pytest.mark.parametrize(("ago", "unseen"), [(timedelta(minutes=1), False), (timedelta(minutes=1) + TICK, True)])
def test_use_is_noted_once_a_minute(connection: Connection, chen: Account, ago: timedelta, unseen: bool) -> None:
    hashed = secret_values.hash_value(sessions.begin(connection, chen.id, "full", "", ""))
    value = tokens.make(connection, "chen", "program", 1)
    connection.execute(update(session).values(seen_at=func.now() - ago))
    connection.execute(update(token).values(used_at=func.now() - ago))
    assert connection.execute(sessions.select_valid(), {"hash": hashed}).mappings().one()["unseen"] == unseen
    assert connection.execute(tokens.select_valid(), {"hash": secret_values.hash_value(value)}).mappings().one()["unseen"] == unseen
    connection.execute(sessions.mark_used(), {"of": hashed})
    connection.execute(tokens.mark_used(), {"of": secret_values.hash_value(value)})
    assert connection.execute(select(session.c.seen_at == func.now())).scalar_one()
    assert connection.execute(select(token.c.used_at == func.now())).scalar_one()


@pytest.mark.parametrize(("state", "lasts"), [
    ("full", timedelta(hours=12)),
    ("second_factor", timedelta(minutes=10)),
    ("must_change", timedelta(minutes=10)),
])  # fmt: skip
def test_how_long_a_session_lasts(connection: Connection, chen: Account, state: sessions.State, lasts: timedelta) -> None:
    sessions.begin(connection, chen.id, state, "192.0.2.7", "x" * 301)
    row = connection.execute(select(session, (session.c.ends_at - func.now()).label("lasts"))).mappings().one()
    assert (row["lasts"], row["state"], row["address"], len(row["agent"])) == (lasts, state, "192.0.2.7", 300)


def test_a_new_session_clears_those_that_ended_and_no_other(connection: Connection, chen: Account) -> None:
    for left in (timedelta(0), -TICK):
        connection.execute(insert(session).values(hash=f"{left}".encode(), account_id=chen.id, state="full", ends_at=func.now() + left))
    sessions.begin(connection, chen.id, "full", "", "")
    left_over = connection.execute(select(session.c.hash).where(session.c.ends_at <= func.now())).scalars().all()
    assert left_over == [b"0:00:00"], "what ends at this moment opens nothing any more, and goes the next time"


def test_one_session_ends_and_not_that_of_another(connection: Connection, chen: Account) -> None:
    other = store.add(connection, Draft("wang", role="supervisor"))
    mine, theirs = (secret_values.hash_value(sessions.begin(connection, one.id, "full", "", "")) for one in (chen, other))
    assert not sessions.end(connection, theirs, chen.id) and valid(connection, theirs)
    assert sessions.end(connection, mine, chen.id) and not sessions.end(connection, mine, chen.id)


def test_signing_out_everywhere_spares_one_session_and_other_accounts(connection: Connection, chen: Account) -> None:
    other = store.add(connection, Draft("wang", role="supervisor"))
    first, second = (secret_values.hash_value(sessions.begin(connection, chen.id, "full", "", "")) for _ in range(2))
    theirs = secret_values.hash_value(sessions.begin(connection, other.id, "full", "", ""))
    assert sessions.end_all(connection, chen.id, "chen", but=first) == 1
    assert (valid(connection, first), valid(connection, second), valid(connection, theirs)) == (True, False, True)
    assert sessions.end_all(connection, chen.id, "chen") == 1 and valid(connection, theirs)


def test_a_closed_account_has_no_session_and_no_token(connection: Connection, chen: Account) -> None:
    hashed = secret_values.hash_value(sessions.begin(connection, chen.id, "full", "", ""))
    value = secret_values.hash_value(tokens.make(connection, "chen", "program", 1))
    connection.execute(update(account).values(disabled_at=func.now()))
    assert not valid(connection, hashed)
    assert connection.execute(tokens.select_valid(), {"hash": value}).one_or_none() is None


# ---- Tokens and links ----


@pytest.mark.parametrize(("left", "found"), [
    (timedelta(0), False),
    (TICK, True),
    (timedelta(days=366), True),
    (timedelta(days=366) + TICK, False),  # made while the clock was ahead
])  # fmt: skip
def test_a_token_ends_at_its_very_moment(connection: Connection, chen: Account, left: timedelta, found: bool) -> None:
    hashed = secret_values.hash_value(tokens.make(connection, "chen", "program", 1))
    connection.execute(update(token).values(expires_at=func.now() + left))
    assert (connection.execute(tokens.select_valid(), {"hash": hashed}).one_or_none() is not None) == found


@pytest.mark.parametrize("days", [1, 366])
def test_a_token_lasts_a_day_to_a_year(connection: Connection, chen: Account, days: int) -> None:
    tokens.make(connection, "chen", "x" * 100, days)
    assert connection.execute(select(token.c.expires_at - func.now())).scalar_one() == timedelta(days=days)


@pytest.mark.parametrize(("name", "days", "field"), [
    ("x", 0, "days"),
    ("x", 367, "days"),
    ("x" * 101, 1, "token_name"),
    (" ", 1, "token_name"),
    ("a\nb", 1, "token_name"),
])  # fmt: skip
def test_a_token_that_cannot_be_is_refused(connection: Connection, chen: Account, name: str, days: int, field: str) -> None:
    with pytest.raises(BadAccount) as refused:
        tokens.make(connection, "chen", name, days)
    assert refused.value.facts["field"] == field


def test_a_token_is_withdrawn_by_its_owner_once(connection: Connection, chen: Account) -> None:
    other = store.add(connection, Draft("wang", role="supervisor"))
    hashed = secret_values.hash_value(tokens.make(connection, "chen", "program", 1))
    number = connection.execute(select(token.c.id)).scalar_one()
    assert not tokens.withdraw(connection, number, other.id)
    assert tokens.withdraw(connection, number, chen.id) and not tokens.withdraw(connection, number, chen.id)
    assert connection.execute(tokens.select_valid(), {"hash": hashed}).one_or_none() is None


@pytest.mark.parametrize(("value", "possible"), [
    ("gwp_" + "x" * 95, True),
    ("gwp_" + "x" * 96, False),
    ("gwd_x", False),
    ("gwp_é", False),
])  # fmt: skip
def test_what_may_be_a_token(value: str, possible: bool) -> None:
    assert secret_values.could_be_token(value, "personal") == possible


@pytest.mark.parametrize(("left", "good"), [
    (timedelta(0), False),
    (TICK, True),
    (timedelta(hours=24), True),
    (timedelta(hours=24) + TICK, False),  # made while the clock was ahead
])  # fmt: skip
def test_a_link_ends_at_its_very_moment(connection: Connection, chen: Account, left: timedelta, good: bool) -> None:
    key, first = links.make(connection, "password", chen), links.make(connection, "first")
    assert connection.execute(select(one_time_link.c.ends_at - func.now()).distinct()).scalars().all() == [timedelta(hours=24)]
    connection.execute(update(one_time_link).values(ends_at=func.now() + left))
    assert (links.find_owner(connection, key) is not None) == good
    assert links.is_first(connection, first) == good
    assert links.choose_password(connection, key, "another hash") == ("taken" if good else "old")
    assert links.choose_password(connection, key, "a third hash") == "old", "each link works once"


def test_a_link_serves_its_own_purpose_and_a_new_one_replaces_it(connection: Connection, chen: Account) -> None:
    other = store.add(connection, Draft("wang", role="supervisor"))
    key, first, theirs = (
        links.make(connection, "password", chen),
        links.make(connection, "first"),
        links.make(connection, "password", other),
    )
    assert links.find_owner(connection, first) is None and not links.is_first(connection, key)
    newer = links.make(connection, "password", chen)
    assert links.find_owner(connection, key) is None
    owners = [links.find_owner(connection, one) for one in (newer, theirs)]
    assert [one.name for one in owners if one] == ["chen", "wang"] and links.is_first(connection, first)


def test_the_first_link_is_for_whoever_comes_before_any_administrator(connection: Connection, chen: Account) -> None:
    key = links.make(connection, "first")
    assert links.is_first(connection, key)
    boss = store.add(connection, Draft("boss", role="administrator"))
    assert links.is_first(connection, key), "an administrator without a way in is none"
    store.set_password(connection, boss.id, "a hash")
    assert not links.is_first(connection, key) and links.become_first(connection, key, Draft("new", role="administrator"), "a hash") is None


# ---- Waits ----


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [lockout.wait_s(failed) for failed in range(3, 17)] == [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


@pytest.mark.parametrize(("failed", "wait"), [(5, 2), (6, 4), (13, 512), (14, 900)])
def test_a_wait_ends_at_its_very_moment(failed: int, wait: int) -> None:
    end = NOW + timedelta(seconds=wait)
    assert lockout.next_try_at(failed, NOW) == end
    assert lockout.must_wait(failed, NOW, end - TICK) and not lockout.must_wait(failed, NOW, end)
    assert lockout.next_try_at(4, NOW) is None


def test_failures_are_forgotten_after_a_day() -> None:
    assert lockout.count_failure(7, NOW - timedelta(hours=24), NOW) == 8
    assert lockout.count_failure(7, NOW - timedelta(hours=24) - TICK, NOW) == 1


def test_a_try_while_waiting_changes_nothing(connection: Connection, chen: Account) -> None:
    at = datetime.now(UTC)
    connection.execute(update(account).where(account.c.id == chen.id).values(failed=14, failed_at=at))
    assert not store.count_try(connection, store.fetch_account(connection, chen.id))
    waiting = store.fetch_account(connection, chen.id)
    assert (waiting.failed, waiting.failed_at) == (14, at)
    connection.execute(update(account).where(account.c.id == chen.id).values(failed=14, failed_at=at - timedelta(seconds=901)))
    assert store.count_try(connection, store.fetch_account(connection, chen.id))
    assert store.fetch_account(connection, chen.id).failed == 15


# ---- Codes ----

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_one_step_to_each_side(steps: int, good: bool) -> None:
    here = int(NOW.timestamp()) // 30
    codes = pyotp.TOTP(SECRET)
    around = [codes.at((here + step) * 30) for step in range(-2, 3)]
    assert len(set(around)) == 5, "no code of this secret stands for two of these steps"
    assert totp.step_of(SECRET, around[steps + 2], NOW, None) == (here + steps if good else None)


@pytest.mark.parametrize(("last", "good"), [(-1, True), (0, False), (1, False)])
def test_a_code_is_good_after_the_last_one_alone(last: int, good: bool) -> None:
    here = int(NOW.timestamp()) // 30
    assert (totp.step_of(SECRET, pyotp.TOTP(SECRET).at(here * 30), NOW, here + last) == here) == good


def test_a_step_lasts_thirty_seconds() -> None:
    here = int(NOW.timestamp()) // 30
    code = pyotp.TOTP(SECRET).at(here * 30)
    assert totp.step_of(SECRET, code, NOW + timedelta(seconds=59), None) == here
    assert totp.step_of(SECRET, code, NOW + timedelta(seconds=60), None) is None


def test_a_recovery_code_opens_its_own_account_once(connection: Connection, chen: Account) -> None:
    other = store.add(connection, Draft("wang", role="supervisor"))
    first, second, *_ = codes = recovery.make_codes(connection, chen)
    assert len(set(codes)) == 10 and {len(code) for code in codes} == {14}
    assert not recovery.use_code(connection, other, first)
    assert not recovery.use_code(connection, chen, first[:-1]) and not recovery.use_code(connection, chen, first + "0")
    assert recovery.use_code(connection, chen, first.upper().replace("-", " ")) and not recovery.use_code(connection, chen, first)
    assert recovery.count_left(connection, chen.id) == 9
    newer = recovery.make_codes(connection, chen)
    assert not recovery.use_code(connection, chen, second) and recovery.use_code(connection, chen, newer[0])
    recovery.delete_codes(connection, other.id)
    assert connection.execute(select(func.count()).select_from(recovery_code)).scalar_one() == 10


@pytest.mark.parametrize(
    ("alone", "needed"), [(True, set()), (False, {"supervisor", "steward", "grid_worker", "auditor", "administrator"})]
)
def test_who_must_have_a_second_factor(monkeypatch: pytest.MonkeyPatch, alone: bool, needed: set[str]) -> None:
    monkeypatch.setenv("GRIDWELL_HOST", "127.0.0.1" if alone else "0.0.0.0")
    settings.cache_clear()
    try:
        assert settings().alone == alone
        roles = (*DEVICES, "grid_worker", "supervisor", "dispatcher", "leader", "steward", "auditor", "administrator")
        highest: dict[str, Any] = {role: check_draft(Draft("a", role=role))["detail"] for role in roles}
        assert {role for role in roles if second_factor.is_required(role, highest[role])} == needed
    finally:
        monkeypatch.undo()
        settings.cache_clear()


# ---- Lengths ----


@pytest.mark.parametrize(("draft", "field"), [
    (Draft("x" * 64, shown="x" * 100, role="leader", scope="x" * 200, figures="x" * 200, oidc_subject="x" * 200), None),
    (Draft("x", role="leader"), None),
    (Draft("x" * 65, role="leader"), "name"),
    (Draft("x.", role="leader"), "name"),
    (Draft("a", shown="x" * 101, role="leader"), "shown"),
    (Draft("a", role="leader", scope="x" * 201), "scope"),
    (Draft("a", role="leader", figures="x" * 201), "figures"),
    (Draft("a", role="leader", oidc_subject="x" * 201), "subject"),
    (Draft("a", role="leader", oidc_subject=""), "subject"),
    (Draft("a", role="supervisor", detail="cases"), None),
    (Draft("a", role="dispatcher", detail="people"), "detail"),
])  # fmt: skip
def test_the_longest_of_everything(draft: Draft, field: str | None) -> None:
    if field is None:
        assert check_draft(draft)["name"] == draft.name
        return
    with pytest.raises(BadAccount) as refused:
        check_draft(draft)
    assert refused.value.facts["field"] == field


def test_a_name_that_is_too_long_stays_too_long() -> None:
    """Cut to the longest name, it would be somebody else's."""
    assert len(normalize_name("x" * 65)) == 65 and len(normalize_name("x" * 1000)) == 65


@pytest.mark.parametrize(("password", "reason"), [
    ("kX7#pw2!mQz", "short"),
    ("kX7#pw2!mQzd", None),
    ("kX7#pw2!" * 16, None),
    ("kX7#pw2!" * 16 + "d", "long"),
    ("gmgkgwgmkwgmkw", "known"),  # four letters
    ("gmgkgwgmkwgmkwv", None),
    ("830261794458", "digits"),
])  # fmt: skip
def test_a_password_has_twelve_to_128_characters_and_five_different_ones(password: str, reason: str | None) -> None:
    assert passwords.explain_refusal(password) == (passwords._REASONS[reason] if reason else None)


def test_a_password_longer_than_any_is_not_cut_to_one_that_fits() -> None:
    kept = passwords.hash_password("kX7#pw2!" * 16)
    assert passwords.verify_password(kept, "kX7#pw2!" * 16) and not passwords.verify_password(kept, "kX7#pw2!" * 16 + "d")


def test_a_number_that_postgresql_cannot_hold_is_nobodys(connection: Connection) -> None:
    assert store.find_by_id(connection, 2**63 - 1) is None and store.find_by_id(connection, 2**63) is None
    with pytest.raises(UnknownAccount):
        store.fetch_account(connection, 2**63)


# ---- Who gives what ----


@pytest.mark.parametrize(("limit", "inside"), [
    ("*", {"a", "a.b", "a.bc", "", "*"}),
    ("a", {"a", "a.b", "a.bc"}),
    ("a.b", {"a.b"}),
    ("", set()),
])  # fmt: skip
def test_an_area_lies_inside_whole_labels_alone(limit: str, inside: set[str]) -> None:
    def place(path: str, zone: str = "") -> dict[str, str]:
        return {"scope": path, "figures": path, "zone": zone}

    assert {path for path in ("a", "a.b", "a.bc", "", "*") if delegation._inside(place(path), place(limit))} == inside
    assert not delegation._inside(place("a"), place("a", "Q")) and delegation._inside(place("a", "Q"), place("a", "Q"))


def test_accounts_in_use_are_listed_first_by_name(connection: Connection, chen: Account) -> None:
    for name in ("bo", "an", "wu"):
        store.add(connection, Draft(name, role="leader"))
    connection.execute(update(account).where(account.c.name == "an").values(disabled_at=func.now()))
    assert [one.name for one in store.list_accounts(connection)] == ["bo", "chen", "wu", "an"]
    assert connection.execute(text("SELECT count(*) FROM audit_log WHERE action = 'account_added'")).scalar_one() == 4
