"""Texts of tooltips. They are sent and shown as plain text, never as HTML."""

from typing_extensions import TypedDict

from data.core.i18n import t
from data.core.intervals import wilson_interval
from data.core.viewer import Lang
from data.figures.types import AreaReport, Unit
from data.schema import area_label
from layers.context import MapContext
from layers.style.change import explain_change, format_compared_days
from layers.style.classes import Classes
from layers.style.days import format_period
from layers.style.measures import AS_IT_STANDS, AT_END, explain_no_data, format_number, is_withheld, residents
from layers.style.wording import format_count, format_measured_days, local_name, report_period


class AreaTips(TypedDict):
    """Tooltips of the coloured areas. There may be thousands, so common parts are sent once.

    ``of`` holds by path label the name, the value (``None`` without data) and one or two lines. ``unit`` follows every value, ``ref``
    is the picked area's own value, and ``span`` are the days or the moment, which are the last line of each tooltip.
    """

    unit: str
    ref: str
    span: str
    of: dict[str, list[str | None]]


def build_area_tips(context: MapContext) -> AreaTips:
    """The tooltips of all coloured areas."""
    report, classes, lang = context.report, context.classes, context.lang
    own = "" if classes.own is None else f"{local_name(report, lang)} {classes.format_value_of(report['code'], lang)}"
    return {
        "unit": "" if classes.measure.unit == "%" else t(lang, classes.measure.unit),
        "ref": own,
        "span": _span(context),
        "of": {area_label(unit["code"]): _area_tip(unit, _full_name(unit, report, lang), context) for unit in context.units},
    }


def _span(context: MapContext) -> str:
    """The days or the moment of the values."""
    report, changes, lang = context.report, context.classes.changes, context.lang
    if changes is not None and changes.now is not None:
        return format_compared_days(changes, lang)
    return format_measured_days(context.classes.name, report, lang) or format_period(report_period(report), lang)


def _full_name(unit: Unit, report: AreaReport, lang: Lang) -> str:
    """A cell's name after its community's, where cells of several communities are shown: cells are only numbered."""
    if unit["level"] != "grid" or unit["parent"] == report["code"]:
        return local_name(unit, lang)
    parent = next((area for area in report["children"] if area["code"] == unit["parent"]), None)
    return local_name(unit, lang) if parent is None else f"{local_name(parent, lang)} {local_name(unit, lang)}"


def _area_tip(unit: Unit, name: str, context: MapContext) -> list[str | None]:
    classes, lang = context.classes, context.lang
    value, basis = classes.values[unit["code"]], _basis(unit, classes, lang)
    if value is None:
        return [name, None, explain_missing(unit, context), *basis]
    return [name, classes.format_value_of(unit["code"], lang), *basis]


def explain_missing(unit: Unit, context: MapContext) -> str:
    """Why an area has no value."""
    if context.classes.changes is not None and context.classes.changes.now is None:
        return t(context.lang, "This day is not over, so it is not compared.")
    return explain_no_data(context.classes.name, context.level, residents(unit) is None, context.lang, is_withheld(unit))


def _basis(unit: Unit, classes: Classes, lang: Lang) -> list[str]:
    """Numerator and denominator, and for a rate its confidence interval; for a change both counts and its interval."""
    if classes.changes is not None:
        change = classes.changes.of(unit["code"])
        return explain_change(change, lang) if change else []
    if classes.measure.diverging:
        on_time = classes.name == "on_time_closing_rate"
        rate = unit["on_time_closing_rate"] if on_time else unit["closing_rate"]
        numerator, denominator = rate["numerator"], rate["denominator"]
        told = t(lang, "{numerator} closed ÷ {denominator} due", numerator=format_number(numerator), denominator=format_number(denominator))
        if on_time:
            told = t(
                lang, "{numerator} on time ÷ {denominator} due", numerator=format_number(numerator), denominator=format_number(denominator)
            )
        if not denominator:
            return [told]
        low, high = wilson_interval(numerator, denominator)
        return [told, t(lang, "95% interval {low}–{high}%", low=f"{low * 100:.1f}", high=f"{high * 100:.1f}")]
    if classes.name in (*AS_IT_STANDS, *AT_END):
        now = classes.name in AS_IT_STANDS
        overdue = unit["incidents"]["overdue" if now else "overdue_at_end"]
        open_ = unit["incidents"]["open" if now else "open_at_end"]
        return [t(lang, "{open} open, {overdue} overdue", open=format_number(open_), overdue=format_number(overdue))]
    people = residents(unit)
    told = format_count(unit["incidents"]["total"], "cases", lang)
    if people is None:
        return [told]
    return [told + t(lang, ", ") + format_count(people, "residents", lang)]
