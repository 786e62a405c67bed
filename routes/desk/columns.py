"""The columns of the desk's table, kept with the account."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.cases.saved.settings import keep_columns
from routes.api.case_bodies import read_body
from routes.middleware.guard import inside

router = APIRouter(include_in_schema=False)


@router.post("/desk/columns")
async def post_columns(request: Request) -> Response:
    """``columns``: what is shown, in this order, each with its ``id`` and its ``width`` in pixels, or null."""
    await keep_columns((await read_body(request)).get("columns"), inside(request).viewer)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
