"""The figures of a district's panels by GROUP BY over raw rows: one plain statement for each panel, as a BI tool would send it.

The statements use the existing indexes and the column ``district``, which every large table has; nothing makes them slow on purpose.
"""

from psycopg import sql

from bench.model import Json
from data.database.connections import Connection as PgConnection

_BY_REPORT = """
SELECT {unit} AS unit,
       count(*) AS reported,
       count(*) FILTER (WHERE is_open) AS open,
       count(*) FILTER (WHERE is_open AND paused) AS paused,
       count(*) FILTER (WHERE is_open AND NOT paused AND due_at < %(as_of)s) AS overdue,
       count(*) FILTER (WHERE is_open AND NOT paused AND due_at >= %(as_of)s
                          AND extract(epoch FROM %(as_of)s - reported_at) > extract(epoch FROM due_at - reported_at) * 0.75) AS amber
FROM incident
WHERE {scope} AND reported_at >= %(since)s AND reported_at < %(until)s
GROUP BY 1"""

_BY_DEADLINE = """
SELECT {unit} AS unit,
       count(*) AS due,
       count(*) FILTER (WHERE closed_at IS NOT NULL) AS due_closed,
       count(*) FILTER (WHERE closed_at <= due_at) AS due_on_time
FROM incident
WHERE {scope} AND due_at >= %(since)s AND due_at < %(until)s AND NOT paused
  AND stage NOT IN ('void', 'duplicate', 'not_responsible', 'referred')
GROUP BY 1"""

_IN_DISTRICT, _IN_CITY = "district = %(district)s", "city = %(city)s"
_ITSELF, _CHILD, _BELOW = "district", "subpath(path, 0, %(depth)s + 1)", "subpath(path, 0, %(depth)s + 2)"

_PARTS = """
SELECT {part} AS part, count(*) AS reported, count(*) FILTER (WHERE stage IN ('void', 'duplicate', 'not_responsible', 'referred')) AS void
FROM incident
WHERE district = %(district)s AND reported_at >= %(since)s AND reported_at < %(until)s
GROUP BY 1 ORDER BY 1"""

_COMPARED = """
SELECT count(*) FILTER (WHERE reported_at >= %(since)s - {back} AND reported_at < %(until)s - {back}) AS reported,
       count(*) FILTER (WHERE due_at >= %(since)s - {back} AND due_at < %(until)s - {back}) AS due,
       count(*) FILTER (WHERE due_at >= %(since)s - {back} AND due_at < %(until)s - {back} AND closed_at <= due_at) AS due_on_time
FROM incident
WHERE district = %(district)s
  AND (reported_at >= %(since)s - {back} AND reported_at < %(until)s - {back}
       OR due_at >= %(since)s - {back} AND due_at < %(until)s - {back})"""

_PEOPLE = "SELECT {unit} AS unit, count(*) AS residents, count(DISTINCT household) AS households FROM person WHERE {scope} GROUP BY 1"
_AGES = """
SELECT sex, extract(year FROM age(%(as_of)s, birth_date))::int / 15 AS band, count(*)
FROM person WHERE district = %(district)s GROUP BY 1, 2"""
_BUILDINGS = """
SELECT {unit} AS unit, count(*) AS buildings, sum(footprint_m2) AS footprint_m2, sum(footprint_m2 * coalesce(floors, 1)) AS floor_area_m2
FROM building WHERE {scope} GROUP BY 1"""
_FACILITIES = "SELECT kind, count(*) FROM facility WHERE district = %(district)s GROUP BY kind ORDER BY 2 DESC"


def _made() -> dict[str, sql.Composed]:
    """Every panel's statement by name."""

    def made(template: str, **parts: str) -> sql.Composed:
        return sql.SQL(template).format(**{name: sql.SQL(part) for name, part in parts.items()})

    statements = {}
    for name, unit, scope in (
        ("the district", _ITSELF, _IN_DISTRICT),
        ("its streets", _CHILD, _IN_DISTRICT),
        ("its communities", _BELOW, _IN_DISTRICT),
        ("the districts beside it", _ITSELF, _IN_CITY),
    ):
        statements[f"reported and open: {name}"] = made(_BY_REPORT, unit=unit, scope=scope)
        statements[f"closing rates: {name}"] = made(_BY_DEADLINE, unit=unit, scope=scope)
        statements[f"residents: {name}"] = made(_PEOPLE, unit=unit, scope=scope)
        statements[f"buildings: {name}"] = made(_BUILDINGS, unit=unit, scope=scope)
    for name, part in (("day", "(reported_at AT TIME ZONE %(zone)s)::date"), ("category", "category"), ("channel", "channel")):
        statements[f"by {name}"] = made(_PARTS, part=part)
    statements["period before"] = made(_COMPARED, back="interval '30 days'")
    statements["year before"] = made(_COMPARED, back="interval '1 year'")
    statements["ages"] = made(_AGES)
    statements["facilities"] = made(_FACILITIES)
    return statements


STATEMENTS = _made()


def answer(connection: PgConnection, values: Json) -> None:
    """Run every panel's statement and fetch its rows."""
    for statement in STATEMENTS.values():
        connection.execute(statement, values).fetchall()
