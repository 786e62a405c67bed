"""Changes are written down for whoever listens, and numbered in the order in which they were committed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from data.migrations.live_0022 import GRANTED
from data.schema.common import Ltree

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "live_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False, comment="in the order of writing, which is not that of committing"),
        sa.Column("seq", sa.BigInteger(), comment="in the order of committing; null until data.live.sequencer numbers it"),
        sa.Column(
            "at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp(), comment="when it was written"
        ),
        sa.Column("numbered_at", sa.DateTime(timezone=True)),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="case or figures"),
        sa.Column("district", sa.Text(), comment="of a case, as the other columns below"),
        sa.Column("incident_id", sa.BigInteger()),
        sa.Column("number", sa.Text()),
        sa.Column("grid", sa.Text()),
        sa.Column("path", Ltree()),
        sa.Column("category", sa.Text(), comment="of subject incident; whether it is sensitive is looked up when the event is read"),
        sa.Column("body", JSONB(), nullable=False, comment="what a listener gets: nothing about people"),
        sa.CheckConstraint(
            "kind = 'figures' OR path IS NOT NULL AND grid IS NOT NULL AND category IS NOT NULL", name="ck_live_event_placed"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_event")),
        comment="changes on their way to listeners, written in the transaction that makes them; see data.live.outbox",
    )
    op.create_index("uq_live_event_seq", "live_event", ["seq"], unique=True)
    op.create_index("ix_live_event_waiting", "live_event", ["id"], postgresql_where=sa.text("seq IS NULL"))
    op.create_table(
        "live_state",
        sa.Column(
            "one",
            sa.SmallInteger(),
            nullable=False,
            autoincrement=False,
            server_default=sa.text("1"),
            comment="always 1: there is one row",
        ),
        sa.Column("epoch", sa.Text(), nullable=False, comment="numbers are counted within it; a restored database begins another one"),
        sa.Column("place", sa.Text(), nullable=False, server_default="", comment="server, timeline and database that the epoch belongs to"),
        sa.Column("id_key", sa.LargeBinary(), nullable=False, comment="16 bytes: hides the numbers in the ids that listeners get"),
        sa.Column("last", sa.BigInteger(), nullable=False, server_default=sa.text("0"), comment="the newest number"),
        sa.Column("pruned", sa.BigInteger(), nullable=False, server_default=sa.text("0"), comment="events up to this number are deleted"),
        sa.CheckConstraint("one = 1", name="ck_live_state_one"),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_live_state")),
        comment="how far the numbering of live_event is",
    )
    for statement in GRANTED:
        op.execute(sa.text(statement))


def downgrade() -> None:
    op.drop_table("live_state")
    op.drop_table("live_event")
