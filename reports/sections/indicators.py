"""Indicators as a table: value, fraction, interval, and the change against the period before with the word whether it may be chance."""

from typing import Annotated

from pydantic import Field

from data.core.i18n import t
from data.indicators.definitions import INDICATORS
from data.indicators.types import IndicatorValue
from layers.style.numbers import one_digit, percent, signed, whole
from layers.style.wording import format_count
from reports.citing import cite_indicator
from reports.content import Cell, Column, Fraction, Note, Number, Section, Table
from reports.context import Context
from reports.options import SectionOptions, Title, one_of

USUAL = tuple(code for code, one in INDICATORS.items() if one.kind in ("share", "mean", "median"))
_REASON_TITLES = {
    "no_datum": "no datum says it",
    "needs_cases": "not for this reader",
    "no_cases": "nothing to count",
    "not_known": "not known",
    "not_by_this": "not told here",
}


class Options(SectionOptions):
    """``codes``: of indicators, otherwise all shares and times; ``title``, ``title_en``: of the section."""

    codes: list[Annotated[str, one_of(INDICATORS)]] = Field(default_factory=lambda: list(USUAL))
    title: Title = ""
    title_en: Title = ""


async def make(context: Context, options: Options) -> Section | None:
    """The table, and what its intervals mean."""
    lang, codes = context.lang, tuple(options.codes)
    answer = await context.indicators("none", codes)
    then: dict[str, IndicatorValue] = {}
    if await context.is_known(context.before):
        earlier = await context.indicators("none", codes, period=context.before)
        then = {value["indicator"]: value for value in earlier["groups"][0]["values"]}
    rows: list[tuple[Cell, ...]] = []
    for told, value in zip(answer["indicators"], answer["groups"][0]["values"], strict=True):
        no = None if value["value"] is None else await cite_indicator(context, told, value, single=True)
        before = then.get(value["indicator"])
        known = before is not None and before["value"] is not None
        ago = await cite_indicator(context, told, before, context.before) if before is not None and known else None
        rows.append((told["title"], *_tell(context, value, before, no, ago)))
    columns = (
        Column(t(lang, "Indicator"), stretch=1),
        Column(t(lang, "Value"), "right"),
        Column(t(lang, "Fraction"), "right"),
        Column(t(lang, "95 % interval"), "right"),
        Column(t(lang, "On the period before"), "right"),
    )
    title = (options.title_en if lang == "en" else options.title) or t(lang, "Indicators")
    note = Note(t(lang, "Fewer cases than an indicator needs to be ranked are told all the same, with their interval."))
    return Section(title, (Table(columns, tuple(rows)), note))


def _tell(context: Context, value: IndicatorValue, then: IndicatorValue | None, figure: int | None, ago: int | None) -> tuple[Cell, ...]:
    lang, number = context.lang, value["value"]
    if number is None:
        return Number(whole(None), None), t(lang, _REASON_TITLES.get(value["reason"] or "", "nothing to count")), "", ""
    is_share = value["low"] is not None
    shown = f"{percent(number)}%" if is_share else t(lang, "{n} hours", n=one_digit(number))
    n, d = value["numerator"], value["denominator"]
    fraction: Cell = Fraction(n or 0, d or 0) if is_share else Number(format_count(d or 0, "cases", lang), d)
    interval = f"{percent(value['low'])}–{percent(value['high'])}" if is_share else ""
    before = then["value"] if then else None
    change: Cell = ""
    if before is not None:
        more = (number - before) * (100 if is_share else 1)
        text = t(lang, "{n} pts", n=signed(more, 1)) if is_share else t(lang, "{n} hours", n=signed(more, 1))
        change = Number(text, more, figure=ago)
    return Number(shown, number, bold=True, figure=figure), fraction, interval, change
