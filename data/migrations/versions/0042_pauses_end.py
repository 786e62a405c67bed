"""Pauses that are over are found quickly, so that their cases run again by themselves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0042"
down_revision: str | None = "0041"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_incident_pause_end", "incident", ["city", "paused_until"], postgresql_where=sa.text("paused_until IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_incident_pause_end", table_name="incident")
