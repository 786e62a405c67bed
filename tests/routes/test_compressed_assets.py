"""Scripts and styles are compressed once, and the cache of them is bounded."""

import asyncio
from collections.abc import Callable

import brotli
import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from whole_app import fresh_app

from data.accounts.guest import guest
from routes.middleware import compressed_assets
from routes.middleware.compressed_assets import FOREVER, CompressedAssets

SCRIPT = "let grid = 'well';\n" * 100


class Files:
    """Answers every address with the same script, except what is missing, and counts how often it was asked; waits while it is closed."""

    def __init__(self) -> None:
        self.asked = 0
        self.script = SCRIPT
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await self.open.wait()
        status = 404 if "missing" in scope["path"] else 200
        await PlainTextResponse(self.script, status, media_type="text/javascript")(scope, receive, send)


def client(app: CompressedAssets, encodings: str = "gzip, br") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", headers={"accept-encoding": encodings})


async def test_a_script_is_packed_once_and_kept_for_ever_under_its_version() -> None:
    files = Files()
    async with client(CompressedAssets(files)) as browser:
        first, again = await browser.get("/assets/a.js?m=1"), await browser.get("/assets/a.js?m=1")
        unversioned = await browser.get("/assets/a.js")
    assert files.asked == 2, "once for each address"
    assert first.text == again.text == SCRIPT
    assert first.headers["content-encoding"] == "br"
    assert int(first.headers["content-length"]) == len(brotli.compress(SCRIPT.encode(), quality=9))
    assert "Accept-Encoding" in first.headers["vary"]
    assert (first.headers["cache-control"], unversioned.headers["cache-control"]) == (FOREVER, "no-cache")


async def test_over_plain_http_it_is_gzip() -> None:
    app = CompressedAssets(Files())
    async with client(app, encodings="gzip, deflate") as browser:
        answer = await browser.get("/assets/a.js?m=1")
    assert (answer.text, answer.headers["content-encoding"]) == (SCRIPT, "gzip")


async def test_many_who_want_the_same_file_have_it_packed_once_and_who_leaves_takes_it_from_nobody() -> None:
    files = Files()
    files.open.clear()
    async with client(CompressedAssets(files)) as browser:
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
    app = fresh_app()
    with guest() as known:
        headers = {"accept-encoding": "gzip, deflate, br", "authorization": f"Bearer {known.token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", headers=headers) as browser:
            answer = await browser.get("/assets/tokens.css?m=1")
    assert answer.headers["content-encoding"] == "br", "no other packing comes before"
    assert answer.headers["cache-control"] == FOREVER


async def test_what_cannot_be_packed_passes_as_it_is() -> None:
    files = Files()
    app = CompressedAssets(files)
    async with client(app) as browser:
        missing = await browser.get("/assets/missing.js?m=1")
        elsewhere = await browser.get("/api/areas")
        part = await browser.get("/assets/a.js", headers={"range": "bytes=0-9"})
    async with client(app, encodings="identity") as plain:
        whole = await plain.get("/assets/a.js?m=1")
    assert missing.status_code == 404 and "cache-control" not in missing.headers
    assert all("content-encoding" not in answer.headers and answer.text == SCRIPT for answer in (missing, elsewhere, part, whole))
    assert whole.headers["cache-control"] == FOREVER


@pytest.fixture
def compressions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compressed: the encoding, once for each time."""
    done: list[str] = []

    def counted(encoding: str) -> Callable[[bytes], bytes]:
        compress = compressed_assets._COMPRESSORS[encoding]

        def call(body: bytes) -> bytes:
            done.append(encoding)
            return compress(body)

        return call

    monkeypatch.setattr(compressed_assets, "_COMPRESSORS", {encoding: counted(encoding) for encoding in compressed_assets._COMPRESSORS})
    return done


async def test_made_up_queries_read_and_compress_nothing_again(compressions: list[str]) -> None:
    files = Files()
    async with client(CompressedAssets(files)) as browser:
        for query in ("m=1", "m=1&x=1", "x=2&m=1", "m=0&m=1", "m=1&am=7"):
            answer = await browser.get(f"/assets/a.js?{query}")
            assert (answer.text, answer.headers["cache-control"]) == (SCRIPT, FOREVER)
    assert (files.asked, compressions) == (1, ["br"])


async def test_a_query_without_a_version_is_not_kept_for_ever(compressions: list[str]) -> None:
    async with client(CompressedAssets(Files())) as browser:
        for query in ("am=1", "x=m%3D1", "m"):
            assert (await browser.get(f"/assets/a.js?{query}")).headers["cache-control"] == "no-cache"
    assert compressions == ["br"]


async def test_made_up_versions_and_paths_compress_nothing_again(compressions: list[str]) -> None:
    files = Files()
    async with client(CompressedAssets(files)) as browser:
        for n in range(8):
            assert (await browser.get(f"/assets/a.js?m={n}")).text == SCRIPT
            assert (await browser.get(f"/_dash-component-suites/plotly.v{n}m1.js")).text == SCRIPT
    assert (files.asked, compressions) == (16, ["br"])


async def test_a_new_version_is_another_content(compressions: list[str]) -> None:
    files = Files()
    async with client(CompressedAssets(files)) as browser:
        await browser.get("/assets/a.js?m=1")
        files.script = SCRIPT.replace("well", "new")
        assert (await browser.get("/assets/a.js?m=2")).text == files.script
    assert compressions == ["br", "br"]


async def test_what_had_to_make_room_is_compressed_again(monkeypatch: pytest.MonkeyPatch, compressions: list[str]) -> None:
    monkeypatch.setattr(compressed_assets, "_KEPT_BYTES", 0)
    async with client(CompressedAssets(Files())) as browser:
        for _ in range(2):
            assert (await browser.get("/assets/a.js?m=1")).text == SCRIPT
    assert len(compressions) > 1


async def test_made_up_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed_assets, "_MOST_ADDRESSES", 5)
    files = Files()
    app = CompressedAssets(files)
    async with client(app) as browser:
        for n in range(8):
            await browser.get(f"/assets/a.js?m={n}")
        assert (len(app.files()), len(app.compressed())) == (5, 1)
        await browser.get("/assets/a.js?m=7")
    assert files.asked == 8, "the newest stay"
