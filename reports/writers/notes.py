"""How figures are explained at the end of a document."""

from data.core.i18n import t
from reports.content import Figure, Report


def list_notes(report: Report) -> list[Figure]:
    """What is explained: each figure that has a small number; then each sort of which tables and charts state many, once, without one (0).

    A sort that is counted as a figure above is not explained again.
    """
    notes = [one for one in report.figures if not one.group]
    told = {one.definition for one in notes}
    for one in report.figures:
        if one.group and one.definition not in told:
            told.add(one.definition)
            label = t(report.lang, "{figure}, in tables and charts", figure=one.group)
            notes.append(Figure(0, label, None, one.unit, definition=one.definition, source=one.source, group=one.group))
    return notes
