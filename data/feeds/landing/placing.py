"""Where the staged rows are: the area and the point of each, by coordinates, building, area code, or the record that it belongs to."""

from psycopg import sql

from data.database.connections import Connection
from data.feeds.landing.job import Job
from data.feeds.landing.staging import STAGED
from data.packs.declaration.model import Kind, Pack
from data.packs.tables.layout import SCHEMA, table_name

LEAF = "grid"
SEVERAL = -1
"""Stands for the area of a row whose building is not told apart by its address."""

_BY_POINT = """
UPDATE {rows} l SET gw_area = (
    SELECT a.no FROM area a WHERE a.city = %(city)s AND a.level = %(leaf)s AND ST_Covers(a.geom, l.gw_geom) ORDER BY a.no LIMIT 1)
WHERE l.gw_geom IS NOT NULL
"""
_BY_AREA = """
UPDATE {rows} l SET gw_area = a.no FROM area a WHERE a.code = l.{field} AND a.city = %(city)s AND a.level <> 'zone'
"""
# A key is of one building; an address may be of several.
_BY_BUILDING = """
WITH wanted AS (SELECT DISTINCT {field} AS told FROM {rows} WHERE {field} IS NOT NULL), found AS (
    SELECT w.told, 0 AS way, b.grid, b.geom, b.id FROM wanted w JOIN source s ON s.city = %(city)s
        JOIN building b ON b.source_id = s.id AND b.source_key = w.told
    UNION ALL
    SELECT w.told, 1, b.grid, b.geom, b.id FROM wanted w JOIN building b ON b.address = w.told AND b.city = %(city)s
), best AS (SELECT *, min(way) OVER (PARTITION BY told) AS least FROM found), placed AS (
    SELECT b.told, CASE WHEN count(DISTINCT b.grid) = 1 THEN min(a.no) ELSE {several} END AS area,
        (array_agg(ST_PointOnSurface(b.geom) ORDER BY b.id))[1] AS geom
    FROM best b JOIN area a ON a.code = b.grid WHERE b.way = b.least GROUP BY b.told
)
UPDATE {rows} l SET gw_area = p.area, gw_geom = p.geom FROM placed p WHERE p.told = l.{field}
"""
_BY_LINK = """
UPDATE {rows} l SET gw_area = o.gw_area, gw_geom = o.gw_geom FROM {other} o WHERE o.gw_city = %(city)s AND o.{key} = l.{field}
"""
_FOLLOW = """
UPDATE {table} r SET gw_area = o.gw_area, gw_geom = o.gw_geom FROM {other} o
WHERE r.gw_city = %(city)s AND o.gw_city = %(city)s AND r.{field} = o.{key}
    AND (%(delivery)s::bigint IS NULL OR o.gw_delivery = %(delivery)s)
    AND (r.gw_area IS DISTINCT FROM o.gw_area OR r.gw_geom IS DISTINCT FROM o.gw_geom)
"""


def place_rows(connection: Connection, job: Job) -> None:
    """Give every staged row its place; checks find those that should have one and have none."""
    place = job.kind.place
    if place is None or not job.sets_place:
        return
    values = {"city": job.city, "leaf": LEAF}
    named = {"rows": sql.Identifier(STAGED), "field": sql.Identifier(place.field or ""), "several": sql.Literal(SEVERAL)}
    if place.by == "point":
        connection.execute(sql.SQL(_BY_POINT).format(rows=named["rows"]), values)
    elif place.by == "area":
        connection.execute(sql.SQL(_BY_AREA).format(**named), values)
    elif place.by == "building":
        connection.execute(sql.SQL(_BY_BUILDING).format(**named), values)
    elif (other := _linked(job.pack, job.kind)) is not None:
        connection.execute(sql.SQL(_BY_LINK).format(**named, **_table_of(job.pack, other)), values)


def follow_places(connection: Connection, city: str, pack: Pack, kind: Kind, delivery: int | None) -> None:
    """Records that are where another one is go with it; ``delivery`` brought that one, ``None``: any."""
    for one in pack.kinds.values():
        if one.code != kind.code and _linked(pack, one) is kind and one.place is not None:
            statement = sql.SQL(_FOLLOW).format(
                table=sql.Identifier(SCHEMA, table_name(pack.code, one.code)),
                field=sql.Identifier(one.place.field or ""),
                **_table_of(pack, kind),
            )
            if connection.execute(statement, {"city": city, "delivery": delivery}).rowcount:
                follow_places(connection, city, pack, one, None)


def _linked(pack: Pack, kind: Kind) -> Kind | None:
    """The kind whose records say where records of this one are."""
    if kind.place is None or kind.place.by != "link" or kind.place.field not in kind.fields:
        return None
    return pack.kinds.get(kind.fields[kind.place.field].to or "")


def _table_of(pack: Pack, kind: Kind) -> dict[str, sql.Identifier]:
    return {"other": sql.Identifier(SCHEMA, table_name(pack.code, kind.code)), "key": sql.Identifier(kind.key[0])}
