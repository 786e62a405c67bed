"""Data notes: until when each thing is known, what is not counted, and what was withheld."""

from data.core.i18n import t
from data.figures.types import Incidents
from layers.style.numbers import percent, whole
from layers.style.wording import local_label
from reports.content import Block, Bullets, Piece, Section, Sentence
from reports.context import Context
from reports.options import SectionOptions
from reports.periods import write_day, write_moment
from reports.summary.pieces import fill

UNPLACED_SENTENCES = {
    "one": "{n} case ({share}%) has no place: it counts, and is on no map.",
    "more": "{n} cases ({share}%) have no place: they count, and are on no map.",
}
Options = SectionOptions


async def make(context: Context, _options: Options) -> Section | None:
    """Nothing can be chosen."""
    lang, report = context.lang, await context.report()
    cases, city, people = report["incidents"], report["city"], report["population"]
    points = [t(lang, "The figures stand for {moment}.", moment=write_moment(city["as_of"], lang))]
    unplaced: list[Sentence] = []
    if city["newest_case"]:
        points.append(t(lang, "The newest case is of {day}.", day=write_day(city["newest_case"], lang)))
    if not await context.is_over():
        points.append(t(lang, "The period is not over: its figures are not final."))
    if cases["unplaced"]:
        unplaced.append(tuple(await _say_unplaced(context, cases)))
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
    blocks: tuple[Block, ...] = (Bullets((*((Piece(text),) for text in points[:-1]), *unplaced, (Piece(points[-1]),))),)
    return Section(t(lang, "Data notes"), blocks)


async def _say_unplaced(context: Context, cases: Incidents) -> list[Piece]:
    lang, n, total = context.lang, cases["unplaced"], cases["total"]
    no = context.cite(
        context.key("reported_unplaced"),
        t(lang, "Cases reported without a place"),
        n,
        "cases",
        numerator=n,
        denominator=total,
        definition=t(lang, "Cases reported in the period whose place is not known."),
        source=await context.source(),
    )
    share = percent(n / total if total else None)
    return fill(lang, UNPLACED_SENTENCES["one" if n == 1 else "more"], n=Piece(whole(n), figure=no), share=share)
