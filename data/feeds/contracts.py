"""What was agreed about a feed, read from the versions of its contract that are kept (``data.packs.tables.kept.to_contract``)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from psycopg.rows import dict_row
from pydantic import ValidationError

from data.database.connections import Connection
from data.feeds.schedule import Agreement, Terms
from data.packs.declaration.cadence import Cadence, parse_cadence

ON_DEMAND = Cadence(every="on_demand")


def feed_of(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The feed in a contract: its cadence, contact and transport."""
    found = declared.get("feed")
    return found if isinstance(found, Mapping) else {}


def read_terms(declared: Mapping[str, Any], since: date) -> Terms:
    """The terms of a version as it is kept; one whose cadence is not understood expects nothing."""
    feed = feed_of(declared)
    told = feed.get("cadence")
    try:
        cadence = Cadence.model_validate(parse_cadence(told) if isinstance(told, str) else told)
    except (ValidationError, ValueError):
        cadence = ON_DEMAND
    shift = feed.get("shift", "next")
    return Terms(
        cadence,
        since,
        shift if shift in ("next", "previous", "none") else "next",
        int(feed.get("grace_hours") or 0),
        bool(feed.get("may_be_empty")),
    )


def read_agreement(connection: Connection, city: str, feed: str) -> Agreement | None:
    """What was agreed about a feed, all versions; ``None`` where there is no such feed, or no contract."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SELECT valid_from, valid_to, paused_until FROM feed WHERE city = %s AND code = %s", [city, feed])
        row = cursor.fetchone()
        cursor.execute("SELECT since, declared FROM feed_contract WHERE city = %s AND feed = %s ORDER BY version", [city, feed])
        versions = tuple(read_terms(one["declared"], one["since"]) for one in cursor)
    if row is None or not versions:
        return None
    return Agreement(versions, row["valid_from"], row["valid_to"], row["paused_until"])
