"""Tables of live events: what changed, for every page and program that is open."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import Ltree, metadata

live_event = Table(
    "live_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True, comment="in the order of writing, which is not that of committing"),
    Column("seq", BigInteger, comment="in the order of committing; null until data.live.sequencer numbers it"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp(), comment="when it was written"),
    Column("numbered_at", DateTime(timezone=True)),
    Column("city", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="case, figures or wall"),
    Column("district", Text, comment="of a case, as the other columns below"),
    Column("incident_id", BigInteger),
    Column("number", Text),
    Column("grid", Text),
    Column("path", Ltree),
    Column("units", ARRAY(Text), comment="codes of the units that were responsible before and after the step"),
    Column("category", Text, comment="of subject incident; whether it is sensitive is looked up when the event is read"),
    Column("body", JSONB, nullable=False, comment="what a listener gets: nothing about people"),
    Index("uq_live_event_seq", "seq", unique=True),
    Index("ix_live_event_waiting", "id", postgresql_where=text("seq IS NULL")),
    CheckConstraint(
        "kind IN ('figures', 'wall') OR path IS NOT NULL AND grid IS NOT NULL AND category IS NOT NULL", name="ck_live_event_placed"
    ),
    comment="changes on their way to listeners, written in the transaction that makes them; see data.live.outbox",
)

live_state = Table(
    "live_state",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"), comment="always 1: there is one row"),
    Column("epoch", Text, nullable=False, comment="numbers are counted within it; a restored database begins another one"),
    Column("place", Text, nullable=False, server_default="", comment="server, timeline and database that the epoch belongs to"),
    Column("id_key", LargeBinary, nullable=False, comment="16 bytes: hides the numbers in the ids that listeners get"),
    Column("last", BigInteger, nullable=False, server_default=text("0"), comment="the newest number"),
    Column("pruned", BigInteger, nullable=False, server_default=text("0"), comment="events up to this number are deleted"),
    CheckConstraint("one = 1", name="ck_live_state_one"),
    comment="how far the numbering of live_event is",
)
