"""What a report holds, whatever it is written as: sections of blocks, and the figures that they cite.

Sections make it, writers read it. Texts are in the report's language and are texts: no writer takes them for markup. Everything is plain
values, so that a report can be kept as JSON and written again.
"""

from dataclasses import dataclass, field
from typing import Literal

from reports import periods
from reports.graphics import Bars, Curve, Map

# ---- Figures ----

Unit = Literal["cases", "share", "hours", "days", "people", "households", "buildings", "areas", "count"]
"""What a figure counts. A share is 0 to 1, and shown in percent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that the report states, and how it can be defended.

    Attributes:
        no: its number in the report, from 1, in the order in which figures are first cited.
        label: what it is called.
        value: ``None`` where it is not known, see ``why``.
        unit: of the value.
        numerator, denominator: of a share; of a mean the sum of hours and the cases.
        low, high: 95 % interval.
        definition: how it was counted, a sentence.
        source: from what, such as the cases that the city registered, with the day of the data.
        cases: address of the list of the cases behind it, as the reader may see them; ``None`` where none can be listed.
        why: why there is no value, a sentence.
        key: its identity, see ``reports.figures.name_figure``; of one report each is there once. Empty in reports of an earlier version.
        group: of what sort it is, where tables or charts state many of it: documents explain that sort once, and only workbooks and pages
            list each. Empty: it has a small number wherever it is stated.
    """

    no: int
    label: str
    value: float | None
    unit: Unit
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    definition: str = ""
    source: str = ""
    cases: str | None = None
    why: str = ""
    key: str = ""
    group: str = ""


# ---- Blocks ----


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: plain or bold, and the number of the figure that it states."""

    text: str
    bold: bool = False
    figure: int | None = None


Sentence = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    pieces: Sentence


@dataclass(frozen=True, slots=True)
class Bullets:
    """Points, each of one or two sentences: the finding in bold, then the reason."""

    points: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How a key figure changed: ``title`` such as 环比, ``text`` such as +2.6 %; ``figure``: number of the earlier figure."""

    title: str
    text: str
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the large figures.

    Attributes:
        label: above it.
        value, unit: as they are shown.
        figure: number of the figure.
        detail: below it, such as the fraction.
        changes: against earlier periods.
        spark: its values in the last periods, the present one last; ``None`` where one is not known. Empty: no line is drawn.
    """

    label: str
    value: str
    unit: str
    figure: int
    detail: str = ""
    changes: tuple[Change, ...] = ()
    spark: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The key figures, side by side."""

    figures: tuple[KeyFigure, ...]


Align = Literal["left", "right", "centre"]
Mark = Literal["", "above", "below"]
"""Whether an interval lies wholly above or below the line it is compared with."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a table: as it is shown, and as it is; ``figure``: number of the figure that it states."""

    text: str
    value: float | None
    bold: bool = False
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator and a denominator in a table, written as 111 / 116; ``figure``: number of the figure that they make."""

    numerator: float
    denominator: float
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its interval, drawn on the column's scale."""

    value: float
    low: float
    high: float
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the column's width: ``share`` 0 to 1."""

    share: float


Cell = str | Number | Fraction | Interval | Bar


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a column of intervals: its ends, and the line through it with its label."""

    low: float
    high: float
    low_text: str
    high_text: str
    line: float | None = None
    line_text: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, how it is aligned, its width in shares of what the others leave (0: as wide as needed).

    ``holds``: what its texts are, so that a screen can lead there: numbers of ``cases``; empty: texts like others.
    """

    title: str
    align: Align = "left"
    stretch: float = 0
    scale: Scale | None = None
    holds: Literal["", "cases"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its head is repeated on every page.

    Attributes:
        title: above it; may be empty.
        unit: beside the title, muted.
        columns, rows: each row has a cell for every column.
        note: below it, muted.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """A box beside the main thing, such as areas with too few cases."""

    title: str
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Small print."""

    text: str


Single = Paragraph | Bullets | KeyFigures | Map | Table | Aside | Bars | Curve | Note


@dataclass(frozen=True, slots=True)
class Pair:
    """Two blocks side by side; ``share`` is the left one's part of the width."""

    left: Single
    right: Single
    share: float = 0.5


Block = Single | Pair


# ---- The whole ----


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its title (empty: it needs none), and its blocks. ``new_page``: it begins on a page of its own."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Attributes:
        kind: code of its kind.
        lang: ``zh`` or ``en``.
        title: such as 网格治理周报.
        issuer: who issues it.
        area, area_name: code and name of its area.
        step: how long its period is.
        first, last: its days, ISO 8601.
        period: the period in words, such as 2026 年第 47 周; ``days``: its days in words.
        as_of: the moment for which its figures stand, ISO 8601 with the offset of the city's own time.
        data_version: the number of the city's data from which it was made.
        sections: in their order.
        figures: every figure that it cites, by number.
        format: ``standard``, or ``official`` for the form of official documents.
        beside: codes of the areas with which it is compared.
        made_at: when it was made, ISO 8601 with an offset; ``None``: nobody says.
    """

    kind: str
    lang: Literal["zh", "en"]
    title: str
    issuer: str
    area: str
    area_name: str
    step: periods.Step
    first: str
    last: str
    period: str
    days: str
    as_of: str
    data_version: int
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...] = field(default=())
    format: Literal["standard", "official"] = "standard"
    beside: tuple[str, ...] = ()
    made_at: str | None = None
