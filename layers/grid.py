"""Areas coloured by a measure: classes, colours, tooltips and legend."""

import math
from itertools import pairwise

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.changes import Changes
from layers.context import MapContext, MapLayer
from layers.incidents import STATE_TITLES
from layers.spec.addresses import shapes
from layers.spec.deck import LayerSpec, ink, layer
from layers.spec.tooltips import explain_missing
from layers.style import theme
from layers.style.breaks import METHODS
from layers.style.change import CLASS_TITLES, count_classes, explain_change, format_compared_days
from layers.style.classes import Classes
from layers.style.days import format_written_day
from layers.style.legend import Legend
from layers.style.measures import MEASURES, OF_PEOPLE, explain_no_data, format_break, format_value, is_withheld, list_measures, residents
from layers.style.wording import format_area_count, format_count, format_measured_days, level_name, local_name

NAME = "grid"

HATCH_LINES = 60
"""Hatching lines across the picked area: as many as can be distinguished when the area fills the map."""
HATCH_INK = 0.19
"""Share of the hatch's pitch that a line covers."""


def draw(context: MapContext) -> list[LayerSpec]:
    """Draw the coloured areas, and hatch those without data. The hatch's spacing follows the size of the picked area."""
    report, level = context.report, context.level
    address = shapes(report, level)
    opacity = context.opacity(NAME)
    large = level in ("city", "district", "street")
    pitch_m = round(min(400.0, max(12.0, math.sqrt(report["area_m2"] or 1e6) / HATCH_LINES)))
    return [
        layer(
            "AreaFill",
            "grid",
            address,
            alpha=round((215 if context.is_flat else 225) * opacity),
            inks=[ink(token) for token in context.classes.tokens],
            no_data=ink(theme.NO_DATA),
            pickable=True,
            classes=True,  # those of the specification
        ),
        layer(
            "AreaHatch",
            "grid-hatch",
            address,
            get_color=ink("map-hatch-wide" if large else "map-hatch", round(255 * opacity)),
            pitch_m=pitch_m,
            width={"pixels": 1.2} if large else {"meters": round(pitch_m * HATCH_INK, 1)},
            classes=True,  # those of the specification
        ),
    ]


def legend(context: MapContext) -> Legend:
    """What the colours mean, how many areas there are, and which are hatched and why."""
    view, report, units, classes, lang = context.view, context.report, context.units, context.classes, context.lang
    known_measures = list_measures(report["city"]["has_cases"], residents(report) is not None)
    known = classes.missing < len(units)
    return Legend(
        title=level_name(report, context.level, lang),
        count=format_count(len(units), "areas", lang),
        choices=[(key, t(lang, MEASURES[key].title)) for key in MEASURES if key in known_measures],
        chosen=view.measure,
        methods=[] if classes.measure.diverging else [(key, t(lang, METHOD_TITLES[key])) for key in METHODS],
        measure_note=_measured_days(context),
        classes=list(zip(map(theme.css_variable, classes.tokens), _ranges(classes, lang), strict=True)) if known else [],
        breaks=[format_break(value) for value in classes.breaks] if known else [],
        edges=classes.breaks if known else [],
        ends=[t(lang, "fewer"), t(lang, "within chance"), t(lang, "more")] if classes.changes is not None else [],
        note=_note(context),
        no_data=_no_data(context),
    )


METHOD_TITLES = {"quantile": "Quantiles", "natural": "Natural breaks", "equal": "Equal intervals"}


def _measured_days(context: MapContext) -> str:
    changes = context.classes.changes
    return format_measured_days(context.view.measure, context.report, context.lang) if changes is None else _compared(changes, context.lang)


def _compared(changes: Changes, lang: Lang) -> str:
    return format_compared_days(changes, lang) or t(lang, "This day is not over, so it is not compared.")


def _ranges(classes: Classes, lang: Lang) -> list[str]:
    if classes.changes is not None:
        counted = count_classes(classes.of)
        return [t(lang, "{reason} ({n})", reason=t(lang, title), n=f"{counted.get(n, 0):,}") for n, title in CLASS_TITLES.items()]
    if not classes.breaks:
        return [t(lang, "All areas have the same value")]
    texts = [format_break(value) for value in classes.breaks]
    ranges = [f"< {texts[0]}", *(f"{low} – {high}" for low, high in pairwise(texts)), f"≥ {texts[-1]}"]
    return [format_break(0) if index == classes.zero else text for index, text in enumerate(ranges)]


def _note_of_change(context: MapContext, changes: Changes) -> str:
    """The change of the whole area, and which test tells a change from chance."""
    report, lang = context.report, context.lang
    own, said = changes.of(report["code"]), []
    if own is not None:
        told = [context.classes.format_value_of(report["code"], lang), *explain_change(own, lang)[1:]]
        said.append(t(lang, "{area}: {told}.", area=local_name(report, lang), told=t(lang, ", ").join(filter(None, told))))
    said.append(
        t(
            lang,
            "Coloured: changes whose 95% interval leaves out 0 (mid-P test of daily rates, whole days). Chance alone colours 1 area in 20.",
        )
    )
    return (" " if lang == "en" else "").join(said)


def _note(context: MapContext) -> str:
    report, units, classes, lang = context.report, context.units, context.classes, context.lang
    if classes.changes is not None:
        return _note_of_change(context, classes.changes)
    parts = [t(lang, classes.measure.unit)]
    if classes.measure.diverging and classes.own is not None:
        own = format_value(classes.measure, classes.own)
        parts.append(t(lang, "middle colour: average of {area}, {value}", area=local_name(report, lang), value=own))
    parts.append(format_area_count(len(units) - classes.missing, report, context.level, lang))
    as_of = report["population"]["as_of"]
    if as_of and classes.name in ("incidents_per_1000", "population", "density"):
        parts.append(t(lang, "population as of {day}", day=format_written_day(as_of, lang)))
    guessed = sum(unit["origin"] == "approximate" for unit in units)
    if classes.name == "open" and context.view.states:
        parts.append(t(lang, "only: {names}", names=t(lang, ", ").join(t(lang, STATE_TITLES[state]) for state in context.view.states)))
    if context.view.breaks:
        parts.append(t(lang, "classes stay the same while playing"))
    if guessed:
        parts.append(t(lang, "dashed: {n} approximate borders, made from points", n=f"{guessed:,}"))
    return t(lang, ", ").join(parts)


def _no_data(context: MapContext) -> str | None:
    classes, lang = context.classes, context.lang
    if not classes.missing:
        return None
    missing = [unit for unit in context.units if classes.of[unit["code"]] is None]
    if classes.changes is not None:
        return t(lang, "{reason} ({n})", reason=explain_missing(missing[0], context), n=f"{classes.missing:,}")
    unknown, few = all(residents(unit) is None for unit in missing), all(is_withheld(unit) for unit in missing)
    reason = explain_no_data(classes.name, context.level, unknown, lang, few)
    if not few and classes.name in OF_PEOPLE and any(is_withheld(unit) for unit in missing):
        reason = t(lang, "{reason}, or too few people to show", reason=reason)
    return t(lang, "{reason} ({n})", reason=reason, n=f"{classes.missing:,}")


LAYER = MapLayer(NAME, draw, legend, on_at_first=True)
