"""Units have telephones, cities have remark templates, photos can be replaced by blurred ones, and reporters have earlier cases."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.telephones_0036 import DOWNGRADE, UPGRADE

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_SHOWN = (
    "CASE WHEN length(phone) >= 11 THEN left(phone, 3) || '****' || right(phone, 4) WHEN phone <> '' THEN '****' || right(phone, 2) END"
)


def upgrade() -> None:
    phone: sa.Column[str] = sa.Column("phone", sa.Text(), comment="of the office; seen in full with a purpose only")
    op.add_column("unit", phone)
    masked = sa.Computed(_SHOWN, persisted=True)
    op.add_column("unit", sa.Column("phone_shown", sa.Text(), masked, comment="masked: 138****5678"))
    op.create_table(
        "remark_template",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), comment="name of a step; null: any"),
        sa.Column("text", sa.Text(), nullable=False, comment="with places such as {number} and {due}"),
        sa.Column("account", sa.Text(), comment="who added it; null: it came with the city"),
        sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("retired_at", _MOMENT, comment="since when it is not offered any more"),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_remark_template_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark_template")),
        comment="texts that a city's people use again and again",
    )
    op.create_index("ix_remark_template_city", "remark_template", ["city"])
    replaced: sa.Column[str] = sa.Column(
        "replaced_by", sa.Text(), comment="hash of the photo that stands for it since somebody blurred it; null: it is shown"
    )
    op.add_column("attachment_case", replaced)
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_column("attachment_case", "replaced_by")
    op.drop_table("remark_template")
    op.drop_column("unit", "phone_shown")
    op.drop_column("unit", "phone")
