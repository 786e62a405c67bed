"""Exact figures of a zone are shown to those only who may see the register of every cell that it meets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.crossed_zones_0020 import DOWNGRADE, UPGRADE

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(sa.text(statement))
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
