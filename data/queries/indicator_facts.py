"""What each indicator asks of a case: conditions on ``incident``, and steps made here.

Cases that were imported with their history bring a stage, a report, a deadline and an end, and no steps. Whether such a case was filed
rightly, returned or verified twice is not known; conditions that need it hold only for steps that were made here.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Float,
    Integer,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from data.schema import (
    CLOSED_STAGES,
    DEADLINE_STATES,
    OPEN_STAGES,
    OTHER_ENDS,
    OWN_SOURCE,
    PROACTIVE_CHANNELS,
    incident,
    incident_event,
    source,
)

Condition = ColumnElement[bool]
_at = incident.c
_step, _undo = incident_event.alias("step"), incident_event.alias("undo")
_MOMENT = bindparam("moment", type_=DateTime(timezone=True))

EVERY: Condition = true()
INVALID_STAGES = ("void", "duplicate", "not_responsible")
"""Ends of reports that should not have become cases here."""


def _made(name: str, *more: Condition) -> Condition:
    """Whether the case has a step of this name that was made here and not undone."""
    same = and_(_undo.c.district == _step.c.district, _undo.c.incident_id == _step.c.incident_id, _undo.c.seq > _step.c.seq)
    undone = select(_undo.c.seq).where(same, _undo.c.step == "undo", cast(_undo.c.details["undone"].astext, Integer) == _step.c.seq)
    found = select(_step.c.seq).where(
        _step.c.district == _at.district, _step.c.incident_id == _at.id, _step.c.step == name, ~undone.exists(), *more
    )
    return found.correlate(incident).exists()


# ---- Due in the period ----

DUE: Condition = and_(_at.stage.not_in(OTHER_ENDS), not_(_at.paused))
CLOSED: Condition = _at.stage.in_(CLOSED_STAGES)
CLOSED_ON_TIME: Condition = and_(CLOSED, _at.closed_at <= _at.due_at)

# ---- Reported in the period ----

JUDGED: Condition = _at.stage != "reported"
UNJUDGED: Condition = not_(JUDGED)
VALID: Condition = _at.stage.not_in(("reported", *INVALID_STAGES))
DUPLICATE: Condition = _at.stage == "duplicate"
PROACTIVE: Condition = _at.channel.in_(PROACTIVE_CHANNELS)

REPORTED_HERE: Condition = _at.source_id.in_(select(source.c.id).where(source.c.key == OWN_SOURCE))
FILED: Condition = and_(_at.filed_at.is_not(None), or_(REPORTED_HERE, _made("file", _step.c.at == _at.filed_at)))
"""Filed here. A case that was opened again or returned has a moment of filing, too, also where nobody knows when it was filed first."""
FILING_UNKNOWN: Condition = and_(JUDGED, not_(REPORTED_HERE), not_(FILED))
NOT_VOID: Condition = _at.stage != "void"

_RETURNED = and_(_at.version > literal_column("0"), _made("not_responsible"))


def _is_due_for_dispatch(moment: ColumnElement[datetime]) -> Condition:
    waits_too_long = and_(_at.stage == "filed", not_(_at.paused), func.coalesce(_at.stage_due_at <= moment, true()))
    return and_(FILED, or_(_at.dispatched_at.is_not(None), waits_too_long))


DUE_FOR_DISPATCH: Condition = _is_due_for_dispatch(_MOMENT)
"""Asks at a moment, which is a parameter of the statement."""
DISPATCHED_RIGHTLY: Condition = and_(_at.dispatched_at.is_not(None), not_(_RETURNED))

ASKED: Condition = _at.answered.is_not(None)
REACHED: Condition = _at.answered.is_(true())
SAID_WHETHER_SOLVED: Condition = _at.solved.is_not(None)
SOLVED: Condition = _at.solved.is_(true())
SAID_WHETHER_SATISFIED: Condition = _at.satisfied.is_not(None)
SATISFIED: Condition = _at.satisfied.is_(true())
CALLS_UNKNOWN: Condition = and_(CLOSED, _at.version == literal_column("0"), not_(REPORTED_HERE))

# ---- Closed in the period ----

VERIFIED_HERE: Condition = _at.dispatched_at.is_not(None)
"""Dispatched here, so handled and verified here since."""
VERIFICATION_UNKNOWN: Condition = not_(VERIFIED_HERE)
REWORKED: Condition = _at.reworked > literal_column("0")
TIMED: Condition = and_(not_(_at.reported_is_day), not_(_at.closed_is_day), _at.closed_at >= _at.reported_at)
"""The hours of report and closing are known, and in order."""
UNTIMED: Condition = not_(TIMED)

HOURS = cast(func.extract("epoch", _at.closed_at - _at.reported_at) / literal_column("3600.0"), Float)
"""From the report to the closing, hours; pauses are in it."""

OPEN_STATES_DUE = tuple(state for state in DEADLINE_STATES if state != "paused")


# ---- Lists of the cases behind a number ----

Part = Literal["numerator", "denominator", "rest"]
"""``rest``: the cases of the denominator that the numerator does not count."""
PARTS: tuple[Part, ...] = ("numerator", "denominator", "rest")


def _was_in(stage: str) -> Condition:
    """Whether the case has a step into a stage and a later one, both made here: then the hours in that stage are known."""
    first, later = incident_event.alias("first"), incident_event.alias("later")
    after = select(later.c.seq).where(
        later.c.district == first.c.district,
        later.c.incident_id == first.c.incident_id,
        later.c.seq > first.c.seq,
        later.c.account.is_not(None),
    )
    into = select(first.c.seq).where(
        first.c.district == _at.district,
        first.c.incident_id == _at.id,
        first.c.stage == stage,
        first.c.account.is_not(None),
        after.correlate(first).exists(),
    )
    return and_(_at.version > literal_column("0"), into.correlate(incident).exists())


BEHIND: Mapping[str, tuple[Condition, Condition | None]] = MappingProxyType(
    {
        "closing_rate": (DUE, CLOSED),
        "on_time_closing_rate": (DUE, CLOSED_ON_TIME),
        "valid_report_rate": (JUDGED, VALID),
        "missed_rate": (FILED, None),
        "accurate_filing_rate": (FILED, NOT_VOID),
        "accurate_dispatch_rate": (DUE_FOR_DISPATCH, DISPATCHED_RIGHTLY),
        "rework_rate": (VERIFIED_HERE, REWORKED),
        "duplicate_rate": (JUDGED, DUPLICATE),
        "proactive_share": (EVERY, PROACTIVE),
        "handling_mean": (TIMED, None),
        "handling_median": (TIMED, None),
        **{f"stage_{stage}": (_was_in(stage), None) for stage in OPEN_STAGES},
        "answer_rate": (ASKED, REACHED),
        "solved_rate": (SAID_WHETHER_SOLVED, SOLVED),
        "satisfaction_rate": (SAID_WHETHER_SATISFIED, SATISFIED),
    }
)
"""What an indicator counts among the cases of its period: denominator and numerator. ``data.indicators.definitions`` reads it; lists of
cases are filtered by it. ``None``: the numerator is no number of cases."""


def is_behind(code: str, part: Part, moment: datetime | None) -> Condition:
    """Whether a case is counted by an indicator, among the cases of the period; ``moment``: at which deadlines are looked at."""
    base, counted = BEHIND[code]
    if base is DUE_FOR_DISPATCH:
        base = _is_due_for_dispatch(literal(moment, DateTime(timezone=True)))
    if part == "denominator" or counted is None:
        return base
    return and_(base, counted if part == "numerator" else not_(func.coalesce(counted, false())))
