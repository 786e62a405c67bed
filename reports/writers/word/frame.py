"""What stands around the blocks of a Word document: page, footer, titles of sections, how the figures were counted, properties."""

from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from data.core.i18n import t
from reports.cases import full_address
from reports.content import Figure, Report, Section
from reports.drawing.texts import make_legible
from reports.periods import write_moment
from reports.writers.notes import list_notes
from reports.writers.numbers import write_fraction, write_number
from reports.writers.packages import find_moment
from reports.writers.word.front import place_of_section
from reports.writers.word.looks import HAIRLINE, MM
from reports.writers.word.page import Page
from reports.writers.word.parts import Xml, el, field, paragraph, place_of_figure
from reports.writers.word.tables import write_frame

_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


# ---- The page ----


def set_page(document: Any, page: Page) -> None:
    """A4, margins and grid of the look."""
    look, own = page.look, document.element.body.find(qn("w:sectPr"))
    for tag in ("pgSz", "pgMar", "docGrid"):
        for old in own.findall(qn(f"w:{tag}")):
            own.remove(old)
    margins = {name: round(getattr(look, name) * 20) for name in ("top", "right", "bottom", "left", "header", "footer")}
    grid = el("docGrid", type="lines", linePitch=look.grid) if look.grid else el("docGrid", linePitch=360)
    own.insert(0, el("pgSz", w=round(210 * MM * 20), h=round(297 * MM * 20)))
    own.insert(1, el("pgMar", **margins, gutter=0))
    own.append(grid)


def write_footers(document: Any, report: Report, page: Page) -> None:
    """Name of the report, as of when it stands, number of the page; official documents have the number alone, at the outer edge."""
    section = document.sections[0]
    if page.look.outside:
        document.settings.odd_and_even_pages_header_footer = True
        _fill(section.footer, [_outside("right")])
        _fill(section.even_page_footer, [_outside("left")])
        return
    width = page.look.width
    name = "\u2002·\u2002".join(filter(None, (report.title, report.period)))
    numbers = _numbers_of_pages(page)
    moment = t(page.lang, "Data as of {moment}", moment=write_moment(report.as_of, report.lang))
    cells = (
        (width * 0.4, [page.write("footer", name)]),
        (width * 0.38, [page.write("footer", moment, jc=el("jc", val="center"))]),
        (width * 0.22, [paragraph("footer", *numbers, jc=el("jc", val="right"))]),
    )
    _fill(section.footer, [write_frame(cells, (4, HAIRLINE), ("top",)), paragraph("TablePicture")])


def _outside(side: str) -> Xml:
    """— 1 —, one letter from the edge."""
    indent = {"right": {"rightChars": 100, "right": 280}, "left": {"leftChars": 100, "left": 280}}[side]
    dashed = [el("r", _said("\N{EM DASH} ")), *field("PAGE", "1"), el("r", _said(" \N{EM DASH}"))]
    return paragraph("footer", *dashed, ind=el("ind", **indent), jc=el("jc", val=side))


def _said(text: str) -> Xml:
    made = el("t")
    made.text = text
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def _numbers_of_pages(page: Page) -> list[Xml]:
    """The words of the language around two fields."""
    words = t(page.lang, "Page {page} of {pages}", page="\0", pages="\1")
    made: list[Xml] = []
    for part in words.replace("\0", "|PAGE|").replace("\1", "|NUMPAGES|").split("|"):
        made += field(part, "1") if part in ("PAGE", "NUMPAGES") else page.runs(part)
    return made


def _fill(footer: Any, inside: list[Xml]) -> None:
    footer.is_linked_to_previous = False
    own = footer.part.element
    for old in list(own):
        own.remove(old)
    own.extend(inside)


# ---- Around the sections ----


def write_heading(section: Section, at: int, breaks: bool, page: Page) -> list[Xml]:
    """The title of a section, on a new page where it has to be."""
    own = {"page": el("pageBreakBefore")} if breaks else {}
    if not section.title:
        return [paragraph("TablePicture", **own)] if breaks else []
    return [paragraph("Heading1", *page.bookmarks.mark(place_of_section(at), page.runs(section.title)), **own)]


def write_definitions(report: Report, page: Page, part: Any) -> list[Xml]:
    """How each figure was counted, to which its small numbers lead."""
    if not report.figures:
        return []
    told = [_write_definition(figure, page, part) for figure in list_notes(report)]
    version = t(page.lang, "Data version {number}", number=report.data_version)
    return [page.write("NotesHeading", t(page.lang, "How the figures were counted")), *told, page.write("Note", version)]


def _write_definition(figure: Figure, page: Page, part: Any) -> Xml:
    mark = page.bookmarks.mark(place_of_figure(figure.no), page.runs(str(figure.no))) if figure.no else []
    gap = "" if page.lang == "zh" else " "
    words = t(page.lang, "{label}: {text}", label=figure.label, text=gap.join(_explain(figure, page)))
    told = [*mark, *page.runs("\u2002" + words)]
    if cases := full_address(figure.cases):
        address = part.relate_to(cases, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = el("hyperlink", *page.runs(t(page.lang, "The cases"), "Hyperlink"), history=1)
        link.set(qn("r:id"), address)
        told += [*page.runs(" "), link]
    return paragraph("Note", *told)


def _explain(figure: Figure, page: Page) -> list[str]:
    share = figure.unit == "share"
    between = ""
    if figure.low is not None and figure.high is not None:
        low, high = write_number(figure.low, share), write_number(figure.high, share)
        between = t(page.lang, "95% interval {low} to {high}.", low=low, high=high)
    parts = (figure.definition, write_fraction(figure), between, figure.source, figure.why)
    return [part if part[-1:] in ".。!！?？" else part + t(page.lang, ".") for part in parts if part]


# ---- The file ----


def set_properties(document: Any, report: Report) -> None:
    """Title, language and the moment of the report; nothing of the machine that wrote it."""
    properties, moment = document.core_properties, find_moment(report.last).replace(tzinfo=None)
    properties.title, properties.subject = make_legible(report.title)[:255], make_legible(report.period)[:255]
    properties.author = properties.last_modified_by = make_legible(report.issuer)[:255]
    properties.language = _LANGUAGES[report.lang]
    properties.created = properties.modified = moment
    properties.comments = properties.keywords = ""
    properties.revision = 1


def set_settings(document: Any, report: Report) -> None:
    """Ours is a document of today's Word, not of an older one; and its language."""
    own = document.settings.element
    for one in own.iter(qn("w:compatSetting")):
        if one.get(qn("w:name")) == "compatibilityMode":
            one.set(qn("w:val"), "15")
    for one in own.findall(qn("w:themeFontLang")):
        one.set(qn("w:val"), "en-GB")
        one.set(qn("w:eastAsia"), "zh-CN")
    for tag in ("rsids", "savePreviewPicture", "proofState", "zoom"):
        for one in own.findall(qn(f"w:{tag}")):
            own.remove(one)
