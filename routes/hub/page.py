"""The data hub as a page. What it shows comes from the machine door; this route gives the frame."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.figures.reports import fetch_start
from pages.hub_link import HUB
from routes.hub.frame import describe_hub
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared import csrf, scripts

router = APIRouter(include_in_schema=False)


@router.get(HUB)
async def show_hub(request: Request) -> Response:
    """The frame of the page. Its state is in the address, which the page's script reads."""
    viewer = inside(request).viewer
    view = describe_hub(
        reader_language(request),
        viewer,
        start=await fetch_start(viewer),
        csrf=csrf.token(viewer.session),
        script=scripts.address(scripts.HUB),
        live_worker=scripts.address(scripts.LIVE_WORKER),
    )
    return respond(request, view)
