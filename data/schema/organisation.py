"""Tables of who handles cases: units of departments, who works in them, and the rules that send cases there."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
)

from data.schema.common import metadata

PHONE_SHOWN = (
    "CASE WHEN length(phone) >= 11 THEN left(phone, 3) || '****' || right(phone, 4) WHEN phone <> '' THEN '****' || right(phone, 2) END"
)
"""The same mask as ``data.core.text.mask_phone``, in SQL."""

unit = Table(
    "unit",
    metadata,
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("department", Text, nullable=False, server_default=""),
    Column("department_en", Text, nullable=False, server_default=""),
    Column("valid_from", Date, comment="first day; null: always"),
    Column("valid_to", Date, comment="last day; null: no end"),
    Column("phone", Text, comment="of the office; seen in full with a purpose only"),
    Column("phone_shown", Text, Computed(PHONE_SHOWN, persisted=True), comment="masked: 138****5678"),
    Column("head", Text, comment="name of who leads it, as it is published"),
    Column("head_en", Text),
    comment="units that handle cases; rows stay, because cases name them",
)

unit_name = Table(
    "unit_name",
    metadata,
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True, comment="the name as names are compared: data.organisation.names.fold_name"),
    Column("name", Text, nullable=False, comment="as it was written first"),
    Column("unit", Text, comment="code of the unit; null: the name means no unit"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="which unit a handler's name in imported cases means",
)

unit_member = Table(
    "unit_member",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("unit", Text, nullable=False),
    Column("account", Text, nullable=False, comment="name of the account"),
    Column("area", Text, comment="code of the area that it works in; null: everywhere"),
    Column("post", Text, nullable=False, comment="head or worker"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Index("ix_unit_member_city", "city"),
    Index("ix_unit_member_account", "account"),
    comment="who works in a unit, from when until when",
)

duty_shift = Table(
    "duty_shift",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("area", Text, nullable=False, comment="code of an area, of which all cells are looked after"),
    Column("person", Uuid, comment="random: the same person in the same table; null: only a count is known. Names are not kept"),
    Column("people", Integer, nullable=False, comment="how many"),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("ends_at > begins_at AND people > 0", name="ck_duty_shift_span"),
    Index("ix_duty_shift_city", "city", "begins_at", "ends_at"),
    comment="who is on duty where: shifts of a roster, counted by duty_now() alone",
)

routing_rule = Table(
    "routing_rule",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False, comment="rules are tried in this order"),
    Column("unit", Text, nullable=False, comment="code of a unit, or @grid_head: the head of the smallest area around the case"),
    Column("category", Text, comment="code of a category or of one above; null: every one, likewise below"),
    Column("area", Text, comment="code of an area or functional zone"),
    Column("channel", Text),
    Column("hours", Text, comment="time of day of the report: 08:00-18:00"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Index("ix_routing_rule_city", "city"),
    comment="where cases go when they are filed",
)
