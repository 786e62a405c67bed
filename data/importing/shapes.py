"""Geometry of a file: found, converted to WGS 84, repaired, and of the kind its subject needs."""

import os
from typing import Any, Literal

import numpy as np
import orjson
import pyproj
import shapely
from pyproj.exceptions import CRSError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from data.datum import geometry_to_wgs84
from data.importing.batch import Batch, number_of
from data.importing.geojson import parse_shapes
from data.importing.say import FileProblem
from data.importing.sheet import Sheet

os.environ.setdefault("PROJ_NETWORK", "OFF")
set_network_enabled(active=False)

Wanted = Literal["point", "polygon", "any"]
Shapes = np.ndarray[Any, Any]
LON_NAMES = ("lon", "lng", "long", "longitude", "经度", "x", "lon_wgs84", "point_x", "gps_lon", "coord_x")
LAT_NAMES = ("lat", "latitude", "纬度", "y", "lat_wgs84", "point_y", "gps_lat", "coord_y")
SHAPE_NAMES = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape", "geojson", "几何")
_POLYGONAL = (3, 6)
_MOST_DEGREES = 181


def find_geometry(batch: Batch, needed: bool = True) -> None:
    """Set ``batch.geometry`` from the file's own geometry, a WKT/WKB/GeoJSON column, or longitude and latitude columns.

    Raises:
        FileProblem: there is none, though it is needed.
    """
    source, sheet = batch.source, batch.sheet
    if source.lon and source.lat:
        batch.geometry = _from_columns(batch, source.lon, source.lat)
    elif source.geometry:
        batch.geometry = parse_column(batch, source.geometry)
    elif sheet.geometry is not None:
        batch.geometry = sheet.geometry.copy()
    else:
        _guess(batch)
    if batch.geometry is None and needed:
        raise FileProblem("no_geometry_column", file=sheet.file)


def _guess(batch: Batch) -> None:
    names = {name.strip().casefold(): name for name in batch.sheet.columns}
    shape = next((names[n] for n in SHAPE_NAMES if n in names), None)
    lon = next((names[n] for n in LON_NAMES if n in names), None)
    lat = next((names[n] for n in LAT_NAMES if n in names), None)
    if shape is not None:
        batch.geometry = parse_column(batch, shape)
    elif lon is not None and lat is not None:
        batch.geometry = _from_columns(batch, lon, lat)


def _from_columns(batch: Batch, lon: str, lat: str) -> Shapes:
    """Points from two columns; rows whose coordinates are no numbers are rejected, and missing ones stay ``None``."""
    xy, decimal = np.full((len(batch), 2), np.nan), batch.source.decimal
    for i, (x, y) in enumerate(zip(batch.column(lon), batch.column(lat), strict=True)):
        if x is None or y is None:
            continue
        pair = _coordinate(x, decimal), _coordinate(y, decimal)
        if None in pair:
            batch.reject(i, "bad_coordinates", f"{lon}, {lat}", f"{x}, {y}")
        else:
            xy[i] = pair
    made = np.full(len(batch), None, dtype=object)
    there = np.isfinite(xy).all(axis=1)
    made[there] = shapely.points(xy[there])
    return made


def _coordinate(value: Any, decimal: str) -> float | None:
    """A number; where no decimal comma was declared, a comma is not taken for a thousands separator, which coordinates do not have."""
    return None if decimal == "." and isinstance(value, str) and ("," in value or "，" in value) else number_of(value, decimal)


def parse_column(batch: Batch, column: str) -> Shapes:
    """Shapes from a column of WKT, hex WKB or GeoJSON text; what cannot be read is rejected."""
    values = [None if v is None else str(v).strip() for v in batch.column(column)]
    first = next((v for v in values if v), "")
    if first.startswith("{"):
        return _from_json(batch, values)
    read = shapely.from_wkb if first[:2] in ("00", "01") else shapely.from_wkt
    texts = np.array([v.split(";", 1)[1] if v and v.upper().startswith("SRID=") else v for v in values], dtype=object)
    made = np.asarray(read(texts, on_invalid="ignore"), dtype=object)
    for i, value in enumerate(values):
        if value and made[i] is None:
            made[i] = _close_wkt(value)
            if made[i] is None:
                batch.reject(i, "bad_geometry", column, value)
            else:
                batch.repair("ring_closed")
    return made


def _close_wkt(text: str) -> Any:
    """A WKT polygon whose rings were left open, closed; ``None`` when it is something else."""
    if not text.upper().lstrip().startswith("POLYGON"):
        return None
    rings = []
    for ring in text[text.find("(") + 1 : text.rfind(")")].split("("):
        points = [p.split() for p in ring.rstrip(" ,)").split(",") if p.strip()]
        if points:
            rings.append([*points, points[0]] if points[0] != points[-1] else points)
    try:
        made = shapely.Polygon([[float(v) for v in p[:2]] for p in rings[0]], [[[float(v) for v in p[:2]] for p in r] for r in rings[1:]])
    except (ValueError, IndexError, shapely.errors.GEOSException):
        return None
    return made


def _from_json(batch: Batch, values: list[str | None]) -> Shapes:
    shapes: list[Any] = []
    for i, value in enumerate(values):
        try:
            shapes.append(orjson.loads(value) if value else None)
        except orjson.JSONDecodeError:
            shapes.append(None)
            batch.reject(i, "bad_geometry", batch.source.geometry, value)
    marks = Sheet(file=batch.sheet.file, columns={}, lines=batch.sheet.lines)
    made = parse_shapes(shapes, marks)
    batch.sheet.broken |= marks.broken
    batch.sheet.closed |= marks.closed
    return np.full(len(batch), None, dtype=object) if made is None else made


def to_lonlat(batch: Batch) -> None:
    """Convert ``batch.geometry`` to WGS 84 longitude and latitude, by the declared or stated system.

    Raises:
        FileProblem: the system is not known.
    """
    source, sheet, shapes = batch.source, batch.sheet, batch.geometry
    if shapes is None or not len(shapes):
        return
    shapes = shapely.force_2d(shapes)
    if source.swap:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    crs = source.crs or sheet.crs
    if crs is None:
        _must_be_degrees(shapes, sheet.file, declared=bool(source.datum) or sheet.geometry is None)
    else:
        shapes = _transformed(shapes, crs, source.key, source.crs is not None)
    if source.datum in ("gcj02", "bd09"):
        shapes = geometry_to_wgs84(shapes, source.datum)
        batch.repair("datum_shifted", int(np.sum(~shapely.is_missing(shapes))))
    batch.geometry = shapes


def _must_be_degrees(shapes: Shapes, file: str, declared: bool) -> None:
    """Coordinates in columns are taken as degrees; files of shapes have to say (a grid in metres near 0, 0 would pass unseen)."""
    box = shapely.bounds(shapes[~shapely.is_missing(shapes)])
    if not len(box) or np.isnan(box).all():
        return
    # One typing error does not make a whole file projected.
    off = np.abs(box).max(axis=1) > _MOST_DEGREES
    if off.mean() > 0.5:
        x, y = box[off][0, :2]
        raise FileProblem("unknown_crs_degrees", file=file, x=round(x, 1), y=round(y, 1))
    if not declared:
        raise FileProblem("unknown_crs", file=file)


def _transformed(shapes: Shapes, crs: Any, source: str, declared: bool) -> Shapes:
    try:
        change = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(crs), 4326, always_xy=True)
    except CRSError as error:
        raise FileProblem("bad_crs", source=source, crs=str(crs)[:80], detail=str(error)[:120]) from None
    if change.source_crs is not None and change.source_crs.is_geographic and change.source_crs.to_epsg() in (4326, 4490, 4269):
        return shapes
    if str(getattr(change.source_crs, "srs", "")).upper().endswith("CRS84"):
        return shapes
    return np.asarray(
        shapely.transform(shapes, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))),
        dtype=object,
    )


def settle(batch: Batch, wanted: Wanted) -> None:
    """Reject what has no usable geometry; repair the rest and make it the kind that is wanted (see ``wanted``)."""
    shapes = batch.geometry
    if shapes is None:
        return
    for i in batch.sheet.broken:
        batch.reject(i, "bad_geometry")
    missing, empty = shapely.is_missing(shapes), shapely.is_empty(shapes)
    for i in batch.living():
        if missing[i]:
            batch.reject(i, "no_coordinates" if wanted == "point" else "empty_geometry")
        elif empty[i]:
            batch.reject(i, "empty_geometry")
    _check_degrees(batch, shapes)
    if wanted == "polygon":
        batch.geometry = _polygons(batch, shapes)
    elif wanted == "point":
        batch.geometry = _points(batch, shapes)
    else:
        batch.repair("made_valid", int(_repair(batch, shapes).sum()))
    batch.repair("ring_closed", sum(1 for i in batch.sheet.closed if batch.alive[i]))


def _check_degrees(batch: Batch, shapes: Shapes) -> None:
    box = shapely.bounds(shapes)
    off = (np.abs(box[:, [0, 2]]) > 180.001).any(axis=1) | (np.abs(box[:, [1, 3]]) > 90.001).any(axis=1) | ~np.isfinite(box).all(axis=1)
    zero = (box == 0).all(axis=1)
    turned = off & (np.abs(box[:, [0, 2]]) <= 90).all(axis=1) & (np.abs(box[:, [1, 3]]) <= 180).all(axis=1) & batch.alive
    if turned.sum() > 0.5 * batch.alive.sum():
        source = f"{batch.source.key} ({batch.sheet.file})"
        raise FileProblem("swapped_lonlat", source=source, count=int(turned.sum()), total=int(batch.alive.sum()))
    for i in np.flatnonzero((off | zero) & batch.alive):
        where = f"{box[i, 0]:.6g}, {box[i, 1]:.6g}"
        batch.reject(int(i), "zero_coordinates" if zero[i] else "impossible_coordinates", None, where)


def _points(batch: Batch, shapes: Shapes) -> Shapes:
    """Points as they are; of a line or polygon an inner point, counted."""
    other = (shapely.get_type_id(shapes) != 0) & batch.alive
    if other.any():
        shapes = shapes.copy()
        shapes[other] = shapely.point_on_surface(shapes[other])
        batch.repair("point_of_shape", int(other.sum()))
    return shapes


def _repair(batch: Batch, shapes: Shapes) -> Any:
    """Make invalid shapes valid, in place; tells which they were."""
    invalid = ~shapely.is_valid(shapes) & batch.alive
    if invalid.any():
        shapes[invalid] = shapely.make_valid(shapes[invalid])
    return invalid


def _polygons(batch: Batch, shapes: Shapes) -> Shapes:
    """MultiPolygons; invalid ones repaired, stray points and lines beside polygons left out, anything else rejected."""
    shapes = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    closed_line = np.isin(kinds, (1, 2)) & batch.alive & shapely.is_closed(shapes)
    if closed_line.any():
        shapes[closed_line] = shapely.polygons(shapely.linearrings([shapely.get_coordinates(s) for s in shapes[closed_line]]))
        batch.repair("ring_closed", int(closed_line.sum()))
    repaired = _repair(batch, shapes)
    for i in batch.living():
        kind = shapely.get_type_id(shapes[i])
        if kind not in (*_POLYGONAL, 7):
            # What was a polygon before its repair encloses nothing; anything else never was one.
            batch.reject(i, "hopeless_geometry" if kinds[i] in _POLYGONAL else "wrong_geometry", None, shapes[i].geom_type)
            continue
        parts = [p for p in shapely.get_parts(shapely.get_parts(shapes[i])) if p.geom_type == "Polygon" and p.area > 0]
        if not parts:
            batch.reject(i, "hopeless_geometry" if kind != 7 else "wrong_geometry", None, shapes[i].geom_type)
            continue
        if kind == 7:
            batch.repair("part_dropped")
        shapes[i] = shapely.MultiPolygon(parts)
    batch.repair("made_valid", int((repaired & batch.alive).sum()))
    return shapes
