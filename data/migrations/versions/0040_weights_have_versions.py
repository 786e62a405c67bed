"""Weights of composites are data: versions with their days, changed on the page of rules."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "composite",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first day of which figures are graded by it"),
        sa.Column("valid_to", sa.Date(), comment="last such day; null: until the next version"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False, server_default=""),
        sa.Column("parts", JSONB(), nullable=False, comment="indicator, weight, best and worst of each part; numbers as texts, exactly"),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_composite_days"),
        sa.ForeignKeyConstraint(["city"], ["city.code"], ondelete="CASCADE", name=op.f("fk_composite_city")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_composite")),
        comment="weights with which indicators become one score, by validity; rows stay, because figures of past days are graded by them",
    )
    op.create_index("uq_composite_city", "composite", ["city", "valid_from"], unique=True)
    op.execute("GRANT SELECT ON composite TO gridwell_figures")


def downgrade() -> None:
    op.drop_table("composite")
