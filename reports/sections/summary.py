"""The summary: what changed beyond the usual, and where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from data.core.i18n import t
from data.core.period import LONGEST_DAYS, Period
from data.figures.reports import Filters
from data.figures.spans import AreaSpans, SpanCount, count_overdue_since, fetch_category_spans, fetch_spans
from data.indicators.types import IndicatorValue
from data.statistics.variation import MOST_SPANS
from reports.cases import link_list
from reports.citing import define_indicator
from reports.content import Section
from reports.context import Context
from reports.options import Level, SectionOptions
from reports.periods import Step, write_span
from reports.summary.findings import Findings, find_changes
from reports.summary.inputs import Counts, Inputs, Overdue, Part, Shares, Times
from reports.summary.writing import Inside, told_changes, write_summary

_T = TypeVar("_T")
TITLE_WORDS: dict[Step, str] = {
    "day": "The day in brief",
    "week": "The week in brief",
    "month": "The month in brief",
    "quarter": "The quarter in brief",
    "year": "The year in brief",
    "own": "The period in brief",
}
LONG_OVERDUE_DAYS = 3


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is compared: the earlier periods and this one, the last; and the level of the areas inside."""

    spans: tuple[Period, ...]
    level: str | None


class Options(SectionOptions):
    """``level``: of the areas that are judged, otherwise the first below the area."""

    level: Level | None = None


async def make(context: Context, options: Options) -> Section | None:
    """The points, and how changes were judged."""
    scene, inputs = await _gather(context, options.level)
    findings = find_changes(inputs)
    inside = await _look_inside(context, scene, findings)
    summary = write_summary(inputs, context.lang, context.cite, findings, inside)
    return Section(t(context.lang, TITLE_WORDS[context.step]), (summary.bullets, summary.note))


# ---- What is compared ----


def list_earlier(context: Context) -> list[Period]:
    """The earlier periods, the oldest first: of a day the same days of the weeks before, because weekdays differ."""
    if context.step != "day":
        # All of them together are asked for as one period, and none is longer than LONGEST_DAYS.
        return context.earlier(max(0, min(MOST_SPANS, LONGEST_DAYS // context.period.days - 1)))
    weeks = [timedelta(weeks=back) for back in range(MOST_SPANS, 0, -1)]
    return [Period(context.period.start - back, context.period.end - back) for back in weeks]


async def _gather(context: Context, level: str | None) -> tuple[_Scene, Inputs]:
    report, over = await context.report(), await context.is_over()
    level = level or next((child["level"] for child in report["children"] if child["level"] != "zone"), None)
    earlier = list_earlier(context) if over else []
    found = await fetch_spans(context.area, level, [*earlier, context.period], context.viewer)
    known = _count_known(earlier, found.since)
    scene = _Scene((*earlier[len(earlier) - known :], context.period), level)
    categories = await fetch_category_spans(context.area, scene.spans, context.viewer)
    names = report["categories"]
    share = await context.indicator("on_time_closing_rate")
    inputs = Inputs(
        context.step,
        Counts(*_last(_reported(found.own, known))),
        Shares(*_last(_on_time(found.own, known))),
        tuple(_area(context, one, known) for one in found.areas),
        tuple(_category(context, code, names.get(code), counts) for code, counts in categories.items()),
        await _overdue(context, level),
        context.period.days,
        tuple(span.days for span in scene.spans[:-1]),
        await context.source(),
        await _define(context),
        await context.link_reported(),
        _link(share),
        over,
        Times(context.area, write_span(context.period), write_span(earlier[-1] if earlier else context.before)),
    )
    return scene, inputs


def _count_known(earlier: Sequence[Period], since: date | None) -> int:
    """How many of the earlier periods, the last ones, lie after the beginning of the data."""
    return 0 if since is None else sum(span.start >= since for span in earlier)


def _last(values: Sequence[_T]) -> tuple[_T, tuple[_T, ...]]:
    """The value now, and the earlier ones."""
    return values[-1], tuple(values[:-1])


def _kept(one: AreaSpans, known: int) -> tuple[SpanCount, ...]:
    return one.counts[len(one.counts) - 1 - known :]


def _reported(one: AreaSpans, known: int) -> list[int]:
    return [count.reported for count in _kept(one, known)]


def _on_time(one: AreaSpans, known: int) -> list[tuple[int, int]]:
    return [(count.due_on_time, count.due) for count in _kept(one, known)]


def _area(context: Context, one: AreaSpans, known: int) -> Part:
    name = context.name({"name": one.name, "name_en": one.name_en, "code": one.code})
    return Part(one.code, name, Counts(*_last(_reported(one, known))), Shares(*_last(_on_time(one, known))), area=one.code)


def _category(context: Context, code: str, named: Mapping[str, Any] | None, counts: Sequence[int]) -> Part:
    return Part(code, context.name(named or {"code": code}), Counts(*_last(counts)), category=code)


def _link(value: IndicatorValue) -> str | None:
    return link_list(value["denominator_cases"])


async def _define(context: Context) -> str:
    """How the share is counted, in the words of its indicator."""
    return define_indicator((await context.indicators("none", ("on_time_closing_rate",)))["indicators"][0], context.lang)


async def _overdue(context: Context, level: str | None) -> Overdue | None:
    """What was overdue when the period ended; ``None`` where it has not."""
    if not await context.is_over():
        return None
    cases = (await context.report())["incidents"]
    units = await context.units(level) if level else []
    held = [(context.name(one), one["incidents"]["overdue_at_end"]) for one in units if one["origin"] != "unplaced"]
    held.sort(key=lambda pair: (-pair[1], pair[0]))
    long = await count_overdue_since(context.area, context.period.end - timedelta(days=LONG_OVERDUE_DAYS), context.viewer)
    return Overdue(cases["overdue_at_end"], cases["open_at_end"], _agree(long, cases["overdue_at_end"]), tuple(held))


def _agree(long: int, at_end: int) -> int | None:
    """How many cases are overdue for long, if they can be some of those overdue when the period ended.

    Both are counted from different moments: a case that was opened again, or whose pause ended since, is open to this day and was not
    overdue then. More of them than there were is no part of that number, so it is not said.
    """
    return long if long <= at_end else None


# ---- Where changes come from ----


async def _look_inside(context: Context, scene: _Scene, findings: Findings) -> Inside:
    """What lies inside the changed areas and categories that are told: one statement for each, and there are few."""
    inside: dict[tuple[str, str], tuple[Part, ...]] = {}
    names = (await context.report())["categories"]
    known = len(scene.spans) - 1
    for finding in told_changes(findings):
        part = finding.part
        if part is None:
            continue
        if finding.kind == "area":
            counted = await fetch_category_spans(part.code, scene.spans, context.viewer)
            inside["area", part.code] = tuple(_category(context, code, names.get(code), counts) for code, counts in counted.items())
        elif finding.kind == "category" and scene.level is not None:
            found = await fetch_spans(context.area, scene.level, scene.spans, context.viewer, Filters(categories=(part.code,)))
            inside["category", part.code] = tuple(_area(context, one, known) for one in found.areas)
    return inside
