"""Incidents by month, roll-ups by number, versions by subject.

Incidents are copied with their ids. The days of the old roll-up are not: they are counted again by ``data.upkeep.preparation``, outside of
this migration, for every city whose ``states_at`` is empty.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _cities_and_areas()
    _buildings()
    _incidents_by_month()
    _rollups()


def _cities_and_areas() -> None:
    op.add_column("area", sa.Column("no", sa.Integer(), sa.Identity(always=False), nullable=False, comment=_NO))
    op.create_index("uq_area_no", "area", ["no"], unique=True)
    op.execute(_LEAVES)
    op.alter_column("city", "data_version", comment="the newest of versions")
    versions = sa.Column("versions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False, comment=_VERSIONS)
    op.add_column("city", versions)
    op.add_column("city", sa.Column("states_at", sa.DateTime(timezone=True), comment=_STATES_AT))
    op.execute(
        "UPDATE city SET versions = jsonb_build_object('areas', data_version, 'population', data_version, 'buildings', data_version,"
        " 'incidents', data_version, 'facilities', data_version, 'base', data_version)"
    )


def _buildings() -> None:
    seen_from = sa.Computed(_SEEN_FROM, persisted=True)
    op.add_column("building", sa.Column("seen_from", sa.SmallInteger(), seen_from, comment="zoom from which it is drawn, by its bulk"))
    for zoom in _BULK_SEEN_FROM:
        step = sa.text(f"seen_from = {zoom}")
        op.create_index(f"ix_building_seen_{zoom}", "building", ["geom_3857"], postgresql_using="gist", postgresql_where=step)
    for name, kept in _BASE_KEPT.items():
        op.create_index(f"ix_base_feature_{name}", "base_feature", ["geom_3857"], postgresql_using="gist", postgresql_where=sa.text(kept))


def _incidents_by_month() -> None:
    """The old table is renamed; the new one takes over its columns, its rows and the position of its id sequence."""
    op.execute("ALTER TABLE incident RENAME TO incident_0001")
    op.execute("ALTER TABLE incident_0001 RENAME CONSTRAINT pk_incident TO pk_incident_0001")
    op.execute("ALTER SEQUENCE incident_id_seq RENAME TO incident_0001_id_seq")
    op.execute(
        "CREATE TABLE incident (LIKE incident_0001 INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING COMMENTS,"
        " CONSTRAINT pk_incident PRIMARY KEY (district, id, reported_at)) PARTITION BY RANGE (reported_at)"
    )
    op.add_column("incident", sa.Column("deadline_state", sa.Text(), comment=_DEADLINE_STATE))
    op.create_table_comment("incident", "one partition a month of reporting (UTC), see data.database.partitions")
    op.execute("CREATE TABLE incident_other PARTITION OF incident DEFAULT")
    op.execute(_MONTHS)
    op.execute(_COPY)
    op.execute("SELECT setval(pg_get_serial_sequence('incident', 'id'), last_value, is_called) FROM incident_0001_id_seq")
    op.execute("DROP TABLE incident_0001")
    for name, index in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON incident {index}")


def _rollups() -> None:
    op.drop_table("incident_daily")
    op.create_table(
        "incident_kind",
        sa.Column("no", sa.SmallInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), comment="null: all categories"),
        sa.Column("channel", sa.Text(), comment="null: all channels"),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_incident_kind_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_incident_kind")),
        comment="dictionary: the pairs of category and channel that occur in a city, and their sums",
    )
    pair: list[str | sa.TextClause] = ["city", sa.text("coalesce(category, '')"), sa.text("coalesce(channel, '')")]
    op.create_index("uq_incident_kind", "incident_kind", pair, unique=True)
    op.create_table(
        "incident_daily",
        sa.Column("area_no", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="in the city's time zone"),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False, comment=what) for name, what in _COUNTS.items()),
        sa.Column("district", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("area_no", "day", "kind", "district", name=op.f("pk_incident_daily")),
        comment="roll-up: counts of every area (all levels and zones) by day and kind; sums over kinds only for MARGIN_LEVELS",
    )
    op.create_table(
        "incident_open",
        sa.Column("area_no", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="of reporting, in the city's time zone"),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="one of OPEN_STAGES"),
        sa.Column("state", sa.Text(), nullable=False, comment="one of DEADLINE_STATES, as of city.states_at"),
        sa.Column("n", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="open cases"),
        sa.Column("district", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("area_no", "day", "kind", "stage", "state", "district", name=op.f("pk_incident_open")),
        comment="roll-up: open cases of every area by day, kind, stage and deadline state; sums over kinds only for MARGIN_LEVELS",
    )


def downgrade() -> None:
    for table in ("incident_open", "incident_daily", "incident_kind"):
        op.drop_table(table)
    _incidents_in_one_table()
    for name in _BASE_KEPT:
        op.drop_index(f"ix_base_feature_{name}", table_name="base_feature")
    for zoom in _BULK_SEEN_FROM:
        op.drop_index(f"ix_building_seen_{zoom}", table_name="building")
    op.drop_column("building", "seen_from")
    op.drop_column("city", "states_at")
    op.drop_column("city", "versions")
    op.alter_column("city", "data_version", comment="grows with every change; part of tile addresses")
    op.execute("DROP FUNCTION leaves(text)")
    op.drop_index("uq_area_no", table_name="area")
    op.drop_column("area", "no")
    op.execute(_DAILY_0001)
    op.create_index("ix_incident_daily_area_day", "incident_daily", ["area", "day"])


def _incidents_in_one_table() -> None:
    op.execute("ALTER TABLE incident RENAME TO incident_0002")
    op.execute("ALTER TABLE incident_0002 RENAME CONSTRAINT pk_incident TO pk_incident_0002")
    op.execute("ALTER SEQUENCE incident_id_seq RENAME TO incident_0002_id_seq")
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute(
        "CREATE TABLE incident (LIKE incident_0002 INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING COMMENTS,"
        " CONSTRAINT pk_incident PRIMARY KEY (district, id))"
    )
    op.drop_column("incident", "deadline_state")
    op.execute(_COPY.replace("incident_0001", "incident_0002"))
    op.execute("SELECT setval(pg_get_serial_sequence('incident', 'id'), last_value, is_called) FROM incident_0002_id_seq")
    op.execute("DROP TABLE incident_0002")
    for name, index in _INDEXES_0001.items():
        op.execute(f"CREATE {name} ON incident {index}")


_NO = "what roll-ups call it: small, and never used again"
_VERSIONS = 'by subject, in ms: {"incidents": 1793412000000}'
_STATES_AT = "the moment deadline states are settled for; null: roll-ups were never counted"
_DEADLINE_STATE = "of open cases: one of DEADLINE_STATES, as of city.states_at"

_BULK_SEEN_FROM = {9: 400_000, 10: 150_000, 11: 50_000, 12: 15_000, 13: 4_000}
_BULK_M3 = "footprint_m2 * coalesce(height_m, floors * 3, 6)"
_SEEN_FROM = f"CASE {' '.join(f'WHEN {_BULK_M3} >= {bulk} THEN {zoom}' for zoom, bulk in _BULK_SEEN_FROM.items())} ELSE 14 END"
_BASE_KEPT = {
    "surfaces": "kind IN ('land', 'field', 'green', 'flood')",
    "ways": "kind IN ('water', 'road', 'track')",
    "main": "rank <= 2",
}

# The one definition of a leaf: an area with a polygon and no polygon below it. Found by parents, not by comparing paths: a set of
# thousands of paths against itself would take minutes.
_LEAVES = """
CREATE FUNCTION leaves(of_city text) RETURNS TABLE (code text, no integer, path ltree, district text, geom geometry)
LANGUAGE sql STABLE ROWS 10000 AS $$
    WITH RECURSIVE above AS (
        SELECT a.parent AS code FROM area a WHERE a.city = of_city AND a.level <> 'zone' AND a.geom IS NOT NULL
        UNION
        SELECT a.parent FROM area a JOIN above ON above.code = a.code
    )
    SELECT a.code, a.no, a.path, coalesce(a.district, a.city), a.geom
    FROM area a
    WHERE a.city = of_city AND a.level <> 'zone' AND a.geom IS NOT NULL AND NOT EXISTS (SELECT FROM above u WHERE u.code = a.code)
$$
"""

_MONTHS = """
DO $$
DECLARE month date;
BEGIN
    FOR month IN
        SELECT DISTINCT date_trunc('month', reported_at AT TIME ZONE 'UTC')::date FROM incident_0001
        WHERE reported_at >= '1990-01-01T00:00Z' AND reported_at < '2100-01-01T00:00Z' ORDER BY 1
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF incident FOR VALUES FROM (%L) TO (%L)', 'incident_' || to_char(month, 'YYYY_MM'),
            month || 'T00:00:00Z', (month + interval '1 month')::date || 'T00:00:00Z');
    END LOOP;
END $$
"""

# Rows in the order of time are stored together, as queries read them.
_COPY = """
INSERT INTO incident (district, id, city, source_id, source_key, grid, path, grid_method, geom, geom_3857, number, category, channel,
    stage, paused, reported_at, due_at, closed_at, title, address, handler, attributes)
SELECT district, id, city, source_id, source_key, grid, path, grid_method, geom, geom_3857, number, category, channel,
    stage, paused, reported_at, due_at, closed_at, title, address, handler, attributes
FROM incident_0001 ORDER BY reported_at
"""

_INDEXES = {
    "ix_incident_source": "(source_id, source_key)",
    "ix_incident_path": "USING gist (path)",
    "ix_incident_grid": "(grid)",
    "ix_incident_reported": "(city, reported_at)",
    "ix_incident_number": "(number text_pattern_ops)",
    "ix_incident_open": "USING gist (path) WHERE is_open",
    "ix_incident_open_3857": "USING gist (geom_3857) WHERE is_open",
    "ix_incident_waiting": "(city, due_at) WHERE deadline_state IN ('amber', 'on_time')",
}

_COUNTS = {
    "reported": "reported on this day, whatever became of it",
    "void": "of reported: ended as one of OTHER_ENDS",
    "closed": "closed on this day",
    "due": "deadline on this day; without OTHER_ENDS and paused",
    "due_closed": "of due: closed by now",
    "due_on_time": "of due: closed at or before the deadline",
}

_INDEXES_0001 = {
    "UNIQUE INDEX uq_incident_source": "(source_id, source_key)",
    "INDEX ix_incident_path": "USING gist (path)",
    "INDEX ix_incident_grid": "(grid)",
    "INDEX ix_incident_geom_3857": "USING gist (geom_3857)",
    "INDEX ix_incident_reported": "(city, reported_at)",
    "INDEX ix_incident_number": "(number text_pattern_ops)",
    "INDEX ix_incident_open": "USING gist (path) WHERE is_open",
}

_DAILY_0001 = """
CREATE TABLE incident_daily (
    district text NOT NULL, area text NOT NULL, day date NOT NULL, category text NOT NULL, channel text NOT NULL,
    reported integer DEFAULT 0 NOT NULL, void integer DEFAULT 0 NOT NULL, open integer DEFAULT 0 NOT NULL,
    closed integer DEFAULT 0 NOT NULL, due integer DEFAULT 0 NOT NULL, due_closed integer DEFAULT 0 NOT NULL,
    due_on_time integer DEFAULT 0 NOT NULL,
    CONSTRAINT pk_incident_daily PRIMARY KEY (district, area, day, category, channel))
"""
