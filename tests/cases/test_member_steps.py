"""Steps of people who see a case as members of its unit: what they may, until when, and what no membership gives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import DESK, ask, ask_report, carry_out, middle_of, person, take
from databases import FreshDatabase
from rights_tools import load_people, seeing

from data.core.roles import DOOR
from data.core.viewer import Viewer
from data.organisation.model import Member, Unit
from data.organisation.store import write_members, write_units

Connection = psycopg.Connection[Any]
ELSEWHERE = "i17"
"""Its cell C5 lies in the other district, in progress."""


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The owner of the small city, of which one case of the eastern district is with the unit u1, and a case of the western one too."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        write_units(connection, city.CITY, [Unit("u1", "一队"), Unit("u2", "二队")], date(2020, 1, 1))
        write_members(connection, city.CITY, [Member("u1", "li"), Member("u1", "west"), Member("u1", "here", city.D1)])
        connection.execute("UPDATE incident SET unit = 'u1', stage = 'in_progress' WHERE number IN ('i06', %s)", [ELSEWHERE])
        yield connection


def member(name: str, role: str) -> Viewer:
    """Somebody who works in the western district and sees cases of a unit."""
    with seeing(Viewer(), DOOR) as connection:
        row = connection.execute("SELECT units_of(%s)", [name]).fetchone()
    assert row
    return replace(person(name, role, city.D1), units=str(row[0]))


def codes(outcome: dict[str, Any]) -> set[tuple[str, str]]:
    return {(refusal["field"], refusal["code"]) for refusal in outcome["refusals"]}


def stored(connection: Connection, number: str, columns: str) -> Any:
    return connection.execute(f"SELECT {columns} FROM incident WHERE number = %s".encode(), [number]).fetchone()


def test_a_member_remarks_without_a_version_and_is_told_what_has_changed(owner: Connection) -> None:
    li = member("li", "grid_worker")
    assert carry_out(owner, ask(li, ELSEWHERE, "remark", remark="on our way"))[0]["ok"]
    second = carry_out(owner, ask(li, ELSEWHERE, "handle", 0, remark="done"))[0]
    assert codes(second) == {("version", "changed")} and [event["step"] for event in second["since"]] == ["remark"]
    assert carry_out(owner, ask(li, ELSEWHERE, "handle", 2, remark="done"))[0]["ok"]


def test_who_is_no_member_any_more_when_the_step_is_taken_is_too_late(owner: Connection) -> None:
    """Also who guesses the version that the case will have, in the same batch or between two."""
    li = member("li", "grid_worker")
    asked = [ask(DESK, ELSEWHERE, "hand_over", 0, unit="u2"), ask(li, ELSEWHERE, "remark", 2, remark="still ours")]
    handed, late = carry_out(owner, *asked)
    assert handed["ok"] and codes(late) == {("number", "unknown_case")} and set(late) == {"ok", "refusals"}
    assert take(owner, DESK, ELSEWHERE, "hand_over", unit="u1")["ok"]
    waiting = ask(li, ELSEWHERE, "remark", 3, remark="still mine")
    write_members(owner, city.CITY, [])
    assert codes(carry_out(owner, waiting)[0]) == {("number", "unknown_case")}


def test_membership_moves_no_case_out_of_a_district(owner: Connection) -> None:
    """Rights on both places are those of the area; a category may be put right by whoever works on the case."""
    west = member("west", "dispatcher")
    lon, lat = middle_of(city.C1)
    for said in ({"lon": lon, "lat": lat}, {"area": city.C1}, {"lon": lon, "lat": lat, "category": "order"}, {"area": city.C6}):
        assert codes(take(owner, west, ELSEWHERE, "move", reason="ours", **said)) == {("step", "elsewhere")}, said
    assert stored(owner, ELSEWHERE, "grid, version") == (city.C5, 0)
    assert take(owner, west, "i06", "move", reason="there", area=city.C3)["ok"], "in the own district"
    assert take(owner, west, ELSEWHERE, "move", reason="a stall", category="order")["ok"]
    assert take(owner, west, ELSEWHERE, "undo")["ok"]
    owner.execute("UPDATE category SET sensitive = true WHERE code = 'utility'")
    assert codes(take(owner, west, ELSEWHERE, "move", reason="x", category="utility")) == {("category", "closed_category")}


def test_membership_brings_no_reporter_into_the_own_area(owner: Connection) -> None:
    """A merged case gives its reporters to the one that goes on, where whoever may open records sees them."""
    west = member("west", "supervisor")
    owner.execute("UPDATE incident SET unit = 'u2' WHERE number = 'i18'")
    before = owner.execute("SELECT count(*) FROM incident_reporter").fetchone()
    assert codes(take(owner, west, ELSEWHERE, "mark_duplicate", into="i06")) == {("step", "elsewhere")}
    assert codes(take(owner, west, "i06", "mark_duplicate", into="i18")) == {("into", "into_unknown")}
    assert codes(take(owner, west, "i06", "mark_duplicate", into=ELSEWHERE)) == {("into", "elsewhere")}
    assert owner.execute("SELECT count(*) FROM incident_reporter").fetchone() == before
    assert take(owner, west, "i06", "mark_duplicate", into="i05")["ok"], "in the own district"


@pytest.mark.parametrize(("name", "stays"), [("li", True), ("here", False), ("nobody", False)])
def test_a_member_keeps_a_case_that_moves_to_where_the_unit_shows_it(owner: Connection, name: str, stays: bool) -> None:
    owner.execute("INSERT INTO account (name, shown, role, detail, scope) VALUES (%s, '李', 'grid_worker', 'people', %s)", [name, city.D1])
    owner.execute("UPDATE incident SET assignee = %s WHERE number = 'i06'", [name])
    assert take(owner, DESK, "i06", "move", reason="there", area=city.C6)["ok"]
    assert stored(owner, "i06", "assignee, stage") == ((name, "in_progress") if stays else (None, "dispatched"))


def test_a_unit_that_lost_a_case_before_it_moved_is_not_told_where_to(owner: Connection) -> None:
    """Both in one batch: where the case went, and that it did, is told to the unit that has it now."""
    owner.execute("INSERT INTO account (name, shown, role, detail, scope) VALUES ('li', '李', 'grid_worker', 'people', %s)", [city.D1])
    for cell in (city.C2, city.C6):
        assert take(owner, DESK, "i06", "hand_over", unit="u1", assignee="li")["ok"]
        version = stored(owner, "i06", "version")[0]
        owner.execute("DELETE FROM live_event")
        asked = [ask(DESK, "i06", "hand_over", version, unit="u2"), ask(DESK, "i06", "move", version + 1, reason="x", area=cell)]
        assert all(outcome["ok"] for outcome in carry_out(owner, *asked))
        told = owner.execute("SELECT grid = %s, units, (body ->> 'left')::boolean FROM live_event WHERE kind = 'case' ORDER BY id", [cell])
        assert told.fetchall() == [(False, ["u1"], True), (True, ["u2"], False), (True, ["u2"], False)]


def test_parts_of_a_case_stand_where_it_was_when_it_was_split(owner: Connection) -> None:
    asked = [ask(DESK, "i06", "split", 0, parts=[{"title": "a part"}]), ask(DESK, "i06", "move", 2, reason="x", area=city.C6)]
    split, moved = carry_out(owner, *asked)
    assert split["ok"] and moved["ok"]
    assert stored(owner, split["parts"][0], "grid, district") == (city.C1, city.D1)


def test_a_case_is_found_by_every_district_that_it_had_since_it_was_asked_for(owner: Connection) -> None:
    number = carry_out(owner, ask_report(DESK, city.C1))[0]["number"]
    asked = [ask(DESK, number, "remark", remark=text) for text in ("first", "second")]
    district = "UPDATE case_request SET district = %s WHERE id = %s"
    owner.execute(district, ["990101-old", asked[0]])
    owner.execute(district, ["990102-old", asked[1]])
    assert [outcome["ok"] for outcome in carry_out(owner, *asked)] == [True, True]
