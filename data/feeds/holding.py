"""What a feed's records are after a delivery: how many, and how much of their fields is filled; kept with the delivery's report."""

from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from data.database.connections import Connection
from data.packs.tables.layout import SCHEMA, table_name

_FEED = """
SELECT f.pack, f.kind, d.rows, d.report, c.declared -> 'fields' FROM feed_delivery d JOIN feed f ON f.city = d.city AND f.code = d.feed
LEFT JOIN feed_contract c ON c.city = d.city AND c.feed = d.feed AND c.version = d.contract
WHERE d.id = %s AND d.state IN ('landed', 'empty')
"""
_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
_LINKS = ("unknown_record", "unknown_building", "unknown_area_code")
"""Reasons of rejected rows whose link leads nowhere."""


def keep_held(connection: Connection, city: str, feed: str, delivery: int) -> None:
    """Add to a delivery's report what the feed's records are now: ``records``, ``filled`` of ``fields``, ``consistent`` of ``compared``.

    A record is the feed's whose delivery changed it last. What is kept already stays: it is of that moment.
    """
    row = connection.execute(_FEED, [delivery]).fetchone()
    if row is None or "records" in (row[3] or {}):
        return
    pack, kind, rows, report, declared = row
    counted = _count(connection, table_name(pack, kind), city, feed, declared or {})
    if counted is None:
        return
    links = sum(1 for field in (declared or {}).values() if field.get("type") == "link")
    gone = sum((report or {}).get("rejects", {}).get(reason, 0) for reason in _LINKS)
    told = {**counted, **({"compared": links * rows, "consistent": max(0, links * rows - gone)} if links else {})}
    connection.execute("UPDATE feed_delivery SET report = coalesce(report, '{}') || %s WHERE id = %s", [Jsonb(told), delivery])


def _count(connection: Connection, table: str, city: str, feed: str, declared: dict[str, Any]) -> dict[str, int] | None:
    known = {name for (name,) in connection.execute(_COLUMNS, [f"{SCHEMA}.{table}"]).fetchall()}
    if not known:
        return None
    fields = [code for code in declared if code in known]
    filled = sql.SQL(" + ").join(sql.SQL("count(r.{})").format(sql.Identifier(code)) for code in fields) if fields else sql.SQL("0")
    asked = sql.SQL(
        "SELECT count(*), {filled} FROM {table} r WHERE r.gw_city = {city}"
        " AND r.gw_delivery IN (SELECT id FROM feed_delivery WHERE city = {city} AND feed = {feed})"
    ).format(filled=filled, table=sql.Identifier(SCHEMA, table), city=city, feed=feed)
    row = connection.execute(asked).fetchone()
    return {"records": row[0], "filled": row[1], "fields": row[0] * len(fields)} if row else None
