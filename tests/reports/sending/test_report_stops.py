"""A schedule that is switched off, or loses a recipient, under a driven clock: what waits is stopped and told; what was sent stays."""

import asyncio
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from time import sleep
from typing import Any

import psycopg
import pytest
import small_city as city
from psycopg.types.json import Jsonb
from serving import free_port

from data.core.settings import ROOT, settings
from data.reports import queue
from data.reports.sending.delivering import send_due, take_over
from data.reports.sending.preparing import prepare
from data.reports.sending.runs import begin_runs
from tests.reports.sending.posted import BEFORE, DUE, MAIL, MINUTE, Connection, Mailbox, add_account, add_schedule, print_all, states, work

WEI = ("wei", "mail", "wei@example.org")


def switch_off(connection: Connection, schedule: int, who: str = "zhou") -> None:
    """As the page does, in somebody's name."""
    with connection.transaction():
        connection.execute("SELECT set_config('gridwell.account', %s, true)", [who])
        connection.execute("UPDATE report_schedule SET off_at = now() WHERE id = %s", [schedule])


def keep_only(connection: Connection, schedule: int, *recipients: tuple[str, str, str]) -> None:
    told = [{"account": account, "channel": channel, "target": target, "area": None} for account, channel, target in recipients]
    connection.execute("UPDATE report_schedule SET recipients = %s WHERE id = %s", [Jsonb(told), schedule])


def stops(connection: Connection) -> list[tuple[Any, ...]]:
    """Account, state, reason, and by whom it was stopped; and whether it is tried again."""
    rows = "SELECT account, state, stopped_why, stopped_by, next_at IS NOT NULL FROM report_delivery ORDER BY account, target"
    return connection.execute(rows).fetchall()


def queued(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM report_request WHERE state = 'queued'").fetchone()
    assert row
    return int(row[0])


def test_what_is_not_made_yet_is_stopped_and_taken_out_of_the_queue(town: Connection, box: Mailbox) -> None:
    schedule, other = add_schedule(town, BEFORE, [MAIL]), add_schedule(town, BEFORE, [WEI], area=city.D1)
    begin_runs(town, DUE)
    prepare(town, DUE)
    assert queued(town) == 2
    switch_off(town, schedule)
    assert stops(town) == [("wei", "making", None, None, True), ("zhou", "stopped", "switched_off", "zhou", False)] and queued(town) == 1
    assert work(town, DUE + MINUTE) == {"sent": 1} and [to for to, _ in box.got] == ["wei@example.org"]
    assert work(town, DUE + timedelta(days=1)) == {}
    town.execute("UPDATE report_schedule SET off_at = NULL, since = %s WHERE id = %s", [DUE + MINUTE, schedule])
    switch_off(town, other)
    assert work(town, DUE + timedelta(days=7)) == {"sent": 1}, "on again, what is due from then on is sent, and what was stopped is not"
    assert sorted(state for _, state, *_ in stops(town)) == ["sent", "sent", "stopped"]


def test_what_was_asked_for_but_not_looked_at_waits_for_approval_or_a_retry(town: Connection, box: Mailbox) -> None:
    """What was never tried, what waits for approval, for the next try, or may have arrived; and what was sent."""
    kinds = {
        "begun": add_schedule(town, BEFORE, [MAIL]),
        "approval": add_schedule(town, BEFORE, [("zhou", "mail", "a@example.org")], approval=True),
        "retry": add_schedule(town, BEFORE, [("zhou", "mail", "greylisted@example.org")]),
        "sent": add_schedule(town, BEFORE, [("zhou", "mail", "z@example.org")]),
    }
    assert work(town, DUE) == {"sent": 2, "waiting": 1}
    begun = "UPDATE report_delivery d SET state = 'making', report = NULL FROM report_run r WHERE r.id = d.run AND r.schedule = %s"
    town.execute(begun, [kinds["begun"]])
    issued = town.execute("SELECT count(*) FROM report").fetchone()
    for schedule in kinds.values():
        switch_off(town, schedule)
    assert {(target, state, why) for target, state, why in town.execute("SELECT target, state, stopped_why FROM report_delivery")} == {
        ("zhou@example.org", "stopped", "switched_off"),
        ("a@example.org", "stopped", "switched_off"),
        ("greylisted@example.org", "stopped", "switched_off"),
        ("z@example.org", "sent", None),
    }
    assert work(town, DUE + timedelta(days=3)) == {} and len(box.got) == 2
    assert town.execute("SELECT count(*) FROM report").fetchone() == issued, "what was not approved is never issued"


def test_what_may_have_arrived_stays_uncertain_and_is_tried_no_more(town: Connection, box: Mailbox) -> None:
    schedule = add_schedule(town, BEFORE, [MAIL])
    box.lose = 1
    assert work(town, DUE) == {"uncertain": 1}
    switch_off(town, schedule)
    assert stops(town) == [("zhou", "uncertain", "switched_off", "zhou", False)]
    assert send_due(town, DUE + timedelta(days=1)) == {} and len(box.got) == 1


def test_a_recipient_who_is_taken_out_gets_nothing_more_and_the_others_do(
    town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = add_schedule(town, BEFORE, [MAIL, WEI], area=city.D1)
    right = os.environ["GRIDWELL_SMTP"]
    monkeypatch.setenv("GRIDWELL_SMTP", f"127.0.0.1:{free_port()}")
    settings.cache_clear()
    assert work(town, DUE) == {"waiting": 1}
    keep_only(town, schedule, MAIL, ("lin", "mail", "lin@example.org"))
    assert [row[:3] for row in stops(town)] == [("wei", "stopped", "removed"), ("zhou", "waiting", None)]
    monkeypatch.setenv("GRIDWELL_SMTP", right)
    settings.cache_clear()
    assert send_due(town, DUE + 10 * MINUTE) == {"sent": 1} and [to for to, _ in box.got] == ["zhou@example.org"]
    keep_only(town, schedule, WEI)
    assert [row[:3] for row in stops(town)] == [("wei", "stopped", "removed"), ("zhou", "sent", None)], "what was sent stays"


def test_a_change_of_the_time_stops_nothing(town: Connection, box: Mailbox) -> None:
    schedule = add_schedule(town, BEFORE, [MAIL])
    begin_runs(town, DUE)
    told = Jsonb({"every": "week", "at_min": 500, "weekdays": [1]})
    town.execute("UPDATE report_schedule SET rhythm = %s, name = 'x' WHERE id = %s", [told, schedule])
    assert work(town, DUE) == {"sent": 1}


@pytest.mark.parametrize(("lost", "came"), [(0, ("sent", None)), (1, ("uncertain", "switched_off"))])
def test_a_try_that_is_under_way_ends_as_it_ends(town: Connection, box: Mailbox, lost: int, came: tuple[str, str | None]) -> None:
    """It is switched off while the mail server thinks: the mail that was taken is sent, and one whose answer is lost is not tried again."""
    schedule = add_schedule(town, BEFORE, [MAIL])
    _make(town)
    box.goes_on.clear()
    box.lose = lost
    sending = threading.Thread(target=_send, args=[town, DUE + 2 * MINUTE])
    sending.start()
    assert box.asked.wait(60)
    switch_off(town, schedule)
    assert stops(town) == [("zhou", "sending", "switched_off", "zhou", True)]
    box.goes_on.set()
    sending.join()
    assert [row[1:3] for row in stops(town)] == [came]
    assert send_due(town, DUE + timedelta(days=1)) == {} and len(box.got) == 1


def test_a_try_that_fails_after_the_stop_is_stopped(town: Connection, box: Mailbox) -> None:
    """One that would be tried again is stopped; one that is taken is sent, and nothing was stopped."""
    for target in ("greylisted@example.org", "zhou@example.org"):
        add_schedule(town, BEFORE, [("zhou", "mail", target)])
    _make(town)
    town.execute("UPDATE report_delivery SET stopped_at = now(), stopped_by = 'zhou', stopped_why = 'switched_off'")
    assert send_due(town, DUE + 2 * MINUTE) == {"stopped": 1, "sent": 1}
    found = "SELECT target, state, failure, stopped_why, next_at FROM report_delivery ORDER BY target"
    assert town.execute(found).fetchall() == [
        ("greylisted@example.org", "stopped", "receiver_refused", "switched_off", None),
        ("zhou@example.org", "sent", None, None, None),
    ]


def test_a_keeper_that_dies_during_the_try_leaves_it_uncertain(town: Connection, box: Mailbox) -> None:
    schedule = add_schedule(town, BEFORE, [MAIL])
    _make(town)
    box.thinks_s = 3_600
    script = (
        "from datetime import datetime, UTC\nfrom data.database.connections import connect\n"
        "from data.reports.sending.delivering import send_due\n"
        "with connect(autocommit=True) as c: send_due(c, datetime(2026, 11, 2, 0, 5, tzinfo=UTC))\n"
    )
    keeper = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=dict(os.environ))
    assert box.asked.wait(60)
    switch_off(town, schedule)
    keeper.kill()
    keeper.wait()
    box.thinks_s = 0
    assert take_over(town, DUE + 10 * MINUTE) == 1 and stops(town) == [("zhou", "uncertain", "switched_off", "zhou", False)]
    assert send_due(town, DUE + timedelta(days=1)) == {} and len(box.got) == 1


def test_what_is_stopped_while_it_would_be_issued_is_not(town: Connection, box: Mailbox) -> None:
    """The one waits for the other: where the stop comes first, nothing is issued any more."""
    schedule = add_schedule(town, BEFORE, [MAIL])
    begin_runs(town, DUE)
    prepare(town, DUE)
    print_all(town)
    with psycopg.connect(town.info.dsn, password=town.info.password) as other:
        other.execute("UPDATE report_schedule SET off_at = now() WHERE id = %s", [schedule])
        preparing = threading.Thread(target=_prepare, args=[town, DUE + MINUTE])
        preparing.start()
        _until_somebody_waits(town)
    preparing.join()
    assert [row[1:3] for row in stops(town)] == [("stopped", "switched_off")]
    assert town.execute("SELECT count(*) FROM report").fetchone() == (0,)


# ---- Approval ----


async def test_a_preview_that_waits_for_approval_is_kept_longer_than_a_day(town: Connection, box: Mailbox) -> None:
    schedule = add_schedule(town, BEFORE, [MAIL], approval=True)
    await asyncio.to_thread(work, town, DUE)
    town.execute("UPDATE report_request SET done_at = now() - interval '9 days'")
    await queue.tidy()
    assert town.execute("SELECT count(*) FROM report_request").fetchone() == (1,)
    switch_off(town, schedule)
    await queue.tidy()
    assert town.execute("SELECT count(*) FROM report_request").fetchone() == (0,), "and no longer than it waits"


def test_what_is_made_anew_is_approved_anew(town: Connection, box: Mailbox) -> None:
    """It was approved, but what was approved is gone: what is made in its place waits again."""
    add_schedule(town, BEFORE, [MAIL], approval=True)
    work(town, DUE)
    town.execute("UPDATE report_delivery SET state = 'making', approved_by = 'zhou', next_at = %s", [DUE])
    town.execute("DELETE FROM report_request")
    assert work(town, DUE + MINUTE) == {} and [state for _, state, _, _ in states(town)] == ["making"]
    assert work(town, DUE + 2 * MINUTE) == {} and [state for _, state, _, _ in states(town)] == ["approval"]
    assert town.execute("SELECT approved_by FROM report_delivery").fetchone() == (None,) and box.got == []


# ---- Heads ----


def test_each_street_its_own_to_whoever_leads_it(town: Connection, box: Mailbox) -> None:
    """Leaders of exactly that street, each the own; its supervisor where it has no leader; a street that nobody leads is told."""
    add_account(town, "ma", "supervisor", city.S2)
    add_account(town, "old", "leader", city.S2)
    add_account(town, "su", "supervisor", city.S1)
    town.execute("UPDATE account SET disabled_at = now() WHERE name = 'old'")
    schedule = add_schedule(town, BEFORE, [("@head", "mail", "{account}@example.org"), ("zhou", "mail", "all@example.org")], level="street")
    work(town, DUE)
    rows = "SELECT area, account, target, state, failure FROM report_delivery WHERE to_head ORDER BY area"
    assert town.execute(rows).fetchall() == [
        (city.S1, "lin", "lin@example.org", "sent", None),
        (city.S2, "ma", "ma@example.org", "sent", None),
        (city.S3, "@head", "{account}@example.org", "failed", "no_head"),
    ]
    assert sorted(to for to, _ in box.got) == ["all@example.org"] * 3 + ["lin@example.org", "ma@example.org"]
    add_account(town, "he", "leader", city.S3)
    town.execute("UPDATE report_delivery SET state = 'making', next_at = %s WHERE account = '@head'", [DUE])
    work(town, DUE + MINUTE)
    work(town, DUE + 2 * MINUTE)
    assert town.execute(rows).fetchall()[2] == (city.S3, "he", "he@example.org", "sent", None), "asked again, it finds who leads it now"
    assert work(town, DUE + timedelta(days=7)) == {"sent": 6}
    keep_only(town, schedule, ("zhou", "mail", "all@example.org"))
    assert {state for _, state, _, _ in states(town)} == {"sent"}


def test_heads_who_are_taken_out_are_stopped(town: Connection, box: Mailbox) -> None:
    schedule = add_schedule(town, BEFORE, [("@head", "mail", "{account}@example.org"), MAIL], area=city.S1)
    begin_runs(town, DUE)
    keep_only(town, schedule, MAIL)
    assert [row[:3] for row in stops(town)] == [("lin", "stopped", "removed"), ("zhou", "making", None)]


def _make(connection: Connection) -> None:
    """Everything is made and issued, and nothing is sent."""
    begin_runs(connection, DUE)
    prepare(connection, DUE)
    print_all(connection)
    prepare(connection, DUE + MINUTE)
    print_all(connection)


def _send(town: Connection, now: datetime) -> None:
    with psycopg.connect(town.info.dsn, password=town.info.password, autocommit=True) as own:
        send_due(own, now)


def _prepare(town: Connection, now: datetime) -> None:
    with psycopg.connect(town.info.dsn, password=town.info.password, autocommit=True) as own:
        prepare(own, now)


def _until_somebody_waits(town: Connection) -> None:
    """Until another connection to this database waits for a lock."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while town.execute(waits).fetchone() == (0,):
        sleep(0.01)
