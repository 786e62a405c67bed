"""What a profile says of deadlines: the country, hours and rules of its city; what cannot be used stops the import with a sentence."""

from pathlib import Path

import psycopg
import pytest
from import_city import PROFILE, bring, sentences, write_city

from data.deadlines.store import read_calendar, read_rules
from data.importing.common.sentences import ImportRefused

CITY = """
country = "de-be"
deadlines = "rules.csv"
[[city.hours]]
days = { "mon-thu" = "08:00-12:00 13:00-16:00", fri = "08:00-12:00" }
[[city.hours]]
since = 2026-06-01
days = { "mon-fri" = "07:00-13:00" }
"""
RULES = "category,handling,closing\n*,2 wd,fertig\n"


def with_city(folder: Path, more: str, rules: bytes = RULES.encode()) -> Path:
    """The city of these tests with more keys in ``[city]``."""
    head, mark, rest = PROFILE.partition("[city]\n")
    lines = rest.split("\n\n", 1)
    path = write_city(folder, f"{head}{mark}{lines[0]}\n{more}\n{lines[1]}")
    (folder / "rules.csv").write_bytes(rules)
    return path


def test_a_city_brings_its_country_hours_and_rules(database: str, tmp_path: Path) -> None:
    path = with_city(tmp_path, CITY)
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    with psycopg.connect(database) as connection:
        code = connection.execute("SELECT code FROM city").fetchone()
        assert code
        calendar, rules = read_calendar(connection, code[0]), read_rules(connection, code[0])
        published = connection.execute("SELECT count(*) FROM incident WHERE rule_id IS NOT NULL OR amber_at IS NOT NULL").fetchone()
    assert [str(span) for week in calendar.weeks for span in week.spans[4]] == ["08:00-12:00", "07:00-13:00"]
    assert calendar.gazetted_until is None and "Tag der Deutschen Einheit" in {day.name for day in calendar.days.values()}
    assert [(rule.category, rule.closing) for rule in rules] == [(None, "fertig")]
    assert published == (0,), "what a feed publishes stays as published"
    assert bring(path).outcome == "unchanged"
    (tmp_path / "rules.csv").write_text(RULES.replace("2 wd", "3 wd"))
    assert bring(path).outcome == "loaded", "the table of rules is one of the files"
    with psycopg.connect(database) as connection:
        assert [str(rule.times["handling"].amount) for rule in read_rules(connection, code[0])] == ["3"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("more", "rules", "sentence"),
    [
        ('deadlines = "rules.csv"', b"category,handling\nnope,2 wd\n", "rules.csv: Line 2: the city has no category “nope”"),
        ('deadlines = "rules.csv"', b"category,handling\n*,soon\n", "rules.csv: Line 2: “soon” is no time"),
        ('deadlines = "rules.csv"', b"handling\n2 wd\n", "rules.csv: The first line of the table has no column “category”"),
        ('deadlines = "none.csv"', b"", "deadlines: no file matches “none.csv”"),
        ('deadlines = "../rules.csv"', b"", "leads out of the folder"),
    ],
)
def test_a_bad_table_stops_the_import(tmp_path: Path, more: str, rules: bytes, sentence: str) -> None:
    assert sentence in sentences(bring(with_city(tmp_path, more, rules)))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('country = "XX"', "No holidays are known for the country “XX”"),
        ('[[city.hours]]\ndays = { "mon-fry" = "09:00-12:00" }', "“mon-fry” is no weekday"),
        ('[[city.hours]]\ndays = { mon = "nine" }', "“nine” are no hours"),
        ("[[city.hours]]\ndays = {}\n[[city.hours]]\ndays = {}", "two blocks of hours begin on the same day"),
    ],
)
def test_a_bad_profile_is_told(tmp_path: Path, more: str, sentence: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring(with_city(tmp_path, more))
    assert sentence in " ".join(told.tell("en") for told in refused.value.sentences)
