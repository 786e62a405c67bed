"""A case may have no place: it counts for an area of its own without polygon, and is on no map."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_METHOD = "within, or nearest (outside every cell, but near)"
_ORIGIN = "published, made, approximate, derived, or none (no polygon)"
_ORIGIN_NOW = "published, made, approximate, derived, none (no polygon), or unplaced (cases without a place of the area above)"


def upgrade() -> None:
    for name in ("geom", "geom_3857"):
        op.alter_column("incident", name, nullable=True)
    op.alter_column("incident", "grid_method", comment=f"{_METHOD}, or unplaced (no place is known)")
    op.alter_column("area", "origin", comment=_ORIGIN_NOW)
    op.create_index("ix_area_unplaced", "area", ["path"], postgresql_using="gist", postgresql_where=sa.text("origin = 'unplaced'"))


def downgrade() -> None:
    """Without a place a case cannot stay."""
    op.drop_index("ix_area_unplaced", table_name="area")
    op.execute("DELETE FROM incident_event e USING incident i WHERE i.geom IS NULL AND e.district = i.district AND e.incident_id = i.id")
    op.execute("DELETE FROM incident_reporter r USING incident i WHERE i.geom IS NULL AND r.district = i.district AND r.incident_id = i.id")
    op.execute("DELETE FROM incident WHERE geom IS NULL")
    op.execute("DELETE FROM area WHERE origin = 'unplaced'")
    op.execute("UPDATE city SET states_at = NULL")
    op.alter_column("area", "origin", comment=_ORIGIN)
    op.alter_column("incident", "grid_method", comment=_METHOD)
    for name in ("geom", "geom_3857"):
        op.alter_column("incident", name, nullable=False)
