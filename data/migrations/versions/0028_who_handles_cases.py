"""Who handles cases: units, who works in them, and the rules that send cases there."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Units and rules are no secret of those who see figures; who works where is for those who see cases.
_STATEMENTS = (
    "GRANT SELECT ON unit TO gridwell_figures",
    "GRANT SELECT ON unit_member, routing_rule TO gridwell_cases",
)


def _city() -> sa.Column[Any]:
    return sa.Column("city", sa.Text(), nullable=False)


def _word(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _of_city(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["city"], ["city.code"], ondelete="CASCADE", name=op.f(f"fk_{table}_city"))


def upgrade() -> None:
    op.create_table(
        "unit",
        _city(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *map(_word, ("name_en", "department", "department_en")),
        sa.Column("valid_from", sa.Date(), comment="first day; null: always"),
        sa.Column("valid_to", sa.Date(), comment="last day; null: no end"),
        _of_city("unit"),
        sa.PrimaryKeyConstraint("city", "code", name=op.f("pk_unit")),
        comment="units that handle cases; rows stay, because cases name them",
    )
    op.create_table(
        "unit_member",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        _city(),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="name of the account"),
        sa.Column("area", sa.Text(), comment="code of the area that it works in; null: everywhere"),
        sa.Column("post", sa.Text(), nullable=False, comment="head or worker"),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        _of_city("unit_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_member")),
        comment="who works in a unit, from when until when",
    )
    op.create_index("ix_unit_member_city", "unit_member", ["city"])
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        _city(),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="rules are tried in this order"),
        sa.Column(
            "unit", sa.Text(), nullable=False, comment="code of a unit, or @grid_head: the head of the smallest area around the case"
        ),
        sa.Column("category", sa.Text(), comment="code of a category or of one above; null: every one, likewise below"),
        sa.Column("area", sa.Text(), comment="code of an area or functional zone"),
        sa.Column("channel", sa.Text()),
        sa.Column("hours", sa.Text(), comment="time of day of the report: 08:00-18:00"),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        _of_city("routing_rule"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
        comment="where cases go when they are filed",
    )
    op.create_index("ix_routing_rule_city", "routing_rule", ["city"])
    for statement in _STATEMENTS:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for table in ("routing_rule", "unit_member", "unit"):
        op.drop_table(table)
