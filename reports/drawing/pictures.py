"""Vector pictures as PNG, for formats that cannot hold SVG. typst draws them, as it draws the PDF: the same fonts, the same picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import typst

from reports.drawing.fonts import find_fonts, need_fonts
from reports.drawing.svg import FONT

PPI = 300
"""Pixels per inch: what printers need for lines and letters."""

_SHEET = """#set page(margin: 0pt)
#set text(size: 1pt)
#for (svg, width, height, ground) in json(bytes(sys.inputs.pictures)) {
  let drawn = image(bytes(svg), format: "svg", width: 100%, height: 100%, fit: "stretch")
  page(width: width * 1pt, height: height * 1pt, fill: if ground { white }, drawn)
}
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the size in which it is shown, in points. ``ground``: it is drawn on white, not on what lies behind it."""

    svg: str
    width: float
    height: float
    ground: bool = True


def draw_pngs(pictures: Sequence[Picture], ppi: int = PPI) -> list[bytes]:
    """The pictures as PNG, in their order; drawn in one go, because each go costs more than a small picture.

    Raises:
        NoFont: the font of their letters is not installed.
        typst.TypstError: one of them is no SVG.
    """
    if not pictures:
        return []
    need_fonts(FONT)
    told = orjson.dumps([(one.svg, one.width, one.height, one.ground) for one in pictures]).decode()
    made = typst.compile(_SHEET.encode(), font_paths=find_fonts(), format="png", ppi=ppi, sys_inputs={"pictures": told})
    return [made] if isinstance(made, bytes) else list(made or [])
