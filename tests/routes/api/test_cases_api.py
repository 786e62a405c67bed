"""The machine door for cases through the whole app, with the keeper's writer beside it."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from case_door import Door, open_door, worked_city
from case_tools import middle_of
from databases import FreshDatabase

from data.accounts.guest import guest
from data.cases import requests
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import set_region, write_rules
from routes.middleware.identification import session_key
from routes.shared import csrf

pytestmark = pytest.mark.slow
ROLES = {"desk": ("dispatcher", "*"), "worker": ("grid_worker", city.S1), "chief": ("supervisor", "*"), "east": ("dispatcher", city.D2)}


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with worked_city(fresh_database) as url:
        yield url


@pytest_asyncio.fixture
async def door(town: str) -> AsyncIterator[Door]:
    async with open_door(ROLES) as made:
        yield made


def report_of(cell: str, **more: Any) -> dict[str, Any]:
    lon, lat = middle_of(cell)
    return {"category": "env", "title": "Rubbish at the gate", "lon": lon, "lat": lat, **more}


def faults(answer: httpx.Response) -> dict[str, str]:
    """Code of what is wrong, by field."""
    return {one["field"]: one["code"] for one in answer.json()["error"]["fields"]}


async def test_a_case_is_reported_read_and_worked(door: Door) -> None:
    said = report_of(city.C1, severity=1, reporter={"name": "王大明", "phone": "13800138000"})
    made = await door.post("worker", "/api/cases", said, key="one")
    assert made.status_code == 201, made.text
    number = made.json()["number"]
    assert made.headers["location"] == f"/api/cases/{number}"
    again = await door.post("worker", "/api/cases", said, key="one")
    assert (again.status_code, again.json()["number"], again.json()["again"]) == (201, number, True)
    other = await door.post("worker", "/api/cases", {**said, "title": "x"}, key="one")
    assert (other.status_code, faults(other)) == (409, {"idempotency_key": "key_reused"})

    read = (await door.get("worker", f"/api/cases/{number}")).json()
    assert (read["case"]["grid"], read["case"]["stage"], read["case"]["severity"], read["case"]["channel"]) == (
        *(city.C1, "reported", 1),
        "grid_worker",
    )
    assert read["reporters"] == [{"name": "王*明", "phone": "138****8000", "merged_from": None}]
    assert [step["step"] for step in read["steps"]] == ["remark", "blur"], "a worker cannot file"
    desk = (await door.get("desk", f"/api/cases/{number}")).json()
    assert desk["reporters"] is None and {"file", "void", "split"} <= {step["step"] for step in desk["steps"]}

    filed = await door.step("desk", number, "file", 1)
    assert (filed.status_code, filed.json()["case_version"], filed.json()["stage"]) == (200, 2, "filed")
    assert "dispatch" in {step["step"] for step in filed.json()["steps"]}
    late = await door.step("chief", number, "void", 1, reason="twice")
    assert (late.status_code, faults(late)["version"]) == (409, "changed")
    assert [event["step"] for event in late.json()["error"]["since"]] == ["file"] and late.json()["error"]["version"] == 2
    history = (await door.get("chief", f"/api/cases/{number}")).json()["history"]
    assert [(event["step"], event["stage"]) for event in history] == [("report", "reported"), ("file", "filed")]


async def test_every_field_has_its_sentence_in_both_languages(door: Door) -> None:
    wrong = {"category": 7, "title": "", "lon": 120.005, "severity": 9, "colour": "red", "reporter": {"phone": "no"}}
    answer = await door.post("worker", "/api/cases", wrong)
    assert answer.status_code == 422
    assert faults(answer) == {
        **{"category": "bad_text", "title": "needed", "lat": "place_or_area", "severity": "bad_number"},
        **{"colour": "not_taken", "reporter.phone": "bad_phone"},
    }
    chinese = await door.post("worker", "/api/cases", wrong, lang="zh")
    told = [{one["field"]: one["sentence"] for one in body.json()["error"]["fields"]} for body in (answer, chinese)]
    assert told[0]["title"] == "This is needed." and told[1]["title"] == "此项必填。"
    for body in ([], "x", None, 7):
        assert (await door.post("worker", "/api/cases", body)).status_code == 422
    unknown = await door.post("worker", "/api/cases", report_of(city.C1, category="enw"))
    assert faults(unknown) == {"category": "unknown_category"} and "env" in unknown.text
    assert faults(await door.post("worker", "/api/cases", report_of(city.C1, channel="hotlin"))) == {"channel": "unknown_channel"}


async def test_the_place_must_lie_in_a_cell_in_scope(door: Door) -> None:
    outside = {"lon": "outside", "lat": "outside"}
    too_far = {"lon": "too_far", "lat": "too_far"}
    assert faults(await door.post("worker", "/api/cases", report_of(city.C8))) == too_far, "of a far cell a worker does not even know"
    assert faults(await door.post("chief", "/api/cases", report_of(city.C1, lon=10))) == outside
    plain = {"category": "env", "title": "a"}
    assert faults(await door.post("worker", "/api/cases", {**plain, "area": city.C8})) == {"area": "unknown_area"}
    assert faults(await door.post("worker", "/api/cases", {**plain, "area": city.S1})) == {"area": "not_a_cell"}
    made = await door.post("worker", "/api/cases", {**plain, "area": city.C2})
    read = (await door.get("worker", f"/api/cases/{made.json()['number']}")).json()["case"]
    assert read["grid"] == city.C2 and read["lon"] is not None


async def test_a_report_slightly_outside_goes_to_the_nearest_cell(door: Door) -> None:
    lon, _ = middle_of(city.C1)
    near = await door.post("worker", "/api/cases", {**report_of(city.C1), "lat": 30.02 + 40 / 111_195})
    assert near.status_code == 201, near.text
    read = (await door.get("worker", f"/api/cases/{near.json()['number']}")).json()["case"]
    assert (read["grid"], read["lon"]) == (city.C1, lon) and read["lat"] > 30.02, "it stands where it was said to be"
    far = await door.post("worker", "/api/cases", {**report_of(city.C1), "lat": 30.02 + 150 / 111_195})
    assert (far.status_code, faults(far)) == (422, {"lon": "too_far", "lat": "too_far"})
    sentence = far.json()["error"]["fields"][0]["sentence"]
    assert "150 m" in sentence and "100 m" in sentence


async def test_a_case_is_moved_and_the_same_key_tells_of_it_again(door: Door) -> None:
    number = (await door.post("worker", "/api/cases", report_of(city.C1))).json()["number"]
    lon, lat = middle_of(city.C6)
    said = {"lon": lon, "lat": lat, "reason": "the other bank"}
    offered = {one["step"]: one for one in (await door.get("desk", f"/api/cases/{number}")).json()["steps"]}
    assert offered["move"]["needs"] == ["reason"] and offered["move"]["needs_one_of"] == ["lon", "area", "category"]
    assert (await door.step("worker", number, "move", 1, **said)).status_code == 403
    moved = await door.step("desk", number, "move", 1, key="move", **said)
    assert moved.status_code == 200, moved.text
    again = await door.step("desk", number, "move", 1, key="move", **said)
    assert (again.status_code, again.json()["again"], again.json()["case_version"]) == (200, True, 2)
    assert (await door.get("worker", f"/api/cases/{number}")).status_code == 404, "the western street sees it no more"
    assert (await door.get("east", f"/api/cases/{number}")).json()["case"]["grid"] == city.C6
    lost = await door.step("east", number, "move", 2, reason="x", area=city.C1)
    assert (lost.status_code, faults(lost)) == (422, {"area": "unknown_area"}), "rights are needed on both places"
    bulk = await door.post("desk", "/api/cases/steps", {"step": "move", "cases": [{"number": number}], **said}, preview="true")
    assert bulk.status_code == 200 and [one["code"] for one in bulk.json()["results"][0]["fields"]] == ["not_in_bulk"]


async def test_who_may_not_see_a_case_cannot_touch_it(door: Door) -> None:
    for answer in (await door.get("east", "/api/cases/i06"), await door.step("east", "i06", "dispatch", 0, unit="u1")):
        assert answer.status_code == 404
    assert (await door.step("worker", "i06", "dispatch", 0, unit="u1")).status_code == 403
    assert (await door.get("chief", "/api/cases/nothing")).status_code == 404
    mine = await door.step("desk", "i06", "dispath", 0)
    assert (mine.status_code, faults(mine)) == (422, {"step": "unknown_step"})
    assert faults(await door.step("desk", "i06", "dispatch", None, unit="u1")) == {"version": "needed"}


async def test_a_session_needs_the_token_of_its_page(door: Door) -> None:
    cookie, body = {"cookie": f"gridwell-session-8050={door.people['desk'].session}"}, {"step": "remark", "remark": "seen"}
    refused = await door.client.post("/api/cases/i06/steps", json=body, headers=cookie)
    assert refused.status_code == 403
    token = csrf.token(session_key(door.people["desk"].session))
    taken = await door.client.post("/api/cases/i06/steps", json=body, headers={**cookie, csrf.HEADER: token})
    assert taken.status_code == 200, taken.text


async def test_a_step_costs_one_short_transaction_before_it_waits(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds its case, checks the right to it and stands in the queue of the writer in five statements, which are sent together."""
    number = (await door.post("worker", "/api/cases", report_of(city.C1))).json()["number"]
    assert (await door.step("desk", number, "file", 1)).status_code == 200, "who asks is known from here on"
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def heard(cursor: Any, query: Any, *values: Any, **more: Any) -> Any:
        words = (query.decode() if isinstance(query, bytes) else str(query)).partition("(")[0].split()
        sent.append(" ".join(words[:2]))
        return await execute(cursor, query, *values, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", heard)
    assert (await door.step("desk", number, "remark", None, remark="seen")).status_code == 200
    assert sent[:5] == ["BEGIN ISOLATION", "SELECT set_config", "INSERT INTO", "SELECT pg_notify", "COMMIT"]
    assert set(sent[5:]) == {"SELECT set_config", "SELECT array_agg"}, "then it asks for the outcome alone"


async def test_a_step_on_many_cases(door: Door) -> None:
    made = [(await door.post("worker", "/api/cases", report_of(city.C1))).json()["number"] for _ in range(3)]
    assert (await door.step("desk", made[2], "void", 1, reason="test")).status_code == 200
    cases = [{"number": number, "version": 1} for number in (*made, made[0], "nothing")]
    shown = (await door.post("desk", "/api/cases/steps", {"step": "file", "cases": cases}, preview="true")).json()
    assert [one["ok"] for one in shown["results"]] == [True, True, False, False, False] and shown["preview"]
    codes = [{fault["code"] for fault in one["fields"]} for one in shown["results"]]
    assert codes == [set(), set(), {"stage", "changed"}, {"twice"}, {"unknown_case"}]
    assert (await door.get("desk", f"/api/cases/{made[0]}")).json()["case"]["stage"] == "reported", "a preview changes nothing"
    done = (await door.post("desk", "/api/cases/steps", {"step": "file", "cases": cases}, key="bulk")).json()
    assert (done["done"], done["refused"]) == (2, 3)
    again = (await door.post("desk", "/api/cases/steps", {"step": "file", "cases": cases}, key="bulk")).json()
    assert [one["ok"] for one in again["results"]] == [one["ok"] for one in done["results"]]
    assert (await door.get("desk", f"/api/cases/{made[0]}")).json()["case"]["version"] == 2
    single = (await door.post("desk", "/api/cases/steps", {"step": "split", "cases": cases[:1]}, preview="true")).json()
    assert [fault["code"] for fault in single["results"][0]["fields"]] == ["not_in_bulk"]
    for wrong in ([], [{}], [{"number": 7}], [{"number": "a", "version": "b"}], "x", [{"number": "a"}] * 1_001):
        assert (await door.post("desk", "/api/cases/steps", {"step": "file", "cases": wrong})).status_code == 422


async def test_reading_a_reporter_is_written_to_the_audit_log(door: Door, town: str) -> None:
    def looks() -> int:
        with psycopg.connect(town) as owner:
            row = owner.execute("SELECT count(*) FROM audit_log WHERE action = 'list_people' AND subject LIKE 'incident %'").fetchone()
        assert row
        return int(row[0])

    before = looks()
    await door.get("desk", "/api/cases/i01")
    assert looks() == before, "who may see cases alone reads none"
    await door.get("chief", "/api/cases/i01")
    assert looks() == before + 1


async def test_a_step_that_nobody_carries_out_is_taken_back(door: Door, town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "PATIENCE_S", 0.3)
    with psycopg.connect(town) as importing:
        importing.execute("SELECT FROM city FOR NO KEY UPDATE")
        answer = await door.step("desk", "i22", "dispatch", 0, unit="u1")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_done") and int(answer.headers["retry-after"]) > 0
    with psycopg.connect(town) as owner:
        assert owner.execute("SELECT count(*) FROM case_request WHERE outcome IS NULL").fetchone() == (0,)
    assert (await door.get("desk", "/api/cases/i22")).json()["case"]["version"] == 0
    monkeypatch.undo()
    assert (await door.step("desk", "i22", "dispatch", 0, unit="u1")).status_code == 200


async def test_why_a_deadline_is_told_line_by_line(door: Door, town: str) -> None:
    """i05 was published with its deadline; a case that is reported here follows the city's rule and calendar."""
    published = (await door.get("desk", "/api/cases/i05")).json()["deadline"]
    assert published["rule"] is None and published["due_at"] is not None
    assert [line["kind"] for line in published["lines"]] == ["start", "rule", "due"]
    assert published["lines"][1]["text"] == "The deadline was published with the case."
    with psycopg.connect(town) as connection:
        times = {"filing": parse_duration("2 h"), "handling": parse_duration("3 wd")}
        rules = write_rules(connection, city.CITY, [Rule(0, None, None, times, closing="清理干净", closing_en="clean")])  # type: ignore[arg-type]
        set_region(connection, city.CITY, "CN", date.today())
    try:
        number = (await door.post("worker", "/api/cases", report_of(city.C1))).json()["number"]
        told = (await door.get("desk", f"/api/cases/{number}", lang="zh")).json()["deadline"]
        assert told["rule"] == rules.added[0] and told["stage_due_at"] < told["amber_at"] < told["due_at"]
        kinds = [line["kind"] for line in told["lines"]]
        assert (kinds[:2], kinds[-1], kinds.count("rule")) == (["start", "rule"], "closing", 2)
        assert sum("个工作日，共3个" in line["text"] for line in told["lines"]) == 3
        assert told["lines"][-1]["text"] == "结案标准：清理干净"
        assert told["due_at"].endswith("23:59:59.999999+08:00")
    finally:
        with psycopg.connect(town) as connection:
            connection.execute("DELETE FROM deadline_rule")


async def test_a_member_of_a_unit_works_on_its_case_outside_the_own_area(door: Door, town: str) -> None:
    """i26 lies in C7, far from the street of both; only the member sees it, and takes a step on it."""
    with guest("grid_worker", city.S1) as member, psycopg.connect(town, autocommit=True) as owner:
        owner.execute("INSERT INTO unit (city, code, name) VALUES (%s, 'far', 'far')", [city.CITY])
        owner.execute("INSERT INTO unit_member (city, unit, account, post) VALUES (%s, 'far', %s, 'worker')", [city.CITY, member.name])
        owner.execute("UPDATE incident SET unit = 'far' WHERE source_key = 'i26'")
        try:
            door.people["member"] = member
            assert (await door.get("worker", "/api/cases/i26")).status_code == 404
            read = (await door.get("member", "/api/cases/i26")).json()["case"]
            assert read["number"] == "i26"
            listed = (await door.get("member", "/api/cases", own_units="true")).json()
            assert [row["number"] for row in listed["cases"]] == ["i26"] and listed["area"]["code"] == city.CITY
            done = await door.step("member", "i26", "remark", read["version"], remark="on our way")
            assert done.status_code == 200, done.text
            assert (await door.step("worker", "i26", "remark", None, remark="x")).status_code == 404
            assert (await door.get("member", "/api/cases/i18")).status_code == 404, "a case of nobody's unit, elsewhere"
        finally:
            owner.execute("UPDATE incident SET unit = NULL WHERE source_key = 'i26'")
            owner.execute("DELETE FROM unit_member")
            owner.execute("DELETE FROM unit")


async def test_before_a_case_is_filed_the_door_says_what_would_become_of_it(door: Door, town: str) -> None:
    with psycopg.connect(town, autocommit=True) as owner:
        cases = owner.execute("SELECT count(*), (SELECT count(*) FROM case_request) FROM incident").fetchone()
        told = await door.post("desk", "/api/cases/preview", report_of(city.C1))
        assert told.status_code == 200, told.text
        body = told.json()
        assert (body["ok"], body["fields"], body["channel"]) == (True, [], "hotline")
        assert (body["place"]["area"], [area["code"] for area in body["place"]["areas"]][:2]) == (city.C1, [city.C1, city.K1])
        assert body["route"]["unit"] is None and body["route"]["sentence"].startswith("No routing rule fits")
        wrong = (await door.post("desk", "/api/cases/preview", {**report_of(city.C1), "category": "envy", "lat": None})).json()
        assert (wrong["ok"], {one["field"]: one["code"] for one in wrong["fields"]}) == (False, {"lat": "place_or_area"})
        assert (await door.post("desk", "/api/cases/preview", [])).status_code == 422
        with guest("leader", "*") as leader:
            door.people["leader"] = leader
            refused = await door.post("leader", "/api/cases/preview", report_of(city.C1))
            assert (refused.status_code, faults(refused)) == (403, {"step": "ability"})
        assert owner.execute("SELECT count(*), (SELECT count(*) FROM case_request) FROM incident").fetchone() == cases


async def test_categories_are_told_with_their_pinyin(door: Door) -> None:
    told = (await door.get("desk", "/api/categories", city=city.CITY)).json()["categories"]
    assert [one["code"] for one in told] == ["env", "order", "utility"]
    assert (told[0]["name"], told[0]["pinyin"]) == ("市容环境", ["shi", "rong", "huan", "jing"])
    assert (await door.get("desk", "/api/categories", city="\0")).status_code == 422
