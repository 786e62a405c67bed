"""Cells that a zone's border crosses, and how far the areas of a source may leave the areas above them. Roll-ups are counted again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NESTS = "of areas: share (0 to 1) by which they may leave the areas above them or overlap, where the profile says so"
_WHOLE = "of population: share (0 to 1) of a unit inside the city from which all of its people count"
_EDGES = "cells that a zone's border crosses: of these, objects count for the zone by where they stand, and people by their share"
_SHARE = "of the cell's people who live in the zone, 0 to 1, by area"
_MEMBERS = "a functional zone holds the grid cells whose label point lies in it: these are drawn and listed as its own"
_MEMBERS_BEFORE = "a functional zone holds the grid cells whose label point lies in it; its figures are their sums"


def upgrade() -> None:
    op.add_column("source", sa.Column("nests", sa.Double(), comment=_NESTS))
    op.add_column("source", sa.Column("whole_from", sa.Double(), comment=_WHOLE))
    op.create_table(
        "zone_edge",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False, comment=_SHARE),
        sa.ForeignKeyConstraint(["zone"], ["area.code"], name=op.f("fk_zone_edge_zone"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["grid"], ["area.code"], name=op.f("fk_zone_edge_grid"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("zone", "grid", name=op.f("pk_zone_edge")),
        comment=_EDGES,
    )
    op.create_index(op.f("ix_zone_edge_grid"), "zone_edge", ["grid"])
    op.create_table_comment("zone_member", _MEMBERS, existing_comment=_MEMBERS_BEFORE)
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    op.create_table_comment("zone_member", _MEMBERS_BEFORE, existing_comment=_MEMBERS)
    op.drop_table("zone_edge")
    op.drop_column("source", "whole_from")
    op.drop_column("source", "nests")
    op.execute("UPDATE city SET states_at = NULL")
