"""Where stored roll-ups differ from a fresh count.

Both are tables on disk and are joined in the order of their keys, so that the memory does not grow with the city.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from psycopg import sql

from data.database.connections import Connection
from data.rollup.incident_parts import DAILY, OPEN, RollupTable
from data.rollup.recount import count_figures, count_incidents, make_empty_copy, sort_memory, update_kinds
from data.rollup.shown_people import find_stale


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored figure that differs from a fresh count.

    Attributes:
        table: roll-up table.
        key: area (and day, category, channel) of the row; ``*`` stands for all categories or channels.
        column: name of the figure.
        stored, fresh: both values; ``None`` where the row is missing.
    """

    table: str
    key: str
    column: str
    stored: float | None
    fresh: float | None


def compare(connection: Connection, city: str, limit: int = 1000) -> list[Difference]:
    """Where the stored roll-ups of one city differ from a fresh count; at most ``limit`` differences of each table."""
    update_kinds(connection, city)  # otherwise kinds that are missing in the dictionary would be missing from the fresh count too
    count_figures(connection, city)
    copies = [make_empty_copy(connection, counted.table) for counted in (DAILY, OPEN)]
    found: list[Difference] = []
    with sort_memory(connection):
        count_incidents(connection, city, *copies)
        for copy in copies:
            connection.execute(sql.SQL("ANALYZE {}").format(copy))
        for table, statement in _DIFFERENCES.items():
            rows = connection.execute(statement, {"city": city, "limit": limit}).fetchall()
            found.extend(Difference(table, *row) for row in rows)
    found.extend(Difference("area_figure", *row) for row in islice(find_stale(connection, city), limit))
    return found


_FIGURES = """
SELECT coalesce(s.area, f.area), v.col, v.stored, v.fresh
FROM fresh_figure f
FULL JOIN (SELECT g.* FROM area_figure g JOIN area a ON a.code = g.area WHERE a.city = %(city)s) s ON s.area = f.area
CROSS JOIN LATERAL (VALUES
    ('population', s.population::float8, f.population::float8),
    ('households', s.households::float8, f.households::float8),
    ('male', s.male::float8, f.male::float8),
    ('female', s.female::float8, f.female::float8),
    ('buildings', s.buildings::float8, f.buildings::float8),
    ('footprint_m2', s.footprint_m2, f.footprint_m2),
    ('floor_area_m2', s.floor_area_m2, f.floor_area_m2),
    ('facilities', s.facilities::float8, f.facilities::float8)
) v (col, stored, fresh)
WHERE (v.stored IS NULL) <> (v.fresh IS NULL) OR abs(v.stored - v.fresh) > 1e-6 * greatest(1, abs(v.fresh))
ORDER BY 1, 2 LIMIT %(limit)s
"""

# Names are looked up only for what differs. A row of zeros is equal to no row.
_COUNTED = """
WITH different AS (
    SELECT {keys}, {stored}, {fresh}
    FROM {copy} f
    FULL JOIN (SELECT d.* FROM {table} d JOIN area a ON a.no = d.area_no WHERE a.city = %(city)s) s USING ({keys})
    WHERE ({ours}) <> ({theirs})
    ORDER BY {keys} LIMIT %(limit)s
)
SELECT concat_ws(' · ', a.code{days}, coalesce(k.category, '*'), coalesce(k.channel, '*'){labels}),
    v.col, v.stored::float8, v.fresh::float8
FROM different d
LEFT JOIN area a ON a.no = d.area_no
LEFT JOIN incident_kind k ON k.no = d.kind
CROSS JOIN LATERAL (VALUES {values}) v (col, stored, fresh)
WHERE coalesce(v.stored, 0) <> coalesce(v.fresh, 0)
ORDER BY 1, 2 LIMIT %(limit)s
"""


def _counted(counted: RollupTable) -> sql.Composed:
    def each(pattern: str, names: tuple[str, ...] = counted.counts) -> sql.Composed:
        return sql.SQL(", ").join(
            sql.SQL(pattern).format(sql.Identifier(name), sql.Identifier(f"{name}_s"), sql.Identifier(f"{name}_f"), sql.Literal(name))
            for name in names
        )

    def labels(names: Iterable[str]) -> sql.Composed:
        return sql.SQL("").join(sql.SQL(", d.{}").format(sql.Identifier(name)) for name in names)

    return sql.SQL(_COUNTED).format(
        table=sql.Identifier(counted.table),
        copy=sql.Identifier(f"fresh_{counted.table}"),
        keys=each("{0}", (*counted.keys, "district")),
        days=labels(name for name in counted.labels if name == "day"),
        labels=labels(name for name in counted.labels if name != "day"),
        stored=each("s.{0} AS {1}"),
        fresh=each("f.{0} AS {2}"),
        ours=each("coalesce(s.{0}, 0)"),
        theirs=each("coalesce(f.{0}, 0)"),
        values=each("({3}, d.{1}, d.{2})"),
    )


_ZONES = """
SELECT concat_ws(' · ', zone, grid), 'member', s.one::float8, f.one::float8
FROM (SELECT zone, grid, 1 AS one FROM fresh_zone_member) f
FULL JOIN (SELECT m.zone, m.grid, 1 AS one FROM zone_member m JOIN area z ON z.code = m.zone WHERE z.city = %(city)s) s
    USING (zone, grid)
WHERE s.one IS NULL OR f.one IS NULL
ORDER BY 1 LIMIT %(limit)s
"""

_EDGES = """
SELECT concat_ws(' · ', zone, grid), 'share', s.share, f.share
FROM fresh_zone_edge f
FULL JOIN (SELECT e.zone, e.grid, e.share FROM zone_edge e JOIN area z ON z.code = e.zone WHERE z.city = %(city)s) s USING (zone, grid)
WHERE s.share IS NULL OR f.share IS NULL OR abs(s.share - f.share) > 1e-9
ORDER BY 1 LIMIT %(limit)s
"""

_DIFFERENCES: dict[str, str | sql.Composed] = {
    "area_figure": _FIGURES,
    DAILY.table: _counted(DAILY),
    OPEN.table: _counted(OPEN),
    "zone_member": _ZONES,
    "zone_edge": _EDGES,
}
