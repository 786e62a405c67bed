"""HEAD is GET without the body, under the same rights."""

import httpx
import pytest
from serving import Server

pytestmark = pytest.mark.slow

PUBLIC = ("/healthz", "/signin", "/assets/doors.css")
KEPT = ("/", "/api/cities", "/docs", "/account", "/assets/favicon.svg")


@pytest.fixture
def http(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"accept": "text/html"}, timeout=60)


@pytest.mark.parametrize("address", [*PUBLIC, *KEPT, "/nowhere", "/reset?key=x"])
@pytest.mark.parametrize("known", [True, False])
def test_head_says_what_get_says_without_a_body(server: Server, http: httpx.Client, address: str, known: bool) -> None:
    if known:
        http.cookies.set(str(server.cookie["name"]), str(server.cookie["value"]))
    got, head = http.get(address), http.head(address)
    assert head.status_code == got.status_code != 405
    assert head.content == b"" and head.headers.get("content-type") == got.headers.get("content-type")
    assert head.headers.get("content-security-policy", "")[:30] == got.headers.get("content-security-policy", "")[:30]
    if not known and address in KEPT[:-1]:
        assert head.status_code in {303, 307, 302, 401}
    assert http.get("/healthz").status_code == 200, "the connection is good for another request"


def test_what_takes_no_get_takes_no_head(server: Server, http: httpx.Client) -> None:
    http.cookies.set(str(server.cookie["name"]), str(server.cookie["value"]))
    assert http.head("/_dash-update-component").status_code == http.get("/_dash-update-component").status_code
