"""Geometry of a file: found, converted to WGS 84, repaired, and of the kind its subject needs."""

import os
import time
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from data.core.settings import settings
from data.geo.coordinate_systems import NeedsFile, parse_system
from data.geo.datum import geometry_to_wgs84
from data.importing.common.columns import Mask, has_value, to_numbers, value_at
from data.importing.common.sentences import FileProblem
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.point_texts import read_points, refuse_pairs
from data.importing.rows.reading import CoordinateReader, read_column
from data.importing.rows.tangles import is_tangled

os.environ.setdefault("PROJ_NETWORK", "OFF")
set_network_enabled(active=False)

Wanted = Literal["point", "polygon", "footprint", "any"]
"""``footprint``: polygons of one part stay such; ``polygon`` makes all of them multipolygons."""
Shapes = npt.NDArray[np.object_]
LON_NAMES = ("lon", "lng", "long", "longitude", "经度", "x", "lon_wgs84", "point_x", "gps_lon", "coord_x")
LAT_NAMES = ("lat", "latitude", "纬度", "y", "lat_wgs84", "point_y", "gps_lat", "coord_y")
_POLYGON, _POLYGONAL, _COLLECTION = 3, (3, 6), 7
_MOST_DEGREES = 181
_SAME_POINT_DEGREES = 2e-6
"""Some 20 cm: profiles write points with six decimals, as reports show them."""
_AS_WGS84 = (4326, 4490, 4269)
"""EPSG codes of systems whose degrees are taken as they stand: CGCS2000 and NAD83 differ from WGS 84 by a metre or two."""


def find_geometry(batch: Batch, needed: bool = True) -> None:
    """Set ``batch.geometry`` from the file's own geometry or a column of it (as the reader gave it), or from longitudes and latitudes.

    Raises:
        FileProblem: there is none, though it is needed.
    """
    source, sheet = batch.source, batch.sheet
    pair = source.lonlat or source.latlon
    if source.lon and source.lat:
        batch.geometry = _from_columns(batch, source.lon, source.lat)
    elif pair:
        batch.geometry = read_points(batch, pair, lat_first=source.latlon is not None)
    elif source.geometry:
        batch.geometry = _from_texts(batch, source.geometry)
    elif sheet.geometry_column is not None:
        batch.geometry = _from_texts(batch, sheet.geometry_column)
    elif sheet.geometry is not None:
        batch.geometry = sheet.geometry.copy()
    else:
        _guess(batch)
    if batch.geometry is None and needed:
        refuse_pairs(batch, list(sheet.columns))
        raise FileProblem("no_geometry_column", file=sheet.file)


def _guess(batch: Batch) -> None:
    names = {name.strip().casefold(): name for name in batch.sheet.columns}
    lon = next((names[n] for n in LON_NAMES if n in names), None)
    lat = next((names[n] for n in LAT_NAMES if n in names), None)
    if lon is not None and lat is not None:
        batch.geometry = _from_columns(batch, lon, lat)


def _from_columns(batch: Batch, lon: str, lat: str) -> Shapes:
    """Points from two columns; rows whose coordinates are no numbers are rejected, and missing ones stay ``None``."""
    reader, columns = CoordinateReader(batch.source.decimal or "."), (batch.column(lon), batch.column(lat))
    (x, bad_x), (y, bad_y) = (read_column(reader, column, Spec(column=lon)) for column in columns)
    known = has_value(columns[0]) & has_value(columns[1])
    for i in np.flatnonzero((bad_x | bad_y) & known).tolist():
        batch.reject(i, "bad_coordinates", f"{lon}, {lat}", f"{value_at(columns[0], i)}, {value_at(columns[1], i)}")
    xy = np.column_stack([to_numbers(x), to_numbers(y)])
    known &= np.isfinite(xy).all(axis=1)
    made = np.full(len(batch), None, dtype=object)
    made[known] = shapely.points(xy[known])
    return made


def _from_texts(batch: Batch, column: str) -> Shapes:
    """Shapes that the reader found in a column; what it could not read is rejected, and words for nothing are nothing."""
    sheet, there = batch.sheet, has_value(batch.column(column))
    if sheet.geometry is None or sheet.geometry_column != column:
        return np.full(len(batch), None, dtype=object)
    made = sheet.geometry.copy()
    made[~there] = None
    if sheet.broken:
        refuse_pairs(batch, [column])
    for row in sorted(sheet.broken):
        if there[row]:
            batch.reject(row, "bad_geometry", column, value_at(sheet.columns[column], row))
    sheet.broken = set()
    return made


def to_lonlat(batch: Batch) -> None:
    """Convert ``batch.geometry`` to WGS 84 longitude and latitude, by the declared or stated system.

    Raises:
        FileProblem: the system is not known.
    """
    source, sheet, shapes = batch.source, batch.sheet, batch.geometry
    if shapes is None or not len(shapes):
        return
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    if source.swap:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    crs = source.crs or sheet.crs
    if crs is None:
        _must_be_degrees(shapes, sheet.file, declared=bool(source.datum) or sheet.geometry is None or sheet.geometry_column is not None)
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


def _transformed(shapes: Shapes, crs: object, source: str, declared: bool) -> Shapes:
    try:
        given = parse_system(str(crs))
        change = pyproj.Transformer.from_crs(given, 4326, always_xy=True)
    except NeedsFile as error:
        raise FileProblem("crs_needs_file", source=source, grids=str(error)[:120]) from None
    except ProjError as error:
        raise FileProblem("bad_crs", source=source, crs=str(crs)[:80], detail=str(error)[:120]) from None
    # Not ``change.source_crs``: its axes have been put in order, and so it has no code any more.
    if given.to_epsg() in _AS_WGS84 or given.to_authority() == ("OGC", "CRS84"):
        return shapes
    return np.asarray(
        shapely.transform(shapes, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))),
        dtype=object,
    )


def forget_default_points(batch: Batch) -> None:
    """Points that the profile names as those of unplaced rows become nothing; other rows without coordinates are rejected first.

    Where nothing is declared, nothing is done.
    """
    source = batch.source
    if batch.geometry is None and source.allows_no_place():
        batch.geometry = np.full(len(batch), None, dtype=object)
    if batch.geometry is None or not source.default_points():
        return
    if not source.allows_no_place():
        for i in batch.select_living(shapely.is_missing(batch.geometry)):
            batch.reject(i, "no_coordinates")
    xy = np.column_stack([shapely.get_x(batch.geometry), shapely.get_y(batch.geometry)])
    given = np.zeros(len(batch), dtype=bool)
    for point in source.default_points():
        given |= (np.abs(xy - np.array(point)) <= _SAME_POINT_DEGREES).all(axis=1)
    batch.geometry = batch.geometry.copy()
    batch.geometry[given] = None


def settle_geometry(batch: Batch, wanted: Wanted, needed: bool = True) -> None:
    """Reject what has no usable geometry (or only what has an unusable one); repair the rest and make it the kind that is ``wanted``."""
    shapes = batch.geometry
    if shapes is None:
        return
    for i in batch.sheet.broken:
        batch.reject(i, "bad_geometry")
    missing = shapely.is_missing(shapes)
    for i in batch.select_living((missing & needed) | shapely.is_empty(shapes)):
        batch.reject(i, "no_coordinates" if wanted == "point" and missing[i] else "empty_geometry")
    _check_degrees(batch, shapes)
    if wanted in ("polygon", "footprint"):
        batch.geometry = _polygons(batch, shapes, multi=wanted == "polygon")
    elif wanted == "point":
        batch.geometry = _points(batch, shapes)
    else:
        batch.repair("made_valid", int(_repair(batch, shapes).sum()))
    batch.repair("ring_closed", sum(1 for i in batch.sheet.closed if batch.alive[i]))


def _check_degrees(batch: Batch, shapes: Shapes) -> None:
    located = batch.alive & ~shapely.is_missing(shapes)
    box = shapely.bounds(shapes)
    off = (np.abs(box[:, [0, 2]]) > 180.001).any(axis=1) | (np.abs(box[:, [1, 3]]) > 90.001).any(axis=1) | ~np.isfinite(box).all(axis=1)
    zero = (box == 0).all(axis=1)
    turned = off & (np.abs(box[:, [0, 2]]) <= 90).all(axis=1) & (np.abs(box[:, [1, 3]]) <= 180).all(axis=1) & located
    if turned.sum() > 0.5 * located.sum():
        source = f"{batch.source.key} ({batch.sheet.file})"
        raise FileProblem("swapped_lonlat", source=source, count=int(turned.sum()), total=int(located.sum()))
    for i in np.flatnonzero((off | zero) & located):
        where = f"{box[i, 0]:.6g}, {box[i, 1]:.6g}"
        batch.reject(int(i), "zero_coordinates" if zero[i] else "impossible_coordinates", None, where)


def _points(batch: Batch, shapes: Shapes) -> Shapes:
    """Points as they are; of a line or polygon an inner point, counted."""
    other = (shapely.get_type_id(shapes) != 0) & batch.alive & ~shapely.is_missing(shapes)
    if other.any():
        shapes = shapes.copy()
        shapes[other] = shapely.point_on_surface(shapes[other])
        batch.repair("point_of_shape", int(other.sum()))
    return shapes


def _repair(batch: Batch, shapes: Shapes) -> Mask:
    """Make invalid shapes valid, in place; tells which they were.

    Raises:
        FileProblem: it takes longer than a file may take.
    """
    invalid: Mask = ~shapely.is_valid(shapes) & batch.alive & ~shapely.is_missing(shapes)
    most = settings().import_file_s
    ending = time.monotonic() + most
    for row in np.flatnonzero(invalid).tolist():
        if is_tangled(shapes[row]):
            batch.reject(row, "tangled_geometry")
            continue
        shapes[row] = shapely.make_valid(shapes[row])
        if time.monotonic() > ending:
            raise FileProblem("reads_too_long", file=batch.sheet.file, seconds=most)
    return invalid & batch.alive


def _polygons(batch: Batch, shapes: Shapes, multi: bool) -> Shapes:
    """Polygons; invalid ones repaired, stray points and lines beside polygons left out, anything else rejected."""
    shapes = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    closed_line = np.isin(kinds, (1, 2)) & batch.alive & shapely.is_closed(shapes)
    if closed_line.any():
        shapes[closed_line] = shapely.polygons(shapely.linearrings([shapely.get_coordinates(s) for s in shapes[closed_line]]))
        batch.repair("ring_closed", int(closed_line.sum()))
    repaired = _repair(batch, shapes)
    whole = _whole(shapes)
    single = whole & (shapely.get_type_id(shapes) == _POLYGON)
    if multi and single.any():
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(int(single.sum())))
    for i in batch.select_living(~whole):
        _patch(batch, i, shapes, kinds[i])
    batch.repair("made_valid", int((repaired & batch.alive).sum()))
    return shapes


def _whole(shapes: Shapes) -> Mask:
    """Which are polygons of one or more parts, each of which encloses something."""
    polygonal = np.isin(shapely.get_type_id(shapes), _POLYGONAL)
    made: Mask = polygonal & (shapely.area(shapes) > 0)
    several = np.flatnonzero(made & (shapely.get_num_geometries(shapes) > 1))
    parts, owner = shapely.get_parts(shapes[several], return_index=True)
    made[several[owner[shapely.area(parts) == 0]]] = False
    return made


def _patch(batch: Batch, row: int, shapes: Shapes, was: int) -> None:
    """Keep the polygons of one shape that enclose something; reject it when there are none."""
    kind = shapely.get_type_id(shapes[row])
    if kind not in (*_POLYGONAL, _COLLECTION):
        # What was a polygon before its repair encloses nothing; anything else never was one.
        batch.reject(row, "hopeless_geometry" if was in _POLYGONAL else "wrong_geometry", None, shapes[row].geom_type)
        return
    parts = [p for p in shapely.get_parts(shapely.get_parts(shapes[row])) if p.geom_type == "Polygon" and p.area > 0]
    if not parts:
        batch.reject(row, "hopeless_geometry" if kind != _COLLECTION else "wrong_geometry", None, shapes[row].geom_type)
        return
    if kind == _COLLECTION:
        batch.repair("part_dropped")
    shapes[row] = shapely.MultiPolygon(parts)
