"""Communities hold the sum over all kinds: their roll-ups are counted again when the database is prepared."""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    op.execute("UPDATE city SET states_at = NULL")
