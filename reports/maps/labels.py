"""Where names and values of areas stand: inside their area, at the cheapest of several places; outside with a line to it; or not at all.

No two labels touch. Areas with little room choose first, because the others have more places to choose from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from reports.drawing import svg
from reports.drawing.colours import WHITE, colour
from reports.maps.label_texts import LEAST_SIZE, LINE, Text, lay_out

_ASCENT = 0.88
_PAD = 2.5
_MOST_OUTSIDE = 0.3
"""The share of a label that may lie outside its area."""
_ACROSS = 7
"""Places tried across an area's box, beside its middle."""
_REACH = range(26, 190, 14)
_DIRECTIONS = 20


@dataclass(frozen=True, slots=True)
class Named:
    """An area to be named.

    Attributes:
        name, value: what is written; the value may be empty.
        shape: in the picture.
        ground: colour on which it is written; ``ink`` of the text.
        at: a good place, as the data tells it; ``None``: none is told.
    """

    name: str
    value: str
    shape: shapely.Geometry
    ground: str
    ink: str
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label with its place: the middle of its box; ``line`` leads from an area that is too small for it."""

    text: Text
    x: float
    y: float
    ground: str
    ink: str
    line: shapely.LineString | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What it covers."""
        w, h = self.text.width / 2, self.text.height / 2
        return self.x - w, self.y - h, self.x + w, self.y + h

    def draw(self) -> str:
        """Its texts, with a halo in the colour of its ground."""
        top, parts = self.y - self.text.height / 2, []
        for line in self.text.lines:
            parts.append(svg.text(self.x, top + line.size * _ASCENT, line.text, line.size, self.ink, self.ground, line.bold))
            top += line.size * LINE
        return "".join(parts)

    def draw_line(self) -> str:
        """The line to its area, with a dot at the end."""
        if self.line is None:
            return ""
        x, y = self.line.coords[0]
        dot = f'<circle cx="{svg.number(x)}" cy="{svg.number(y)}" r="2.8" fill="{colour("text")}" stroke="{WHITE}" stroke-width="1"/>'
        rim = svg.path([self.line], fill="none", stroke=WHITE, stroke_opacity=0.8, stroke_width=2.6)  # it may begin on a dark class
        return rim + svg.path([self.line], fill="none", stroke=colour("text"), stroke_width=1) + dot


@dataclass
class _Room:
    """What is taken already, and where labels may stand at all."""

    width: float
    height: float
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    lines: list[shapely.LineString] = field(default_factory=list)

    def is_free(self, boxes: Any) -> Any:
        """Which of the boxes lie in the frame and touch no other."""
        inside = (boxes[:, 0] > 4) & (boxes[:, 1] > 4) & (boxes[:, 2] < self.width - 4) & (boxes[:, 3] < self.height - 4)
        if not self.boxes:
            return inside
        taken = np.asarray(self.boxes)
        apart = (
            (boxes[:, None, 2] + _PAD <= taken[None, :, 0])
            | (taken[None, :, 2] + _PAD <= boxes[:, None, 0])
            | (boxes[:, None, 3] + _PAD <= taken[None, :, 1])
            | (taken[None, :, 3] + _PAD <= boxes[:, None, 1])
        )
        return inside & apart.all(axis=1)

    def crosses(self, line: shapely.LineString, box: shapely.Polygon) -> bool:
        """Whether a label's line would run through another label or line, or its box lie on a line."""
        taken = [shapely.box(*other) for other in self.boxes]
        return any(shapely.intersects(line, [*taken, *self.lines])) or any(shapely.intersects(box, self.lines))

    def take(self, label: Label) -> Label:
        """Keep what a label covers."""
        self.boxes.append(label.box)
        if label.line is not None:
            self.lines.append(label.line)
        return label


def place_labels(
    named: Sequence[Named],
    frame: tuple[float, float],
    size: float,
    taken: Iterable[tuple[float, float, float, float]] = (),
    water: shapely.Geometry | None = None,
) -> tuple[list[Label], list[Named]]:
    """Labels that touch nobody, and the areas that found no room.

    Args:
        named: the areas.
        frame: width and height of the picture.
        size: of the names; smaller ones are tried down to ``LEAST_SIZE``.
        taken: boxes in which no label may stand.
        water: where names are less welcome.
    """
    room, placed = _Room(*frame, boxes=list(taken)), []
    centres = [_find_middle(one.shape) for one in named]
    everywhere = shapely.union_all([one.shape.buffer(2) for one in named]) if named else shapely.Point()
    shapely.prepare(everywhere)
    rest = []
    for n in sorted(range(len(named)), key=lambda n: (centres[n][2], named[n].name)):
        found = _place_inside(named[n], centres[n], size, room, water)
        if found is None:
            rest.append(n)
        else:
            placed.append(room.take(found))
    left = []
    for n in sorted(rest, key=lambda n: -centres[n][2]):
        found = _place_outside(named[n], centres[n], size, room, everywhere)
        if found is None:
            left.append(n)
        else:
            placed.append(room.take(found))
    return placed, [named[n] for n in sorted(left)]


def _find_middle(shape: shapely.Geometry) -> tuple[float, float, float]:
    """The place farthest from an area's border, and how far that is; its centroid where that is nearly as far."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=0.5) if largest.area > 1 else None
    if circle is None or circle.is_empty or circle.length == 0:
        inside = shapely.point_on_surface(largest)
        return float(inside.x), float(inside.y), 0.0
    (x, y), depth, centroid = circle.coords[0], float(circle.length), largest.centroid
    if largest.contains(centroid) and shapely.distance(centroid, shapely.boundary(largest)) > 0.85 * depth:
        x, y = centroid.x, centroid.y
    return float(x), float(y), depth


def _place_inside(one: Named, centre: tuple[float, float, float], size: float, room: _Room, water: shapely.Geometry | None) -> Label | None:
    spots = _spots(one, centre)
    reach = max(np.sqrt(one.shape.area), 1.0)
    far = np.hypot(spots[:, 0] - centre[0], spots[:, 1] - centre[1]) / reach
    best: tuple[float, Label] | None = None
    for text in lay_out(one.name, one.value, size):
        if best is not None and best[0] <= text.cost:
            continue
        half = np.array([text.width, text.height]) / 2
        boxes = np.column_stack((spots - half, spots + half))
        free = np.flatnonzero(room.is_free(boxes))
        if not len(free):
            continue
        cost = text.cost + far[free] * 1.6 + _lies_elsewhere(one.shape, boxes[free], water)
        n = int(cost.argmin())
        if np.isfinite(cost[n]) and (best is None or cost[n] < best[0]):
            x, y = spots[free[n]]
            best = float(cost[n]), Label(text, float(x), float(y), one.ground, one.ink)
    return best[1] if best else None


def _lies_elsewhere(shape: shapely.Geometry, boxes: Any, water: shapely.Geometry | None) -> Any:
    """What it costs that boxes do not lie in their area; infinite where too much of them does not."""
    drawn = shapely.box(boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3])
    outside = np.zeros(len(drawn))
    over = np.flatnonzero(~shapely.covers(shape, drawn))
    outside[over] = 1 - shapely.area(shapely.intersection(drawn[over], shape)) / shapely.area(drawn[over])
    cost = np.where(outside > _MOST_OUTSIDE, np.inf, outside * 5)
    if water is not None and not water.is_empty:
        near = np.isfinite(cost) & shapely.intersects(drawn, water)
        cost[near] += shapely.area(shapely.intersection(drawn[near], water)) / shapely.area(drawn[near]) * 2
    return cost


def _spots(one: Named, centre: tuple[float, float, float]) -> Any:
    """Places for the middle of a label: the area's middle, what the data tells, and an even net inside."""
    west, north, east, south = one.shape.bounds
    xs, ys = (np.linspace(low, high, _ACROSS + 2)[1:-1] for low, high in ((west, east), (north, south)))
    net = np.array([(x, y) for y in ys for x in xs])
    shapely.prepare(one.shape)
    net = net[shapely.contains_xy(one.shape, net[:, 0], net[:, 1])]
    first = [centre[:2], *([one.at] if one.at is not None and one.shape.contains(shapely.Point(one.at)) else [])]
    return np.vstack((np.array(first, dtype=float), net)) if len(net) else np.array(first, dtype=float)


def _place_outside(one: Named, centre: tuple[float, float, float], size: float, room: _Room, everywhere: shapely.Geometry) -> Label | None:
    """Beside all areas, with a line: the nearest place to which the line crosses nothing."""
    small = max(min(size * 0.84, size), LEAST_SIZE)
    text = min(lay_out(one.name, one.value, small), key=lambda text: (text.lines[0].size, len(text.lines)))
    half = np.array([text.width, text.height]) / 2
    turns = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    for far in _REACH:
        aside = np.column_stack((np.cos(turns) * (far + half[0]), np.sin(turns) * (far + half[1])))
        spots = np.array(centre[:2]) + aside
        boxes = np.column_stack((spots - half, spots + half))
        drawn = shapely.box(boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3])
        for n in np.flatnonzero(room.is_free(boxes) & ~shapely.intersects(everywhere, drawn)):
            x, y = spots[n]
            end = _edge(centre, (float(x), float(y)), half)
            line = shapely.LineString([centre[:2], end])
            if not room.crosses(line, drawn[n]):
                return Label(text, float(x), float(y), svg.AROUND_GROUND, colour("text"), line)
    return None


def _edge(start: Sequence[float], middle: tuple[float, float], half: Any) -> tuple[float, float]:
    """Where a line from ``start`` to the middle of a box meets the box, a little before it."""
    dx, dy = start[0] - middle[0], start[1] - middle[1]
    share = min((half[0] + 3) / abs(dx) if dx else np.inf, (half[1] + 3) / abs(dy) if dy else np.inf, 1.0)
    return float(middle[0] + dx * share), float(middle[1] + dy * share)
