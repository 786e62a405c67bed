"""Theme packs: departments, declarations, feeds, their deliveries, and how each did on each day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.migrations.packs.feeds_0051 import DOWNGRADE, UPGRADE

revision: str = "0051"
down_revision: str | None = "0050"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TABLES = (
    "department",
    "pack",
    "pack_city",
    "pack_field",
    "feed",
    "feed_contract",
    "feed_delivery",
    "feed_file",
    "feed_reject",
    "feed_quarantine",
    "feed_day",
)


def upgrade() -> None:
    op.create_table(
        "department",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="columns of the matrix, from the left"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("short_en", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("group_name_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_department_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city", "code", name=op.f("pk_department")),
        comment="departments that deliver data; a unit belongs to the one whose name or short name it gives",
    )
    op.create_table(
        "pack",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("declared", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="the declaration as it was checked"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the declaration's file"),
        sa.Column("installed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pack")),
        comment="theme packs whose tables are there",
    )
    op.create_table(
        "pack_city",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_pack_city_city"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pack"], ["pack.code"], name=op.f("fk_pack_city_pack"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city", "pack", name=op.f("pk_pack_city")),
        comment="cities that use a pack",
    )
    op.create_table(
        "pack_field",
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="code of the department that is master of the field"),
        sa.Column(
            "sees",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="departments that see it beside its owner; null: everybody who sees single cases",
        ),
        sa.CheckConstraint("class IN ('ordinary', 'personal', 'sensitive', 'trade_secret', 'state_secret')", name="ck_pack_field_class"),
        sa.ForeignKeyConstraint(["pack"], ["pack.code"], name=op.f("fk_pack_field_pack"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pack", "kind", "field", name=op.f("pk_pack_field")),
        comment="who may see the fields of records; pack_shows() reads it",
    )
    op.create_table(
        "feed",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="pack.feed"),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("contract", sa.Integer(), nullable=False, comment="newest version of its contract"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first day on which something is expected"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last day; null: no end"),
        sa.Column("paused_until", sa.Date(), nullable=True, comment="nothing is expected up to this day: somebody excused the department"),
        sa.CheckConstraint("level IN ('city', 'district', 'street', 'community')", name="ck_feed_level"),
        sa.CheckConstraint("via IN ('push', 'upload', 'folder', 'https', 'sql')", name="ck_feed_via"),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_feed_city"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pack"], ["pack.code"], name=op.f("fk_feed_pack"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city", "code", name=op.f("pk_feed")),
        comment="feeds of a city: what a department delivers, and how often",
    )
    op.create_table(
        "feed_contract",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column(
            "declared",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="cadence, fields, owner and contact as they were declared",
        ),
        sa.ForeignKeyConstraint(["city", "feed"], ["feed.city", "feed.code"], name=op.f("fk_feed_contract_city_feed"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city", "feed", "version", name=op.f("pk_feed_contract")),
        comment="versions of what was agreed with the department",
    )
    op.create_table(
        "feed_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("contract", sa.Integer(), nullable=False),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=True, comment="the expected moment that it answers; null: nothing was expected"
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True, comment="who sent it; null: it was fetched"),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the file"),
        sa.Column("key", sa.Text(), nullable=True, comment="the sender's own name for it: the same key means the same delivery"),
        sa.Column("state", sa.Text(), server_default="received", nullable=False),
        sa.Column("landed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("loaded", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="of those that were loaded"),
        sa.Column(
            "problem",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="why nothing could be landed: a sentence and its facts",
        ),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="what was found: counts by reason, quality, what is unusual",
        ),
        sa.CheckConstraint("state IN ('received', 'landing', 'landed', 'empty', 'failed', 'replaced')", name="ck_feed_delivery_state"),
        sa.CheckConstraint("rows = loaded + rejected AND quarantined <= loaded", name="ck_feed_delivery_account"),
        sa.ForeignKeyConstraint(["city", "feed"], ["feed.city", "feed.code"], name=op.f("fk_feed_delivery_city_feed"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_delivery")),
        comment="what came, and what became of it; feed_push() and the keeper write it",
    )
    op.create_index("ix_feed_delivery_feed", "feed_delivery", ["city", "feed", "received_at"], unique=False)
    op.create_index(
        "uq_feed_delivery_key", "feed_delivery", ["city", "feed", "key"], unique=True, postgresql_where=sa.text("key IS NOT NULL")
    )
    op.create_table(
        "feed_file",
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["feed_delivery.id"], name=op.f("fk_feed_file_delivery"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_feed_file")),
        comment="files as they came, so that each figure can be followed to a row",
    )
    op.create_table(
        "feed_reject",
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False, comment="line of the file"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="what the sentence names; values masked",
        ),
        sa.ForeignKeyConstraint(["delivery"], ["feed_delivery.id"], name=op.f("fk_feed_reject_delivery"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery", "no", name=op.f("pk_feed_reject")),
        comment="rows that could not be read",
    )
    op.create_table(
        "feed_quarantine",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False, comment="line of the file"),
        sa.Column("rules", sa.ARRAY(sa.Text()), nullable=False, comment="codes of the rules that it breaks"),
        sa.Column("held", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="the row's fields as they were read"),
        sa.Column(
            "repaired", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="fields as somebody or a rule put them right"
        ),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account", sa.Text(), nullable=True, comment="who replayed or dropped it"),
        sa.CheckConstraint("state IN ('waiting', 'replayed', 'dropped')", name="ck_feed_quarantine_state"),
        sa.ForeignKeyConstraint(["delivery"], ["feed_delivery.id"], name=op.f("fk_feed_quarantine_delivery"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_quarantine")),
        comment="rows that break a rule of quality and wait to be put right",
    )
    op.create_index("ix_feed_quarantine_delivery", "feed_quarantine", ["delivery", "row"], unique=False)
    op.create_table(
        "feed_day",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("late_days", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="working days after the expected one"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True, comment="the expected moment that the state is about"),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True, comment="of the newest delivery by then"),
        sa.Column("records", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="in the tables at the end of the day"),
        sa.Column("completeness", sa.Double(), nullable=True, comment="share of declared fields that are filled, 0 to 1; null: no records"),
        sa.Column(
            "is_due", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="something was expected on this very day"
        ),
        sa.CheckConstraint("state IN ('on_time', 'late', 'failed', 'empty', 'never', 'not_due')", name="ck_feed_day_state"),
        sa.ForeignKeyConstraint(["city", "feed"], ["feed.city", "feed.code"], name=op.f("fk_feed_day_city_feed"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city", "day", "feed", name=op.f("pk_feed_day")),
        comment="how each feed stood at the end of each day; the keeper writes it, and the matrix reads it",
    )
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    for table in reversed(_TABLES):
        op.drop_table(table)
