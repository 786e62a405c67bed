"""Forms of the pages outside the map: read within limits, and only when one of our own pages sent them."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data.accounts.secret_values import random_value
from data.accounts.transactions import Visitor
from data.core.errors import GridwellError
from data.core.text import storable
from routes.doors.page import NO_STORE
from routes.middleware.identification import session_key
from routes.shared import cookies
from routes.shared.csrf import FIELD, fits, from_elsewhere, token
from routes.shared.language import INSIDE

LONGEST = 65_536
"""In bytes; most of our forms hold a few hundred, a schedule of reports 5,000 letters, of which a Chinese one takes nine."""
_MOST_FIELDS = 30


class NotOurForm(GridwellError):
    status, code = 403, "not_our_form"
    sentence = "The form was too old, or another page sent it. Open the page again and repeat what you did."


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form as they were sent; if a field was sent twice, its last value.

    Raises:
        NotOurForm: the form does not carry this session's token, comes from another site, or is not one of our forms.
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
    """The token for a page's forms; if nobody is signed in, ``bind`` must be called on the answer."""
    if not _key(request):
        request.state.visit = random_value()
    return token(_key(request))


def bind(request: Request, answer: Response) -> Response:
    """If nobody is signed in, set the cookie that the forms of an answer are bound to."""
    if made := getattr(request.state, "visit", ""):
        cookies.give(answer, request.scope, "visit", made)
    return answer


def visitor(request: Request) -> Visitor:
    """Who sent the request, for the audit log."""
    inside = request.scope.get(INSIDE)
    viewer = inside.viewer if inside else None
    address = request.client.host if request.client else ""
    name, role = (viewer.name, viewer.role) if viewer else ("", "")
    return Visitor(name, role, address, request.headers.get("user-agent", ""))


def onwards(address: str) -> Response:
    """Redirect to another of our pages after a form was accepted."""
    return RedirectResponse(address, 303, NO_STORE)


def _key(request: Request) -> str:
    """The secret that this visitor's forms are bound to: the session's, or the visit's if nobody is signed in."""
    inside = request.scope.get(INSIDE)
    if inside is not None:
        return str(inside.viewer.session)
    visit = getattr(request.state, "visit", "") or cookies.value(request.scope, "visit")
    return session_key(visit) if visit else ""
