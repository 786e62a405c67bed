"""A case that is put on another place or category: sums of both sides, rights on both, what belongs to it, and the way back."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, ask, ask_report, carry_out, middle_of, person, take
from databases import FreshDatabase
from rights_tools import load_people

from data.cases.life import replay
from data.cases.targets import read_events
from data.cases.where import belongings
from data.cases.writer import write_city
from data.core.settings import settings
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import write_rules
from data.doctor.examine import CITY_CHECKS
from data.organisation.model import RoutingRule, Unit
from data.organisation.store import write_rules as write_routing
from data.organisation.store import write_units
from data.schema import metadata

Connection = psycopg.Connection[Any]
CHECKS = [code for code in CITY_CHECKS if code.startswith(("incident.", "sum.", "place.")) and code not in ("place.crowds", "place.zones")]
UNPLACED = "990102-unplaced"
WEST, EAST = person("west", "dispatcher", city.D1), person("east", "dispatcher", city.D2)


def plant_unplaced_leaf(connection: Connection) -> None:
    """A leaf for cases of the eastern district whose place is not known."""
    connection.execute(
        "INSERT INTO area (city, code, level, name, name_en, parent, path, district, origin)"
        " SELECT city, %s, 'grid', '东区', 'East', code, (path::text || '.' || %s)::ltree, code, 'unplaced' FROM area WHERE code = %s",
        [UNPLACED, UNPLACED.replace("-", "_"), city.D2],
    )
    connection.commit()


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The owner of the small city; in the end the doctor finds nothing."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        yield connection
        with connection.transaction(force_rollback=True):
            found = {code: CITY_CHECKS[code][1](connection, city.CITY).offenders for code in CHECKS}
        assert found == dict.fromkeys(CHECKS, ())


def one(connection: Connection, statement: str, *values: Any) -> Any:
    row = connection.execute(statement.encode(), values).fetchone()
    return row and row[0] if row and len(row) == 1 else row


def open_in(connection: Connection, code: str) -> int:
    """Open cases of an area, from the roll-up."""
    statement = (
        "SELECT coalesce(sum(o.n), 0) FROM incident_open o JOIN area a ON a.no = o.area_no JOIN incident_kind k ON k.no = o.kind"
        " WHERE a.code = %s AND k.category IS NOT NULL AND k.channel IS NOT NULL"
    )
    return int(one(connection, statement, code))


def to(cell: str) -> dict[str, Any]:
    lon, lat = middle_of(cell)
    return {"lon": lon, "lat": lat, "reason": "misplaced"}


def codes(outcome: dict[str, Any]) -> set[tuple[str, str]]:
    return {(refusal["field"], refusal["code"]) for refusal in outcome["refusals"]}


def test_a_case_goes_to_another_district_with_all_that_belongs_to_it(owner: Connection) -> None:
    key = one(owner, "SELECT district, id FROM incident WHERE number = 'i06'")
    owner.execute("INSERT INTO attachment (hash, media_type, bytes) VALUES ('h', 'image/jpeg', 1)")
    owner.execute("INSERT INTO attachment_case (hash, district, incident_id, account) VALUES ('h', %s, %s, 'desk')", key)
    owner.execute("INSERT INTO escalation (district, incident_id, factor, city, rules) VALUES (%s, %s, 1, %s, '{}')", [*key, city.CITY])
    before = {code: open_in(owner, code) for code in (city.C1, city.D1, city.C5, city.D2, city.ZONE, city.CITY)}
    outcome = take(owner, DESK, "i06", "move", **to(city.C5))
    assert outcome["ok"] and (outcome["version"], outcome["stage"]) == (2, "filed")
    stored = "SELECT district, grid, path::text, grid_method, ST_X(geom), ST_Y(geom), ST_Y(ST_Transform(geom_3857, 4326)) FROM incident"
    lon, lat = middle_of(city.C5)
    row = one(owner, stored + " WHERE number = 'i06'")
    assert row == (city.D2, city.C5, city.path_of(city.C5), "within", lon, lat, pytest.approx(lat))
    moved = {city.C1: -1, city.D1: -1, city.C5: 1, city.D2: 1, city.ZONE: 1}
    assert {code: open_in(owner, code) - n for code, n in before.items() if open_in(owner, code) != n} == moved, "and no other sum"
    for table in belongings.TABLES:
        found = owner.execute(f"SELECT DISTINCT district FROM {table} WHERE incident_id = %s".encode(), [key[1]]).fetchall()
        assert found == [(city.D2,)], table
    assert one(owner, "SELECT grid, path::text FROM incident_reporter WHERE incident_id = %s", key[1]) == (city.C5, city.path_of(city.C5))
    event = read_events(owner, (city.D2, key[1]))[-1]
    assert event.details["from"]["grid"] == city.C1 and event.details["to"]["grid"] == city.C5 and event.details["reason"] == "misplaced"


def test_the_list_of_what_belongs_to_a_case_is_whole() -> None:
    named = {table.name for table in metadata.sorted_tables if {"district", "incident_id"} <= set(table.columns.keys())}
    assert named - {"case_request", "live_event"} == set(belongings.TABLES), "those two tell of a moment, and stay"


def test_who_loses_a_case_sees_it_leave_and_is_not_told_where_to(owner: Connection) -> None:
    assert take(owner, DESK, "i06", "move", **to(city.C6))["ok"]
    rows = owner.execute("SELECT path::text, body FROM live_event WHERE kind = 'case' ORDER BY id").fetchall()
    (lost, left), (found, arrived) = rows
    assert (lost, found) == (city.path_of(city.C1), city.path_of(city.C6))
    assert (left["left"], left["grid"], left["step"], left["version"]) == (True, city.C1, "move", 2)
    assert (arrived["left"], arrived["grid"]) == (False, city.C6)
    assert city.C6 not in str(left) and city.D2 not in left["path"]


def test_rights_are_needed_on_both_places(owner: Connection) -> None:
    assert codes(take(owner, WEST, "i06", "move", **to(city.C6))) == {("lon", "outside"), ("lat", "outside")}
    assert codes(take(owner, WEST, "i06", "move", reason="x", area=city.C6)) == {("area", "unknown_area")}
    with pytest.raises(AssertionError, match="sees no case"):
        ask(EAST, "i06", "move", 0, **to(city.C6))
    assert codes(take(owner, WORKER, "i06", "move", **to(city.C2))) == {("step", "ability")}
    owner.execute("UPDATE category SET sensitive = true WHERE code = 'utility'")
    assert codes(take(owner, DESK, "i06", "move", reason="x", category="utility")) == {("category", "closed_category")}
    assert take(owner, CHIEF, "i06", "move", reason="x", category="utility")["ok"]
    owner.execute("UPDATE category SET sensitive = false WHERE code = 'utility'")


def test_whoever_asked_before_a_case_left_their_sight_is_too_late(owner: Connection) -> None:
    asked = [
        ask(DESK, "i06", "move", 0, **to(city.C6)),
        ask(WEST, "i06", "remark", remark="mine"),
        ask(CHIEF, "i06", "remark", remark="ours"),
    ]
    first, lost, kept = carry_out(owner, *asked)
    assert first["ok"] and kept["ok"] and codes(lost) == {("number", "unknown_case")}, "in one batch"
    early = [ask(CHIEF, "i06", "remark", remark="and then"), ask(EAST, "i06", "remark", remark="it is ours now")]
    owner.execute("UPDATE case_request SET district = %s WHERE outcome IS NULL", [city.D1])
    assert [outcome["ok"] for outcome in carry_out(owner, *early)] == [True, True], "asked under the key that it had before"
    back, late = carry_out(owner, ask(DESK, "i06", "move", 5, **to(city.C1)), ask(EAST, "i06", "remark", remark="still ours?"))
    assert back["ok"] and codes(late) == {("number", "unknown_case")}


def test_a_category_is_put_right_and_the_deadline_follows_its_rule(owner: Connection) -> None:
    rules = [Rule(0, "env", None, {"handling": parse_duration("24 h")}), Rule(0, "order", None, {"handling": parse_duration("2 h")})]
    write_rules(owner, city.CITY, rules)
    number = carry_out(owner, ask_report(WORKER, city.C1))[0]["number"]
    assert take(owner, DESK, number, "file")["ok"]
    allowed = "SELECT extract(epoch FROM due_at - reported_at)::int / 3600, rule_id FROM incident WHERE number = %s"
    day, rule = one(owner, allowed, number)
    assert take(owner, DESK, number, "move", reason="a stall", category="order")["ok"]
    hours, other = one(owner, allowed, number)
    assert (day, hours) == (24, 2) and rule != other
    assert take(owner, DESK, number, "undo")["ok"]
    assert one(owner, allowed, number) == (24, rule)
    assert one(owner, "SELECT category FROM incident WHERE number = %s", number) == "env"


def test_a_move_is_taken_back(owner: Connection) -> None:
    columns = "district, grid, path::text, grid_method, geom::text, geom_3857::text, category, address, stage, assignee, attributes"
    before = one(owner, f"SELECT {columns} FROM incident WHERE number = 'i05'")
    assert take(owner, DESK, "i05", "move", **to(city.C6), category="order", address="柳林路 3 号")["ok"]
    assert one(owner, "SELECT category, address FROM incident WHERE number = 'i05'") == ("order", "柳林路 3 号")
    assert take(owner, DESK, "i05", "undo")["ok"]
    assert one(owner, f"SELECT {columns} FROM incident WHERE number = 'i05'") == before
    steps = [event.step for event in read_events(owner, one(owner, "SELECT district, id FROM incident WHERE number = 'i05'"))]
    assert steps == ["move", "undo"]
    told = owner.execute("SELECT body ->> 'grid', (body ->> 'left')::boolean FROM live_event WHERE kind = 'case' ORDER BY id").fetchall()
    assert told == [(city.C1, True), (city.C6, False), (city.C6, True), (city.C1, False)]


def test_a_case_without_a_place_finds_one_and_loses_it_again(owner: Connection) -> None:
    plant_unplaced_leaf(owner)
    assert take(owner, DESK, "i06", "move", reason="nobody knows where", area=UNPLACED)["ok"]
    unplaced = "SELECT grid, district, grid_method, geom IS NULL AND geom_3857 IS NULL FROM incident WHERE number = 'i06'"
    assert one(owner, unplaced) == (UNPLACED, city.D2, "unplaced", True)
    assert (open_in(owner, UNPLACED), open_in(owner, city.C1)) == (1, 2)
    assert take(owner, DESK, "i06", "move", **to(city.C1))["ok"]
    assert take(owner, DESK, "i06", "move", reason="somewhere there", area=city.C2)["ok"]
    at_label = "SELECT i.attributes ->> 'place', ST_Equals(i.geom, a.label_point) FROM incident i JOIN area a ON a.code = i.grid"
    label = at_label + " WHERE number = 'i06'"
    assert one(owner, label) == ("cell", True)


def test_what_does_not_move_is_refused(owner: Connection) -> None:
    assert take(owner, DESK, "i06", "move", **to(city.C2))["ok"]
    assert codes(take(owner, DESK, "i06", "move", **to(city.C2))) == {("step", "same_place")}
    assert codes(take(owner, DESK, "i06", "move", reason="x", category="env", address="elsewhere")) == {("step", "same_place")}
    assert codes(take(owner, DESK, "i06", "move", reason="x", category="nothing")) == {("category", "unknown_category")}
    assert codes(take(owner, DESK, "i06", "move", reason="x", area=city.K1)) == {("area", "not_a_cell")}
    assert codes(take(owner, DESK, "i06", "move", reason="x", lon=120.001)) == {("lat", "place_or_area")}
    assert codes(take(owner, DESK, "i06", "move", reason="x")) == {("lon", "one_of")}
    assert codes(take(owner, DESK, "i06", "move", area=city.C1)) == {("reason", "needed")}
    assert codes(take(owner, DESK, "i07", "move", **to(city.C1))) == {("step", "stage")}


LONG_AGO = date(2020, 1, 1)
METRE = 1 / 111_195
"""Of latitude, in degrees, on the sphere; on the ellipsoid at 30° a metre is 0.3 % more."""


def test_slightly_outside_of_every_cell_is_the_nearest_one_and_farther_is_refused_with_the_distance(owner: Connection) -> None:
    lon = middle_of(city.C1)[0]
    allowed = settings().report_tolerance_m
    for metres in (1, allowed - 1):
        assert take(owner, DESK, "i06", "move", reason="x", lon=lon, lat=30.02 + metres * METRE)["ok"]
        assert one(owner, "SELECT grid, grid_method FROM incident WHERE number = 'i06'") == (city.C1, "nearest")
    far = take(owner, DESK, "i06", "move", reason="x", lon=lon, lat=30.02 + (allowed + 1) * METRE)
    assert codes(far) == {("lon", "too_far"), ("lat", "too_far")}
    assert far["refusals"][0]["facts"] == {"metres": f"{allowed + 1}", "allowed": allowed}
    assert codes(take(owner, DESK, "i06", "move", reason="x", lon=0, lat=0)) == {("lon", "outside"), ("lat", "outside")}


def test_nobody_draws_a_case_out_of_a_neighbour_s_cell(owner: Connection) -> None:
    just_beyond = {"reason": "x", "lon": 120.02 + 5 * METRE, "lat": 30.015}
    assert codes(take(owner, WEST, "i06", "move", **just_beyond)) == {("lon", "outside"), ("lat", "outside")}
    lon, lat = just_beyond["lon"], just_beyond["lat"]
    reported = carry_out(owner, ask_report(WEST, city.C3, lon=lon, lat=lat, method="nearest"))[0]
    assert codes(reported) == {("lon", "outside"), ("lat", "outside")}, "whatever a process of the server says, the keeper sees all cells"
    beyond_all = carry_out(owner, ask_report(WEST, city.C3, lon=middle_of(city.C3)[0], lat=30.02 + 9 * METRE, method="nearest"))[0]
    assert beyond_all["ok"]


def test_who_cannot_see_the_new_place_works_on_the_case_no_more(owner: Connection) -> None:
    owner.execute("INSERT INTO account (name, shown, role, detail, scope) VALUES ('li', '李', 'grid_worker', 'people', %s)", [city.S1])
    assert take(owner, DESK, "i05", "hand_over", unit="u1", assignee="li")["ok"]
    assert take(owner, person("li", "grid_worker", city.S1), "i05", "accept")["ok"]
    assert take(owner, DESK, "i05", "move", **to(city.C2))["ok"]
    row = "SELECT stage, unit, assignee FROM incident WHERE number = 'i05'"
    assert one(owner, row) == ("in_progress", "u1", "li"), "still in the same street"
    assert take(owner, DESK, "i05", "move", **to(city.C6))["ok"]
    assert one(owner, row) == ("dispatched", "u1", None)
    assert take(owner, DESK, "i05", "undo")["ok"]
    assert one(owner, row) == ("in_progress", "u1", "li")
    key = one(owner, "SELECT district, id FROM incident WHERE number = 'i05'")
    assert replay(read_events(owner, key)).assignee == "li"


def test_parts_of_a_case_that_moved_in_the_same_batch_stand_where_it_does_now(owner: Connection) -> None:
    moved, split = carry_out(owner, ask(DESK, "i06", "move", 0, **to(city.C6)), ask(DESK, "i06", "split", 2, parts=[{"title": "a part"}]))
    assert moved["ok"] and split["ok"], split
    assert one(owner, "SELECT grid, district FROM incident WHERE number = %s", split["parts"][0]) == (city.C6, city.D2)


def test_a_rule_s_dispatch_is_taken_back_by_who_filed(owner: Connection) -> None:
    write_units(owner, city.CITY, [Unit("u1", "一队")], LONG_AGO)
    write_routing(owner, city.CITY, [RoutingRule(0, 1, "u1", category="env")])
    made = carry_out(owner, ask_report(WORKER, city.C1))[0]
    filed = take(owner, DESK, made["number"], "file")
    assert filed["stage"] == "dispatched"
    assert codes(take(owner, CHIEF, made["number"], "undo")) == {("step", "not_yours")}
    outcome = take(owner, DESK, made["number"], "undo")
    assert outcome["ok"] and outcome["stage"] == "filed"
    assert one(owner, "SELECT stage, unit, filed_at IS NOT NULL FROM incident WHERE number = %s", made["number"]) == ("filed", None, True)
    assert take(owner, DESK, made["number"], "dispatch", unit="u1")["ok"], "and sends it elsewhere by hand"


def test_a_rule_for_a_category_holds_for_those_below_it(owner: Connection) -> None:
    owner.execute(
        "INSERT INTO category (city, subject, code, parent, name, name_en, symbol, ordinal) VALUES"
        " (%s, 'incident', 'bins', 'env', '垃圾桶', 'Bins', 'bin', 9)",
        [city.CITY],
    )
    write_units(owner, city.CITY, [Unit("u1", "一队"), Unit("u2", "二队")], LONG_AGO)
    write_routing(owner, city.CITY, [RoutingRule(0, 1, "u1", category="env"), RoutingRule(0, 2, "u2")])
    made = carry_out(owner, ask_report(WORKER, city.C1, category="bins"), ask_report(WORKER, city.C1, category="order"))
    for case, unit in zip(made, ("u1", "u2"), strict=True):
        assert take(owner, DESK, case["number"], "file")["stage"] == "dispatched"
        assert one(owner, "SELECT unit FROM incident WHERE number = %s", case["number"]) == unit


def test_a_move_that_cannot_be_written_leaves_everything(owner: Connection) -> None:
    before = one(owner, "SELECT grid, version FROM incident WHERE number = 'i06'")
    ask(DESK, "i06", "move", 0, **to(city.C6))
    owner.execute("ALTER TABLE attachment_case ADD CONSTRAINT never CHECK (false) NOT VALID")
    owner.execute("ALTER TABLE live_event ADD CONSTRAINT never CHECK (kind <> 'case') NOT VALID")
    with pytest.raises(psycopg.errors.CheckViolation):
        write_city(owner, city.CITY)
    assert one(owner, "SELECT grid, version FROM incident WHERE number = 'i06'") == before
    owner.execute("ALTER TABLE live_event DROP CONSTRAINT never")
    owner.execute("ALTER TABLE attachment_case DROP CONSTRAINT never")
    assert write_city(owner, city.CITY) == 1
