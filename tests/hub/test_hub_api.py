"""The machine door of the data hub over two planted feeds: the matrix, its history, a feed, what is hidden, and what is pushed."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from fastapi import FastAPI
from planted_feeds import DAY, FAILED, FEED, plant_feeds
from without_guard import let_in

from data.accounts import identity, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.core.viewer import Viewer, everything
from data.database import connections
from routes import errors
from routes.hub import api

OTHER = "transport"


@pytest.fixture(scope="module")
def planted(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as connection:
            plant_feeds(connection, city.CITY)
            connection.execute(
                "INSERT INTO department VALUES (%s, %s, 2, '交通局', 'Transport', '交通', 'Transport', '城建', 'City')", [city.CITY, OTHER]
            )
            connection.execute("INSERT INTO unit (city, code, name, department) VALUES (%s, 'u1', 'one', '人 社局')", [city.CITY])
        yield url


def of_department(role: str = "data_feed", unit: str = "u1") -> Viewer:
    """The account of a department's program, whose unit names its department; its area is one street."""
    label = "u" + hashlib.md5(f"{city.CITY} {unit}".encode(), usedforsecurity=False).hexdigest()
    path = city.path_of(city.S1)
    return Viewer("feed", "feed", "en", 7, role, "figures", path, path, "", city.S1, "192.0.2.7", units=f"{{{label}.{path}}}")


@asynccontextmanager
async def door(viewer: Viewer | None = None) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(api.router)
    errors.install(app)
    let_in(app, viewer)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}) as client:
        yield client
    await connections.close_pools()


async def ask(address: str, viewer: Viewer | None = None) -> tuple[int, Any]:
    async with door(viewer) as client:
        answer = await client.get(address)
    return answer.status_code, answer.json()


async def test_the_matrix_of_the_newest_day(planted: str) -> None:
    status, told = await ask("/api/hub")
    assert (status, told["city"], told["day"]) == (200, city.CITY, str(DAY))
    assert [(one["code"], one["hidden"]) for one in told["departments"]] == [("hrss", False), (OTHER, False)]
    assert [one["level"] for one in told["levels"]] == ["city", "district", "street", "community"]
    shown = {one["level"]: (one["department"], one["feeds"], one["state"], one["late_days"], one["records"]) for one in told["cells"]}
    assert shown == {"city": ("hrss", 1, "failed", 0, 100), "street": ("hrss", 1, "late", 3, 48216)}
    totals = told["totals"]
    assert (totals["feeds"], totals["records"], totals["quarantined"], totals["read"]) == (2, 48316, 2, 16)
    assert (totals["crossings"]["failed"], totals["crossings"]["late"], totals["crossings"]["on_time"]) == (1, 1, 0)
    assert totals["on_time_share"] == {"numerator": 0, "denominator": 2, "value": 0.0}
    assert totals["completeness"] == pytest.approx((0.964 * 48216 + 0.5 * 100) / 48316)
    assert [(one["feed"], one["state"], one["problem"], one["contact"]) for one in told["worst"]] == [
        (FAILED, "failed", "Column 7 is shifted", "沈卓"),
        (FEED, "late", None, "沈卓"),
    ]


async def test_an_earlier_day_and_one_that_nobody_knows(planted: str) -> None:
    _, told = await ask(f"/api/hub?city={city.CITY}&day=2026-11-12")
    assert {one["state"] for one in told["cells"]} == {"on_time"} and told["worst"] == []
    assert told["totals"]["on_time_share"] == {"numerator": 2, "denominator": 2, "value": 1.0}
    _, told = await ask(f"/api/hub?city={city.CITY}&day=2026-06-01")
    assert {one["state"] for one in told["cells"]} == {"not_due"}
    assert told["totals"]["on_time_share"] == {"numerator": 0, "denominator": 0, "value": None}
    _, told = await ask("/api/hub?day=2025-06-01")
    assert told["cells"] == [], "before their first day they are not there"
    for day in ("9999-12-31", "0001-01-01", "2026-02-30", "x"):
        assert (await ask(f"/api/hub?day={day}"))[0] == 422


async def test_the_history_counts_feeds_and_crossings(planted: str) -> None:
    _, told = await ask("/api/hub/history")
    days = {one["day"]: one for one in told["days"]}
    assert len(days) == 14 and list(days) == sorted(days)
    assert (days["2026-11-23"]["feeds"]["late"], days["2026-11-23"]["crossings"]["failed"]) == (1, 1)
    assert days["2026-11-12"]["feeds"]["on_time"] == days["2026-11-12"]["crossings"]["on_time"] == 2


async def test_the_weeks_of_a_department(planted: str) -> None:
    _, told = await ask("/api/hub/departments/hrss")
    street = next(one for one in told["levels"] if one["level"] == "street")["weeks"]
    assert [(one["monday"], one["state"], one["feeds"]["late"]) for one in street] == [
        ("2026-11-09", "on_time", 0),
        ("2026-11-16", "late", 1),
        ("2026-11-23", "late", 1),
    ]
    assert (await ask("/api/hub/departments/nothing"))[0] == 404


async def test_a_feed_with_everything(planted: str) -> None:
    status, told = await ask(f"/api/feeds/{FEED}?lang=en")
    assert status == 200 and told["name"] == "Wage clues"
    assert (told["now"]["state"], told["now"]["late_days"], told["now"]["due_at"]) == ("late", 3, "2026-11-18T10:00:00+00:00")
    new, old = told["contracts"]
    assert (new["version"], new["cadence"]) == (2, "Every Wednesday by 18:00; on a day off, the next working day")
    assert (new["phone"], old["changes"]) == ("138****5127", [])
    assert new["changes"] == [
        "Due: Every Wednesday by 18:00; on a day off, the next working day;"
        " before: On day 10 of each month by 18:00; on a day off, the next working day.",
        "New field “People”.",
    ]
    (delivery,) = told["deliveries"]
    assert (delivery["rows"], delivery["loaded"], delivery["rejected"], delivery["quarantined"]) == (16, 13, 3, 2)
    assert told["quarantine"] == [{"code": "no_building", "sentence": "No such building", "rows": 2}]
    assert [one["row"] for one in told["rejected_rows"]] == [17] and [one["row"] for one in told["quarantined_rows"]] == [23]
    shares = {one["property"]: (one["share"]["numerator"], one["share"]["denominator"]) for one in told["quality"]}
    assert shares == {
        **{"normative": (13, 16), "complete": (95, 100), "accurate": (11, 13), "consistent": (9, 10)},
        **{"timely": (8, 10), "accessible": (14, 14)},
    }
    assert [(one["sort"], one["code"]) for one in told["lineage"]["down"]] == [
        ("indicator", "clues"),
        ("score", "standing"),
        ("warning", "falling"),
        ("section", "monthly"),
        ("public", "clue"),
    ]
    assert told["lineage"]["up"][0]["rows"] == 13
    assert (await ask("/api/feeds/labour.nothing"))[0] == 404
    _, failed = await ask(f"/api/feeds/{FAILED}?lang=zh")
    assert failed["deliveries"][0]["problem"] == "第 7 列错位" and failed["lineage"]["up"] == []


async def test_a_department_sees_its_own_and_of_others_that_they_are_there(planted: str) -> None:
    _, own = await ask(f"/api/hub?city={city.CITY}", of_department())
    assert [one["hidden"] for one in own["departments"]] == [False, True]
    assert {one["state"] for one in own["cells"]} == {"failed", "late"}
    stranger = of_department(unit="u2")
    _, told = await ask(f"/api/hub?city={city.CITY}", stranger)
    assert all(one["hidden"] for one in [*told["departments"], *told["cells"]]) and len(told["cells"]) == 2
    assert {value for cell in told["cells"] for value in (cell["state"], cell["feeds"], cell["records"])} == {None}
    assert (told["totals"]["feeds"], told["totals"]["records"], told["totals"]["read"], told["worst"]) == (0, 0, 0, [])
    _, feed = await ask(f"/api/feeds/{FEED}?city={city.CITY}", stranger)
    assert feed["hidden"] and feed["contracts"] == feed["deliveries"] == feed["rejected_rows"] == []
    assert feed["now"]["state"] is None and {one["share"]["value"] for one in feed["quality"]} == {None}
    _, seen = await ask(f"/api/feeds/{FEED}?city={city.CITY}", of_department("supervisor"))
    assert seen["deliveries"] and seen["rejected_rows"] == [], "rows are for whoever may see imports"
    _, history = await ask(f"/api/hub/history?city={city.CITY}", stranger)
    assert history["days"] == []


async def test_a_push_is_taken_once(planted: str) -> None:
    async with door(of_department()) as client:
        address, headers = f"/api/feeds/{FEED}?city={city.CITY}", {"Idempotency-Key": "one"}
        disposition = {"Content-Disposition": "attachment; filename*=utf-8''C%3A%5Cx%5C%E6%9C%88%E6%8A%A5.csv"}
        first = await client.post(address, content=b"a,b\n1,2\n", headers={**headers, **disposition})
        again = await client.post(address, content=b"a,b\n1,2\n", headers=headers)
        other = await client.post(address, content=b"a,b\n1,3\n", headers=headers)
        assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
        assert (first.json()["result"], again.json()["result"]) == ("taken", "known")
        assert first.json()["delivery"] == again.json()["delivery"]
        state = (await client.get(first.headers["location"])).json()
        assert (state["state"], state["name"], state["size"], state["via"]) == ("received", "月报.csv", 8, "push")
        empty = await client.post(address, content=b"")
        assert (empty.status_code, empty.json()["error"]["code"]) == (422, "empty_push")
        bad = await client.post(f"{address}&name=a%00b", content=b"x")
        assert bad.status_code == 422
    with psycopg.connect(planted) as owner:
        kept = owner.execute("SELECT content FROM feed_file WHERE delivery = %s", [first.json()["delivery"]]).fetchone()
        assert kept == (b"a,b\n1,2\n",)


async def test_a_programs_token_brings_the_departments_of_its_units(planted: str) -> None:
    with owner_transaction() as connection:
        for name in ("of-labour", "of-nobody"):
            store.add(connection, Draft(name, role="data_feed", scope=city.CITY))
        known = {name: tokens.make(connection, name, "feed", 1) for name in ("of-labour", "of-nobody")}
    with psycopg.connect(planted) as owner:
        owner.execute("INSERT INTO unit_member (city, unit, account, post) VALUES (%s, 'u1', 'of-labour', 'worker')", [city.CITY])
    answers = {}
    for name, token in known.items():
        found = await identity.identify_token(token)
        assert found is not None
        async with door(found.viewer) as client:
            answers[name] = (await client.post(f"/api/feeds/{FEED}?city={city.CITY}", content=name.encode())).status_code
    assert answers == {"of-labour": 202, "of-nobody": 403}


async def test_pushes_of_others_of_nothing_and_of_too_many_are_refused(planted: str) -> None:
    async with door(of_department(unit="u2")) as client:
        refused = await client.post(f"/api/feeds/{FEED}?city={city.CITY}", content=b"x")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "feed_not_for_you")
        assert (await client.post(f"/api/feeds/labour.nothing?city={city.CITY}", content=b"x")).status_code == 404
        assert (await client.get(f"/api/feeds/{FEED}/deliveries/1?city={city.CITY}")).status_code == 404
    async with door(everything("en")) as client:
        answers = [await client.post(f"/api/feeds/{FAILED}", content=b"%d" % n) for n in range(21)]
        assert [one.status_code for one in answers] == [202] * 20 + [429]
        assert "Retry-After" in answers[-1].headers
