"""Rules and calendars through the machine door, with the keeper's writer beside it: what is foretold is what happens."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from databases import FreshDatabase
from rights_tools import load_people
from whole_app import started_app

from data import rollup
from data.accounts.guest import Guest, guest
from data.core.settings import settings
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import read_rules, set_region, write_rules
from data.organisation.dry_run import try_rules
from data.organisation.model import RoutingRule, Unit
from data.organisation.store import read_organisation, write_units
from data.rules.writer import RuleWriter

pytestmark = pytest.mark.slow
PEOPLE = {
    "chief": ("supervisor", "*"),
    "admin": ("administrator", "*"),
    "street": ("supervisor", city.D1),
    "desk": ("dispatcher", "*"),
    "worker": ("grid_worker", "*"),
    "leader": ("leader", "*"),
    "auditor": ("auditor", "*"),
    "steward": ("steward", "*"),
}
TODAY = date(2026, 10, 31)
NOW = datetime.fromisoformat(city.AS_OF)
ROUTING, DEADLINES, CALENDAR = (f"/api/rules/{kind}" for kind in ("routing", "deadlines", "calendar"))


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The small city with two units, whose cases have numbers like ``i06``, and a writer at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as owner:
            owner.execute("UPDATE incident SET number = source_key")
            write_units(owner, city.CITY, [Unit("cg", "城管中队", "Squad"), Unit("duty", "值班室")], TODAY - timedelta(days=1))
            writer = RuleWriter()
            thread = threading.Thread(target=writer.run)
            thread.start()
            yield owner
            writer.close()
            thread.join()
            with owner.transaction(force_rollback=True):
                assert list(rollup.compare(owner, city.CITY)) == []
    settings.cache_clear()


class Door:
    """The app, and people who ask it."""

    def __init__(self, client: httpx.AsyncClient, people: dict[str, Guest]) -> None:
        self.client, self.people = client, people

    async def get(self, path: str, who: str = "chief", **params: Any) -> httpx.Response:
        return await self.client.get(path, params={"city": city.CITY, **params}, headers=self._token(who))

    async def seen(self, path: str) -> str:
        if path.endswith("/hours"):
            return str((await self.get(CALENDAR)).json()["seen_hours"])
        return str((await self.get(path)).json()["seen"])

    async def post(self, path: str, body: dict[str, Any], who: str = "chief", **params: Any) -> httpx.Response:
        whole = {"city": city.CITY, **body}
        if "seen" not in body and not path.endswith("/try"):
            whole["seen"] = await self.seen(path)
        return await self.client.post(path, json=whole, params=params, headers=self._token(who))

    async def upload(self, table: bytes, who: str = "chief", **params: Any) -> httpx.Response:
        asked = {"city": city.CITY, "seen": await self.seen(CALENDAR), **params}
        return await self.client.post(CALENDAR, content=table, params=asked, headers=self._token(who))

    def _token(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.people[who].token}"}


@pytest_asyncio.fixture
async def door(town: psycopg.Connection[Any]) -> AsyncIterator[Door]:
    async with started_app() as made:
        with ExitStack() as stack:
            people = {name: stack.enter_context(guest(role, scope)) for name, (role, scope) in PEOPLE.items()}
            transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://grid.example", headers={"accept-language": "en"}) as client:
                yield Door(client, people)


Owner = psycopg.Connection[Any]


async def test_who_sees_rules_and_who_changes_them(door: Door) -> None:
    changers = {"chief", "admin"}
    for who in PEOPLE:
        sees = who != "auditor"
        for path in (ROUTING, DEADLINES, CALENDAR):
            answer = await door.get(path, who)
            assert answer.status_code == (200 if sees else 403), (who, path)
            assert not sees or answer.json()["city"]["may_change"] == (who in changers), (who, path)
        for path, body in ((ROUTING, {"rules": []}), (f"{ROUTING}/try", {"rules": []}), (DEADLINES, {})):
            answer = await door.post(path, body, who)
            assert (answer.status_code != 403) == (who in changers), (who, path, answer.text)
        assert (await door.upload(b"day,kind\n", who)).status_code == (200 if who in changers else 403), who
    assert (await door.get(ROUTING, city="990001")).status_code == 404
    assert (await door.get(ROUTING, city="")).status_code == 404


async def test_a_dry_run_is_what_routing_does(door: Door, town: Owner) -> None:
    rules = [
        {"unit": "duty", "category": "order", "hours": "18:00-08:00"},
        {"unit": "cg", "area": city.S1, "valid_from": "2026-10-10"},
        {"unit": "duty", "area": city.ZONE},
        {"unit": "@grid_head"},
    ]
    town.execute("UPDATE incident SET unit = 'cg', handler = '城管中队' WHERE source_key IN ('i06', 'i07')")
    answer = await door.post(f"{ROUTING}/try", {"rules": rules})
    told = answer.json()
    assert answer.status_code == 200, answer.text
    made = [
        RoutingRule(n, n, **{name: value for name, value in one.items() if name not in ("hours", "valid_from")})  # type: ignore[arg-type]
        for n, one in enumerate(rules)
    ]
    from dataclasses import replace

    from data.organisation.model import parse_hours

    made[0], made[1] = replace(made[0], hours=parse_hours("18:00-08:00")), replace(made[1], valid_from=date(2026, 10, 10))
    local = town.execute("SELECT %s - ((%s AT TIME ZONE 'Asia/Shanghai')::date::timestamp AT TIME ZONE 'Asia/Shanghai')", [NOW, NOW])
    days = timedelta(days=29) + local.fetchone()[0]  # type: ignore[index]
    town.execute("UPDATE incident SET reported_at = reported_at")
    by_hand = try_rules(town, city.CITY, "Asia/Shanghai", NOW, made, days=days / timedelta(days=1))  # type: ignore[arg-type]
    names = {"城管中队": "cg", "值班室": "duty"}
    assert {(one["before"], one["after"]): one["cases"] for one in told["moves"]} == {
        (names.get(before, before), names.get(after, after)): cases for (before, after), cases in by_hand.moves.items()
    }
    assert (told["cases"], told["routed"]) == (by_hand.cases, by_hand.routed) and told["cases"] > 10
    assert {one["rule"]: one["cases"] for one in told["rules"]} == dict(by_hand.by_rule)
    for one in told["units"]:
        assert one["after"] - one["before"] == one["come"] - one["leave"]
    assert sum(one["cases"] for one in told["areas"]) == told["cases"] and sum(one["changed"] for one in told["areas"]) == told["changed"]
    assert sum(one["cases"] for one in told["untaken"]) == told["waiting"] == told["cases"] - told["routed"]
    assert read_organisation(town, city.CITY).rules == (), "nothing was changed"
    listed = await door.get("/api/cases", unit="cg", **{"from": told["first"], "to": told["last"], "limit": 1, "counts": True})
    assert next(one["before"] for one in told["units"] if one["unit"] == "cg") == 2, listed.text


async def test_rules_of_routing_are_replaced_and_who_is_second_is_told(door: Door, town: Owner) -> None:
    seen = await door.seen(ROUTING)
    first = await door.post(ROUTING, {"seen": seen, "rules": [{"unit": "cg", "category": "env"}, {"unit": "duty"}]})
    assert (first.status_code, first.json()["rules"]) == (200, 2), first.text
    ids = [one.id for one in read_organisation(town, city.CITY).rules]
    late = await door.post(ROUTING, {"seen": seen, "rules": []}, "admin")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "rules_changed")
    assert [one["account"] for one in late.json()["error"]["since"]] == [door.people["chief"].name]
    assert late.json()["error"]["version"] == first.json()["seen"]
    turned = [{"id": ids[1], "unit": "duty", "valid_to": "2026-12-31"}, {"id": ids[0], "unit": "cg", "category": "env"}]
    assert (await door.post(ROUTING, {"seen": first.json()["seen"], "rules": turned}, "admin")).status_code == 200
    stored = read_organisation(town, city.CITY).rules
    assert [(one.id, one.unit, one.valid_to) for one in stored] == [(ids[1], "duty", date(2026, 12, 31)), (ids[0], "cg", None)]
    told = (await door.get(ROUTING)).json()
    assert [one["code"] for one in told["remarks"]] == [] and [one["account"] for one in told["changes"]] == [
        door.people["admin"].name,
        door.people["chief"].name,
    ]
    assert [one["unit"] for one in told["changes"][0]["before"]] == ["cg", "duty"], "to go back to"
    log = town.execute("SELECT account, action, detail ->> 'rules' FROM audit_log WHERE action = 'routing_rules' ORDER BY no").fetchall()
    assert log == [(door.people["chief"].name, "routing_rules", "2"), (door.people["admin"].name, "routing_rules", "2")]
    wrong = await door.post(ROUTING, {"rules": [{"unit": "nobody"}]})
    assert (wrong.status_code, [one["field"] for one in wrong.json()["error"]["fields"]]) == (422, ["rules.0.unit"])
    street = (await door.get(ROUTING, "street")).json()
    assert len(street["rules"]) == 2 and street["changes"] == [], "who changed them is for the whole city's people"


def make_worked(owner: Owner, *keys: str) -> None:
    """Let cases look as if they had been reported here, and not filed yet."""
    owner.execute(
        "UPDATE incident SET version = 1, due_at = NULL, stage = 'reported', reported_at = %s, stage_at = %s WHERE source_key = ANY(%s)",
        [NOW - timedelta(hours=5), NOW - timedelta(hours=5), list(keys)],
    )
    with owner.transaction():
        rollup.rebuild(owner, city.CITY)


async def test_what_rules_of_deadlines_would_do_is_what_they_do(door: Door, town: Owner) -> None:
    make_worked(town, "i05", "i17")
    change = {"rules": [{"category": None, "handling": "4 h", "valid_from": TODAY.isoformat(), "closing": "clean"}]}
    preview = (await door.post(DEADLINES, change, preview=True)).json()
    assert preview["preview"] and read_rules(town, city.CITY) == []
    effect = preview["effect"]
    assert (effect["touched"], effect["overdue"], {one["number"] for one in effect["cases"]}) == (2, 2, {"i05", "i17"})
    assert preview["example"]["before"][0]["kind"] == "none"
    assert [line["kind"] for line in preview["example"]["after"]] == ["start", "rule", "counted", "due", "closing"]
    done = (await door.post(DEADLINES, change)).json()
    assert done["effect"] == effect and not done["preview"]
    due = town.execute("SELECT DISTINCT due_at - reported_at, deadline_state FROM incident WHERE source_key IN ('i05', 'i17')").fetchall()
    assert due == [(timedelta(hours=4), "overdue")]
    log = town.execute("SELECT detail FROM audit_log WHERE action = 'deadline_rules'").fetchall()
    assert log == [({"added": 1, "changed": 0, "ended": 0, "cases": 2},)]
    listed = (await door.get(DEADLINES)).json()["rules"]
    assert [(one["handling"], one["valid_from"], one["cases"]) for one in listed] == [("4 hours", "2026-10-31", 2)]


async def test_a_later_version_ends_the_one_before_and_can_be_taken_back(door: Door, town: Owner) -> None:
    write_rules(town, city.CITY, [Rule(0, "env", None, {"handling": parse_duration("4 h")})])
    later = {"rules": [{"category": "env", "handling": "2 wd", "valid_from": "2027-01-01"}]}
    assert (await door.post(DEADLINES, later)).status_code == 200
    rules = read_rules(town, city.CITY)
    assert [(one.valid_from, one.valid_to) for one in rules] == [(None, date(2026, 12, 31)), (date(2027, 1, 1), None)]
    begun = await door.post(DEADLINES, {"withdraw": [rules[0].id]})
    assert (begun.status_code, begun.json()["error"]["fields"][0]["code"]) == (422, "begun")
    assert (await door.post(DEADLINES, {"withdraw": [rules[1].id]})).status_code == 200
    assert [(one.id, one.valid_to) for one in read_rules(town, city.CITY)] == [(rules[0].id, None)]
    assert (await door.post(DEADLINES, {"ends": [{"id": rules[0].id, "valid_to": "2026-11-30"}]})).status_code == 200
    assert [one.valid_to for one in read_rules(town, city.CITY)] == [date(2026, 11, 30)]


async def test_a_calendar_settles_the_deadlines_that_it_says(door: Door, town: Owner) -> None:
    set_region(town, city.CITY, "CN", TODAY)
    make_worked(town, "i05")
    assert (await door.post(DEADLINES, {"rules": [{"handling": "45 wd", "valid_from": TODAY.isoformat()}]})).status_code == 200
    assert (await door.get(CALENDAR)).json()["provisional"] == 1
    table = "日期,类型,名称\r\n2027-01-01,放假,元旦\r\n2027年1月4日,放假,元旦\r\n2027-01-09,上班,\r\n".encode("gbk")
    preview = (await door.upload(table, until="2027-12-31", preview=True)).json()
    effect = preview["effect"]
    assert (effect["touched"], effect["settled"], effect["provisional"], effect["later"]) == (1, 1, 0, 1), preview
    assert (await door.get(CALENDAR)).json()["gazetted_until"] == "2026-12-31"
    done = (await door.upload(table, until="2027-12-31")).json()
    assert done["effect"] == effect
    stored = town.execute("SELECT due_at, due_provisional FROM incident WHERE source_key = 'i05'").fetchone()
    assert stored and (stored[0], stored[1]) == (datetime.fromisoformat(effect["cases"][0]["after"]), False)
    told = (await door.get(CALENDAR)).json()
    assert (told["gazetted_until"], told["uploaded_until"], told["provisional"]) == ("2027-12-31", "2027-12-31", 0)
    assert told["weeks"][0]["hours"] == [*["09:00-17:00"] * 5, "", "", ""]
    csv = await door.get(f"{CALENDAR}.csv", year=2027)
    assert "2027-01-09,work," in csv.text and csv.headers["content-type"].startswith("text/csv")
    again = (await door.upload(csv.content, preview=True)).json()
    assert again["effect"]["touched"] == 0, "what is downloaded can be sent back"
    log = town.execute("SELECT detail ->> 'uploaded', detail ->> 'cases' FROM audit_log WHERE action = 'calendar'").fetchall()
    assert log == [("3", "1")]


async def test_of_a_table_with_a_bad_line_nothing_is_taken(door: Door) -> None:
    before = await door.seen(CALENDAR)
    answer = await door.upload(b"day,kind,name\n2027-01-01,off,x\n2027-02-30,off,x\n2027-01-02,party,x\n2027-01-01,work,x\n")
    assert (answer.status_code, answer.json()["error"]["lines"]) == (
        422,
        [
            "Line 3: “2027-02-30” is no day; write 2027-02-06.",
            "Line 4: “party” is neither off (放假) nor work (上班).",
            "Line 5: 2027-01-01 is already in line 2.",
        ],
    )
    assert (await door.upload(b"\xff\xff\xff")).status_code == 422
    assert await door.seen(CALENDAR) == before
    template = await door.get(f"{CALENDAR}.csv", template=True)
    assert (await door.upload(template.content, preview=True)).status_code == 200


DUPLICATES = "/api/rules/duplicates"


async def test_how_near_likely_duplicates_are_is_tried_changed_by_right_and_told_in_the_log(door: Door, town: Owner) -> None:
    usual = (await door.get(DUPLICATES)).json()
    assert usual["rules"] == [] and any(row["category"] is None for row in usual["usual"])
    row = {"category": "env", "radius_m": 2000, "days": 366}
    for who in PEOPLE:
        assert (await door.get(DUPLICATES, who)).status_code == (403 if who == "auditor" else 200), who
        for path, body in ((DUPLICATES, {"rules": [row], "seen": "other"}), (f"{DUPLICATES}/try", row)):
            answer = await door.post(path, body, who)
            assert (answer.status_code in (200, 409)) == (who in ("chief", "admin")), (who, path, answer.text)

    wide, narrow = [(await door.post(f"{DUPLICATES}/try", {**row, "radius_m": radius})).json() for radius in (2000, 1)]
    assert wide["looked_at"] == narrow["looked_at"] > 0 and wide["pairs"] >= wide["found"] >= narrow["found"]

    wrong = await door.post(DUPLICATES, {"rules": [{"category": "none", "radius_m": 0, "days": 367}, {"radius_m": "far", "days": True}]})
    codes = {fault["field"]: fault["code"] for fault in wrong.json()["error"]["fields"]}
    assert (wrong.status_code, codes) == (
        422,
        {
            **{"rules.0.category": "no_category", "rules.0.radius_m": "no_number", "rules.0.days": "no_number"},
            **{"rules.1.radius_m": "no_number", "rules.1.days": "no_number"},
        },
    )
    twice = await door.post(DUPLICATES, {"rules": [row, row]})
    assert twice.json()["error"]["fields"][0]["code"] == "same_category"

    foretold = await door.post(DUPLICATES, {"rules": [row]}, preview="true")
    assert foretold.json()["preview"] is True and (await door.get(DUPLICATES)).json()["rules"] == []
    assert (await door.post(DUPLICATES, {"rules": [row]})).status_code == 200
    told = (await door.get(DUPLICATES)).json()
    assert told["rules"] == [row] and told["changes"][0]["facts"]["added"] == 1
    again = await door.post(DUPLICATES, {"rules": [], "seen": usual["seen"]})
    assert again.status_code == 409 and again.json()["error"]["since"]
    log = town.execute("SELECT detail FROM audit_log WHERE action = 'duplicate_rules'").fetchall()
    assert [detail["added"] for (detail,) in log] == [1]
    # The drawer looks as far as the row says.
    near = await door.client.get(
        "/api/cases/similar", params={"city": city.CITY, "category": "env", "lon": 0, "lat": 0}, headers=door._token("chief")
    )
    assert (near.json()["radius_m"], near.json()["days"]) == (2000, 366)
    assert (await door.post(DUPLICATES, {"rules": []})).status_code == 200
    assert (await door.get(DUPLICATES)).json()["rules"] == []


async def test_rules_of_deadlines_are_brought_back_from_today_on(door: Door, town: Owner) -> None:
    write_rules(
        town,
        city.CITY,
        [Rule(0, "env", None, {"handling": parse_duration("4 h")}), Rule(0, None, None, {"handling": parse_duration("9 h")})],
    )
    make_worked(town, "i05")
    first = [(one.category, one.times, one.valid_from, one.valid_to) for one in read_rules(town, city.CITY)]
    wrong = {
        "rules": [
            {"category": "env", "handling": "2 wd", "valid_from": "2027-01-01"},
            {"category": "order", "handling": "1 h", "valid_from": TODAY.isoformat()},
        ]
    }
    assert (await door.post(DEADLINES, wrong)).status_code == 200
    change = (await door.get(DEADLINES)).json()["changes"][0]
    assert len(change["before"]) == 2
    preview = (await door.post(DEADLINES, {"restore": change["id"]}, preview=True)).json()
    assert preview["preview"] and len(read_rules(town, city.CITY)) == 4, "nothing is changed yet"
    done = await door.post(DEADLINES, {"restore": change["id"]})
    assert done.status_code == 200 and done.json()["effect"] == preview["effect"], done.text
    rules = read_rules(town, city.CITY)
    alive = [(one.category, one.times, one.valid_from, one.valid_to) for one in rules if one.category != "order"]
    assert alive == first, "what ended because of a rule that is gone goes on"
    assert [one.valid_to for one in rules if one.category == "order"] == [TODAY], "what held today held today"
    nothing = await door.post(DEADLINES, {"restore": change["id"]})
    assert (nothing.status_code, nothing.json()["error"]["fields"][0]["code"]) == (422, "no_change")
    for bad in (0, 2**40, "x", True, None):
        assert (await door.post(DEADLINES, {"restore": bad})).status_code == 422
    street = await door.post(DEADLINES, {"restore": change["id"]}, "street")
    assert street.status_code == 403


OPEN_DAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")


async def test_other_hours_move_the_deadlines_that_they_say(door: Door, town: Owner) -> None:
    make_worked(town, "i05")
    assert (await door.post(DEADLINES, {"rules": [{"handling": "40 wh", "valid_from": TODAY.isoformat()}]})).status_code == 200
    path = "/api/rules/hours"
    seen = (await door.get(CALENDAR)).json()["seen_hours"]
    longer = {"seen": seen, "hours": {**OPEN_DAYS, "sat": "9:00-12:00 13:00-18:00", "valid_from": TODAY.isoformat()}}
    preview = (await door.post(path, longer, preview=True)).json()
    assert (preview["effect"]["touched"], preview["effect"]["earlier"]) == (1, 1), preview
    assert len((await door.get(CALENDAR)).json()["weeks"]) == 1
    done = await door.post(path, longer)
    assert done.json()["effect"] == preview["effect"], done.text
    told = (await door.get(CALENDAR)).json()
    assert [week["valid_from"] for week in told["weeks"]] == [None, "2026-10-31"], "what held before stays, also where it was the usual"
    assert told["weeks"][0]["hours"] == [*["09:00-17:00"] * 5, "", "", ""]
    assert told["weeks"][1]["hours"][5] == "09:00-12:00 13:00-18:00"
    stored = town.execute("SELECT due_at FROM incident WHERE source_key = 'i05'").fetchone()
    assert stored and stored[0] == datetime.fromisoformat(preview["effect"]["cases"][0]["after"])
    late = await door.post(path, longer, "admin")
    assert (late.status_code, late.json()["error"]["since"][0]["account"]) == (409, door.people["chief"].name)
    coming = {"hours": {"mon": "08:00-12:00", "valid_from": "2026-12-01"}, "seen": told["seen_hours"]}
    made = await door.post(path, coming)
    assert made.status_code == 200
    begun = await door.post(path, {"withdraw": "2026-10-31", "seen": made.json()["seen"]})
    assert begun.json()["error"]["fields"][0]["code"] == "begun"
    assert (await door.post(path, {"withdraw": "2026-12-01", "seen": made.json()["seen"]})).status_code == 200
    assert (await door.get(CALENDAR)).json()["seen_hours"] == told["seen_hours"]
    for field, value, code in (("mon", "25:00-26:00", "no_spans"), ("sun", "9-17", "no_spans"), ("valid_from", "2026-10-30", "past")):
        answer = await door.post(path, {"hours": {**OPEN_DAYS, "valid_from": "2026-12-01", field: value}, "seen": told["seen_hours"]})
        assert [(one["field"], one["code"]) for one in answer.json()["error"]["fields"]] == [(f"hours.{field}", code)], answer.text
    free = await door.post(path, {"hours": {"valid_from": "2026-12-01"}, "seen": told["seen_hours"]})
    assert free.json()["error"]["fields"][0]["code"] == "no_hours_at_all"
    log = town.execute("SELECT detail ->> 'hours_from', detail ->> 'cases' FROM audit_log WHERE action = 'calendar' ORDER BY no").fetchall()
    assert log == [("2026-10-31", "1"), ("2026-12-01", "0"), ("2026-12-01", "0")]


async def test_weights_have_versions_and_a_past_period_keeps_its_own(door: Door, town: Owner) -> None:
    path = "/api/rules/weights"
    part = {"indicator": "closing_rate", "weight": "0.4"}
    rework = {"indicator": "rework_rate", "weight": "0.6", "best": "0.05", "worst": "0.25"}
    first = await door.post(path, {"weights": {"name": "旧", "valid_from": "2026-10-01", "parts": [part]}})
    assert first.status_code == 200, "a first version may begin in the past: nothing was graded"
    second = {"weights": {"name": "新", "name_en": "New", "valid_from": TODAY.isoformat(), "parts": [part, rework]}}
    assert (await door.post(path, second, preview=True)).status_code == 200
    assert len((await door.get(path)).json()["versions"]) == 1
    assert (await door.post(path, second)).status_code == 200
    told = (await door.get(path)).json()
    days = [(one["name_en"], one["valid_from"], one["valid_to"]) for one in told["versions"]]
    assert days == [("旧", "2026-10-01", "2026-10-30"), ("New", "2026-10-31", None)]
    assert told["versions"][1]["parts"][1] == rework, "numbers are kept as they were written"
    for last, name in (("2026-09-30", None), ("2026-10-30", "旧"), ("2026-10-31", "新")):
        asked = {"from": "2026-09-20", "to": last, "indicator": "closing_rate", "area": city.CITY}
        answer = await door.client.get("/api/indicators", params=asked, headers=door._token("chief"))
        composite = answer.json()["composite"]
        assert (composite and composite["name"]) == name, last
    past = await door.post(path, {"weights": {**second["weights"], "valid_from": "2026-10-15"}})
    assert past.json()["error"]["fields"][0]["code"] == "graded"
    bad = {
        "parts": ([], "no_parts"),
        "valid_from": (None, "needed"),
        "name": ("", "needed"),
    }
    for field, (value, code) in bad.items():
        answer = await door.post(path, {"weights": {**second["weights"], field: value}})
        assert (answer.status_code, answer.json()["error"]["fields"][0]["code"]) == (422, code), field
    for change, code in (
        ({"weight": "0"}, "no_weight"),
        ({"weight": "-1"}, "no_decimal"),
        ({"weight": "1e3"}, "no_decimal"),
        ({"best": "0.25"}, "no_scale"),
        ({"indicator": "rework"}, "no_indicator"),
        ({"indicator": "handling_mean", "best": None}, "needs_scale"),
    ):
        answer = await door.post(path, {"weights": {**second["weights"], "parts": [{**rework, **change}]}})
        assert (answer.status_code, answer.json()["error"]["fields"][0]["code"]) == (422, code), (change, answer.text)
    late = await door.post(path, {**second, "seen": "x"}, "admin")
    assert late.status_code == 409
    later = {"weights": {"name": "明年", "valid_from": "2027-01-01", "parts": [part]}}
    assert (await door.post(path, later)).status_code == 200
    number = (await door.get(path)).json()["versions"][2]["id"]
    assert (await door.post(path, {"withdraw": [number]})).status_code == 200
    assert [one["valid_to"] for one in (await door.get(path)).json()["versions"]] == ["2026-10-30", None]
    assert (await door.post(path, later, "street")).status_code == 403 and (await door.post(path, later, "worker")).status_code == 403
    assert town.execute("SELECT count(*) FROM audit_log WHERE action = 'weights'").fetchone() == (4,)


async def test_the_cases_of_a_dry_run_are_those_that_move(door: Door, town: Owner) -> None:
    rules = [{"unit": "duty", "category": "order", "hours": "18:00-08:00"}, {"unit": "cg", "area": city.S1}]
    told = (await door.post(f"{ROUTING}/try", {"rules": rules})).json()
    known = {number: (lon, lat) for number, lon, lat in town.execute("SELECT number, ST_X(geom), ST_Y(geom) FROM incident").fetchall()}
    placed = [one for one in told["moved"] if known[one["number"]][0] is not None]
    assert told["moved"] == placed and 0 < len(placed) <= told["changed"]
    without = town.execute("SELECT count(*) FROM incident WHERE geom IS NULL").fetchone()
    assert without and told["changed"] - len(placed) <= without[0], "only those without a place are missing"
    for one in placed:
        assert (one["lon"], one["lat"]) == known[one["number"]]
        assert one["after"] in ("duty", "cg") and one["after"] != one["before"]
    newest = [one["reported_at"] for one in placed]
    assert newest == sorted(newest, reverse=True)
    nobody = (await door.post(f"{ROUTING}/try", {"rules": []})).json()
    assert nobody["moved"] == [] and nobody["changed"] == 0
