"""Indexes of ``incident`` that the first large import of a city made for the table, but not for its months.

They are made again, for all months. Databases in which they are complete stay as they are.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# PostgreSQL calls the index of a partitioned table valid when every partition has its own.
_BROKEN = """
SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
FROM pg_index i WHERE i.indrelid = 'incident'::regclass AND NOT i.indisvalid
"""


def upgrade() -> None:
    connection = op.get_bind()
    broken = connection.execute(sa.text(_BROKEN)).fetchall()
    if broken:
        connection.execute(sa.text("SET LOCAL maintenance_work_mem = '256MB'"))
    for name, definition in broken:
        connection.exec_driver_sql(f"DROP INDEX {name}")
        connection.exec_driver_sql(definition)


def downgrade() -> None:
    """Nothing: complete indexes fit every version."""
