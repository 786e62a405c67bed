"""Forms of the pages outside the map: read within limits, and only when one of our own pages sent them."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data.accounts.secret_values import random_value
from data.accounts.transactions import Visitor
from data.core.errors import GridwellError
from data.core.text import storable
from routes.doors.page import NO_STORE
from routes.middleware.guard import session_key
from routes.shared import cookies
from routes.shared.csrf import FIELD, fits, from_elsewhere, token
from routes.shared.language import INSIDE

LONGEST = 8192
"""Bytes; what our forms hold is a few hundred."""
_MOST_FIELDS = 30


class NotOurForm(GridwellError):
    status, code = 403, "not_our_form"
    sentence = "The form was too old, or another page sent it. Open the page again and repeat what you did."


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form as they were sent; of a field that was sent twice, the last.

    Raises:
        NotOurForm: it does not carry this session's token, comes from elsewhere, or is no form of ours at all.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            raise NotOurForm()
    try:
        found = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise NotOurForm() from None
    if from_elsewhere(request.scope) or not fits(_key(request), found.get(FIELD, "")):
        raise NotOurForm()
    return {name: value for name, value in found.items() if storable(value)}


def csrf(request: Request) -> str:
    """The token for a page's forms; ``bind`` has to follow on the answer where nobody is signed in."""
    if not _key(request):
        request.state.visit = random_value()
    return token(_key(request))


def bind(request: Request, answer: Response) -> Response:
    """Set the cookie that the forms of an answer are bound to, where nobody is signed in."""
    if made := getattr(request.state, "visit", ""):
        cookies.give(answer, request.scope, "visit", made)
    return answer


def visitor(request: Request) -> Visitor:
    """Who is at the door, for the audit log."""
    inside = request.scope.get(INSIDE)
    viewer = inside.viewer if inside else None
    address = request.client.host if request.client else ""
    name, role = (viewer.name, viewer.role) if viewer else ("", "")
    return Visitor(name, role, address, request.headers.get("user-agent", ""))


def onwards(address: str) -> Response:
    """Go on to another page of ours after a form was taken."""
    return RedirectResponse(address, 303, NO_STORE)


def _key(request: Request) -> str:
    """What this visitor's forms are bound to: the session, or the visit where nobody is signed in."""
    inside = request.scope.get(INSIDE)
    if inside is not None:
        return str(inside.viewer.session)
    visit = getattr(request.state, "visit", "") or cookies.value(request.scope, "visit")
    return session_key(visit) if visit else ""
