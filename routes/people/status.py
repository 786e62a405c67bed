"""The page that tells administrators how the installation is: reasons for worry, and a few numbers."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.upkeep.conditions import read_conditions
from routes.doors.status import STATUS, describe_conditions
from routes.people.pages import reader_language, respond

router = APIRouter(include_in_schema=False)


@router.get(STATUS)
async def show_status(request: Request) -> Response:
    """The page."""
    found = await asyncio.to_thread(read_conditions)
    return respond(request, describe_conditions(reader_language(request), found))
