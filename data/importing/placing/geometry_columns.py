"""Geometry on its way into the database: EWKB, Web Mercator and areas of many shapes at once, from their coordinates."""

from binascii import hexlify
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

_POINT, _POLYGON = 0, 3
_RADIUS_M = 6378137.0
_ECCENTRICITY2 = 0.00669437999014132
"""WGS 84: semi-major axis and squared eccentricity of the ellipsoid (its second parameter is 1/f = 298.257223563)."""
_EDGE_DEGREES = 85.06
"""Web Mercator ends here; what reaches beyond (Antarctica) is cut there for drawing."""


def to_mercator(shapes: Shapes) -> Shapes:
    """Shapes in EPSG:4326 as EPSG:3857, metres; polygons beyond its edge are cut there."""
    box = shapely.bounds(shapes)
    far = (np.abs(box[:, [1, 3]]) > _EDGE_DEGREES).any(axis=1)
    if far.any():
        shapes = shapes.copy()
        inside = shapely.intersection(shapes[far], shapely.box(-180, -_EDGE_DEGREES, 180, _EDGE_DEGREES))
        shapes[far] = [shapely.MultiPolygon([p for p in shapely.get_parts(s) if p.geom_type == "Polygon"]) for s in inside]
    return np.asarray(shapely.transform(shapes, _to_mercator), dtype=object)


def _to_mercator(lonlat: Floats) -> Floats:
    """Spherical Mercator on the ellipsoid's semi-major axis (EPSG method 1024)."""
    x = _RADIUS_M * np.radians(lonlat[:, 0])
    return np.column_stack([x, _RADIUS_M * np.arctanh(np.sin(np.radians(lonlat[:, 1])))])


@dataclass(frozen=True)
class EncodedShapes:
    """Shapes as the database takes them.

    Attributes:
        geom: hexadecimal EWKB in EPSG:4326; polygons as multipolygons.
        geom_3857: the same in EPSG:3857.
        area_m2: of polygons, on the ellipsoid; 0 for points.
    """

    geom: pa.Array
    geom_3857: pa.Array
    area_m2: Floats


def encode_shapes(shapes: Shapes) -> EncodedShapes:
    """Points, or polygons and multipolygons, in EPSG:4326."""
    if (shapely.get_type_id(shapes) == _POINT).all():
        xy = shapely.get_coordinates(shapes)
        if (np.abs(xy[:, 1]) <= _EDGE_DEGREES).all():
            return EncodedShapes(_hexadecimal(_points(xy, 4326)), _hexadecimal(_points(_to_mercator(xy), 3857)), np.zeros(len(xy)))
    plain = (shapely.get_type_id(shapes) == _POLYGON) & (shapely.get_num_interior_rings(shapes) == 0)
    plain &= (np.abs(shapely.bounds(shapes)[:, [1, 3]]) <= _EDGE_DEGREES).all(axis=1)
    found = _outlines(shapes[plain])
    if plain.all():
        return found
    rest = _anything(shapes[~plain])
    order = pa.array(np.argsort(np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)])))
    return EncodedShapes(
        pa.concat_arrays([found.geom, rest.geom]).take(order),
        pa.concat_arrays([found.geom_3857, rest.geom_3857]).take(order),
        np.concatenate([found.area_m2, rest.area_m2])[order.to_numpy()],
    )


def _outlines(polygons: Shapes) -> EncodedShapes:
    """Polygons without holes: everything comes from their coordinates as they lie in memory."""
    xy = shapely.get_coordinates(polygons)
    ends = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(polygons))])
    ring = np.repeat(np.arange(len(polygons)), np.diff(ends))
    geom, drawn = (_hexadecimal(_multipolygons(points, ends, srid)) for points, srid in ((xy, 4326), (_to_mercator(xy), 3857)))
    return EncodedShapes(geom, drawn, _ring_areas(xy, ring, ends[:-1]))


def _anything(shapes: Shapes) -> EncodedShapes:
    """Shapes with holes, several parts, or beyond the edge of Web Mercator."""
    kinds = shapely.get_type_id(shapes)
    shapes = shapes.copy()
    shapes[kinds == _POLYGON] = [shapely.MultiPolygon([s]) for s in shapes[kinds == _POLYGON]]
    return EncodedShapes(encode_ewkb(shapes, 4326), encode_ewkb(to_mercator(shapes), 3857), measure_areas_m2(shapes))


def measure_areas_m2(polygons: Shapes) -> Floats:
    """Areas of (multi)polygons in EPSG:4326 on the ellipsoid, square metres; 0 for anything else.

    Edges are straight on the equal-area cylinder rather than geodesics, which for buildings is the same.
    Source: Snyder, Map Projections – A Working Manual (USGS 1395), equation 3-12.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    areas = _ring_areas(xy, ring, np.searchsorted(ring, np.arange(len(rings))))
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = part[1:] == part[:-1]
    made: Floats = np.bincount(owner[part], weights=np.where(hole, -areas, areas), minlength=len(polygons)).astype(np.float64)
    return made


def _ring_areas(xy: Floats, ring: Ints, first: Ints) -> Floats:
    """Area of each ring; ``ring`` is the ring of every point, ``first`` the first point of every ring."""
    lon = np.radians(xy[:, 0] - xy[first, 0][ring])
    q = _authalic(xy[:, 1])
    q -= q[first][ring]
    strips = np.where(ring[1:] == ring[:-1], (lon[1:] - lon[:-1]) * (q[1:] + q[:-1]), 0.0)
    made: Floats = np.abs(np.bincount(ring[1:], weights=strips, minlength=len(first))) * _RADIUS_M**2 / 4
    return made


def _authalic(lat: Floats) -> Floats:
    """Snyder's q: twice the area, in squared semi-major axes, between the equator and a parallel, for one radian of longitude."""
    sine, e = np.sin(np.radians(lat)), np.sqrt(_ECCENTRICITY2)
    made: Floats = (1 - _ECCENTRICITY2) * (sine / (1 - _ECCENTRICITY2 * sine * sine) + np.arctanh(e * sine) / e)
    return made


def encode_ewkb(shapes: Shapes, srid: int) -> pa.Array:
    """Shapes as hexadecimal EWKB, which PostGIS reads; ``None`` as nothing."""
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True), pa.string())


def _multipolygons(xy: Floats, ends: Ints, srid: int) -> pa.Array:
    """Rings as EWKB of multipolygons of one part: little endian, types 6 (with the flag for an SRID) and 3."""
    head = np.empty(
        len(ends) - 1,
        dtype=[("o", "u1"), ("t", "<u4"), ("srid", "<u4"), ("n", "<u4"), ("o2", "u1"), ("t2", "<u4"), ("rings", "<u4"), ("points", "<u4")],
    )
    head["o"] = head["o2"] = head["n"] = head["rings"] = 1
    head["t"], head["t2"], head["srid"], head["points"] = 0x20000006, 3, srid, np.diff(ends)
    heads = _binary(head.tobytes(), np.arange(len(ends)) * head.itemsize)
    return pc.binary_join_element_wise(heads, _binary(np.ascontiguousarray(xy).tobytes(), ends * 16), b"")


def _points(xy: Floats, srid: int) -> pa.Array:
    """Points as EWKB: little endian, type 1 with the flag for an SRID."""
    packed = np.empty(len(xy), dtype=[("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
    packed["order"], packed["type"], packed["srid"] = 1, 0x20000001, srid
    packed["x"], packed["y"] = xy.T
    return _binary(packed.tobytes(), np.arange(len(xy) + 1) * packed.itemsize)


def _binary(data: bytes, ends: Ints) -> pa.Array:
    """Pieces of one run of bytes as a column."""
    return pa.Array.from_buffers(pa.binary(), len(ends) - 1, [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data)])


def _hexadecimal(pieces: pa.Array) -> pa.Array:
    """Bytes as hexadecimal text."""
    if not len(pieces):
        return pa.array([], pa.string())
    ends = np.frombuffer(pieces.buffers()[1], dtype=np.int32)[pieces.offset : pieces.offset + len(pieces) + 1]
    text = hexlify(memoryview(pieces.buffers()[2])[ends[0] : ends[-1]])
    return pa.Array.from_buffers(pa.string(), len(pieces), [None, pa.py_buffer((ends - ends[0]) * 2), pa.py_buffer(text)])
