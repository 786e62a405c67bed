"""Times in stages of many cases are found by a function that checks each case once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.stage_times_0038 import DOWNGRADE, UPGRADE

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
