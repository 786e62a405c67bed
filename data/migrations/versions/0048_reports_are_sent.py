"""Reports are sent by clock and calendar: schedules, runs, deliveries, and who has seen them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from data.migrations.reports.sent_0048 import DOWNGRADE, UPGRADE

revision: str = "0048"
down_revision: str | None = "0047"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.func.now()
_STATES = "('making', 'approval', 'waiting', 'sending', 'uncertain', 'sent', 'failed', 'refused', 'declined', 'nothing')"
_OPEN = sa.text("state IN ('making', 'waiting', 'sending', 'uncertain')")


def upgrade() -> None:
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="code of the kind of report"),
        sa.Column("step", sa.Text(), nullable=False, comment="length of its period: the last one that is over is told of"),
        sa.Column("area", sa.Text(), nullable=False, comment="code of the area: whoever manages it may change the schedule"),
        sa.Column("level", sa.Text(), comment="each area of this level inside has its own report; null: the area itself"),
        sa.Column("rhythm", JSONB(), nullable=False, comment="see data.reports.schedule.Rhythm"),
        sa.Column("figures_only", sa.Boolean(), nullable=False, comment="without single cases: may be attached to e-mail"),
        sa.Column("approval", sa.Boolean(), nullable=False, comment="somebody approves before anything is sent"),
        sa.Column("send_empty", sa.Boolean(), nullable=False, comment="sent although there is nothing to report"),
        sa.Column("recipients", JSONB(), nullable=False, comment="account, channel, target, area of each"),
        sa.Column("since", _MOMENT, nullable=False, server_default=_NOW, comment="moments after it count"),
        sa.Column("looked_until", _MOMENT, comment="up to when runs were begun"),
        sa.Column("off_at", _MOMENT, comment="switched off"),
        sa.Column("version", sa.BigInteger(), nullable=False, server_default=sa.text("1"), comment="grows with each change"),
        sa.Column("changed_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("changed_by", sa.Text(), nullable=False, server_default=sa.text("current_setting('gridwell.account', true)")),
        sa.ForeignKeyConstraint(["city"], ["city.code"], ondelete="CASCADE", name=op.f("fk_report_schedule_city")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedule")),
        comment="reports that are made and sent by clock and calendar",
    )
    op.create_index("ix_report_schedule_city", "report_schedule", ["city"])
    op.create_table(
        "report_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("schedule", sa.BigInteger(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("period", sa.Text(), nullable=False, comment="as reports.periods reads it"),
        sa.Column("first", sa.Date(), nullable=False, comment="first day of the period"),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False, server_default=sa.text("false"), comment="found too late to be made"),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["schedule"], ["report_schedule.id"], ondelete="CASCADE", name=op.f("fk_report_run_schedule")),
        sa.UniqueConstraint("schedule", "due_at", name=op.f("uq_report_run_due")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_run")),
        comment="one time that a schedule was due",
    )
    op.create_table(
        "report_delivery",
        sa.Column("id", sa.Uuid(), nullable=False, comment="follows from run, receiver and area: the Message-ID is made of it"),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="under whose rights it is made and sent"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False, comment="address or folder"),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("report", sa.Uuid(), comment="the request, and once issued the report; null: not asked for"),
        sa.Column("detail", sa.Text(), comment="of the report's audience: figures or cases"),
        sa.Column("state", sa.Text(), nullable=False, server_default="making"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_at", _MOMENT, comment="of the next try; null: none"),
        sa.Column("failure", sa.Text(), comment="what the last try said"),
        sa.Column(
            "tokens",
            sa.ARRAY(sa.LargeBinary()),
            nullable=False,
            server_default=sa.text("'{}'"),
            comment="SHA-256 of the keys in links that were sent",
        ),
        sa.Column("approved_by", sa.Text()),
        sa.Column("sent_at", _MOMENT),
        sa.Column("changed_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.CheckConstraint(f"state IN {_STATES}", name=op.f("ck_report_delivery_state")),
        sa.CheckConstraint("channel IN ('mail', 'folder', 'hook')", name=op.f("ck_report_delivery_channel")),
        sa.ForeignKeyConstraint(["run"], ["report_run.id"], ondelete="CASCADE", name=op.f("fk_report_delivery_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delivery")),
        comment="what goes to one receiver, and what became of it",
    )
    op.create_index("ix_report_delivery_run", "report_delivery", ["run"])
    op.create_index("ix_report_delivery_report", "report_delivery", ["report"])
    op.create_index("ix_report_delivery_tokens", "report_delivery", ["tokens"], postgresql_using="gin")
    op.create_index("ix_report_delivery_open", "report_delivery", ["state", "next_at"], postgresql_where=_OPEN)
    op.create_table(
        "report_receipt",
        sa.Column("delivery", sa.Uuid(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("answered_at", _MOMENT),
        sa.ForeignKeyConstraint(["delivery"], ["report_delivery.id"], ondelete="CASCADE", name=op.f("fk_report_receipt_delivery")),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_report_receipt")),
        comment="who has confirmed that a report was seen, and what they answered",
    )
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    for table in ("report_receipt", "report_delivery", "report_run", "report_schedule"):
        op.drop_table(table)
