"""Divides areas into classes: the values, the breaks between them, and one colour for each class."""

from collections.abc import Sequence
from dataclasses import dataclass

from data.core.viewer import Lang
from data.figures.changes import Changes
from data.figures.types import AreaReport, Unit
from data.schema import area_label
from layers.style import theme
from layers.style.breaks import diverging_breaks, find_class, has_zero_class, sequential_breaks, spread_colours, whole_breaks
from layers.style.change import TOKENS, find_change_class, format_change, percent_of
from layers.style.measures import CHANGES, MEASURES, Measure, format_value, measure_from

MOST_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of the areas.

    Attributes:
        name: of the measure, a key of ``MEASURES``.
        measure: the measure itself.
        tokens: one colour for each class, low to high.
        breaks: the values between them.
        of: area code to class index, ``None`` without data.
        values: area code to value.
        own: the picked area's own value, if it can be compared with the values of its parts.
        zero: index of the class that holds only zero; ``None`` where there is none.
        changes: what a measure of change compares; ``None`` for the others.
    """

    name: str
    measure: Measure
    tokens: list[str]
    breaks: list[float]
    of: dict[str, int | None]
    values: dict[str, float | None]
    own: float | None
    zero: int | None = None
    changes: Changes | None = None

    def format_value_of(self, code: str, lang: Lang) -> str:
        """The value of a classified area, or of the picked one, in short form; empty if there is none."""
        if self.changes is not None:
            change = self.changes.of(code)
            return "" if change is None or percent_of(change) is None else format_change(change, lang)
        value = self.values.get(code, self.own)
        return "" if value is None else format_value(self.measure, value)

    @property
    def missing(self) -> int:
        """How many areas have no value."""
        return sum(1 for index in self.of.values() if index is None)

    def by_label(self) -> dict[str, int]:
        """Path label to class index, −1 without data; the classes of buildings and shapes are found by the labels of their path."""
        return {area_label(code): -1 if index is None else index for code, index in self.of.items()}


def classify(
    name: str,
    method: str,
    report: AreaReport,
    units: Sequence[Unit],
    kept: Sequence[float] = (),
    changes: Changes | None = None,
    fewest: int | None = None,
) -> Classes:
    """Values, breaks and class of every area.

    Args:
        name: of the measure, a key of ``MEASURES``.
        method: how breaks are made, one of ``layers.style.breaks.METHODS``; a diverging measure ignores it.
        report: of the picked area.
        units: the areas to classify.
        kept: breaks that are kept instead of making them from the values.
        changes: what a measure of change compares.
        fewest: see ``layers.style.measures.measure_from``.
    """
    measure = measure_from(name, fewest)
    if name in CHANGES and changes is not None:
        return _classify_changes(name, report, units, changes)
    values = {unit["code"]: measure.value(unit) for unit in units}
    known = [value for value in values.values() if value is not None]
    own, zero = measure.value(report) if measure.per_area else None, None
    if measure.diverging and own is not None:
        # A rate cannot exceed 100 %: classes above are left out, and the middle class stays the middle.
        breaks = list(kept) or [value for value in diverging_breaks(known, own) if value < MOST_PERCENT]
        tokens = list(theme.DIVERGING[: len(breaks) + 1])
    else:
        breaks = list(kept) or whole_breaks(known, sequential_breaks(known, method))
        tokens = spread_colours(theme.RAMP, len(breaks) + 1)
        zero = find_class(0.0, breaks) if breaks and not kept and has_zero_class(known) else None
    of = {code: None if value is None else find_class(value, breaks) for code, value in values.items()}
    return Classes(name, measure, tokens, breaks, of, values, own, zero)


def _classify_changes(name: str, report: AreaReport, units: Sequence[Unit], changes: Changes) -> Classes:
    """Classes of change: fixed ones, and one in the middle for whatever may be chance."""
    found = {unit["code"]: changes.of(unit["code"]) for unit in units}
    of = {code: find_change_class(change) for code, change in found.items()}
    values = {code: percent_of(change) for code, change in found.items()}
    return Classes(name, MEASURES[name], list(TOKENS), [], of, values, percent_of(changes.of(report["code"])), changes=changes)


def dark_classes(classes: Classes) -> set[int]:
    """Classes on which names are white in the light theme: both ends of a diverging ramp, and the two highest of a sequential ramp."""
    if classes.measure.diverging:
        return {0, len(theme.DIVERGING) - 1}
    return {index for index, token in enumerate(classes.tokens) if token in theme.RAMP[-2:]}
