"""What: cases by category and by source, side by side."""

from collections.abc import Mapping
from typing import Any

from data.core.i18n import t
from data.figures.types import AreaReport
from layers.style.wording import CHANNEL_TITLES, local_label
from reports.content import Bar, Cell, Column, Number, Pair, Section, Table
from reports.context import Context
from reports.numbers import percent, whole

MOST_ROWS = 8


async def make(context: Context, _options: Mapping[str, Any]) -> Section | None:
    """Nothing can be chosen."""
    report = await context.report()
    if not report["incidents"]["total"]:
        return None
    return Section("", (Pair(list_kinds(context, report, "category"), list_kinds(context, report, "source")),))


def list_kinds(context: Context, report: AreaReport, by: str) -> Table:
    """Cases by ``category`` or ``source``, the most frequent first; what is rare is added up."""
    lang, cases = context.lang, report["incidents"]
    if by == "source":
        counts = [(t(lang, CHANNEL_TITLES.get(code, "Other")), n) for code, n in cases["by_source"].items()]
    else:
        counts = [(local_label(code, report["categories"].get(code), lang), n) for code, n in cases["by_category"].items()]
    counts = sorted((one for one in counts if one[1]), key=lambda one: -one[1])
    shown, rest = counts[:MOST_ROWS], counts[MOST_ROWS:]
    if len(rest) == 1:
        shown, rest = counts, []
    if rest:
        shown = [*shown, (t(lang, "{n} others", n=len(rest)), sum(n for _, n in rest))]
    total, most = cases["total"], max((n for _, n in shown), default=1)
    rows: list[tuple[Cell, ...]] = [
        (name, Bar(n / most), Number(whole(n), n), Number(f"{percent(n / total)}%", n / total)) for name, n in shown
    ]
    columns = (Column(""), Column("", stretch=1), Column(t(lang, "Cases"), "right"), Column(t(lang, "Share"), "right"))
    title = t(lang, "Sources") if by == "source" else t(lang, "Categories")
    return Table(columns, tuple(rows), title, t(lang, "cases, and share of those reported"))
