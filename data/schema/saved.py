"""Tables of what people keep for themselves at the desk: filters with names, and how their table looks."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata

_OWNER = text("current_setting('gridwell.account', true)")

case_filter = Table(
    "case_filter",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account", Text, ForeignKey("account.name", ondelete="CASCADE"), nullable=False, server_default=_OWNER, comment="whose it is"),
    Column("name", Text, nullable=False),
    Column("search", Text, nullable=False, comment="query part of the desk's address"),
    Column("city", Text, comment="of the unit"),
    Column("unit", Text, comment="code of the unit whose members see it, too; null: nobody else does"),
    Column("ordinal", Integer, nullable=False, server_default=text("0"), comment="place in the owner's list"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("uq_case_filter_name", "account", "name", unique=True),
    Index("ix_case_filter_unit", "city", "unit", postgresql_where=text("unit IS NOT NULL")),
    comment="filters of the list of cases that people have saved",
)

desk_setting = Table(
    "desk_setting",
    metadata,
    Column("account", Text, ForeignKey("account.name", ondelete="CASCADE"), primary_key=True, server_default=_OWNER, comment="whose it is"),
    Column("name", Text, primary_key=True, comment="columns: which, how wide, in which order"),
    Column("value", JSONB, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="how a person's desk looks",
)
