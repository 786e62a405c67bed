"""The index of search keys knows the district of a case: who searches within one does not read the cases of others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _make("search_keys", "district")


def downgrade() -> None:
    _make("search_keys")


def _make(*columns: str) -> None:
    op.execute(sa.text("SET LOCAL maintenance_work_mem = '256MB'"))
    op.drop_index("ix_incident_search", table_name="incident")
    op.create_index("ix_incident_search", "incident", columns, postgresql_using="gin")
