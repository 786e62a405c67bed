"""``GET /healthz``: whether the process and the database answer, how new the data is, and how busy the process is. Open to everybody."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.concurrency.queue import SlotQueue
from data.core.errors import Busy, GridwellError, NotReady
from data.core.version import product_version
from data.core.viewer import Viewer
from data.database.transactions import check_server, fetch
from data.queries.health import newest_data
from data.upkeep.conditions import read_conditions
from routes.api.examples import HEALTH, answer_example

router = APIRouter(tags=["health"])

_asking: PerLoop[AnswerCache[int]] = PerLoop(lambda: AnswerCache(0))
"""Stores nothing, but simultaneous requests share one answer: this address is open to everybody and has no queue, so it must
never use more than one connection."""


@router.get(
    "/healthz",
    summary="Whether the process and the database are well",
    responses={
        200: {"description": "All is well", **answer_example(HEALTH)[200]},
        503: {"description": "The database does not answer or is not ready"},
    },
)
async def healthz(request: Request) -> JSONResponse:
    """Say how the process and the database are, and which version of the data is served."""
    # An operator sees to the reasons (the page "State of the server" says more); people are served all the same.
    looks: SlotQueue = request.app.state.query_queue
    state: dict[str, object] = {
        "process": "ok",
        "database": "ok",
        "data_version": None,
        "version": product_version(),
        "full": looks.full,
        "waiting": looks.waiting,
        "reasons": list(dict.fromkeys(reason.code for reason in read_conditions().reasons)),
    }
    try:
        state["data_version"] = await _asking().get("data_version", _newest)
    except Busy:  # busy, but well: a supervisor must not restart the process for that
        state["full"] = True
    except GridwellError as error:
        state["database"] = error.code
    except DBAPIError:
        state["database"] = "not_migrated"
    well = state["database"] == "ok"
    again = {} if well else {"Retry-After": str(NotReady.retry_s)}
    return JSONResponse(state, status_code=200 if well else 503, headers={"Cache-Control": "no-store", **again})


async def _newest() -> CacheEntry[int]:
    try:
        rows = await fetch(newest_data(), Viewer.nobody())
    except Busy:
        await check_server()  # all connections are in use: by many readers, or because the server answers none of them
        raise
    return CacheEntry(rows[0]["data_version"], weight=1)
