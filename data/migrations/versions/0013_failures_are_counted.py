"""Failed tries of strangers are counted by minute and network, and come into the audit log as one row for each minute."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.failures_0013 import COUNT, TAKEN_BACK

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "entry_failure",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.Text(), nullable=False, comment="password, code, confirm, token or oidc"),
        sa.Column("account", sa.Text(), nullable=False, comment="name of the account that was tried; empty: there is none of that name"),
        sa.Column("network", sa.Text(), nullable=False, comment="/24 or /48 of the address; *: further networks"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "way", "account", "network", name=op.f("pk_entry_failure")),
        comment="failed tries that are not in the audit log yet: the clock adds them up there, minute by minute",
    )
    for statement in COUNT:
        op.execute(sa.text(statement))


def downgrade() -> None:
    op.execute(sa.text(TAKEN_BACK))
    op.drop_table("entry_failure")
