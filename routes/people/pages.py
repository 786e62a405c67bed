"""Answers of the routes about people: a page in the reader's language."""

from starlette.requests import Request
from starlette.responses import Response

from data.core.text import parse_whole_number
from routes.doors.page import PageView, read_context, render_page
from routes.middleware.forms import bind, csrf
from routes.middleware.security_headers import nonce


def respond(request: Request, view: PageView) -> Response:
    """The page for a request; a person who is not signed in also gets the cookie that the page's forms are bound to."""
    answer = render_page(read_context(request), view, csrf=lambda: csrf(request), nonce=nonce(request.scope))
    return bind(request, answer)


def reader_language(request: Request) -> str:
    """Language of the pages for a request."""
    return read_context(request).lang


def parse_number(text: str) -> int:
    """A number from a form. A text that is not a number, or a number too large for the database, becomes 0, which no row has."""
    return parse_whole_number(text) or 0
