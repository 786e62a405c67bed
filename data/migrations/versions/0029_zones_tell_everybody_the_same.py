"""What a zone tells is the same for everybody; zones are counted anew, also where cells leave holes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.zones_0029 import DOWNGRADE, UPGRADE

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(sa.text(statement))
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
