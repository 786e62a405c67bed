"""From the map's picture to the slanted one: the ground turned, enlarged, and foreshortened."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from reports.maps.furniture import place_furniture
from reports.maps.projection import Projection

BEARING_DEG = -16.0
"""Direction of the reader's look, clockwise from north."""
SQUASH = 0.64
"""Depth on the ground as it is seen: the sine of the look's angle above the ground, 40°."""
RISE = math.sqrt(1 - SQUASH**2) * 1.15
"""Heights as they are seen, raised by 15 %, for which an eye takes them anyway."""
_DEEPEST = 560.0
"""Most of the picture's height that the ground takes, in its units."""
_TOWER_M = 100.0
"""Room above the ground for buildings of this height."""


@dataclass(frozen=True, slots=True)
class Slant:
    """From the map's picture to the slanted one: turned, enlarged and shifted; depth is kept until ``lay`` foreshortens it."""

    zoom: float
    dx: float
    dy: float
    height: float

    @classmethod
    def over(cls, shapes: Any, view: Projection, width: float) -> "Slant":
        """So that all shapes are in the picture, with room for towers above them."""
        corners = _rotate(shapely.get_coordinates(shapes))
        low, high = corners.min(axis=0), corners.max(axis=0)
        zoom = (width - 60) / max(high[0] - low[0], 1e-9)
        zoom = min(zoom, _DEEPEST / max((high[1] - low[1]) * SQUASH, 1e-9))
        above = min(_TOWER_M / view.metres * zoom * RISE + 24, 150)
        height = round((high[1] - low[1]) * SQUASH * zoom + above + 60, 1)
        return cls(zoom, float(width / 2 - (low[0] + high[0]) / 2 * zoom), float(above / SQUASH - low[1] * zoom), float(height))

    def turn(self, shapes: Any) -> Any:
        """Shapes of the map on the turned ground, not foreshortened."""
        return shapely.transform(np.asarray(shapes, dtype=object), lambda at: _rotate(at) * self.zoom + (self.dx, self.dy))

    def lay(self, shapes: Any) -> Any:
        """Shapes on the turned ground as they are seen."""
        return shapely.transform(np.asarray(shapes, dtype=object), lambda at: at * (1, SQUASH))

    def furnish(self, view: Projection, ground: Any) -> str:
        """Scale bar across the picture, and the arrow to north, turned as the ground is."""
        seen = shapely.union_all(self.lay(ground))
        north = math.radians(view.north_deg - BEARING_DEG)
        turned = math.degrees(math.atan2(math.sin(north), math.cos(north) * SQUASH))
        flat = _Plain(view.width, self.height, view.metres / self.zoom, turned)
        return place_furniture(flat, seen).draw()


@dataclass(frozen=True, slots=True)
class _Plain:
    """What scale bar and arrow need to know of a picture."""

    width: float
    height: float
    metres: float
    north_deg: float


def _rotate(corners: Any) -> Any:
    """The ground turned so that the reader looks along the bearing."""
    turn = math.radians(-BEARING_DEG)
    x, y = corners[:, 0], corners[:, 1]
    return np.column_stack((x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)))
