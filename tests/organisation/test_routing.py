"""Cases that are filed go where the rules say: with a real database, through the writer, and tried on the last month."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import DESK, WORKER, ask, ask_report, carry_out, take
from databases import FreshDatabase
from rights_tools import load_people, seeing, viewer_of

from cli import routing as routing_command
from cli import units as units_command
from data.cases.life import replay
from data.cases.states import STATE_COLUMNS, CaseState
from data.cases.targets import read_events
from data.core.viewer import Viewer
from data.organisation.dry_run import try_rules
from data.organisation.model import GRID_HEAD, Member, RoutingRule, Unit
from data.organisation.store import Places, read_organisation, write_members, write_rules, write_units
from data.rollup import compare

Connection = psycopg.Connection[Any]
YESTERDAY = date(2026, 11, 28)


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The small city with two units; in the end every state is that of its events, and roll-ups equal the raw rows."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        write_units(connection, city.CITY, [Unit("cg", "城管中队", "Squad"), Unit("duty", "值班室")], YESTERDAY)
        yield connection
        with connection.transaction(force_rollback=True):
            assert not list(compare(connection, city.CITY))
        columns = ", ".join(STATE_COLUMNS)
        for district, case_id, *state in connection.execute(f"SELECT district, id, {columns} FROM incident WHERE version > 0".encode()):
            assert replay(read_events(connection, (district, case_id))) == CaseState(*state)


def report(owner: Connection, grid: str = city.C1, **said: Any) -> str:
    made = carry_out(owner, ask_report(WORKER, grid, **said))[0]
    assert made["ok"], made
    return str(made["number"])


def test_without_a_rule_a_case_waits_for_the_dispatcher(owner: Connection) -> None:
    outcome = take(owner, DESK, report(owner), "file")
    assert (outcome["stage"], outcome["version"]) == ("filed", 2)


def test_with_a_rule_it_goes_to_its_unit_at_once(owner: Connection) -> None:
    write_rules(owner, city.CITY, [RoutingRule(0, 0, "duty", category="order"), RoutingRule(0, 0, "cg", area=city.S1)])
    number = report(owner)
    outcome = take(owner, DESK, number, "file")
    assert (outcome["ok"], outcome["stage"], outcome["version"], outcome["state"]["unit"]) == (True, "dispatched", 3, "cg")
    stored = "SELECT stage, unit, handler, version, dispatched_at IS NOT NULL FROM incident WHERE number = %s"
    row = owner.execute(stored, [number]).fetchone()
    assert row == ("dispatched", "cg", "城管中队", 3, True)
    rule = owner.execute("SELECT id FROM routing_rule WHERE unit = 'cg'").fetchone()
    step = owner.execute("SELECT step, account, details ->> 'rule' FROM incident_event WHERE account = '@rules'").fetchone()
    assert rule is not None and step == ("dispatch", "@rules", str(rule[0]))
    assert owner.execute("SELECT count(*) FROM live_event WHERE number = %s", [number]).fetchone() == (3,)
    assert take(owner, WORKER, number, "accept")["stage"] == "in_progress"


def test_a_returned_case_is_not_sent_back_by_the_rule(owner: Connection) -> None:
    """Otherwise it would go back and forth between a rule and a unit that is not responsible."""
    write_rules(owner, city.CITY, [RoutingRule(0, 0, "cg")])
    number = report(owner)
    take(owner, DESK, number, "file")
    assert take(owner, WORKER, number, "not_responsible", reason="road of another district")["stage"] == "filed"


def test_a_head_gets_the_case_by_name(owner: Connection) -> None:
    write_members(owner, city.CITY, [Member("cg", "worker", city.S1, "head")])
    write_rules(owner, city.CITY, [RoutingRule(0, 0, GRID_HEAD)])
    outcome = take(owner, DESK, report(owner), "file")
    assert (outcome["state"]["unit"], outcome["state"]["assignee"]) == ("cg", "worker")
    assert take(owner, DESK, report(owner, city.C8), "file")["stage"] == "filed", "no head there"


def test_units_that_the_city_does_not_have_are_refused_with_the_nearest(owner: Connection) -> None:
    number = report(owner)
    take(owner, DESK, number, "file")
    outcome = take(owner, DESK, number, "dispatch", unit="dutty")
    assert not outcome["ok"] and outcome["refusals"] == [{"field": "unit", "code": "unknown_unit", "facts": {"nearest": "duty"}}]
    assert take(owner, DESK, number, "dispatch", unit="duty")["ok"]
    write_units(owner, city.CITY, [Unit("cg", "城管中队")], YESTERDAY)
    assert not take(owner, DESK, number, "hand_over", unit="duty")["ok"], "it ended"
    kept = owner.execute("SELECT valid_to FROM unit WHERE code = 'duty'").fetchone()
    assert kept == (YESTERDAY,)


def test_people_without_an_open_account_are_refused(owner: Connection) -> None:
    """A case that is given to a misspelt name would lie with nobody."""
    owner.execute("INSERT INTO account (name, shown, role, detail, scope) VALUES ('chen', '陈', 'grid_worker', 'cases', '*')")
    number = report(owner)
    take(owner, DESK, number, "file")
    outcome = take(owner, DESK, number, "dispatch", unit="duty", assignee="cheng")
    assert not outcome["ok"] and outcome["refusals"] == [{"field": "assignee", "code": "unknown_account", "facts": {}}]
    assert take(owner, DESK, number, "dispatch", assignee=" chen ")["state"]["assignee"] == "chen"
    owner.execute("UPDATE account SET disabled_at = now() WHERE name = 'chen'")
    assert not take(owner, DESK, number, "hand_over", assignee="chen")["ok"], "it is closed"
    assert take(owner, DESK, number, "hand_over", unit="duty")["ok"], "nobody is named"


@pytest.mark.parametrize("step", ["dispatch", "hand_over"])
def test_who_does_not_see_the_case_is_refused_like_who_is_not_there(owner: Connection, step: str) -> None:
    """Otherwise the answer, and then the case, would tell who is behind an account that somebody guesses."""
    scopes = {"east": ("cases", city.D2), "nowhere": ("cases", "gone"), "counts": ("figures", "*"), "west": ("cases", city.D1)}
    for name, (detail, scope) in {**scopes, "helper": ("cases", city.D2)}.items():
        made = "INSERT INTO account (name, shown, role, detail, scope) VALUES (%s, '陈', 'grid_worker', %s, %s)"
        owner.execute(made, [name, detail, scope])
    write_members(owner, city.CITY, [Member("duty", "helper"), Member("cg", "east", city.D2)])
    number = report(owner)
    take(owner, DESK, number, "file")
    if step == "hand_over":
        take(owner, DESK, number, "dispatch", unit="cg")
    unknown = take(owner, DESK, number, step, unit="duty", assignee="nobody")["refusals"]
    for name in ("east", "nowhere", "counts"):
        for unit in ("duty", "cg"):
            assert take(owner, DESK, number, step, unit=unit, assignee=name)["refusals"] == unknown, (name, unit)
    assert take(owner, DESK, number, step, unit="cg", assignee="helper")["refusals"] == unknown, "of another unit"
    assert take(owner, DESK, number, step, unit="duty", assignee="helper")["state"]["assignee"] == "helper", "of the unit that gets it"
    assert take(owner, DESK, number, "hand_over", assignee="west")["state"]["assignee"] == "west", "of the area"


def test_a_city_without_units_takes_any_name(owner: Connection) -> None:
    owner.execute("DELETE FROM unit WHERE city = %s", [city.CITY])
    number = report(owner)
    take(owner, DESK, number, "file")
    assert take(owner, DESK, number, "dispatch", unit="whatever", assignee="somebody")["ok"]


def test_names_behind_accounts_are_told_within_their_cities_alone(owner: Connection) -> None:
    made = "INSERT INTO account (name, shown, role, detail, scope) VALUES (%s, %s, 'grid_worker', 'cases', %s)"
    for name, scope in (("here", city.D2), ("zone", city.ZONE), ("all", "*"), ("guest", "gone"), ("away", "gone")):
        owner.execute(made, [name, f"Q{name}", scope])
    write_members(owner, city.CITY, [Member("duty", "guest")])
    names = ["here", "zone", "all", "guest", "away", "no account"]

    def told(viewer: Viewer) -> set[str]:
        with seeing(viewer) as connection:
            rows = connection.execute("SELECT account, shown FROM names_of_accounts(%s)", [names]).fetchall()
        assert all(shown == f"Q{account}" for account, shown in rows)
        return {account for account, _ in rows}

    for viewer in (DESK, viewer_of(city.C1, "cases"), viewer_of(city.ZONE, "cases")):
        assert told(viewer) == {"here", "zone", "all", "guest"}, viewer.scope
    elsewhere = replace(DESK, name="desk elsewhere", scope="999999", figures="999999", scope_code="999999")
    assert told(elsewhere) == {"all"}
    assert told(replace(elsewhere, name="guest")) == {"here", "zone", "all", "guest"}, "a member of a unit sees cases of its city"


def test_many_cases_of_one_batch_are_routed_each_by_its_place(owner: Connection) -> None:
    write_rules(owner, city.CITY, [RoutingRule(0, 0, "cg", area=city.D1), RoutingRule(0, 0, "duty")])
    numbers = [report(owner, grid) for grid in (city.C1, city.C8, city.C3)]
    outcomes = carry_out(owner, *(ask(DESK, number, "file", 1) for number in numbers))
    places = Places(owner, city.CITY, "Asia/Shanghai")
    around = [places.find("env", grid, "x", datetime.now(UTC)).areas for grid in (city.C1, city.C8, city.C3)]
    expected = ["cg" if city.D1 in areas else "duty" for areas in around]
    assert [outcome["state"]["unit"] for outcome in outcomes] == expected and set(expected) == {"cg", "duty"}


def test_areas_are_those_around_a_cell_and_its_zones(owner: Connection) -> None:
    found = Places(owner, city.CITY, "Asia/Shanghai").find("env", city.C3, "hotline", datetime(2026, 10, 3, 20, tzinfo=UTC))
    assert found.areas[0] == city.C3 and found.areas[-1] == city.ZONE and city.D1 in found.areas and city.CITY in found.areas
    assert (found.reported_at.day, found.reported_at.hour) == (4, 4)


def test_a_dry_run_says_where_last_months_cases_would_go_and_changes_nothing(owner: Connection) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    counted = "SELECT category, count(*) FROM incident WHERE reported_at >= %s AND reported_at < %s GROUP BY 1"
    counts = dict(owner.execute(counted, [now - timedelta(days=30), now]).fetchall())
    assert sum(counts.values()) > 10
    owner.execute("UPDATE incident SET handler = '城管中队' WHERE source_key = 'i06'")
    before = owner.execute("SELECT md5(string_agg(i::text, ',' ORDER BY id)) FROM incident i").fetchone()
    rules = [RoutingRule(5, 1, "cg", category="env"), RoutingRule(6, 2, "duty", category="order")]
    tried = try_rules(owner, city.CITY, "Asia/Shanghai", now, rules)
    assert (tried.cases, tried.by_rule) == (sum(counts.values()), {5: counts["env"], 6: counts["order"]})
    assert tried.routed == counts["env"] + counts["order"] and sum(tried.moves.values()) == tried.cases
    assert tried.same == sum(n for (was, becomes), n in tried.moves.items() if was == becomes and becomes)
    assert owner.execute("SELECT md5(string_agg(i::text, ',' ORDER BY id)) FROM incident i").fetchone() == before
    assert read_organisation(owner, city.CITY).rules == ()


def test_the_commands_take_tables_over_and_say_what_is_wrong(owner: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    units, rules = tmp_path / "units.csv", tmp_path / "rules.csv"
    units.write_text("code,name,department\ncg,城管中队,城管局\nlh,绿化所,园林局\n", "utf-8")
    rules.write_text("category,unit\nenv,绿化所\n*,cgg\n", "utf-8")

    def call(command: Any, *words: str) -> int:
        parser = argparse.ArgumentParser()
        command.configure(parser)
        return int(command.run(parser.parse_args([city.CITY, *words])))

    assert call(units_command, "--upload", str(units)) == 0
    assert "绿化所" in capsys.readouterr().out
    assert call(routing_command, "--apply", str(rules)) == 2
    assert "cgg" in capsys.readouterr().out and read_organisation(owner, city.CITY).rules == ()
    rules.write_text("category,unit\nenv,绿化所\n*,cg\n", "utf-8")
    assert call(routing_command, "--dry-run", str(rules)) == 0 and read_organisation(owner, city.CITY).rules == ()
    assert call(routing_command, "--apply", str(rules)) == 0
    assert [(rule.category, rule.unit) for rule in read_organisation(owner, city.CITY).rules] == [("env", "lh"), (None, "cg")]
    assert call(routing_command) == 0 and "lh" in capsys.readouterr().out
    logged = [row[0] for row in owner.execute("SELECT action FROM audit_log WHERE action IN ('units', 'routing_rules') ORDER BY no")]
    assert logged == ["units", "routing_rules"]
    duty = tmp_path / "duty.csv"
    duty.write_text(f"网格编码,值班人员,开始时间,结束时间\n{city.C1},陈,2026-11-30 08:00,2026-11-30 20:00\n{city.C1}x,陈,早上,\n", "gbk")
    assert call(units_command, "--duty", str(duty)) == 2 and "Nothing was taken" in capsys.readouterr().out
    assert owner.execute("SELECT count(*) FROM duty_shift").fetchone() == (0,)
    duty.write_text(f"网格编码,值班人员,开始时间,结束时间\n{city.C1},陈,2026-11-30 08:00,2026-11-30 20:00\n", "gbk")
    assert call(units_command, "--duty", str(duty), "--dry-run") == 0
    assert owner.execute("SELECT count(*) FROM duty_shift").fetchone() == (0,), "only said"
    assert call(units_command, "--duty", str(duty)) == 0 and "1 shifts" in capsys.readouterr().out
    assert owner.execute("SELECT begins_at = '2026-11-30 00:00+00', people FROM duty_shift").fetchall() == [(True, 1)]
