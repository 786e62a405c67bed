"""The one place that turns an error into an answer: ``{"error": {"code", "sentence", "facts"}}`` in the reader's language.

A browser that loads a page gets the same sentence as a page, with a link to go on; where waiting helps, that page loads again by itself,
because nobody touches a wall display. The error's class holds the HTTP status. A traceback is
never shown to anybody; the server logs it.
"""

import logging
import random
from collections.abc import Mapping
from typing import Any

from dash.exceptions import DependencyException, PreventUpdate
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.core.errors import BadInput, GridwellError
from data.core.i18n import tell
from data.figures.types import ErrorAnswer
from routes.doors.error_page import render_error
from routes.doors.page import read_context, wants_html
from routes.shared.hidden_tokens import hide_token
from routes.shared.language import language

_log = logging.getLogger(__name__)

LONGEST_FACT = 200
LOOK_AGAIN_S = 60
"""A page with an error of ours that names no time loads again after this time at the earliest: by then somebody may have mended it."""


class NothingHere(GridwellError):
    status, code, sentence = 404, "nothing_here", "There is nothing at the address {path}."


class NotThisWay(GridwellError):
    status, code, sentence = 405, "not_this_way", "The address {path} does not accept {method}."


class Refused(GridwellError):
    status, code, sentence = 400, "refused", "The request could not be understood."


class Unforeseen(GridwellError):
    status, code, sentence = 500, "unforeseen", "Something went wrong on the server, and has been logged. Please try again."


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "What was asked cannot be used"},
    503: {"model": ErrorAnswer, "description": "The database does not answer, or too many are asking; Retry-After says when to come again"},
}
"""For the OpenAPI document: errors that every operation may answer with."""

_REASONS = {
    "int_parsing": "it is not a whole number",
    "float_parsing": "it is not a number",
    "greater_than_equal": "it is too small",
    "less_than_equal": "it is too large",
    "missing": "it is needed",
    "string_too_short": "it is too short",
    "string_too_long": "it is too long",
    "too_long": "there are too many",
}
"""Sentences for kinds of pydantic's errors; every other kind is ``_OTHERWISE``."""
_OTHERWISE = "it does not have the right form"


def install(app: FastAPI) -> None:
    """Answer every error of an app from here."""
    app.add_exception_handler(GridwellError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DependencyException, _no_such_file)
    # Errors of the middleware in front of the routes. Starlette raises them again after answering, so the server logs the traceback.
    app.add_exception_handler(Exception, _unforeseen)


def answer_json(error: GridwellError, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to one error."""
    _shorten(error)
    body = {"error": {"code": error.code, "sentence": tell(language(request), error), "facts": error.facts}}
    return JSONResponse(body, error.status, {"Cache-Control": "no-store", **_waiting(error), **(headers or {})})


def answer_error(error: GridwellError, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to one error: a page for a browser that loads one, JSON for programs."""
    if not wants_html(request):
        return answer_json(error, request, headers)
    _shorten(error)
    told = {**_waiting(error), **(headers or {})}
    page = render_error(read_context(request), error, _reload_after(request, error, told.get("Retry-After")))
    page.headers.update(told)
    return page


def _reload_after(request: Request, error: GridwellError, told: str | None) -> int | None:
    """Seconds after which a page with an error loads again; ``None`` where it must not, or where waiting does not help.

    A form is never sent again by itself: what it asked for may have been done.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    if told is not None:
        return int(told)
    return _spread(LOOK_AGAIN_S) if error.status >= 500 else None


def _waiting(error: GridwellError) -> dict[str, str]:
    """Seconds until the client should try again. It is random, so that clients that were refused together do not return together."""
    return {} if error.retry_s is None else {"Retry-After": str(_spread(error.retry_s))}


def _spread(least_s: int) -> int:
    return random.randint(least_s, 3 * least_s)


class UnforeseenErrors:
    """ASGI middleware directly around the routes: it logs an unexpected error and answers it like every other error.

    Without it, Dash's middleware, which is further out, would hide the error and answer in its own format.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer if it fails."""
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except PreventUpdate:  # Dash uses this exception to say that nothing changes
            raise
        except Exception:
            if started or scope["type"] != "http":
                raise
            request = Request(scope)
            _log.exception("%s %s", request.method, hide_token(request.url.path))
            await answer_error(Unforeseen(), request)(scope, receive, send)


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, GridwellError)  # noqa: S101 - Starlette calls a handler only for its own class
    return answer_error(error, request)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    field, reason = str(first["loc"][-1]), _REASONS.get(first["type"], _OTHERWISE)
    return answer_error(BadInput(field=field, value=first.get("input", ""), reason=reason), request)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    path, headers = request.url.path, error.headers
    if error.status_code == 404:
        return answer_error(NothingHere(path=path), request, headers)
    if error.status_code == 405:
        return answer_error(NotThisWay(path=path, method=request.method), request, headers)
    refused = answer_error(Refused(), request, headers)
    refused.status_code = error.status_code
    return refused


async def _no_such_file(request: Request, error: Exception) -> JSONResponse:
    """Answer Dash's error for a script that it does not have."""
    return answer_json(NothingHere(path=request.url.path), request)


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    return answer_json(Unforeseen(), request)


def _shorten(error: GridwellError) -> None:
    error.facts = {name: value if isinstance(value, int | float) else _short(value) for name, value in error.facts.items()}


def _short(value: object) -> str:
    """The sent text, cut to a length that fits into a sentence."""
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_FACT else text[: LONGEST_FACT - 1] + "…"
