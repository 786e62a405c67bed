"""All private parts of Dash that Gridwell uses. No other file may use a private name of Dash (``tests/house/test_internals.py``).

Written for Dash 4.4, whose FastAPI backend is new and has no public names for these three:

* ``dash.backends._fastapi.get_current_request``: the request behind a layout or a callback. Dash's public ``callback_context`` gives
  cookies and headers only, and nothing while a layout is made; we need the request's ASGI scope, where the guard has left the viewer.
* ``Dash._initialize_context``: the first thing that Dash does with the body of a callback's request. Dash checks nothing of that body,
  so we check it here, before anything inside Dash fails on it.
* ``dash.backends._fastapi.DashMiddleware``: middleware that Dash adds to the server by itself; ``routes/middleware/stack.py`` shows
  its place.

When ``tests/callbacks/test_dash_internals.py`` fails after an update of Dash: read ``dash/backends/_fastapi.py`` and
``Dash._initialize_context`` of the new version, look for a public way first, and change this file only.
"""

from typing import Any

from dash import Dash
from dash.backends._fastapi import DashMiddleware, get_current_request
from fastapi import Request

from callbacks.request_check import check_request

__all__ = ["CheckedDash", "DashMiddleware", "current_request"]


def current_request() -> Request:
    """The request that Dash is answering.

    Raises:
        RuntimeError: Dash is not answering any.
    """
    request: Request = get_current_request()
    return request


class CheckedDash(Dash):
    """Dash with a check: the body of each callback's request is checked before Dash uses it."""

    def _initialize_context(self, body: Any) -> Any:
        """Refuse a body that the page's own script would not send; otherwise let Dash make the callback's context."""
        check_request(body, self.callback_map)
        return super()._initialize_context(body)
