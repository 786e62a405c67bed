"""Checks of sums: figures add up."""

from data import rollup
from data.database.connections import Connection
from data.doctor.model import Outcome, city_check, judge_offenders, judge_statement
from data.geo.apportion_sql import INSIDE
from data.schema import INCIDENT_COUNTS

# Parents whose figures must be their children's sum: all areas with children, except leaves whose children have no polygon.
_PARENTS = """
    SELECT p.code FROM area p
    WHERE p.city = %(city)s AND p.level <> 'zone'
      AND EXISTS (SELECT FROM area c WHERE c.parent = p.code AND c.level <> 'zone' AND c.origin <> 'unplaced')
      AND (p.geom IS NULL OR EXISTS (
          SELECT FROM area d WHERE d.path <@ p.path AND d.code <> p.code AND d.geom IS NOT NULL AND d.level <> 'zone'))
"""
# A zone is the sum of its cells where its border crosses none, and where no row stands on another side of the zone's border than its cell:
# rows outside every cell are put into the nearest one, and rows on a border into either cell.
_PARTLY = "SELECT FROM zone_edge e WHERE e.zone = m.zone AND e.share > 1e-9 AND e.share < 1 - 1e-9"
_STRAY = (
    "SELECT FROM zone_edge e JOIN {} r ON r.grid = e.grid JOIN area s ON s.code = e.zone"
    " WHERE e.zone = m.zone AND ST_Intersects(s.geom, {}) <> (e.share > 0.5)"
)
_TREE_AND_ZONES = f"""
    SELECT c.parent AS whole, c.code AS part FROM area c JOIN ({_PARENTS}) p ON p.code = c.parent WHERE c.level <> 'zone'
    UNION ALL
    SELECT m.zone, m.grid FROM zone_member m JOIN area z ON z.code = m.zone
    WHERE z.city = %(city)s AND NOT EXISTS ({_PARTLY})
"""  # noqa: S608 - both parts are ours


def _except(*strays: tuple[str, str]) -> str:
    """The same without zones where rows of these tables stray, each with the expression of its point."""
    return _TREE_AND_ZONES + "".join(f" AND NOT EXISTS ({_STRAY.format(table, point)})" for table, point in strays)


_PEOPLE_OF = _TREE_AND_ZONES
_BUILT_OF = _except(("building", "ST_PointOnSurface(r.geom)"), ("facility", "r.geom"))
_CASES_OF = _except(("incident", "r.geom"))
# Cases without a place count for no zone, also where they count for one of its cells.
_LOST_OF = f"""
    SELECT m.whole, l.code AS part FROM ({_CASES_OF}) m JOIN area z ON z.code = m.whole AND z.level = 'zone'
    JOIN area l ON l.parent = m.part AND l.origin = 'unplaced'
"""  # noqa: S608 - the part is ours
_MEMBERS = _TREE_AND_ZONES
_WHOLES = f"SELECT count(DISTINCT whole) FROM ({_MEMBERS}) m"  # noqa: S608


@city_check("sum.population", "Children sum to their parent, and cells to their zone: population, households, sexes")
def population(connection: Connection, city: str) -> Outcome:
    """At every level; where nothing is known of any child, nothing may be known of the parent."""
    return judge_statement(connection, city, _WHOLES, _PEOPLE)


_PEOPLE = f"""
SELECT m.whole || ' · ' || v.col || ': ' || coalesce(v.own::text, '-') || ' ≠ ' || coalesce(v.parts::text, '-')
FROM (
    SELECT m.whole, sum(f.population) AS population, sum(f.households) AS households, sum(f.male) AS male, sum(f.female) AS female
    FROM ({_PEOPLE_OF}) m JOIN area_figure f ON f.area = m.part GROUP BY m.whole
) m JOIN area_figure w ON w.area = m.whole
CROSS JOIN LATERAL (VALUES
    ('population', w.population::bigint, m.population), ('households', w.households::bigint, m.households),
    ('male', w.male::bigint, m.male), ('female', w.female::bigint, m.female)
) v (col, own, parts)
WHERE v.own IS DISTINCT FROM v.parts
"""  # noqa: S608


@city_check("sum.ages", "Children sum to their parent, and cells to their zone: every age band")
def ages(connection: Connection, city: str) -> Outcome:
    """Band by band."""
    return judge_statement(connection, city, _WHOLES, _BANDS)


_BANDS = f"""
SELECT coalesce(w.area, m.whole) || ' · ' || coalesce(w.band, m.band) || ': ' || coalesce(w.n, 0) || ' ≠ ' || coalesce(m.n, 0)
FROM (
    SELECT m.whole, e.key AS band, sum(e.value::bigint) AS n
    FROM ({_PEOPLE_OF}) m JOIN area_figure f ON f.area = m.part CROSS JOIN LATERAL jsonb_each_text(f.ages) e GROUP BY 1, 2
) m FULL JOIN (
    SELECT f.area, e.key AS band, e.value::bigint AS n
    FROM area_figure f CROSS JOIN LATERAL jsonb_each_text(f.ages) e
    WHERE f.area IN (SELECT whole FROM ({_PEOPLE_OF}) x)
) w ON w.area = m.whole AND w.band = m.band
WHERE coalesce(w.n, 0) <> coalesce(m.n, 0)
"""  # noqa: S608


@city_check("sum.buildings", "Children sum to their parent, and cells to their zone: buildings, footprint, floor area, facilities")
def buildings(connection: Connection, city: str) -> Outcome:
    """Areas in m² to a millionth, because sums of floats depend on their order."""
    return judge_statement(connection, city, _WHOLES, _BUILT)


_BUILT = f"""
SELECT m.whole || ' · ' || v.col || ': ' || v.own || ' ≠ ' || v.parts
FROM (
    SELECT m.whole, sum(f.buildings) AS buildings, sum(f.footprint_m2) AS footprint_m2, sum(f.floor_area_m2) AS floor_area_m2,
        sum(f.facilities) AS facilities
    FROM ({_BUILT_OF}) m JOIN area_figure f ON f.area = m.part GROUP BY m.whole
) m JOIN area_figure w ON w.area = m.whole
CROSS JOIN LATERAL (VALUES
    ('buildings', w.buildings::float8, m.buildings::float8), ('footprint_m2', w.footprint_m2, m.footprint_m2),
    ('floor_area_m2', w.floor_area_m2, m.floor_area_m2), ('facilities', w.facilities::float8, m.facilities::float8)
) v (col, own, parts)
WHERE abs(v.own - v.parts) > 1e-6 * greatest(1, abs(v.own))
"""  # noqa: S608


@city_check("sum.incidents", "Children sum to their parent, and cells to their zone: every count of incidents, over all time")
def incidents(connection: Connection, city: str) -> Outcome:
    """Every count of ``INCIDENT_COUNTS``, and open ones; without the sums over categories and channels."""
    return judge_statement(connection, city, _WHOLES, _INCIDENTS)


_NAMES = tuple(count.name for count in INCIDENT_COUNTS)
_INCIDENTS = f"""
WITH crossed AS MATERIALIZED (
    SELECT no FROM incident_kind WHERE city = %(city)s AND category IS NOT NULL AND channel IS NOT NULL
), total AS MATERIALIZED (
    SELECT a.code, d.* FROM area a CROSS JOIN LATERAL (
        SELECT {", ".join(f"sum({name}) AS {name}" for name in _NAMES)}
        FROM incident_daily WHERE area_no = a.no AND kind IN (SELECT no FROM crossed)
    ) d WHERE a.city = %(city)s
), waiting AS MATERIALIZED (
    SELECT a.code, sum(n) AS open FROM area a JOIN incident_open o ON o.area_no = a.no AND o.kind IN (SELECT no FROM crossed)
    WHERE a.city = %(city)s GROUP BY a.code
), member AS MATERIALIZED (
    SELECT whole, part, 1 AS sign FROM ({_CASES_OF}) m UNION ALL SELECT whole, part, -1 FROM ({_LOST_OF}) m
), parts AS (
    SELECT m.whole, sum(w.open * m.sign) AS open, {", ".join(f"sum(t.{name} * m.sign) AS {name}" for name in _NAMES)}
    FROM member m LEFT JOIN total t ON t.code = m.part LEFT JOIN waiting w ON w.code = m.part GROUP BY m.whole
)
SELECT p.whole || ' · ' || v.col || ': ' || coalesce(v.own, 0) || ' ≠ ' || coalesce(v.parts, 0)
FROM parts p LEFT JOIN total t ON t.code = p.whole LEFT JOIN waiting w ON w.code = p.whole
CROSS JOIN LATERAL (VALUES
    ('open', w.open, p.open), {", ".join(f"('{name}', t.{name}, p.{name})" for name in _NAMES)}
) v (col, own, parts)
WHERE coalesce(v.own, 0) <> coalesce(v.parts, 0)
"""  # noqa: S608 - names and parts are ours


@city_check("sum.stock", "What is open is what was reported and neither closed nor void; likewise what is overdue")
def stock(connection: Connection, city: str) -> Outcome:
    """Over all time, by area: the stock as it stands is the sum of its changes, so that it is right when any past day ended, too."""
    return judge_statement(connection, city, "SELECT count(*) FROM area WHERE city = %(city)s", _STOCK)


_STOCK = """
WITH crossed AS MATERIALIZED (
    SELECT no FROM incident_kind WHERE city = %(city)s AND category IS NOT NULL AND channel IS NOT NULL
)
SELECT a.code || ' · ' || v.col || ': ' || v.stands || ' ≠ ' || v.summed
FROM area a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n), 0) AS open, coalesce(sum(n) FILTER (WHERE state = 'overdue'), 0) AS overdue
    FROM incident_open WHERE area_no = a.no AND kind IN (SELECT no FROM crossed)
) o
CROSS JOIN LATERAL (
    SELECT coalesce(sum(reported - void - closed), 0) AS open, coalesce(sum(overdue_change), 0) AS overdue,
        coalesce(sum(now_overdue), 0) AS now_overdue
    FROM incident_daily WHERE area_no = a.no AND kind IN (SELECT no FROM crossed)
) d
CROSS JOIN LATERAL (VALUES
    ('open', o.open, d.open), ('overdue', o.overdue, d.overdue), ('now_overdue', o.overdue, d.now_overdue)
) v (col, stands, summed)
WHERE a.city = %(city)s AND v.stands <> v.summed
"""


@city_check("fresh.rollups", "Every roll-up equals a fresh count of the raw rows")
def rollups(connection: Connection, city: str) -> Outcome:
    """Figures of areas, days of incidents, members of zones."""
    found = rollup.compare(connection, city)
    told = [f"{one.table} · {one.key} · {one.column}: {_n(one.stored)} ≠ {_n(one.fresh)}" for one in found]
    counted = connection.execute("SELECT count(*) FROM fresh_incident_daily").fetchone()
    return judge_offenders(told, counted[0] if counted else 0)


def _n(value: float | None) -> str:
    return "-" if value is None else f"{value:.12g}"


@city_check("fresh.register", "Where there is a register, cells and buildings have as many residents as it has people")
def register(connection: Connection, city: str) -> Outcome:
    """Without a register there is nothing to compare."""
    return judge_statement(connection, city, "SELECT count(*) FROM person WHERE city = %(city)s", _RESIDENTS)


_RESIDENTS = """
SELECT 'area ' || f.area || coalesce(' · ' || v.col, '') || ': ' || coalesce(v.stored, 0) || ' ≠ ' || coalesce(v.counted, 0)
FROM leaves(%(city)s) a
JOIN area_figure f ON f.area = a.code
LEFT JOIN (
    SELECT grid, count(*) AS n, count(DISTINCT household) AS households, count(*) FILTER (WHERE sex = 'M') AS male,
        count(*) FILTER (WHERE sex = 'F') AS female
    FROM person WHERE city = %(city)s GROUP BY grid
) p ON p.grid = f.area
CROSS JOIN LATERAL (VALUES
    (NULL, f.population, p.n), ('households', f.households, p.households), ('male', f.male, p.male), ('female', f.female, p.female)
) v (col, stored, counted)
WHERE f.population_method = 'register' AND coalesce(v.stored, 0) <> coalesce(v.counted, 0)
  AND EXISTS (SELECT FROM person WHERE city = %(city)s)
UNION ALL
SELECT 'building ' || b.source_key || ': ' || b.residents || ' ≠ ' || coalesce(p.n, 0)
FROM building b
LEFT JOIN (SELECT building_id, count(*) AS n FROM person WHERE city = %(city)s GROUP BY building_id) p ON p.building_id = b.id
WHERE b.city = %(city)s AND b.residents <> coalesce(p.n, 0) AND EXISTS (SELECT FROM person WHERE city = %(city)s)
"""


@city_check("fresh.published", "The population of the whole city equals the published population inside it")
def published(connection: Connection, city: str) -> Outcome:
    """What was shared out among cells sums to what was published, to the last person, without those who live outside the city."""
    row = connection.execute(_PUBLISHED, {"city": city}).fetchone()
    units, total, outside, stored, crossing = row or (0, None, None, None, None)
    wrong = [f"{total} - {outside} ≠ {stored}", *(crossing or ())] if units and total - outside != (stored or 0) else []
    sentence = "{examined} published units: {total} people, {outside} of them outside the city; in the city {stored}"
    return judge_offenders(wrong, units, sentence, total=total or 0, outside=outside or 0, stored=stored or 0)


_PUBLISHED = f"""
WITH inside AS MATERIALIZED ({INSIDE}), people AS (
    SELECT u.source_key, u.total, u.total - floor(u.total * coalesce(i.share, 1) + 0.5)::int AS outside
    FROM population_unit u LEFT JOIN inside i ON i.unit = u.id WHERE u.city = %(city)s
)
SELECT count(*)::int, sum(total)::int, sum(outside)::int, (SELECT population FROM area_figure WHERE area = %(city)s),
    array_agg('unit ' || source_key || ': ' || outside || ' / ' || total ORDER BY outside DESC, source_key) FILTER (WHERE outside > 0)
FROM people
"""  # noqa: S608 - the part is ours
