"""Chinese map datums: GCJ-02 (Amap, Tencent) and BD-09 (Baidu) to and from WGS 84, and finding out which one a file uses.

The forward formula of GCJ-02 is not published officially; the one here is the reverse-engineered one that all open implementations share
(“eviltransform”, after ``emq``'s WGS-84-to-GCJ-02, 2010): a Krasovsky 1940 ellipsoid and sums of sines of the offset from 105° E, 35° N.
BD-09 is Baidu's own shift on top of GCJ-02. All angles are degrees; CGCS2000 counts as WGS 84. Measured against published boundaries of
Beijing, both agree to some 10 m, which is the accuracy of those boundaries.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely

Datum = Literal["wgs84", "gcj02", "bd09"]
Degrees = npt.NDArray[np.float64]
LonLat = tuple[Degrees, Degrees]

DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
CHINA_LONLAT = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north: the rectangle within which the shift is applied. It is wider than China; that is how the datum is defined."""

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_ENOUGH = 1e-11
_MOST_ROUNDS = 30
_SURE_Z2 = 9.0


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which points lie in the rectangle where the Chinese datums differ from WGS 84."""
    west, south, east, north = CHINA_LONLAT
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside: npt.NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Shift WGS 84 to GCJ-02, degrees; points outside China stay as they are."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    east, north = _gcj_shift(x, y)
    inside = in_china(x, y)
    return np.where(inside, x + east, x), np.where(inside, y + north, y)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Undo ``wgs84_to_gcj02`` by iteration, to better than 1e-8 degrees; points outside China stay as they are."""
    return _inverse(_gcj_shift, lon, lat)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Shift GCJ-02 to BD-09, degrees; points outside China stay as they are."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    east, north = _bd_shift(x, y)
    inside = in_china(x, y)
    return np.where(inside, x + east, x), np.where(inside, y + north, y)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Undo ``gcj02_to_bd09`` by iteration, to better than 1e-8 degrees; points outside China stay as they are."""
    return _inverse(_bd_shift, lon, lat)


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """BD-09 to WGS 84, degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _unchanged(lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


TO_WGS84: Mapping[Datum, Callable[[npt.ArrayLike, npt.ArrayLike], LonLat]] = {
    "wgs84": _unchanged,
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


def geometry_to_wgs84(geometry: shapely.Geometry | npt.NDArray[np.object_], datum: Datum) -> shapely.Geometry | npt.NDArray[np.object_]:
    """Convert a shapely geometry, or an array of them, from ``datum`` to WGS 84 (lon/lat degrees, x = lon)."""
    if datum == "wgs84":
        return geometry

    def shift(points: Degrees) -> Degrees:
        return np.column_stack(TO_WGS84[datum](points[:, 0], points[:, 1]))

    return shapely.transform(geometry, shift)


@dataclass(frozen=True)
class Detection:
    """What was found about a file's datum.

    Attributes:
        shares: for each datum, the share (0 to 1) of features that lie in their own area if the file is read in that datum; of outlines
            that are compared with outlines, the share of their surface that agrees.
        count: number of features looked at.
        datum: the datum to read the file in.
        sure: whether it beats WGS 84 by more than chance would (McNemar's test at about three standard errors), or is WGS 84 itself.
    """

    shares: Mapping[Datum, float]
    count: int
    datum: Datum
    sure: bool


def detect_datum(lon: npt.ArrayLike, lat: npt.ArrayLike, areas: Sequence[shapely.Geometry], own: npt.ArrayLike | None = None) -> Detection:
    """Find the datum in which most points lie in their own area.

    Args:
        lon: degrees, as published.
        lat: degrees, as published.
        areas: polygons in WGS 84 that are trusted.
        own: for each point, the index in ``areas`` of the area it claims to lie in (by its parent's code); without it, any area counts.

    Returns:
        Shares for each datum. Where several are equal, WGS 84 goes before GCJ-02 before BD-09: nothing is shifted without evidence.
    """
    polygons = np.asarray(areas, dtype=object)
    shapely.prepare(polygons)
    index = None if own is None else np.asarray(own, dtype=np.intp)
    hits = {datum: _inside(*TO_WGS84[datum](lon, lat), polygons, index) for datum in DATUMS}
    return _verdict(hits)


def detect_datum_of_shapes(shapes: Sequence[shapely.Geometry], areas: Sequence[shapely.Geometry]) -> Detection:
    """Find the datum of small shapes (footprints, compounds) that claim no area of their own.

    Borders of streets follow roads, so a footprint hardly ever crosses one: the datum in which most shapes lie wholly inside one of
    ``areas`` (WGS 84) is the right one. It proves nothing where no border is near; then the result is not sure.
    """
    tree = shapely.STRtree(np.asarray(areas, dtype=object))
    hits = {}
    for datum in DATUMS:
        there = shapely.make_valid(geometry_to_wgs84(np.asarray(shapes, dtype=object), datum))
        hits[datum] = np.zeros(len(there), dtype=np.bool_)
        hits[datum][np.unique(tree.query(there, predicate="within")[0])] = True
    return _verdict(hits)


def detect_datum_of_outlines(shapes: Sequence[shapely.Geometry], known: Sequence[shapely.Geometry]) -> Detection:
    """Find the datum of outlines of places whose outline is known.

    Of two drawings of one place, the common surface is divided by the surface of both together (Jaccard's index); the median of all places
    counts. Another datum than WGS 84 is believed where it leaves less than half of what disagrees otherwise, and fits more than half of
    the places better: what differs because it was drawn otherwise (a coast, the sea) differs in every datum.

    Args:
        shapes: polygons, as published.
        known: for each of them, the polygon of the same place in WGS 84.
    """
    truth = shapely.make_valid(np.asarray(known, dtype=object))
    agreed = {}
    for datum in DATUMS:
        there = shapely.make_valid(geometry_to_wgs84(np.asarray(shapes, dtype=object), datum))
        common = shapely.area(shapely.intersection(there, truth))
        agreed[datum] = common / (shapely.area(there) + shapely.area(truth) - common)
    shares: dict[Datum, float] = {datum: float(np.median(agreed[datum])) for datum in DATUMS}
    best = max(DATUMS, key=lambda datum: shares[datum])
    better = float(np.mean(agreed[best] > agreed["wgs84"]))
    sure = best == "wgs84" or (1 - shares[best] < (1 - shares["wgs84"]) / 2 and better > 0.5)
    return Detection(shares, len(truth), best if sure else "wgs84", sure)


def _verdict(hits: Mapping[Datum, npt.NDArray[np.bool_]]) -> Detection:
    count = len(hits["wgs84"])
    shares: dict[Datum, float] = {datum: float(np.mean(hit)) if count else 0.0 for datum, hit in hits.items()}
    best = max(DATUMS, key=lambda datum: shares[datum])
    if best == "wgs84":
        return Detection(shares, count, best, sure=shares[best] > 0.5)
    gained = int(np.sum(hits[best] & ~hits["wgs84"]))
    lost = int(np.sum(~hits[best] & hits["wgs84"]))
    sure = (gained - lost) ** 2 > _SURE_Z2 * (gained + lost) and shares[best] > 0.5
    return Detection(shares, count, best if sure else "wgs84", sure)


def _inside(lon: Degrees, lat: Degrees, polygons: npt.NDArray[np.object_], own: npt.NDArray[np.intp] | None) -> npt.NDArray[np.bool_]:
    if own is not None:
        inside: npt.NDArray[np.bool_] = shapely.intersects_xy(polygons[own], lon, lat)
        return inside
    hit = np.zeros(len(lon), dtype=np.bool_)
    hit[np.unique(shapely.STRtree(polygons).query(shapely.points(lon, lat), predicate="intersects")[0])] = True
    return hit


def _inverse(shift: Callable[[Degrees, Degrees], LonLat], lon: npt.ArrayLike, lat: npt.ArrayLike) -> LonLat:
    """Solve p + shift(p) = given by fixed-point iteration: the shift changes by under 1 % of a step, so each round gains two digits."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    px, py = x, y
    for _ in range(_MOST_ROUNDS):
        east, north = shift(px, py)
        qx, qy = x - east, y - north
        done = float(np.max(np.abs([qx - px, qy - py]), initial=0.0)) < _ENOUGH
        px, py = qx, qy
        if done:
            break
    inside = in_china(x, y)
    return np.where(inside, px, x), np.where(inside, py, y)


def _gcj_shift(lon: Degrees, lat: Degrees) -> LonLat:
    x, y = lon - 105.0, lat - 35.0
    turn, common = np.pi, 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    waves_y = 20.0 * np.sin(y * turn) + 40.0 * np.sin(y / 3.0 * turn) + 160.0 * np.sin(y / 12.0 * turn) + 320.0 * np.sin(y / 30.0 * turn)
    waves_x = 20.0 * np.sin(x * turn) + 40.0 * np.sin(x / 3.0 * turn) + 150.0 * np.sin(x / 12.0 * turn) + 300.0 * np.sin(x / 30.0 * turn)
    root = np.sqrt(np.abs(x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (common + waves_y) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (common + waves_x) * 2.0 / 3.0
    parallel = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY2 * np.sin(parallel) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY2) / (flat * np.sqrt(flat))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flat) * np.cos(parallel)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _bd_shift(lon: Degrees, lat: Degrees) -> LonLat:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat
