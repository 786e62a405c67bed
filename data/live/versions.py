"""Versions of a city's data, by subject. The addresses of tiles and shapes contain them, and browsers keep these for ever.

So no version is ever used twice: not when a city is deleted and created again, and not when the server gets another database. Numbers
counted from 1 would repeat; milliseconds do not.

Addresses carry the newest version over all cities. So each new version is newer than those of all cities, and transactions give
versions one after the other. Otherwise a change that is committed late, or after the clock was set back, would not change the address.
"""

from collections.abc import Collection

from data.database.connections import Connection
from data.database.locks import VERSIONING
from data.live.outbox import append_figures
from data.schema import SUBJECTS

CHANNEL = "gridwell_changes"
"""The channel on which changes are announced: ``{"city": …, "versions": {subject: version}}``."""

# A subject that never had a version gets the first one too.
_TOUCH = """
WITH moment AS (
    SELECT greatest(max(data_version) + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS ms FROM city
), touched AS (
    UPDATE city c SET data_version = m.ms, changed_at = clock_timestamp(),
        versions = (
            SELECT jsonb_object_agg(s, CASE WHEN s = ANY(%(subjects)s) THEN m.ms ELSE coalesce((c.versions ->> s)::bigint, m.ms) END)
            FROM unnest(%(all)s::text[]) s)
    FROM moment m WHERE c.code = %(city)s
    RETURNING c.code, c.versions
)
SELECT pg_notify(%(channel)s, jsonb_build_object('city', code, 'versions', versions)::text) FROM touched
"""


def try_lock_versions(connection: Connection) -> bool:
    """Lock the giving of versions for the caller's transaction without waiting. Returns whether that succeeded."""
    return connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [VERSIONING]).fetchone() == (True,)


def touch(connection: Connection, city: str, subjects: Collection[str]) -> None:
    """Give subjects of a city a new version, and announce it when the caller's transaction commits. Other callers wait until then.

    Listeners get one event of kind ``figures``.

    Args:
        connection: the caller's transaction, which made the change.
        city: its code.
        subjects: some of ``SUBJECTS``; with none nothing happens.
    """
    if not subjects:
        return
    # A separate statement: the next one then sees what earlier transactions have committed.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [VERSIONING])
    told = {"city": city, "subjects": list(subjects), "all": list(SUBJECTS), "channel": CHANNEL}
    connection.execute(_TOUCH, told)
    append_figures(connection, city)
