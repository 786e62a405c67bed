"""An import does not undo what people did to a case here, and does not lose what was reported here."""

import json
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import CASES, PROFILE, bring, sentences
from import_city import write_city as write_files
from rights_tools import as_service, become

from data.cases.life import replay
from data.cases.targets import read_events
from data.cases.writer import write_city
from data.core.viewer import everything
from data.importing.run import Outcome
from data.rollup import compare

pytestmark = pytest.mark.slow

HEAD = CASES.splitlines()[0]
SECOND = """
[[incidents]]
key = "second"
file = "more.csv"
complete = true
[incidents.columns]
key = "id"
category = "type"
status = "status"
reported_at = "reported"
due_at = "due"
closed_at = "closed"
"""
FIRST_ROWS = ["1,Lamp,open,2026-10-01 08:00,,,10.005,50.015", "2,Lamp,open,2026-10-02 08:00,,,10.015,50.005"]
MORE_ROWS = [
    "1,Noise,open,2026-10-03 08:00,,,10.006,50.016",
    "7,Noise,closed,2026-10-04 08:00,,2026-10-05 08:00,10.016,50.006",
    "8,Smell,open,2026-10-05 08:00,,,10.005,50.005",
]


def two_sources(folder: Path, first: list[str], more: list[str]) -> Outcome:
    """Import the city with cases of two feeds."""
    path = write_files(folder, PROFILE + SECOND, "\n".join([HEAD, *first, ""]))
    (folder / "more.csv").write_text("\n".join([HEAD, *more, ""]), encoding="utf-8")
    outcome = bring(path)
    assert outcome.outcome in ("loaded", "unchanged"), sentences(outcome)
    return outcome


def work(database: str, key: str, step: str, **fields: Any) -> dict[str, Any]:
    """Take a step on the case with this key of the second source."""
    made = uuid.uuid4()
    with psycopg.connect(database, autocommit=True) as owner:
        row = owner.execute(
            "SELECT i.city, district, i.id, reported_at, i.version FROM incident i JOIN source s ON s.id = i.source_id"
            " WHERE s.key = 'second' AND source_key = %s",
            [key],
        ).fetchone()
        assert row
        with as_service(autocommit=True) as connection, connection.transaction():
            become(connection, everything())
            connection.execute("SELECT set_config('gridwell.role', 'supervisor', true)")
            connection.execute(
                "INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body)"
                " VALUES (%s, %s, %s, %s, %s, %s, '', %s)",
                [made, *row[:4], str(made), json.dumps({"step": step, "fields": fields, "version": row[4]})],
            )
        while write_city(owner, row[0]):
            pass
        found = owner.execute("SELECT outcome FROM case_request WHERE id = %s", [made]).fetchone()
        assert found and found[0]["ok"], found
        outcome: dict[str, Any] = found[0]
        return outcome


def test_what_people_did_stands_and_the_feed_changes_what_it_alone_knows(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    work(database, "1", "void", reason="a test call")
    work(database, "8", "remark", remark="seen")
    # The feed closes case 1, which was declared void here, and gives it another category; case 8 is gone from it, case 7 too.
    closed = MORE_ROWS[0].replace("open", "closed").replace("08:00,,,", "08:00,,2026-10-06 08:00,").replace("Noise", "Smell")
    outcome = two_sources(tmp_path, FIRST_ROWS, [closed])
    assert outcome.report["changes"]["incident"] == {"inserted": 0, "updated": 1, "deleted": 1}
    with psycopg.connect(database) as owner:
        stored = (
            "SELECT source_key, stage, category, closed_at, version FROM incident i JOIN source s ON s.id = i.source_id"
            " WHERE s.key = 'second'"
        )
        assert owner.execute(stored + " ORDER BY 1").fetchall() == [("1", "void", "Smell", None, 2), ("8", "in_progress", "Smell", None, 2)]
        for district, case_id, stage in owner.execute("SELECT district, id, stage FROM incident WHERE version > 0"):
            events = read_events(owner, (district, case_id))
            assert len(events) == 1 and replay(events).stage == stage
        city = owner.execute("SELECT code FROM city").fetchone()
        assert city and not list(compare(owner, city[0]))
    assert two_sources(tmp_path, FIRST_ROWS, [closed]).outcome == "unchanged"


def test_what_was_reported_here_stays_when_files_come_again(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    parts = work(database, "1", "split", parts=[{"title": "another lamp"}])["parts"]
    two_sources(tmp_path, FIRST_ROWS[:1], MORE_ROWS[:1])
    with psycopg.connect(database) as owner:
        assert owner.execute("SELECT count(*) FROM incident WHERE number = %s", parts).fetchone() == (1,)


def test_the_moment_of_the_profile_is_not_put_back_where_people_work(database: str, tmp_path: Path) -> None:
    def moment() -> Any:
        with psycopg.connect(database) as owner:
            return (owner.execute("SELECT as_of FROM city").fetchone() or ("none",))[0]

    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    assert moment() is not None
    work(database, "8", "remark", remark="seen")
    assert moment() is None
    outcome = two_sources(tmp_path, FIRST_ROWS[:1], MORE_ROWS)
    assert moment() is None and any("its figures stand for now" in remark["en"] for remark in outcome.report["remarks"])
    with psycopg.connect(database) as owner:
        city = owner.execute("SELECT code FROM city").fetchone()
        assert city and not list(compare(owner, city[0]))
    path = write_files(tmp_path, (PROFILE + SECOND).replace("as_of = 2026-10-31\n", ""), "\n".join([HEAD, *FIRST_ROWS, ""]))
    assert not any("its figures stand for now" in remark["en"] for remark in bring(path).report["remarks"])


def test_where_people_put_a_case_stands_until_they_take_it_back(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    stands = (
        "SELECT i.district, i.category, i.address, i.grid_method, ST_X(geom) FROM incident i JOIN source s ON s.id = i.source_id"
        " WHERE s.key = 'second' AND source_key = '1'"
    )
    renamed = [MORE_ROWS[0].replace("1,Noise", "1,Lamp"), *MORE_ROWS[1:]]
    work(database, "1", "move", reason="the other bank", lon=10.016, lat=50.006, category="Smell")
    moved = [("T2", "Smell", None, "within", 10.016)]
    with psycopg.connect(database, autocommit=True) as owner:
        assert owner.execute(stands).fetchall() == moved
        two_sources(tmp_path, FIRST_ROWS, renamed)
        assert owner.execute(stands).fetchall() == moved
        work(database, "1", "undo")
        two_sources(tmp_path, FIRST_ROWS, [*renamed, "9,Noise,open,2026-10-05 08:00,,,10.005,50.005"])
        assert owner.execute(stands).fetchall() == [("T1", "Lamp", None, "within", 10.006)]
        with owner.transaction():
            city = owner.execute("SELECT code FROM city").fetchone()
            assert city and not list(compare(owner, city[0]))


def test_what_belongs_to_a_case_follows_where_its_feed_puts_it(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    work(database, "1", "remark", remark="seen")
    with psycopg.connect(database, autocommit=True) as owner:
        (case_id,) = owner.execute("SELECT incident_id FROM incident_event WHERE account IS NOT NULL").fetchone() or (0,)
        owner.execute("INSERT INTO attachment (hash, media_type, bytes) VALUES ('h', 'image/jpeg', 1)")
        owner.execute("INSERT INTO attachment_case (hash, district, incident_id, account) VALUES ('h', 'T1', %s, 'a')", [case_id])
        two_sources(tmp_path, FIRST_ROWS, [MORE_ROWS[0].replace("10.006,50.016", "10.016,50.016"), *MORE_ROWS[1:]])
        found = "SELECT i.district, a.district FROM incident i JOIN attachment_case a ON a.incident_id = i.id WHERE i.id = %(id)s"
        assert owner.execute(found, {"id": case_id}).fetchone() == ("T2", "T2")
        assert [event.remark for event in read_events(owner, ("T2", case_id))] == ["seen"]
