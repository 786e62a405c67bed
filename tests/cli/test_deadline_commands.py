"""``./gridwell calendar`` and ``./gridwell deadlines``: what they show, take over, refuse, and work out again."""

import argparse
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase

from cli import calendar, deadlines
from data import rollup
from data.deadlines.gazette import UnknownCountry
from data.deadlines.store import UnknownCity, read_calendar, read_rules
from data.deadlines.uploads import UnreadableTable

Connection = psycopg.Connection[Any]


@pytest.fixture
def town(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The small city, in which three cases are worked; commands speak English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with fresh_database(city.load, make_worked) as url:
        yield url


def make_worked(connection: Connection) -> None:
    """Let three open cases look as if they had been made here."""
    worked = "UPDATE incident SET version = 1, due_at = NULL, stage = 'filed', filed_at = reported_at WHERE source_key = ANY(%s)"
    connection.execute(worked, [["i05", "i17", "i22"]])
    rollup.rebuild(connection, city.CITY)


def run(command: ModuleType, words: str) -> int:
    """Run a command as the terminal would."""
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return int(command.run(parser.parse_args(shlex.split(words))))


def test_a_calendar_is_shown_given_and_uploaded(town: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(calendar, city.CITY) == 0
    assert "  mon      09:00-17:00\n" in capsys.readouterr().out
    words = f'{city.CITY} --country cn --hours "mon-fri=09:00-12:00 13:30-17:30" --hours "sat=09:00-11:00"'
    assert run(calendar, words) == 0
    told = capsys.readouterr().out
    assert "Holidays are gazetted until 2026-12-31; deadlines beyond it are provisional." in told
    assert "  fri      09:00-12:00 13:30-17:30\n  sat      09:00-11:00\n  sun      -\n" in told
    notice = tmp_path / "notice.csv"
    notice.write_bytes("day,kind,name\n2027-02-05,off,春节\n".encode("gbk"))
    assert run(calendar, f"{city.CITY} --upload {notice} --until 2027-12-31") == 0
    assert "Holidays are gazetted until 2027-12-31" in capsys.readouterr().out
    with psycopg.connect(town) as connection:
        held = read_calendar(connection, city.CITY)
        logged = connection.execute("SELECT action, subject, detail->>'until' FROM audit_log ORDER BY no").fetchall()
    assert len(held.weeks) == 1 and [day for day in held.days if day.year == 2027] == [next(day for day in held.days if day.year == 2027)]
    assert logged == [("calendar", city.CITY, None), ("calendar", city.CITY, "2027-12-31")]


def test_hours_may_hold_from_a_day_on(town: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(calendar, f'{city.CITY} --hours "mon-fri=09:00-17:00"') == 0
    assert run(calendar, f'{city.CITY} --hours "mon-fri=08:00-16:00" --from 2026-06-01') == 0
    assert run(calendar, f'{city.CITY} --hours "mon-fri=08:00-15:00" --from 2026-06-01') == 0
    assert "From 2026-06-01 on:\n  mon      08:00-15:00" in capsys.readouterr().out
    with psycopg.connect(town) as connection:
        assert [str(week.spans[0][0]) for week in read_calendar(connection, city.CITY).weeks] == ["09:00-17:00", "08:00-15:00"]


def test_bad_calendars_are_refused_with_a_sentence_each(town: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notice = tmp_path / "notice.csv"
    notice.write_text("day,kind\n2027-02-30,off\n2027-02-01,off\n")
    assert run(calendar, f"{city.CITY} --upload {notice}") == 2
    assert capsys.readouterr().out == ("Line 2: “2027-02-30” is no day; write 2027-02-06.\nNothing was taken: 1 rows cannot be used.\n")
    with pytest.raises(UnreadableTable):
        run(calendar, f"{city.CITY} --upload {tmp_path / 'none.csv'}")
    with pytest.raises(UnknownCity):
        run(calendar, "990001")
    with pytest.raises(UnknownCountry):
        run(calendar, f"{city.CITY} --country XX")
    with psycopg.connect(town) as connection:
        assert connection.execute("SELECT count(*) FROM calendar_day").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)


def test_rules_are_tried_before_they_are_taken_over(town: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "rules.csv"
    table.write_text("category,handling,closing_en\n*,1 h,solved\nenv,1000 h,clean\n", encoding="utf-8")
    assert run(deadlines, city.CITY) == 0
    assert capsys.readouterr().out == "The city has no rules of deadlines.\n"
    assert run(deadlines, f"{city.CITY} --dry-run {table}") == 0
    tried = capsys.readouterr().out
    assert tried.startswith("Rules that would be added: 2, changed: 0, ended by a later one: 0.\nOpen cases touched: 3;")
    assert tried.endswith("Nothing was changed.\n")
    assert run(deadlines, city.CITY) == 0
    assert capsys.readouterr().out == "The city has no rules of deadlines.\n"
    assert run(deadlines, f"{city.CITY} --apply {table}") == 0
    applied = capsys.readouterr().out.splitlines()
    assert applied[0] == "Rules added: 2, changed: 0, ended by a later one: 0."
    assert applied[1:] == tried.splitlines()[1:-1], "what was said beforehand is what happened"
    assert run(deadlines, city.CITY) == 0
    shown = capsys.readouterr().out
    assert "cases: env  handling 1000 hours" in shown and "cases: *  handling 1 hours" in shown
    with psycopg.connect(town) as connection:
        assert len(read_rules(connection, city.CITY)) == 2
        assert rollup.compare(connection, city.CITY) == []
        assert connection.execute("SELECT detail->>'cases' FROM audit_log WHERE action = 'deadline_rules'").fetchone() == ("3",)


def test_bad_rules_are_refused(town: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "rules.csv"
    table.write_text("category,handling\nenw,1 h\n")
    assert run(deadlines, f"{city.CITY} --apply {table}") == 2
    assert "Line 2: the city has no category “enw”; the nearest is “env”." in capsys.readouterr().out
    with pytest.raises(UnreadableTable):
        run(deadlines, f"{city.CITY} --apply {tmp_path / 'none.csv'}")


def test_who_is_told_of_late_cases(town: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "people.csv"
    table.write_text(f"area,role,factor,mail\n{city.CITY},chief,1,a@b\n{city.S1},head,3,c@d\n")
    for changed in (2, 0):
        assert run(deadlines, f"{city.CITY} --escalation {table}") == 0
        assert capsys.readouterr().out == f"People who are told of late cases: 2 entries, {changed} of them new or changed.\n"
    table.write_text("area,role,factor,mail\nnowhere,chief,1,a@b\n")
    assert run(deadlines, f"{city.CITY} --escalation {table}") == 2
    assert "Line 2: the city has no area “nowhere”." in capsys.readouterr().out
    with psycopg.connect(town) as connection:
        assert connection.execute("SELECT area, factor FROM escalation_rule ORDER BY factor").fetchall() == [(city.CITY, 1), (city.S1, 3)]
