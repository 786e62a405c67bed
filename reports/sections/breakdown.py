"""What: cases by category and by source, side by side."""

from data.core.i18n import t
from data.figures.types import AreaReport
from layers.style.numbers import percent, whole
from layers.style.wording import CHANNEL_TITLES, local_label
from reports.citing import cite_reported
from reports.content import Bar, Cell, Column, Number, Pair, Section, Table
from reports.context import Context
from reports.options import SectionOptions

MOST_ROWS = 8


Options = SectionOptions


async def make(context: Context, _options: Options) -> Section | None:
    """Nothing can be chosen."""
    report = await context.report()
    if not report["incidents"]["total"]:
        return None
    return Section("", (Pair(await list_kinds(context, report, "category"), await list_kinds(context, report, "source")),))


async def list_kinds(context: Context, report: AreaReport, by: str) -> Table:
    """Cases by ``category`` or ``source``, the most frequent first; what is rare is added up."""
    lang, cases = context.lang, report["incidents"]
    if by == "source":
        counts = [(code, t(lang, CHANNEL_TITLES.get(code, "Other")), n) for code, n in cases["by_source"].items()]
    else:
        counts = [(code, local_label(code, report["categories"].get(code), lang), n) for code, n in cases["by_category"].items()]
    counts = sorted((one for one in counts if one[2]), key=lambda one: -one[2])
    shown, rest = counts[:MOST_ROWS], counts[MOST_ROWS:]
    if len(rest) == 1:
        shown, rest = counts, []
    if rest:
        shown = [*shown, (",".join(code for code, _, _ in rest), t(lang, "{n} others", n=len(rest)), sum(n for _, _, n in rest))]
    most = max((n for _, _, n in shown), default=1)
    rows = [await _row(context, by, one, cases["total"], most) for one in shown]
    columns = (Column(""), Column("", stretch=1), Column(t(lang, "Cases"), "right"), Column(t(lang, "Share"), "right"))
    title = t(lang, "Sources") if by == "source" else t(lang, "Categories")
    return Table(columns, tuple(rows), title, t(lang, "cases, and share of those reported"))


async def _row(context: Context, by: str, one: tuple[str, str, int], total: int, most: int) -> tuple[Cell, ...]:
    """Name, bar, count and share, the last two with their figures."""
    (code, name, n), lang = one, context.lang
    share, which = t(lang, "Share of the cases reported"), {"channel" if by == "source" else by: code}
    counted = await cite_reported(context, n, of=name, filters=which)
    parted = context.cite(
        context.key("reported_share", **which),
        t(lang, "{figure}: {name}", figure=share, name=name),
        n / total,
        "share",
        numerator=n,
        denominator=total,
        definition=t(lang, "Cases reported of this kind ÷ all cases reported in the period."),
        source=await context.source(),
        group=share,
    )
    return name, Bar(n / most), Number(whole(n), n, figure=counted), Number(f"{percent(n / total)}%", n / total, figure=parted)
