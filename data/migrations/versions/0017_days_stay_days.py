"""Cases remember of which of their moments only the day is known: a deadline that is a day lasts until its end."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COMMENTS = {
    "reported_is_day": "only the day of reported_at is known, in the city's time zone; it is the first moment of that day",
    "due_is_day": "the deadline is a day, in the city's time zone; due_at is the last microsecond of that day",
    "closed_is_day": "only the day of closed_at is known; it is the first moment of that day, or the report where that is later",
}


def upgrade() -> None:
    """A constant default: PostgreSQL rewrites no row. What was imported before is told by the next import."""
    for name, comment in COMMENTS.items():
        op.add_column("incident", sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=comment))


def downgrade() -> None:
    for name in COMMENTS:
        op.drop_column("incident", name)
