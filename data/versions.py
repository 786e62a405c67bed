"""Versions of a city's data, by subject: they stand in the addresses of tiles and shapes, which browsers keep for ever.

So none is ever used again: not by a city that was taken away and made anew, nor by another database behind the same address. Counting
from 1 would; milliseconds do not.
"""

from collections.abc import Collection
from typing import Any

import psycopg

from data.schema import SUBJECTS

CHANNEL = "gridwell_changes"
"""Where changes are told to whoever listens: ``{"city": …, "versions": {subject: version}}``."""

# A subject that never had a version gets the first one too.
_TOUCH = """
WITH moment AS (
    SELECT code, greatest(data_version + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS ms FROM city WHERE code = %(city)s
), touched AS (
    UPDATE city c SET data_version = m.ms, changed_at = clock_timestamp(),
        versions = (
            SELECT jsonb_object_agg(s, CASE WHEN s = ANY(%(subjects)s) THEN m.ms ELSE coalesce((c.versions ->> s)::bigint, m.ms) END)
            FROM unnest(%(all)s::text[]) s)
    FROM moment m WHERE c.code = m.code
    RETURNING c.code, c.versions
)
SELECT pg_notify(%(channel)s, jsonb_build_object('city', code, 'versions', versions)::text) FROM touched
"""


def touch(connection: psycopg.Connection[Any], city: str, subjects: Collection[str]) -> None:
    """Give subjects of a city a new version, and tell whoever listens when the caller's transaction commits.

    Args:
        connection: the caller's transaction, which made the change.
        city: its code.
        subjects: some of ``SUBJECTS``; with none nothing happens.
    """
    if not subjects:
        return
    connection.execute(_TOUCH, {"city": city, "subjects": list(subjects), "all": list(SUBJECTS), "channel": CHANNEL})
