"""Key figures: cases, shares with their fraction, what is overdue; against the period before and a year before, with their recent past."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang
from data.figures.types import AreaReport
from data.indicators.definitions import INDICATORS
from data.indicators.trends import STEPS, TOLD, TrendQuestion, fetch_trend
from data.indicators.types import IndicatorValue, TrendPoint
from layers.style.numbers import one_digit, percent, relative_change, signed, whole
from layers.style.wording import format_count
from reports.citing import cite_indicator, cite_overdue, cite_reported, define_people
from reports.content import Change, KeyFigure, KeyFigures, Section
from reports.context import Context
from reports.figures import NOW
from reports.options import SectionOptions, one_of

USUAL = ("reported", "on_time_closing_rate", "proactive_share", "overdue")
_SPARK_POINTS = 13

Maker = Callable[[Context], Awaitable[KeyFigure | None]]


class Options(SectionOptions):
    """``figures``: codes of indicators, ``reported``, ``overdue``, or ``residents``."""

    figures: list[Annotated[str, one_of((*INDICATORS, "reported", "overdue", "residents"))]] = Field(default_factory=lambda: list(USUAL))


async def make(context: Context, options: Options) -> Section | None:
    """Those that nobody knows are left out."""
    made = []
    for code in options.figures:
        maker = _PLAIN.get(code)
        figure = await maker(context) if maker else await _tell_indicator(context, code)
        if figure is not None:
            made.append(figure)
    return Section("", (KeyFigures(tuple(made)),)) if made else None


# ---- Counts ----


async def _tell_reported(context: Context) -> KeyFigure:
    lang, total = context.lang, (await context.report())["incidents"]["total"]
    label, no = t(lang, "Cases reported"), await cite_reported(context, total, single=True)

    async def compare(then: AreaReport, period: Period) -> Change | None:
        before, days = then["incidents"]["total"], context.period.days
        # As in the summary, a month of 31 days is compared with one of 28 day by day.
        text = relative_change(total / days, before / period.days) if period.days != days else relative_change(total, before)
        if text is None:
            return None
        said = t(lang, "{change} by day", change=text) if period.days != days else text
        return Change("", said, await cite_reported(context, before, period))

    past = tuple(point and point["denominator"] for point in await _past(context, "proactive_share"))
    # Of a period that is not over, so many a day would be too few.
    daily = t(lang, "{n} a day", n=one_digit(total / context.period.days)) if await context.is_over() else ""
    return KeyFigure(label, whole(total), _unit(total, "cases", lang), no, daily, await _compare(context, compare), past)


async def _tell_overdue(context: Context) -> KeyFigure:
    lang, cases = context.lang, (await context.report())["incidents"]
    late, waiting = cases["overdue_at_end"], cases["open_at_end"]
    label, no = t(lang, "Overdue and open"), await cite_overdue(context, late, waiting, single=True)

    async def compare(then: AreaReport, period: Period) -> Change:
        before = then["incidents"]["overdue_at_end"]
        more = late - before
        text = t(lang, "{n} case", n=signed(more)) if abs(more) == 1 else t(lang, "{n} cases", n=signed(more))
        return Change("", text, await cite_overdue(context, before, period=period))

    share = percent(late / waiting if waiting else None)
    detail = t(lang, "{share}% of {n} open", share=share, n=whole(waiting)) if waiting else t(lang, "no case is open")
    return KeyFigure(label, whole(late), _unit(late, "cases", lang), no, detail, await _compare(context, compare))


async def _tell_residents(context: Context) -> KeyFigure | None:
    lang, report = context.lang, await context.report()
    people, label = report["population"], t(lang, "Residents")
    if people["total"] is None:
        return None
    definition = define_people(people, lang)
    no = context.cite(context.key("residents", NOW), label, people["total"], "people", definition=definition)
    households = people["households"]
    detail = format_count(households, "households", lang) if households else ""
    if households:
        counted = define_people(people, lang, "households")
        context.cite(context.key("households", NOW), t(lang, "Households"), households, "households", definition=counted, group=label)
    return KeyFigure(label, whole(people["total"]), _unit(people["total"], "persons", lang), no, detail)


def _unit(n: int, things: Literal["cases", "persons"], lang: Lang) -> str:
    """What is counted, beside the number; Chinese has no plural."""
    if things == "cases":
        return t(lang, "case") if n == 1 and lang == "en" else t(lang, "cases")
    return t(lang, "person") if n == 1 and lang == "en" else t(lang, "persons")


async def _compare(context: Context, compare: Callable[[AreaReport, Period], Awaitable[Change | None]]) -> tuple[Change, ...]:
    """Changes against earlier periods that are known as a whole; none while the period is not over."""
    made = []
    for title, period in await _known(context):
        then = await context.report(period)
        change = await compare(then, period) if then["incidents"]["total"] else None
        if change is not None:
            made.append(replace(change, title=title))
    return tuple(made)


_PLAIN: Mapping[str, Maker] = {"reported": _tell_reported, "overdue": _tell_overdue, "residents": _tell_residents}

# ---- Indicators ----


async def _tell_indicator(context: Context, code: str) -> KeyFigure | None:
    value = await context.indicator(code)
    if value["value"] is None:
        return None
    told, is_share = (await context.indicators("none", (code,)))["indicators"][0], INDICATORS[code].kind == "share"
    no = await cite_indicator(context, told, value, single=True)
    past = tuple(point and point["value"] for point in await _past(context, code)) if code in TOLD else ()
    made = []
    for title, period in await _known(context):
        then = await context.indicator(code, period=period)
        if then["value"] is not None:
            earlier = await cite_indicator(context, told, then, period)
            made.append(Change(title, _difference(context, value["value"], then["value"], is_share), earlier))
    shown, unit = (percent(value["value"]), "%") if is_share else (one_digit(value["value"]), t(context.lang, "hours"))
    return KeyFigure(told["title"], shown, unit, no, write_fraction(context, value), tuple(made), past)


def write_fraction(context: Context, value: IndicatorValue) -> str:
    """The fraction of a share; of times, on how many cases they are counted."""
    n, d = value["numerator"], value["denominator"]
    if n is None or value["low"] is None:
        return format_count(d or 0, "cases", context.lang)
    if d == 1:
        return t(context.lang, "{n} of 1 case", n=whole(n))
    return t(context.lang, "{n} of {d} cases", n=whole(n), d=whole(d))


def _difference(context: Context, now: float, then: float, is_share: bool) -> str:
    if is_share:
        return t(context.lang, "{n} pts", n=signed((now - then) * 100, 1))
    return t(context.lang, "{n} hours", n=signed(now - then, 1))


async def _known(context: Context) -> list[tuple[str, Period]]:
    """The earlier periods that can be compared with this one."""
    return [(title, period) for title, period in context.compared() if await context.is_known(period)]


async def _past(context: Context, code: str) -> Sequence[TrendPoint | None]:
    """The last periods of this length, this one the last; ``None`` for one in which the city's data begin, or that lies before.

    None at all for periods of one's own, and for one that is not over.
    """
    if context.step not in STEPS or not await context.is_over():
        return ()
    question = TrendQuestion(code, context.area, "none", context.step, context.period.end, _SPARK_POINTS)
    answer = await fetch_trend(question, context.viewer)
    points = answer["groups"][0]["points"] if answer["groups"] else []
    spans = [*context.earlier(len(points) - 1), context.period] if points else []
    since = await context.since()
    found = [point if since and span.start >= since else None for point, span in zip(points, spans, strict=True)]
    return found if any(found) else ()
