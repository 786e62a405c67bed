"""What an incident adds to the counts: one definition for rebuilding, for changes, and for the comparison with a fresh count.

A *part* is what one incident adds to the counts of its area, on up to three days: reported, closed, due. Parts are summed
for every area above, and for zones. Names in braces are tables of ours; values are bound.

What is open is a *stock*: it is counted as it stands, without days. What was open when a past day ended is the stock as it stands, less
what was reported since, and plus what was closed since; likewise for overdue cases, whose changes are counted by day.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

from data.schema import AMBER_SHARE, CLOSED_STAGES, INCIDENT_COUNTS, MARGIN_LEVELS, OTHER_ENDS, TOTAL_LEVELS
from data.schema.incident_counts import DAYS, LOCAL_DAYS

COUNTS = tuple(count.name for count in INCIDENT_COUNTS)
"""Columns of ``incident_daily`` that are summed."""

COUNTED_BY = (
    *("city", "grid", "category", "channel", "stage", "paused", "reported_at", "due_at", "closed_at"),
    *("is_open", "deadline_state", "geom"),
)
"""Columns of ``incident`` from which parts are computed."""
_TOLD_OF = tuple(name for name in COUNTED_BY if name not in ("grid", "category", "channel", "geom"))
"""Those that conditions of counts may name: where a case stands and of which kind it is is found before."""

# Which rows count: those of {rows} (with the columns of incident) that stand in an area of their own city.
_KINDS_OF = "JOIN incident_kind k ON k.city = i.city AND k.category = i.category AND k.channel = i.channel"
_STANDING = f"""
FROM {{rows}} i
JOIN city c ON c.code = i.city
JOIN area a ON a.code = i.grid AND a.city = i.city
{_KINDS_OF}
"""
# Rows in a cell that the border of a zone crosses count for the zone by where they stand. {edges}: zone_edge, or a fresh one. The level
# says what is known already, so that no other outline is compared with a row where areas are found by its place.
_IN_ZONE = f"""
FROM {{rows}} i
JOIN city c ON c.code = i.city
JOIN {{edges}} e ON e.grid = i.grid
JOIN area a ON a.code = e.zone AND a.city = i.city AND a.level = 'zone' AND ST_Intersects(a.geom, i.geom)
{_KINDS_OF}
"""

# First every row with its days, then one statement for each day: a lateral join of each row with its days takes four times as long.
_DAILY = """
WITH told AS MATERIALIZED ({told}) {days}
"""
_TOLD = """
SELECT a.no AS area_no, k.no AS kind, {columns}, s.closed, s.void, {local}
{standing}
CROSS JOIN LATERAL (SELECT i.stage = ANY({closed}) AS closed, i.stage = ANY({void}) AS void) s
WHERE i.city = %(city)s
"""
_ON_DAY = """
SELECT i.area_no, {day} AS day, i.kind, {counts}
FROM told i JOIN city c ON c.code = i.city CROSS JOIN LATERAL (SELECT i.closed, i.void, {local}) s
WHERE {day} IS NOT NULL
"""


def _count_on(day: str) -> sql.Composed:
    """What rows of ``told`` add on one of their days: the day, then what each adds to the counts, mostly 1 or 0."""
    counts = [sql.SQL("{} AS {}").format(sql.SQL(count.adds_on(day)), sql.Identifier(count.name)) for count in INCIDENT_COUNTS]
    local = sql.SQL(", ").join(sql.SQL("i.{}").format(sql.Identifier(name)) for name in LOCAL_DAYS)
    return sql.SQL(_ON_DAY).format(day=sql.SQL(DAYS[day].sql), counts=sql.SQL(", ").join(counts), local=local)


# A case without a state is counted as "unsettled", so that the doctor finds it.
_OPEN = """
SELECT a.no AS area_no, k.no AS kind, i.stage, coalesce(i.deadline_state, 'unsettled') AS state, 1 AS n
{standing}
WHERE i.city = %(city)s AND i.is_open
"""

# The deadline state of an open case, at the moment `city.states_at`. Where a rule says when the case is amber (three quarters of the time
# that counts), that moment is stored; otherwise it is three quarters of the time between report and deadline.
STATE = """
CASE WHEN NOT i.is_open THEN NULL
    WHEN i.paused THEN 'paused'
    WHEN i.due_at < c.states_at THEN 'overdue'
    WHEN CASE WHEN i.amber_at IS NULL
        THEN extract(epoch FROM c.states_at - i.reported_at) > extract(epoch FROM i.due_at - i.reported_at) * %(amber)s
        ELSE c.states_at > i.amber_at END THEN 'amber'
    ELSE 'on_time' END
"""
AMBER = Decimal(str(AMBER_SHARE))

# Missing entries of the dictionary of kinds: pairs, and their sums (null: all). Sums over categories are of the sensitive ones, or of all
# others: never of both.
_UNKNOWN = """
SELECT n.city, n.category, n.channel, n.sensitive
FROM (
    SELECT pair.city, category, channel, coalesce(c.sensitive, false) AS sensitive
    FROM (SELECT DISTINCT city, category, channel FROM {rows} r WHERE city = %(city)s) pair
    LEFT JOIN category c ON c.city = pair.city AND c.subject = 'incident' AND c.code = pair.category
    GROUP BY pair.city, coalesce(c.sensitive, false), CUBE (category, channel)
) n
WHERE NOT EXISTS (
    SELECT FROM incident_kind k
    WHERE k.city = n.city AND (k.category, k.channel) IS NOT DISTINCT FROM (n.category, n.channel)
      AND (n.category IS NOT NULL OR k.sensitive = n.sensitive))
"""

STALE_KINDS = """
SELECT k.no FROM incident_kind k
JOIN category c ON c.city = k.city AND c.subject = 'incident' AND c.code = k.category AND c.sensitive <> k.sensitive
WHERE k.city = %(city)s
"""
"""Kinds of categories that became sensitive, or are no longer."""

# Sums have numbers below 0, so that an index can contain only the sums. Free numbers are used, not a sequence: a sequence never reuses
# numbers of rows that were rolled back or deleted with their city, and a smallint would soon be used up.
_KINDS = """
WITH new AS (
    SELECT u.*, row_number() OVER (ORDER BY u.category NULLS FIRST, u.channel NULLS FIRST, u.sensitive) AS place FROM ({unknown}) u
), free AS (
    SELECT g.no, row_number() OVER (ORDER BY g.no) AS place
    FROM generate_series(1, 32767) g (no) WHERE NOT EXISTS (SELECT FROM incident_kind k WHERE k.no IN (g.no, -g.no))
)
INSERT INTO incident_kind (no, city, category, channel, sensitive)
SELECT CASE WHEN new.category IS NULL OR new.channel IS NULL THEN -1 ELSE 1 END * free.no, new.city, new.category, new.channel,
    new.sensitive
FROM new LEFT JOIN free USING (place) ORDER BY place
"""

HELD = {"sums": json.dumps({level: 2 if level in MARGIN_LEVELS else 1 for level in TOTAL_LEVELS})}
"""Bound by statements with ``ABOVE``: which sums the areas of a level hold. 2: all of them; 1: only the sum over everything."""

# For each area of {parts}, every area to which its parts are added: the area itself, its ancestors, and the zones that hold all of it.
# Zones among {parts} have what stands in cells that their border crosses; above them is nothing.
ABOVE = """
up AS (
    SELECT a.no AS below_no, a.no, a.parent, a.level, coalesce(a.district, a.city) AS district
    FROM area a WHERE a.no IN (SELECT area_no FROM {parts})
    UNION  -- not UNION ALL: a ring of parents ends here instead of running for ever
    SELECT up.below_no, a.no, a.parent, a.level, coalesce(a.district, a.city) FROM up JOIN area a ON a.code = up.parent
    WHERE up.level <> 'zone'
), above AS (
    SELECT below_no, no AS area_no, district, coalesce((%(sums)s::jsonb ->> level)::int, 0) AS sums FROM up
    UNION ALL
    SELECT g.no, z.no, coalesce(z.district, z.city), (%(sums)s::jsonb ->> 'zone')::int
    FROM area g JOIN zone_member m ON m.grid = g.code JOIN area z ON z.code = m.zone
    WHERE g.no IN (SELECT area_no FROM {parts})
      AND NOT EXISTS (SELECT FROM zone_edge e WHERE e.zone = m.zone AND e.grid = m.grid)
)
"""

# A kind and the sums to which it is added: the kind itself everywhere, the sum over both dimensions where `sums` >= 1, the sums over one
# dimension where `sums` = 2.
KIND_SUM = """
kind_sum AS MATERIALIZED (
    SELECT k.no AS kind, s.no AS counted,
        CASE WHEN s.no = k.no THEN 0 WHEN s.category IS NULL AND s.channel IS NULL THEN 1 ELSE 2 END AS needs
    FROM incident_kind k JOIN incident_kind s ON s.city = k.city AND s.sensitive = k.sensitive
        AND coalesce(s.category, k.category) = k.category AND coalesce(s.channel, k.channel) = k.channel
    WHERE k.city = %(city)s AND k.category IS NOT NULL AND k.channel IS NOT NULL
)
"""


EDGES = sql.Identifier("zone_edge")


def daily_parts(rows: sql.Composable, edges: sql.Composable = EDGES) -> sql.Composed:
    """Parts of rows by area, day and kind: columns ``area_no, day, kind`` and ``COUNTS``; bind ``city``.

    ``edges`` are the cells that borders of zones cross: what stands in them counts for its cell, and for the zone if it stands in it.
    """
    told = _of_cells_and_zones(
        rows,
        edges,
        lambda standing: sql.SQL(_TOLD).format(
            standing=standing,
            columns=sql.SQL(", ").join(sql.SQL("i.{}").format(sql.Identifier(name)) for name in _TOLD_OF),
            local=sql.SQL(", ").join(sql.SQL("{} AS {}").format(sql.SQL(day), sql.Identifier(name)) for name, day in LOCAL_DAYS.items()),
            closed=sql.Literal(list(CLOSED_STAGES)),
            void=sql.Literal(list(OTHER_ENDS)),
        ),
    )
    return sql.SQL(_DAILY).format(told=told, days=sql.SQL(" UNION ALL ").join(map(_count_on, DAYS)))


def open_parts(rows: sql.Composable, edges: sql.Composable = EDGES) -> sql.Composed:
    """Open cases among rows: columns ``area_no, kind, stage, state, n``; bind ``city``. Edges as for ``daily_parts``."""
    return _of_cells_and_zones(rows, edges, lambda standing: sql.SQL(_OPEN).format(standing=standing))


def _of_cells_and_zones(rows: sql.Composable, edges: sql.Composable, parts: Callable[[sql.Composable], sql.Composed]) -> sql.Composed:
    both = [parts(sql.SQL(standing).format(rows=rows, edges=edges)) for standing in (_STANDING, _IN_ZONE)]
    return sql.SQL(" UNION ALL ").join(both)


def unknown_kinds(rows: sql.Composable) -> sql.Composed:
    """Whether pairs of category and channel are missing in the dictionary; bind ``city``."""
    return sql.SQL("SELECT EXISTS ({})").format(sql.SQL(_UNKNOWN).format(rows=rows))


def insert_kinds(rows: sql.Composable) -> sql.Composed:
    """Add missing pairs of category and channel to the dictionary; bind ``city``.

    Only one transaction at a time, because numbers are shared.
    """
    return sql.SQL(_KINDS).format(unknown=sql.SQL(_UNKNOWN).format(rows=rows))


@dataclass(frozen=True, slots=True)
class RollupTable:
    """A roll-up of incidents.

    Attributes:
        table: its name.
        keys: columns of a part's key; the key of the table ends with ``district``.
        counts: columns that are summed.
        parts: the statement for the parts of rows, with all these columns.
    """

    table: str
    keys: tuple[str, ...]
    counts: tuple[str, ...]
    parts: Callable[[sql.Composable], sql.Composed]

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns of the key beside area and kind."""
        return tuple(name for name in self.keys if name not in ("area_no", "kind"))


DAILY = RollupTable("incident_daily", ("area_no", "day", "kind"), COUNTS, daily_parts)
OPEN = RollupTable("incident_open", ("area_no", "kind", "stage", "state"), ("n",), open_parts)
