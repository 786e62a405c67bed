"""Members of a unit see its cases, wherever these came from, and hear of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.units_0033 import DOWNGRADE, UPGRADE

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    units: sa.Column[Sequence[str]] = sa.Column(
        "units", sa.ARRAY(sa.Text()), comment="codes of the units that were responsible before and after the step"
    )
    op.add_column("live_event", units)
    op.create_index("ix_unit_member_account", "unit_member", ["account"])
    for statement in UPGRADE:
        op.execute(sa.text(statement))
    op.execute(sa.text("GRANT SELECT (units) ON live_event TO gridwell_figures"))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_index("ix_unit_member_account", table_name="unit_member")
    op.drop_column("live_event", "units")
