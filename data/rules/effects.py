"""What a change of rules or calendar does to open cases, told beforehand and afterwards in the same words."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from typing_extensions import TypedDict

from data.deadlines.recomputing import Effect, Touched

MOST_SHOWN = 50


class TouchedCase(TypedDict):
    """An open case with another deadline. Moments are in UTC."""

    number: str
    before: str | None
    after: str | None
    overdue: bool
    settled: bool
    provisional: bool


class EffectTold(TypedDict):
    """Open cases with another deadline: how many, how they move, which are no longer provisional (``settled``), and the first of them."""

    touched: int
    earlier: int
    later: int
    overdue: int
    settled: int
    provisional: int
    cases: list[TouchedCase]


def tell_effect(touched: Sequence[Touched], now: datetime, hidden: Collection[str]) -> EffectTold:
    """The effect on open cases.

    Args:
        touched: cases whose deadlines differ.
        now: the moment.
        hidden: categories whose cases are counted, but not named.
    """
    effect = Effect()
    for one in touched:
        effect.add(one, now)
    cases = sorted((_tell(one, now) for one in touched if one.category not in hidden), key=lambda one: (not one["overdue"], one["number"]))
    return {
        "touched": effect.touched,
        "earlier": effect.earlier,
        "later": effect.later,
        "overdue": effect.overdue,
        "settled": sum(one.was_provisional and not one.plan.provisional for one in touched),
        "provisional": effect.provisional,
        "cases": cases[:MOST_SHOWN],
    }


def _tell(case: Touched, now: datetime) -> TouchedCase:
    after = case.plan.due_at
    return {
        "number": case.number,
        "before": _moment(case.due_at),
        "after": _moment(after),
        "overdue": after is not None and after < now and (case.due_at is None or case.due_at >= now),
        "settled": case.was_provisional and not case.plan.provisional,
        "provisional": case.plan.provisional,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
