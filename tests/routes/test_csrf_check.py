"""Another site, or another port of this machine, cannot act in a signed-in person's name."""

import httpx
import pytest
from browser import PATIENCE_MS, Problems
from foreign_page import elsewhere
from playwright.sync_api import Browser, Page
from serving import Server

from routes.shared import csrf

pytestmark = pytest.mark.slow

CALLBACK = "/_dash-update-component"


@pytest.fixture(scope="module")
def page_token(server: Server) -> str:
    """The token that stands in a page of the server's guest."""
    html = httpx.get(f"{server.url}/", cookies={server.cookie["name"]: server.session}, headers={"accept": "text/html"}, timeout=60).text
    return html.split('<meta name="csrf" content="')[1].split('"')[0]


def post(server: Server, cookie: bool = True, **headers: str) -> httpx.Response:
    """An empty callback; 422 is the callback's own answer to it, so it came through."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    cookies = {server.cookie["name"]: server.session} if cookie else {}
    return httpx.post(f"{server.url}{CALLBACK}", json={}, cookies=cookies, headers={"accept-language": "en", **named}, timeout=60)


def test_a_callback_with_its_page_s_token_comes_through(server: Server, page_token: str) -> None:
    assert post(server, **{csrf.HEADER: page_token}).status_code == 422


def test_a_program_with_a_bearer_token_needs_none(server: Server) -> None:
    assert post(server, cookie=False, authorization=f"Bearer {server.token}").status_code == 422


@pytest.mark.parametrize("token", ["", "x", "0" * 64, csrf.token("another session")])
def test_without_the_token_a_callback_is_refused(server: Server, token: str) -> None:
    answer = post(server, **{csrf.HEADER: token})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_our_form")
    assert answer.json()["error"]["sentence"].startswith("The form was too old")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_browser_s_word_on_where_it_comes_from_goes_before_the_token(server: Server, page_token: str, site: str) -> None:
    assert post(server, **{csrf.HEADER: page_token, "sec_fetch_site": site}).status_code == 401


def test_an_older_browser_is_judged_by_the_origin(server: Server, page_token: str) -> None:
    assert post(server, **{csrf.HEADER: page_token, "origin": server.url}).status_code == 422
    assert post(server, **{csrf.HEADER: page_token, "origin": "http://127.0.0.1:9"}).status_code == 401
    assert post(server, **{csrf.HEADER: page_token, "origin": "null"}).status_code == 401


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", "", "application/x-www-form-urlencoded"]
)
def test_no_kind_of_body_goes_round_it(server: Server, kind: str) -> None:
    """A page of somebody else can send the first two and the last without asking first. What Dash would make of each is not its word."""
    cookies = {server.cookie["name"]: server.session}
    answer = httpx.post(f"{server.url}{CALLBACK}", content=b"{}", cookies=cookies, headers={"content-type": kind}, timeout=60)
    assert answer.status_code == 403


def test_callbacks_have_no_second_door(server: Server) -> None:
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    cookies, origin = {server.cookie["name"]: server.session}, {"origin": server.url}
    answer = httpx.get(f"{server.url}/_dash-ws-callback", cookies=cookies, headers={**headers, **origin}, timeout=60)
    assert answer.status_code == 404


ATTACK = """<!doctype html><form id=f method=post action="{url}/signout"></form><script>
(async () => {{
  const said = [];
  for (const [address, options] of [
    ["{url}{callback}", {{ method: "POST", credentials: "include", headers: {{ "Content-Type": "text/plain" }}, body: "{{}}" }}],
    ["{url}{callback}", {{ method: "POST", credentials: "include", headers: {{ "Content-Type": "application/json" }}, body: "{{}}" }}],
    ["{url}/api/cities", {{ credentials: "include" }}],
  ]) said.push(await fetch(address, options).then((a) => a.text()).catch(() => "refused"));
  const blind = {{ method: "POST", mode: "no-cors", credentials: "include" }};
  said.push(await fetch("{url}/signout", blind).then((a) => a.type, () => "refused"));
  window.said = said;
}})()
</script>"""


@pytest.mark.browser
def test_a_page_of_another_port_reads_nothing_and_does_nothing(browser: Browser, server: Server) -> None:
    with elsewhere(ATTACK.format(url=server.url, callback=CALLBACK)) as address:
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([server.cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.said")
        assert page.evaluate("window.said") == ["refused"] * 4, "not one answer may be read"
        with page.expect_response(f"{server.url}/signout") as told:
            page.evaluate("document.getElementById('f').submit()")
        assert told.value.status in {401, 403}
        still = context.request.get(f"{server.url}/api/cities")
        assert still.status == 200, "still signed in"
        context.close()


@pytest.mark.browser
def test_our_own_page_sends_it(page: Page, server: Server, problems: Problems) -> None:
    sent: list[str | None] = []
    page.on("request", lambda request: sent.append(request.headers.get(csrf.HEADER)) if CALLBACK in request.url else None)
    page.goto(f"{server.url}/?dim=2d&layers=grid")
    page.wait_for_selector("#panel .title h1")
    assert sent and all(sent)
