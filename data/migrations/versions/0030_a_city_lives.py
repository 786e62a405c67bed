"""A city in which people work has no fixed moment: its figures stand for now. Cities where steps were taken already are put right."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_COMMENT = "of the first step that was taken here; since then as_of is null"
_WORKED = """
UPDATE city c SET worked_since = w.at, as_of = NULL, states_at = CASE WHEN c.as_of IS NULL THEN c.states_at END
FROM (
    SELECT i.city, min(e.received_at) AS at
    FROM incident i JOIN incident_event e ON e.district = i.district AND e.incident_id = i.id
    WHERE i.version > 0 AND e.account IS NOT NULL
    GROUP BY i.city
) w
WHERE w.city = c.code
"""


def upgrade() -> None:
    op.add_column("city", sa.Column("worked_since", sa.DateTime(timezone=True), comment=_COMMENT))
    op.execute(_WORKED)


def downgrade() -> None:
    op.drop_column("city", "worked_since")
