"""Changes of the register: residents of buildings, and the population of cells that is counted from it.

Households cannot be summed person by person. So the cells with changes are counted again, and the difference is added to all areas
above them.

Every leaf of a district with a register has figures: see ``data.rollup.register_cells``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from data.database.connections import Connection
from data.live import versions
from data.rollup.figures_sql import ZONE_AGES, ZONE_PEOPLE
from data.rollup.incident_parts import ABOVE, HELD
from data.rollup.objects import Ids
from data.rollup.rebuild import lock_city
from data.rollup.register_cells import BANDS
from data.rollup.shown_people import update_shown
from data.rollup.touched_rows import TouchedRows

_MAKE = (
    "CREATE TEMP TABLE touched_cell (grid text PRIMARY KEY) ON COMMIT DROP",
    "CREATE TEMP TABLE touched_home (district text, building_id bigint, PRIMARY KEY (district, building_id)) ON COMMIT DROP",
)
_NOTE = (
    "INSERT INTO touched_cell SELECT DISTINCT grid FROM {rows} p ON CONFLICT DO NOTHING",
    "INSERT INTO touched_home SELECT DISTINCT district, building_id FROM {rows} p WHERE building_id IS NOT NULL ON CONFLICT DO NOTHING",
)

# A person has the district of their building.
_RESIDENTS = """
UPDATE building b SET residents = s.n
FROM (
    SELECT h.district, h.building_id, count(p.id)::int AS n
    FROM touched_home h LEFT JOIN person p ON p.building_id = h.building_id AND p.city = %(city)s GROUP BY 1, 2
) s
WHERE b.district = s.district AND b.id = s.building_id AND b.residents <> s.n
"""

# Cells whose people are counted from the register: not cells with a share of a published population, and only present leaves. Besides the
# touched ones, those of the same districts that have no figures yet.
_CELLS = """
CREATE TEMP TABLE register_cell ON COMMIT DROP AS
SELECT t.grid, a.no AS area_no,
    coalesce(f.population_as_of, whole.population_as_of, (coalesce(c.as_of, now()) AT TIME ZONE c.timezone)::date) AS as_of,
    f.population, f.households, f.male, f.female, f.ages
FROM leaves(%(city)s) t (grid)
JOIN area a ON a.code = t.grid AND a.city = %(city)s
JOIN city c ON c.code = a.city
JOIN area_figure f ON f.area = a.code
LEFT JOIN area_figure whole ON whole.area = a.city
WHERE (t.grid IN (SELECT grid FROM touched_cell) OR f.population IS NULL AND coalesce(a.district, a.city) IN (
    SELECT coalesce(o.district, o.city) FROM area o WHERE o.code IN (SELECT grid FROM touched_cell)))
  AND coalesce(f.population_method, 'register') = 'register' AND NOT EXISTS (SELECT FROM population_unit u WHERE u.city = a.city)
"""

_PEOPLE = """
CREATE TEMP TABLE part_people ON COMMIT DROP AS
SELECT c.area_no, c.as_of, count(p.id)::int - coalesce(c.population, 0) AS population,
    count(DISTINCT p.household)::int - coalesce(c.households, 0) AS households,
    count(p.id) FILTER (WHERE p.sex = 'M')::int - coalesce(c.male, 0) AS male,
    count(p.id) FILTER (WHERE p.sex = 'F')::int - coalesce(c.female, 0) AS female
FROM register_cell c LEFT JOIN person p ON p.grid = c.grid AND p.city = %(city)s
GROUP BY c.area_no, c.as_of, c.population, c.households, c.male, c.female
"""

# A person belongs to the last band that begins at or below their age. Each cell holds every band, also those in which nobody is, once any
# age is known.
_AGES = f"""
CREATE TEMP TABLE part_ages ON COMMIT DROP AS
WITH {BANDS}, aged AS (
    SELECT c.area_no, (
        SELECT band FROM used WHERE least <= extract(year FROM age(c.as_of, p.birth_date)) ORDER BY least DESC LIMIT 1) AS band
    FROM register_cell c JOIN person p ON p.grid = c.grid AND p.city = %(city)s
)
SELECT area_no, band, sum(n)::int AS n FROM (
    SELECT area_no, band, 1 AS n FROM aged WHERE band IS NOT NULL
    UNION ALL
    SELECT area_no, key, -value::int FROM register_cell CROSS JOIN LATERAL jsonb_each_text(ages)
    UNION ALL
    SELECT area_no, band, 0 FROM register_cell CROSS JOIN used
    WHERE EXISTS (SELECT FROM own) OR EXISTS (SELECT FROM aged WHERE band IS NOT NULL)
) s GROUP BY area_no, band
"""  # noqa: S608 - the bands are ours

_ADD_PEOPLE = sql.SQL(
    """
    WITH RECURSIVE {above}
    UPDATE area_figure f
    SET population = coalesce(f.population, 0) + s.population, households = coalesce(f.households, 0) + s.households,
        male = coalesce(f.male, 0) + s.male, female = coalesce(f.female, 0) + s.female,
        population_method = coalesce(f.population_method, 'register'), population_as_of = coalesce(f.population_as_of, s.as_of)
    FROM (
        SELECT u.area_no, max(as_of) AS as_of, sum(population) AS population, sum(households) AS households, sum(male) AS male,
            sum(female) AS female
        FROM part_people p JOIN above u ON u.below_no = p.area_no GROUP BY u.area_no
    ) s JOIN area a ON a.no = s.area_no
    WHERE f.area = a.code
    """
).format(above=sql.SQL(ABOVE).format(parts=sql.Identifier("part_people")))

_ADD_AGES = sql.SQL(
    """
    WITH RECURSIVE {above}, added AS (
        SELECT a.code AS area, p.band, sum(p.n) AS n
        FROM part_ages p JOIN above u ON u.below_no = p.area_no JOIN area a ON a.no = u.area_no GROUP BY a.code, p.band
    ), summed AS (
        SELECT area, band, sum(n)::int AS n FROM (
            SELECT area, band, n FROM added
            UNION ALL
            SELECT f.area, key, value::int FROM area_figure f CROSS JOIN LATERAL jsonb_each_text(f.ages)
            WHERE f.area IN (SELECT area FROM added)
        ) s GROUP BY area, band
    )
    UPDATE area_figure f SET ages = s.ages
    FROM (SELECT area, jsonb_object_agg(band, n ORDER BY band) AS ages FROM summed GROUP BY area) s
    WHERE f.area = s.area
    """
).format(above=sql.SQL(ABOVE).format(parts=sql.Identifier("part_ages")))

# Shares of cells that the border of a zone crosses are not whole people: zones are summed up again, not added to.
_STORED = {"members": "zone_member", "edges": "zone_edge"}
_ZONES = f"""
UPDATE area_figure f
SET population = z.population, households = z.households, male = z.male, female = z.female, population_as_of = z.population_as_of,
    population_method = z.population_method
FROM ({ZONE_PEOPLE.format(**_STORED)}) z WHERE f.area = z.area
"""  # noqa: S608 - the parts are ours
_ZONES_AGES = f"UPDATE area_figure f SET ages = z.ages FROM ({ZONE_AGES.format(**_STORED)}) z WHERE f.area = z.area"  # noqa: S608 - ours

_TABLES = "DROP TABLE touched_cell, touched_home, register_cell, part_people, part_ages"


class _TouchedPeople(TouchedRows):
    """People that a change touches.

    Each call of ``add`` notes their cells and buildings, so that people can be added step by step: before each change, and after it for
    people who are new or have another district now.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "person", listed=True)
        for statement in _MAKE:
            connection.execute(statement)

    def add(self, ids: Ids = (), table: sql.Identifier | None = None) -> None:
        """See ``TouchedRows.add``."""
        super().add(ids, table)
        self.note()

    def add_source(self, source_id: int) -> None:
        """See ``TouchedRows.add_source``."""
        super().add_source(source_id)
        self.note()

    def note(self) -> None:
        """Note the present cells and buildings of the touched people."""
        for statement in _NOTE:
            self._connection.execute(sql.SQL(statement).format(rows=self.rows))
        self._connection.execute("ANALYZE touched_cell, touched_home")


@contextmanager
def changing_persons(connection: Connection, city: str, ids: Ids = (), table: sql.Identifier | None = None) -> Iterator[TouchedRows]:
    """Change people of the register inside the block: see ``changing_incidents``.

    This updates the residents of their buildings. It also updates population, households, sexes and ages of their cells and all areas
    above, where these are counted from the register. The block may contain several changes, each with its own ``add`` before it, and other
    changes of the city.
    """
    lock_city(connection, city)
    touched = _TouchedPeople(connection)
    touched.add(ids, table)
    yield touched
    touched.note()
    follow: tuple[str | sql.Composed, ...] = (
        _RESIDENTS,
        _CELLS,
        _PEOPLE,
        _AGES,
        "ANALYZE part_people, part_ages",
        _ADD_PEOPLE,
        _ADD_AGES,
        _ZONES,
    )
    for step in follow:
        connection.execute(step, {"city": city, **HELD})
    connection.execute(_ZONES_AGES, {"city": city})
    connection.execute(_TABLES)
    update_shown(connection, city)
    if touched.drop():
        versions.touch(connection, city, ["population", "buildings"])
