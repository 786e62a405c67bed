"""The day of a city's newest case is known: where it is days old, pages say so. Roll-ups are counted again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_COMMENT = "of the newest case of a category that is not sensitive, in the city's time zone; null: there is none"


def upgrade() -> None:
    op.add_column("city", sa.Column("newest_case_day", sa.Date(), comment=_COMMENT))
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    op.drop_column("city", "newest_case_day")
