"""Likely duplicates of a case are found: how near they are per category, and what their photos look like."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.duplicates_0034 import DOWNGRADE, UPGRADE

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "duplicate_rule",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("city", sa.Text(), comment="null: every city without a row of its own"),
        sa.Column(
            "category", sa.Text(), comment="code of a category, also for those below it; null: every category without a row of its own"
        ),
        sa.Column("radius_m", sa.Integer(), nullable=False, comment="cases further away are others"),
        sa.Column("days", sa.Integer(), nullable=False, comment="cases that ended so many days before the report are others"),
        sa.CheckConstraint("radius_m BETWEEN 1 AND 2000 AND days BETWEEN 1 AND 366", name=op.f("ck_duplicate_rule_reach")),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_duplicate_rule_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_rule")),
        comment="how near in place and time cases of a category are likely the same",
    )
    op.create_index("uq_duplicate_rule", "duplicate_rule", ["city", "category"], unique=True, postgresql_nulls_not_distinct=True)
    looks: sa.Column[int] = sa.Column("looks", sa.BigInteger(), comment="of a photo: see data.attachments.looks; null: not looked at yet")
    op.add_column("attachment", looks)
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_column("attachment", "looks")
    op.drop_table("duplicate_rule")
