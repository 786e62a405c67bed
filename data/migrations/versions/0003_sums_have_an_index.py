"""Sums over kinds get numbers below 0, and an index of their own.

A city's day holds about 150 kinds and one sum over all of them: a drill that reads the sum alone costs the same for any city.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INCLUDED = {"incident_daily": ["reported", "void", "due", "due_closed", "due_on_time"], "incident_open": ["state", "n"]}


def upgrade() -> None:
    op.execute("UPDATE incident_kind SET no = -no WHERE category IS NULL OR channel IS NULL")
    op.alter_column("incident_kind", "no", existing_type=sa.SmallInteger(), comment="below 0 for sums")
    for table, included in _INCLUDED.items():
        op.execute(f"UPDATE {table} SET kind = -kind WHERE kind IN (SELECT -no FROM incident_kind WHERE no < 0)")  # noqa: S608 - ours
        sums = sa.text("kind < 0")
        op.create_index(f"ix_{table}_sums", table, ["area_no", "kind", "day"], postgresql_include=included, postgresql_where=sums)


def downgrade() -> None:
    for table in _INCLUDED:
        op.drop_index(f"ix_{table}_sums", table_name=table)
        op.execute(f"UPDATE {table} SET kind = -kind WHERE kind < 0")  # noqa: S608 - ours
    op.alter_column("incident_kind", "no", existing_type=sa.SmallInteger(), comment=None)
    op.execute("UPDATE incident_kind SET no = -no WHERE no < 0")
