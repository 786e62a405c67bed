"""The person who reported a case is imported with it: stored apart, sealed, and deleted with the case."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import CASES, PROFILE, bring, write_city

from data.importing.profile.model import IncidentSource
from data.importing.rows.rejects import Ledger
from data.privacy import keyed_hash, unseal

pytestmark = pytest.mark.slow

TOLD = PROFILE + 'reporter_name = "who"\nreporter_phone = "phone"\n'
PEOPLE = ("张小明,138 1234 5678", "李四,no number", ",+86 13912345678", ",")


def cases(*people: str) -> str:
    head, *rows = CASES.strip().splitlines()
    return "\n".join([f"{head},who,phone", *(f"{row},{person}" for row, person in zip(rows, people, strict=False))]) + "\n"


def reporters(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(
            """
            SELECT i.source_key, r.name, r.name_shown, r.phone_shown, r.phone_cipher, r.phone_hash, r.path = i.path AND r.grid = i.grid
            FROM incident_reporter r LEFT JOIN incident i ON i.district = r.district AND i.id = r.incident_id ORDER BY 1
            """
        ).fetchall()


@pytest.fixture
def loaded(tmp_path: Path, database: str) -> Path:
    path = write_city(tmp_path, TOLD, cases(*PEOPLE))
    outcome = bring(path)
    assert outcome.outcome == "loaded"
    assert {reason: n for (_, reason), n in outcome.ledger.repairs.items() if reason == "phone_left_out"} == {"phone_left_out": 1}
    return path


def test_reporters_are_kept_sealed(loaded: Path, database: str) -> None:
    found = reporters(database)
    assert [row[:4] for row in found] == [
        ("1", "张小明", "张*明", "138****5678"),
        ("2", "李四", "李*", None),
        ("3", "", "*", "139****5678"),
    ]
    assert unseal(found[0][4], "reporter.phone") == "13812345678" and found[0][5] == keyed_hash("13812345678", "phone")
    assert all(row[6] for row in found)


def test_the_same_again_changes_nothing(loaded: Path, database: str) -> None:
    before = reporters(database)
    assert bring(loaded, again=True).outcome == "unchanged"
    assert reporters(database) == before


def test_another_reporter_takes_the_place_and_who_is_told_no_more_goes(loaded: Path, tmp_path: Path, database: str) -> None:
    (tmp_path / "cases.csv").write_text(cases("王五,13812345678", ",", PEOPLE[2]), encoding="utf-8")
    assert bring(loaded).outcome == "loaded"
    assert [row[:2] for row in reporters(database)] == [("1", "王五"), ("3", "")]


def test_a_case_that_moves_takes_its_reporter_along(loaded: Path, tmp_path: Path, database: str) -> None:
    (tmp_path / "cases.csv").write_text(cases(*PEOPLE).replace("10.005,50.015", "10.015,50.015"), encoding="utf-8")
    assert bring(loaded).outcome == "loaded"
    found = reporters(database)
    assert [row[0] for row in found] == ["1", "2", "3"] and all(row[6] for row in found)


def test_no_number_stands_in_the_report_of_an_import(loaded: Path, database: str) -> None:
    with psycopg.connect(database) as connection:
        kept = (
            connection.execute("SELECT report::text FROM import_run").fetchall() + connection.execute("SELECT value FROM reject").fetchall()
        )
    assert not [row for row in kept if "1381234" in str(row) or "张小明" in str(row)]


def test_a_rejected_row_masks_who_reported_it() -> None:
    columns = {"reported_at": "when", "reporter_name": {"first": ["who", "caller"]}, "reporter_phone": "phone"}
    source = IncidentSource.model_validate({"key": "calls", "file": "calls.csv", "columns": columns})
    ledger = Ledger()
    ledger.tally(source, "incidents", "calls.csv")
    for column, value in (("who / caller", "张小明"), ("phone", "1.3812345678E10x"), ("when", "soon")):
        ledger.reject(source, "calls.csv", 2, "bad_text", column, value)
    assert [r.value for r in ledger.rejects] == ["张*明", "1*************0x", "soon"]
    assert "张小明" not in str(ledger.rejects) and "138" not in str(ledger.rejects)
