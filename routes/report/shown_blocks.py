"""What the page of a report shows: its blocks with what the template needs. Nothing of it is HTML."""

from dataclasses import dataclass
from typing import Any, ClassVar

from reports.content import Change, Scale
from reports.graphics import LegendClass
from routes.report.shapes import BarsShape, CurveShape, IntervalShape, SparkShape


class _Block:
    """A block. The template knows it by the name of its class: ``KeysShown`` is ``keys``."""

    __slots__ = ()
    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__.removesuffix("Shown").lower()


# ---- Texts ----


@dataclass(frozen=True, slots=True)
class Cite:
    """The small number of a figure.

    Attributes:
        no: the number.
        address: the list of the cases behind it, else where it is told how it was counted.
        label: what the link is called by those who do not see it.
    """

    no: int
    address: str
    label: str


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a sentence."""

    text: str
    bold: bool
    cite: Cite | None


@dataclass(frozen=True, slots=True)
class TextShown:
    """A paragraph, or small print."""

    kind: str
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class PointsShown(_Block):
    """Points."""

    points: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class AsideShown(_Block):
    """A box beside the main thing."""

    title: str
    unit: str
    text: str


# ---- Figures ----


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key figure with its recent past. ``spark_told``: its values, for those who do not see the line."""

    label: str
    value: str
    unit: str
    cite: Cite | None
    detail: str
    changes: tuple[Change, ...]
    spark: SparkShape | None
    spark_told: str


@dataclass(frozen=True, slots=True)
class KeysShown(_Block):
    """The key figures."""

    keys: tuple[KeyShown, ...]


@dataclass(frozen=True, slots=True)
class FigureShown:
    """How a figure was counted. ``cases``: address of the list, where the reader may see one."""

    no: int
    label: str
    value: str
    fraction: str
    interval: str
    definition: str
    source: str
    why: str
    cases: str | None


# ---- Tables ----


@dataclass(frozen=True, slots=True)
class CellShown:
    """A cell.

    ``kind``: ``text``, ``number``, ``interval`` or ``bar``; ``text``: what it says, or what its picture shows; ``address``: of the case it
    names, where the reader may open it.
    """

    kind: str
    text: str
    bold: bool = False
    cite: Cite | None = None
    interval: IntervalShape | None = None
    share: float = 0.0
    address: str = ""


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A column's head. ``line``: where the line of its scale stands, in percent; ``whole``: its texts stand on one line."""

    title: str
    align: str
    scale: Scale | None
    line: float | None
    wide: bool
    whole: bool = False


@dataclass(frozen=True, slots=True)
class TableShown(_Block):
    """A table."""

    title: str
    unit: str
    note: str
    columns: tuple[ColumnShown, ...]
    rows: tuple[tuple[CellShown, ...], ...]


# ---- Pictures ----


@dataclass(frozen=True, slots=True)
class MapShown(_Block):
    """A map: its picture as an address that needs no request, and what a live view of the same is made from (empty: there is none).

    Attributes:
        live: JSON for the page's script; empty where the map's areas are not told.
        address: the map's page with the same measure, areas and days.
    """

    title: str
    subtitle: str
    picture: str
    width: float
    height: float
    classes: tuple[LegendClass, ...]
    notes: tuple[str, ...]
    alt: str
    address: str
    live: str
    number: int


@dataclass(frozen=True, slots=True)
class BarsShown(_Block):
    """A chart of bars, with its numbers as a table. ``values``: JSON for the page's script."""

    title: str
    unit: str
    alt: str
    shape: BarsShape
    values: str


@dataclass(frozen=True, slots=True)
class CurveShown(_Block):
    """A curve, with its steps as a table: time, share, interval."""

    title: str
    unit: str
    alt: str
    shape: CurveShape
    steps: tuple[tuple[str, str, str], ...]
    values: str


@dataclass(frozen=True, slots=True)
class PairShown(_Block):
    """Two blocks side by side."""

    left: Any
    right: Any


# ---- The whole ----


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section; ``id`` is its place on the page."""

    id: str
    title: str
    blocks: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report for its page.

    Attributes:
        markup: the language of its texts, as HTML says it.
        notes: how its figures were counted; sorts of which tables and charts state many once, with the number 0.
        further: each figure of these sorts.
    """

    title: str
    issuer: str
    area: str
    area_name: str
    period: str
    days: str
    markup: str
    data_version: int
    sections: tuple[SectionShown, ...]
    notes: tuple[FigureShown, ...]
    further: tuple[FigureShown, ...]
    official: bool

    @property
    def titled(self) -> tuple[SectionShown, ...]:
        """The sections that stand in the list of contents."""
        return tuple(section for section in self.sections if section.title)
