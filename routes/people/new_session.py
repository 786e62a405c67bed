"""What follows a successful step at the door: a session's cookie, and the next page."""

from starlette.requests import Request
from starlette.responses import Response

from data.accounts.signin import NewSession
from routes.doors import frame
from routes.middleware.forms import onwards
from routes.middleware.guard import STEPS
from routes.shared import cookies


def welcome(request: Request, entered: NewSession, target: str) -> Response:
    """Hand the new session over and go on: to what is still wanted, or to where one wanted to go."""
    step = STEPS.get(entered.state)
    answer = onwards(target if step is None else f"{step}?{frame.query(next=target)}")
    cookies.give(answer, request.scope, "session", entered.value)
    cookies.take(answer, request.scope, "visit")
    return answer
