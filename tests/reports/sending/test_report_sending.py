"""Schedules under a driven clock, with a real mail server, folder and receiver of web hooks: each report is sent once, or it is told.

Monday 2 November 2026, 08:00 in Shanghai, is midnight UTC: the first moment at which the schedules here are due.
"""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from serving import free_port

from data.core.settings import ROOT, settings
from data.core.viewer import Viewer
from data.notices.sending import PAUSES_MIN
from data.reports.audience import choose_audience
from data.reports.sending.delivering import send_due, take_over
from data.reports.sending.preparing import prepare
from data.reports.sending.recipients import find_access, find_viewer, is_empty
from data.reports.sending.runs import CAUGHT_UP, MOST_AT_ONCE, begin_runs
from tests.reports.sending.posted import (
    BEFORE,
    DUE,
    MAIL,
    MINUTE,
    PDF,
    SECRET,
    Connection,
    Hooked,
    Mailbox,
    add_schedule,
    hook_receiver,
    mail_server,
    print_all,
    states,
    work,
)


def runs(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT due_at, period, missed FROM report_run ORDER BY due_at").fetchall()


# ---- When ----


def test_a_report_is_sent_once_at_its_moment(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    assert work(town, DUE - timedelta(seconds=20)) == {} and runs(town) == [], "not before"
    assert work(town, DUE) == {"sent": 1}
    assert runs(town) == [(DUE, "2026-W44", False)]
    for minutes in (0, 1, 60, 600):
        assert work(town, DUE + minutes * MINUTE) == {}
    ((to, message),) = box.got
    assert to == "zhou@example.org" and message["From"] == "grid@example.org" and message["Subject"] == "周报 · 小城市 · 2026 年第 44 周"
    (attached,) = message.iter_attachments()
    assert (attached.get_content_type(), attached.get_content()) == ("application/pdf", PDF)
    assert states(town) == [("zhou", "sent", 1, None)]
    told = town.execute("SELECT subject, detail, account FROM audit_log WHERE action = 'report_sent'").fetchall()
    assert [(subject, detail["to"], by) for subject, detail, by in told] == [(city.CITY, "…@example.org", "schedule:1")]
    issued = town.execute("SELECT detail, issuer, area, scope::text, figures::text FROM report").fetchall()
    assert issued == [("figures", "schedule:1", city.CITY, city.path_of(city.CITY), city.path_of(city.CITY))]


def test_two_keepers_begin_one_run(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL, ("zhou", "folder", "a")])
    begun: list[int] = []
    ready = threading.Barrier(4)

    def keep() -> None:
        with psycopg.connect(town.info.dsn, password=town.info.password, autocommit=True) as own:
            ready.wait()
            begun.append(begin_runs(own, DUE))

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(begun) == [0, 0, 0, 1] and len(runs(town)) == 1 and len(states(town)) == 2
    sent: list[dict[str, int]] = []

    def send() -> None:
        with psycopg.connect(town.info.dsn, password=town.info.password, autocommit=True) as own:
            ready.wait()
            sent.append(send_due(own, DUE + MINUTE))

    prepare(town, DUE)
    print_all(town)
    prepare(town, DUE + MINUTE)
    print_all(town)
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.get("sent", 0) for one in sent) == 2 and len(box.got) == 1


def test_what_was_missed_is_caught_up_and_what_is_too_old_is_told(town: Connection, box: Mailbox) -> None:
    schedule = add_schedule(town, BEFORE, [MAIL], rhythm={"every": "day", "at_min": 480}, step="day")
    now = DUE + timedelta(days=40)
    begin_runs(town, now)
    found = runs(town)
    # From 31 October 08:00 on, one each day until now.
    assert len(found) == 43 and found[0][0] == DUE - timedelta(days=2) and found[-1][0] == now
    made = [due for due, _, missed in found if not missed]
    assert made == [now - timedelta(days=n) for n in reversed(range(MOST_AT_ONCE))]
    assert found[-1][1] == "2026-12-11" and len(states(town)) == MOST_AT_ONCE
    assert begin_runs(town, now) == 0
    town.execute("UPDATE report_schedule SET looked_until = NULL WHERE id = %s", [schedule])
    assert begin_runs(town, now) == 0, "a moment is a run once, whatever was looked at"
    weekly = add_schedule(town, BEFORE, [MAIL])
    begin_runs(town, DUE + CAUGHT_UP + timedelta(days=7))
    old = town.execute("SELECT count(*) FILTER (WHERE missed), count(*) FROM report_run WHERE schedule = %s", [weekly]).fetchone()
    assert old == (1, 6), "of the six Mondays the first is more than 31 days ago"


def test_a_clock_that_is_set_back_and_one_that_was_ahead(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    assert work(town, DUE + timedelta(days=7)) == {"sent": 2}
    assert work(town, DUE) == {}, "an hour that comes twice sends nothing twice"
    assert work(town, DUE + timedelta(days=14)) == {"sent": 1} and len(set(box.ids)) == 3


def test_a_holiday_monday_and_summer_time(town: Connection, box: Mailbox) -> None:
    """Monday 9 November is made a holiday; the city lies in Berlin from then on, where clocks jump on 28 March 2027 from 02:00 to 03:00."""
    moved = {"every": "week", "at_min": 480, "weekdays": [1], "holidays": "next_working"}
    add_schedule(town, DUE, [MAIL], rhythm=moved)
    town.execute("INSERT INTO calendar_day (city, day, kind, origin) VALUES (%s, '2026-11-09', 'off', 'uploaded')", [city.CITY])
    assert work(town, DUE + timedelta(days=7)) == {}
    assert work(town, DUE + timedelta(days=8)) == {"sent": 1} and runs(town)[-1][:2] == (DUE + timedelta(days=8), "2026-W45")
    town.execute("UPDATE city SET timezone = 'Europe/Berlin'")
    town.execute("UPDATE report_schedule SET off_at = now()")
    spring = datetime(2027, 3, 27, 12, tzinfo=UTC)
    add_schedule(town, spring, [MAIL], rhythm={"every": "day", "at_min": 150}, step="day")
    for hour in range(48):
        work(town, spring + timedelta(hours=hour))
    assert [due for due, *_ in runs(town)[-2:]] == [datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 3, 29, 0, 30, tzinfo=UTC)]
    assert len(box.got) == 3


def test_a_schedule_that_cannot_be_read_hinders_no_other(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL], rhythm={"every": "hour", "at_min": 0})
    add_schedule(town, BEFORE, [MAIL])
    assert work(town, DUE) == {"sent": 1}
    town.execute("UPDATE report_schedule SET off_at = now()")
    assert work(town, DUE + timedelta(days=7)) == {}, "switched off"


def test_what_the_database_refuses_hinders_no_other(town: Connection, box: Mailbox) -> None:
    """Whether there is something to report cannot be asked for one schedule, and another one is being changed by somebody for long."""
    add_schedule(town, BEFORE, [MAIL], send_empty=False)
    changing = add_schedule(town, BEFORE, [("wei", "mail", "wei@example.org")], area=city.D1)
    add_schedule(town, BEFORE, [("zhou", "folder", "a")])
    town.execute("SET lock_timeout = '100ms'")
    with psycopg.connect(town.info.dsn, password=town.info.password) as other:
        other.execute("LOCK TABLE incident")
        other.execute("SELECT 1 FROM report_schedule WHERE id = %s FOR UPDATE", [changing])
        assert work(town, DUE) == {"sent": 1}
        assert states(town) == [("zhou", "sent", 1, None), ("zhou", "making", 1, "fault")]
    assert work(town, DUE + 5 * MINUTE) == {"sent": 2}


# ---- What becomes of it ----


def test_a_mail_server_that_is_away_for_an_hour(town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    add_schedule(town, BEFORE, [MAIL, ("wei", "mail", "wei@example.org")], area=city.D1)
    right = os.environ["GRIDWELL_SMTP"]
    monkeypatch.setenv("GRIDWELL_SMTP", f"127.0.0.1:{free_port()}")
    settings.cache_clear()
    assert work(town, DUE) == {"waiting": 1}, "the second waits for the next round, and not for an answer"
    for minute in range(1, 60):
        send_due(town, DUE + minute * MINUTE)
    assert [(state, tries, failure) for _, state, tries, failure in states(town)] == [("waiting", 4, "no_answer")] * 2 and box.got == []
    monkeypatch.setenv("GRIDWELL_SMTP", right)
    settings.cache_clear()
    for minute in range(60, 120):
        send_due(town, DUE + minute * MINUTE)
    assert [state for _, state, _, _ in states(town)] == ["sent", "sent"]
    assert sorted(to for to, _ in box.got) == ["wei@example.org", "zhou@example.org"]


def test_a_server_that_never_comes_back_is_given_up_after_a_day(town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    add_schedule(town, BEFORE, [MAIL])
    monkeypatch.setenv("GRIDWELL_SMTP", f"127.0.0.1:{free_port()}")
    settings.cache_clear()
    work(town, DUE)
    tries = 1
    for quarter in range(1, 4 * 48):
        tries += sum(send_due(town, DUE + 15 * quarter * MINUTE).values())
    assert tries == len(PAUSES_MIN) + 1 and states(town) == [("zhou", "failed", tries, "no_answer")]


def test_a_refused_receiver_is_told_and_the_others_get_it(town: Connection, box: Mailbox) -> None:
    others = [("zhou", "mail", "nobody@example.org"), ("wei", "mail", "greylisted@example.org"), MAIL]
    add_schedule(town, BEFORE, others, area=city.D1)
    assert work(town, DUE) == {"refused": 1, "waiting": 1, "sent": 1}
    assert states(town) == [
        ("wei", "waiting", 1, "receiver_refused"),
        ("zhou", "refused", 1, "receiver_refused"),
        ("zhou", "sent", 1, None),
    ]
    assert send_due(town, DUE + timedelta(days=1)) == {"waiting": 1}, "what is refused for good is not tried again"


def test_an_address_that_the_server_cannot_take_is_refused(town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, port = Mailbox(), free_port()
    monkeypatch.setenv("GRIDWELL_SMTP", f"127.0.0.1:{port}")
    settings.cache_clear()
    add_schedule(town, BEFORE, [("zhou", "mail", "周@example.org"), ("wei", "mail", "wei@example.org")], area=city.D1)
    with mail_server(plain, port, enable_SMTPUTF8=False):
        assert work(town, DUE) == {"refused": 1, "sent": 1}
    assert [row for row in states(town) if row[0] == "zhou"] == [("zhou", "refused", 1, "bad_address")]


def test_an_answer_that_is_lost_is_uncertain_and_sent_again_as_the_same(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    box.lose = 1
    assert work(town, DUE) == {"uncertain": 1} and states(town) == [("zhou", "uncertain", 1, "no_answer")]
    assert send_due(town, DUE + 2 * MINUTE) == {"sent": 1}
    assert len(box.ids) == 2 and len(set(box.ids)) == 1 and box.ids[0].endswith("@grid.example.org>")
    links = {line.split("/seen/")[1] for _, message in box.got for line in _text(message).splitlines() if "/seen/" in line}
    hashes = {hashlib.sha256(one.encode()).digest() for one in links}
    kept = town.execute("SELECT tokens FROM report_delivery").fetchone()
    assert kept and set(map(bytes, kept[0])) == hashes and len(hashes) == 2, "both letters' links confirm"


def test_a_restored_backup_sends_again_what_the_receiver_knows(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    work(town, DUE)
    town.execute("DELETE FROM report_run")
    town.execute("UPDATE report_schedule SET looked_until = NULL")
    work(town, DUE + 5 * MINUTE)
    assert len(box.ids) == 2 and len(set(box.ids)) == 1


def test_kill_during_a_run(town: Connection, box: Mailbox) -> None:
    """A keeper of its own is killed while the mail server thinks; what it was sending is uncertain, and sent again as the same."""
    add_schedule(town, BEFORE, [MAIL, ("zhou", "folder", "a")])
    begin_runs(town, DUE)
    prepare(town, DUE)
    print_all(town)
    prepare(town, DUE + MINUTE)
    print_all(town)
    box.thinks_s = 3_600
    script = (
        "from datetime import datetime, UTC\nfrom data.database.connections import connect\n"
        "from data.reports.sending.delivering import send_due\n"
        "with connect(autocommit=True) as c: send_due(c, datetime(2026, 11, 2, 0, 5, tzinfo=UTC))\n"
    )
    keeper = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=dict(os.environ))
    assert box.asked.wait(60)
    keeper.send_signal(signal.SIGKILL)
    keeper.wait()
    box.thinks_s = 0
    later = DUE + 10 * MINUTE
    interrupted = [row for row in states(town) if row[1] == "sending"]
    assert len(interrupted) == 1
    assert take_over(town, later) == 1 and ("zhou", "uncertain", 1, "interrupted") in states(town)
    send_due(town, later)
    assert {state for _, state, _, _ in states(town)} == {"sent"}
    assert len(set(box.ids)) == 1 and len(box.ids) == 2
    files = list((settings().report_folder or Path()).rglob("*"))
    assert [one.name for one in files if one.is_file()] == [one.name for one in files if one.suffix == ".pdf"]


def test_a_report_that_cannot_be_made_is_asked_for_again_and_told(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    begin_runs(town, DUE)
    prepare(town, DUE)
    failed = "UPDATE report_request SET state = 'failed', problem = '{\"code\": \"too_slow\"}', done_at = now() WHERE state = 'queued'"
    town.execute(failed)
    prepare(town, DUE + MINUTE)
    assert states(town) == [("zhou", "making", 1, "not_made_too_slow")]
    assert work(town, DUE + 3 * MINUTE) == {"sent": 1}


def test_a_report_that_cannot_be_issued_holds_up_no_other(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    add_schedule(town, BEFORE, [("wei", "mail", "wei@example.org")], area=city.D1)
    begin_runs(town, DUE)
    prepare(town, DUE)
    without_days = "UPDATE report_request SET state = 'done', content = '', sha256 = '', facts = '{}', done_at = now() WHERE area = %s"
    assert town.execute(without_days, [city.CITY]).rowcount == 1
    print_all(town)
    assert prepare(town, DUE + MINUTE) == 1
    assert states(town) == [("wei", "waiting", 0, None), ("zhou", "making", 1, "fault")]


# ---- Rights ----


def test_a_report_holds_what_its_recipient_may_see(town: Connection, box: Mailbox) -> None:
    """With single cases for who sees them, figures for who does not, and nothing for who sees neither: each its own report."""
    recipients = [(name, "mail", f"{name}@example.org") for name in ("zhou", "wei", "lin", "quay", "screen", "feed", "stranger")]
    add_schedule(town, BEFORE, recipients, area=city.S1, figures_only=False)
    work(town, DUE)
    assert {account: (state, failure) for account, state, _, failure in states(town)} == {
        "zhou": ("sent", None),
        "wei": ("sent", None),
        "lin": ("sent", None),
        "quay": ("refused", "no_rights"),
        "screen": ("refused", "no_account"),
        "feed": ("refused", "no_account"),
        "stranger": ("refused", "no_account"),
    }
    details = dict(town.execute("SELECT account, detail FROM report_delivery WHERE detail IS NOT NULL").fetchall())
    assert details == {"zhou": "cases", "wei": "cases", "lin": "figures"}
    reports = dict(town.execute("SELECT account, report FROM report_delivery WHERE detail IS NOT NULL").fetchall())
    assert reports["zhou"] == reports["wei"] != reports["lin"], "of one audience there is one report"
    with_file = {to.partition("@")[0]: len(list(message.iter_attachments())) for to, message in box.got}
    assert with_file == {"zhou": 0, "wei": 0, "lin": 1}, "a report with cases goes as a link"
    assert "By schedule" in _text(next(message for to, message in box.got if to.startswith("lin"))), "in the language of its reader"


@pytest.mark.parametrize(
    "loss",
    [
        "UPDATE account SET disabled_at = now()",
        "UPDATE account SET detail = 'figures'",
        f"UPDATE account SET scope = '{city.D2}', figures = NULL",
    ],
)
def test_rights_are_asked_again_before_each_try(town: Connection, box: Mailbox, loss: str) -> None:
    add_schedule(town, BEFORE, [("wei", "mail", "greylisted@example.org")], area=city.S1, figures_only=False)
    assert work(town, DUE) == {"waiting": 1}
    town.execute(loss.encode())
    assert send_due(town, DUE + timedelta(hours=2)) == {"refused": 1} and states(town) == [("wei", "refused", 2, "no_rights")]
    assert box.got == []


@pytest.mark.parametrize("name", ["zhou", "wei", "lin", "quay"])
async def test_access_is_what_people_get_who_ask_themselves(town: Connection, name: str) -> None:
    viewer = find_viewer(town, name)
    assert isinstance(viewer, Viewer)
    for code in (city.CITY, city.D1, city.D2, city.S1, city.K4, city.C3, city.ZONE):
        with town.transaction():
            found = find_access(town, viewer, code)
        try:
            audience = await choose_audience(viewer, code)
        except Exception as error:
            assert found is None, (name, code, error)
            continue
        assert found is not None, (name, code)
        assert (audience.city, audience.scope, audience.figures, audience.zone) == (found.city, found.cells, found.path, found.zone)
        assert (audience.detail == "cases") == found.cases, (name, code)


def test_each_street_its_own_to_its_head(town: Connection, box: Mailbox) -> None:
    """Whoever's own area is among them gets that one; others get each that they see."""
    add_schedule(town, BEFORE, [("lin", "mail", "lin@example.org"), ("wei", "folder", "w")], level="street")
    work(town, DUE)
    got = town.execute("SELECT account, area, state FROM report_delivery ORDER BY 1, 2").fetchall()
    assert got == [("lin", city.S1, "sent"), ("wei", city.S1, "sent"), ("wei", city.S2, "sent"), ("wei", city.S3, "refused")]
    folder = (settings().report_folder or Path()) / "w"
    assert sorted(one.name[:20] for one in folder.iterdir()) == [f"2026-W44-{city.S1}-w", f"2026-W44-{city.S2}-w"]
    assert {one.read_bytes() for one in folder.iterdir()} == {PDF}


# ---- Choices ----


def test_nothing_to_report_is_sent_or_not(town: Connection, box: Mailbox) -> None:
    """Cell 8 has no case in the last week of December, and none that is overdue."""
    town.execute("UPDATE incident SET deadline_state = NULL WHERE grid = %s AND deadline_state = 'overdue'", [city.C8])
    start, end = datetime(2026, 12, 21, tzinfo=UTC), datetime(2026, 12, 28, tzinfo=UTC)
    assert is_empty(town, city.C8, start, end) and not is_empty(town, city.CITY, datetime(2026, 10, 1, tzinfo=UTC), end)
    since = datetime(2026, 12, 27, tzinfo=UTC)
    add_schedule(town, since, [MAIL], area=city.C8, send_empty=False)
    add_schedule(town, since, [("wei", "mail", "w@example.org"), MAIL], area=city.C8, send_empty=True)
    work(town, datetime(2026, 12, 28, 0, 1, tzinfo=UTC))
    assert [(account, state) for account, state, _, _ in states(town)] == [("wei", "refused"), ("zhou", "nothing"), ("zhou", "sent")]


def test_what_wants_approval_waits_for_it(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL], approval=True)
    assert work(town, DUE) == {} and states(town) == [("zhou", "approval", 0, None)]
    assert send_due(town, DUE + timedelta(days=9)) == {} and box.got == []
    assert town.execute("SELECT count(*) FROM report").fetchone() == (0,), "until then it is a preview"
    town.execute("UPDATE report_delivery SET state = 'making', approved_by = 'zhou', next_at = %s", [DUE])
    assert work(town, DUE + timedelta(days=9)) == {"sent": 1} and town.execute("SELECT count(*) FROM report").fetchone() == (1,)
    assert sorted(state for _, state, _, _ in states(town)) == ["approval", "sent"], "that of the next Monday waits in its turn"


def test_a_web_hook_is_signed_and_keeps_its_id(town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with hook_receiver() as receiver:
        monkeypatch.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
        settings.cache_clear()
        add_schedule(town, BEFORE, [("zhou", "hook", receiver.address)], figures_only=False)
        receiver.status = 0
        assert work(town, DUE) == {"uncertain": 1}
        receiver.status = 500
        assert send_due(town, DUE + 5 * MINUTE) == {"waiting": 1}
        receiver.status = 200
        assert send_due(town, DUE + 30 * MINUTE) == {"sent": 1}
        _check_signatures(receiver)


def _check_signatures(receiver: Hooked) -> None:
    assert len(receiver.got) == 3 and len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    for headers, body in receiver.got:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        told = json.loads(body)
        assert (told["type"], told["account"], told["area"], told["period"]) == ("report.issued", "zhou", city.CITY, "2026-W44")
        assert told["address"] == f"https://grid.example.org/report/{told['id']}" and told["due_at"] == "2026-11-02T08:00:00+08:00"


def test_a_web_hook_that_is_silent_holds_up_no_other(town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = f"http://127.0.0.1:{free_port()}/report"
    with hook_receiver() as receiver:
        monkeypatch.setenv("GRIDWELL_NOTICE_HOOKS", f"{silent},{receiver.address}")
        settings.cache_clear()
        add_schedule(
            town, BEFORE, [(name, "hook", address) for name in ("zhou", "wei") for address in (silent, receiver.address)], area=city.D1
        )
        assert work(town, DUE) == {"waiting": 1, "sent": 2}, "an answer is waited for once in a round"


def test_a_folder_stays_inside_the_one_of_the_settings(town: Connection, box: Mailbox, tmp_path: Path) -> None:
    root = settings().report_folder
    assert root is not None
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    add_schedule(town, BEFORE, [("zhou", "folder", "out/x"), ("zhou", "folder", "../up"), ("zhou", "folder", "a/b")])
    assert work(town, DUE) == {"refused": 2, "sent": 1}
    assert [one.parent.name for one in tmp_path.rglob("*.pdf")] == ["b"] and not (tmp_path / "x").exists()


def test_without_settings_nothing_is_sent_and_it_is_told(town: Connection, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRIDWELL_SMTP", "GRIDWELL_REPORT_FOLDER", "GRIDWELL_PUBLIC_URL"):
        monkeypatch.delenv(name)
    settings.cache_clear()
    add_schedule(town, BEFORE, [MAIL, ("zhou", "folder", "a")])
    assert work(town, DUE) == {"waiting": 2}
    assert sorted(failure for _, _, _, failure in states(town)) == ["no_address", "not_set"]


def test_days_of_the_period_are_kept_with_the_run(town: Connection, box: Mailbox) -> None:
    add_schedule(town, BEFORE, [MAIL])
    begin_runs(town, DUE)
    assert town.execute("SELECT first, last FROM report_run").fetchall() == [(date(2026, 10, 26), date(2026, 11, 1))]


def _text(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content())
