"""Filters of the desk are saved with the account, and so are its columns."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.migrations.saved_0035 import DOWNGRADE, UPGRADE

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _owner() -> sa.Column[Any]:
    owner = sa.text("current_setting('gridwell.account', true)")
    return sa.Column("account", sa.Text(), nullable=False, server_default=owner, comment="whose it is")


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["account.name"], ondelete="CASCADE", name=op.f(f"fk_{table}_account"))


def _changed() -> sa.Column[Any]:
    return sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def upgrade() -> None:
    op.create_table(
        "case_filter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _owner(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False, comment="query part of the desk's address"),
        sa.Column("city", sa.Text(), comment="of the unit"),
        sa.Column("unit", sa.Text(), comment="code of the unit whose members see it, too; null: nobody else does"),
        sa.Column("ordinal", sa.Integer(), nullable=False, server_default=sa.text("0"), comment="place in the owner's list"),
        _changed(),
        _of_account("case_filter"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_filter")),
        comment="filters of the list of cases that people have saved",
    )
    op.create_index("uq_case_filter_name", "case_filter", ["account", "name"], unique=True)
    op.create_index("ix_case_filter_unit", "case_filter", ["city", "unit"], postgresql_where=sa.text("unit IS NOT NULL"))
    op.create_table(
        "desk_setting",
        _owner(),
        sa.Column("name", sa.Text(), nullable=False, comment="columns: which, how wide, in which order"),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        _changed(),
        _of_account("desk_setting"),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_desk_setting")),
        comment="how a person's desk looks",
    )
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    op.drop_table("desk_setting")
    op.drop_table("case_filter")
