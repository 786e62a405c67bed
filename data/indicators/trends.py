"""An indicator over time: one value for each day, week, month, quarter or year, with the same spans one year earlier."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

from sqlalchemy import RowMapping

from data.core.errors import BadInput, UnknownName
from data.core.intervals import wilson_interval
from data.core.period import Period
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.reports import name_area
from data.figures.types import VERSION
from data.indicators.assemble import make_value, round_hours, tell_indicator
from data.indicators.counts import Counted, Counter
from data.indicators.definitions import INDICATORS, Indicator
from data.indicators.holidays import list_holidays
from data.indicators.links import link_indicator, span_text
from data.indicators.questions import IndicatorQuestion, Scene, check_level, set_scene
from data.indicators.types import TrendAnswer, TrendGroup, TrendPoint
from data.queries import deadlines as calendar
from data.queries.case_filters import NO_FILTERS, CaseFilters
from data.schema import LEVELS

STEPS = ("day", "week", "month", "quarter", "year")
MOST_POINTS = 31
"""Each point is counted by a statement of its own, so that it is exactly the indicator of its span."""
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_KINDS = ("share", "mean", "median")
TOLD = tuple(code for code, one in INDICATORS.items() if one.kind in _KINDS and one.anchor != "now" and one.numerator is not None)
"""Indicators with a past: not those that are told as they stand, and not times in stages, which cost too much to be read so often."""
_ZERO = Counted(0, 0)


@dataclass(frozen=True, slots=True)
class TrendQuestion:
    """What is asked over time.

    Attributes:
        indicator: one of ``TOLD``.
        area: code of the area; ``None``: the one that the viewer starts with.
        by: ``none``, or a level of areas.
        step: one of ``STEPS``; weeks begin on Monday.
        until: the last day; ``None``: that of the city's data. Only spans that are over by then are told.
        points: how many, the newest last.
        filters: categories, channels, units and assignees.
        compare: whether the same spans one year earlier are told, too.
    """

    indicator: str
    area: str | None = None
    by: str = "none"
    step: str = "week"
    until: date | None = None
    points: int = 13
    filters: CaseFilters = NO_FILTERS
    compare: bool = False

    def check(self) -> None:
        """Refuse what cannot be told.

        Raises:
            UnknownName: an indicator, step or grouping that does not exist, or is not told over time.
            BadInput: too many points.
        """
        known: tuple[tuple[str, str, Sequence[str]], ...] = (
            ("indicator", self.indicator, TOLD),
            ("step", self.step, STEPS),
            ("by", self.by, ("none", *LEVELS[1:])),
        )
        for field, value, names in known:
            if value not in names:
                raise UnknownName.among(field, value, names)
        if not 1 <= self.points <= MOST_POINTS:
            raise BadInput(field="points", value=str(self.points), reason=f"it lies between 1 and {MOST_POINTS}")

    def allowed(self, viewer: Viewer) -> Self:
        """The question as far as the viewer may ask it.

        Raises:
            NotAboutOthers: see ``IndicatorQuestion.allowed``.
        """
        return replace(self, filters=self.about(None).allowed(viewer).filters)

    def about(self, period: Period | None) -> IndicatorQuestion:
        """The same question of one span."""
        return IndicatorQuestion(self.area, self.by, period, (self.indicator,), self.filters)


async def fetch_trend(question: TrendQuestion, viewer: Viewer) -> TrendAnswer:
    """The indicator in each span, by area if it is asked for.

    Raises:
        UnknownArea, OutOfScope, Nowhere, UnknownName: see ``data.indicators.questions.set_scene``.
        UnknownName, BadInput: see ``TrendQuestion.check``.
        NotAboutOthers: see ``IndicatorQuestion.allowed``.
    """
    question.check()
    question = question.allowed(viewer)
    one = INDICATORS[question.indicator]
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, question.area, None, question.filters, viewer)
        about = question.about(scene.counting.period)
        check_level(scene.own, about.level)
        last = scene.counting.last_whole
        spans = list_spans(question.step, last if question.until is None else min(question.until, last), question.points)
        earlier = [shift_year(question.step, span) for span in spans] if question.compare else []
        days = await ask(calendar.days(), {"city": scene.own["city_code"]})
        counter = Counter(ask, scene, about)
        names: dict[str | None, RowMapping] = {}
        found: dict[Period, Mapping[str | None, Counted]] = {}
        reason = "needs_cases" if not scene.sees_cases and not (one.from_rollups and not _names_people(question.filters)) else None
        for span in [*spans, *earlier] if reason is None else ():
            counts, rows = await counter.count(span, only_flows=True)
            names |= {row["group"]: row for row in rows}
            found[span] = {group: counted[one.code] for group, counted in counts.items() if one.code in counted}
    return {
        "version": VERSION,
        "area": name_area(scene.own),
        "as_of": iso(scene.own["city_as_of"], scene.own["city_timezone"]),
        "indicator": tell_indicator(one, viewer.lang),
        "by": question.by,
        "step": question.step,
        "spans": [span_text(span) for span in spans],  # type: ignore[misc]
        "spans_before": [span_text(span) for span in earlier],  # type: ignore[misc]
        "reason": reason,
        "holidays": list_holidays(days, spans[0].start, spans[-1].end),
        "groups": [] if reason else _tell_groups(one, about, scene, (spans, earlier), found, names, counter.select),
    }


def _names_people(filters: CaseFilters) -> bool:
    return bool(filters.units or filters.assignees)


def list_spans(step: str, last: date, points: int) -> list[Period]:
    """Spans of days that are over by ``last``, the newest last. Weeks begin on Monday."""
    made: list[Period] = []
    end = _end_of_span(step, last)
    for _ in range(points):
        start = _start_of_span(step, end)
        made.append(Period(start, end))
        end = start - timedelta(days=1)
    return made[::-1]


def _start_of_span(step: str, end: date) -> date:
    if step in ("day", "week"):
        return end - timedelta(days=6 if step == "week" else 0)
    return end.replace(day=1, month=end.month - _MONTHS[step] + 1)


def _end_of_span(step: str, last: date) -> date:
    """The last day of the newest span that is over by a day."""
    if step in ("day", "week"):
        return last - timedelta(days=last.isoweekday() % 7 if step == "week" else 0)
    tomorrow = last + timedelta(days=1)
    month = tomorrow.month - (tomorrow.month - 1) % _MONTHS[step]
    return tomorrow.replace(day=1, month=month) - timedelta(days=1)


def shift_year(step: str, span: Period) -> Period:
    """The same span one year earlier: of days and weeks the same days of the week, of the others the same months."""
    if step in ("day", "week"):
        return Period(span.start - timedelta(days=364), span.end - timedelta(days=364))
    start = span.start.replace(year=span.start.year - 1)
    after = span.end + timedelta(days=1)
    return Period(start, after.replace(year=after.year - 1) - timedelta(days=1))


def _tell_groups(
    one: Indicator,
    about: IndicatorQuestion,
    scene: Scene,
    spans: tuple[list[Period], list[Period]],
    found: Mapping[Period, Mapping[str | None, Counted]],
    names: Mapping[str | None, RowMapping],
    select: Callable[[str, Period], CaseFilters | None],
) -> list[TrendGroup]:
    codes = sorted((code for code in names if code is not None), key=str) if about.level else [None]
    made: list[TrendGroup] = []
    for code in codes:
        own = scene.own if code is None else names[code]

        def tell(span: Period, code: str | None = code) -> TrendPoint:
            link = None
            if scene.sees_cases:
                link = link_indicator(one, about, scene.own["code"], code, select(one.anchor, span), ())[1]
            return _tell_point(one, found[span].get(code, _ZERO), link)

        points, before = ([tell(span) for span in part] for part in spans)
        made.append({"code": code, "name": own["name"], "name_en": own["name_en"], "points": points, "year_before": before})
    return made


def _tell_point(one: Indicator, counted: Counted, link: str | None) -> TrendPoint:
    value = make_value(one, counted)
    low, high = (None, None)
    if one.kind == "share" and value is not None and counted.denominator:
        low, high = wilson_interval(int(counted.numerator or 0), counted.denominator)
    return {
        "numerator": round_hours(counted.numerator if one.kind in ("share", "mean") else None),
        "denominator": counted.denominator,
        "value": value,
        "low": low,
        "high": high,
        "too_few": value is not None and (counted.denominator or 0) < one.fewest,
        "denominator_cases": link,
    }
