"""The second factor: recovery codes, and a mark for owners who still have to read what somebody changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    untold = "something was done to its ways in that its owner has not been told yet"
    op.add_column("account", sa.Column("untold", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=untold))
    op.create_table(
        "recovery_code",
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="HMAC-SHA-256 of account and code"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_code TO gridwell_door")


def downgrade() -> None:
    op.drop_table("recovery_code")
    op.drop_column("account", "untold")
