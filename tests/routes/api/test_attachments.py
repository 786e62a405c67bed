"""Photos through the machine door: sent with a token, shown to who may, refused in words."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from attachment_files import GPS, make_jpeg, make_pdf
from case_tools import WORKER, person
from fastapi import FastAPI
from without_guard import let_in

from data.attachments.files import MOST_BYTES
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database import connections
from routes import errors
from routes.api import attachments
from routes.middleware.request_limits import RequestLimits

ADDRESS = "/api/attachments"


@pytest_asyncio.fixture
async def client(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A client for a viewer: the router alone, behind the limits of bodies."""
    monkeypatch.setenv("GRIDWELL_ATTACHMENTS", str(tmp_path / "kept"))
    settings.cache_clear()
    open_: list[httpx.AsyncClient] = []

    def asking(who: Viewer) -> httpx.AsyncClient:
        app = FastAPI()
        app.include_router(attachments.router)
        errors.install(app)
        let_in(app, who)
        app.add_middleware(RequestLimits)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        open_.append(httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}))
        return open_[-1]

    yield asking
    for one in open_:
        await one.aclose()
    await connections.close_pools()
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_photo_is_taken_and_shown(client: Any) -> None:
    mine = client(WORKER)
    sent = await mine.post(ADDRESS, content=make_jpeg(gps=GPS, size=(800, 600)))
    assert sent.status_code == 201
    body = sent.json()
    assert (body["media_type"], body["width"], body["height"], body["pages"]) == ("image/jpeg", 800, 600, None)
    assert body["place"] == [120.1551234, 30.2741667] and body["place_kept"] is False
    shown = await mine.get(f"{ADDRESS}/{body['hash']}")
    assert shown.status_code == 200 and len(shown.content) == body["bytes"]
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"] == f'inline; filename="{body["hash"][:12]}.jpeg"'
    assert shown.headers["cache-control"].startswith("private")
    small = await mine.get(f"{ADDRESS}/{body['hash']}", params={"size": "small"})
    assert small.status_code == 200 and len(small.content) < len(shown.content)
    foreign = await client(person("stranger", "supervisor")).get(f"{ADDRESS}/{body['hash']}")
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (404, "unknown_attachment")


async def test_a_paper_is_saved_not_shown(client: Any) -> None:
    mine = client(WORKER)
    body = (await mine.post(ADDRESS, content=make_pdf(pages=3), params={"keep_place": "true"})).json()
    assert (body["media_type"], body["pages"], body["place_kept"]) == ("application/pdf", 3, False)
    shown = await mine.get(f"{ADDRESS}/{body['hash']}")
    assert shown.headers["content-disposition"].startswith("attachment;")
    assert (await mine.get(f"{ADDRESS}/{body['hash']}", params={"size": "small"})).status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (b"MZ\x90", 422, "unknown_kind_of_file"),
        (make_jpeg()[:300], 422, "broken_file"),
        (make_pdf(password="x"), 422, "file_not_taken"),
        (bytes(MOST_BYTES + 1), 413, "too_large"),
    ],
)
async def test_what_cannot_be_taken_is_told(client: Any, content: bytes, status: int, code: str) -> None:
    answer = await client(WORKER).post(ADDRESS, content=content)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code or code == "file_not_taken"


@pytest.mark.parametrize("role", ["wall", "auditor", "steward", "administrator"])
async def test_who_does_not_work_on_cases_sends_nothing(client: Any, role: str) -> None:
    answer = await client(person("x", role)).post(ADDRESS, content=make_jpeg())
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["x", "a" * 64, "..%2f..%2fetc%2fpasswd", "A" * 64, "%00" * 64])
async def test_a_name_that_is_no_hash_is_unknown(client: Any, name: str) -> None:
    answer = await client(WORKER).get(f"{ADDRESS}/{name}")
    assert answer.status_code == 404


async def test_a_body_of_another_address_stays_small(client: Any) -> None:
    answer = await client(WORKER).post("/api/other", content=bytes(1_000_001))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
