"""The queue of reports, on the side of the printer: what it takes under a lease, what it tells meanwhile, and what it gives back.

All of it runs under a database role that reads no city. A lease ends two minutes after the printer was heard of last.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from data.auditing.owner_entries import KEEPER
from data.core.errors import GridwellError, Passing
from data.core.roles import PRINTER
from data.core.viewer import Viewer
from data.database.connections import connect_async
from data.database.transactions import write_transaction
from data.migrations.reports.kept_0047 import CHANNEL
from data.reports import statements as queries
from data.reports.errors import PrinterLost
from data.reports.requests import Request, make_request

_log = logging.getLogger(__name__)

AGAIN_S, HEAR_S = 5.0, 20.0
"""Before a lost connection is made again; and how long one is listened to before it is asked whether it still lives."""
_WHO = Viewer(name=KEEPER)


async def take_request(printer: uuid.UUID) -> Request | None:
    """Take the next report to be made: one that waits, or one that another printer died on."""
    row = await _first(queries.TAKE_REQUEST, {"printer": printer})
    return None if row is None else make_request(row)


async def tell_progress(of_id: uuid.UUID, printer: uuid.UUID, progress: Mapping[str, Any]) -> None:
    """Say how far a report is, and renew its lease; a database that is away is no reason to stop."""
    await _quietly(queries.BEAT_REQUEST, {"id": of_id, "printer": printer, "progress": json.dumps(progress)})


async def finish_request(
    of_id: uuid.UUID, printer: uuid.UUID, content: bytes, facts: Mapping[str, Any], changes: list[dict[str, Any]] | None
) -> None:
    """Store what was made; nothing happens where the lease is over and another printer has it."""
    told = {"content": content, "facts": json.dumps(facts), "changes": None if changes is None else json.dumps(changes)}
    await _do(queries.MADE, {"id": of_id, "printer": printer, **told})


async def fail_request(of_id: uuid.UUID, printer: uuid.UUID, error: GridwellError) -> None:
    """Say why a report cannot be made. For a reason that passes it waits again, once."""
    statement = queries.LATER if isinstance(error, Passing) else queries.FAILED
    await _do(statement, {"id": of_id, "printer": printer, "problem": _problem(error)})


async def read_corrected(of_id: uuid.UUID) -> RowMapping:
    """``no``, ``content`` and ``issued_at`` of an issued report that another one corrects."""
    row = await _first(queries.CORRECTED, {"id": of_id})
    assert row is not None  # noqa: S101 - issued reports stay
    return row


async def take_file(printer: uuid.UUID) -> tuple[uuid.UUID, str, bytes] | None:
    """Take the next file to be written: id of the report, form, and what the report holds."""
    while (row := await _first(queries.TAKE_WISH, {"printer": printer})) is not None:
        found = await _first(queries.TO_WRITE, {"id": row["id"]})
        if found is not None and found["content"] is not None:
            return row["id"], row["form"], bytes(found["content"])
        await _do(queries.NO_WISH, {"id": row["id"], "form": row["form"], "printer": printer})  # the preview is over
    return None


async def renew_file(of_id: uuid.UUID, form: str, printer: uuid.UUID) -> None:
    """Renew the lease of a file; a database that is away is no reason to stop."""
    await _quietly(queries.BEAT_WISH, {"id": of_id, "form": form, "printer": printer})


async def keep_file(of_id: uuid.UUID, form: str, content: bytes) -> None:
    """Keep a file that was written; the first one stays."""
    await _do(queries.KEEP, {"id": of_id, "form": form, "content": content})


async def fail_file(of_id: uuid.UUID, form: str, printer: uuid.UUID, error: GridwellError) -> None:
    """Say why a file cannot be written."""
    await _do(queries.WISH_FAILED, {"id": of_id, "form": form, "printer": printer, "problem": _problem(error)})


async def release(printer: uuid.UUID) -> None:
    """Give back whatever a printer has when it ends."""
    for statement in (queries.RELEASE, queries.RELEASE_WISHES):
        await _quietly(statement, {"printer": printer})


async def tidy() -> None:
    """Give up what two printers died on, and delete requests and previews of a day ago."""
    lost = _problem(PrinterLost())
    for statement, values in (
        (queries.LOST, {"problem": lost}),
        (queries.LOST_WISHES, {"problem": lost}),
        (queries.FORGET, {"hours": queries.KEPT_H}),
        (queries.FORGET_WISHES, {}),
    ):
        await _do(statement, values)


async def hear_news(tell: Callable[[], None]) -> None:
    """Call ``tell`` whenever something is put into the queue, until cancelled; a lost connection is made again."""
    while True:
        try:
            connection = await connect_async("gridwell printer")
            try:
                await connection.execute(f"LISTEN {CHANNEL}")
                while True:
                    async for _ in connection.notifies(timeout=HEAR_S):
                        tell()
                    await connection.execute("SELECT 1")  # a server that stands still says nothing; a quiet one answers
            finally:
                await connection.close()
        except (psycopg.Error, GridwellError, OSError) as error:
            _log.warning("news of reports are not heard, trying again: %s", error)
        await asyncio.sleep(AGAIN_S)


async def _do(statement: Any, values: Mapping[str, Any]) -> None:
    async with write_transaction(_WHO, PRINTER) as connection:
        await connection.execute(statement, dict(values))


async def _quietly(statement: Any, values: Mapping[str, Any]) -> None:
    with suppress(GridwellError, DBAPIError):
        await _do(statement, values)


async def _first(statement: Any, values: Mapping[str, Any]) -> RowMapping | None:
    async with write_transaction(_WHO, PRINTER) as connection:
        return (await connection.execute(statement, dict(values))).mappings().first()


def _problem(error: GridwellError) -> str:
    return json.dumps({"status": error.status, "code": error.code, "sentence": error.sentence, "facts": error.facts}, default=str)
