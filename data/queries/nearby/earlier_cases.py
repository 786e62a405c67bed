"""Statements for earlier cases of a place and of a reporter. Policies leave out what the viewer may not see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Text, and_, cast, func, literal, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from data.queries.case_list import name_rows, shown_columns
from data.queries.expressions import Rows
from data.queries.nearby.similar_cases import cells_around
from data.schema import incident

_NEARBY_M = 150
"""The same address as far away as this is another one."""
KEYS_OF_REPORTER = text("SELECT district, id FROM cases_of_reporter(:district, :id, :most)")
"""Keys of the newest cases whose reporters gave the same telephone number, within the viewer's scope; written to the audit log."""


def of_place(own: Mapping[str, Any], within_m: int, first: datetime, last: datetime, most: int) -> Rows:
    """Cases that stand where a case stands, the newest first.

    Args:
        own: the case, as ``data.queries.cases`` reads it, with a place.
        within_m: metres.
        first: reported from this moment on.
        last: reported before this moment.
        most: at most so many.
    """
    point = func.ST_SetSRID(func.ST_MakePoint(own["lon"], own["lat"]), 4326)
    drawn = func.ST_Transform(point, 3857)
    reach = literal_column(str(_NEARBY_M)) * literal_column("1.02") / func.cos(func.radians(own["lat"]))
    distance = func.ST_Distance(func.geography(incident.c.geom), func.geography(point))
    same = distance <= literal_column(str(within_m))
    if own["address"]:
        same = or_(same, incident.c.address == literal(own["address"], Text))
    found = (
        select(*shown_columns())
        .where(
            incident.c.city == literal(own["city"], Text),
            incident.c.grid == func.any(cells_around(own["city"], drawn, reach)),
            incident.c.geom_3857.op("&&")(func.ST_Expand(drawn, reach)),
            incident.c.reported_at >= literal(first, DateTime(timezone=True)),
            incident.c.reported_at < literal(last, DateTime(timezone=True)),
            incident.c.id != literal(own["id"], BigInteger),
            same,
        )
        .order_by(incident.c.reported_at.desc(), incident.c.id.desc())
        .limit(literal_column(str(most)))
    )
    return _newest_first(found, own["city"])


def by_keys(city: str, districts: Sequence[str], ids: Sequence[int], first: datetime, last: datetime) -> Rows:
    """Cases of a city by district and id, reported from a moment to another one, the newest first."""
    arrays = cast(list(districts), ARRAY(Text)), cast(list(ids), ARRAY(BigInteger))
    wanted = func.unnest(*arrays).table_valued("district", "id").render_derived("wanted")
    found = (
        select(*shown_columns())
        .join_from(wanted, incident, and_(incident.c.district == wanted.c.district, incident.c.id == wanted.c.id))
        .where(
            incident.c.city == literal(city, Text),
            incident.c.reported_at >= literal(first, DateTime(timezone=True)),
            incident.c.reported_at <= literal(last, DateTime(timezone=True)),
        )
    )
    return _newest_first(found, city)


def _newest_first(found: Rows, city: str) -> Rows:
    rows = found.subquery("found")
    return name_rows(rows, city).order_by(rows.c.reported_at.desc(), rows.c.id.desc())
