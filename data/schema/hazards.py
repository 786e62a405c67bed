"""Tables of hazard notices: what an authority has published, and for which areas. There is nothing about a person in them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata, polygons

_MOMENT = DateTime(timezone=True)
_NONE = text("'{}'")

hazard_notice = Table(
    "hazard_notice",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("source", Text, nullable=False, comment="sender,identifier: what later notices name it by"),
    Column("sent_at", _MOMENT, nullable=False),
    Column("kind", Text, nullable=False, comment="alert, update or cancel"),
    Column("refs", ARRAY(Text), nullable=False, server_default=_NONE, comment="sources of the notices that it replaces or takes back"),
    Column("taken_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("ended_at", _MOMENT, comment="when a later notice replaced it or took it back; null: none did"),
    CheckConstraint("kind IN ('alert', 'update', 'cancel')", name="ck_hazard_notice_kind"),
    Index("uq_hazard_notice_source", "city", "source", "sent_at", unique=True),
    comment="notices of hazards as they came; hazard_tell() and hazard_take() alone write them",
)

hazard_part = Table(
    "hazard_part",
    metadata,
    Column("notice", BigInteger, ForeignKey("hazard_notice.id", ondelete="CASCADE"), primary_key=True),
    Column("no", Integer, primary_key=True, comment="place in the notice: one hazard with its time and areas"),
    Column("city", Text, nullable=False),
    Column("level", Integer, nullable=False, comment="1 (red, extreme) to 4 (blue, minor); 5: not said"),
    Column("starts_at", _MOMENT, nullable=False),
    Column("ends_at", _MOMENT, nullable=False),
    Column("told", JSONB, nullable=False, comment="colour, severity, event, place and sender by language, and whether the end was said"),
    Column("geom", polygons(), comment="EPSG:4326: polygons and circles together; null: areas are named by codes alone"),
    Column("areas", ARRAY(Text), nullable=False, server_default=_NONE, comment="codes of the city's areas that it names"),
    CheckConstraint("level BETWEEN 1 AND 5 AND ends_at > starts_at", name="ck_hazard_part_span"),
    Index("ix_hazard_part_ends", "city", "ends_at"),
    comment="hazards of notices: how serious, when and where",
)
