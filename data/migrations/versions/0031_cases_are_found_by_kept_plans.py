"""Cases are found by their number, and seen or not, by functions that keep their plans."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.case_keys_0031 import DOWNGRADE, UPGRADE

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
