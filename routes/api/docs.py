"""``GET /docs``: the machine interface, documented only from the app's own OpenAPI document."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from data.core.errors import GridwellError
from data.core.viewer import Viewer
from data.figures.reports import fetch_start
from routes.api.docs_page import read_document
from routes.api.examples import DEMO_CITY
from routes.middleware.security_headers import nonce
from routes.shared.language import asking, language
from routes.shared.templates import render

router = APIRouter()


@router.get("/docs", include_in_schema=False)
async def show_docs(request: Request, who: Annotated[Viewer, Depends(asking)]) -> HTMLResponse:
    """The page, in the reader's language."""
    lang = language(request)
    document: dict[str, Any] = request.app.openapi()
    try:
        city = await fetch_start(who)
    except GridwellError:  # without data the page still describes the shapes of answers
        city = DEMO_CITY
    page = read_document(document, lang, str(request.base_url).rstrip("/"), city)
    html = render(page.template, lang, view=page, nonce=nonce(request.scope))
    return HTMLResponse(html, headers={"Cache-Control": "private, no-cache"})
