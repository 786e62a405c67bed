"""Looks at WKB before GEOS reads it: GEOS reads what is nested by calling itself, and a few hundred kilobytes would end this process."""

import struct

MOST_NESTED = 32
"""Collections inside collections; published data has one or two."""
_SMALLEST = 9
"""Bytes of a level at least: order, type, count."""
_POINT, _LINE, _POLYGON, _FIRST_OF_PARTS, _COLLECTION = 1, 2, 3, 4, 7
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_KIND = 0x0FFFFFFF


def is_shallow(raw: bytes) -> bool:
    """Whether WKB (of OGC, ISO or PostGIS) is nested less than ``MOST_NESTED`` deep. Whether GEOS can read it is another matter."""
    if len(raw) < _SMALLEST * MOST_NESTED:
        return True
    try:
        return _walk(raw)
    except (struct.error, IndexError):
        return False


def _walk(raw: bytes) -> bool:
    at, left = 0, [1]
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        order = "<" if raw[at] else ">"
        (given,) = struct.unpack_from(f"{order}I", raw, at + 1)
        kind, dimensions = given & _KIND, 2 + bool(given & _Z) + bool(given & _M)
        dimensions, kind = (dimensions, kind) if kind < 1000 else (2 + (kind >= 3000) + 1, kind % 1000)
        at += 5 + 4 * bool(given & _SRID)
        if _FIRST_OF_PARTS <= kind <= _COLLECTION:
            left += struct.unpack_from(f"{order}I", raw, at)
            at += 4
            if len(left) > MOST_NESTED:
                return False
        elif kind in (_POINT, _LINE, _POLYGON):
            at = _end_of_points(raw, at, order, kind, 8 * dimensions)
        else:
            return False
    return True


def _end_of_points(raw: bytes, at: int, order: str, kind: int, size: int) -> int:
    """Where a point, a line or a polygon ends whose points have this size."""
    if kind == _POINT:
        return at + size
    rings = 1
    if kind == _POLYGON:
        (rings,) = struct.unpack_from(f"{order}I", raw, at)
        at += 4
    for _ in range(rings):
        (points,) = struct.unpack_from(f"{order}I", raw, at)
        at += 4 + points * size
    return at
