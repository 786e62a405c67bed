"""Up to six areas side by side: the same figures of each, with fractions, and the words whether a difference may be chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from data.core.i18n import t
from data.core.intervals import share_difference_interval
from data.figures.types import AreaReport
from data.indicators.definitions import INDICATORS
from data.indicators.types import IndicatorTold, IndicatorValue
from layers.style.numbers import one_digit, percent, whole
from reports.citing import cite_indicator, cite_overdue, cite_reported, define_people, name_label
from reports.content import Cell, Column, Note, Number, Section, Table, Unit
from reports.context import Context
from reports.figures import NOW
from reports.options import SectionOptions, one_of

USUAL = ("on_time_closing_rate", "proactive_share", "valid_report_rate", "duplicate_rate", "handling_median", "satisfaction_rate")
_MARK = "*"


class Options(SectionOptions):
    """``codes``: of indicators."""

    codes: list[Annotated[str, one_of(INDICATORS)]] = Field(default_factory=lambda: list(USUAL))


async def make(context: Context, options: Options) -> Section | None:
    """Without other areas (``--beside``) there is nothing to compare."""
    if not context.beside:
        return None
    lang, codes = context.lang, tuple(options.codes)
    places = [context, *(context.at(code) for code in context.beside)]
    reports = [await place.report() for place in places]
    rows = await _list_counts(context, reports)
    for told in (await context.indicators("none", codes))["indicators"]:
        values = [await place.indicator(told["code"]) for place in places]
        rows.append((told["title"], *await _tell(context, told, values, reports)))
    columns = (Column(t(lang, "Figure"), stretch=1.2), *(Column(context.name(one), "right", 1) for one in reports))
    said = t(lang, "A star: the share differs from that of the first area by more than chance explains (95 % interval, Newcombe 1998).")
    if any(share_cases(one, reports[0]) for one in reports[1:]):
        more = t(lang, "An area that holds the first one or lies in it, and zones, get none: they have cases in common.")
        said = ("" if lang == "zh" else " ").join((said, more))
    note = Note(said)
    return Section(t(lang, "Areas side by side"), (Table(columns, tuple(rows)), note))


@dataclass(frozen=True, slots=True)
class _Stock:
    """A row of what there is: its code among figures, its label, how it is read, its unit, and how it was counted."""

    code: str
    label: str
    read: Callable[[AreaReport], float | None]
    unit: Unit
    define: Callable[[AreaReport], str]


async def _list_counts(context: Context, reports: Sequence[AreaReport]) -> list[tuple[Cell, ...]]:
    """Rows of numbers that are no indicators."""
    lang = context.lang
    reported: list[Cell] = [t(lang, "Cases reported")]
    late: list[Cell] = [t(lang, "Overdue and open")]
    for one in reports:
        n, m = one["incidents"]["total"], one["incidents"]["overdue_at_end"]
        reported.append(Number(whole(n), n, figure=await cite_reported(context, n, area=one)))
        late.append(Number(whole(m), m, figure=await cite_overdue(context, m, area=one)))
    per_thousand = _Stock(
        "reported_per_thousand",
        t(lang, "Cases per 1,000 residents"),
        lambda one: one["incidents"]["total"] / people * 1000 if (people := one["population"]["total"]) else None,
        "cases",
        lambda one: define_people(one["population"], lang, rate=t(lang, "Cases reported in the period ÷ residents × 1,000.")),
    )
    residents = _Stock(
        "residents",
        t(lang, "Residents"),
        lambda one: one["population"]["total"],
        "people",
        lambda one: define_people(one["population"], lang),
    )
    houses = t(lang, "Buildings of the base map.")
    buildings = _Stock("buildings", t(lang, "Buildings"), lambda one: one["buildings"]["total"], "buildings", lambda _: houses)
    rest = [_tell_stock(context, reports, one) for one in (per_thousand, residents, buildings)]
    return [tuple(reported), rest[0], tuple(late), *rest[1:]]


def _tell_stock(context: Context, reports: Sequence[AreaReport], one: _Stock) -> tuple[Cell, ...]:
    cells: list[Cell] = [one.label]
    for report in reports:
        n, no = one.read(report), None
        if n is not None:
            key = context.key(one.code, None if one.unit == "cases" else NOW, report["code"])
            label = name_label(context, one.label, context.name(report))
            no = context.cite(key, label, n, one.unit, definition=one.define(report), group=one.label)
        cells.append(Number(one_digit(n) if isinstance(n, float) else whole(n), n, figure=no))
    return tuple(cells)


async def _tell(context: Context, told: IndicatorTold, values: Sequence[IndicatorValue], reports: Sequence[AreaReport]) -> list[Cell]:
    made: list[Cell] = []
    for one, report in zip(values, reports, strict=True):
        if one["value"] is None:
            made.append(Number(whole(None), None))
            continue
        no = await cite_indicator(context, told, one, area=report)
        if INDICATORS[told["code"]].kind == "share":
            star = _MARK if not share_cases(report, reports[0]) and differs(one, values[0]) else ""
            text = f"{percent(one['value'])}%{star} ({whole(one['numerator'])}/{whole(one['denominator'])})"
        else:
            text = t(context.lang, "{n} hours", n=one_digit(one["value"]))
        made.append(Number(text, one["value"], figure=no))
    return made


def share_cases(one: AreaReport, first: AreaReport) -> bool:
    """Whether two areas may have cases in common: one lies in the other, or one is a zone. The interval is that of areas that have none."""
    if "zone" in (one["level"], first["level"]):
        return True
    shorter, longer = sorted((one["path"].split("."), first["path"].split(".")), key=len)
    return longer[: len(shorter)] == shorter


def differs(one: IndicatorValue, first: IndicatorValue) -> bool:
    """Whether the interval of the difference of two shares leaves out 0."""
    pairs = [(value["numerator"], value["denominator"]) for value in (one, first)]
    if any(n is None or not d for n, d in pairs):
        return False
    low, high = share_difference_interval(*((int(n or 0), int(d or 0)) for n, d in pairs))
    return not low <= 0 <= high
