"""What each indicator asks of a case: conditions on ``incident``, and steps made here.

Cases that were imported with their history bring a stage, a report, a deadline and an end, and no steps. Whether such a case was filed
rightly, returned or verified twice is not known; conditions that need it hold only for steps that were made here.
"""

from sqlalchemy import ColumnElement, DateTime, Float, Integer, and_, bindparam, cast, func, literal_column, not_, or_, select, true

from data.schema import CLOSED_STAGES, DEADLINE_STATES, OTHER_ENDS, OWN_SOURCE, PROACTIVE_CHANNELS, incident, incident_event, source

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
_WAITS_TOO_LONG = and_(_at.stage == "filed", not_(_at.paused), func.coalesce(_at.stage_due_at <= _MOMENT, true()))
DUE_FOR_DISPATCH: Condition = and_(FILED, or_(_at.dispatched_at.is_not(None), _WAITS_TOO_LONG))
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
