"""The auditor's page: the log by action, lists of people by what was listed, and the record of who looked at somebody's data."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.audit_0007 import ACCESS_RECORD, TAKEN_BACK

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_audit_log_action", "audit_log", ["action", "no"])
    op.create_index("ix_audit_log_lists", "audit_log", ["subject", "no"], postgresql_where=sa.text("action = 'list_people'"))
    for statement in ACCESS_RECORD:
        op.execute(sa.text(statement))


def downgrade() -> None:
    op.execute(sa.text(TAKEN_BACK))
    op.drop_index("ix_audit_log_lists", table_name="audit_log")
    op.drop_index("ix_audit_log_action", table_name="audit_log")
