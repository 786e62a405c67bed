"""Answers of the routes about people: a page for whoever asks."""

from starlette.requests import Request
from starlette.responses import Response

from data.core.text import parse_whole_number
from routes.doors.page import PageView, read_context, render_page
from routes.middleware.forms import bind, csrf
from routes.middleware.security_headers import nonce


def respond(request: Request, view: PageView) -> Response:
    """The page for a request; somebody who is not signed in gets the cookie to which its forms are bound."""
    answer = render_page(read_context(request), view, csrf=lambda: csrf(request), nonce=nonce(request.scope))
    return bind(request, answer)


def reader_language(request: Request) -> str:
    """Language of the pages for a request."""
    return read_context(request).lang


def parse_number(text: str) -> int:
    """A number from a form; what is none, or does not fit the database, is 0, which no row has."""
    return parse_whole_number(text) or 0
