"""Routes without the guard: every request comes from a viewer of the test's choice."""

from types import SimpleNamespace
from typing import cast

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from data.core.viewer import Lang, Viewer, everything
from routes.shared.language import INSIDE, asking, language


def let_in(app: FastAPI, viewer: Viewer | None = None) -> None:
    """Take every request for one of this viewer's; otherwise of somebody who may see everything. The last thing that is done to an app."""
    let = viewer or everything()

    async def known(request: Request) -> Viewer:
        return let.speaking(cast(Lang, language(request)))

    app.dependency_overrides[asking] = known
    app.add_middleware(_Inside, viewer=let)


class _Inside:
    """What the guard leaves in the scope of a request, for what looks there by itself."""

    def __init__(self, app: ASGIApp, viewer: Viewer) -> None:
        self.app, self.inside = app, SimpleNamespace(viewer=viewer, known=SimpleNamespace(lang=None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[INSIDE] = self.inside
        await self.app(scope, receive, send)
