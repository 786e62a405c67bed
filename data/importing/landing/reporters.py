"""Who reported the imported cases: name and encrypted telephone number, in a table of their own."""

from collections.abc import Iterator, Sequence

from data.importing.landing.context import Context
from data.importing.landing.staging import Changes
from data.importing.profile.model import IncidentSource
from data.importing.rows.batch import Batch
from data.privacy import keyed_hash_all, keyring, mask_phone, normalize_phone, seal_all

_MAKE = """
CREATE TEMP TABLE IF NOT EXISTS staged_reporter (
    source_id int, source_key text, name text, phone_cipher bytea, phone_hash bytea, phone_shown text) ON COMMIT DROP
"""
_COPY = "COPY staged_reporter FROM STDIN"

# Reporters of cases that are gone, or for which the files name no reporter any more.
_FORGET = """
DELETE FROM incident_reporter r
WHERE r.city = %(city)s AND (
    NOT EXISTS (SELECT FROM incident i WHERE i.district = r.district AND i.id = r.incident_id)
    OR r.merged_from IS NULL AND EXISTS (
        SELECT FROM incident i WHERE i.district = r.district AND i.id = r.incident_id AND i.source_id = ANY(%(sources)s)
            AND NOT EXISTS (SELECT FROM staged_reporter s WHERE s.source_id = i.source_id AND s.source_key = i.source_key)))
"""
# Encryption gives another cipher each time, so name and hash are compared: a second import of the same rows changes nothing.
_WRITE = """
WITH written AS (
    INSERT INTO incident_reporter AS r (district, incident_id, city, grid, path, name, phone_cipher, phone_hash, phone_shown)
    SELECT DISTINCT ON (i.district, i.id) i.district, i.id, i.city, i.grid, i.path, s.name, s.phone_cipher, s.phone_hash, s.phone_shown
    FROM staged_reporter s JOIN incident i USING (source_id, source_key)
    ORDER BY i.district, i.id
    ON CONFLICT (district, incident_id, seq) DO UPDATE SET grid = excluded.grid, path = excluded.path, name = excluded.name,
        phone_cipher = excluded.phone_cipher, phone_hash = excluded.phone_hash, phone_shown = excluded.phone_shown
    WHERE (r.grid, r.path, r.name, r.phone_hash) IS DISTINCT FROM (excluded.grid, excluded.path, excluded.name, excluded.phone_hash)
    RETURNING (xmax = 0) AS fresh
)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written
"""
# The reporter follows a case that got another cell. Ids are unique, but the index needs the district as well: reporters whose case moved to
# another district are looked for in a second statement; they are few.
_FOLLOW = (
    """
    UPDATE incident_reporter r SET grid = i.grid, path = i.path FROM incident i
    WHERE r.city = %(city)s AND i.district = r.district AND i.id = r.incident_id AND (r.grid, r.path) IS DISTINCT FROM (i.grid, i.path)
    """,
    """
    WITH lost AS MATERIALIZED (
        SELECT r.district, r.incident_id FROM incident_reporter r
        WHERE r.city = %(city)s AND NOT EXISTS (SELECT FROM incident i WHERE i.district = r.district AND i.id = r.incident_id)
    )
    UPDATE incident_reporter r SET district = i.district, grid = i.grid, path = i.path FROM lost l, incident i
    WHERE r.district = l.district AND r.incident_id = l.incident_id AND i.id = l.incident_id AND i.city = r.city
    """,
)


def has_reporters(source: IncidentSource) -> bool:
    """Whether a source says who reported its cases."""
    return source.columns.reporter_name is not None or source.columns.reporter_phone is not None


def stage_reporters(batches: Sequence[Batch], source: IncidentSource, context: Context) -> None:
    """Keep the reporters of some batches in a temporary table until the cases themselves are written."""
    if not has_reporters(source):
        return
    context.connection.execute(_MAKE)
    with context.connection.cursor().copy(_COPY) as copy:
        for batch in batches:
            for row in _rows(batch, context.source_ids[source.key]):
                copy.write_row(row)


def _rows(batch: Batch, source_id: int) -> Iterator[tuple[object, ...]]:
    keys, names, given = (batch.list_values(field) for field in ("key", "reporter_name", "reporter_phone"))
    living = [i for i in batch.list_living() if names[i] or given[i]]
    phones = {i: phone for i in living if given[i] and (phone := normalize_phone(given[i]))}
    batch.repair("phone_left_out", sum(1 for i in living if given[i]) - len(phones))
    ring, numbers = keyring(), list(phones.values())
    sealed = dict(zip(phones, seal_all(numbers, "reporter.phone", ring), strict=True))
    hashes = dict(zip(phones, keyed_hash_all(numbers, "phone", ring), strict=True))
    for i in living:
        yield source_id, keys[i], names[i] or "", sealed.get(i), hashes.get(i), mask_phone(phones.get(i))


def write_reporters(context: Context) -> None:
    """Make ``incident_reporter`` agree with the imported cases and their present cells."""
    sources = [context.source_ids[source.key] for source in context.profile.incidents if has_reporters(source)]
    context.connection.execute(_MAKE)
    values = {"city": context.city, "sources": sources}
    moved = sum(context.connection.execute(statement, values).rowcount for statement in _FOLLOW)
    gone = context.connection.execute(_FORGET, values).rowcount
    row = context.connection.execute(_WRITE).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    context.add_changes("incident_reporter", Changes(inserted=row[0], updated=moved + row[1], deleted=gone))
