"""Walls: changes are in the audit log, cases that break in stay within scopes, and screens that are not well are told of."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.wall_0043 import DOWNGRADE, UPGRADE

revision: str = "0043"
down_revision: str | None = "0042"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    ill: sa.Column[object] = sa.Column("ill_at", _MOMENT, comment="since when it tells that it is not well; null: it is, or is silent")
    told: sa.Column[object] = sa.Column("ill_told_at", _MOMENT, comment="when somebody was told of that")
    op.add_column("wall_screen", ill)
    op.add_column("wall_screen", told)
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_column("wall_screen", "ill_told_at")
    op.drop_column("wall_screen", "ill_at")
