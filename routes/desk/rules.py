"""The page of rules and calendars. What it shows comes from the machine door; this route gives the frame."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.figures.reports import fetch_start
from routes.doors.rules import RULES, describe_rules
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared import csrf, scripts

router = APIRouter(include_in_schema=False)


@router.get(RULES)
async def show_rules(request: Request) -> Response:
    """The frame of the page, for whoever may see single cases. Its state is in the address, which the page's script reads."""
    viewer = inside(request).viewer
    token = csrf.token(viewer.session)
    view = describe_rules(reader_language(request), viewer, await fetch_start(viewer), token, scripts.address(scripts.RULES))
    return respond(request, view)
