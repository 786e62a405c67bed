"""The page's script: all modules in one file, cached for ever under its version, and no other file of the server beside it."""

import re

import httpx
import pytest
from whole_app import fresh_app

from data.accounts.guest import guest
from routes.shared import scripts


async def answer(path: str, **headers: str) -> httpx.Response:
    with guest() as inside:
        signed_in = {"authorization": f"Bearer {inside.token}", **headers}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(fresh_app()), base_url="http://test", headers=signed_in) as client:
            return await client.get(path)


@pytest.mark.usefixtures("database")
async def test_the_script_is_kept_for_ever_under_its_version() -> None:
    answered = await answer(scripts.address())
    assert answered.headers["content-type"].startswith("text/javascript")
    assert answered.headers["cache-control"] == scripts.FOREVER
    assert answered.content == scripts.script()
    again = await answer(scripts.address(), **{"if-none-match": answered.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    older = await answer("/scripts/0000000000000000/map_page.js")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    assert older.content == answered.content


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_the_script_is_sent_packed(encoding: str) -> None:
    answered = await answer(scripts.address(), **{"accept-encoding": encoding})
    assert answered.headers["content-encoding"] == encoding
    assert answered.content == scripts.script()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["nothing.js", "page/keyboard.js", "../../app.py", "..%2f..%2fapp.py", "page", "", "/etc/passwd"])
async def test_only_the_script_is_served(name: str) -> None:
    assert (await answer(f"/scripts/{scripts.version()}/{name}")).status_code == 404


@pytest.mark.usefixtures("database")
async def test_the_worker_of_events_may_open_their_stream_and_nothing_else() -> None:
    answered = await answer(scripts.address(scripts.LIVE_WORKER))
    assert answered.content == scripts.script(scripts.LIVE_WORKER) != scripts.script()
    assert answered.headers["cache-control"] == scripts.FOREVER
    policy = answered.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; connect-src 'self'; ") and "script-src" not in policy
    assert "connect-src" not in (await answer(scripts.address())).headers["content-security-policy"]


@pytest.mark.usefixtures("database")
async def test_the_page_fetches_one_script_of_ours_and_dash_begins_by_it_alone() -> None:
    page = (await answer("/")).text
    named = re.findall(r'"(/scripts/[^"]+)"', page)
    assert named == [scripts.address(scripts.LIVE_WORKER), *[scripts.address()] * 2], "fetched early by a link, and run at the end"
    assert re.findall(r'<link rel="modulepreload" href="([^"]+)">', page) == [scripts.address()]
    assert page.count("<script") > 5
    assert re.findall(r'<script id="_dash-renderer"([^>]*)>', page) == [f' type="module" src="{scripts.address()}"']
    assert "new DashRenderer" not in page
    assert 'src="/assets/scripts' not in page


def test_every_module_is_in_a_script_and_in_none_twice_and_comments_are_not() -> None:
    every = {file.relative_to(scripts.FOLDER).as_posix() for file in scripts.FOLDER.rglob("*.js")}
    found: set[str] = set()
    for entry in scripts.ENTRIES:
        lines = scripts.script(entry).decode().splitlines()
        comments = [line for line in map(str.strip, lines) if line.startswith(("//", "* ")) or line.endswith("*/")]
        assert len(comments) == len(set(comments)) and comments[-1] == f"// {entry}"
        found |= {comment.removeprefix("// ") for comment in comments}
    assert found == every


def test_the_map_does_not_carry_the_desk() -> None:
    """The desk has the map beside its list; the map's page waits for nothing of the desk."""
    modules = [set(re.findall(r"^// (\S+\.js)$", scripts.script(entry).decode(), re.MULTILINE)) for entry in (scripts.ENTRY, scripts.DESK)]
    assert not [name for name in modules[0] if name.startswith("desk/")] and "map/grid_map.js" in modules[1]
