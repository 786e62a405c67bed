"""Names of handlers in imported cases mean units, units have heads, and remark templates have English texts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.unit_names_0041 import DOWNGRADE, UPGRADE

revision: str = "0041"
down_revision: str | None = "0040"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    head: sa.Column[str] = sa.Column("head", sa.Text(), comment="name of who leads it, as it is published")
    head_en: sa.Column[str] = sa.Column("head_en", sa.Text())
    text_en: sa.Column[str] = sa.Column("text_en", sa.Text(), comment="the same in English; null: there is no other")
    op.add_column("unit", head)
    op.add_column("unit", head_en)
    op.add_column("remark_template", text_en)
    op.create_table(
        "unit_name",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the name as names are compared: data.organisation.names.fold_name"),
        sa.Column("name", sa.Text(), nullable=False, comment="as it was written first"),
        sa.Column("unit", sa.Text(), comment="code of the unit; null: the name means no unit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_unit_name_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city", "key", name=op.f("pk_unit_name")),
        comment="which unit a handler's name in imported cases means",
    )
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_table("unit_name")
    op.drop_column("remark_template", "text_en")
    op.drop_column("unit", "head_en")
    op.drop_column("unit", "head")
