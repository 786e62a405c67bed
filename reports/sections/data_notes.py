"""Data notes: until when each thing is known, what is not counted, and what was withheld."""

from collections.abc import Mapping
from typing import Any

from data.core.i18n import t
from layers.style.wording import local_label
from reports.content import Block, Bullets, Piece, Section
from reports.context import Context
from reports.numbers import percent, whole
from reports.periods import write_day, write_moment


async def make(context: Context, _options: Mapping[str, Any]) -> Section | None:
    """Nothing can be chosen."""
    lang, report = context.lang, await context.report()
    cases, city, people = report["incidents"], report["city"], report["population"]
    points = [t(lang, "The figures stand for {moment}.", moment=write_moment(city["as_of"], lang))]
    if city["newest_case"]:
        points.append(t(lang, "The newest case is of {day}.", day=write_day(city["newest_case"], lang)))
    if not await context.is_over():
        points.append(t(lang, "The period is not over: its figures are not final."))
    if cases["unplaced"]:
        share = percent(cases["unplaced"] / cases["total"] if cases["total"] else None)
        points.append(
            t(lang, "{n} cases ({share}%) have no place: they count, and are on no map.", n=whole(cases["unplaced"]), share=share)
        )
    if cases["withheld"]:
        names = ", ".join(local_label(code, report["categories"].get(code), lang) for code in cases["withheld"])
        points.append(t(lang, "Sensitive categories are not counted for this reader: {names}.", names=names))
    if people["hidden"]:
        points.append(t(lang, "Figures about fewer than five people are withheld, and some others from which they could be worked out."))
    if people["rounded"]:
        points.append(t(lang, "Figures about people are rounded to 5, and households cell by cell before they are added up."))
    if people["as_of"]:
        points.append(t(lang, "Residents are of {day}.", day=write_day(people["as_of"], lang)))
    if city["is_demo"]:
        points.append(t(lang, "Everything here is invented: this is a demo city."))
    points.append(t(lang, "Data version {n}.", n=city["data_version"]))
    blocks: tuple[Block, ...] = (Bullets(tuple((Piece(text),) for text in points)),)
    return Section(t(lang, "Data notes"), blocks)
