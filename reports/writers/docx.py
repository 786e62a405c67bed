"""Reports as Word documents (DOCX), which people edit: real styles, lists, tables and page numbers; maps and charts as pictures."""

import io
from typing import Any

import docx
from docx.opc.part import Part
from docx.oxml.ns import qn

from reports.content import Report
from reports.dress import Dress, find_dress
from reports.writers.packages import fix_dates
from reports.writers.word.blocks import write_block
from reports.writers.word.frame import set_page, set_properties, set_settings, write_definitions, write_footers, write_heading
from reports.writers.word.front import fit_look, has_contents, write_front
from reports.writers.word.looks import find_look
from reports.writers.word.page import Page
from reports.writers.word.parts import Xml
from reports.writers.word.styles import make_font_table, make_lists, make_styles

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""Media type."""

_NEEDLESS = ("stylesWithEffects", "thumbnail", "customXml")
"""Parts of python-docx's own empty document that would tell of another document."""


def write_docx(report: Report, dress: Dress | None = None) -> bytes:
    """A report as a Word document, in the look of its form. The same report gives the same bytes, with the same fonts on the machine.

    Args:
        report: what it holds.
        dress: cover or head; ``None``: those of the report's kind.

    Raises:
        NoFont: the font of what is drawn is not installed.
        BadEmblem: the city's emblem cannot be used.
    """
    dress = find_dress(report) if dress is None else dress
    page = Page.of(report, fit_look(find_look(report.format), dress, report))
    document: Any = docx.Document()
    _drop_needless(document)
    set_page(document, page)
    _write_body(document, report, dress, page)
    document.sections[0].different_first_page_header_footer = dress.cover
    write_footers(document, report, page)
    _replace(document.styles.element, make_styles(page.look))
    _replace(document.part.numbering_part.element, make_lists(page.look, page.lists))
    _set_fonts(document, page)
    set_settings(document, report)
    set_properties(document, report)
    page.drawings.draw(document.part)
    made = io.BytesIO()
    document.save(made)
    return fix_dates(made.getvalue())


def _write_body(document: Any, report: Report, dress: Dress, page: Page) -> None:
    contents = has_contents(report, dress)
    made: list[Xml] = write_front(report, dress, page)
    for at, section in enumerate(report.sections):
        breaks = section.new_page and (at > 0 or contents) and not page.look.outside  # official documents run on
        breaks = breaks or (at == 0 and dress.cover)
        made += write_heading(section, at, breaks, page)
        for block in section.blocks:
            made += write_block(block, page.look.width, page)
    made += write_definitions(report, page, document.part)
    body = document.element.body
    end = body.find(qn("w:sectPr"))
    for one in made:
        end.addprevious(one)


def _replace(element: Xml, inside: list[Xml]) -> None:
    for old in list(element):
        element.remove(old)
    element.extend(inside)


def _drop_needless(document: Any) -> None:
    for owner in (document.part.package, document.part):
        for number, relation in list(owner.rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] in _NEEDLESS:
                del owner.rels[number]


def _set_fonts(document: Any, page: Page) -> None:
    """The template's part of fonts gives way to ours."""
    for number, relation in list(document.part.rels.items()):
        if relation.reltype.endswith("/fontTable"):
            old, kind = relation.target_part, relation.reltype
            del document.part.rels[number]
            document.part.relate_to(Part(old.partname, old.content_type, make_font_table(page.look), document.part.package), kind)
