"""Geometry in a column of texts (WKT, hexadecimal WKB or GeoJSON): parsed with the file, in the reader process."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import shapely

from data.importing.common.columns import map_values, to_list
from data.importing.common.sheet import Sheet
from data.importing.files.gdal_internals import straighten_curves
from data.importing.files.geojson import parse_shapes
from data.importing.profile.source import Source

SHAPE_NAMES = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape", "geojson", "几何")
Shapes = npt.NDArray[np.object_]


def add_shapes(sheet: Sheet, source: Source) -> None:
    """Set ``sheet.geometry`` from the column that the source names, or from one with a usual name where the file has no other geometry.

    What cannot be read is noted in ``sheet.broken``; rings that were closed in ``sheet.closed``.
    """
    if source.has_points:
        return
    column = source.geometry
    if column is None and sheet.geometry is None:
        names = {name.strip().casefold(): name for name in sheet.columns}
        column = next((names[name] for name in SHAPE_NAMES if name in names), None)
    if column is None or column not in sheet.columns:
        return
    sheet.broken, sheet.closed = set(), set()
    sheet.geometry, sheet.geometry_column = _parse_texts(sheet, column), column


def _parse_texts(sheet: Sheet, column: str) -> Shapes:
    values = to_list(map_values(sheet.columns[column], lambda v: str(v).strip(), pa.string())[0])
    first = next((v for v in values if v), "")
    if first.startswith("{"):
        return _from_json(sheet, values)
    read = shapely.from_wkb if first[:2] in ("00", "01") else shapely.from_wkt
    made = read_shapes(read, [v.split(";", 1)[1] if v and v.upper().startswith("SRID=") else v for v in values], straighten_curves)
    for i in np.flatnonzero(shapely.is_missing(made)).tolist():
        if values[i]:
            made[i] = _close_wkt(values[i])
            (sheet.broken if made[i] is None else sheet.closed).add(i)
    return made


def read_shapes(read: Callable[..., Any], values: Any, straighten: Callable[[bytes | str], bytes | None] | None = None) -> Shapes:
    """What ``shapely.from_wkt`` or ``from_wkb`` reads, ``None`` for what is nothing or cannot be read.

    Args:
        read: one of the two.
        values: texts or bytes.
        straighten: makes short lines of the arcs of a shape; without it, curves cannot be read.
    """
    given = np.array(values, dtype=object)
    try:
        return np.asarray(read(given, on_invalid="ignore"), dtype=object)
    except NotImplementedError:  # one curve spoils them all
        return np.array([_read_one(read, value, straighten) for value in given], dtype=object)


def _read_one(read: Callable[..., Any], value: Any, straighten: Callable[[bytes | str], bytes | None] | None) -> Any:
    try:
        return read(value, on_invalid="ignore")
    except NotImplementedError:
        hexadecimal = read is shapely.from_wkb and isinstance(value, str)
        raw = None if straighten is None else straighten(bytes.fromhex(value) if hexadecimal else value)
        return None if raw is None else shapely.from_wkb(raw, on_invalid="ignore")


def _close_wkt(text: str) -> shapely.Geometry | None:
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


def _from_json(sheet: Sheet, values: list[str | None]) -> Shapes:
    shapes: list[object] = []
    unreadable: set[int] = set()
    for i, value in enumerate(values):
        try:
            shapes.append(orjson.loads(value) if value else None)
        except orjson.JSONDecodeError:
            shapes.append(None)
            unreadable.add(i)
    made = parse_shapes(shapes, sheet)
    sheet.broken |= unreadable
    return np.full(len(sheet), None, dtype=object) if made is None else made
