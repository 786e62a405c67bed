"""The two looks of a Word document: the standard one, and the form of official documents after GB/T 9704-2012.

Fonts are named, not embedded: Word and WPS on the machines of offices have them. ``INSTEAD`` says what stands in where one is not there.
"""

from dataclasses import dataclass
from typing import Literal

from reports.drawing import colours

MM = 72 / 25.4
"""Points in a millimetre."""

_COLOURS = (colours.INK, colours.MUTED, colours.ACCENT, colours.RULE, colours.SOFT, colours.HEAD_RED)
INK, MUTED, ACCENT, HAIRLINE, SOFT, RED = (one.lstrip("#") for one in _COLOURS)
"""As Word writes colours."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """The font of Chinese letters, and that of Latin ones and digits."""

    chinese: str
    latin: str


SANS, SERIF = Fonts("微软雅黑", "Arial"), Fonts("宋体", "Times New Roman")
FANGSONG, HEITI = Fonts("仿宋_GB2312", "Times New Roman"), Fonts("黑体", "Arial")
KAITI, TITLE_SONG = Fonts("楷体_GB2312", "Times New Roman"), Fonts("方正小标宋简体", "Times New Roman")

INSTEAD = {
    "微软雅黑": ("黑体", "swiss"),
    "宋体": ("SimSun", "roman"),
    "仿宋_GB2312": ("仿宋", "modern"),
    "黑体": ("SimHei", "modern"),
    "楷体_GB2312": ("楷体", "modern"),
    "方正小标宋简体": ("华文中宋", "roman"),
}
"""What a program takes where it does not have a font, and the font's family."""


@dataclass(frozen=True, slots=True)
class Style:
    """A style; lengths in points, ``None`` and 0: as in the style it is based on.

    Attributes:
        id, name: Word knows its own styles by their English names and shows them in the reader's language.
        kind: of paragraphs or of characters.
        follow: id of the style of the next paragraph.
        line: exact height of a line.
        keep: stays on the page of the next paragraph.
        level: in the outline of the document, from 0.
        first: indent of the first line, in letters.
        rule, ruled: a line below, in eighths of a point, and its colour.
        stops: where tabs stop, each with its kind.
        snap: ``False``: lines do not keep to the grid of the page.
        tight: by how much letters are closer, in twentieths of a point.
    """

    id: str
    name: str
    kind: Literal["paragraph", "character"] = "paragraph"
    based: str = "Normal"
    follow: str = ""
    fonts: Fonts | None = None
    size: float = 0
    bold: bool | None = None
    colour: str = ""
    align: Literal["", "left", "right", "center", "both"] = ""
    before: float | None = None
    after: float | None = None
    line: float = 0
    keep: bool = False
    level: int | None = None
    first: int | None = None
    left: float = 0
    right: float = 0
    hanging: float = 0
    rule: int = 0
    ruled: str = INK
    stops: tuple[tuple[str, float], ...] = ()
    fill: str = ""
    raised: bool = False
    listed: bool = False
    snap: bool = True
    tight: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A look: the page, in points, and its styles, of which the first is the one that all are based on.

    Attributes:
        header, footer: how far they are from the edges of the page.
        grid: height of the lines of the page in twentieths of a point; 0: they have no grid.
        numbered: points are numbered instead of marked.
        outside: the number of the page stands at the outer edge, between dashes.
    """

    top: float
    right: float
    bottom: float
    left: float
    header: float
    footer: float
    styles: tuple[Style, ...]
    grid: int = 0
    numbered: bool = False
    outside: bool = False

    @property
    def width(self) -> float:
        """Width of the text."""
        return 210 * MM - self.left - self.right

    @property
    def height(self) -> float:
        """Height of the text."""
        return 297 * MM - self.top - self.bottom

    def size_of(self, style: str) -> float:
        """Size of the letters of a style that has one of its own."""
        return next(one.size for one in self.styles if one.id == style)


_CHARACTERS = (
    Style("FigureNumber", "Figure Number", "character", based="", bold=False, colour=MUTED, raised=True),
    Style("Hyperlink", "Hyperlink", "character", based="", colour=ACCENT),
)

STANDARD = Look(
    top=16 * MM,
    right=18 * MM,
    bottom=17 * MM,
    left=18 * MM,
    header=8 * MM,
    footer=7.5 * MM,
    styles=(
        Style("Normal", "Normal", based="", fonts=SANS, size=10, colour=INK, before=0, after=0),
        Style("BodyText", "Body Text", after=6),
        Style("Issuer", "Issuer", size=9, colour=MUTED, keep=True),
        Style("Title", "Title", follow="Subtitle", fonts=SERIF, size=23, bold=True, before=2, after=1, keep=True),
        Style("Subtitle", "Subtitle", follow="BodyText", size=9, colour=MUTED, after=10, rule=12),
        Style("Heading1", "heading 1", follow="BodyText", fonts=SERIF, size=15, bold=True, before=14, after=5, keep=True, level=0),
        Style("Heading2", "heading 2", follow="BodyText", size=11.5, bold=True, before=12, after=4, keep=True, level=1),
        Style("ListBullet", "List Bullet", after=3, left=13, hanging=13, listed=True),
        Style("Caption", "caption", size=8, colour=MUTED, before=2, after=2),
        Style("Note", "Note", size=8, colour=MUTED, after=2),
        Style("NotesHeading", "Notes Heading", follow="Note", size=9, bold=True, before=14, after=3, keep=True),
        Style("Aside", "Aside", size=9, left=6, right=6, before=8, after=8, fill=SOFT),
        Style("Picture", "Picture", before=2, after=2, keep=True),
        Style("TableText", "Table Text", size=9, before=2.2, after=2.2),
        Style("TableHead", "Table Head", based="TableText", size=8, colour=MUTED, keep=True),
        Style("TablePicture", "Table Picture", size=1),
        Style("FigureLabel", "Figure Label", size=8.5, colour=MUTED, before=6),
        Style("FigureValue", "Figure Value", size=22, bold=True),
        Style("FigureDetail", "Figure Detail", size=8.5, after=2),
        Style("header", "header", size=8, colour=MUTED),
        Style("footer", "footer", size=8, colour=MUTED, before=2, line=12),
        Style("TOCHeading", "TOC Heading", size=11.5, bold=True, before=6, after=4, keep=True),
        Style("TOC1", "toc 1", after=2),
        Style("CoverEmblem", "Cover Emblem", size=1, before=44 * MM, after=8 * MM),
        Style("CoverIssuer", "Cover Issuer", size=12, colour=MUTED, after=4),
        Style("CoverTitle", "Cover Title", based="Title", follow="CoverArea", size=36, after=12, rule=12),
        Style("CoverArea", "Cover Area", follow="CoverDays", size=16, bold=True, after=4),
        Style("CoverDays", "Cover Days", size=10.5, colour=MUTED, after=64),
        Style("CoverMoment", "Cover Moment", size=9, colour=MUTED, before=40),
        Style("Unit", "Unit", "character", based="", size=8.5, bold=False, colour=MUTED),
        *_CHARACTERS,
    ),
)
"""As the pictures of the design: sans, titles in serif, notes small and muted."""

_LINE = 28.95
"""225 mm for 22 lines."""
_TIGHT = 5
"""28 letters of 16 points are a little wider than 156 mm. Word has a grid of letters for it; elsewhere each would take two fields."""

_HEAD_STOPS = (("left", 16.0), ("right", 156 * MM - 16))
"""Of who issues a bulletin, and of the day: one letter from either edge."""

OFFICIAL = Look(
    top=37 * MM,
    right=26 * MM,
    bottom=35 * MM,
    left=28 * MM,
    header=15 * MM,
    footer=25 * MM,
    grid=579,
    numbered=True,
    outside=True,
    styles=(
        Style("Normal", "Normal", based="", fonts=FANGSONG, size=16, colour="000000", align="both", before=0, after=0, line=_LINE),
        Style("BodyText", "Body Text", first=2, tight=_TIGHT),
        Style("Issuer", "Issuer", fonts=KAITI, align="center", keep=True),
        Style("RedHead", "Red Head", based="SingleLine", fonts=TITLE_SONG, size=46, colour=RED, align="center", before=14 * MM, snap=False),
        Style("HeadNumber", "Head Number", align="center", keep=True),
        Style("HeadLine", "Head Line", align="left", before=8 * MM, after=2 * _LINE, rule=16, ruled=RED, stops=_HEAD_STOPS, keep=True),
        Style(
            "Title", "Title", follow="Subtitle", fonts=TITLE_SONG, size=22, bold=False, align="center", after=_LINE / 2, line=36, keep=True
        ),
        Style("Subtitle", "Subtitle", follow="BodyText", fonts=KAITI, align="center", after=_LINE),
        Style("Heading1", "heading 1", follow="BodyText", fonts=HEITI, bold=False, first=2, keep=True, level=0, tight=_TIGHT),
        Style("Heading2", "heading 2", follow="BodyText", fonts=KAITI, bold=False, first=2, keep=True, level=1, tight=_TIGHT),
        Style("ListBullet", "List Bullet", first=2, listed=True, tight=_TIGHT),
        Style("Caption", "caption", size=10.5, line=16, align="left", snap=False),
        Style("Note", "Note", size=10.5, line=16, align="left", snap=False),
        Style("NotesHeading", "Notes Heading", follow="Note", fonts=HEITI, size=12, before=12, after=4, line=18, keep=True, snap=False),
        Style("Aside", "Aside", size=12, line=18, align="left", left=6, right=6, before=6, after=6, fill=SOFT, snap=False),
        Style("SingleLine", "Single Line", align="left", snap=False),
        Style("Picture", "Picture", based="SingleLine", align="center", before=2, after=2, keep=True, snap=False),
        Style("TableText", "Table Text", size=12, line=17, before=2, after=2, align="left", snap=False),
        Style("TableHead", "Table Head", based="TableText", fonts=HEITI, size=12, keep=True, snap=False),
        Style("TablePicture", "Table Picture", based="SingleLine", size=1, snap=False),
        Style("FigureLabel", "Figure Label", size=12, line=18, before=4, align="left", snap=False),
        Style("FigureValue", "Figure Value", size=22, bold=True, line=28, align="left", snap=False),
        Style("FigureDetail", "Figure Detail", size=10.5, line=16, after=2, align="left", snap=False),
        Style("header", "header", fonts=SERIF, size=14, line=18, snap=False),
        Style("footer", "footer", fonts=SERIF, size=14, line=18, snap=False),
        Style("TOCHeading", "TOC Heading", fonts=HEITI, align="center", keep=True),
        Style("TOC1", "toc 1"),
        Style("Unit", "Unit", "character", based="", size=10.5, bold=False),
        *_CHARACTERS,
    ),
)
"""GB/T 9704-2012: a type area of 156 × 225 mm, FangSong of size 3 (16 pt), 22 lines of 28 letters."""


def find_look(format_: Literal["standard", "official"]) -> Look:
    """The look of a report's form."""
    return OFFICIAL if format_ == "official" else STANDARD
