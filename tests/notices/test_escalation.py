"""Cases that are late are told of: the named person by area and role, once for each case and factor, and nothing about people."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city

from data import rollup
from data.core.settings import settings
from data.notices.escalation import EscalationRule, escalate, write_rules
from data.notices.escalation_table import read_escalation

Connection = psycopg.Connection[Any]
START = datetime.fromisoformat("2026-10-30T08:00:00+00:00")
HOURS = timedelta(hours=1)
MAIL, HOOK = "desk@example.org", "https://hooks.example.org/late"


@pytest.fixture
def late(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The small city with one open case, i04 in cell C1, due after four hours; its clock goes on, and mail and hooks are allowed."""
    monkeypatch.setenv("GRIDWELL_SMTP", "127.0.0.1:25")
    monkeypatch.setenv("GRIDWELL_NOTICE_HOOKS", "https://hooks.example.org")
    monkeypatch.setenv("GRIDWELL_PUBLIC_URL", "https://grid.example.org")
    settings.cache_clear()
    rows = connection.execute("SELECT district, id FROM incident").fetchall()
    with rollup.changing_incidents(connection, city.CITY, rows):
        connection.execute("DELETE FROM incident WHERE source_key <> 'i04'")
        connection.execute("UPDATE incident SET reported_at = %s, due_at = %s", [START, START + 4 * HOURS])
    connection.execute("UPDATE city SET as_of = NULL, states_at = %s", [START])
    yield connection
    settings.cache_clear()


def tell(connection: Connection, hours: float) -> int:
    """Let the clock go on to so many hours after the report."""
    moment = START + hours * HOURS
    rollup.tick(connection, city.CITY, moment)
    return escalate(connection, city.CITY, moment)


def rules(connection: Connection, *given: EscalationRule) -> None:
    """Rules that hold since before the report."""
    write_rules(connection, city.CITY, given)
    connection.execute("UPDATE escalation_rule SET since = %s", [START - HOURS])


def notices(connection: Connection) -> list[tuple[Any, ...]]:
    """What waits to be sent."""
    return connection.execute("SELECT channel, target, body FROM notice ORDER BY id").fetchall()


def test_a_case_is_told_once_at_its_deadline_and_once_at_three_times_of_it(late: Connection) -> None:
    rules(late, EscalationRule(city.S1, "head", 1, mail=MAIL), EscalationRule(city.D1, "district", 3, mail=MAIL))
    assert [tell(late, hours) for hours in (3.9, 4, 4.01, 5, 11.9, 12, 12.01, 13)] == [0, 0, 1, 0, 0, 0, 1, 0]
    assert [(body["factor"], body["role"]) for _, _, body in notices(late)] == [(1, "head"), (3, "district")]
    assert late.execute("SELECT factor FROM escalation ORDER BY 1").fetchall() == [(1,), (3,)]
    late.execute("DELETE FROM notice")
    assert tell(late, 100) == 0 and notices(late) == [], "nothing is told again"


def test_three_times_is_of_the_time_that_counts_where_a_rule_says_so(late: Connection) -> None:
    rules(late, EscalationRule(city.CITY, "chief", 3, mail=MAIL))
    late.execute("UPDATE incident SET very_late_at = %s", [START + 40 * HOURS])
    assert [tell(late, hours) for hours in (13, 40, 40.01)] == [0, 0, 1]


def test_of_each_role_the_nearest_rule_counts(late: Connection) -> None:
    rules(
        late,
        EscalationRule(city.CITY, "head", 1, mail="city@example.org"),
        EscalationRule(city.S1, "head", 1, mail="street@example.org"),
        EscalationRule(city.S3, "head", 1, mail="other@example.org"),
        EscalationRule(city.D1, "duty", 1, hook=HOOK),
        EscalationRule(city.CITY, "desk", 1, account="desk"),
    )
    assert tell(late, 5) == 1
    assert [(channel, target) for channel, target, _ in notices(late)] == [("mail", "street@example.org"), ("hook", HOOK)]
    assert late.execute("SELECT cardinality(rules) FROM escalation").fetchone() == (3,)


def test_what_was_late_before_a_rule_was_made_is_not_told(late: Connection) -> None:
    tell(late, 6)
    write_rules(late, city.CITY, [EscalationRule(city.CITY, "chief", 1, mail=MAIL)])
    late.execute("UPDATE escalation_rule SET since = %s", [START + 5 * HOURS])
    assert tell(late, 7) == 0
    late.execute("UPDATE escalation_rule SET since = %s", [START + 4 * HOURS])
    assert tell(late, 8) == 1


def test_paused_and_closed_cases_are_not_late(late: Connection) -> None:
    rules(late, EscalationRule(city.CITY, "chief", 1, mail=MAIL))
    with rollup.changing_incidents(late, city.CITY, late.execute("SELECT district, id FROM incident").fetchall()):
        late.execute("UPDATE incident SET paused = true")
    assert tell(late, 9) == 0
    with rollup.changing_incidents(late, city.CITY, late.execute("SELECT district, id FROM incident").fetchall()):
        late.execute("UPDATE incident SET paused = false, stage = 'void'")
    assert tell(late, 10) == 0


def test_a_message_holds_nothing_about_people_and_no_sensitive_category(late: Connection) -> None:
    late.execute("UPDATE incident SET title = '张三家漏水', address = '幸福路1号', description = '13812345678'")
    late.execute("UPDATE category SET sensitive = true WHERE subject = 'incident'")
    rules(late, EscalationRule(city.CITY, "chief", 1, "wang", MAIL, HOOK))
    tell(late, 5)
    sent, event = notices(late), late.execute("SELECT body FROM live_event WHERE kind = 'case'").fetchall()
    assert len(sent) == 2 and len(event) == 1 and event[0][0]["step"] == "late_1"
    number = late.execute("SELECT number FROM incident").fetchone()
    assert number
    case = {
        "number": number[0],
        "grid": city.C1,
        "area": sent[0][2]["cases"][0]["area"],
        "category": None,
        "due_at": "2026-10-30T20:00:00+08:00",
    }
    assert sent[0][2] == {
        **{"type": "cases.late", "city": city.CITY, "at": "2026-10-30T21:00:00+08:00", "factor": 1, "role": "chief"},
        **{"address": "https://grid.example.org", "cases": [case]},
    }
    told = json.dumps([body for _, _, body in sent] + [body for (body,) in event], ensure_ascii=False)
    assert not [word for word in ("张三", "幸福路", "138", "wang") if word in told]


def test_without_a_setting_nothing_waits_to_leave(late: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDWELL_SMTP")
    monkeypatch.delenv("GRIDWELL_NOTICE_HOOKS")
    settings.cache_clear()
    rules(late, EscalationRule(city.CITY, "chief", 1, "wang", MAIL, HOOK))
    assert tell(late, 5) == 1
    assert late.execute("SELECT failure, given_up_at IS NOT NULL FROM notice").fetchall() == [("not_set", True)] * 2


def test_many_cases_go_into_a_few_messages(late: Connection) -> None:
    late.execute(
        "INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage,"
        " reported_at, due_at) SELECT district, city, source_id, 'm' || n, grid, path, geom, geom_3857, 'M' || n, category, channel, stage,"
        " reported_at, due_at FROM incident, generate_series(1, 120) n"
    )
    rollup.rebuild(late, city.CITY)
    late.execute("UPDATE city SET states_at = %s", [START])
    rules(late, EscalationRule(city.CITY, "chief", 1, mail=MAIL))
    assert tell(late, 5) == 121
    assert [len(body["cases"]) for _, _, body in notices(late)] == [100, 21]


def test_rules_that_stay_keep_their_moment(late: Connection) -> None:
    first, second = EscalationRule(city.CITY, "chief", 1, mail=MAIL), EscalationRule(city.CITY, "chief", 3, mail=MAIL)
    rules(late, first)
    assert write_rules(late, city.CITY, [first, second]) == 1
    assert late.execute("SELECT since = %s FROM escalation_rule ORDER BY factor", [START - HOURS]).fetchall() == [(True,), (False,)]
    assert write_rules(late, city.CITY, []) == 0


def test_the_table_of_people_is_checked_row_by_row() -> None:
    table = (
        "area,role,factor,account,mail,hook\n"
        "A,head,1,wang,,\nB,head,1,wang,,\nA,,1,wang,,\nA,head,2,wang,,\nA,duty,1,li,,\nA,duty,1,,no mail,\n"
        "A,duty,1,,,http://example.org\nA,duty,3,,,\nA,head,1,,a@b,\nA,head,3,,a@b,https://x.example/late\n"
    )
    with pytest.raises(Exception) as refused:
        read_escalation(table.encode(), {"A"}, {"wang"})
    assert [problem.kind for problem in refused.value.problems] == [  # type: ignore[attr-defined]
        *("no_area", "no_role", "no_factor", "no_account", "no_mail", "no_hook", "nobody", "twice"),
    ]
    good = "区域,角色,倍数,邮箱\nA,街道负责人,3,a@b\n".encode("gbk")
    assert read_escalation(good, {"A"}, set()) == [EscalationRule("A", "街道负责人", 3, mail="a@b")]
