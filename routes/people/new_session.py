"""The answer to a successful step of signing in: a session's cookie, and the next page."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from data.accounts.signin import NewSession
from routes.middleware.forms import onwards
from routes.middleware.guard import STEPS
from routes.shared import cookies


def start_session(request: Request, entered: NewSession, target: str) -> Response:
    """Set the new session's cookie and redirect to the next needed step, or to the target."""
    step = STEPS.get(entered.state)
    answer = onwards(target if step is None else f"{step}?{urlencode({'next': target})}")
    cookies.give(answer, request.scope, "session", entered.value)
    cookies.take(answer, request.scope, "visit")
    return answer
