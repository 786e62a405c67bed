"""Check values of the keys: a key file that is not the right one is told of at the start."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "sealing_key",
        sa.Column(
            "number", sa.BigInteger(), autoincrement=False, nullable=False, comment="of a key in the key file; 0: the key of the hashes"
        ),
        sa.Column(
            "check_value",
            sa.LargeBinary(),
            nullable=False,
            comment="HMAC of a constant text: tells whether the key file is the right one",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sealing_key")),
        comment="which keys the data is sealed with; the keys themselves are never in the database",
    )


def downgrade() -> None:
    op.drop_table("sealing_key")
