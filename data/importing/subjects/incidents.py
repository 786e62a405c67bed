"""Incidents: service requests, cases, crashes, crimes."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.clean_text import fold_word
from data.importing.common.columns import Mask, Values, has_value, map_values, to_mask, value_at
from data.importing.common.sentences import Sentence
from data.importing.landing.context import Context
from data.importing.landing.objects import Subject
from data.importing.landing.reporters import stage_reporters
from data.importing.profile.model import IncidentSource
from data.importing.profile.vocabulary import CHANNEL_WORDS, SEVERITY_WORDS, STAGE_WORDS
from data.importing.rows import date_columns
from data.importing.rows.batch import Batch
from data.importing.rows.reading import blank_rows
from data.importing.subjects.facilities import make_attributes
from data.rollup.incident_parts import AMBER
from data.schema import CLOSED_STAGES, OPEN_STAGES, STAGES, incident

COLUMNS = (
    *("number", "category", "channel", "severity", "stage", "paused", "reported_at", "due_at", "closed_at"),
    *("reported_is_day", "due_is_day", "closed_is_day", "title", "address", "handler", "unit", "attributes"),
)
_MOMENTS = ("reported_at", "due_at", "closed_at")


def prepare(batch: Batch, source: IncidentSource, context: Context) -> None:
    """Fill the fields of one file's incidents."""
    columns = source.columns
    batch.read_moment("reported_at", columns.reported_at, needed=True)
    batch.read_moment("due_at", columns.due_at)
    batch.read_moment("closed_at", columns.closed_at)
    _deadlines(batch, source)
    for field in ("number", "category", "channel", "severity", "status", "area"):
        batch.read_key(field, getattr(columns, field))
    for field in ("title", "address", "handler", "reporter_name", "reporter_phone"):
        batch.read_text(field, getattr(columns, field))
    for name, spec in source.attributes.items():
        batch.read_text(f"attributes.{name}", spec)
    batch.fields["unit"], _ = map_values(batch.fields["handler"], context.handlers.find_unit, pa.string())
    _future(batch, source, context.moment)
    _stages(batch, source)
    _channels(batch, source)
    _severities(batch, source)
    _closings(batch, source)
    _late_reports(batch, source)
    column = _shown(source, "category")
    context.books["incident"].resolve(batch, "category", column, source.unknown_category)


def _shown(source: IncidentSource, field: str) -> str:
    spec = getattr(source.columns, field)
    return "" if spec is None else spec.column or spec.template or " / ".join(spec.first or []) or str(spec.value)


def _deadlines(batch: Batch, source: IncidentSource) -> None:
    """A day as deadline lasts until its end. Deadlines that are all at midnight may be days; then the report says how to declare it."""
    due, days = date_columns.from_column(batch.fields["due_at"]), batch.days["due_at"]
    known = has_value(batch.fields["due_at"])
    spec = source.columns.due_at
    timed = np.flatnonzero(known & ~days)
    if spec is not None and spec.precision is None and len(timed) and date_columns.are_midnights(due[timed], _written_zone(batch, timed)):
        facts: dict[str, object] = {"file": batch.sheet.file, "count": f"{len(timed):,}", "column": _shown(source, "due_at")}
        _remark_once(batch, Sentence("midnight_deadlines", facts))
    if days.any():
        due = due.copy()
        due[days] = date_columns.find_day_ends(due[days], batch.city_zone)
        batch.fields["due_at"] = date_columns.to_column(due, known)


def _remark_once(batch: Batch, told: Sentence) -> None:
    """Say something of a source once, though its files come in many parts."""
    if not any(key == batch.source.key and one.reason == told.reason for key, one in batch.ledger.remarks):
        batch.ledger.remarks.append((batch.source.key, told))


def _written_zone(batch: Batch, rows: date_columns.Micros) -> dt.tzinfo:
    """The zone in which deadlines are written: formats of maps keep days as the midnight of UTC."""
    written = batch.read_as_written("due_at", int(rows[0])).tzinfo
    return batch.zone if written is None else written


def _late_reports(batch: Batch, source: IncidentSource) -> None:
    """Deadlines at or before the report can be kept by nobody: told, and rejected or left out where the profile says so."""
    reported, due = (date_columns.from_column(batch.fields[f]) for f in ("reported_at", "due_at"))
    rows = batch.select_living(has_value(batch.fields["due_at"]) & (due <= reported))
    if not rows:
        return
    if source.due_before_reported == "reject":
        for i in rows:
            batch.reject(i, "due_before_reported", _shown(source, "due_at"), batch.read_as_written("due_at", i).isoformat())
    elif source.due_before_reported == "drop":
        gone = np.zeros(len(batch), dtype=bool)
        gone[rows] = True
        batch.fields["due_at"], batch.days["due_at"] = blank_rows(batch.fields["due_at"], gone), batch.days["due_at"] & ~gone
        batch.repair("deadline_dropped", len(rows))
    else:
        batch.repair("deadline_passed", len(rows))
        facts = {"file": batch.sheet.file, "line": int(batch.sheet.lines[rows[0]]), "count": f"{len(rows):,}", "source": source.key}
        _remark_once(batch, Sentence("due_before_report", facts))


def _future(batch: Batch, source: IncidentSource, moment: dt.datetime) -> None:
    """Nothing is reported or closed after the moment of the figures; deadlines may lie in the future."""
    if source.future_dates == "keep":
        return
    for field in ("reported_at", "closed_at"):
        later = date_columns.from_column(batch.fields[field]) > date_columns.to_micros(moment)
        rows = batch.select_living(later & has_value(batch.fields[field]))
        if source.future_dates == "drop" and field == "closed_at":
            batch.fields[field] = blank_rows(batch.fields[field], later & batch.alive)
            batch.repair("future_dropped", len(rows))
            continue
        for i in rows:
            batch.reject(i, "future_date", _shown(source, field), batch.read_as_written(field, i).isoformat())


def _lookup(declared: Mapping[str, Sequence[str]], fallback: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Stage or channel by the value that means it; the profile's own list comes before the built-in words."""
    known = {fold_word(word): name for name, words in fallback.items() for word in (name, *words)}
    return known | {fold_word(str(value)): name for name, values in declared.items() for value in values}


def _stages(batch: Batch, source: IncidentSource) -> None:
    known = _lookup(source.stages, {**dict.fromkeys(STAGES, ()), **STAGE_WORDS})
    status, closed = batch.fields["status"], batch.fields["closed_at"]
    found, _ = map_values(status, lambda word: known.get(fold_word(word)), pa.string())
    for i in batch.select_living(has_value(status) & ~has_value(found)):
        batch.reject(i, "unknown_status", _shown(source, "status"), value_at(status, i))
    paused = pc.fill_null(pc.equal(found, "paused"), False)
    told = pc.if_else(paused, "in_progress", found)
    batch.fields["stage"] = pc.if_else(status.is_null(), pc.if_else(closed.is_null(), "reported", "closed"), told)
    batch.fields["paused"] = paused


def _channels(batch: Batch, source: IncidentSource) -> None:
    known = _lookup(source.channels, CHANNEL_WORDS)
    given = batch.fields["channel"]
    found, _ = map_values(given, lambda word: known.get(fold_word(word)), pa.string())
    for i in batch.select_living(has_value(given) & ~has_value(found)):
        batch.reject(i, "unknown_channel", _shown(source, "channel"), value_at(given, i))
    batch.fields["channel"] = pc.if_else(given.is_null(), source.channel, found)


def _severities(batch: Batch, source: IncidentSource) -> None:
    """A case of which nothing is said is an ordinary one, as a case that is reported here."""
    known, numbers = _lookup(source.severities, SEVERITY_WORDS), {word: number for number, word in enumerate(SEVERITY_WORDS, 1)}
    given = batch.fields["severity"]
    found, _ = map_values(given, lambda word: numbers.get(known.get(fold_word(word), "")), pa.int16())
    for i in batch.select_living(has_value(given) & ~has_value(found)):
        batch.reject(i, "unknown_severity", _shown(source, "severity"), value_at(given, i))
    batch.fields["severity"] = pc.fill_null(found, numbers["ordinary"])


def _closings(batch: Batch, source: IncidentSource) -> None:
    """A closing time stands exactly at closed cases, and never before the report."""
    reported, due, closed = (date_columns.from_column(batch.fields[f]) for f in _MOMENTS)
    known, ended = has_value(batch.fields["closed_at"]), to_mask(pc.is_in(batch.fields["stage"], pa.array(CLOSED_STAGES)))
    batch.repair("closing_ignored", len(batch.select_living(known & ~ended)))
    known &= ended
    missing = ended & ~known & batch.alive
    if source.closed_without_date == "use_due":
        stand_in, usable, origin = np.maximum(due, reported), missing & has_value(batch.fields["due_at"]), "due_at"
    else:
        stand_in, usable, origin = reported, missing & (source.closed_without_date == "use_reported"), "reported_at"
    for i in batch.select_living(missing & ~usable):
        batch.reject(i, "closed_without_date")
    batch.repair("closing_filled", int(usable.sum()))
    closed, known = np.where(usable, stand_in, closed), known | usable
    days: Mask = np.where(usable, batch.days[origin], batch.days["closed_at"]) & known
    closed = _within_their_day(closed, reported, days, batch)
    for i in batch.select_living(known & (closed < reported)):
        closed[i] = _not_before(batch, source, i, int(reported[i]))
    batch.fields["closed_at"] = date_columns.to_column(closed, known & batch.alive)
    batch.days["closed_at"] = days & batch.alive


def _within_their_day(closed: date_columns.Micros, reported: date_columns.Micros, days: Mask, batch: Batch) -> date_columns.Micros:
    """Closings of which only the day is known, of cases that were reported on that very day: at the report and not before."""
    early = np.flatnonzero(days & (closed < reported))
    if not len(early):
        return closed
    same = early[reported[early] <= date_columns.find_day_ends(closed[early], batch.city_zone)]
    made = closed.copy()
    made[same] = reported[same]
    return made


def _not_before(batch: Batch, source: IncidentSource, row: int, reported: int) -> int:
    """A closing for a case that seems to have been closed before it was reported; by default the row is rejected."""
    closed = batch.read_as_written("closed_at", row)
    second = _second_run(closed, date_columns.from_micros(reported))
    if second is not None:
        return date_columns.to_micros(second)
    if source.closed_before_reported == "reject":
        batch.reject(row, "closed_before_reported", _shown(source, "closed_at"), closed.isoformat())
    else:
        batch.repair("closing_moved")
    return reported


def _second_run(closed: dt.datetime, reported: dt.datetime) -> dt.datetime | None:
    """In the hour that a change of clocks repeats, a closing that seems to come before its report happened the second time round."""
    later = closed.replace(fold=1)
    return later if later.utcoffset() != closed.utcoffset() and later.astimezone(dt.UTC) >= reported else None


def make_columns(batch: Batch) -> dict[str, Values]:
    """Values of ``COLUMNS``."""
    field = batch.fields
    return {
        "number": pc.coalesce(field["number"], field["key"]),
        **{name: field[name] for name in ("category", "channel", "severity", "stage", "paused", *_MOMENTS)},
        **{f"{name.removesuffix('_at')}_is_day": pa.array(batch.days[name]) for name in _MOMENTS},
        "title": field["title"].fill_null(""),
        "address": field["address"],
        "handler": field["handler"],
        "unit": field["unit"],
        "attributes": make_attributes(batch),
    }


def guess_states(batch: Batch, context: Context) -> Values:
    """Deadline states, so that they need not be written a second time: ``data.rollup`` puts right what it would have written otherwise."""
    reported, due = (date_columns.from_column(batch.fields[name]) for name in ("reported_at", "due_at"))
    now, (part, whole) = date_columns.to_micros(context.moment), AMBER.as_integer_ratio()
    known = has_value(batch.fields["due_at"])
    states = np.full(len(batch), "on_time", dtype=object)
    states[known & ((now - reported) * whole > (due - reported) * part)] = "amber"
    states[known & (due < now)] = "overdue"
    states[to_mask(batch.fields["paused"])] = "paused"
    return pa.array(states, mask=~to_mask(pc.is_in(batch.fields["stage"], pa.array(OPEN_STAGES))))


SUBJECT = Subject(
    "incidents", incident, "point", COLUMNS, prepare, make_columns, {}, stage_reporters, following={"deadline_state": guess_states}
)
