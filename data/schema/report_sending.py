"""Tables of what is sent by schedule: schedules, their runs, what goes to whom, and who has seen it."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata

_MOMENT = DateTime(timezone=True)
DELIVERY_STATES = (
    *("making", "approval", "waiting", "sending", "uncertain"),
    *("sent", "failed", "refused", "declined", "nothing", "stopped"),
)
"""The first five go on; the others are the end: sent, given up, not taken or not allowed, not approved, nothing to report, stopped with its
schedule."""
SEND_CHANNELS = ("mail", "folder", "hook")

report_schedule = Table(
    "report_schedule",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="code of the kind of report"),
    Column("step", Text, nullable=False, comment="length of its period: the last one that is over is told of"),
    Column("area", Text, nullable=False, comment="code of the area: whoever manages it may change the schedule"),
    Column("level", Text, comment="each area of this level inside has its own report; null: the area itself"),
    Column("rhythm", JSONB, nullable=False, comment="see data.reports.schedule.Rhythm"),
    Column("figures_only", Boolean, nullable=False, comment="without single cases: may be attached to e-mail"),
    Column("approval", Boolean, nullable=False, comment="somebody approves before anything is sent"),
    Column("send_empty", Boolean, nullable=False, comment="sent although there is nothing to report"),
    Column("recipients", JSONB, nullable=False, comment="account, channel, target, area of each"),
    Column("since", _MOMENT, nullable=False, server_default=func.now(), comment="moments after it count"),
    Column("looked_until", _MOMENT, comment="up to when runs were begun"),
    Column("off_at", _MOMENT, comment="switched off"),
    Column("version", BigInteger, nullable=False, server_default=text("1"), comment="grows with each change"),
    Column("changed_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("changed_by", Text, nullable=False, server_default=text("current_setting('gridwell.account', true)")),
    Index("ix_report_schedule_city", "city"),
    comment="reports that are made and sent by clock and calendar",
)

report_run = Table(
    "report_run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("schedule", BigInteger, ForeignKey("report_schedule.id", ondelete="CASCADE"), nullable=False),
    Column("due_at", _MOMENT, nullable=False),
    Column("period", Text, nullable=False, comment="as reports.periods reads it"),
    Column("first", Date, nullable=False, comment="first day of the period"),
    Column("last", Date, nullable=False),
    Column("missed", Boolean, nullable=False, server_default=text("false"), comment="found too late to be made"),
    Column("begun_at", _MOMENT, nullable=False),
    UniqueConstraint("schedule", "due_at", name="uq_report_run_due"),
    comment="one time that a schedule was due",
)

report_delivery = Table(
    "report_delivery",
    metadata,
    Column("id", Uuid, primary_key=True, comment="follows from run, receiver and area: the Message-ID is made of it"),
    Column("run", BigInteger, ForeignKey("report_run.id", ondelete="CASCADE"), nullable=False),
    Column("account", Text, nullable=False, comment="under whose rights it is made and sent"),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False, comment="address or folder"),
    Column("area", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("report", Uuid, comment="the request, and once issued the report; null: not asked for"),
    Column("detail", Text, comment="of the report's audience: figures or cases"),
    Column("state", Text, nullable=False, server_default="making"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("next_at", _MOMENT, comment="of the next try; null: none"),
    Column("failure", Text, comment="what the last try said"),
    Column(
        "tokens", ARRAY(LargeBinary), nullable=False, server_default=text("'{}'"), comment="SHA-256 of the keys in links that were sent"
    ),
    Column("approved_by", Text),
    Column("sent_at", _MOMENT),
    Column("changed_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("to_head", Boolean, nullable=False, server_default=text("false"), comment="found as who leads the area"),
    Column("stopped_at", _MOMENT, comment="when the schedule stopped it"),
    Column("stopped_by", Text, comment="account that changed the schedule"),
    Column("stopped_why", Text),
    CheckConstraint("stopped_why IN ('switched_off', 'removed')", name="ck_report_delivery_stopped"),
    CheckConstraint(f"state IN {DELIVERY_STATES}", name="ck_report_delivery_state"),
    CheckConstraint(f"channel IN {SEND_CHANNELS}", name="ck_report_delivery_channel"),
    Index("ix_report_delivery_run", "run"),
    Index("ix_report_delivery_report", "report"),
    Index("ix_report_delivery_tokens", "tokens", postgresql_using="gin"),
    Index("ix_report_delivery_open", "state", "next_at", postgresql_where=text("state IN ('making', 'waiting', 'sending', 'uncertain')")),
    comment="what goes to one receiver, and what became of it",
)

report_receipt = Table(
    "report_receipt",
    metadata,
    Column("delivery", Uuid, ForeignKey("report_delivery.id", ondelete="CASCADE"), primary_key=True),
    Column("seen_at", _MOMENT, nullable=False),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answered_at", _MOMENT),
    comment="who has confirmed that a report was seen, and what they answered",
)
