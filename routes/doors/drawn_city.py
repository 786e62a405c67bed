"""The drawn city behind the sign-in card: blocks on a grid, seen from above at a slant, in the colours of the map."""

from dataclasses import dataclass
from functools import lru_cache

_CELLS = 28
_HALF_WIDTH, _HALF_DEPTH = 64.0, 32.0
"""Half a cell on screen: twice as wide as deep, as in isometric drawings."""
_STREET = 0.16
_FLOOR = 24.0
_VIEW = (-800, 446, 1600, 900)
"""Left, top, width and height of the visible part: smaller than the drawing, so that the city has no edge."""


@dataclass(frozen=True, slots=True)
class Face:
    """One side of a block: its corners as an SVG ``points`` text, and ``top``, ``left`` or ``right``."""

    points: str
    side: str


@dataclass(frozen=True, slots=True)
class Block:
    """One cell: its kind (``water``, ``green``, or a class of the map), and its visible faces."""

    kind: str
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class City:
    """The whole drawing."""

    view_box: str
    blocks: tuple[Block, ...]


@lru_cache
def draw_city() -> City:
    """The drawing, always the same."""
    blocks = tuple(_block(east, south) for east in range(_CELLS) for south in range(_CELLS) if _is_seen(east, south))
    return City(" ".join(map(str, _VIEW)), blocks)


def _is_seen(east: int, south: int) -> bool:
    left, top, width, height = _VIEW
    across, down = (east - south) * _HALF_WIDTH, (east + south) * _HALF_DEPTH
    return (
        left - 2 * _HALF_WIDTH < across < left + width + 2 * _HALF_WIDTH and top - 3 * _HALF_DEPTH < down < top + height + 6 * _HALF_DEPTH
    )


def _block(east: int, south: int) -> Block:
    """One cell: water and green are flat, every other cell has a building."""
    kind = _kind(east, south)
    floors = 0 if kind in {"water", "green"} else _floors(east, south)
    west_edge, north_edge, east_edge, south_edge = east + _STREET, south + _STREET, east + 1 - _STREET, south + 1 - _STREET
    if kind == "water":
        west_edge, north_edge, east_edge, south_edge = east, south, east + 1, south + 1
    up = floors * _FLOOR
    corners = [(west_edge, north_edge), (east_edge, north_edge), (east_edge, south_edge), (west_edge, south_edge)]
    faces = [Face(" ".join(_point(*corner, up) for corner in corners), "top")]
    if up:
        faces.append(_wall((west_edge, south_edge), (east_edge, south_edge), up, "left"))
        faces.append(_wall((east_edge, south_edge), (east_edge, north_edge), up, "right"))
    return Block(kind, tuple(faces))


def _kind(east: int, south: int) -> str:
    """Kind of a cell: a river with bends, parks next to it, and elsewhere one of the map's classes."""
    river = 7 + east // 3 - (1 if east in {13, 14, 15} else 0)
    if south == river:
        return "water"
    if (east * 7 + south * 5) % 13 == 0 or (south == river + 1 and east % 4 == 1):
        return "green"
    return f"class-{(east * east + 3 * south + east * south // 2) % 6}"


def _floors(east: int, south: int) -> float:
    middle = max(0.0, 1 - ((east - 14) ** 2 + (south - 14) ** 2) / 90)
    return 0.4 + ((east * 37 + south * 101 + east * south * 7) % 11) / 11 * (1 + 3.2 * middle)


def _point(east: float, south: float, up: float) -> str:
    return f"{(east - south) * _HALF_WIDTH:.0f},{(east + south) * _HALF_DEPTH - up:.0f}"


def _wall(one: tuple[float, float], other: tuple[float, float], up: float, side: str) -> Face:
    points = [_point(*one, up), _point(*other, up), _point(*other, 0), _point(*one, 0)]
    return Face(" ".join(points), side)
