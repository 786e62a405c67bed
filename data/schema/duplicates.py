"""The table of what counts as a likely duplicate of a case."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text

from data.schema.common import metadata

duplicate_rule = Table(
    "duplicate_rule",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), comment="null: every city without a row of its own"),
    Column("category", Text, comment="code of a category, also for those below it; null: every category without a row of its own"),
    Column("radius_m", Integer, nullable=False, comment="cases further away are others"),
    Column("days", Integer, nullable=False, comment="cases that ended so many days before the report are others"),
    CheckConstraint("radius_m BETWEEN 1 AND 2000 AND days BETWEEN 1 AND 366", name="ck_duplicate_rule_reach"),
    Index("uq_duplicate_rule", "city", "category", unique=True, postgresql_nulls_not_distinct=True),
    comment="how near in place and time cases of a category are likely the same",
)
