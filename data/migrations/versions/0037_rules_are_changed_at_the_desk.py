"""Rules and calendars are changed at the desk: requests, and who changed what."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from data.migrations.rules_0037 import UPGRADE

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)


def _stamped(name: str, setting: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text(f"current_setting('{setting}', true)"), comment=comment)


def upgrade() -> None:
    op.create_table(
        "rule_request",
        sa.Column("no", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="requests are carried out in this order"),
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="routing, deadlines or calendar"),
        sa.Column("body", JSONB(), nullable=False, comment="what is asked for, and whether only its effect is wanted"),
        _stamped("account", "gridwell.account", "who asks"),
        _stamped("role", "gridwell.role", "one of the product's roles"),
        _stamped("detail", "role", "database role of the viewer"),
        sa.Column("outcome", JSONB(), comment="what became of it; null: waiting"),
        sa.Column("done_at", _MOMENT),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_rule_request")),
        comment="changes of rules that people ask for; unlogged: after a crash nothing half is left of them",
        prefixes=["UNLOGGED"],
    )
    op.create_index("uq_rule_request_id", "rule_request", ["id"], unique=True)
    op.create_table(
        "rule_change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="routing, deadlines or calendar"),
        sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("account", sa.Text(), nullable=False, comment="who changed it"),
        sa.Column("seen", sa.Text(), nullable=False, comment="version that was changed"),
        sa.Column("made", sa.Text(), nullable=False, comment="version that it became"),
        sa.Column("facts", JSONB(), nullable=False, comment="counts, as in the audit log"),
        sa.Column("before", JSONB(), comment="rules as they were, to go back to them"),
        sa.ForeignKeyConstraint(["city"], ["city.code"], ondelete="CASCADE", name=op.f("fk_rule_change_city")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_change")),
        comment="who changed rules and calendars through the machine door, and what was there before",
    )
    op.create_index("ix_rule_change_city", "rule_change", ["city", "kind", "id"])
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    op.drop_table("rule_change")
    op.drop_table("rule_request")
