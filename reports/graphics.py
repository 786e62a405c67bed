"""Maps and charts of a report, as plain values: whoever writes it draws them."""

from dataclasses import dataclass

# ---- Maps ----


@dataclass(frozen=True, slots=True)
class LegendClass:
    """A class of a map's legend: its colour, ``#RRGGBB``, and from which value it begins; ``hatched`` for what is not told.

    ``token``: the name of the colour in the product's themes, so that a screen can show the class in its own theme.
    """

    colour: str
    label: str
    hatched: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True)
class MapArea:
    """An area of a map: its code, the place of its class in the legend (``None``: not told), its value as it is shown, and its figure."""

    code: str
    place: int | None
    text: str
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """A map as a vector picture.

    Attributes:
        title: what it shows; ``subtitle`` its unit and the area's own value.
        svg: the picture, with its scale bar, without texts outside the fonts of the report.
        width, height: of the picture, in its own units.
        classes: the legend, lowest first.
        notes: below it: method of the classes, source, day.
        alt: what it shows, for readers who do not see it.
        view, measure, level: what the picture is of, so that a screen can show the same live; empty: nobody says.
        areas: its areas with their classes, where areas are coloured.
        figure: number of the figure that is the area's own value.
    """

    title: str
    subtitle: str
    svg: str
    width: float
    height: float
    classes: tuple[LegendClass, ...]
    notes: tuple[str, ...]
    alt: str
    view: str = ""
    measure: str = ""
    level: str = ""
    areas: tuple[MapArea, ...] = ()
    figure: int | None = None


# ---- Charts ----


@dataclass(frozen=True, slots=True)
class Point:
    """A bar of a chart.

    Attributes:
        label: below it.
        value: its height.
        before: the same of the period that it is compared with, drawn as a tick; ``None`` where there is none.
        quiet: whether it is drawn lighter, such as a weekend.
        figure: number of the figure that its height states.
    """

    label: str
    value: float
    before: float | None = None
    quiet: bool = False
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars over time."""

    title: str
    unit: str
    points: tuple[Point, ...]
    alt: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a curve: from this moment on, this share."""

    at: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of steps with its interval, such as the share of cases still open after so many hours."""

    title: str
    unit: str
    steps: tuple[Step, ...]
    end: float
    marks: tuple[tuple[float, str], ...]
    alt: str
