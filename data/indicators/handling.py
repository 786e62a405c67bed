"""How long the cases reported in a period took: a curve in which open cases count as open."""

from dataclasses import dataclass

from data.core.period import Period
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.indicators.questions import set_scene
from data.queries.case_filters import NO_FILTERS, CaseFilters, Days
from data.queries.desk.handling import handling_times
from data.statistics.survival import SurvivalCurve, estimate_survival

PER_HOUR = 10
"""Hours are known to a tenth of one; over longer periods than ``LONG_DAYS`` to whole ones."""
LONG_DAYS = 100


@dataclass(frozen=True, slots=True)
class Handling:
    """The curve.

    Attributes:
        curve: hours from the report to the closing, pauses included.
        unknown: cases of which only days are known; they are left out.
        per_hour: to which part of an hour times are rounded.
    """

    curve: SurvivalCurve
    unknown: int
    per_hour: int


async def fetch_handling(area: str, period: Period, viewer: Viewer) -> Handling | None:
    """The curve of the cases that were reported in a period; ``None`` where the viewer sees no single case. One statement.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.indicators.questions.set_scene``.
        TooManyRows: see ``data.database.transactions.open_snapshot``.
    """
    per_hour = PER_HOUR if period.days <= LONG_DAYS else 1
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, area, period, NO_FILTERS, viewer)
        if not scene.sees_cases:
            return None
        filters = CaseFilters(reported=Days(period.start, period.end))
        rows = await ask(handling_times(filters, scene.place, per_hour), {"moment": scene.own["city_as_of"]})
    known = [row for row in rows if row["hours"] is not None]
    curve = estimate_survival(*([row[name] for row in known] for name in ("hours", "closed", "n")))
    return Handling(curve, sum(row["n"] for row in rows if row["hours"] is None), per_hour)
