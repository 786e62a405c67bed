"""The page of figures. What it shows comes from the machine door; this route gives the frame, its sentences and who is asking."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.figures.reports import fetch_start
from data.organisation.membership import fetch_own_units
from routes.desk.chart_files import plotly_address
from routes.doors.figures import FIGURES, FiguresScripts, describe_figures
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared import csrf, scripts

router = APIRouter(include_in_schema=False)


@router.get(FIGURES)
async def show_figures(request: Request) -> Response:
    """The frame of the page, for everybody. Its state is in the address, which the page's script reads."""
    viewer = inside(request).viewer
    view = describe_figures(
        reader_language(request),
        viewer,
        start=await fetch_start(viewer),
        units=await fetch_own_units(viewer),
        csrf=csrf.token(viewer.session),
        scripts=FiguresScripts(scripts.address(scripts.FIGURES), scripts.address(scripts.LIVE_WORKER), plotly_address()),
    )
    return respond(request, view)
