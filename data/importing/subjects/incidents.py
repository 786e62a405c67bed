"""Incidents: service requests, cases, crashes, crimes."""

import datetime as dt
from typing import Any

import orjson

from data.importing.batch import Batch
from data.importing.context import Context
from data.importing.model import IncidentSource
from data.importing.placed import Subject
from data.importing.sheet import Values
from data.importing.vocabulary import CHANNEL_WORDS, STAGE_WORDS
from data.schema import CLOSED_STAGES, STAGES, incident

COLUMNS = (
    *("number", "category", "channel", "stage", "paused", "reported_at", "due_at", "closed_at"),
    *("title", "address", "handler", "attributes"),
)


def prepare(batch: Batch, source: IncidentSource, context: Context) -> None:
    """Fill the fields of one file's incidents."""
    columns = source.columns
    batch.moment("reported_at", columns.reported_at, needed=True)
    batch.moment("due_at", columns.due_at)
    batch.moment("closed_at", columns.closed_at)
    for field in ("number", "category", "channel", "status"):
        batch.key(field, getattr(columns, field))
    for field in ("title", "address", "handler"):
        batch.text(field, getattr(columns, field))
    for name, spec in source.attributes.items():
        batch.text(f"attributes.{name}", spec)
    _future(batch, source, context.moment)
    _stages(batch, source)
    _channels(batch, source)
    _closings(batch, source)
    column = _shown(source, "category")
    context.books["incident"].resolve(batch, "category", column, source.unknown_category)


def _shown(source: IncidentSource, field: str) -> str:
    spec = getattr(source.columns, field)
    return "" if spec is None else spec.column or spec.template or " / ".join(spec.first or []) or str(spec.value)


def _future(batch: Batch, source: IncidentSource, moment: dt.datetime) -> None:
    """Nothing is reported or closed after the moment the figures stand for; deadlines may lie ahead."""
    if source.future_dates == "keep":
        return
    for field in ("reported_at", "closed_at"):
        values = batch.fields[field]
        for i in batch.living():
            if values[i] is not None and values[i] > moment:
                if source.future_dates == "drop" and field == "closed_at":
                    values[i] = None
                    batch.repair("future_dropped")
                else:
                    batch.reject(i, "future_date", _shown(source, field), values[i].isoformat())


def _lookup(declared: Any, fallback: Any) -> dict[str, str]:
    """Stage or channel by the value that means it; what the profile lists goes before words known anyway."""
    known = {word.casefold(): name for name, words in fallback.items() for word in (name, *words)}
    return known | {str(value).strip().casefold(): name for name, values in declared.items() for value in values}


def _stages(batch: Batch, source: IncidentSource) -> None:
    known = _lookup(source.stages, {**dict.fromkeys(STAGES, ()), **STAGE_WORDS})
    status, closed = batch.fields["status"], batch.fields["closed_at"]
    stages: Values = [None] * len(batch)
    paused: Values = [False] * len(batch)
    for i in batch.living():
        if status[i] is None:
            stages[i] = "reported" if closed[i] is None else "closed"
            continue
        found = known.get(status[i].casefold())
        if found is None:
            batch.reject(i, "unknown_status", _shown(source, "status"), status[i])
        paused[i] = found == "paused"
        stages[i] = "in_progress" if paused[i] else found
    batch.fields["stage"], batch.fields["paused"] = stages, paused


def _channels(batch: Batch, source: IncidentSource) -> None:
    known = _lookup(source.channels, CHANNEL_WORDS)
    values = batch.fields["channel"]
    for i in batch.living():
        found = source.channel if values[i] is None else known.get(values[i].casefold())
        if found is None:
            batch.reject(i, "unknown_channel", _shown(source, "channel"), values[i])
        values[i] = found


def _closings(batch: Batch, source: IncidentSource) -> None:
    """A closing time stands exactly at closed cases, and never before the report."""
    reported, due, closed = (batch.fields[f] for f in ("reported_at", "due_at", "closed_at"))
    stages = batch.fields["stage"]
    for i in batch.living():
        if stages[i] not in CLOSED_STAGES:
            if closed[i] is not None:
                closed[i] = None
                batch.repair("closing_ignored")
            continue
        if closed[i] is None:
            closed[i] = _stand_in(source, reported[i], due[i])
            if closed[i] is None:
                batch.reject(i, "closed_without_date")
                continue
            batch.repair("closing_filled")
        if closed[i] < reported[i]:
            closed[i] = _second_run(closed[i], reported[i])
        if closed[i] < reported[i] and closed[i].fold == 0:
            if source.closed_before_reported == "reject":
                batch.reject(i, "closed_before_reported", _shown(source, "closed_at"), closed[i].isoformat())
                continue
            closed[i] = reported[i]
            batch.repair("closing_moved")


def _second_run(closed: dt.datetime, reported: dt.datetime) -> dt.datetime:
    """In the hour that a change of clocks repeats, a closing that seems to come before its report happened the second time round."""
    later = closed.replace(fold=1)
    return later if later.utcoffset() != closed.utcoffset() and later.astimezone(dt.UTC) >= reported.astimezone(dt.UTC) else closed


def _stand_in(source: IncidentSource, reported: dt.datetime, due: dt.datetime | None) -> dt.datetime | None:
    if source.closed_without_date == "use_due" and due is not None:
        return max(due, reported)
    return reported if source.closed_without_date == "use_reported" else None


def row(batch: Batch, i: int) -> tuple[Any, ...]:
    """Values of ``COLUMNS`` for one incident."""
    value = {field: values[i] for field, values in batch.fields.items()}
    attributes = {k.split(".", 1)[1]: v for k, v in value.items() if k.startswith("attributes.") and v is not None}
    return (
        value["number"] or value["key"],
        *(value[f] for f in ("category", "channel", "stage", "paused", "reported_at", "due_at", "closed_at")),
        value["title"] or "",
        value["address"],
        value["handler"],
        orjson.dumps(attributes).decode(),
    )


SUBJECT = Subject("incidents", incident, "point", COLUMNS, prepare, row, {})
