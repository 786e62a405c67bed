"""Cases can be worked on: columns of the work, steps with their account and fields, requests, idempotency keys, several reporters.

No table is rewritten: new columns are empty or have a constant default.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from data.migrations.cases_0021 import DOWNGRADE, UPGRADE

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)


def _work() -> list[sa.Column[Any]]:
    return [
        _count("severity", sa.SmallInteger(), "3", "1 critical, 2 urgent, 3 ordinary, 4 minor"),
        sa.Column("description", sa.Text()),
        sa.Column("condition", sa.Text(), comment="condition of the case that deadlines depend on"),
        _count("version", sa.Integer(), "0", "seq of the last step made here; 0: none was made here"),
        sa.Column("unit", sa.Text(), comment="code of the responsible unit"),
        sa.Column("assignee", sa.Text(), comment="account that works on it"),
        sa.Column("stage_at", _MOMENT, comment="since when it is in its stage"),
        sa.Column("stage_due_at", _MOMENT, comment="deadline of its stage"),
        _count("due_provisional", sa.Boolean(), "false", "due_at lies beyond the gazetted calendar"),
        sa.Column("rule_id", sa.Integer(), comment="rule that the deadline follows"),
        sa.Column("paused_at", _MOMENT, comment="since when it is paused"),
        sa.Column("paused_until", _MOMENT, comment="until when the pause is granted"),
        _count("paused_s", sa.BigInteger(), "0", "seconds of ended pauses"),
        sa.Column("duplicate_of", sa.Text(), comment="number of the case that it was merged into"),
        _count("reworked", sa.SmallInteger(), "0", "failed verifications"),
        _count("reopened", sa.SmallInteger(), "0", "times it was opened again after its end"),
        sa.Column("answered", sa.Boolean(), comment="call-back: the reporter was reached; null: not asked"),
        sa.Column("solved", sa.Boolean(), comment="call-back: the reporter calls it solved"),
        sa.Column("satisfied", sa.Boolean(), comment="call-back: the reporter is satisfied"),
        sa.Column("filed_at", _MOMENT),
        sa.Column("dispatched_at", _MOMENT, comment="last dispatch"),
    ]


def _steps() -> list[sa.Column[Any]]:
    none = sa.text("'{}'")
    hashes: sa.Column[Any] = sa.Column("attachments", ARRAY(sa.Text()), nullable=False, server_default=none, comment="content hashes")
    details = "reason, approver, until, answers, …"
    return [
        sa.Column("step", sa.Text(), nullable=False, server_default="stage", comment="one of STEPS, or stage: only the stage is known"),
        sa.Column("account", sa.Text(), comment="account that did it here; null: published or invented"),
        sa.Column("unit", sa.Text(), comment="code of the unit that is responsible after it"),
        sa.Column("received_at", _MOMENT, nullable=False, server_default=sa.func.now(), comment="when Gridwell wrote it"),
        sa.Column("details", JSONB(), nullable=False, server_default=sa.text("'{}'"), comment=details),
        sa.Column("place", Geometry("POINT", srid=4326, spatial_index=False)),
        hashes,
    ]


def _count(name: str, kind: Any, default: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=sa.text(default), comment=comment)


def _stamped(name: str, setting: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text(f"current_setting('{setting}', true)"), comment=comment)


def _requests() -> None:
    op.create_table(
        "case_request",
        sa.Column("no", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="requests are applied in this order"),
        sa.Column("id", UUID(as_uuid=True), nullable=False, comment="random; who knows it may read the outcome"),
        sa.Column("asked_at", _MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), comment="of the case; null for a new one"),
        sa.Column("incident_id", sa.BigInteger(), comment="of the case; null for a new one"),
        sa.Column("reported_at", _MOMENT, comment="of the case: its partition"),
        sa.Column("grid", sa.Text(), comment="of a new case: the leaf area it stands in"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key"),
        sa.Column("part", sa.Integer(), nullable=False, server_default=sa.text("0"), comment="which of the cases of one order"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="of what is asked: another order under the same key is refused"),
        sa.Column("body", JSONB(), nullable=False, comment="step and its fields"),
        _stamped("account", "gridwell.account", "who asks"),
        _stamped("role", "gridwell.role", "one of the product's roles"),
        _stamped("detail", "role", "database role of the viewer"),
        _stamped("scope", "gridwell.scope", "path of the viewer's scope, or *"),
        _stamped("zone", "gridwell.zone", "functional zone that the scope is, or empty"),
        sa.Column("outcome", JSONB(), comment="what became of it; null: waiting"),
        sa.Column("done_at", _MOMENT),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_case_request")),
        comment="steps that people ask for; unlogged: after a crash nothing half is left of them",
        prefixes=["UNLOGGED"],
    )
    op.create_index("uq_case_request_id", "case_request", ["id"], unique=True)
    op.create_index("ix_case_request_waiting", "case_request", ["city", "no"], postgresql_where=sa.text("outcome IS NULL"))


def _outcomes() -> None:
    op.create_table(
        "case_idempotency",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", JSONB(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("account", "key", "part", name=op.f("pk_case_idempotency")),
        comment="outcomes of steps by their idempotency key, written together with the step",
    )
    op.create_index("ix_case_idempotency_at", "case_idempotency", ["at"])
    op.create_table(
        "case_counter",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="of reporting, in the city's time zone"),
        sa.Column("last", sa.Integer(), nullable=False, comment="last number given on this day"),
        sa.PrimaryKeyConstraint("city", "day", name=op.f("pk_case_counter")),
        comment="numbers of cases that are made here",
    )


def _reporters(*key: str) -> None:
    op.drop_constraint("pk_incident_reporter", "incident_reporter", type_="primary")
    op.create_primary_key("pk_incident_reporter", "incident_reporter", list(key))


def upgrade() -> None:
    for column in _work():
        op.add_column("incident", column)
    for column in _steps():
        op.add_column("incident_event", column)
    op.add_column("incident_reporter", sa.Column("seq", sa.SmallInteger(), nullable=False, server_default=sa.text("1")))
    came = "number of the merged case that this reporter came with"
    op.add_column("incident_reporter", sa.Column("merged_from", sa.Text(), comment=came))
    _reporters("district", "incident_id", "seq")
    _requests()
    _outcomes()
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Steps that were made here stay as stages; of several reporters of a case the first stays."""
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    for table in ("case_counter", "case_idempotency", "case_request"):
        op.drop_table(table)
    op.execute("DELETE FROM incident_reporter WHERE seq > 1")
    _reporters("district", "incident_id")
    for name in ("seq", "merged_from"):
        op.drop_column("incident_reporter", name)
    for column in reversed(_steps()):
        op.drop_column("incident_event", column.name)
    for column in reversed(_work()):
        op.drop_column("incident", column.name)
