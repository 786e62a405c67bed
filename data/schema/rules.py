"""Tables of changes to rules and calendars that are asked for at the machine door, of their history, and of weights with their days."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from data.schema.common import metadata


def _stamped(name: str, setting: str, comment: str) -> Column[Any]:
    """A column that the transaction's own settings fill: nobody may insert a value into it."""
    return Column(name, Text, nullable=False, server_default=text(f"current_setting('{setting}', true)"), comment=comment)


rule_request = Table(
    "rule_request",
    metadata,
    Column("no", BigInteger, Identity(), primary_key=True, comment="requests are carried out in this order"),
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("city", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="routing, deadlines or calendar"),
    Column("body", JSONB, nullable=False, comment="what is asked for, and whether only its effect is wanted"),
    _stamped("account", "gridwell.account", "who asks"),
    _stamped("role", "gridwell.role", "one of the product's roles"),
    _stamped("detail", "role", "database role of the viewer"),
    Column("outcome", JSONB, comment="what became of it; null: waiting"),
    Column("done_at", DateTime(timezone=True)),
    Index("uq_rule_request_id", "id", unique=True),
    comment="changes of rules that people ask for; unlogged: after a crash nothing half is left of them",
    prefixes=["UNLOGGED"],
)

rule_change = Table(
    "rule_change",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False, comment="routing, deadlines or calendar"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("account", Text, nullable=False, comment="who changed it"),
    Column("seen", Text, nullable=False, comment="version that was changed"),
    Column("made", Text, nullable=False, comment="version that it became"),
    Column("facts", JSONB, nullable=False, comment="counts, as in the audit log"),
    Column("before", JSONB, comment="rules as they were, to go back to them"),
    Index("ix_rule_change_city", "city", "kind", "id"),
    comment="who changed rules and calendars through the machine door, and what was there before",
)

composite = Table(
    "composite",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("valid_from", Date, nullable=False, comment="first day of which figures are graded by it"),
    Column("valid_to", Date, comment="last such day; null: until the next version"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("parts", JSONB, nullable=False, comment="indicator, weight, best and worst of each part; numbers as texts, exactly"),
    CheckConstraint("valid_to >= valid_from", name="ck_composite_days"),
    Index("uq_composite_city", "city", "valid_from", unique=True),
    comment="weights with which indicators become one score, by validity; rows stay, because figures of past days are graded by them",
)
