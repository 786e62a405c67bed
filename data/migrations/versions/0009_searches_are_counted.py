"""Searches for people are counted: a masked number cannot be tried out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.people_0009 import COUNTED, LIMIT, LIMIT_TAKEN_BACK, UNCOUNTED

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_COMMENT = "what PostgreSQL itself holds people to: reveals_per_hour and searches_per_hour of one account"
_BEFORE = "what PostgreSQL itself holds people to: reveals_per_hour of one account"


def upgrade() -> None:
    op.execute(sa.text(LIMIT))
    op.execute(sa.text(COUNTED))
    op.create_table_comment("rate_limit", _COMMENT, existing_comment=_BEFORE)


def downgrade() -> None:
    op.create_table_comment("rate_limit", _BEFORE, existing_comment=_COMMENT)
    op.execute(sa.text(UNCOUNTED))
    op.execute(sa.text(LIMIT_TAKEN_BACK))
