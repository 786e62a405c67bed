"""GeoJSON as people publish it: FeatureCollections, but also bare arrays of Features, single Features and bare geometries.

Read here rather than through GDAL, so that values keep the types they were written in and one broken feature does not spoil the file.
"""

import json
import re
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from data.importing.common.columns import Values, make_column
from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delivered import DeliveredFile
from data.importing.files.encodings import decode_text, read_bytes
from data.importing.files.json_lists import find_list, refuse_wrapped
from data.importing.files.truncation import Cut, find_cut
from data.importing.profile.source import Source

_LONG_NUMBER = re.compile(r"[:,\[]\s*-?\d{19,}\s*[,}\]]", re.ASCII)
_GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")


def read_geojson(delivered: DeliveredFile, source: Source, lines: bool = False) -> Sheet | Cut | None:
    """A GeoJSON file, or a list of records, as a sheet.

    Returns:
        For JSON of another kind (TopoJSON, Esri JSON), which GDAL may know, the sign that it is cut, if it has one.

    Raises:
        FileProblem: empty, wrong encoding, not JSON, or a list of records somewhere inside that the source does not name.
    """
    file = delivered.told
    raw = decode_text(read_bytes(delivered), file, source.encoding)
    try:
        parsed = [_load(line) for line in raw.splitlines() if line.strip()] if lines else _load(raw)
    except (orjson.JSONDecodeError, ValueError, RecursionError) as error:
        raise FileProblem("unreadable_file", file=file, detail=str(error)) from None
    around = parsed
    if source.layer is not None and not lines:
        around, parsed = find_list(parsed, source.layer, file)
    features = _features(parsed)
    if features is None:
        refuse_wrapped(parsed, file)
        listed = parsed.get("features") if isinstance(parsed, dict) else None
        return find_cut(parsed, len(listed)) if isinstance(listed, list) else None
    if not features:
        raise FileProblem("empty_file", file=file)
    sheet = _sheet(file, features, _crs(parsed))
    sheet.cut = find_cut(around, len(features))
    return sheet


def _load(text: str) -> Any:
    """JSON with every digit of its whole numbers: orjson makes decimal numbers of those beyond 64 bits."""
    return json.loads(text) if _LONG_NUMBER.search(text) else orjson.loads(text)


def _features(parsed: Any) -> list[Any] | None:
    if isinstance(parsed, list):
        return [_feature(item) for item in parsed] if all(isinstance(item, dict) for item in parsed) else None
    if not isinstance(parsed, dict):
        return None
    if parsed.get("type") == "FeatureCollection" and isinstance(parsed.get("features"), list):
        return list(parsed["features"])
    if parsed.get("type") == "Feature" or parsed.get("type") in _GEOMETRIES:
        return [_feature(parsed)]
    return None


def _feature(item: dict[str, Any]) -> dict[str, Any]:
    """A Feature as it is; a bare geometry or a bare record of values becomes one."""
    if item.get("type") == "Feature":
        return item
    if item.get("type") in _GEOMETRIES and ("coordinates" in item or "geometries" in item):
        return {"type": "Feature", "properties": {}, "geometry": item}
    return {"type": "Feature", "properties": item, "geometry": None}


def _crs(parsed: Any) -> str:
    """The (old-style) ``crs`` member, else WGS 84, which the standard demands."""
    named = parsed.get("crs") if isinstance(parsed, dict) else None
    properties = named.get("properties") if isinstance(named, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name) if name else "OGC:CRS84"


def _sheet(file: str, features: list[Any], crs: str) -> Sheet:
    records = [f["properties"] if isinstance(f, dict) and isinstance(f.get("properties"), dict) else {} for f in features]
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
    columns: dict[str, Values] = {name: make_column(_plain([record.get(name) for record in records])) for name in names}
    if any(isinstance(f, dict) and "id" in f for f in features):
        columns.setdefault("id", make_column([f.get("id") if isinstance(f, dict) else None for f in features]))
    shapes = [f.get("geometry") if isinstance(f, dict) else None for f in features]
    sheet = Sheet(file=file, columns=columns, crs=crs, lines=np.arange(1, len(features) + 1))
    sheet.geometry = parse_shapes(shapes, sheet)
    return sheet


def _plain(values: list[Any]) -> list[Any]:
    """Lists and objects inside properties as JSON text. Lists of one everywhere, as programs make of XML, are that one."""
    if {dict, list}.isdisjoint(map(type, values)):
        return values
    if all(v is None or (isinstance(v, list) and len(v) <= 1) for v in values):
        return _plain([v[0] if v else None for v in values])
    return [orjson.dumps(v).decode() if isinstance(v, dict | list) else v for v in values]


def parse_shapes(shapes: list[Any], sheet: Sheet) -> npt.NDArray[np.object_] | None:
    """GeoJSON geometry objects as shapely ones; ``None`` when there is not one among them.

    Rings that were not closed are closed (counted in ``sheet.closed``); what still cannot be read is noted in ``sheet.broken``.
    """
    if not any(shapes):
        return None
    made = _simple_polygons(shapes)
    if made is None:
        texts = np.array([orjson.dumps(s).decode() if s else None for s in shapes], dtype=object)
        made = np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), dtype=object)
    for i in np.flatnonzero(shapely.is_missing(made)):
        if shapes[i]:
            made[i] = _closed(shapes[i])
            (sheet.broken if made[i] is None else sheet.closed).add(int(i))
    return made


def _simple_polygons(shapes: list[Any]) -> npt.NDArray[np.object_] | None:
    """Polygons all at once, if there is nothing else among the shapes, every point has two coordinates and every ring is closed."""
    try:
        if any(s["type"] != "Polygon" for s in shapes):
            return None
        rings = [s["coordinates"] for s in shapes]
        points = list(chain.from_iterable(rings))
        xy = np.array(list(chain.from_iterable(points)), dtype=np.float64)
        sizes = np.fromiter(map(len, points), dtype=np.int64, count=len(points))
        ends = np.cumsum(sizes)
        of_shape = np.concatenate([[0], np.cumsum(np.fromiter(map(len, rings), dtype=np.int64, count=len(rings)))])
    except (KeyError, TypeError, ValueError):
        return None
    if xy.ndim != 2 or xy.shape[1] != 2 or (sizes < 4).any() or (np.diff(of_shape) < 1).any():
        return None
    if (xy[ends - sizes] != xy[ends - 1]).any():
        return None
    offsets = (np.concatenate([[0], ends]), of_shape)
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, offsets), dtype=object)


def _closed(shape: Any) -> Any:
    """A polygon whose rings are closed by repeating their first point; ``None`` when that does not make it readable."""
    try:
        if shape["type"] == "Polygon":
            fixed = {"type": "Polygon", "coordinates": [_ring(r) for r in shape["coordinates"]]}
        elif shape["type"] == "MultiPolygon":
            fixed = {"type": "MultiPolygon", "coordinates": [[_ring(r) for r in p] for p in shape["coordinates"]]}
        else:
            return None
    except (KeyError, TypeError, IndexError):
        return None
    return shapely.from_geojson(orjson.dumps(fixed).decode(), on_invalid="ignore")


def _ring(ring: list[Any]) -> list[Any]:
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]
