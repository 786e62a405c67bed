"""Parts of a Word document as XML: runs of text, fields, links, bookmarks, paragraphs, pictures.

python-docx has no words for most of what a document needs here (fields, links, alternative texts, repeated heads), and takes seconds for
tables of thousands of cells; so the body is made of these, and python-docx keeps the package.
"""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from docx.oxml.ns import nsdecls, nsmap, qn
from docx.oxml.parser import oxml_parser, parse_xml

from reports.content import Sentence
from reports.drawing.texts import make_legible

Xml = Any
"""An element of lxml, which python-docx gives classes of its own."""

_PREFIX = {"w": nsmap["w"]}
_W = f"{{{nsmap['w']}}}"
_EMU = 12_700
"""English metric units in a point."""
_EITHER = frozenset("“”‘’—…·×÷±°§¶①②③④⑤⑥⑦⑧⑨⑩■●▲→←↑↓≤≥≈∞√%‰")
"""Letters that both a Chinese and a Latin font have; Word takes the Latin one unless it is told otherwise."""


def el(tag: str, *inside: Xml | None, **attributes: object) -> Xml:
    """An element of WordprocessingML: ``el("spacing", before=120)`` is ``<w:spacing w:before="120"/>``; ``None`` inside is left out."""
    made: Xml = oxml_parser.makeelement(f"{_W}{tag}", {f"{_W}{name}": str(value) for name, value in attributes.items()}, _PREFIX)
    made.extend(one for one in inside if one is not None)
    return made


# ---- Runs ----


def runs(text: str, style: str = "", *, bold: bool = False, chinese: bool = False) -> list[Xml]:
    """A text as runs: ``style`` is a style of characters; line ends and tabs are kept."""
    made = []
    for at, line in enumerate(make_legible(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if at:
            made.append(el("r", el("br")))
        if line:
            made.append(_run(line, style, bold, chinese and not _EITHER.isdisjoint(line)))
    return made


def _run(line: str, style: str, bold: bool, chinese: bool) -> Xml:
    format_ = el(
        "rPr",
        el("rStyle", val=style) if style else None,
        el("rFonts", hint="eastAsia") if chinese else None,
        el("b") if bold else None,
        el("bCs") if bold else None,
    )
    made = el("r", format_ if len(format_) else None)
    for at, piece in enumerate(line.split("\t")):
        if at:
            made.append(el("tab"))
        made.append(_text("t", piece))
    return made


def _text(tag: str, text: str) -> Xml:
    made = el(tag)
    made.text = text
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def field(code: str, shown: str, style: str = "") -> list[Xml]:
    """A field: Word works out ``code``, such as PAGE; until then ``shown`` stands there."""

    def run(inside: Xml) -> Xml:
        return el("r", el("rPr", el("rStyle", val=style)) if style else None, inside)

    return [
        run(el("fldChar", fldCharType="begin")),
        run(_text("instrText", f" {code} ")),
        run(el("fldChar", fldCharType="separate")),
        run(_text("t", shown)),
        run(el("fldChar", fldCharType="end")),
    ]


def link_to(bookmark: str, inside: Iterable[Xml]) -> Xml:
    """A link to a place in the document."""
    return el("hyperlink", *inside, anchor=bookmark, history=1)


class Bookmarks:
    """Marks places; each needs a number of its own in the document."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def mark(self, name: str, inside: Iterable[Xml]) -> list[Xml]:
        """What is inside, as a place with a name."""
        number = next(self._numbers)
        return [el("bookmarkStart", id=number, name=name), *inside, el("bookmarkEnd", id=number)]


def place_of_figure(number: int) -> str:
    """The name of the place that says how a figure was counted."""
    return f"figure_{number}"


def sentence(pieces: Sentence, known: frozenset[int], chinese: bool) -> list[Xml]:
    """A sentence; the number of each figure stands above and leads to how it was counted."""
    made = []
    for piece in pieces:
        made += runs(piece.text, bold=piece.bold, chinese=chinese)
        if piece.figure is not None:
            made.append(cite(piece.figure, known))
    return made


def cite(number: int, known: frozenset[int]) -> Xml:
    """The small number of a figure."""
    mark = runs(str(number), "FigureNumber")
    return link_to(place_of_figure(number), mark) if number in known else mark[0]


# ---- Paragraphs ----


def paragraph(style: str, *inside: Xml, **more: Xml) -> Xml:
    """A paragraph of a style, by its id. ``more``: further properties in the schema's order, such as ``jc=el("jc", val="right")``."""
    return el("p", el("pPr", el("pStyle", val=style), *more.values()), *inside)


def borders(space: int, **sides: tuple[int, str] | None) -> list[Xml]:
    """Lines by side: eighths of a point and colour; ``None``: no line. ``space``: between them and the text, in points."""
    return [el(side, val="single", sz=line[0], space=space, color=line[1]) if line else el(side, val="nil") for side, line in sides.items()]


# ---- Pictures ----


def inline_picture(number: int, width: float, height: float, alt: str) -> Xml:
    """A picture in the line, in points; what it is comes later: its ``a:blip`` has no picture yet."""
    made = parse_xml(_INLINE)
    across, down = str(round(width * _EMU)), str(round(height * _EMU))
    for one in (made.find(".//" + qn("wp:extent")), made.find(".//" + qn("a:ext"))):
        one.set("cx", across)
        one.set("cy", down)
    named = {"id": str(number), "name": f"Picture {number}"}
    _set(made.find(".//" + qn("wp:docPr")), {**named, "descr": make_legible(alt)})
    _set(made.find(".//" + qn("pic:cNvPr")), named)
    return made


def _set(element: Xml, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        element.set(name, value)


_INLINE = f"""<w:r {nsdecls("w", "wp", "a", "pic", "r")}><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent/>
<wp:docPr/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>
<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">
<pic:pic><pic:nvPicPr><pic:cNvPr/><pic:cNvPicPr/>
</pic:nvPicPr><pic:blipFill><a:blip/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>
</w:r>"""
