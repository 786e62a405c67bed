"""What is written on: the look and language of a document, its pictures, its places and lists."""

import io
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from reports.content import Report, Sentence
from reports.drawing.pictures import Picture, draw_pngs
from reports.writers.word.looks import Look
from reports.writers.word.parts import Bookmarks, Xml, cite, inline_picture, paragraph, runs, sentence


class Drawings:
    """The pictures of a document: placed while it is written, drawn together at its end, each only once."""

    def __init__(self) -> None:
        self._placed: list[tuple[Xml, Picture]] = []

    def place(self, svg: str, width: float, height: float, alt: str, ground: bool = True) -> Xml:
        """A run that shows a picture; sizes in points. ``ground``: see ``Picture``."""
        made = inline_picture(len(self._placed) + 1, width, height, alt)
        self._placed.append((made, Picture(svg, width, height, ground)))
        return made

    def draw(self, part: Any) -> None:
        """Draw them, and put them into a part of python-docx."""
        different = list(dict.fromkeys(picture for _, picture in self._placed))
        drawn = {picture: part.get_or_add_image(io.BytesIO(png))[0] for picture, png in zip(different, draw_pngs(different), strict=True)}
        for made, picture in self._placed:
            made.find(".//" + qn("a:blip")).set(qn("r:embed"), drawn[picture])


@dataclass(slots=True)
class Page:
    """What every block needs to be written.

    Attributes:
        look: see there.
        lang: of the report.
        known: numbers of the figures that the report explains.
        lists: how many lists there are so far.
    """

    look: Look
    lang: str
    known: frozenset[int]
    drawings: Drawings = field(default_factory=Drawings)
    bookmarks: Bookmarks = field(default_factory=Bookmarks)
    lists: int = 0

    @classmethod
    def of(cls, report: Report, look: Look) -> "Page":
        """An empty page for a report."""
        return cls(look, report.lang, frozenset(figure.no for figure in report.figures if not figure.group))

    def runs(self, text: str, style: str = "", bold: bool = False) -> list[Xml]:
        """See ``parts.runs``."""
        return runs(text, style, bold=bold, chinese=self.lang == "zh")

    def sentence(self, pieces: Sentence) -> list[Xml]:
        """See ``parts.sentence``."""
        return sentence(pieces, self.known, self.lang == "zh")

    def cite(self, number: int | None) -> list[Xml]:
        """The small number of a figure in a table; none where tables and charts state many of its sort, which is explained once."""
        return [cite(number, self.known)] if number in self.known else []

    def write(self, style: str, text: str, **more: Xml) -> Xml:
        """A paragraph with a text."""
        return paragraph(style, *self.runs(text), **more)

    def title(self, title: str, unit: str) -> list[Xml]:
        """The title of a block, with its unit beside it; nothing where it has none."""
        if not title and not unit:
            return []
        if not title:
            return [self.write("Caption", unit)]
        beside = self.runs("\u2003" + unit, "Unit") if unit else []
        return [paragraph("Heading2", *self.runs(title), *beside)]
