"""Security headers of every answer: no outside host, no frame, no foreign script or style."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from whole_app import fresh_app

from routes.middleware import security_headers
from routes.middleware.security_headers import SecurityHeaders


def made() -> FastAPI:
    app = FastAPI()

    @app.get("/page")
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(security_headers.with_nonce(request.scope, "<style>a{}</style><script src='x'></script>"))

    @app.get("/kept")
    async def kept() -> Response:
        return JSONResponse({}, headers={"Cache-Control": "private, max-age=60"})

    @app.get("/away")
    async def away() -> Response:
        return RedirectResponse("/page")

    app.add_middleware(SecurityHeaders)
    return app


async def ask(app: FastAPI, path: str, base: str = "http://test") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url=base) as client:
        return await client.get(path, headers={"accept": "text/html"})


def policy(answer: httpx.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["content-security-policy"].split(";"))
    return {name: values for name, *values in parts}


async def test_a_page_runs_what_carries_its_own_nonce() -> None:
    app = made()
    one, other = await ask(app, "/page"), await ask(app, "/page")
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', one.text))
    assert len(nonce) >= 22
    assert f"'nonce-{nonce}'" in policy(one)["script-src"]
    assert f"'nonce-{nonce}'" in policy(one)["style-src"]
    assert nonce not in other.text
    assert nonce not in other.headers["content-security-policy"]


async def test_a_page_may_load_nothing_from_elsewhere() -> None:
    told = policy(await ask(made(), "/page"))
    everything = " ".join(word for words in told.values() for word in words)
    assert "unsafe-inline" not in everything
    assert "'unsafe-eval'" not in everything
    assert not re.search(r"https?:|\*", everything)
    assert told["default-src"] == told["base-uri"] == told["frame-ancestors"] == ["'none'"]
    assert told["form-action"] == told["connect-src"] == told["worker-src"] == ["'self'"]


@pytest.mark.parametrize(
    ("path", "frame", "framed_by"), [("/wall", None, "'self'"), ("/wall/scenes", "'self'", "'none'"), ("/", None, "'none'")]
)
def test_only_the_page_of_scenes_shows_the_wall_in_a_frame(path: str, frame: str | None, framed_by: str) -> None:
    scope: dict[str, Any] = {"type": "http", "path": path, "gridwell.nonce": security_headers.Nonce()}
    told = dict(security_headers.complete([(b"content-type", b"text/html")], scope))
    rules = told[b"content-security-policy"].decode()
    assert f"frame-ancestors {framed_by}" in rules
    assert ("frame-src" in rules) == (frame is not None)
    assert told[b"x-frame-options"] == (b"SAMEORIGIN" if path == "/wall" else b"DENY")


@pytest.mark.parametrize("path", ["/kept", "/nowhere", "/away"])
async def test_what_is_no_page_runs_nothing(path: str) -> None:
    answer = await ask(made(), path)
    assert policy(answer)["default-src"] == ["'none'"]
    assert "script-src" not in policy(answer)


@pytest.mark.parametrize("path", ["/page", "/kept", "/nowhere", "/away"])
async def test_every_answer_says_how_it_is_to_be_taken(path: str) -> None:
    answer = await ask(made(), path)
    assert security_headers.ALWAYS.items() <= {name.title().replace("Xss", "XSS"): value for name, value in answer.headers.items()}.items()
    assert answer.headers["cache-control"] == ("private, max-age=60" if path == "/kept" else "no-store")


async def test_only_who_came_over_tls_is_told_to_come_back_over_tls() -> None:
    assert "strict-transport-security" not in (await ask(made(), "/kept")).headers
    assert (await ask(made(), "/kept", "https://test")).headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "path", ["/", "/api/cities", "/openapi.json", "/healthz", "/nowhere", "/assets/tokens.css", "/scripts/0/map_page.js"]
)
async def test_the_whole_app_says_so_before_anybody_has_signed_in(database: str, path: str) -> None:
    answer = await ask(fresh_app(), path)
    assert security_headers.ALWAYS["X-Frame-Options"] == answer.headers["x-frame-options"]
    assert policy(answer)["default-src"] == ["'none'"]
    assert "server" not in answer.headers
