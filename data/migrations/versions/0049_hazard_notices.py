"""Notices of hazards: walls show the most serious one that is in force."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from data.migrations.hazards import notices_0049

revision: str = "0049"
down_revision: str | None = "0048"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NONE = sa.text("'{}'")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hazard_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="sender,identifier: what later notices name it by"),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="alert, update or cancel"),
        sa.Column(
            "refs",
            postgresql.ARRAY(sa.Text()),
            server_default=_NONE,
            nullable=False,
            comment="sources of the notices that it replaces or takes back",
        ),
        sa.Column("taken_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", _MOMENT, comment="when a later notice replaced it or took it back; null: none did"),
        sa.CheckConstraint("kind IN ('alert', 'update', 'cancel')", name=op.f("ck_hazard_notice_kind")),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_hazard_notice_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_notice")),
        comment="notices of hazards as they came; hazard_tell() and hazard_take() alone write them",
    )
    op.create_index("uq_hazard_notice_source", "hazard_notice", ["city", "source", "sent_at"], unique=True)
    op.create_table(
        "hazard_part",
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False, comment="place in the notice: one hazard with its time and areas"),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False, comment="1 (red, extreme) to 4 (blue, minor); 5: not said"),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column(
            "told",
            postgresql.JSONB(),
            nullable=False,
            comment="colour, severity, event, place and sender by language, and whether the end was said",
        ),
        sa.Column(
            "geom",
            Geometry("MULTIPOLYGON", srid=4326, spatial_index=False),
            comment="EPSG:4326: polygons and circles together; null: areas are named by codes alone",
        ),
        sa.Column(
            "areas", postgresql.ARRAY(sa.Text()), server_default=_NONE, nullable=False, comment="codes of the city's areas that it names"
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5 AND ends_at > starts_at", name=op.f("ck_hazard_part_span")),
        sa.ForeignKeyConstraint(["notice"], ["hazard_notice.id"], name=op.f("fk_hazard_part_notice"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice", "no", name=op.f("pk_hazard_part")),
        comment="hazards of notices: how serious, when and where",
    )
    op.create_index("ix_hazard_part_ends", "hazard_part", ["city", "ends_at"])
    for statement in notices_0049.UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in notices_0049.DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_table("hazard_part")
    op.drop_table("hazard_notice")
