"""Small charts as SVG, for every format of a report: bars over time, curves, intervals on a scale, bars of tables, sparklines.

Sizes are in points, so that a chart is drawn in the size in which it is shown and its letters have the size of those around it.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import floor, isfinite, log10

from reports.content import Interval, Scale
from reports.drawing.colours import ABOVE, ACCENT, BAR, BELOW, HAIRLINE, INK, MUTED, QUIET, RANGE, TRACK, WHITE
from reports.drawing.svg import FONT, escape
from reports.drawing.text_width import measure
from reports.drawing.texts import make_legible
from reports.graphics import Bars, Curve

MARKS = {"": INK, "above": ABOVE, "below": BELOW}

_SMALL = 7.5


def draw_bars(chart: Bars, width: float, height: float) -> str:
    """Bars with their values, and a tick for each value that they are compared with."""
    tops = [value for point in chart.points for value in (point.value, point.before) if value is not None and isfinite(value)]
    ticks = find_ticks(max(tops, default=0))
    left, bottom = max(measure(_number(tick), _SMALL) for tick in ticks) + 6, height - 14
    per = bottom - 8
    made = [_axis(ticks, left, width, bottom, per)]
    step = (width - left) / max(len(chart.points), 1)
    every, told = _thin([point.label for point in chart.points], step), 0.0
    for at, point in enumerate(chart.points):
        middle, bar = left + step * (at + 0.5), min(step * 0.72, 34)
        if isfinite(point.value):
            made.append(_bar(point.value, point.quiet, middle, bar, bottom, max(point.value, 0) / ticks[-1] * per))
        if point.before is not None and isfinite(point.before):
            y = bottom - max(point.before, 0) / ticks[-1] * per
            made.append(_line(middle - bar * 0.62, y, middle + bar * 0.62, y, INK, 1.4))
        if at % every == 0:
            half = measure(point.label, _SMALL) / 2
            there = min(max(middle, half), max(width - half, half))  # a long one at the edge moves in, if there is room
            if there - half >= told:
                made.append(_text(there, height - 3, point.label))
                told = there + half + 3
    return _svg(width, height, made)


def _axis(ticks: Sequence[float], left: float, width: float, bottom: float, per: float) -> str:
    made = []
    for tick in ticks:
        y = bottom - tick / ticks[-1] * per
        made += [_line(left, y, width, y, HAIRLINE, 0.5), _text(left - 4, y + 2.7, _number(tick), "end")]
    return "".join(made)


def _bar(value: float, quiet: bool, middle: float, width: float, bottom: float, height: float) -> str:
    """A bar; its value stands at its foot, where no tick crosses it, if there is room."""
    colour, round_ = QUIET if quiet else ACCENT, min(1.5, height / 2)
    made = _rectangle(middle - width / 2, bottom - height, width, height, round_, colour)
    text = _number(value)
    if measure(text, _SMALL, bold=True) > width - 1:
        return made
    if height < 14:
        return made + _text(middle, bottom - height - 3, text, colour=MUTED)
    return made + _text(middle, bottom - 4.5, text, colour=INK if quiet else WHITE, bold=True)


def draw_curve(chart: Curve, width: float, height: float) -> str:
    """A curve of steps from everything to what is left, with its interval as a band."""
    left, bottom = 32.0, height - 14
    end, per = chart.end if chart.end > 0 else 1.0, bottom - 8
    made = [_axis_of_shares(left, width, bottom, per)]
    steps = [(0.0, 1.0, 1.0, 1.0), *((min(max(one.at, 0), end), one.share, one.low, one.high) for one in chart.steps)]

    def at(x: float, share: float) -> str:
        return f"{left + x / end * (width - left - 6):.2f},{bottom - min(max(share, 0), 1) * per:.2f}"

    def walk(part: int) -> list[str]:
        corners = [at(steps[0][0], steps[0][part])]
        for before, now in pairwise(steps):
            corners += [at(now[0], before[part]), at(now[0], now[part])]
        return [*corners, at(end, steps[-1][part])]

    made.append(f'<polygon points="{" ".join(walk(3) + walk(2)[::-1])}" fill="{ACCENT}" fill-opacity="0.14"/>')
    made.append(f'<polyline points="{" ".join(walk(1))}" fill="none" stroke="{ACCENT}" stroke-width="1.5" stroke-linejoin="round"/>')
    told = -1.0
    for x, label in sorted(chart.marks):
        half = measure(label, _SMALL) / 2
        middle = min(left + min(max(x, 0), end) / end * (width - left - 6), width - half)
        if middle - half > told:
            made.append(_text(middle, height - 3, label))
            told = middle + half + 3
    return _svg(width, height, made)


def _axis_of_shares(left: float, width: float, bottom: float, per: float) -> str:
    made = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = bottom - share * per
        made += [_line(left, y, width, y, HAIRLINE, 0.5), _text(left - 4, y + 2.7, f"{share:.0%}", "end")]
    return "".join(made)


def draw_interval(cell: Interval, scale: Scale, width: float, height: float) -> str:
    """A value as a point on its interval, on the column's scale. The line reaches from edge to edge, so that it goes on in the next row."""
    middle = height / 2
    made = [_line(0, middle, width, middle, HAIRLINE, 0.5)]
    if scale.line is not None:
        x = place(scale.line, scale) * width
        made.append(_line(x, 0, x, height, ACCENT, 0.8))
    low, high = place(cell.low, scale) * width, place(cell.high, scale) * width
    made.append(_line(low, middle, high, middle, RANGE, 2.6))
    point = min(max(place(cell.value, scale) * width, 2.5), width - 2.5)
    made.append(f'<circle cx="{point:.2f}" cy="{middle:.2f}" r="2.5" fill="{MARKS[cell.mark]}"/>')
    return _svg(width, height, made)


def draw_share(share: float, width: float, height: float) -> str:
    """A bar of a table on its track."""
    full = min(max(share, 0), 1) * width if isfinite(share) else 0
    top, thick = height / 2 - 2.2, 4.4
    return _svg(width, height, [_rectangle(0, top, long, thick, 1, colour) for long, colour in ((width, TRACK), (full, BAR))])


def draw_spark(values: Sequence[float | None], width: float, height: float) -> str:
    """Values of the last periods as a line, broken where one is not known; the present one has a point."""
    known = [value for value in values if value is not None and isfinite(value)]
    low, high = min(known, default=0), max(known, default=0)
    step = (width - 6) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return height / 2 if high == low else height - 3 - (value - low) / (high - low) * (height - 6)

    made, piece = [], list[str]()
    for at, value in enumerate([*values, None]):
        if value is not None and isfinite(value):
            piece.append(f"{3 + at * step:.2f},{y(value):.2f}")
        elif piece:
            made.append(f'<polyline points="{" ".join(piece)}" fill="none" stroke="{BAR}" stroke-width="1.2" stroke-linejoin="round"/>')
            piece = []
    if values and (last := values[-1]) is not None and isfinite(last):
        made.append(f'<circle cx="{3 + (len(values) - 1) * step:.2f}" cy="{y(last):.2f}" r="2" fill="{ACCENT}"/>')
    return _svg(width, height, made)


# ---- Scales ----


def place(value: float, scale: Scale) -> float:
    """Where a value stands on a scale, 0 to 1; what lies outside stands at its end."""
    span = scale.high - scale.low
    return min(max((value - scale.low) / span, 0), 1) if span > 0 and isfinite(value) else 0.0


def find_ticks(highest: float) -> list[float]:
    """Round values from 0 to one that is not below the highest, two to five steps."""
    if not isfinite(highest) or highest <= 0:
        return [0.0, 1.0]
    power = 10 ** floor(log10(highest))
    step = next(step for step in (power * part for part in (0.2, 0.25, 0.5, 1, 2)) if step * 5 >= highest and (step >= 1 or highest < 2))
    count = 1
    while step * count < highest * (1 - 1e-9):
        count += 1
    return [step * at for at in range(count + 1)]


def _thin(labels: Sequence[str], step: float) -> int:
    """Every how many labels one is shown, so that none touches the next."""
    widest = max((measure(label, _SMALL) for label in labels), default=0.0) + 4
    return max(1, -int(-widest // step)) if step > 0 else 1


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


# ---- SVG ----


def _svg(width: float, height: float, made: Sequence[str]) -> str:
    size = f'width="{width:.2f}" height="{height:.2f}" viewBox="0 0 {width:.2f} {height:.2f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(made)}</svg>'


def _rectangle(x: float, y: float, width: float, height: float, round_: float, colour: str) -> str:
    size = f'width="{width:.2f}" height="{height:.2f}" rx="{round_:.2f}"'
    return f'<rect x="{x:.2f}" y="{y:.2f}" {size} fill="{colour}"/>'


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, thick: float) -> str:
    return f'<line x1="{x:.2f}" y1="{y:.2f}" x2="{to_x:.2f}" y2="{to_y:.2f}" stroke="{colour}" stroke-width="{thick}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", colour: str = MUTED, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    face = f'font-family="{FONT}" font-size="{_SMALL}" text-anchor="{anchor}" fill="{colour}"{weight}'
    return f'<text x="{x:.2f}" y="{y:.2f}" {face}>{escape(make_legible(text))}</text>'
