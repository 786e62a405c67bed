"""Rows of the audit log that the clock and retention rely on can be written by the owner of the database alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.audit_0014 import BEFORE, CONFINED, MARK

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute(sa.text(CONFINED))
    op.execute(sa.text(MARK))


def downgrade() -> None:
    op.execute(sa.text(BEFORE))
