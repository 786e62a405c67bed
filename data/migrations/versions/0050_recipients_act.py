"""Recipients confirm on a report's page, what waits is stopped with its schedule, and approval comes before the issue."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.reports.acts_0050 import DOWNGRADE, UPGRADE

revision: str = "0050"
down_revision: str | None = "0049"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TABLE, _CHECK, _WHY = "report_delivery", "ck_report_delivery_state", "ck_report_delivery_stopped"
_BEFORE = "'making', 'approval', 'waiting', 'sending', 'uncertain', 'sent', 'failed', 'refused', 'declined', 'nothing'"


def _states(listed: str) -> None:
    op.drop_constraint(op.f(_CHECK), _TABLE, type_="check")
    op.create_check_constraint(op.f(_CHECK), _TABLE, f"state IN ({listed})")


def upgrade() -> None:
    _states(f"{_BEFORE}, 'stopped'")
    op.add_column(
        _TABLE,
        sa.Column("to_head", sa.Boolean(), nullable=False, server_default=sa.text("false"), comment="found as who leads the area"),
    )
    op.add_column(_TABLE, sa.Column("stopped_at", sa.DateTime(timezone=True), comment="when the schedule stopped it"))
    op.add_column(_TABLE, sa.Column("stopped_by", sa.Text(), comment="account that changed the schedule"))
    op.add_column(_TABLE, sa.Column("stopped_why", sa.Text()))
    op.create_check_constraint(op.f(_WHY), _TABLE, "stopped_why IN ('switched_off', 'removed')")
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.execute(sa.text("UPDATE report_delivery SET state = 'declined' WHERE state = 'stopped'"))
    op.drop_constraint(op.f(_WHY), _TABLE, type_="check")
    for column in ("stopped_why", "stopped_by", "stopped_at", "to_head"):
        op.drop_column(_TABLE, column)
    _states(_BEFORE)
