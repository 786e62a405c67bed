"""Areas coloured by a measure: classes, colours, tooltips and legend."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from data.schema import area_label
from layers.spec.addresses import shapes
from layers.spec.deck import ink, layer
from layers.style import theme
from layers.style.breaks import class_of, diverging, sequential, spread
from layers.style.legend import Legend
from layers.style.measures import MEASURES, Measure, break_text, no_data_reason, offered, residents, withheld, written
from layers.style.wording import Row, areas_counted, counted, days, level_name, name, span_of
from layers.view import METHODS, View

MOST_PERCENT = 100.0
HATCH_LINES = 60
"""Hatching lines across the picked area: as many as can still be told apart when it fills the map."""
HATCH_INK = 0.19
"""Share of the hatch's pitch that a line covers."""


@dataclass(frozen=True, slots=True)
class Classes:
    """How the areas fall into classes.

    Attributes:
        measure: what is shown; its name in ``name``.
        tokens: one colour for each class, low to high.
        breaks: the values between them.
        of: area code to class index, ``None`` without data.
        values: area code to value.
        own: the picked area's own value, where it can stand beside its parts'.
    """

    name: str
    measure: Measure
    tokens: list[str]
    breaks: list[float]
    of: dict[str, int | None]
    values: dict[str, float | None]
    own: float | None

    @property
    def missing(self) -> int:
        """How many areas have no value."""
        return sum(1 for index in self.of.values() if index is None)

    def by_label(self) -> dict[str, int]:
        """Path label to class index, −1 without data: buildings and shapes look themselves up by the labels of their path."""
        return {area_label(code): -1 if index is None else index for code, index in self.of.items()}


def classify(view: View, report: Row, units: Sequence[Row]) -> Classes:
    """Values, breaks and class of every area."""
    measure = MEASURES[view.measure]
    values = {unit["code"]: measure.value(unit) for unit in units}
    known = [value for value in values.values() if value is not None]
    own = measure.value(report) if measure.per_area else None
    if measure.diverging and own is not None:
        # A rate ends at 100 %: classes beyond are left out at the top, the middle stays the middle.
        breaks = [value for value in diverging(known, own) if value < MOST_PERCENT]
        tokens = list(theme.DIVERGING[: len(breaks) + 1])
    else:
        breaks = sequential(known, view.method)
        tokens = spread(theme.RAMP, len(breaks) + 1)
    of = {code: None if value is None else class_of(value, breaks) for code, value in values.items()}
    return Classes(view.measure, measure, tokens, breaks, of, values, own)


def dark_classes(classes: Classes) -> set[int]:
    """Classes on which names are white in the light theme: both ends of a diverging ramp, the two highest of a sequential one."""
    return (
        {0, len(theme.DIVERGING) - 1}
        if classes.measure.diverging
        else {index for index, token in enumerate(classes.tokens) if token in theme.RAMP[-2:]}
    )


def level_of(units: Sequence[Row], report: Row) -> str:
    """Level of the coloured areas."""
    return str(units[0]["level"]) if units else str(report["level"])


def fills(view: View, report: Row, units: Sequence[Row], classes: Classes) -> list[dict[str, Any]]:
    """The coloured areas and the hatch of those without data. The hatch's spacing follows the size of what it fills."""
    address = shapes(report, level_of(units, report))
    opacity = view.opacity.get("grid", 100) / 100
    large = level_of(units, report) in ("city", "district", "street")
    pitch_m = round(min(400.0, max(12.0, math.sqrt(report.get("area_m2") or 1e6) / HATCH_LINES)))
    shared = {"classes": True}  # the specification's own
    return [
        layer(
            "AreaFill",
            "grid",
            address,
            alpha=round((215 if view.dim == "2d" else 225) * opacity),
            inks=[ink(token) for token in classes.tokens],
            no_data=ink(theme.NO_DATA),
            pickable=True,
            **shared,
        ),
        layer(
            "AreaHatch",
            "grid-hatch",
            address,
            get_color=ink("map-hatch-wide" if large else "map-hatch", round(255 * opacity)),
            pitch_m=pitch_m,
            width={"pixels": 1.2} if large else {"meters": round(pitch_m * HATCH_INK, 1)},
            **shared,
        ),
    ]


def legend(view: View, report: Row, units: Sequence[Row], classes: Classes, lang: Lang) -> Legend:
    """What the colours say, of how many areas, and which are hatched and why."""
    level = level_of(units, report)
    known_measures = offered(report["city"]["has_cases"], residents(report) is not None)
    known = classes.missing < len(units)
    return Legend(
        layer="grid",
        title=level_name(report, level, lang),
        count=counted(len(units), "areas", lang),
        on="grid" in view.layers,
        opacity=view.opacity.get("grid", 100),
        choices=[(key, t(lang, MEASURES[key].title)) for key in MEASURES if key in known_measures],
        chosen=view.measure,
        methods=[] if classes.measure.diverging else [(key, t(lang, METHOD_TITLES[key])) for key in METHODS],
        measure_note="" if view.measure in ("population", "density") else days(span_of(report)),
        classes=list(zip(map(theme.css, classes.tokens), _ranges(classes.breaks, lang), strict=True)) if known else [],
        breaks=[break_text(value) for value in classes.breaks] if known else [],
        note=_note(report, units, classes, lang),
        no_data=_no_data(report, units, classes, lang),
    )


METHOD_TITLES = {"quantile": "Quantiles", "natural": "Natural breaks", "equal": "Equal intervals"}


def _ranges(breaks: Sequence[float], lang: Lang) -> list[str]:
    if not breaks:
        return [t(lang, "all alike")]
    texts = [break_text(value) for value in breaks]
    middle = [f"{low} – {high}" for low, high in pairwise(texts)]
    return [f"< {texts[0]}", *middle, f"≥ {texts[-1]}"]


def _note(report: Row, units: Sequence[Row], classes: Classes, lang: Lang) -> str:
    parts = [t(lang, classes.measure.unit)]
    if classes.measure.diverging and classes.own is not None:
        own = written(classes.measure, classes.own)
        parts.append(t(lang, "middle colour: the class of {area}'s own {value}", area=name(report, lang), value=own))
    parts.append(areas_counted(len(units) - classes.missing, report, level_of(units, report), lang))
    as_of = (report.get("population") or {}).get("as_of")
    if as_of and classes.name in ("incidents_per_1000", "population", "density"):
        parts.append(t(lang, "population as of {day}", day=str(as_of)[:10]))
    guessed = sum(unit.get("origin") == "approximate" for unit in units)
    if guessed:
        parts.append(t(lang, "dashed: {n} approximate borders, made from points", n=f"{guessed:,}"))
    return t(lang, ", ").join(parts)


def _no_data(report: Row, units: Sequence[Row], classes: Classes, lang: Lang) -> str | None:
    if not classes.missing:
        return None
    missing = [unit for unit in units if classes.of[unit["code"]] is None]
    unknown, few = all(residents(unit) is None for unit in missing), all(withheld(unit) for unit in missing)
    reason = no_data_reason(classes.name, level_of(units, report), unknown, lang, few)
    return t(lang, "{reason} ({n})", reason=reason, n=f"{classes.missing:,}")
