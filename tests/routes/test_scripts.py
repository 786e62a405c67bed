"""The page's modules: one version for all, cached for ever, and no other file of the server beside them."""

import re

import httpx
import pytest
from whole_app import fresh_app

from data.accounts.guest import guest
from routes.map import scripts


@pytest.fixture
def known() -> list[str]:
    """Paths of all modules."""
    return list(scripts.modules())


async def answer(path: str, **headers: str) -> httpx.Response:
    with guest() as inside:
        signed_in = {"authorization": f"Bearer {inside.token}", **headers}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(fresh_app()), base_url="http://test", headers=signed_in) as client:
            return await client.get(path)


@pytest.mark.usefixtures("database")
async def test_a_module_is_kept_for_ever_under_its_version() -> None:
    answered = await answer(scripts.address())
    assert answered.headers["content-type"].startswith("text/javascript")
    assert answered.headers["cache-control"] == scripts.FOREVER
    assert answered.content == scripts.modules()[scripts.ENTRY]
    again = await answer(scripts.address(), **{"if-none-match": answered.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    older = await answer("/scripts/0000000000000000/map_page.js")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    assert older.content == answered.content


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_module_is_sent_packed(encoding: str) -> None:
    answered = await answer(scripts.address("page/keyboard.js"), **{"accept-encoding": encoding})
    assert answered.headers["content-encoding"] == encoding
    assert answered.content == scripts.modules()["page/keyboard.js"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["nothing.js", "../../app.py", "..%2f..%2fapp.py", "page", "", "/etc/passwd"])
async def test_only_modules_are_served(name: str) -> None:
    assert (await answer(f"/scripts/{scripts.version()}/{name}")).status_code == 404


@pytest.mark.usefixtures("database")
async def test_the_page_preloads_every_module_and_dash_begins_by_ours_alone() -> None:
    page = (await answer("/")).text
    preloaded = set(re.findall(r'<link rel="modulepreload" href="/scripts/\w+/([^"]+)">', page))
    assert preloaded == set(scripts.modules()), "a module that is missing would be fetched only after the one that imports it"
    assert page.count("<script") > 5
    assert re.findall(r'<script id="_dash-renderer"([^>]*)>', page) == [f' type="module" src="{scripts.address()}"']
    assert "new DashRenderer" not in page
    assert 'src="/assets/scripts' not in page


def test_comments_are_not_sent_and_lines_keep_their_numbers(known: list[str]) -> None:
    for name in known:
        source = (scripts.FOLDER / name).read_text("utf-8")
        sent = scripts.modules()[name].decode()
        assert sent.count("\n") == source.count("\n")
        whole_lines = [line for line in map(str.strip, sent.splitlines()) if line.startswith(("* ", "//")) or line.endswith("*/")]
        assert whole_lines == [], name
        kept = [line for line in sent.splitlines() if line.strip()]
        assert kept and all(line in source.splitlines() for line in kept), name


def test_every_module_is_reached_from_the_entry(known: list[str]) -> None:
    assert sorted(known) == scripts._imported(scripts.ENTRY)
