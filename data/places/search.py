"""Search: finds places on the map by the text that a person types.

Understands an area's name (either language) or the beginning of its code, a head's name, a building's or facility's address or name, an
incident's number, and coordinates in either order.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import Executable, RowMapping

from data.core.text import storable
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.scope import may_see_cases
from data.figures.types import Found
from data.queries import search as queries

LONGEST_QUERY = 100
MOST_RESULTS = 50
_NEAR_DEG = 0.5
"""Coordinates may lie this far outside a city's box and still count as a place of the city."""

_NUMBER = r"([+-]?\d{1,3}(?:\.\d+)?)"
_COORDINATES = re.compile(rf"^\s*[(（]?\s*{_NUMBER}\s*°?\s*[,，;\s]\s*{_NUMBER}\s*°?\s*[)）]?\s*$")


async def search(text: str, city: str, viewer: Viewer, limit: int = 20, kinds: Collection[str] = ()) -> list[Found]:
    """Find things of one city, the best first; an empty or unusable text finds nothing.

    Args:
        text: the typed text; it is cut after ``LONGEST_QUERY`` characters.
        city: code of the city.
        viewer: who asks.
        limit: most results, up to ``MOST_RESULTS``.
        kinds: only results of these kinds; empty: of every kind.
    """
    wanted = " ".join(text.split())[:LONGEST_QUERY]
    limit = max(1, min(limit, MOST_RESULTS))
    if not wanted or not storable(wanted):
        return []
    async with open_snapshot(viewer) as ask:
        places = await _place(ask, wanted, city)
        if places:
            return places
        found: list[tuple[int, Found]] = []
        for kind, (statement, shape) in _KINDS.items():
            if (kinds and kind not in kinds) or (kind == "incident" and not may_see_cases(viewer)):
                continue
            found.extend((row["rank"], shape(row)) for row in await ask(statement(city, wanted, limit)))
    found.sort(key=lambda pair: pair[0])  # stable: keeps the order of kinds, and the order inside each kind
    return [one for _, one in found[:limit]]


def parse_coordinates(text: str, box: Sequence[float]) -> tuple[float, float] | None:
    """Longitude and latitude in a text, in whichever order fits a box (west, south, east, north; degrees).

    >>> coordinates("39.90, 116.40", (115.4, 39.4, 117.5, 41.1))
    (116.4, 39.9)
    """
    match = _COORDINATES.match(text)
    if not match:
        return None
    one, other = float(match[1]), float(match[2])
    west, south, east, north = box
    across = east < west  # a box across the 180th meridian ends west of where it begins
    for lon, lat in ((one, other), (other, one)):
        turned, end = (lon + 360 if lon < 0 else lon, east + 360) if across else (lon, east)
        if west - _NEAR_DEG <= turned <= end + _NEAR_DEG and south - _NEAR_DEG <= lat <= north + _NEAR_DEG:
            return lon, lat
    return None


async def _place(ask: Ask, text: str, city: str) -> list[Found]:
    if not _COORDINATES.match(text):
        return []
    rows = await ask(queries.extent(city))
    box: list[float | None] = rows[0]["bbox"] if rows else [None]
    known = [edge for edge in box if edge is not None]
    point = parse_coordinates(text, known) if len(known) == len(box) else None
    if point is None:
        return []
    title = f"{point[0]:.5f}, {point[1]:.5f}"
    leaves = await ask(queries.leaf_at(city, *point))
    if not leaves:
        return [_make_result("place", title, title, "", "", *point, None)]
    leaf = leaves[0]
    return [_make_result("place", title, title, leaf["above"], leaf["above_en"], *point, leaf["code"])]


def _make_result(
    kind: str,
    title: str,
    title_en: str,
    subtitle: str,
    subtitle_en: str,
    lon: float | None,
    lat: float | None,
    area: str | None,
    key: str | None = None,
) -> Found:
    code = area if kind in ("area", "head") else None
    return {
        "kind": kind,
        "code": code,
        "key": key,
        "title": title,
        "title_en": title_en,
        "subtitle": subtitle,
        "subtitle_en": subtitle_en,
        "lon": lon,
        "lat": lat,
        "area": area,
    }


def _area(row: RowMapping) -> Found:
    subtitle, subtitle_en = _joined(row["above"], row["code"]), _joined(row["above_en"], row["code"])
    return _make_result("area", row["title"], row["title_en"], subtitle, subtitle_en, row["lon"], row["lat"], row["code"])


def _head(row: RowMapping) -> Found:
    subtitle, subtitle_en = _joined(row["head_title"], row["above"]), _joined(row["head_title"], row["above_en"])
    return _make_result("head", row["title"], row["title"], subtitle, subtitle_en, row["lon"], row["lat"], row["code"])


def _building(row: RowMapping) -> Found:
    address = row["address"] if row["address"] != row["title"] else None
    subtitle, subtitle_en = _joined(address, row["above"]), _joined(address, row["above_en"])
    return _make_result("building", row["title"], row["title"], subtitle, subtitle_en, row["lon"], row["lat"], row["grid"], _key(row))


def _facility(row: RowMapping) -> Found:
    address = row["address"] if row["address"] != row["title"] else None
    subtitle, subtitle_en = _joined(row["kind"], address, row["above"]), _joined(row["kind_en"], address, row["above_en"])
    return _make_result("facility", row["title"], row["title"], subtitle, subtitle_en, row["lon"], row["lat"], row["grid"], _key(row))


def _incident(row: RowMapping) -> Found:
    subtitle = _joined(row["category"], row["about"], row["above"])
    subtitle_en = _joined(row["category_en"], row["about"], row["above_en"])
    return _make_result("incident", row["title"], row["title"], subtitle, subtitle_en, row["lon"], row["lat"], row["grid"], _key(row))


def _key(row: RowMapping) -> str:
    return f"{row['source_id']}:{row['source_key']}"


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


_KINDS: Mapping[str, tuple[Callable[[str, str, int], Executable], Callable[[RowMapping], Found]]] = {
    "area": (queries.areas_by_name, _area),
    "head": (queries.areas_by_head, _head),
    "incident": (queries.incidents_by_number, _incident),
    "building": (queries.buildings_by_name, _building),
    "facility": (queries.facilities_by_name, _facility),
}
KINDS = (*_KINDS, "place")
"""Kinds of results; coordinates are a place."""
