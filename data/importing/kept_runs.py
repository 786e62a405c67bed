"""Kept imports for stewards: a list, one import's report, and the rows that it rejected.

PostgreSQL decides whose imports a viewer may read. Who looks at rejected rows of the register, and who takes rejected rows away as a file,
is written to the audit log in the transaction that reads them.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from data.auditing import audit_log
from data.core.errors import GridwellError, NotOpen
from data.core.roles import IMPORTS
from data.core.settings import settings
from data.core.text import LARGEST_INTEGER
from data.core.viewer import Viewer
from data.database.locks import IMPORTING
from data.database.transactions import write_transaction
from data.importing.common.account import list_people_sources
from data.queries import imports as queries

Row = Mapping[str, Any]
RUNS, ROWS = 50, 50
"""Number of imports on one page of the list, and of rejected rows on one page of a report."""


class UnknownImport(GridwellError):
    status, code, sentence = 404, "unknown_import", "There is no such import, or it is of a city that is not wholly in your area."


class ManyRejected(GridwellError):
    status, code = 422, "many_rejected"
    sentence = (
        "More than {cap} rows. Choose one reason, or have them written at the server: ./gridwell report-of-import {run} --rejects FILE"
    )


@dataclass(frozen=True, slots=True)
class RunList:
    """Imports, the newest first, and whether there are older ones."""

    runs: Sequence[Row]
    more: bool


@dataclass(frozen=True, slots=True)
class KeptRun:
    """One import.

    Attributes:
        run: as kept, with its whole report.
        reasons: reasons of the rejected rows that are kept, and how many.
        rows: rejected rows of this page.
        more: whether there are further ones.
    """

    run: Row
    reasons: Sequence[tuple[str, int]]
    rows: Sequence[Row]
    more: bool


@asynccontextmanager
async def _stewards_transaction(viewer: Viewer) -> AsyncIterator[AsyncConnection]:
    if not viewer.may("imports"):
        raise NotOpen
    async with write_transaction(viewer, IMPORTS) as connection:
        yield connection


async def fetch_runs(before: int | None, viewer: Viewer) -> RunList:
    """The newest imports that a viewer may read.

    Args:
        before: only imports with smaller numbers, for the next page.

    Raises:
        NotOpen: the viewer may not see imports.
    """
    async with _stewards_transaction(viewer) as connection:
        found = await _rows(connection, queries.runs(IMPORTING, before, RUNS + 1))
    return RunList(found[:RUNS], len(found) > RUNS)


async def fetch_run(number: int, reason: str, after: int, viewer: Viewer) -> KeptRun:
    """One import and a page of the rows that it rejected. If rows of the register are among them, the audit log says who looked.

    Args:
        number: of the import.
        reason: only rows of this reason; empty for all.
        after: only rows with greater ids, for the next page.

    Raises:
        NotOpen: the viewer may not see imports.
        UnknownImport: there is no such import, or not for this viewer.
    """
    async with _stewards_transaction(viewer) as connection:
        run = await _find(connection, number)
        reasons = [(row["reason"], row["count"]) for row in await _rows(connection, queries.reasons(number))]
        rows = await _rows(connection, queries.rejected(number, reason, after, ROWS + 1))
        if {row["source"] for row in rows[:ROWS]} & list_people_sources(run["report"]):
            await connection.run_sync(audit_log.append, "list_people", f"import {number}", {"reason": reason} if reason else {})
    return KeptRun(run, reasons, rows[:ROWS], len(rows) > ROWS)


async def export_rejected(number: int, reason: str, viewer: Viewer) -> Sequence[Row]:
    """All rows that an import rejected, or those of one reason, for a file. The audit log says who took them.

    Raises:
        NotOpen, UnknownImport: see ``fetch_run``.
        ManyRejected: more rows than one answer may hold.
    """
    cap = settings().row_cap
    async with _stewards_transaction(viewer) as connection:
        await _find(connection, number)
        rows = await _rows(connection, queries.rejected(number, reason, 0, cap + 1))
        if len(rows) > cap:
            raise ManyRejected(cap=f"{cap:,}", run=number)
        told = {"format": "csv", **({"reason": reason} if reason else {})}
        await connection.run_sync(audit_log.append, "export", f"import {number}", told)
    return rows


async def _find(connection: AsyncConnection, number: int) -> Row:
    found = await _rows(connection, queries.run(IMPORTING, number)) if 0 < number <= LARGEST_INTEGER else []
    if not found:
        raise UnknownImport
    return found[0]


async def _rows(connection: AsyncConnection, statement: Executable) -> Sequence[Row]:
    return [dict(row) for row in (await connection.execute(statement)).mappings()]
