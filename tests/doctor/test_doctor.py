"""The doctor over the small city: a sound city passes, and every broken invariant is named."""

import argparse
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import WORKER, ask_report, carry_out
from databases import FreshDatabase
from planted_reports import plant_report

from cli import doctor
from data.core.errors import UnknownArea
from data.doctor import installation, reports, rights
from data.doctor.examine import CITY_CHECKS, SUBJECTS, connect_at_one_moment, examine, examine_city
from data.doctor.model import Outcome, judge_offenders, judge_statement

Connection = psycopg.Connection[Any]


def broken(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Codes of the checks that fail, with their offenders."""
    return {one.code: one.outcome.offenders for one in examine_city(connection, city.CITY) if not one.outcome.ok}


def test_the_small_city_is_well(connection: Connection) -> None:
    health = examine(connection)
    assert [one.code for one in health.cities[0].findings if not one.outcome.ok] == []
    assert [one.code for one in health.cities] == [city.CITY]


def test_it_sees_one_moment_of_a_city_in_which_people_work(fresh_database: FreshDatabase) -> None:
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as owner, connect_at_one_moment() as looking:
        cases = "SELECT count(*) FROM incident"
        before = looking.execute(cases).fetchone()
        findings = examine_city(looking, city.CITY, lambda _: carry_out(owner, ask_report(WORKER, city.C1)) and None)
        assert [one.code for one in findings if not one.outcome.ok] == []
        assert looking.execute(cases).fetchone() == before
        looking.rollback()
        made = owner.execute(cases).fetchone()
        assert made and before and made[0] == before[0] + len(CITY_CHECKS)


def test_checks_come_by_subject() -> None:
    assert {code.split(".")[0] for code in CITY_CHECKS} == set(SUBJECTS)


def test_only_known_cities_can_be_asked_for(connection: Connection) -> None:
    with pytest.raises(UnknownArea):
        examine(connection, ["atlantis"])


def _no(code: str) -> str:
    return f"(SELECT no FROM area WHERE code = '{code}')"


SHIFTED = "ST_Translate(geom, 0.0001, 0)"  # about 9.6 m to the east
BREAKS = [
    ("fresh.spans", f"UPDATE area_span SET bounds = '{{1,100}}' WHERE area = '{city.S1}'", city.S1),
    ("fresh.spans", f"DELETE FROM area_span WHERE area = '{city.ZONE}'", city.ZONE),
    ("tree.parents", f"UPDATE area SET parent = NULL WHERE code = '{city.K2}'", city.K2),
    ("tree.paths", f"UPDATE area SET path = 'somewhere.else' WHERE code = '{city.C4}'", city.C4),
    ("tree.levels", f"UPDATE area SET level = 'district' WHERE code = '{city.K2}'", city.K2),
    ("tree.levels", f"UPDATE area SET level = 'hamlet' WHERE code = '{city.K2}'", city.K2),
    ("tree.districts", f"UPDATE area SET district = '{city.D2}' WHERE code = '{city.S1}'", city.S1),
    ("codes.categories", "UPDATE incident SET category = 'riddle' WHERE source_key = 'i01'", "incident riddle (1)"),
    ("codes.stages", "UPDATE incident SET channel = 'pigeon' WHERE source_key = 'i01'", "pigeon"),
    ("codes.stages", "UPDATE incident SET stage = 'lost' WHERE source_key = 'i07'", "lost"),
    ("place.buildings", f"UPDATE building SET grid = '{city.C2}' WHERE source_key = 'b1'", f"building b1 · {city.C2}"),
    ("place.incidents", "UPDATE incident SET geom = ST_Translate(geom, 0.02, 0) WHERE source_key = 'i01'", f"incident AJ-i01 · {city.C1}"),
    ("place.incidents", "UPDATE incident SET grid = 'nowhere' WHERE source_key = 'i01'", "incident AJ-i01 · nowhere"),
    ("place.facilities", f"UPDATE facility SET grid = '{city.C8}' WHERE source_key = 'f1'", f"facility f1 · {city.C8}"),
    ("place.leaves", f"UPDATE building SET grid = '{city.K1}' WHERE source_key = 'b1'", f"building b1 · {city.K1}"),
    ("place.leaves", "UPDATE incident SET path = '990000' WHERE source_key = 'i01'", f"incident AJ-i01 · {city.C1}"),
    ("place.leaves", f"UPDATE facility SET district = '{city.D2}' WHERE source_key = 'f1'", f"facility f1 · {city.C1}"),
    ("place.zones", f"UPDATE zone_member SET grid = '{city.C8}' WHERE grid = '{city.C5}'", f"{city.ZONE} · {city.C8}"),
    ("incident.closed", "UPDATE incident SET closed_at = now() WHERE source_key = 'i04'", "AJ-i04 · in_progress"),
    ("incident.closed", "UPDATE incident SET closed_at = NULL WHERE source_key = 'i01'", "AJ-i01 · closed"),
    (
        "incident.once",
        "INSERT INTO incident"
        " (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage, reported_at)"
        " SELECT district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage, '2026-09-01T00:00Z'"
        " FROM incident WHERE source_key = 'i01'",
        ":i01 · 2",
    ),
    ("incident.months", "UPDATE incident SET reported_at = '1066-10-14T09:00Z' WHERE source_key = 'i01'", "AJ-i01 · 1066-10-14"),
    ("incident.states", "UPDATE incident SET deadline_state = 'amber' WHERE source_key = 'i04'", "AJ-i04 · amber ≠ overdue"),
    ("incident.states", "UPDATE incident SET stage = 'void' WHERE source_key = 'i04'", "AJ-i04 · overdue ≠ -"),
    ("incident.deadlines", "UPDATE incident SET rule_id = 1 WHERE source_key = 'i05'", "≠ None"),
    ("incident.kinds", "DELETE FROM incident_kind WHERE category IS NULL AND channel = 'hotline'", " · "),
    (
        "shape.valid",
        "UPDATE building SET geom = 'SRID=4326;MULTIPOLYGON(((120.001 30.011,120.002 30.012,120.002 30.011,120.001 30.012,"
        "120.001 30.011)))'"
        " WHERE source_key = 'b1'",
        "building b1",
    ),
    ("shape.valid", f"UPDATE area SET geom_3857 = NULL WHERE code = '{city.K1}'", f"area {city.K1}"),
    ("shape.drawn", "UPDATE incident SET geom_3857 = ST_Translate(geom_3857, 1, 0) WHERE source_key = 'i01'", "incident AJ-i01"),
    ("shape.drawn", f"UPDATE area SET geom = {SHIFTED} WHERE code = '{city.S1}'", f"area {city.S1}"),
    ("shape.nesting", f"UPDATE area SET geom = ST_Translate(geom, 0.05, 0) WHERE code = '{city.K2}'", f"({city.K2}) < "),
    ("shape.nesting", f"UPDATE area SET parent = '{city.D2}' WHERE code = '{city.S1}'", f"({city.S1}) < "),
    (
        "sum.population",
        f"UPDATE area_figure SET population = population + 1 WHERE area = '{city.S2}'",
        f"{city.S2} · population: 701 ≠ 700",
    ),
    ("sum.population", f"UPDATE area_figure SET male = NULL WHERE area = '{city.ZONE}'", f"{city.ZONE} · male: - ≠ 392"),
    ("sum.ages", f"UPDATE area_figure SET ages = '{{\"60+\": 1}}' WHERE area = '{city.D2}'", f"{city.D2} · 60+: 1 ≠ 360"),
    ("sum.buildings", f"UPDATE area_figure SET facilities = 0 WHERE area = '{city.CITY}'", f"{city.CITY} · facilities: 0 ≠ 4"),
    ("sum.buildings", f"UPDATE area_figure SET footprint_m2 = 1 WHERE area = '{city.C7}'", f"{city.K4} · footprint_m2: 800 ≠ 1"),
    (
        "sum.incidents",
        f"UPDATE incident_daily SET due = due + 1 WHERE area_no = {_no(city.K1)} AND day = '2026-10-05'",
        f"{city.S1} · due: 7 ≠ 9",
    ),
    ("place.counted", f"DELETE FROM incident_daily WHERE area_no = {_no(city.ZONE)}", f"{city.ZONE} · cases: 0 ≠ 9"),
    ("sum.stock", f"DELETE FROM incident_open WHERE area_no = {_no(city.D2)} AND state = 'on_time'", f"{city.D2} · open: 3 ≠ 6"),
    (
        "sum.stock",
        f"UPDATE incident_daily SET overdue_change = 0 WHERE area_no = {_no(city.C1)} AND day = '2026-10-31'",
        f"{city.C1} · overdue: 1 ≠ 0",
    ),
    ("fresh.rollups", "DELETE FROM building WHERE source_key = 'b12'", f"area_figure · {city.K4} · buildings: 2 ≠ 1"),
    (
        "fresh.rollups",
        "UPDATE incident_open SET n = 7 WHERE state = 'amber'",
        f"incident_open · {city.C1} · env · video · dispatched · amber · n: 7 ≠ 1",
    ),
    ("fresh.rollups", "DELETE FROM incident WHERE source_key = 'i30'", f"{city.CITY} · 2026-10-30 · order · other · reported: 1 ≠ -"),
]


@pytest.mark.parametrize(("code", "statement", "named"), BREAKS)
def test_what_is_broken_on_purpose_is_named(connection: Connection, code: str, statement: str, named: str) -> None:
    connection.execute(statement)
    outcome = CITY_CHECKS[code][1](connection, city.CITY)  # only this check: all of them at each breakage would take seconds
    assert not outcome.ok
    assert any(named in offender for offender in outcome.offenders), outcome.offenders


def test_a_gap_and_an_overlap_are_told_in_square_metres(connection: Connection) -> None:
    """Cell 5 moves 9.6 m east: it leaves a strip of 0.0001° × 0.01°, lies over nothing in its own column, and stands outside."""
    connection.execute(f"UPDATE area SET origin = 'made', geom = {SHIFTED} WHERE code = '{city.C5}'")
    connection.execute("UPDATE area SET origin = 'made' WHERE level = 'grid'")
    tiling = next(one.outcome for one in examine_city(connection, city.CITY) if one.code == "shape.tiling")
    strip = connection.execute("SELECT ST_Area(ST_MakeEnvelope(120.02, 30.01, 120.0201, 30.02, 4326)::geography)").fetchone()
    assert strip
    assert not tiling.ok
    assert tiling.figures["gap_m2"] == pytest.approx(strip[0], rel=1e-3)
    assert tiling.figures["outside_m2"] == pytest.approx(strip[0], rel=1e-3)
    assert tiling.figures["overlap_m2"] == pytest.approx(0, abs=0.01)
    assert tiling.offenders[0].startswith(f"{city.K3}: gap ")


def test_published_cells_are_told_but_only_wrong_beyond_a_tolerance(connection: Connection) -> None:
    def tiling() -> Any:
        return next(one.outcome for one in examine_city(connection, city.CITY) if one.code == "shape.tiling")

    connection.execute(f"UPDATE area SET geom = ST_Multi(ST_Buffer(geom, 0.0001)) WHERE code = '{city.C5}'")
    assert (tiling().ok, tiling().note, tiling().total) == (True, True, 1)
    connection.execute("UPDATE area SET attributes = '{\"tiling_tolerance\": 0.001}' WHERE code = %s", (city.K3,))
    assert (tiling().ok, tiling().total) == (False, 1)
    connection.execute("UPDATE area SET attributes = '{\"tiling_tolerance\": 0.1}' WHERE code = %s", (city.K3,))
    assert (tiling().ok, tiling().total) == (True, 0)


@pytest.mark.parametrize(("metres", "well"), [(100, True), (400, False)])
def test_the_nearest_cell_is_near(connection: Connection, metres: int, well: bool) -> None:
    connection.execute(
        "UPDATE incident SET grid_method = 'nearest', geom = ST_Project(ST_MakePoint(120, 30.015)::geography, %s, radians(270))::geometry"
        " WHERE source_key = 'i01'",
        (metres,),
    )
    assert ("place.incidents" not in broken(connection)) is well


def test_the_register_is_counted_against_cells_and_buildings(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO person (district, city, source_id, source_key, grid, path, household, name, sex, birth_date, residence)"
        " VALUES (%s, %s, 1, 'p', %s, %s, 'h', '李', 'F', '1990-01-01', 'registered')",
        (city.D1, city.CITY, city.C1, city.path_of(city.C1)),
    )
    connection.execute("UPDATE area_figure SET population = 0, households = 0, male = 0, female = 0 WHERE area <> %s", (city.C1,))
    connection.execute("UPDATE building SET residents = 2 WHERE source_key = 'b1'")
    differs = ("", "100 ≠ 1"), (" · households", "40 ≠ 1"), (" · male", "49 ≠ 0"), (" · female", "51 ≠ 1")
    expected = {f"area {city.C1}{column}: {figures}" for column, figures in differs}
    assert set(broken(connection)["fresh.register"]) == expected | {"building b1: 2 ≠ 0"}


def test_the_published_population_comes_out(connection: Connection) -> None:
    insert = (
        "INSERT INTO population_unit (city, source_id, source_key, total, as_of, method)"
        " SELECT %s, id, %s, %s, '2026-01-01', 'by_area' FROM source"
    )
    connection.execute(insert, (city.CITY, "u1", 2000))
    connection.execute(insert, (city.CITY, "u2", 800))
    assert "fresh.published" not in broken(connection)
    connection.execute(insert, (city.CITY, "u3", 1))
    assert broken(connection)["fresh.published"] == ("2801 - 0 ≠ 2800",)


def test_people_outside_the_city_that_were_counted_are_named(connection: Connection) -> None:
    """As they were before units were shared over all of their ground: the unit is one quarter inside."""
    connection.execute(
        "INSERT INTO population_unit (city, source_id, source_key, total, as_of, method, geom)"
        " SELECT %s, id, 'over the border', 11200, '2026-01-01', 'by_area', ST_Multi(ST_MakeEnvelope(119.97, 30, 120.01, 30.01, 4326))"
        " FROM source",
        [city.CITY],
    )
    assert "fresh.published" not in broken(connection)
    connection.execute("UPDATE area_figure SET population = 11200 WHERE area = %s", [city.CITY])
    assert broken(connection)["fresh.published"] == ("11200 - 8400 ≠ 11200", "unit over the border: 8400 / 11200")


def test_how_far_levels_differ_is_told_but_only_wrong_where_the_source_does_not_say_so(connection: Connection) -> None:
    """A fifth of a community lies beyond the border of its street."""
    connection.execute(
        "UPDATE area SET geom = ST_Translate(geom, 0.002, 0), source_id = (SELECT min(id) FROM source) WHERE parent = %s", [city.S2]
    )
    connection.execute("UPDATE area SET geom = ST_Translate(geom, 0.002, 0) WHERE parent = %s", [city.K2])
    found = broken(connection)["shape.nesting"]
    assert found == (f"钟楼街道 ({city.S2}): 20 %", f"柳林街道 ({city.S3}) < 钟楼街道 ({city.S2}): 10 %"), found
    connection.execute("UPDATE source SET nests = 0.3")
    outcome = next(one.outcome for one in examine_city(connection, city.CITY) if one.code == "shape.nesting")
    assert outcome.ok and outcome.total


def test_long_lists_are_cut_but_counted(connection: Connection) -> None:
    connection.execute("UPDATE incident SET closed_at = NULL, stage = 'closed'")
    outcome = next(one.outcome for one in examine_city(connection, city.CITY) if one.code == "incident.closed")
    assert (outcome.total, len(outcome.offenders)) == (30, 20)


def test_the_installation(connection: Connection, tmp_path: Path) -> None:
    found = {one.code: one.outcome for one in installation.examine(connection)}
    assert all(found[f"install.{name}"].ok for name in ("python", "postgresql", "postgis", "extensions", "migration", "months", "indexes"))
    pinned = tmp_path / "requirements.txt"
    for_others = "pytest==0.0.2 ; python_full_version < '3.0' \\\n    --hash=sha256:00\n"
    pinned.write_text(f"# made\npytest[x]==0.0.1 \\\n    --hash=sha256:00\n{for_others}no-such-package==1.0\n", "utf-8")
    wrong = installation.packages(connection, pinned)
    assert (wrong.figures["examined"], wrong.total, wrong.offenders[1]) == (2, 2, "no-such-package: - ≠ 1.0")
    assert installation.packages(connection).ok, "what is installed here is what is pinned for this Python"
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    assert not installation.migration(connection).ok


def test_a_month_that_was_detached_and_indexes_that_are_gone(connection: Connection) -> None:
    connection.execute("ALTER TABLE incident DETACH PARTITION incident_2026_10; DROP INDEX ix_area_path, ix_incident_daily_sums")
    assert installation.months(connection).offenders == ("incident_2026_10",)
    assert installation.indexes(connection).offenders == ("ix_area_path", "ix_incident_daily_sums")
    assert {"sum.incidents", "fresh.rollups"} & set(broken(connection)) == {"fresh.rollups"}


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    doctor.configure(parser)
    return doctor.run(parser.parse_args(words))


def test_the_command_tells_and_its_exit_code_says_it(
    small: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    command("--city", city.CITY)
    assert "Littleton" in capsys.readouterr().out
    with psycopg.connect(small) as connection:
        connection.execute("UPDATE area_figure SET buildings = 99 WHERE area = %s", (city.D1,))
    try:
        assert command("--city", city.CITY) == 1
        told = capsys.readouterr().out
        assert "✗" in told
        assert f"{city.D1} · buildings: 99 ≠ 7" in told
        assert command("--json") == 1
        body = json.loads(capsys.readouterr().out)
        assert body["ok"] is False
        failing = {check["code"] for check in body["cities"][0]["checks"] if not check["ok"]}
        assert failing == {"sum.buildings", "fresh.rollups"}
    finally:
        with psycopg.connect(small) as connection:
            connection.execute("UPDATE area_figure SET buildings = 7 WHERE area = %s", (city.D1,))


def test_rights_that_nobody_keeps(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(check(connection).ok for check in (rights.roles, rights.policies, rights.service))
    connection.execute("DROP POLICY in_scope ON area")
    connection.execute("ALTER TABLE person DISABLE ROW LEVEL SECURITY")
    connection.execute("GRANT SELECT ON building TO gridwell_service, PUBLIC")
    assert rights.policies(connection).offenders == (
        *("area: ROW LEVEL SECURITY", "person: ROW LEVEL SECURITY"),
        *("building · PUBLIC · SELECT", "building · gridwell_service · SELECT"),
    )
    monkeypatch.setattr(rights, "ROLES", {"gridwell_elsewhere": "NOLOGIN"})
    monkeypatch.setattr(rights, "MEMBERS", (("gridwell_people", "gridwell_figures"),))
    assert rights.roles(connection).offenders == ("gridwell_elsewhere: -", "gridwell_people → gridwell_figures: -")
    monkeypatch.setattr(rights, "LEAKPROOF", ("textlike(text, text)",))
    assert rights.trust(connection).offenders == ("ALTER FUNCTION textlike(text, text) LEAKPROOF;",) and rights.trust(connection).ok


def test_a_note_is_listed_and_no_fault(
    small: str, connection: Connection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same check as a note and as a fault; the two cases without a deadline are i14 and i17."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    looked_at, without = "SELECT count(*) FROM incident", "SELECT number FROM incident WHERE due_at IS NULL AND city = %(city)s"
    code, title = "incident.deadlines", "Every incident exists only once"
    for note in (True, False):

        def deadlines(connection: Connection, city: str, note: bool = note) -> Outcome:
            return judge_statement(connection, city, looked_at, without, note=note)

        monkeypatch.setitem(CITY_CHECKS, code, (title, deadlines))
        found = next(one for one in examine_city(connection, city.CITY) if one.code == code)
        assert (found.outcome.ok, found.outcome.total, found.outcome.offenders) == (note, 2, ("AJ-i14", "AJ-i17"))
        assert found.outcome.figures == {"examined": 30}
        assert (found.as_json()["ok"], found.as_json()["note"]) == (note, note)
        assert command("--city", city.CITY, "--json") in ((0, 1) if note else (1,))
        body = json.loads(capsys.readouterr().out)
        wrong = {check["code"] for check in body["cities"][0]["checks"] if not check["ok"]}
        assert wrong == (set() if note else {code})
        command("--city", city.CITY)
        told = capsys.readouterr().out
        assert "AJ-i14" in told and "2 found; the first 2:" in told
        assert f"{'!' if note else '✗'}  {title}" in told
    listed = judge_offenders(["a"], 3, note=True), judge_offenders(["a"], 3), judge_offenders([], 3)
    assert [one.ok for one in listed] == [True, False, True]


def test_issued_reports_are_compared_with_the_audit_log(connection: Connection) -> None:
    report = plant_report(connection, city.CITY)
    assert reports.issued_reports(connection).offenders == ("1", "1 · pdf"), "nobody wrote in the log that they were issued"
    told = "SELECT audit_append('report_issued', 'x', NULL, NULL, jsonb_build_object('report', id, 'sha256', encode(sha256, 'hex'),"
    connection.execute(f"{told} 'files', '{{}}'::jsonb)) FROM report".encode())
    connection.execute(
        "SELECT audit_append('report_file', 'x', NULL, NULL, jsonb_build_object('report', report, 'form', form, 'sha256',"
        " encode(sha256, 'hex'))) FROM report_file"
    )
    assert reports.issued_reports(connection).ok
    connection.execute("ALTER TABLE report_file DISABLE TRIGGER report_stays")
    connection.execute("UPDATE report_file SET content = 'forged', sha256 = sha256('forged')")
    assert reports.issued_reports(connection).offenders == ("report_file: report_stays", "1 · pdf")
    connection.execute("DELETE FROM report_file")
    assert reports.issued_reports(connection).offenders == ("report_file: report_stays", f"{report} · pdf: -")
