"""Coverage: how many communities and grids have somebody, and every one that has nobody by name."""

from collections.abc import Mapping
from typing import Any

from data.core.i18n import t
from data.indicators.coverage import fetch_coverage
from data.indicators.types import Coverage, CoverageAnswer
from layers.style.wording import level_name
from reports.content import Aside, Block, Cell, Column, Note, Number, Section, Table
from reports.context import Context
from reports.numbers import percent, whole

MOST_NAMED = 60


async def make(context: Context, _options: Mapping[str, Any]) -> Section | None:
    """As it stands, whatever the period. Nothing can be chosen."""
    lang, report = context.lang, await context.report()
    answer = await fetch_coverage(context.area, context.viewer)
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
            blocks.append(_name_gaps(context, one, titles[one["level"]]))
    if any(one["staffed"] is None for one in levels):
        blocks.append(Note(t(lang, "A dash: no area of this level names anybody, so nothing is known.")))
    return Section(t(lang, "Coverage"), tuple(blocks))


async def _row(context: Context, one: Coverage, title: str, answer: CoverageAnswer) -> tuple[Cell, ...]:
    lang, all_of, staffed = context.lang, one["areas"], one["staffed"]
    if staffed is not None:
        seen = t(lang, "with a head or a worker of a unit") if answer["workers_seen"] else t(lang, "with a head")
        context.cite(
            t(lang, "Coverage: {level}", level=title),
            staffed / all_of,
            "share",
            numerator=staffed,
            denominator=all_of,
            definition=t(lang, "Areas of this level {seen} ÷ all of them.", seen=seen),
            source=t(lang, "Areas and units as they stand on the day of the data."),
        )

    def told(n: int | None) -> Number:
        return Number(f"{whole(n)} / {whole(all_of)}" if n is not None else whole(None), n)

    share = None if staffed is None else staffed / all_of
    text = whole(None) if share is None else f"{percent(share)}%"
    return title, told(one["headed"]), told(one["with_worker"]), told(staffed), Number(text, share, bold=True)


def _name_gaps(context: Context, one: Coverage, title: str) -> Aside:
    lang = context.lang
    missing = one["areas"] - (one["staffed"] or 0)
    between, end = ("、", "。") if lang == "zh" else (", ", ".")
    opening, closing = ("（", "）") if lang == "zh" else (" (", ")")
    named = []
    for gap in one["gaps"][:MOST_NAMED]:
        within = context.name({"name": gap["within"], "name_en": gap["within_en"]})
        named.append(context.name(gap) + (f"{opening}{within}{closing}" if within else ""))
    text = between.join(named)
    if missing > len(named):
        text += t(lang, " and {n} more", n=whole(missing - len(named)))
    return Aside(t(lang, "Without anybody: {level} ({n})", level=title, n=whole(missing)), t(lang, "name, area above"), text + end)
