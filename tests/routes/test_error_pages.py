"""Pages that say what is wrong: where waiting helps, they load again by themselves, and a form that was sent never does."""

import re
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from data.concurrency.queue import SlotQueue
from data.core.errors import Busy, GridwellError, NotOpen, NotReady, TooSlow, UnknownArea
from routes import errors
from routes.errors import LOOK_AGAIN_S, Unforeseen, answer_error
from routes.middleware.queued_requests import QueuedRequests
from routes.middleware.rate_limits import RateLimits, TooOften

PAGE = {"accept": "text/html,*/*", "accept-language": "en"}
ITSELF = "This page tries again by itself."


def failing(error: Callable[[], GridwellError]) -> FastAPI:
    """Every address answers with this error."""
    app = FastAPI()
    errors.install(app)

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def fail(path: str) -> None:
        raise error()

    return app


async def ask(app: object, method: str = "GET", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:  # type: ignore[arg-type]
        return await http.request(method, "/some/where?a=1&lang=en", headers={**PAGE, **headers})


def reload_s(answer: httpx.Response) -> int | None:
    """Seconds after which the browser loads the page again. Without an address, because it stays the same."""
    found = re.findall(r'<meta http-equiv="refresh" content="([^"]*)">', answer.text)
    assert len(found) <= 1 and (ITSELF in answer.text) == bool(found)
    return int(found[0]) if found else None


@pytest.mark.parametrize(("error", "least"), [(Busy, 1), (NotReady, 2), (lambda: TooSlow(limit_ms=2000), 10)])
async def test_a_page_that_may_soon_answer_loads_again_when_the_header_says(error: Callable[[], GridwellError], least: int) -> None:
    seen = set()
    for _ in range(60):
        answer = await ask(failing(error))
        assert (answer.status_code, reload_s(answer)) == (503, int(answer.headers["retry-after"]))
        seen.add(reload_s(answer))
    assert min(filter(None, seen)) >= least and max(filter(None, seen)) <= 3 * least
    assert len(seen) > 1, "not all that were refused together come back together"
    assert 'href="/some/where?a=1"' in answer.text, "and whoever is in a hurry has a link"


async def test_a_page_with_a_fault_of_ours_looks_again_after_a_while() -> None:
    answer = await ask(failing(Unforeseen))
    assert answer.status_code == 500 and "retry-after" not in answer.headers
    assert LOOK_AGAIN_S <= (reload_s(answer) or 0) <= 3 * LOOK_AGAIN_S


@pytest.mark.parametrize("error", [lambda: UnknownArea(code="x"), NotOpen])
async def test_a_page_for_which_waiting_does_not_help_stays(error: Callable[[], GridwellError]) -> None:
    answer = await ask(failing(error))
    assert answer.status_code in {403, 404} and reload_s(answer) is None


@pytest.mark.parametrize("error", [Busy, NotReady, Unforeseen])
async def test_a_form_is_never_sent_again_by_itself(error: Callable[[], GridwellError]) -> None:
    answer = await ask(failing(error), "POST")
    assert answer.headers["content-type"].startswith("text/html")
    assert reload_s(answer) is None


async def test_programs_get_json() -> None:
    answer = await ask(failing(Busy), accept="application/json")
    assert answer.json()["error"]["code"] == "busy" and answer.headers["retry-after"]


async def test_a_page_that_came_too_often_loads_again_when_it_may() -> None:
    app = RateLimits(failing(Busy), factor=1e-9)
    await ask(app)
    answer = await ask(app)
    assert answer.status_code == 429 and (reload_s(answer) or 0) == int(answer.headers["retry-after"]) > 1
    assert "One moment" in answer.text


async def test_a_page_that_finds_the_queue_full_loads_again() -> None:
    queue = SlotQueue(1, 0, 1.0)
    with await queue.acquire():
        answer = await ask(QueuedRequests(failing(NotOpen), queue))
    assert (answer.status_code, reload_s(answer)) == (503, int(answer.headers["retry-after"]))


async def test_the_time_that_an_answer_names_itself_counts() -> None:
    app = FastAPI()
    app.add_exception_handler(TooOften, lambda request, error: answer_error(error, request, {"Retry-After": "7"}))  # type: ignore[arg-type]

    @app.get("/{path:path}")
    async def fail(path: str) -> None:
        raise TooOften(7)

    assert reload_s(await ask(app)) == 7
