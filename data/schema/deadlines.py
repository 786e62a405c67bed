"""Tables of deadlines: a city's hours, its calendar, the rules, who is told of what is late, and the notices that wait to be sent."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from data.schema.common import metadata

_TIME = "'^[0-9]+([.][0-9]+)? (hours|working_hours|working_days)$'"


def _city(primary_key: bool = False) -> Column[Any]:
    return Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), primary_key=primary_key, nullable=False)


working_hours = Table(
    "working_hours",
    metadata,
    _city(primary_key=True),
    Column("valid_from", Date, primary_key=True, comment="first day of the week that these hours are of; until the next week's first day"),
    Column("weekday", SmallInteger, primary_key=True, autoincrement=False, comment="0 Monday to 6 Sunday, 7 make-up workdays"),
    Column("spans", Text, nullable=False, comment="09:00-12:00 13:30-17:30; an end after 24:00 is on the next day; empty: free"),
    CheckConstraint("weekday BETWEEN 0 AND 7", name="ck_working_hours_weekday"),
    comment="hours in which a city works",
)

city_calendar = Table(
    "city_calendar",
    metadata,
    _city(primary_key=True),
    Column("region", Text, comment="whose holidays it has: CN, US-DC (ISO 3166); null: only uploaded ones"),
    Column("official_until", Date, comment="last official day of the region's holidays; null: no end, as they follow from the law"),
    Column("uploaded_until", Date, comment="last day for which uploaded days are complete"),
    Column("first_day", Date, comment="first day that was read for the region"),
    Column("last_day", Date, comment="last day that was read for the region"),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="how far a city's calendar reaches",
)

calendar_day = Table(
    "calendar_day",
    metadata,
    _city(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", Text, nullable=False, comment="off: holiday; work: make-up workday"),
    Column("name", Text, nullable=False, server_default=""),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("origin", Text, nullable=False, comment="library, or uploaded by an administrator, which counts before the library"),
    CheckConstraint("kind IN ('off', 'work') AND origin IN ('library', 'uploaded')", name="ck_calendar_day_kind"),
    comment="days that differ from their weekday",
)


def _time(step: str) -> Column[Any]:
    return Column(step, Text, CheckConstraint(f"{step} ~ {_TIME}", name=f"ck_deadline_rule_{step}"), comment="4 working_hours; null: none")


deadline_rule = Table(
    "deadline_rule",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _city(),
    Column("category", Text, comment="null: every category without a rule of its own"),
    Column("condition", Text, comment="null: every condition without a rule of its own"),
    Column("valid_from", Date, comment="first day on which cases that are filed get this rule; null: always"),
    Column("valid_to", Date, comment="last such day"),
    *(_time(step) for step in ("filing", "dispatching", "handling", "verifying")),
    Column("closing", Text, nullable=False, server_default="", comment="when a case counts as solved"),
    Column("closing_en", Text, nullable=False, server_default=""),
    Index("ix_deadline_rule_city", "city"),
    comment="times allowed; rows stay, because cases keep the rule they were filed under",
)

escalation_rule = Table(
    "escalation_rule",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _city(),
    Column("area", Text, ForeignKey("area.code", ondelete="CASCADE"), nullable=False, comment="cases in it, and no rule of an area below"),
    Column("role", Text, nullable=False, comment="who is told, in words: head of the street, duty officer"),
    Column("factor", SmallInteger, nullable=False, comment="told when so many times the allowed time are used: 1 or 3"),
    Column("account", Text, comment="name of the account that is told"),
    Column("mail", Text, comment="address for e-mail"),
    Column("hook", Text, comment="address of a web hook"),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="what was late before is not told"),
    CheckConstraint("factor IN (1, 3)", name="ck_escalation_rule_factor"),
    Index("uq_escalation_rule", "area", "role", "factor", unique=True),
    comment="who is told of cases that are late",
)

escalation = Table(
    "escalation",
    metadata,
    Column("district", Text, primary_key=True),
    Column("incident_id", BigInteger, primary_key=True, autoincrement=False),
    Column("factor", SmallInteger, primary_key=True, autoincrement=False),
    Column("city", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("rules", ARRAY(Integer), nullable=False, comment="rules that fitted"),
    Index("ix_escalation_city", "city"),
    comment="cases that were told: once for each factor",
)

notice = Table(
    "notice",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _city(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("channel", Text, nullable=False, comment="mail or hook"),
    Column("target", Text, nullable=False, comment="address"),
    Column("body", JSONB, nullable=False, comment="nothing personal: numbers, areas, categories, deadlines"),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="not tried before"),
    Column("sent_at", DateTime(timezone=True)),
    Column("given_up_at", DateTime(timezone=True)),
    Column("failure", Text, comment="why the last try failed, without the address"),
    CheckConstraint("channel IN ('mail', 'hook')", name="ck_notice_channel"),
    Index("ix_notice_waiting", "next_at", postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
    comment="messages that leave the machine, where a setting allows it",
)

DEADLINE_COLUMNS: tuple[Column[Any], ...] = (
    Column(
        "amber_at",
        DateTime(timezone=True),
        comment="when 75 % of the time that counts are used; null: of the time between report and deadline",
    ),
    Column("very_late_at", DateTime(timezone=True), comment="when three times the allowed time are used; null: of that same time"),
)
"""Further columns of ``incident``."""
