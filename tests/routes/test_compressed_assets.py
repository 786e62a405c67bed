"""Scripts and styles, packed once and kept in bounds."""

import asyncio

import brotli
import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app import create_app
from data.accounts.guest import guest
from routes.middleware import compressed_assets as packed
from routes.middleware.compressed_assets import FOREVER, PackedAssets

SCRIPT = "let grid = 'well';\n" * 100


class Files:
    """Answers every address with the same script, except what is missing, and counts how often it was asked; waits while it is closed."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await self.open.wait()
        status = 404 if "missing" in scope["path"] else 200
        await PlainTextResponse(SCRIPT, status, media_type="text/javascript")(scope, receive, send)


def client(app: PackedAssets, encodings: str = "gzip, br") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", headers={"accept-encoding": encodings})


async def test_a_script_is_packed_once_and_kept_for_ever_under_its_version() -> None:
    files = Files()
    async with client(PackedAssets(files)) as browser:
        first, again = await browser.get("/assets/a.js?m=1"), await browser.get("/assets/a.js?m=1")
        unversioned = await browser.get("/assets/a.js")
    assert files.asked == 2, "once for each address"
    assert first.text == again.text == SCRIPT
    assert first.headers["content-encoding"] == "br"
    assert int(first.headers["content-length"]) == len(brotli.compress(SCRIPT.encode(), quality=9))
    assert "Accept-Encoding" in first.headers["vary"]
    assert (first.headers["cache-control"], unversioned.headers["cache-control"]) == (FOREVER, "no-cache")


async def test_over_plain_http_it_is_gzip() -> None:
    app = PackedAssets(Files())
    async with client(app, encodings="gzip, deflate") as browser:
        answer = await browser.get("/assets/a.js?m=1")
    assert (answer.text, answer.headers["content-encoding"]) == (SCRIPT, "gzip")


async def test_many_who_want_the_same_file_have_it_packed_once_and_who_leaves_takes_it_from_nobody() -> None:
    files = Files()
    files.open.clear()
    async with client(PackedAssets(files)) as browser:
        first, second = (asyncio.create_task(browser.get("/assets/a.js?m=1")) for _ in range(2))
        for _ in range(50):  # turns of the event loop, until both have come as far as they can
            await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        files.open.set()
        assert (await second).text == SCRIPT
    assert files.asked == 1


async def test_the_whole_app_packs_its_own_scripts(database: str) -> None:
    app = create_app()
    with guest() as known:
        headers = {"accept-encoding": "gzip, deflate, br", "authorization": f"Bearer {known.token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", headers=headers) as browser:
            answer = await browser.get("/assets/tokens.css?m=1")
    assert answer.headers["content-encoding"] == "br", "no other packing comes before"
    assert answer.headers["cache-control"] == FOREVER


async def test_what_cannot_be_packed_passes_as_it_is() -> None:
    files = Files()
    app = PackedAssets(files)
    async with client(app) as browser:
        missing = await browser.get("/assets/missing.js?m=1")
        elsewhere = await browser.get("/api/areas")
        part = await browser.get("/assets/a.js", headers={"range": "bytes=0-9"})
    async with client(app, encodings="identity") as plain:
        whole = await plain.get("/assets/a.js?m=1")
    assert missing.status_code == 404 and "cache-control" not in missing.headers
    assert all("content-encoding" not in answer.headers and answer.text == SCRIPT for answer in (missing, elsewhere, part, whole))
    assert whole.headers["cache-control"] == FOREVER


async def test_made_up_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_KEPT_BYTES", 5 * packed._ENTRY_BYTES)
    files = Files()
    app = PackedAssets(files)
    async with client(app) as browser:
        for n in range(8):
            assert (await browser.get(f"/assets/a.js?m={n}")).text == SCRIPT
        assert app.kept().weight <= 5 * packed._ENTRY_BYTES and len(app.kept()) == 4
        await browser.get("/assets/a.js?m=7")
        assert files.asked == 8, "the newest stay"
