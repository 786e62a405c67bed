"""Areas by a share: with intervals and the whole area's line; those with too few cases stand apart, without a rank."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

from data.core.i18n import t
from data.figures.types import Unit
from data.indicators.definitions import INDICATORS
from data.indicators.types import IndicatorAnswer, IndicatorGroup, IndicatorValue
from layers.style.numbers import percent, whole
from layers.style.wording import format_area_count, level_name
from reports.citing import cite_indicator, cite_overdue, cite_reported
from reports.content import Aside, Block, Cell, Column, Fraction, Interval, Mark, Note, Number, Paragraph, Piece, Scale, Section, Table
from reports.context import Context
from reports.options import Level, SectionOptions, one_of

SHARES = tuple(code for code, one in INDICATORS.items() if one.kind == "share")
Row = tuple[IndicatorGroup, IndicatorValue, Unit | None]


class Options(SectionOptions):
    """``indicator``: code of a share; ``level``: of the areas, otherwise the first below the area."""

    indicator: Annotated[str, one_of(SHARES)] = "on_time_closing_rate"
    level: Level | None = None
    new_page: bool = True


async def make(context: Context, options: Options) -> Section | None:
    """Nothing where the area has no parts."""
    code = options.indicator
    report = await context.report()
    level = options.level or next((child["level"] for child in report["children"]), None)
    if level is None or report["level"] == "zone":
        return None  # parts of zones are no areas of their own
    answer = await context.indicators(level, (code,))
    units = {one["code"]: one for one in await context.units(level)}
    rows: list[Row] = [(one, one["values"][0], units.get(one["code"] or "")) for one in answer["groups"] if one["code"]]
    if not rows:
        return None
    city = await context.indicator(code)
    ranked = sorted((row for row in rows if row[1]["rank"] is not None), key=lambda row: (row[1]["rank"] or 0, row[0]["code"]))
    blocks: list[Block] = [await _introduce(context, answer, ranked, city)]
    if ranked:
        blocks.append(await _table(context, level_name(report, level, context.lang), answer, ranked, city))
    few = [row for row in rows if row[1]["too_few"]]
    none = [row for row in rows if row[1]["value"] is None]
    if few or none:
        for group, value, _ in few:  # an aside is a text: its fractions are figures of workbook and page
            await cite_indicator(context, _told(answer), value, area=group)
        blocks.append(_list_few(context, few, none))
    blocks.append(
        Note(t(context.lang, "95 % intervals by Wilson's method. Areas are ranked from {n} cases on.", n=_told(answer)["fewest"]))
    )
    named = level_name(report, level, context.lang)
    title = t(
        context.lang, "{indicator} by {level}", indicator=_told(answer)["title"], level=named.lower() if context.lang == "en" else named
    )
    return Section(title, tuple(blocks), options.new_page)


def _told(answer: IndicatorAnswer) -> Any:
    return answer["indicators"][0]


async def _introduce(context: Context, answer: IndicatorAnswer, ranked: Sequence[Row], city: IndicatorValue) -> Paragraph:
    """How many are ranked, how many reach the whole area's value, and how to read the table."""
    lang, report = context.lang, await context.report()
    level = answer["by"]
    if not ranked or city["value"] is None:
        return Paragraph((Piece(t(lang, "No area has enough cases to be ranked.")),))
    no = await cite_indicator(context, _told(answer), city, single=True)
    reached = sum((row[1]["value"] or 0) >= city["value"] for row in ranked)
    first = t(
        lang,
        "{ranked} with enough cases are ranked; {reached} reach the {share}% of {area} or more.",
        ranked=format_area_count(len(ranked), report, level, lang),
        reached=whole(reached),
        share=percent(city["value"]),
        area=context.name(report),
    )
    how = t(
        lang,
        "Grey bars are 95 % intervals: where one crosses the blue line, it may be chance. Teal and brown dots lie clearly above and below.",
    )
    return Paragraph((Piece(first, figure=no), Piece(" " if lang == "en" else ""), Piece(how)))


async def _table(context: Context, level: str, answer: IndicatorAnswer, ranked: Sequence[Row], city: IndicatorValue) -> Table:
    lang = context.lang
    low = min([math.floor((row[1]["low"] or 0) * 10) / 10 for row in ranked])
    line = city["value"] or 0
    named = t(lang, "whole {share}%", share=percent(line))
    scale = Scale(low, 1.0, f"{low * 100:.0f}%", "100%", line, named)
    columns = (
        Column(t(lang, "Rank"), "right"),
        Column(level),
        Column(t(lang, "Reported"), "right"),
        Column(t(lang, "Fraction"), "right"),
        Column("", stretch=1, scale=scale),
        Column("%", "right"),
        Column(t(lang, "Overdue"), "right"),
    )
    return Table(columns, tuple([await _row(context, answer, one, line) for one in ranked]))


async def _row(context: Context, answer: IndicatorAnswer, row: Row, line: float) -> tuple[Cell, ...]:
    group, value, unit = row
    share, low, high = value["value"] or 0, value["low"] or 0, value["high"] or 0
    mark: Mark = "above" if low > line else "below" if high < line else ""
    no = await cite_indicator(context, _told(answer), value, area=group)
    return (
        Number(str(value["rank"]), value["rank"]),
        context.name(group),
        await _count(context, unit, "reported"),
        Fraction(value["numerator"] or 0, value["denominator"] or 0, no),
        Interval(share, low, high, mark),
        Number(percent(share), share, bold=True, figure=no),
        await _count(context, unit, "overdue"),
    )


async def _count(context: Context, unit: Unit | None, code: str) -> Number:
    """The cases reported in an area, or overdue when the period ended."""
    if unit is None:
        return Number(whole(None), None)
    n = unit["incidents"]["total" if code == "reported" else "overdue_at_end"]
    no = await cite_reported(context, n, area=unit) if code == "reported" else await cite_overdue(context, n, area=unit)
    return Number(whole(n), n, figure=no)


def _list_few(context: Context, few: Sequence[Row], none: Sequence[Row]) -> Aside:
    lang = context.lang
    between, end = ("、", "。") if lang == "zh" else (", ", ".")
    order = sorted(few, key=lambda row: (-(row[1]["denominator"] or 0), row[0]["code"] or ""))
    told = [f"{context.name(group)} {whole(value['numerator'])}/{whole(value['denominator'])}" for group, value, _ in order]
    text = between.join(told)
    if none:
        names = between.join(context.name(group) for group, _, _ in none)
        text += ("；" if lang == "zh" else "; ") * bool(told) + t(lang, "without a case to count: {names}", names=names)
    return Aside(t(lang, "Too few cases to be ranked ({n})", n=len(few) + len(none)), t(lang, "numerator / denominator, cases"), text + end)
