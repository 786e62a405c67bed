"""Which areas got worse."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import RowMapping

from data.core.errors import BadPeriod, UnknownName
from data.core.period import Period
from data.core.rate_changes import FEWEST_BOTH, compare_counts
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.assemble import earlier_periods
from data.figures.reports import name_area
from data.figures.types import VERSION
from data.indicators.links import span_text
from data.indicators.questions import Scene, check_level, set_scene
from data.indicators.types import Worse, WorseAnswer
from data.queries.case_filters import NO_FILTERS, CaseFilters
from data.queries.families.area_figures import level_counts

MEASURES = ("reported", "late")
"""Cases reported, by days; and cases that were not closed by their deadline, by cases due."""
AGAINST = ("previous", "year_before")
_VERDICTS = ("worse", "unclear", "better", "too_few")
_VERDICT_OF = {"more": "worse", "less": "better"}
"""More cases, and more late ones, are worse."""


@dataclass(frozen=True, slots=True)
class WorseQuestion:
    """What is compared.

    Attributes:
        area: code of the area; ``None``: the one that the viewer starts with.
        level: the level of the areas that are compared.
        measure: one of ``MEASURES``.
        against: one of ``AGAINST``.
        period: its whole days are compared; ``None``: the last 30 days of the city's data.
        filters: categories and channels.
    """

    area: str | None = None
    level: str = "street"
    measure: str = "reported"
    against: str = "previous"
    period: Period | None = None
    filters: CaseFilters = NO_FILTERS


async def fetch_worse(question: WorseQuestion, viewer: Viewer) -> WorseAnswer:
    """Areas with the ratio of their rate in a period to that in an earlier one, and its interval; from roll-ups alone.

    Raises:
        UnknownArea, OutOfScope, Nowhere, UnknownName: see ``data.indicators.questions.set_scene``.
        BadPeriod: no day of the period is over.
    """
    for field, value, known in (("measure", question.measure, MEASURES), ("against", question.against, AGAINST)):
        if value not in known:
            raise UnknownName.among(field, value, known)
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, question.area, question.period, question.filters, viewer)
        check_level(scene.own, question.level, "level")
        now = scene.counting.compared
        if now is None:
            told = span_text(scene.counting.period)
            raise BadPeriod(start=told["from"], end=told["to"], reason="no day of it is over yet")
        before = earlier_periods(scene.counting)[question.against]
        rows = [await _ask_level(ask, scene, question.level, period) for period in (now, before)]
    compared = [_compare(one, other, question.measure, (now.days, before.days)) for one, other in zip(*rows, strict=True)]
    return {
        "version": VERSION,
        "area": name_area(scene.own),
        "as_of": iso(scene.own["city_as_of"], scene.own["city_timezone"]),
        "measure": question.measure,
        "period": span_text(now),  # type: ignore[typeddict-item]
        "against": span_text(before),  # type: ignore[typeddict-item]
        "fewest": FEWEST_BOTH,
        "areas": sorted(compared, key=_order),
    }


async def _ask_level(ask: Ask, scene: Scene, level: str, period: Period) -> Sequence[RowMapping]:
    own, counting = scene.own, replace(scene.counting, period=period)
    values = {"code": own["code"], "path": own["path"], "coloured": level, **counting.values()}
    return await ask(level_counts(counting.filters.form, own["level"], whole=False), values)


def _compare(now: RowMapping, before: RowMapping, measure: str, days: tuple[int, int]) -> Worse:
    if measure == "reported":
        counts, of = (now["reported"], before["reported"]), days
    else:
        counts = (now["due"] - now["due_on_time"], before["due"] - before["due_on_time"])
        of = (now["due"], before["due"])
    named = {name: now[key] for name, key in (("code", "group"), ("name", "name"), ("name_en", "name_en"))}
    return compare_rates(named, counts, of)


def compare_rates(named: dict[str, str], counts: tuple[int, int], of: tuple[int, int]) -> Worse:
    """How a rate changed.

    Args:
        named: code, name and English name of the area.
        counts: now and before.
        of: what they are counted on, likewise.
    """
    change = compare_counts(*counts, *of)
    return {
        **named,  # type: ignore[typeddict-item]
        "now": counts[0],
        "before": counts[1],
        "of_now": of[0],
        "of_before": of[1],
        "ratio": change.ratio,
        "low": change.low,
        "high": change.high,
        "verdict": _VERDICT_OF.get(change.verdict, change.verdict),
    }


def _order(area: Worse) -> tuple[int, float, str]:
    """The surest worsening first."""
    return _VERDICTS.index(area["verdict"]), -(area["low"] or 0), area["code"]
