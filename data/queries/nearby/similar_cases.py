"""Statements for likely duplicates of a case: near in place and time, of a category like its own. Policies leave out what is not seen."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from data.queries.case_list import name_rows, shown_columns
from data.queries.expressions import Expression, Rows
from data.schema import CLOSED_STAGES, area, attachment, attachment_case, category, city, duplicate_rule, incident

MOST = 50
"""Cases that are compared: the nearest ones."""
_MOST_CELLS = 300
_OUTSIDE = 1_000
"""Cases may stand outside of the cell for which they count, up to a few hundred metres; in units of EPSG:3857."""
LATE_DAYS = 62
"""Cases that were closed lately are looked for among those that were reported at most so many days before."""


@lru_cache
def now_of_city() -> Select[datetime]:
    """``now``: the moment for which figures of the ``city`` stand."""
    return select(func.coalesce(city.c.as_of, func.now()).label("now")).where(city.c.code == bindparam("city", type_=Text))


@lru_cache
def rule_of() -> Rows:
    """``radius_m`` and ``days`` of the nearest rule for a ``category`` of a ``city``: its own, that of the one above, or of all."""
    rule = duplicate_rule.c
    named, of_city = bindparam("category", type_=Text), bindparam("city", type_=Text)
    above = select(category.c.parent).where(category.c.city == of_city, category.c.subject == "incident", category.c.code == named)
    parent = above.scalar_subquery()
    return (
        select(rule.radius_m, rule.days)
        .where(
            or_(rule.city.is_(None), rule.city == of_city),
            or_(rule.category.is_(None), rule.category == named, rule.category == parent),
        )
        .order_by(rule.city.is_(None), case((rule.category == named, 0), (rule.category == parent, 1), else_=2))
        .limit(1)
    )


@lru_cache
def categories_like() -> Select[str]:
    """``code`` of every category of a ``city`` that is like ``category``: itself, the one above, those below, and those beside it."""
    one, own = category.alias("one"), category.alias("own")
    alike = or_(one.c.code == own.c.code, one.c.code == own.c.parent, one.c.parent == own.c.code, one.c.parent == own.c.parent)
    same = and_(one.c.city == own.c.city, one.c.subject == own.c.subject)
    wanted = own.c.city == bindparam("city", type_=Text), own.c.subject == "incident", own.c.code == bindparam("category", type_=Text)
    return select(one.c.code).join_from(own, one, and_(same, alike)).where(*wanted)


def near(
    of_city: str, categories: list[str], lon: float, lat: float, radius_m: int, first: datetime, last: datetime, besides: str | None
) -> Rows:
    """Cases around a point with ``distance_m`` (geodesic), the nearest first, at most ``MOST``.

    Open ones are found by the index of their places. For those that were closed there is none: they are found by the cells around.

    Args:
        of_city: code of the city.
        categories: codes of the categories.
        lon: of the point, degrees.
        lat: likewise.
        radius_m: cases further away are left out.
        first: cases that were closed before are left out.
        last: cases that were reported after it are left out.
        besides: number of a case that is left out.
    """
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    drawn = func.ST_Transform(point, 3857)
    # What is one metre on the ground is drawn larger away from the equator; a little more, because the Earth is no ball.
    reach = literal_column(str(radius_m)) * literal_column("1.02") / func.cos(func.radians(lat))
    distance = func.ST_Distance(func.geography(incident.c.geom), func.geography(point))
    kept = [
        incident.c.city == literal(of_city, Text),
        incident.c.category.in_(categories),
        incident.c.geom_3857.op("&&")(func.ST_Expand(drawn, reach)),
        incident.c.reported_at <= literal(last, DateTime(timezone=True)),
        *([] if besides is None else [incident.c.number != literal(besides, Text)]),
    ]
    columns = (*shown_columns(), distance.label("distance_m"))
    waiting = select(*columns).where(incident.c.is_open, *kept)
    closed = select(*columns).where(*_closed_since(first), incident.c.grid == func.any(cells_around(of_city, drawn, reach)), *kept)
    both = union_all(waiting, closed).subquery("both")
    found = select(both).where(both.c.distance_m <= literal_column(str(radius_m))).order_by(both.c.distance_m, both.c.id.desc())
    return name_rows(found.limit(literal_column(str(MOST))).subquery("found"), of_city)


def _closed_since(first: datetime) -> list[ColumnElement[bool]]:
    moment = literal(first, DateTime(timezone=True))
    return [
        incident.c.stage.in_(CLOSED_STAGES),
        incident.c.closed_at >= moment,
        incident.c.reported_at >= moment - func.make_interval(0, 0, 0, LATE_DAYS),
    ]


def cells_around(of_city: str, drawn: Expression, reach: Expression) -> Expression:
    """Codes of the areas around a point, as an array: the nearest ones."""
    around = area.c.geom_3857.op("&&")(func.ST_Expand(drawn, reach + literal_column(str(_OUTSIDE))))
    found = (
        select(area.c.code)
        .where(area.c.city == literal(of_city, Text), area.c.level != "zone", around)
        .order_by(area.c.geom_3857.op("<->")(drawn))
        .limit(literal_column(str(_MOST_CELLS)))
    )
    return func.array(found.scalar_subquery())


@lru_cache
def looks_of() -> Rows:
    """What the photos of cases look like: ``district``, ``incident_id`` and ``looks``, of the cases ``districts`` and ``ids``."""
    names = func.unnest(
        cast(bindparam("districts", type_=ARRAY(Text)), ARRAY(Text)), cast(bindparam("ids", type_=ARRAY(BigInteger)), ARRAY(BigInteger))
    )
    wanted = names.table_valued("district", "id").render_derived("wanted")
    has = attachment_case.c
    return (
        select(has.district, has.incident_id, attachment.c.looks)
        .join_from(wanted, attachment_case, and_(has.district == wanted.c.district, has.incident_id == wanted.c.id))
        .join(attachment, attachment.c.hash == has.hash)
        .where(attachment.c.looks != 0)
    )


@lru_cache
def looks_by_hash() -> Select[int]:
    """``looks`` of the photos with one of ``hashes``."""
    return select(attachment.c.looks).where(attachment.c.hash == func.any(bindparam("hashes", type_=ARRAY(Text))), attachment.c.looks != 0)
