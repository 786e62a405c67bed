"""Coverage: how many communities and grids have somebody, and every one that has nobody by name."""

from collections.abc import Iterable
from itertools import groupby

from data.core.i18n import t
from data.indicators.coverage import fetch_coverage
from data.indicators.types import Coverage, CoverageAnswer, Gap
from layers.style.numbers import percent, whole
from layers.style.wording import level_name
from reports.content import Aside, Block, Cell, Column, Fraction, Note, Number, Section, Table
from reports.context import Context
from reports.figures import NOW
from reports.options import SectionOptions

MOST_IN_BOX, MOST_NAMED = 60, 5_000
"""So many names stand in a box; more in a table, a row for each area above."""
_MOST_LETTERS = 300
"""A row is not torn, and must not be longer than a page, the smaller one of official documents either."""

Options = SectionOptions


async def make(context: Context, _options: Options) -> Section | None:
    """As it stands, whatever the period. Nothing can be chosen."""
    lang, report = context.lang, await context.report()
    answer = await fetch_coverage(context.area, context.viewer, MOST_NAMED)
    levels = [one for one in answer["levels"] if one["areas"]]
    if not levels:
        return None
    titles = {one["level"]: level_name(report, one["level"], lang) for one in levels}
    columns = (
        Column(t(lang, "Level"), stretch=1),
        Column(t(lang, "With a head"), "right"),
        Column(t(lang, "With a worker"), "right"),
        Column(t(lang, "With either"), "right"),
        Column(t(lang, "Share"), "right"),
    )
    rows = [await _row(context, one, titles[one["level"]], answer) for one in levels]
    blocks: list[Block] = [Table(columns, tuple(rows), unit=t(lang, "as it stands"))]
    for one in levels:
        if one["staffed"] is not None and one["staffed"] < one["areas"]:
            blocks.append(name_gaps(context, one, titles[one["level"]]))
    if any(one["staffed"] is None for one in levels):
        blocks.append(Note(t(lang, "A dash: no area of this level names anybody, so nothing is known.")))
    return Section(t(lang, "Coverage"), tuple(blocks))


async def _row(context: Context, one: Coverage, title: str, answer: CoverageAnswer) -> tuple[Cell, ...]:
    lang, all_of, staffed, no = context.lang, one["areas"], one["staffed"], None
    source = t(lang, "Areas and units as they stand on the day of the data.")
    if staffed is not None:
        seen = t(lang, "with a head or a worker of a unit") if answer["workers_seen"] else t(lang, "with a head")
        no = context.cite(
            context.key("coverage", NOW, level=one["level"]),
            t(lang, "Coverage: {level}", level=title),
            staffed / all_of,
            "share",
            numerator=staffed,
            denominator=all_of,
            definition=t(lang, "Areas of this level {seen} ÷ all of them.", seen=seen),
            source=source,
        )

    def told(by: str, label: str, n: int | None) -> Cell:
        if n is None:
            return Number(whole(None), None)
        key, named = context.key(f"coverage_{by}", NOW, level=one["level"]), t(lang, "{figure}: {name}", figure=label, name=title)
        definition = t(lang, "Areas of this level with one ÷ all of them.")
        told = context.cite(
            key, named, n / all_of, "share", numerator=n, denominator=all_of, definition=definition, source=source, group=label
        )
        return Fraction(n, all_of, told)

    share = None if staffed is None else staffed / all_of
    text = whole(None) if share is None else f"{percent(share)}%"
    headed, working = told("head", t(lang, "With a head"), one["headed"]), told("worker", t(lang, "With a worker"), one["with_worker"])
    either = Number(whole(None), None) if staffed is None else Fraction(staffed, all_of)
    return title, headed, working, either, Number(text, share, bold=True, figure=no)


def name_gaps(context: Context, one: Coverage, level: str) -> Aside | Table:
    """Every area without anybody, by name: a few in a box, many in a table. ``level``: what such an area is called."""
    lang, gaps, missing = context.lang, one["gaps"], one["areas"] - (one["staffed"] or 0)
    title = t(lang, "Without anybody: {level} ({n})", level=level, n=whole(missing))
    more = t(lang, " and {n} more", n=whole(missing - len(gaps))) if missing > len(gaps) else ""
    between, end = ("、", "。") if lang == "zh" else (", ", ".")
    if len(gaps) <= MOST_IN_BOX:
        opening, closing = ("（", "）") if lang == "zh" else (" (", ")")
        named = [context.name(gap) + (f"{opening}{within}{closing}" if (within := _within(context, gap)) else "") for gap in gaps]
        return Aside(title, t(lang, "name, area above"), between.join(named) + more + end)
    rows: list[tuple[Cell, ...]] = []
    for within, inside in groupby(gaps, lambda gap: _within(context, gap)):
        rows += [(within, between.join(names)) for names in _split(map(context.name, inside))]
    columns = Column(t(lang, "Area above")), Column(t(lang, "Without anybody"), stretch=1)
    return Table(columns, tuple(rows), title=title, note=more.strip())


def _split(names: Iterable[str]) -> list[list[str]]:
    """Names in lists that are not too long for a row."""
    rows: list[list[str]] = [[]]
    for name in names:
        if rows[-1] and sum(map(len, rows[-1])) + len(name) > _MOST_LETTERS:
            rows.append([])
        rows[-1].append(name)
    return rows


def _within(context: Context, gap: Gap) -> str:
    return context.name({"name": gap["within"], "name_en": gap["within_en"]})
