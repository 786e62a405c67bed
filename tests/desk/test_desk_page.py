"""The desk's page: who may open it, what it tells its script, its files, and telephone numbers in full."""

import re

import httpx
import psycopg
import pytest
import small_city as city
from desk_pages import app, enter, facts_of
from fastapi import FastAPI
from signin_forms import visitor

from routes.desk import table_files
from routes.doors.desk_words import CASE_WORDS, DESK_WORDS, FIELD_WORDS
from routes.doors.entry_words import ENTRY_WORDS
from routes.shared import csrf, scripts

__all__ = ["app"]


@pytest.mark.parametrize(
    ("role", "status"), [("supervisor", 200), ("dispatcher", 200), ("grid_worker", 200), ("leader", 200), ("auditor", 403)]
)
async def test_the_desk_is_for_whoever_sees_single_cases(app: FastAPI, role: str, status: int) -> None:
    http = await enter(app, "wei", role)
    assert (await http.get("/desk")).status_code == status


async def test_a_stranger_signs_in_and_comes_back_to_the_same_list(app: FastAPI) -> None:
    answer = await visitor(app).get("/desk?state=overdue&case=X1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Fdesk%3Fstate%3Doverdue%26case%3DX1")


async def test_a_parameter_that_the_desk_does_not_know_is_refused(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    answer = await http.get("/desk?stat=overdue", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["facts"]["nearest"]) == (422, "state")


async def test_the_script_is_told_who_asks_where_they_start_and_every_sentence(app: FastAPI, small: str) -> None:
    with psycopg.connect(small) as owner:
        rows = [("u1", "wei", None, None), ("u2", "wei", None, "2020-01-01"), ("u3", "li", None, None), ("u4", "wei", "2999-01-01", None)]
        for unit, name, first, last in rows:
            owner.execute(
                "INSERT INTO unit_member (city, unit, account, post, valid_from, valid_to) VALUES (%s, %s, %s, 'worker', %s, %s)",
                [city.CITY, unit, name, first, last],
            )
    http = await enter(app, "wei", "supervisor", scope=city.D1, shown="“Wei” </div>")
    page = (await http.get("/desk?lang=en")).text
    told = facts_of(page)
    assert (told["me"], told["shown"], told["lang"], told["start"]) == ("wei", "“Wei” </div>", "en", city.D1)
    assert told["units"] == ["u1"], "those in which they work today"
    assert told["can"] == dict.fromkeys(("reveal", "call", "templates", "remark", "report", "handle", "merge", "export"), True)
    names = [*DESK_WORDS, *CASE_WORDS, *ENTRY_WORDS, *(f"field_{name}" for name in FIELD_WORDS)]
    assert len(set(names)) == len(names), "no part of the desk takes another one's sentence away"
    assert set(names) <= set(told["words"]) and told["words"]["queue_mine"] == "Assigned to me"
    chinese = facts_of((await http.get("/desk?lang=zh")).text)["words"]
    assert chinese["queue_mine"] == "我的" and chinese.keys() == told["words"].keys()


async def test_the_page_that_asks_before_signing_out_takes_drafts_of_this_account_away(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    page = (await http.get("/signout")).text
    assert 'data-account="wei"' in page and 'src="/desk/sign-out.js"' in page
    script = await http.get("/desk/sign-out.js")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "desk-draft" in script.text and "desk-entry" in script.text


async def test_the_page_loads_its_table_and_its_own_script_and_the_map_loads_neither(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    loaded = re.findall(r'<script[^>]* src="([^"]+)"', (await http.get("/desk")).text)
    assert loaded == [*table_files.list_addresses(), scripts.address(scripts.DESK)]
    for address in loaded:
        answer = await http.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8"), address
        assert "immutable" in answer.headers["cache-control"]
    assert "dash_ag_grid" not in (await http.get("/")).text


async def test_files_of_the_table_are_kept_by_their_content_and_no_others_are_given(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    address = f"/vendor/table-{table_files.digest_files()}/async-community.js"
    first = await http.get(address)
    assert (await http.get(address, headers={"if-none-match": first.headers["etag"]})).status_code == 304
    plain = await http.get(address, headers={"accept-encoding": "identity"})
    assert plain.content == first.content and "content-encoding" not in plain.headers
    assert (await http.get("/vendor/table-0/async-community.js")).headers["cache-control"] == "no-cache"
    for name in ("async-enterprise.js", "metadata.json", "__init__.py"):
        assert (await http.get(f"/vendor/table-0/{name}")).status_code == 404


# ---- Telephones ----


async def reveal(http: httpx.AsyncClient, **body: object) -> httpx.Response:
    token = facts_of((await http.get("/desk")).text)["csrf"]
    return await http.post("/desk/reveal", json=body, headers={csrf.HEADER: token, "accept": "application/json"})


async def test_a_heads_number_is_told_for_a_purpose_which_is_written_down(app: FastAPI, small: str) -> None:
    with psycopg.connect(small) as owner:
        owner.execute("UPDATE area SET head_name = '马诗涵', head_phone = '19912347190' WHERE code = %s", [city.C1])
    http = await enter(app, "wei", "supervisor")
    answer = await reveal(http, of="head", key=city.C1, purpose="Handling of a case")
    assert (answer.status_code, answer.json()) == (200, {"name": "马诗涵", "phone": "19912347190"})
    assert answer.headers["cache-control"] == "no-store"
    with psycopg.connect(small) as owner:
        kept = owner.execute("SELECT subject, purpose FROM audit_log WHERE action = 'reveal_head' AND account = 'wei'").fetchall()
    assert kept == [(f"area {city.C1}", "Handling of a case")]


async def test_who_reported_a_case_is_told_of_the_case_of_that_city_alone(app: FastAPI, small: str) -> None:
    with psycopg.connect(small) as owner:
        one = owner.execute(
            "INSERT INTO incident_reporter (district, incident_id, city, grid, path, name)"
            " SELECT district, id, city, grid, path, '张小明' FROM incident WHERE city = %s ORDER BY id LIMIT 1"
            " RETURNING district, incident_id",
            [city.CITY],
        ).fetchone()
        (number,) = owner.execute("SELECT number FROM incident WHERE (district, id) = (%s, %s)", one).fetchone() or ("",)
    http = await enter(app, "wei", "supervisor")
    asked = {"of": "reporter", "key": number, "purpose": "Handling of a case"}
    answer = await reveal(http, **asked, city=city.CITY)
    assert (answer.status_code, answer.json()) == (200, {"name": "张小明", "phone": None})
    assert (await reveal(http, **asked, city="another")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"of": "head", "key": city.C1, "purpose": " "}, 400, "purpose_needed"),
        ({"of": "head", "key": "nowhere", "purpose": "Handling of a case"}, 404, "unknown_person"),
        ({"of": "reporter", "key": "nothing", "city": city.CITY, "purpose": "Handling of a case"}, 404, "unknown_object"),
        ({"of": "reporter", "key": "nothing", "purpose": "Handling of a case"}, 422, "bad_input"),
        ({"of": "person", "key": "1", "purpose": "Handling of a case"}, 422, "bad_input"),
        ({"of": "head", "key": 7, "purpose": "Handling of a case"}, 422, "bad_input"),
    ],
)
async def test_a_number_is_not_told_otherwise(app: FastAPI, body: dict[str, object], status: int, code: str) -> None:
    http = await enter(app, "wei", "supervisor")
    answer = await reveal(http, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_who_may_not_open_records_is_told_no_number(app: FastAPI) -> None:
    http = await enter(app, "wei", "dispatcher")
    answer = await reveal(http, of="reporter", key="AJ-i01", city=city.CITY, purpose="Handling of a case")
    assert answer.status_code == 403
    assert (await reveal(http, of="head", key=city.C1, purpose="Handling of a case")).status_code == 200, "whoever works with cases calls"
    without = await http.post("/desk/reveal", json={"of": "head", "key": city.C1, "purpose": "x"})
    assert without.status_code == 403, "nor without the page's token"
