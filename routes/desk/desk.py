"""The desk's page. What it shows comes from the machine door; this route gives the frame, its sentences and who is asking."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.cases.many.sending import has_rules
from data.cases.saved.settings import fetch_columns
from data.figures.reports import fetch_start
from data.organisation.membership import fetch_own_units
from routes.desk.table_files import list_addresses
from routes.doors.desk import DESK, Kept, describe_desk
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared import csrf, scripts

router = APIRouter(include_in_schema=False)


@router.get(f"{DESK}/sign-out.js")
async def get_sign_out_script() -> Response:
    """What takes drafts away from the browser when somebody signs out; its address is without a version, as it stands in a plain page."""
    return Response(scripts.script(scripts.SIGN_OUT), media_type="text/javascript", headers={"Cache-Control": "private, no-cache"})


@router.get(DESK)
async def show_desk(request: Request) -> Response:
    """The frame of the desk, for whoever may see single cases. Its state is in the address, which the page's script reads."""
    viewer = inside(request).viewer
    view = describe_desk(
        reader_language(request),
        viewer,
        start=await fetch_start(viewer),
        units=await fetch_own_units(viewer),
        csrf=csrf.token(viewer.session),
        scripts=(*list_addresses(), scripts.address(scripts.DESK)),
        live_worker=scripts.address(scripts.LIVE_WORKER),
        kept=Kept(await fetch_columns(viewer), await has_rules(viewer)),
    )
    return respond(request, view)
