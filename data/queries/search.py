"""Statements that find areas, heads, buildings and incidents by what a person types, where the viewer may see their figures."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.queries.areas import bbox_lonlat
from data.queries.expressions import AnyColumn, Expression, Rows
from data.queries.scope import figures_seen
from data.schema import area, building_seen, category, facility, incident

_ABOVE = area.alias("above")
"""Cached, because a search needs eight statements, and building one takes as long as running a short statement."""


def _pattern(text: str, before: str = "%") -> str:
    """A pattern for LIKE that finds exactly what the person typed."""
    return before + re.sub(r"([\\%_])", r"\\\1", text) + "%"


def _contains(column: AnyColumn, text: str, before: str = "%") -> ColumnElement[bool]:
    """Whether a column holds the text, ignoring case. Chinese has no case, and for it LIKE is three times as fast."""
    pattern = _pattern(text, before)
    return column.like(pattern) if text.lower() == text.upper() else column.ilike(pattern)


def _every_word(columns: Sequence[AnyColumn], words: Sequence[str]) -> ColumnElement[bool]:
    """Every word occurs in one of the columns, ignoring case."""
    return and_(*(or_(*(_contains(column, word) for column in columns)) for word in words))


def _rank(text: str, *columns: AnyColumn) -> ColumnElement[int]:
    """0 where a column is the text, 1 where it begins with it, 2 otherwise."""
    whole = or_(*(func.lower(column) == text.lower() for column in columns))
    start = or_(*(_contains(column, text, before="") for column in columns))
    return case((whole, 0), (start, 1), else_=literal(2, Integer))


def _names_above(found: Subquery, name: str, including: bool) -> Expression:
    """Names of the areas above a found thing, from below the city down, joined by a dot."""
    where = [_ABOVE.c.path.op("@>")(found.c.path), _ABOVE.c.level != "city"]
    if not including:
        where.append(_ABOVE.c.path != found.c.path)
    joined = func.string_agg(_ABOVE.c[name], aggregate_order_by(literal(" · "), func.nlevel(_ABOVE.c.path)))
    return func.coalesce(select(joined).where(*where).scalar_subquery(), "")


def _with_names_above(found: Subquery, including: bool = True) -> Rows:
    """The found rows with the names of the areas above them, in both languages."""
    return select(
        *(column for column in found.c if column.name != "path"),
        _names_above(found, "name", including).label("above"),
        _names_above(found, "name_en", including).label("above_en"),
    ).order_by(found.c.rank, func.nlevel(found.c.path), found.c.title)


def areas_by_name(city: str, text: str, limit: int) -> Rows:
    """Areas by name in either language, or by the beginning of their code; higher levels first."""
    rank = _rank(text, area.c.code, area.c.name, area.c.name_en)
    by_name = _every_word((area.c.name, area.c.name_en), text.split())
    found = (
        select(
            area.c.code,
            area.c.name.label("title"),
            area.c.name_en.label("title_en"),
            area.c.path,
            rank.label("rank"),
            *_lonlat(area.c.label_point),
        )
        .where(area.c.city == city, figures_seen(), or_(by_name, _contains(area.c.code, text, before="")))
        .order_by(rank, func.nlevel(area.c.path), area.c.code)
        .limit(limit)
        .subquery("found")
    )
    return _with_names_above(found, including=False)


def areas_by_head(city: str, text: str, limit: int) -> Rows:
    """Areas by the name of their head."""
    rank = _rank(text, area.c.head_name)
    found = (
        select(
            area.c.code,
            area.c.head_name.label("title"),
            area.c.head_title,
            area.c.path,
            rank.label("rank"),
            *_lonlat(area.c.label_point),
        )
        .where(area.c.city == city, figures_seen(), _every_word((area.c.head_name,), text.split()))
        .order_by(rank, area.c.head_name, area.c.code)
        .limit(limit)
        .subquery("found")
    )
    return _with_names_above(found)


SHORTEST_INSIDE = 3
"""The indexes contain groups of three letters: they find shorter words only at the beginning of a text."""


def _named_building(text: str) -> ColumnElement[bool]:
    """Every word occurs in the address or the name.

    If there are only short words, as in Chinese, they must be at the beginning of one of them: otherwise all buildings would be read for
    each typed letter.
    """
    words, columns = text.split(), (building_seen.c.address, building_seen.c.name)
    found = _every_word(columns, words)
    if any(len(word) >= SHORTEST_INSIDE for word in words):
        return found
    return and_(or_(*(_contains(column, words[0], before="") for column in columns)), found)


def buildings_by_name(city: str, text: str, limit: int) -> Rows:
    """Buildings by address or name."""
    rank = _rank(text, building_seen.c.address, building_seen.c.name)
    found = (
        select(
            building_seen.c.source_id,
            building_seen.c.source_key,
            building_seen.c.grid,
            building_seen.c.path,
            func.coalesce(building_seen.c.name, building_seen.c.address).label("title"),
            building_seen.c.address,
            rank.label("rank"),
            *_lonlat(func.ST_PointOnSurface(building_seen.c.geom)),
        )
        .where(building_seen.c.city == city, _named_building(text))
        .order_by(rank, building_seen.c.address, building_seen.c.source_key)
        .limit(limit)
        .subquery("found")
    )
    return _with_names_above(found)


def facilities_by_name(city: str, text: str, limit: int) -> Rows:
    """Facilities by name or address; they are few beside buildings, so any part of a name finds them."""
    rank = _rank(text, facility.c.name, facility.c.address)
    kind = and_(category.c.city == facility.c.city, category.c.subject == "facility", category.c.code == facility.c.kind)
    found = (
        select(
            facility.c.source_id,
            facility.c.source_key,
            facility.c.grid,
            facility.c.path,
            func.coalesce(facility.c.name, facility.c.address).label("title"),
            facility.c.address,
            category.c.name.label("kind"),
            category.c.name_en.label("kind_en"),
            rank.label("rank"),
            *_lonlat(facility.c.geom),
        )
        .outerjoin_from(facility, category, kind)
        .where(facility.c.city == city, _every_word((facility.c.name, facility.c.address), text.split()))
        .order_by(rank, facility.c.name, facility.c.source_key)
        .limit(limit)
        .subquery("found")
    )
    return _with_names_above(found)


_AFTER_ALL = "\U0010ffff"
"""The last Unicode character."""


def begins_with(column: AnyColumn, text: str) -> ColumnElement[bool]:
    """Whether a column begins with the text.

    LIKE cannot be used, because it is not marked as leak-proof: on a table with a policy PostgreSQL would then read every row instead of
    using the index.
    """
    return and_(column.op("~>=~")(text), column.op("~<~")(text + _AFTER_ALL))


def incidents_by_number(city: str, text: str, limit: int) -> Rows:
    """Incidents whose number begins with the text, as typed or in capitals (so that the index on numbers serves)."""
    numbers = [begins_with(incident.c.number, form) for form in dict.fromkeys((text, text.upper()))]
    named = and_(category.c.city == incident.c.city, category.c.subject == "incident", category.c.code == incident.c.category)
    found = (
        select(
            incident.c.source_id,
            incident.c.source_key,
            incident.c.grid,
            incident.c.path,
            incident.c.number.label("title"),
            incident.c.title.label("about"),
            category.c.name.label("category"),
            category.c.name_en.label("category_en"),
            case((incident.c.number == text, 0), else_=literal(1, Integer)).label("rank"),
            *_lonlat(incident.c.geom),
        )
        .outerjoin_from(incident, category, named)
        .where(incident.c.city == city, or_(*numbers))
        .order_by(incident.c.number)
        .limit(limit)
        .subquery("found")
    )
    return _with_names_above(found)


def leaf_at(city: str, lon: float, lat: float) -> Rows:
    """The deepest area of a city over a point (degrees), if any."""
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    found = (
        select(area.c.code, area.c.name.label("title"), area.c.path, literal(0, Integer).label("rank"))
        .where(area.c.city == city, area.c.level != "zone", figures_seen(), func.ST_Covers(area.c.geom, point))
        .order_by(func.nlevel(area.c.path).desc(), area.c.code)
        .limit(1)
        .subquery("found")
    )
    return _with_names_above(found)


def extent(city: str) -> Rows:
    """West, south, east, north of a city in degrees; four nulls where it has no polygon."""
    return select(bbox_lonlat(area.c.geom).label("bbox")).where(area.c.code == city)


def _lonlat(point: Any) -> tuple[Expression, Expression]:
    return func.ST_X(point).label("lon"), func.ST_Y(point).label("lat")
