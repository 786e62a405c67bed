"""Charts of a report on the screen: where their lines, bars and points stand, in percent of the chart. The template draws them.

What is drawn by percent fits every width, and letters keep their size. Colours come from the style sheet, so that charts follow the theme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from reports.content import Interval, Scale
from reports.drawing.charts import find_ticks, place
from reports.graphics import Bars, Curve
from reports.writers.numbers import write_number

WHOLE = 1000.0
"""Side of the square in which lines are drawn before they are stretched to their place."""


def percent_of(share: float) -> float:
    """A share of a chart's side in percent, with two digits."""
    return round(min(max(share, 0.0), 1.0) * 100, 2) if isfinite(share) else 0.0


# ---- In tables ----


@dataclass(frozen=True, slots=True)
class IntervalShape:
    """A point on its interval, and the line with which it is compared (``None``: there is none)."""

    low: float
    width: float
    point: float
    line: float | None
    mark: str


def shape_interval(cell: Interval, scale: Scale) -> IntervalShape:
    """An interval on its column's scale."""
    low, high = percent_of(place(cell.low, scale)), percent_of(place(cell.high, scale))
    line = None if scale.line is None else percent_of(place(scale.line, scale))
    return IntervalShape(low, round(high - low, 2), percent_of(place(cell.value, scale)), line, cell.mark)


# ---- Lines ----


@dataclass(frozen=True, slots=True)
class SparkShape:
    """The recent past of a key figure: pieces of a line, broken where a value is not known, and the present value's point."""

    pieces: tuple[str, ...]
    x: float
    y: float
    ends: bool


def shape_spark(values: Sequence[float | None]) -> SparkShape | None:
    """A sparkline; ``None`` where fewer than two values are known."""
    known = [value for value in values if value is not None and isfinite(value)]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)

    def at(place_: int, value: float) -> tuple[float, float]:
        return place_ / (len(values) - 1) * WHOLE, WHOLE / 2 if high == low else WHOLE - (value - low) / (high - low) * WHOLE

    pieces: list[str] = []
    piece: list[str] = []
    for place_, value in enumerate([*values, None]):
        if value is not None and isfinite(value):
            x, y = at(place_, value)
            piece.append(f"{x:.0f},{y:.0f}")
        elif piece:
            pieces.append(" ".join(piece))
            piece = []
    last = values[-1]
    ends = last is not None and isfinite(last)
    x, y = at(len(values) - 1, last) if last is not None and ends else (0.0, 0.0)
    return SparkShape(tuple(pieces), percent_of(x / WHOLE), percent_of(y / WHOLE), ends)


# ---- Charts ----


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of a chart's grid, or a mark below it: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class BarShape:
    """A bar with its label and value, and the tick of what it is compared with (``None``: there is none)."""

    middle: float
    left: float
    width: float
    top: float
    height: float
    label: str
    told: str
    before: float | None
    before_told: str
    quiet: bool


@dataclass(frozen=True, slots=True)
class BarsShape:
    """Bars with the lines of their grid. ``sparse``: every how many labels one is shown; ``roomy``: whether values fit into the bars."""

    ticks: tuple[Tick, ...]
    bars: tuple[BarShape, ...]
    sparse: int
    roomy: bool


_MOST_LABELS, _MOST_VALUES = 12, 8


def shape_bars(chart: Bars) -> BarsShape:
    """Bars from the ground up."""
    known = [value for point in chart.points for value in (point.value, point.before) if value is not None and isfinite(value)]
    ticks = find_ticks(max(known, default=0.0))
    step = 100 / max(len(chart.points), 1)
    bars = []
    for at, point in enumerate(chart.points):
        height = percent_of(point.value / ticks[-1])
        before = point.before if point.before is not None and isfinite(point.before) else None
        bars.append(
            BarShape(
                middle=round(step * (at + 0.5), 2),
                left=round(step * (at + 0.16), 2),
                width=round(step * 0.68, 2),
                top=round(100 - height, 2),
                height=height,
                label=point.label,
                told=write_number(point.value),
                before=None if before is None else round(100 - percent_of(before / ticks[-1]), 2),
                before_told="" if before is None else write_number(before),
                quiet=point.quiet,
            )
        )
    lines = tuple(Tick(round(100 - percent_of(tick / ticks[-1]), 2), write_number(tick)) for tick in ticks)
    return BarsShape(lines, tuple(bars), -(-len(bars) // _MOST_LABELS) or 1, len(bars) <= _MOST_VALUES)


@dataclass(frozen=True, slots=True)
class CurveShape:
    """A curve of steps as a line, its interval as a band, with the marks below."""

    line: str
    band: str
    marks: tuple[Tick, ...]


def shape_curve(chart: Curve) -> CurveShape:
    """A curve from everything to what is left."""
    end = chart.end if chart.end > 0 else 1.0
    steps = [(0.0, 1.0, 1.0, 1.0), *((min(max(one.at, 0), end), one.share, one.low, one.high) for one in chart.steps)]

    def at(x: float, share: float) -> str:
        return f"{x / end * WHOLE:.1f},{(1 - min(max(share, 0), 1)) * WHOLE:.1f}"

    def walk(part: int) -> list[str]:
        corners = [at(steps[0][0], steps[0][part])]
        for before, now in pairwise(steps):
            corners += [at(now[0], before[part]), at(now[0], now[part])]
        return [*corners, at(end, steps[-1][part])]

    marks = tuple(Tick(percent_of(x / end), text) for x, text in sorted(chart.marks))
    return CurveShape(" ".join(walk(1)), " ".join(walk(3) + walk(2)[::-1]), marks)
