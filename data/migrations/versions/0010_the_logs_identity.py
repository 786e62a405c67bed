"""The audit log has an identity: random bytes that its first row follows. The chain of a log that is there already stays as it is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.audit_0010 import BEFORE, IDENTIFIED

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_COMMENT = "hash of the row before; of the first row: 16 random bytes, the log's identity"
_BEFORE = "hash of the row before"


def upgrade() -> None:
    op.execute(sa.text(IDENTIFIED))
    op.alter_column("audit_log", "prev", comment=_COMMENT, existing_comment=_BEFORE)


def downgrade() -> None:
    op.alter_column("audit_log", "prev", comment=_BEFORE, existing_comment=_COMMENT)
    op.execute(sa.text(BEFORE))
