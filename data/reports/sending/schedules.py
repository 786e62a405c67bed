"""Schedules for the people who manage them: read, written, switched off, their runs, and what waits for approval."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from data.auditing import audit_log
from data.core.viewer import Viewer
from data.database.transactions import fetch, open_snapshot, write_transaction
from data.deadlines.calendar import Calendar
from data.deadlines.rows import make_calendar
from data.queries import deadlines as deadline_queries
from data.reports.sending import statements as queries
from data.reports.sending.model import (
    HEAD,
    MOST_SENT,
    BadSchedule,
    ScheduleChanged,
    ScheduleDraft,
    UnknownSchedule,
    check_draft,
    make_recipients,
    make_rhythm,
    rhythm_as_json,
)
from data.reports.sending.receipts import with_names

Act = Literal["approve", "decline", "resend"]
RUNS_SHOWN, SCHEDULES_SHOWN = 12, 100
OF_RUN, OF_ONE_RUN = 25, 200
"""So many deliveries of each run stand on the page of a schedule, and on a page of one run."""


@dataclass(frozen=True, slots=True)
class KeptSchedule:
    """A schedule as it is kept.

    Attributes:
        id: its number.
        city: code.
        timezone: of the city.
        area_name, area_name_en: of its area.
        draft: what it says.
        off: whether it is switched off.
        version: of it, to be named with a change.
        changed_at, changed_by: the last change.
    """

    id: int
    city: str
    timezone: str
    area_name: str
    area_name_en: str
    draft: ScheduleDraft
    off: bool
    version: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a schedule was due.

    Attributes:
        id, due_at, period, missed: of the run.
        deliveries: what went to whom: rows of ``report_delivery`` and its receipt, so many of ``of_all``.
        unseen: how many of all are not confirmed.
    """

    id: int
    due_at: datetime
    period: str
    missed: bool
    deliveries: tuple[Mapping[str, Any], ...]
    of_all: int = 0
    unseen: int = 0


async def list_schedules(viewer: Viewer, most: int = SCHEDULES_SHOWN, after: int = 0) -> list[KeptSchedule]:
    """The schedules that a viewer manages, by name and those that are switched off last: so many, after so many others."""
    return [_make(row) for row in await fetch(queries.SCHEDULES, viewer, {"most": most, "after": after})]


async def read_schedule(viewer: Viewer, number: int) -> KeptSchedule:
    """One of them.

    Raises:
        UnknownSchedule: there is none.
    """
    rows = await fetch(queries.SCHEDULE, viewer, {"id": number})
    if not rows:
        raise UnknownSchedule
    return _make(rows[0])


def _make(row: RowMapping) -> KeptSchedule:
    same = {name: row[name] for name in ("name", "kind", "step", "area", "level", "figures_only", "approval", "send_empty")}
    draft = ScheduleDraft(**same, rhythm=make_rhythm(row["rhythm"]), recipients=make_recipients(row["recipients"]))
    names = (row["area_name"] or row["area"], row["area_name_en"] or row["area_name"] or row["area"])
    changed = (row["changed_at"], row["changed_by"])
    return KeptSchedule(row["id"], row["city"], row["timezone"], *names, draft, row["off_at"] is not None, row["version"], *changed)


async def read_area_calendar(viewer: Viewer, area: str) -> Calendar:
    """The calendar of the city of an area.

    Raises:
        BadSchedule: the viewer manages no such area.
    """
    async with open_snapshot(viewer) as ask:
        rows = await ask(queries.AREA, {"area": area})
        if not rows or not rows[0]["reached"]:
            raise BadSchedule(reason=_REASONS["area"])
        city = {"city": rows[0]["city"]}
        hours, reach, days = [await ask(make(), city) for make in (deadline_queries.hours, deadline_queries.reach, deadline_queries.days)]
    held = [[tuple(row.values()) for row in rows_] for rows_ in (hours, reach, days)]
    return make_calendar(rows[0]["timezone"], held[0], held[1][0] if held[1] else None, held[2])  # type: ignore[arg-type]  # as selected


async def save_schedule(
    viewer: Viewer, draft: ScheduleDraft, number: int | None = None, version: int = 0, levels: Collection[str] = ()
) -> int:
    """Keep a schedule; returns its number. From now on it holds as it is written: what was due before stays as it was.

    Args:
        viewer: who writes it.
        draft: what it says.
        number: of one that is changed; ``None``: it is new.
        version: of that one, as the viewer saw it.
        levels: of areas for which such a report is made; empty: all.

    Raises:
        BadSchedule: it cannot be kept; the sentence says why.
        UnknownSchedule, ScheduleChanged: the one to change is gone, or somebody was faster.
    """
    check_draft(draft)
    async with write_transaction(viewer) as connection:
        city = await _check(connection, draft, levels)
        values = {
            **{name: getattr(draft, name) for name in ("name", "kind", "step", "area", "level", "figures_only", "approval", "send_empty")},
            "rhythm": rhythm_as_json(draft.rhythm),
            "recipients": [asdict(one) for one in draft.recipients],
            "city": city,
        }
        if number is None:
            made = (await connection.execute(queries.ADD, values)).scalar_one()
        else:
            if (await connection.execute(queries.SCHEDULE, {"id": number})).first() is None:
                raise UnknownSchedule
            made = (await connection.execute(queries.CHANGE, {**values, "id": number, "version": version})).scalar()
            if made is None:
                raise ScheduleChanged
        told = {"schedule": made, "kind": draft.kind, "recipients": len(draft.recipients), "new": number is None}
        told |= await _count_stopped(connection, made)
        await connection.run_sync(audit_log.append, "report_schedule", draft.area, told)
    return int(made)


async def _check(connection: Any, draft: ScheduleDraft, levels: Collection[str]) -> str:
    """Whether area and accounts exist; returns the city."""
    row = (await connection.execute(queries.AREA, {"area": draft.area})).mappings().first()
    if row is None or not row["reached"]:
        raise BadSchedule(reason=_REASONS["area"])
    if levels and (draft.level or row["level"]) not in levels:
        raise BadSchedule(reason=_REASONS["kind"])
    inside = {level for (level,) in await connection.execute(queries.LEVELS, {"area": draft.area})}
    if draft.level is not None and draft.level not in inside:
        raise BadSchedule(reason=_REASONS["level"])
    if draft.level is not None:
        areas = (await connection.execute(queries.AREAS, {"area": draft.area, "level": draft.level})).scalar_one()
        if sum(1 if one.area else areas for one in draft.recipients) > MOST_SENT:
            raise BadSchedule(reason=_REASONS["many"])
    wanted = sorted({one.area for one in draft.recipients if one.area})
    if wanted:
        bound = {"area": draft.area, "codes": wanted, "level": draft.level}
        if len((await connection.execute(queries.INSIDE, bound)).all()) < len(wanted):
            raise BadSchedule(reason=_REASONS["inside"])
    names = sorted({one.account for one in draft.recipients} - {HEAD})
    known = {name for name, _ in await connection.execute(queries.ACCOUNTS, {"names": names})}
    if missing := [name for name in names if name not in known]:
        raise UnknownRecipient(account=missing[0][:64])
    return str(row["city"])


class UnknownRecipient(BadSchedule):
    code = "unknown_recipient"
    sentence = "There is no account “{account}” that could see this city: each recipient is an account, under whose rights it is made."


_REASONS = {
    "area": "there is no such area in your own area.",
    "level": "there are no areas of this level inside.",
    "kind": "this kind of report is not made for areas of this level.",
    "many": "there would be more than 20,000 reports to send at once: name the area of each recipient, or fewer recipients.",
    "inside": "a recipient names an area of which there is no report.",
}


async def switch_schedule(viewer: Viewer, number: int, on: bool) -> None:
    """Switch a schedule on or off. What it had still to send is stopped; what was due while it was off is not caught up.

    Raises:
        UnknownSchedule: there is none.
    """
    async with write_transaction(viewer) as connection:
        if (await connection.execute(queries.SCHEDULE, {"id": number})).first() is None:
            raise UnknownSchedule
        row = (await connection.execute(queries.SWITCH, {"id": number, "on": on})).first()
        if row is not None:
            told = {"schedule": number, "on": on, **await _count_stopped(connection, number)}
            await connection.run_sync(audit_log.append, "report_schedule", row[0], told)


async def _count_stopped(connection: Any, number: int) -> dict[str, int]:
    """What had still to be sent and is not, because of this change; for the audit log."""
    count = (await connection.execute(queries.STOPPED, {"id": number})).scalar_one()
    return {"stopped": count} if count else {}


async def list_runs(viewer: Viewer, number: int, before: datetime | None = None, most: int = RUNS_SHOWN) -> list[Run]:
    """The newest runs of a schedule, with what went to whom: those first about which something is to be done, ``OF_RUN`` of each."""
    return await _runs(viewer, {"id": number, "before": before, "run": None, "most": most}, {"whole": False, "after": 0, "most": OF_RUN})


async def read_run(viewer: Viewer, number: int, run: int, after: int) -> Run | None:
    """One run of a schedule, with ``OF_ONE_RUN`` deliveries after so many others, by area; ``None``: there is none."""
    chosen = {"id": number, "before": None, "run": run, "most": 1}
    found = await _runs(viewer, chosen, {"whole": True, "after": after, "most": OF_ONE_RUN})
    return found[0] if found else None


async def _runs(viewer: Viewer, chosen: Mapping[str, Any], part: Mapping[str, Any]) -> list[Run]:
    async with open_snapshot(viewer) as ask:
        runs = await ask(queries.RUNS, chosen)
        deliveries = await with_names(ask, await ask(queries.DELIVERIES, {"runs": [run["id"] for run in runs], **part}))
    of: dict[int, list[Mapping[str, Any]]] = {}
    for row in deliveries:
        of.setdefault(row["run"], []).append(row)
    return [_make_run(run, of.get(run["id"], ())) for run in runs]


def _make_run(run: RowMapping, rows: Sequence[Mapping[str, Any]]) -> Run:
    counts = (rows[0]["of_all"], rows[0]["of_unseen"]) if rows else (0, 0)
    return Run(run["id"], run["due_at"], run["period"], run["missed"], tuple(rows), *counts)


async def list_waiting(viewer: Viewer) -> Sequence[Mapping[str, Any]]:
    """What waits for approval; ``of_all`` of each says how many there are."""
    async with open_snapshot(viewer) as ask:
        return await with_names(ask, await ask(queries.WAITING))


async def list_stuck(viewer: Viewer) -> Sequence[Mapping[str, Any]]:
    """What could not be sent in the last 30 days, or not yet; ``of_all`` of each says how many there are."""
    async with open_snapshot(viewer) as ask:
        return await with_names(ask, await ask(queries.STUCK))


_ACTS = {
    "approve": (queries.LET_GO, "report_approved"),
    "decline": (queries.DECLINE, "report_declined"),
    "resend": (queries.RESEND, "report_resent"),
}


async def act(viewer: Viewer, delivery: UUID, what: Act) -> bool:
    """Let a delivery go, keep it back, or have it tried again; whether it was there to be."""
    statement, action = _ACTS[what]
    async with write_transaction(viewer) as connection:
        row = (await connection.execute(statement, {"id": delivery})).first()
        if row is None:
            return False
        await connection.run_sync(audit_log.append, action, row[0], {"delivery": str(delivery), "report": str(row[1])})
    return True
