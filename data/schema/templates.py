"""The table of texts that a city's people use again and again."""

from sqlalchemy import Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, func

from data.schema.common import metadata

remark_template = Table(
    "remark_template",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("step", Text, comment="name of a step; null: any"),
    Column("text", Text, nullable=False, comment="with places such as {number} and {due}"),
    Column("text_en", Text, comment="the same in English; null: there is no other"),
    Column("account", Text, comment="who added it; null: it came with the city"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("retired_at", DateTime(timezone=True), comment="since when it is not offered any more"),
    Index("ix_remark_template_city", "city"),
    comment="texts that a city's people use again and again",
)
