"""Tables of theme packs: departments, what is declared, the feeds that deliver records, and how each of them did on each day.

Records themselves stand in tables that are made from declarations, in a schema of their own: see ``data.packs.tables``.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata

FIELD_CLASSES = ("ordinary", "personal", "sensitive", "trade_secret", "state_secret")
FEED_LEVELS = ("city", "district", "street", "community")
"""Rows of the matrix, from the top."""
FEED_STATES = ("on_time", "late", "failed", "empty", "never", "not_due")
"""How a feed stands on a day, beside what was expected of it; see ``data.feeds.states``."""
FEED_DELIVERY_STATES = ("received", "landing", "landed", "empty", "failed", "replaced")
TRANSPORTS = ("push", "upload", "folder", "https", "sql")
QUARANTINE_STATES = ("waiting", "replayed", "dropped")

_MOMENT = DateTime(timezone=True)
_CITY = "city.code"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return "{} IN ({})".format(column, ", ".join(f"'{value}'" for value in values))


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


department = Table(
    "department",
    metadata,
    Column("city", Text, ForeignKey(_CITY, ondelete="CASCADE"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("ordinal", Integer, nullable=False, comment="columns of the matrix, from the left"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("short_en", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("group_name_en", Text, nullable=False),
    comment="departments that deliver data; a unit belongs to the one whose name or short name it gives",
)

pack = Table(
    "pack",
    metadata,
    Column("code", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("declared", JSONB, nullable=False, comment="the declaration as it was checked"),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the declaration's file"),
    Column("installed_at", _MOMENT, nullable=False, server_default=func.now()),
    comment="theme packs whose tables are there",
)

pack_city = Table(
    "pack_city",
    metadata,
    Column("city", Text, ForeignKey(_CITY, ondelete="CASCADE"), primary_key=True),
    Column("pack", Text, ForeignKey("pack.code", ondelete="CASCADE"), primary_key=True),
    Column("since", _MOMENT, nullable=False, server_default=func.now()),
    comment="cities that use a pack",
)

pack_field = Table(
    "pack_field",
    metadata,
    Column("pack", Text, ForeignKey("pack.code", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("class", Text, nullable=False),
    Column("owner", Text, nullable=False, comment="code of the department that is master of the field"),
    Column("sees", ARRAY(Text), comment="departments that see it beside its owner; null: everybody who sees single cases"),
    CheckConstraint(_one_of("class", FIELD_CLASSES), name="ck_pack_field_class"),
    comment="who may see the fields of records; pack_shows() reads it",
)

feed = Table(
    "feed",
    metadata,
    Column("city", Text, ForeignKey(_CITY, ondelete="CASCADE"), primary_key=True),
    Column("code", Text, primary_key=True, comment="pack.feed"),
    Column("pack", Text, ForeignKey("pack.code", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("contract", Integer, nullable=False, comment="newest version of its contract"),
    Column("valid_from", Date, nullable=False, comment="first day on which something is expected"),
    Column("valid_to", Date, comment="last day; null: no end"),
    Column("paused_until", Date, comment="nothing is expected up to this day: somebody excused the department"),
    CheckConstraint(_one_of("level", FEED_LEVELS), name="ck_feed_level"),
    CheckConstraint(_one_of("via", TRANSPORTS), name="ck_feed_via"),
    comment="feeds of a city: what a department delivers, and how often",
)

feed_contract = Table(
    "feed_contract",
    metadata,
    Column("city", Text, primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("since", Date, nullable=False),
    Column("declared", JSONB, nullable=False, comment="cadence, fields, owner and contact as they were declared"),
    ForeignKeyConstraint(["city", "feed"], ["feed.city", "feed.code"], ondelete="CASCADE"),
    comment="versions of what was agreed with the department",
)

feed_delivery = Table(
    "feed_delivery",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, nullable=False),
    Column("feed", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("contract", Integer, nullable=False),
    Column("due_at", _MOMENT, comment="the expected moment that it answers; null: nothing was expected"),
    Column("received_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("via", Text, nullable=False),
    Column("account", Text, comment="who sent it; null: it was fetched"),
    Column("name", Text, nullable=False, comment="of the file"),
    Column("size", BigInteger, nullable=False, comment="bytes"),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the file"),
    Column("key", Text, comment="the sender's own name for it: the same key means the same delivery"),
    Column("state", Text, nullable=False, server_default="received"),
    Column("landed_at", _MOMENT),
    _count("rows"),
    _count("loaded"),
    _count("rejected"),
    Column("quarantined", BigInteger, nullable=False, server_default=text("0"), comment="of those that were loaded"),
    Column("problem", JSONB, comment="why nothing could be landed: a sentence and its facts"),
    Column("report", JSONB, comment="what was found: counts by reason, quality, what is unusual"),
    CheckConstraint(_one_of("state", FEED_DELIVERY_STATES), name="ck_feed_delivery_state"),
    CheckConstraint("rows = loaded + rejected AND quarantined <= loaded", name="ck_feed_delivery_account"),
    ForeignKeyConstraint(["city", "feed"], ["feed.city", "feed.code"], ondelete="CASCADE"),
    Index("ix_feed_delivery_feed", "city", "feed", "received_at"),
    Index("uq_feed_delivery_key", "city", "feed", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
    comment="what came, and what became of it; feed_push() and the keeper write it",
)

feed_file = Table(
    "feed_file",
    metadata,
    Column("delivery", BigInteger, ForeignKey("feed_delivery.id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    comment="files as they came, so that each figure can be followed to a row",
)

feed_reject = Table(
    "feed_reject",
    metadata,
    Column("delivery", BigInteger, ForeignKey("feed_delivery.id", ondelete="CASCADE"), primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("row", BigInteger, nullable=False, comment="line of the file"),
    Column("reason", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'"), comment="what the sentence names; values masked"),
    comment="rows that could not be read",
)

feed_quarantine = Table(
    "feed_quarantine",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("delivery", BigInteger, ForeignKey("feed_delivery.id", ondelete="CASCADE"), nullable=False),
    Column("row", BigInteger, nullable=False, comment="line of the file"),
    Column("rules", ARRAY(Text), nullable=False, comment="codes of the rules that it breaks"),
    Column("held", JSONB, nullable=False, comment="the row's fields as they were read"),
    Column("repaired", JSONB, comment="fields as somebody or a rule put them right"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("changed_at", _MOMENT),
    Column("account", Text, comment="who replayed or dropped it"),
    CheckConstraint(_one_of("state", QUARANTINE_STATES), name="ck_feed_quarantine_state"),
    Index("ix_feed_quarantine_delivery", "delivery", "row"),
    comment="rows that break a rule of quality and wait to be put right",
)

feed_day = Table(
    "feed_day",
    metadata,
    Column("city", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("department", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("late_days", Integer, nullable=False, server_default=text("0"), comment="working days after the expected one"),
    Column("due_at", _MOMENT, comment="the expected moment that the state is about"),
    Column("arrived_at", _MOMENT, comment="of the newest delivery by then"),
    Column("records", BigInteger, nullable=False, server_default=text("0"), comment="in the tables at the end of the day"),
    Column("completeness", Double, comment="share of declared fields that are filled, 0 to 1; null: no records"),
    Column("is_due", Boolean, nullable=False, server_default=text("false"), comment="something was expected on this very day"),
    CheckConstraint(_one_of("state", FEED_STATES), name="ck_feed_day_state"),
    ForeignKeyConstraint(["city", "feed"], ["feed.city", "feed.code"], ondelete="CASCADE"),
    comment="how each feed stood at the end of each day; the keeper writes it, and the matrix reads it",
)
