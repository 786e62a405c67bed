"""Tables of the work on cases: what people ask for, what became of it, and the numbers of cases that are made here.

Processes that serve people own nothing and cannot change a case: they insert a request, as the viewer's own database role. The keeper
applies requests, and is the only one that does (see DECISIONS).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from data.schema.common import metadata


def _stamped(name: str, setting: str, comment: str) -> Column[Any]:
    """A column that the transaction's own settings fill: nobody may insert a value into it."""
    return Column(name, Text, nullable=False, server_default=text(f"current_setting('{setting}', true)"), comment=comment)


case_request = Table(
    "case_request",
    metadata,
    Column("no", BigInteger, Identity(), primary_key=True, comment="requests are applied in this order"),
    Column("id", UUID(as_uuid=True), nullable=False, comment="random; who knows it may read the outcome"),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("city", Text, nullable=False),
    Column("district", Text, comment="of the case; null for a new one"),
    Column("incident_id", BigInteger, comment="of the case; null for a new one"),
    Column("reported_at", DateTime(timezone=True), comment="of the case: its partition"),
    Column("grid", Text, comment="of a new case: the leaf area it stands in"),
    Column("key", Text, nullable=False, comment="idempotency key"),
    Column("part", Integer, nullable=False, server_default=text("0"), comment="which of the cases of one order"),
    Column("hash", LargeBinary, nullable=False, comment="of what is asked: another order under the same key is refused"),
    Column("body", JSONB, nullable=False, comment="step and its fields"),
    _stamped("account", "gridwell.account", "who asks"),
    _stamped("role", "gridwell.role", "one of the product's roles"),
    _stamped("detail", "role", "database role of the viewer"),
    _stamped("scope", "gridwell.scope", "path of the viewer's scope, or *"),
    _stamped("zone", "gridwell.zone", "functional zone that the scope is, or empty"),
    Column("outcome", JSONB, comment="what became of it; null: waiting"),
    Column("done_at", DateTime(timezone=True)),
    Index("uq_case_request_id", "id", unique=True),
    Index("ix_case_request_waiting", "city", "no", postgresql_where=text("outcome IS NULL")),
    comment="steps that people ask for; unlogged: after a crash nothing half is left of them",
    prefixes=["UNLOGGED"],
)

case_idempotency = Table(
    "case_idempotency",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False, server_default=text("0")),
    Column("hash", LargeBinary, nullable=False),
    Column("outcome", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_case_idempotency_at", "at"),
    comment="outcomes of steps by their idempotency key, written together with the step",
)

case_counter = Table(
    "case_counter",
    metadata,
    Column("city", Text, primary_key=True),
    Column("day", Date, primary_key=True, comment="of reporting, in the city's time zone"),
    Column("last", Integer, nullable=False, comment="last number given on this day"),
    comment="numbers of cases that are made here",
)

STEP_COLUMNS: tuple[Column[Any], ...] = (
    Column("step", Text, nullable=False, server_default="stage", comment="one of STEPS, or stage: only the stage is known"),
    Column("account", Text, comment="account that did it here; null: published or invented"),
    Column("unit", Text, comment="code of the unit that is responsible after it"),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="when Gridwell wrote it"),
    Column("details", JSONB, nullable=False, server_default=text("'{}'"), comment="reason, approver, until, answers, …"),
)
"""Further columns of ``incident_event``."""

WORK_COLUMNS: tuple[Column[Any], ...] = (
    Column("severity", SmallInteger, nullable=False, server_default=text("3"), comment="1 critical, 2 urgent, 3 ordinary, 4 minor"),
    Column("description", Text),
    Column("condition", Text, comment="condition of the case that deadlines depend on"),
    Column("version", Integer, nullable=False, server_default=text("0"), comment="seq of the last step made here; 0: none was made here"),
    Column("unit", Text, comment="code of the responsible unit"),
    Column("assignee", Text, comment="account that works on it"),
    Column("stage_at", DateTime(timezone=True), comment="since when it is in its stage"),
    Column("stage_due_at", DateTime(timezone=True), comment="deadline of its stage"),
    Column("due_provisional", Boolean, nullable=False, server_default=text("false"), comment="due_at lies beyond the gazetted calendar"),
    Column("rule_id", Integer, comment="rule that the deadline follows"),
    Column("paused_at", DateTime(timezone=True), comment="since when it is paused"),
    Column("paused_until", DateTime(timezone=True), comment="until when the pause is granted"),
    Column("paused_s", BigInteger, nullable=False, server_default=text("0"), comment="seconds of ended pauses"),
    Column("duplicate_of", Text, comment="number of the case that it was merged into"),
    Column("reworked", SmallInteger, nullable=False, server_default=text("0"), comment="failed verifications"),
    Column("reopened", SmallInteger, nullable=False, server_default=text("0"), comment="times it was opened again after its end"),
    Column("answered", Boolean, comment="call-back: the reporter was reached; null: not asked"),
    Column("solved", Boolean, comment="call-back: the reporter calls it solved"),
    Column("satisfied", Boolean, comment="call-back: the reporter is satisfied"),
    Column("filed_at", DateTime(timezone=True)),
    Column("dispatched_at", DateTime(timezone=True), comment="last dispatch"),
)
"""Further columns of ``incident``: the work on a case."""
