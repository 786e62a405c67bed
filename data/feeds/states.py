"""Which due moment a delivery answers, and how a feed stands at a moment. Pure.

A feed is, the worst first: ``never`` (something was due, and nothing ever came), ``failed`` (something came that could not be landed, and
what it should have answered is still open), ``late`` (a delivery is missing, or the last one came late and none is due since), ``empty``
(the last one had no rows), ``on_time``; or ``not_due``: nothing was expected yet. A delivery that comes at the very due moment is on time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from data.deadlines.calendar import Calendar
from data.feeds.schedule import Due, working_days_after

State = Literal["on_time", "late", "failed", "empty", "never", "not_due"]
Outcome = Literal["waiting", "landed", "empty", "failed"]
WORST_FIRST: tuple[State, ...] = ("never", "failed", "late", "empty", "on_time", "not_due")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, and what became of it.

    Attributes:
        no: its number.
        at: when it came.
        outcome: ``waiting`` to be landed counts as come.
        due_at: the due moment that it answers, if that was settled before.
    """

    no: int
    at: datetime
    outcome: Outcome = "landed"
    due_at: datetime | None = None

    @property
    def fulfils(self) -> bool:
        """Whether the department did with it what was agreed."""
        return self.outcome != "failed"


@dataclass(frozen=True, slots=True)
class Stand:
    """How a feed stands.

    Attributes:
        state: see the module.
        late_days: working days between the due day and today, or the day on which it came late.
        due_at: the due moment that the state is about.
        arrived_at: when the newest delivery came.
    """

    state: State
    late_days: int = 0
    due_at: datetime | None = None
    arrived_at: datetime | None = None


def answer_dues(dues: Sequence[Due], deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Deliveries in the order in which they came, each with the due moment that it answers; ``None`` where nothing was expected.

    A delivery answers the earliest due moment that is over and open; if none is, the next one, from half an interval before it on;
    otherwise it replaces what was delivered last. What could not be landed leaves its due moment open. What was settled before stays.
    """
    moments = [due.at for due in dues]
    done: set[datetime] = set()
    settled: list[Delivery] = []
    first_open = 0  # nothing before it is open; keeps a long history linear
    for one in sorted(deliveries, key=lambda delivery: (delivery.at, delivery.no)):
        passed = bisect_left(moments, one.at)  # due moments before the delivery
        while first_open < passed and moments[first_open] in done:
            first_open += 1
        due_at = one.due_at or _choose(dues, passed, first_open, done, one.at)
        if due_at is not None and one.fulfils:
            done.add(due_at)
        settled.append(Delivery(one.no, one.at, one.outcome, due_at))
    return settled


def _choose(dues: Sequence[Due], passed: int, first_open: int, done: set[datetime], at: datetime) -> datetime | None:
    for due in dues[first_open:passed]:
        if due.at not in done and not (due.excused and at > due.limit):
            return due.at
    following = dues[passed] if passed < len(dues) else None
    if following is not None and following.at - at <= following.interval / 2:
        return following.at
    return dues[passed - 1].at if passed else None


def stand_at(moment: datetime, dues: Sequence[Due], deliveries: Sequence[Delivery], calendar: Calendar) -> Stand:
    """How a feed stands at a moment, as far as it was known what came by then.

    Args:
        moment: now, or the end of a day.
        dues: all due moments, in order.
        deliveries: what ``answer_dues`` settled, in the order in which it came; later ones are left out.
        calendar: the city's.
    """
    come = [one for one in deliveries if one.at <= moment]
    arrived_at = come[-1].at if come else None
    by_due: dict[datetime, list[Delivery]] = {}
    for one in come:
        if one.fulfils and one.due_at is not None:
            by_due.setdefault(one.due_at, []).append(one)
    over = [due for due in dues if due.limit < moment and not (due.excused and due.at not in by_due)]
    missing = next((due for due in over if due.at not in by_due), None)
    today = calendar.local_day(moment)
    late_days = working_days_after(calendar, missing.day, today) if missing else 0
    if missing is not None and not come:
        return Stand("never", late_days, missing.at)
    if (failed := _open_failure(come, by_due)) is not None:
        return Stand("failed", late_days, failed.due_at, arrived_at)
    if missing is not None:
        return Stand("late", late_days, missing.at, arrived_at)
    return _of_last(dues, come, by_due, calendar)


def _open_failure(come: Sequence[Delivery], by_due: dict[datetime, list[Delivery]]) -> Delivery | None:
    """The newest delivery that could not be landed, if nothing repaired it."""
    for one in reversed(come):
        if one.outcome == "failed" and one.due_at not in by_due and (one.due_at is not None or one is come[-1]):
            return one
    return None


def _of_last(dues: Sequence[Due], come: Sequence[Delivery], by_due: dict[datetime, list[Delivery]], calendar: Calendar) -> Stand:
    """How it stands by what was delivered last, as nothing is missing."""
    if not come:
        return Stand("not_due")
    arrived_at = come[-1].at
    last_at = max(by_due, default=None)
    if last_at is None:  # nothing was expected of what came
        last = next((one for one in reversed(come) if one.fulfils), come[-1])
        return Stand("empty" if last.outcome == "empty" else "on_time", 0, None, arrived_at)
    answers, due = by_due[last_at], next((due for due in dues if due.at == last_at), None)
    if answers[-1].outcome == "empty" and not (due is not None and due.may_be_empty):
        return Stand("empty", 0, last_at, arrived_at)
    timely = next((one for one in answers if one.outcome != "empty" or (due is not None and due.may_be_empty)), answers[0])
    if due is not None and timely.at > due.limit:
        return Stand("late", working_days_after(calendar, due.day, calendar.local_day(timely.at)), last_at, arrived_at)
    return Stand("on_time", 0, last_at, arrived_at)


def is_due_on(dues: Sequence[Due], day: date) -> bool:
    """Whether something is expected on a day."""
    return any(due.day == day and not due.excused for due in dues)
