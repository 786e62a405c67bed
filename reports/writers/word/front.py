"""What a Word document begins with: a cover, the red head of a bulletin, or its title alone; and the list of contents."""

from dataclasses import replace

from data.core.i18n import t
from reports.content import Report
from reports.dress import HEAD_SPREAD, Dress, find_head_size
from reports.emblem import measure_emblem
from reports.periods import write_moment
from reports.writers.word.looks import MM, Look, Style
from reports.writers.word.page import Page
from reports.writers.word.parts import Xml, el, field, link_to, paragraph

_MANY, _MANY_ON_COVER = 8, 3
"""Sections with a title from which on a document has a list of contents; a cover has room for it."""
_EMBLEM = 26 * MM
_COVER_TITLE_EN = 30
"""English titles are longer."""


def fit_look(look: Look, dress: Dress, report: Report) -> Look:
    """The look with the sizes of what this document begins with: they are in its styles, so that one change of a style changes it."""

    def change(one: Style) -> Style:
        if one.id == "RedHead" and dress.head:
            size = find_head_size(dress.head, report.lang, look.width)
            return replace(one, size=size, tight=-round(size * HEAD_SPREAD[report.lang] * 20))
        return replace(one, size=_COVER_TITLE_EN) if one.id == "CoverTitle" and report.lang == "en" else one

    return replace(look, styles=tuple(map(change, look.styles)))


def write_front(report: Report, dress: Dress, page: Page) -> list[Xml]:
    """Everything before the first section."""
    contents = _write_contents(report, page) if has_contents(report, dress) else []
    if dress.cover:
        return [*_write_cover(report, dress, page), *contents, _write_moment(report, page)]
    return [*(_write_head(report, dress, page) if dress.head else []), *_write_title(report, dress, page), *contents]


def _write_title(report: Report, dress: Dress, page: Page) -> list[Xml]:
    """Who issues it, what it is called, and its days. In a bulletin the head says who."""
    official = page.look.outside
    named = "\u2003".join(filter(None, (report.area_name, report.period)))
    days = ("\n" if official else "\u2003").join(filter(None, (named, report.days)))
    issuer, title, below = page.write("Issuer", report.issuer), page.write("Title", report.title), page.write("Subtitle", days)
    if dress.head:
        return [title, below]
    return [title, issuer, below] if official else [issuer, title, below]


def _write_head(report: Report, dress: Dress, page: Page) -> list[Xml]:
    """Name of the bulletin, its number, who issues it and when, and a line in red."""
    number = [page.write("HeadNumber", dress.number)] if dress.number else []
    return [page.write("RedHead", dress.head), *number, page.write("HeadLine", f"\t{report.issuer}\t{dress.day}")]


def _write_cover(report: Report, dress: Dress, page: Page) -> list[Xml]:
    """Emblem, who issues it, its name, its area and its days."""
    emblem = []
    if dress.emblem:
        high = min(_EMBLEM, page.look.width / measure_emblem(dress.emblem))
        alt = t(page.lang, "Emblem of {issuer}", issuer=report.issuer)
        emblem = [page.drawings.place(dress.emblem, high * measure_emblem(dress.emblem), high, alt, ground=False)]
    return [
        paragraph("CoverEmblem", *emblem),
        page.write("CoverIssuer", report.issuer),
        page.write("CoverTitle", report.title),
        page.write("CoverArea", " · ".join(filter(None, (report.area_name, report.period)))),
        page.write("CoverDays", report.days),
    ]


def _write_moment(report: Report, page: Page) -> Xml:
    moment = t(page.lang, "Data as of {moment}", moment=write_moment(report.as_of, report.lang))
    return page.write("CoverMoment", moment)


def has_contents(report: Report, dress: Dress) -> bool:
    """Whether it is long enough for a list of contents; official documents have none."""
    titled = sum(bool(section.title) for section in report.sections)
    return report.format == "standard" and titled >= (_MANY_ON_COVER if dress.cover else _MANY)


def _write_contents(report: Report, page: Page) -> list[Xml]:
    """A list of contents as Word makes it. Numbers of pages come when it is updated or printed: only the program knows them."""
    titled = [(place_of_section(at), section.title) for at, section in enumerate(report.sections) if section.title]
    begin, code, separate, _, end = field('TOC \\o "1-1" \\h \\z \\u', "")
    made = [page.write("TOCHeading", t(page.lang, "Contents"))]
    for at, (place, title) in enumerate(titled):
        number = [el("r", el("tab")), *field(f"PAGEREF {place} \\h", "")]
        entry = link_to(place, [*page.runs(title.replace("\n", " ")), *number])
        made.append(paragraph("TOC1", *([begin, code, separate] if at == 0 else []), entry, *([end] if at == len(titled) - 1 else [])))
    return made


def place_of_section(at: int) -> str:
    """The name of the place where a section begins."""
    return f"_Toc{at + 1:08d}"
