"""What stands around a map of a report: title, legend, notes, and a description for those who do not see it."""

from collections.abc import Sequence
from dataclasses import replace

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.types import AreaReport, Unit
from data.indicators.definitions import FEWEST
from data.schema import area_label
from layers.grid import METHOD_TITLES
from layers.spec.area_tree import levels_below
from layers.style.classes import Classes
from layers.style.days import format_written_day
from layers.style.measures import AS_IT_STANDS, AT_END, OF_PEOPLE, explain_no_data, format_break, format_value, is_withheld, residents
from layers.style.wording import format_area_count, format_measured_days, level_name, pluralize
from reports.context import Context
from reports.drawing import svg
from reports.drawing.colours import colour
from reports.graphics import LegendClass
from reports.maps.gather import Coloured, find_above

_MOST_TOLD = 12
"""Names of areas that are too small for theirs are listed up to this number."""


def write_title(report: AreaReport, coloured: Coloured, lang: Lang) -> str:
    """各街道按期结案率, On-time closing rate by street."""
    measure, level = t(lang, coloured.classes.measure.title), level_name(report, coloured.level, lang)
    if len(coloured.units) == 1:
        return measure
    return t(lang, "{measure} by {level}", measure=measure, level=level.lower() if lang == "en" else level)


def write_subtitle(context: Context, report: AreaReport, classes: Classes) -> str:
    """The unit, and the value of the whole area."""
    unit, whole = t(context.lang, classes.measure.unit), classes.measure.value(report)
    if whole is None:
        return unit
    value = format_value(classes.measure, whole)
    return t(context.lang, "{unit}; {area} {value}", unit=unit, area=context.name(report), value=value)


def make_legend(report: AreaReport, coloured: Coloured, lang: Lang) -> tuple[LegendClass, ...]:
    """The classes with the values from which they begin, and what the hatch means."""
    classes = coloured.classes
    made: list[LegendClass] = []
    if classes.missing < len(coloured.units):
        starts = [format_break(value) for value in classes.breaks]
        if not starts:
            only = next(value for value in classes.values.values() if value is not None)
            made.append(LegendClass(colour(classes.tokens[0]), format_value(classes.measure, only), token=classes.tokens[0]))
        else:
            made += [LegendClass(colour(token), start, token=token) for token, start in zip(classes.tokens, ["", *starts], strict=True)]
    if classes.zero == 0:
        made[0] = replace(made[0], label=format_break(0))
    if classes.missing:
        made.append(LegendClass(svg.UNTOLD_GROUND, _explain_hatch(coloured, lang), hatched=True))
    return tuple(made)


def _explain_hatch(coloured: Coloured, lang: Lang) -> str:
    classes = coloured.classes
    missing = [unit for unit in coloured.units if classes.of[unit["code"]] is None]
    unknown, few = all(residents(unit) is None for unit in missing), all(is_withheld(unit) for unit in missing)
    reason = explain_no_data(classes.name, coloured.level, unknown, lang, few, FEWEST)
    if not few and classes.name in OF_PEOPLE and any(is_withheld(unit) for unit in missing):
        reason = t(lang, "{reason}, or too few people to show", reason=reason)
    return t(lang, "{reason} ({n})", reason=reason, n=f"{classes.missing:,}")


async def write_notes(context: Context, report: AreaReport, coloured: Coloured, method: str, drawn: svg.Drawing) -> tuple[str, ...]:
    """How classes were made, what the lines mean, what is not on the map, and from what it was made."""
    lang, classes = context.lang, coloured.classes
    said = [
        _explain_classes(context, report, classes, method),
        _explain_lines(report, coloured, lang),
        _explain_days(report, classes, lang),
    ]
    said += [_count_unplaced(report, classes.name, lang), _tell_guessed(coloured.units, lang), tell_unnamed(drawn.unnamed, lang)]
    said.append(await context.source() if classes.name not in ("population", "density") else "")
    return tuple(filter(None, said))


def _explain_classes(context: Context, report: AreaReport, classes: Classes, method: str) -> str:
    lang = context.lang
    if not classes.breaks or classes.missing == len(classes.of):
        return ""
    if classes.measure.diverging and classes.own is not None:
        return t(
            lang,
            "Classes of equal width around the value of {area}, {value}, which lies in the middle colour.",
            area=context.name(report),
            value=format_value(classes.measure, classes.own),
        )
    name = t(lang, METHOD_TITLES[method])
    return t(lang, "Classes: {method}.", method=name.lower() if lang == "en" else name)


def _explain_lines(report: AreaReport, coloured: Coloured, lang: Lang) -> str:
    """Of which areas the dark lines are the borders."""
    above, levels = find_above(report, coloured.units), levels_below(report)
    if not above:
        return ""
    own = len(report["path"].split("."))
    steps = {unit["path"].split(".").index(area_label(above[unit["code"]])) - own for unit in coloured.units}
    step = min(steps)
    if len(steps) > 1 or step >= len(levels):
        return t(lang, "Dark lines are the borders of the level above.")
    return t(lang, "Dark lines are borders of {things}.", things=pluralize(level_name(report, levels[step], lang), lang))


def _explain_days(report: AreaReport, classes: Classes, lang: Lang) -> str:
    if classes.name in (*AS_IT_STANDS, *AT_END):
        return t(lang, "Counted {moment}.", moment=format_measured_days(classes.name, report, lang))
    as_of = report["population"]["as_of"]
    if classes.name in OF_PEOPLE and as_of:
        return t(lang, "Population as of {day}.", day=format_written_day(as_of, lang))
    return ""


def _count_unplaced(report: AreaReport, name: str, lang: Lang) -> str:
    """Cases that count in the whole and are on no map."""
    counted = {"incidents": "unplaced", "incidents_per_1000": "unplaced", "open": "unplaced_open"}.get(name)
    return tell_unplaced(report["incidents"][counted], lang) if counted else ""  # type: ignore[literal-required]


def tell_unplaced(n: int, lang: Lang) -> str:
    """How many cases have no place; empty if all have one."""
    if not n:
        return ""
    return (
        t(lang, "1 case without a place is not on the map.")
        if n == 1
        else t(lang, "{n} cases without a place are not on the map.", n=f"{n:,}")
    )


def _tell_guessed(units: Sequence[Unit], lang: Lang) -> str:
    guessed = sum(unit["origin"] == "approximate" for unit in units)
    if not guessed:
        return ""
    return t(lang, "Borders made from points, and so only approximate: {n}.", n=f"{guessed:,}")


def tell_unnamed(names: Sequence[str], lang: Lang) -> str:
    """Which areas are too small for their names; many are only counted."""
    if not names:
        return ""
    listed = ("、" if lang == "zh" else ", ").join(names[:_MOST_TOLD])
    if len(names) > _MOST_TOLD:
        return t(lang, "{n} areas are too small for their names.", n=f"{len(names):,}")
    if len(names) == 1:
        return t(lang, "1 area is too small for its name: {names}.", names=listed)
    return t(lang, "{n} areas are too small for their names: {names}.", n=f"{len(names):,}", names=listed)


def describe(context: Context, report: AreaReport, coloured: Coloured) -> str:
    """The map in words: how many areas, the highest and the lowest, and how many have no value."""
    lang, classes = context.lang, coloured.classes
    known = [unit for unit in coloured.units if classes.values.get(unit["code"]) is not None]
    count = format_area_count(len(coloured.units), report, coloured.level, lang)
    said = [t(lang, "Map of {area}: {measure}, {count}.", area=context.name(report), measure=t(lang, classes.measure.title), count=count)]
    if len({classes.values[unit["code"]] for unit in known}) == 1:
        value = classes.format_value_of(known[0]["code"], lang)
        said.append(
            t(lang, "The value: {value}.", value=value) if len(known) == 1 else t(lang, "All have the same value: {value}.", value=value)
        )
    elif known:
        ranked = sorted(known, key=lambda unit: (classes.values[unit["code"]] or 0.0, unit["code"]))
        low, high = ([context.name(unit), classes.format_value_of(unit["code"], lang)] for unit in (ranked[0], ranked[-1]))
        said.append(t(lang, "Highest: {high} {most}; lowest: {low} {least}.", high=high[0], most=high[1], low=low[0], least=low[1]))
    if classes.missing:
        said.append(t(lang, "Without a value: {n}.", n=f"{classes.missing:,}"))
    return (" " if lang == "en" else "").join(said)
