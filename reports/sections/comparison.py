"""Up to six areas side by side: the same figures of each, with fractions, and the words whether a difference may be chance."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.core.i18n import t
from data.core.intervals import share_difference_interval
from data.figures.types import AreaReport
from data.indicators.definitions import INDICATORS
from data.indicators.types import IndicatorValue
from reports.content import Cell, Column, Note, Number, Section, Table
from reports.context import Context
from reports.numbers import one_digit, percent, whole

USUAL = ("on_time_closing_rate", "proactive_share", "valid_report_rate", "duplicate_rate", "handling_median", "satisfaction_rate")
_MARK = "*"


async def make(context: Context, options: Mapping[str, Any]) -> Section | None:
    """``codes``: of indicators. Without other areas (``--beside``) there is nothing to compare."""
    if not context.beside:
        return None
    lang, codes = context.lang, tuple(options.get("codes", USUAL))
    places = [context, *(context.at(code) for code in context.beside)]
    reports = [await place.report() for place in places]
    rows = [_count_row(context, reports, label, read) for label, read in _counts(context)]
    titles = {told["code"]: told["title"] for told in (await context.indicators("none", codes))["indicators"]}
    for code in codes:
        values = [await place.indicator(code) for place in places]
        rows.append((titles[code], *_tell(context, values, INDICATORS[code].kind == "share")))
    columns = (Column(t(lang, "Figure"), stretch=1.2), *(Column(context.name(one), "right", 1) for one in reports))
    note = Note(
        t(lang, "A star: the share differs from that of the first area by more than chance explains (95 % interval, Newcombe 1998).")
    )
    return Section(t(lang, "Areas side by side"), (Table(columns, tuple(rows)), note))


def _counts(context: Context) -> Sequence[tuple[str, Any]]:
    lang = context.lang

    def per_thousand(one: AreaReport) -> float | None:
        people = one["population"]["total"]
        return one["incidents"]["total"] / people * 1000 if people else None

    return (
        (t(lang, "Cases reported"), lambda one: one["incidents"]["total"]),
        (t(lang, "Cases per 1,000 residents"), per_thousand),
        (t(lang, "Overdue and open"), lambda one: one["incidents"]["overdue_at_end"]),
        (t(lang, "Residents"), lambda one: one["population"]["total"]),
        (t(lang, "Buildings"), lambda one: one["buildings"]["total"]),
    )


def _count_row(context: Context, reports: Sequence[AreaReport], label: str, read: Any) -> tuple[Cell, ...]:
    values = [read(one) for one in reports]
    cells = [Number(one_digit(n) if isinstance(n, float) else whole(n), n) for n in values]
    return (label, *cells)


def _tell(context: Context, values: Sequence[IndicatorValue], is_share: bool) -> list[Cell]:
    made: list[Cell] = []
    for one in values:
        if one["value"] is None:
            made.append(Number(whole(None), None))
        elif is_share:
            star = _MARK if differs(one, values[0]) else ""
            made.append(Number(f"{percent(one['value'])}%{star} ({whole(one['numerator'])}/{whole(one['denominator'])})", one["value"]))
        else:
            made.append(Number(t(context.lang, "{n} hours", n=one_digit(one["value"])), one["value"]))
    return made


def differs(one: IndicatorValue, first: IndicatorValue) -> bool:
    """Whether the interval of the difference of two shares leaves out 0."""
    pairs = [(value["numerator"], value["denominator"]) for value in (one, first)]
    if any(n is None or not d for n, d in pairs):
        return False
    low, high = share_difference_interval(*((int(n or 0), int(d or 0)) for n, d in pairs))
    return not low <= 0 <= high
