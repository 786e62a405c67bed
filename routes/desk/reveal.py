"""A telephone number in full, for whoever may open records: with a purpose, and written to the audit log before it is answered."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from data.cases.reading import find_row
from data.core.errors import BadInput
from data.core.viewer import Viewer
from data.people import register
from data.people.register import Revealed
from routes.api.case_bodies import read_body
from routes.middleware.guard import inside

router = APIRouter(include_in_schema=False)

_TEXTS = ("of", "key", "purpose")


@router.post("/desk/reveal")
async def reveal(request: Request) -> Response:
    """``of``: ``head`` of the area ``key``; or ``unit`` or ``reporter`` (of the case) ``key`` of the ``city``; and the ``purpose``."""
    body = await read_body(request)
    for name in (*_TEXTS, *(("city",) if body.get("of") in ("reporter", "unit") else ())):
        if not isinstance(body.get(name), str):
            raise BadInput(field=name, value=str(body.get(name, "")), reason="it is needed")
    found = await _reveal(body["of"], body["key"], body.get("city"), body["purpose"], inside(request).viewer)
    return JSONResponse({"name": found.name, "phone": found.phone}, headers={"Cache-Control": "no-store"})


async def _reveal(of: str, key: str, city: str | None, purpose: str, viewer: Viewer) -> Revealed:
    if of == "head":
        return await register.reveal_head(key, purpose, viewer)
    if of == "unit":
        return await register.reveal_unit(city or "", key, purpose, viewer)
    if of == "reporter":
        row = await find_row(key, city, viewer)
        return await register.reveal_reporter(f"{row['district']}:{row['id']}", purpose, viewer)
    raise BadInput(field="of", value=of, reason="it does not have the right form")
