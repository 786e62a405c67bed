"""``/metrics`` is for this machine or for who knows the token; it counts by route and tells what the keeper found."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from gridwell_command import kill_one, made_home, up
from prometheus_client.parser import text_string_to_metric_families
from signin_forms import account, sign_in, visitor
from table_locks import until

from data.core.settings import settings
from data.notices.account import Count, Failure, NoticeAccount
from data.upkeep.conditions import Conditions, Reason, store

TOKEN = "a-secret-of-some-length"
HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GRIDWELL_METRICS_TOKEN", TOKEN)
    settings.cache_clear()
    yield TOKEN
    monkeypatch.undo()
    settings.cache_clear()


async def ask(app: FastAPI, host: str = HERE, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(host, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        return await http.get("/metrics", headers=headers)


def numbers(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}


async def test_without_a_token_only_this_machine_reads(app: FastAPI) -> None:
    assert (await ask(app)).status_code == 200
    assert (await ask(app, "::1")).status_code == 200
    assert (await ask(app, ELSEWHERE)).status_code == 403
    for header in ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"):
        assert (await ask(app, **{header: ELSEWHERE})).status_code == 403, "a proxy on this machine asks for somebody else"


async def test_with_a_token_only_who_knows_it_reads(app: FastAPI, token: str) -> None:
    for host in (HERE, ELSEWHERE):
        assert (await ask(app, host)).status_code == 403
        assert (await ask(app, host, authorization=f"Bearer {token}x")).status_code == 403
        assert (await ask(app, host, authorization=f"Basic {token}")).status_code == 403
        assert (await ask(app, host, authorization=f"Bearer {token}")).status_code == 200


async def test_answers_are_counted_by_route_and_status_and_never_by_address(app: FastAPI) -> None:
    before = numbers((await ask(app)).text)
    async with visitor(app) as http:
        for path in ("/healthz", "/healthz", "/api/areas/330100", "/tiles/areas/9/1/1.mvt"):
            await http.get(path)
    text = (await ask(app)).text
    after = numbers(text)

    def more(route: str, status: str) -> float:
        key = ("gridwell_http_requests_total", (("method", "GET"), ("route", route), ("status", status)))
        return after.get(key, 0.0) - before.get(key, 0.0)

    assert more("/healthz", "200") == 2
    assert more("(none)", "401") + more("(none)", "303") == 1, "the guard refused before a route was chosen"
    assert "330100" not in text
    seconds = ("gridwell_http_request_seconds_count", (("route", "/healthz"),))
    assert after[seconds] - before.get(seconds, 0.0) == 2
    assert after[("gridwell_queue_waiting", ())] == 0 and after[("gridwell_pool_size", ())] == settings().pool_size


async def test_what_the_keeper_found_is_told_to_programs_and_to_administrators(app: FastAPI, home: Path) -> None:
    store(Conditions(1_000.0, (Reason("backup_late", {"hours": 50}),), {"disk_free_bytes": 5e9, "database_up": 1.0}, "Asia/Shanghai"))
    found = numbers((await ask(app)).text)
    assert found[("gridwell_reason", (("code", "backup_late"),))] == 1
    assert found[("gridwell_reason", (("code", "disk_nearly_full"),))] == 0
    assert found[("gridwell_disk_free_bytes", ())] == 5e9
    assert found[("gridwell_looked_timestamp_seconds", ())] == 1_000
    account("admin", role="administrator")
    account("chen")
    async with visitor(app) as http:
        health = await http.get("/healthz")
        assert (health.status_code, health.json()["reasons"]) == (200, ["backup_late"])
        await sign_in(http, "admin")
        page = (await http.get("/status")).text
        assert "The newest verified backup is 50 hours old" in page and "5.0 GB" in page
        assert "Needs attention" in page and "1970-01-01 08:16 CST" in page, "the city's time"
        store(Conditions(1_000.0))
        page = (await http.get("/status")).text
        assert "All is well." in page and "Needs attention" not in page
        assert "Notices" not in page, "where nobody is to be told"
        failed = Failure(900.0, "330100", "hook", "hooks.example.org", 3, 2, "status_503", over=False)
        notices = NoticeAccount((Count("hook", 7, 1, 2),), (failed, replace(failed, channel="mail", code="no_answer", over=True)))
        trouble = (Reason("backup_late", {"hours": 50}), Reason("notices_failing", {"count": 1, "failure": "status_503"}))
        store(Conditions(1_000.0, trouble, {}, "Asia/Shanghai", notices))
        page = (await http.get("/status")).text
        assert "The last failure: The receiver answered 503." in page and "<td>7</td><td>1</td><td>2</td>" in page
        assert "1970-01-01 08:15 CST" in page and "The receiver answered 503. Tried 2 times; it is tried again." in page
        assert "There was no answer. Given up." in page and "hooks.example.org" in page
        assert 'href="/status"' in (await http.get("/account")).text
        assert "50 小时之前" in (await http.get("/status?lang=zh")).text
        http.cookies.clear()
        await sign_in(http, "chen")
        assert (await http.get("/status")).status_code == 403
        assert 'href="/status"' not in (await http.get("/account")).text


@pytest.mark.slow
def test_all_processes_are_counted_together_and_a_fallen_one_stays_counted() -> None:
    many = 24
    asked = ("gridwell_http_requests_total", (("method", "GET"), ("route", "/healthz"), ("status", "200")))
    with made_home() as home, up(home, GRIDWELL_WORKERS="2") as running:
        for _ in range(many):  # each a connection of its own, so both workers answer some
            assert httpx.get(f"{running.url}/healthz", timeout=60).status_code == 200
        found = numbers(httpx.get(f"{running.url}/metrics", timeout=60).text)
        assert found[asked] == many
        assert found[("gridwell_workers", ())] == found[("gridwell_workers_ready", ())] == 4
        first = kill_one(running.workers)
        until(lambda: len(running.workers() - {first}) == 2, "another worker starts")
        found = numbers(httpx.get(f"{running.url}/metrics", timeout=60).text)
        assert found[asked] == many, "what it has counted stays"
        assert found[("gridwell_workers_ended_total", ())] == 1
        until(lambda: "disk_free_bytes" in httpx.get(f"{running.url}/metrics", timeout=60).text, "the keeper has looked")
