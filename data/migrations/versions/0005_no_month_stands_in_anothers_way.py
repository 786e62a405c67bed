"""Cases outside of all months are in two partitions with fixed bounds, instead of a default partition.

To attach a month, PostgreSQL has to search a default partition, and locks all readers out of it until the transaction ends.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE incident DETACH PARTITION incident_other")
    op.execute("CREATE TABLE incident_before PARTITION OF incident FOR VALUES FROM (MINVALUE) TO ('1990-01-01T00:00:00Z')")
    op.execute("CREATE TABLE incident_after PARTITION OF incident FOR VALUES FROM ('2100-01-01T00:00:00Z') TO (MAXVALUE)")
    op.execute(_MONTHS)
    _bring_back("incident_other")


def downgrade() -> None:
    for name in ("incident_before", "incident_after"):
        op.execute(f"ALTER TABLE incident DETACH PARTITION {name}")
    op.execute("CREATE TABLE incident_other PARTITION OF incident DEFAULT")
    for name in ("incident_before", "incident_after"):
        _bring_back(name)


def _bring_back(name: str) -> None:
    """Rows of a table that was a partition until now, to where they belong."""
    op.execute(f"INSERT INTO incident ({_COLUMNS}) SELECT {_COLUMNS} FROM {name}")  # noqa: S608 - names of ours
    op.execute(f"DROP TABLE {name}")


# Cases that were written without a partition for their month.
_MONTHS = """
DO $$
DECLARE month date;
BEGIN
    FOR month IN
        SELECT DISTINCT date_trunc('month', reported_at AT TIME ZONE 'UTC')::date FROM incident_other
        WHERE reported_at >= '1990-01-01T00:00Z' AND reported_at < '2100-01-01T00:00Z' ORDER BY 1
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF incident FOR VALUES FROM (%L) TO (%L)', 'incident_' || to_char(month, 'YYYY_MM'),
            month || 'T00:00:00Z', (month + interval '1 month')::date || 'T00:00:00Z');
    END LOOP;
END $$
"""

_COLUMNS = """
    district, id, city, source_id, source_key, grid, path, grid_method, geom, geom_3857, number, category, channel, stage, paused,
    reported_at, due_at, closed_at, title, address, handler, attributes, deadline_state
"""
