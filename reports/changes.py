"""What a correction changes: figures that differ from those of the report that it corrects, and a section that says so."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from data.core.i18n import t
from data.core.viewer import Lang
from layers.style.numbers import NONE, one_digit, percent, whole
from reports.content import Column, Figure, Note, Number, Paragraph, Piece, Report, Section, Table
from reports.periods import write_moment

MOST_LISTED = 40
"""The document lists so many; all of them are kept with the report."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure that differs; ``None`` where the report has no such figure, or does not know its value."""

    label: str
    unit: str
    old: float | None
    new: float | None
    key: str = ""


def list_changes(old: Report, new: Report) -> list[Changed]:
    """Figures that differ in value, fraction or interval, and those that one of both lacks, in the order of the new report."""
    before, after = _by_name(old.figures), _by_name(new.figures)
    found = []
    for name in (*after, *(name for name in before if name not in after)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None or _counted(was) != _counted(now):
            shown = now or was
            assert shown is not None  # noqa: S101 - a name is of one of both
            found.append(
                Changed(shown.label, shown.unit, was.value if was else None, now.value if now else None, getattr(shown, "key", ""))
            )
    return found


def _counted(figure: Figure) -> tuple[float | None, ...]:
    return figure.value, figure.numerator, figure.denominator, figure.low, figure.high


def _by_name(figures: Iterable[Figure]) -> dict[tuple[str, int], Figure]:
    """Figures by their key, or label where they have none; of several with one name each has its place among them."""
    seen: Counter[str] = Counter()
    found = {}
    for figure in figures:
        name = getattr(figure, "key", "") or figure.label
        found[name, seen[name]] = figure
        seen[name] += 1
    return found


def with_correction(report: Report, corrected: str, issued_at: datetime, reason: str, changes: list[Changed]) -> Report:
    """The report with a first section that says which one it corrects, why, and what differs.

    Args:
        report: the new one.
        corrected: number of the issued report that it corrects.
        issued_at: when that one was issued, in the city's own time.
        reason: in the words of whoever corrects.
        changes: of ``list_changes``.
    """
    lang = report.lang
    first = t(
        lang,
        "This report replaces number {no}, which was issued on {moment}. Reason: {reason}",
        no=corrected,
        moment=write_moment(issued_at.isoformat(), lang),
        reason=reason,
    )
    before, after = t(lang, "Before the correction"), t(lang, "After the correction")
    columns = (Column(t(lang, "Figure"), stretch=1), Column(before, "right"), Column(after, "right"))
    rows = tuple(
        (one.label, Number(_text(one.old, one.unit, lang), one.old), Number(_text(one.new, one.unit, lang), one.new))
        for one in changes[:MOST_LISTED]
    )
    unchanged = Note(t(lang, "No figure differs."))
    listed = Table(columns, rows, t(lang, "Figures that differ")) if rows else unchanged
    more = (Note(t(lang, "The first {n} of {all}.", n=MOST_LISTED, all=len(changes))),) if len(changes) > MOST_LISTED else ()
    section = Section(t(lang, "Correction"), (Paragraph((Piece(first),)), listed, *more))
    return replace(report, sections=(section, *report.sections))


def _text(value: float | None, unit: str, lang: Lang) -> str:
    if value is None:
        return NONE
    if unit == "share":
        return f"{percent(value)}%"
    return one_digit(value) if unit in ("hours", "days") or value % 1 else whole(value)
