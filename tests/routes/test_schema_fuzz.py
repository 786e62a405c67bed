"""The OpenAPI document holds for generated requests: no server error, and answers in the promised shape.

Every operation is tried by a person's session and by a token, in turn. Half of the tries are as generated; the others name what is there,
so that each operation succeeds, too. Steps are carried out by a real keeper.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import hypothesis
import psycopg
import pytest
import small_city as city
from attachment_files import make_png
from cap_files import make_cap, make_info
from case_tools import middle_of
from databases import FreshDatabase
from planted_feeds import FEED, plant_feeds
from planted_reports import plant_delivery, plant_report, report_of
from serving import Server, serving
from sqlalchemy import make_url

from data.accounts.guest import Guest, guest
from data.rules.statements import VERSIONS
from routes.middleware.identification import STREAM, session_key
from routes.shared import csrf

pytestmark = pytest.mark.slow

TRIES = 24
WAYS = ("token", "session")
LON, LAT = middle_of(city.C1)
ADDRESSES: dict[str, Any] = {
    "area": city.D1,
    "indicator": "closing_rate",
    "code": city.C1,
    "kind": "incident",
    "layer": "areas",
    "subject": "incidents",
    "level": "self",
    "unit": "nobody",
    "city": city.CITY,
    "category": "env",
    "feed": FEED,
    "department": "hrss",
    "lon": LON,
    "lat": LAT,
}
"""What parts of addresses and parameters may be, by name."""


@dataclass
class Door:
    """A server over the small city, and a supervisor who asks it; a steward delivers."""

    server: Server
    who: Guest
    steward: Guest
    owner: psycopg.Connection[Any]
    picture: str = ""
    delivery: int = 1
    reached: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Answers that were no refusal, by operation and way."""

    def headers(self, way: str, label: str = "") -> dict[str, str]:
        who = self.steward if label.startswith("POST /api/feeds") else self.who
        if way == "token":
            return {"Authorization": f"Bearer {who.token}", "Accept-Language": "en"}
        cookie = f"{self.server.cookie['name']}={who.session}"
        return {"Cookie": cookie, csrf.HEADER: csrf.token(session_key(who.session)), "Accept-Language": "en"}

    def seen(self, kind: str) -> str:
        """The state of rules of a kind."""
        row = self.owner.execute(VERSIONS[kind].format(city="%(city)s").encode(), {"city": city.CITY}).fetchone()
        return str(row[0]) if row else ""

    def find_case(self, nth: int) -> tuple[str, int]:
        """Number and version of an open case."""
        rows = self.owner.execute("SELECT number, version FROM incident WHERE is_open ORDER BY number").fetchall()
        number, version = rows[nth % len(rows)]
        return number, version

    def find_filter(self) -> int:
        """Number of a saved filter."""
        found = self.owner.execute("SELECT max(id) FROM case_filter").fetchone()
        return int(found[0] or 1) if found else 1

    def find_template(self) -> int:
        """Number of a remark template that is offered."""
        found = self.owner.execute("SELECT max(id) FROM remark_template WHERE retired_at IS NULL").fetchone()
        return int(found[0] or 1) if found else 1


@pytest.fixture(scope="module")
def door(fresh_database: FreshDatabase) -> Iterator[Door]:
    """A server that does not count requests."""
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(city.load))
        server = stack.enter_context(serving(url, GRIDWELL_RATE_FACTOR="0"))
        who = stack.enter_context(guest("supervisor", url=make_url(url).set(drivername="postgresql+psycopg")))
        steward = stack.enter_context(guest("steward", url=make_url(url).set(drivername="postgresql+psycopg")))
        owner = stack.enter_context(psycopg.connect(url, autocommit=True))
        plant_delivery(owner, plant_report(owner, city.CITY), who.name)
        yield Door(server, who, steward, owner, delivery=plant_feeds(owner, city.CITY))


def test_nothing_that_may_be_asked_fails(door: Door) -> None:
    import schemathesis  # a second, which a run without this test need not wait

    document = httpx.get(f"{door.server.url}/openapi.json", headers=door.headers("token"), timeout=60).json()
    schema: Any = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 15, "the document tells of every address"
    for operation in operations:
        _try(operation, door)
    labels = {operation.label for operation in operations}
    ways = {(label, way) for label in labels if " /api/" in label for way in WAYS}
    assert ways - door.reached.keys() == set(), "each was answered, to programs and to people"
    assert labels - {label for label, _ in door.reached} == set()


def _try(operation: Any, door: Door) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    count = 0

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(max_examples=TRIES, suppress_health_check=list(hypothesis.HealthCheck), derandomize=True, database=None)
    def tried(case: Any) -> None:
        nonlocal count
        count += 1
        if count % 2:
            _name_what_is_there(case, door, count)
        if case.operation.path == STREAM:
            case.query = {**(case.query or {}), "wait": "false"}  # otherwise the answer has no end
        # What takes no parameters is generated once.
        for way in WAYS if count == 1 else (WAYS[count // 2 % 2],):
            answer = case.call(base_url=door.server.url, headers=door.headers(way, case.operation.label))
            case.validate_response(answer, checks=checks)
            if answer.status_code < 400:
                door.reached[operation.label, way] += 1
                if case.operation.label == "POST /api/attachments":
                    door.picture = answer.json()["hash"]

    tried()


def _name_what_is_there(case: Any, door: Door, nth: int) -> None:
    """Put names of what exists into a generated request; what is left out of it cannot be wrong."""
    number, version = door.find_case(nth)
    known = {**ADDRESSES, "number": number, "hash": door.picture, "filter": door.find_filter(), "city": city.CITY}
    known |= {"seen": door.seen("calendar"), "report": report_of(city.CITY), "form": "pdf", "delivery": door.delivery}
    door.owner.execute("UPDATE feed_delivery SET state = 'failed' WHERE state = 'received'")  # so many wait and no more
    door.owner.execute("DELETE FROM report_request")  # so many wait and no more
    case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
    needed = {parameter["name"] for parameter in case.operation.definition.raw.get("parameters", ()) if parameter.get("required")}
    case.query = {name: known.get(name, value) for name, value in (case.query or {}).items() if name in needed}
    case.headers = {}
    remark = {"step": "remark", "remark": "seen"}
    bodies: dict[str, Any] = {
        "POST /api/remark-templates": {"city": city.CITY, "text": "Seen"},
        "POST /api/remark-templates/retire": {"city": city.CITY, "id": door.find_template()},
        "POST /api/cases": {"category": "env", "title": "Rubbish", "lon": LON, "lat": LAT},
        "POST /api/cases/steps": {**remark, "cases": [{"number": number}]},
        "POST /api/cases/{number}/steps": {**remark, "version": version},
        "POST /api/attachments": make_png(color=(nth, 0, 0)),
        "POST /api/reports": {"area": city.CITY, "kind": "monthly", "period": "2026-10"},
        "POST /api/reports/{report}/correct": {"reason": "Seen"},
        "POST /api/reports/{report}/seen": {"answer": "Seen"},
        "POST /api/filters": {"name": f"filter {nth}", "search": "state=overdue"},
        "POST /api/filters/order": {"ids": []},
        "POST /api/filters/{filter}": {"name": f"changed {nth}", "search": ""},
        "POST /api/rules/routing/try": {"city": city.CITY, "rules": [{"unit": "@grid_head"}]},
        "POST /api/rules/routing": {"city": city.CITY, "seen": door.seen("routing"), "rules": [{"unit": "@grid_head", "category": "env"}]},
        "POST /api/rules/deadlines": {
            **{"city": city.CITY, "seen": door.seen("deadlines")},
            "rules": [{"category": "env", "handling": "4 h", "valid_from": "2099-01-01"}],
        },
        "POST /api/rules/duplicates": {"city": city.CITY, "seen": door.seen("duplicates"), "rules": [{"radius_m": 50, "days": 7}]},
        "POST /api/rules/duplicates/try": {"city": city.CITY, "category": "env", "radius_m": 50, "days": 7},
        "POST /api/rules/hours": {
            **{"city": city.CITY, "seen": door.seen("hours")},
            "hours": {"valid_from": "2099-01-01", "mon": "09:00-17:00"},
        },
        "POST /api/rules/weights": {
            **{"city": city.CITY, "seen": door.seen("weights")},
            "weights": {"name": "x", "valid_from": "2099-01-01", "parts": [{"indicator": "closing_rate", "weight": "1"}]},
        },
        "POST /api/hazards": make_cap(make_info(area=f"<areaDesc>x</areaDesc><circle>{LAT},{LON} 1</circle>"), identifier=f"a-{nth}"),
        "POST /api/feeds/{feed}": b"code\n1\n",
        "POST /api/rules/calendar": b"day,kind,name\n2099-01-01,off,x\n",
    }
    if case.operation.label in bodies:
        case.body = bodies[case.operation.label]
