"""Categories of cases can be sensitive; the audit log counts no people who were found.

All roll-ups are counted again: sums keep sensitive categories apart, and cells of a register hold noughts and all ages.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.people_0009 import COUNTED
from data.migrations.sensitive_0012 import MADE, TAKEN_BACK

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_FOUND = ", jsonb_build_object('wanted', wanted_shown, 'found', n)"
_TABLES = {
    "category": "of incidents: cases and their counts need the right to personal data",
    "incident_kind": "of a sensitive category; for sums over categories: of the sensitive ones, or of all others",
}


def _index(*columns: str) -> None:
    op.drop_index("uq_incident_kind", table_name="incident_kind")
    halves = [sa.text("coalesce(category, '')"), sa.text("coalesce(channel, '')")]
    op.create_index("uq_incident_kind", "incident_kind", ["city", *halves, *columns], unique=True)


def upgrade() -> None:
    for table, comment in _TABLES.items():
        flag: sa.Column[bool] = sa.Column("sensitive", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=comment)
        op.add_column(table, flag)
    _index("sensitive")
    for statement in MADE:
        op.execute(sa.text(statement))
    op.execute(sa.text(COUNTED.replace(_FOUND, ", jsonb_build_object('wanted', wanted_shown)")))
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    op.execute(sa.text(COUNTED))
    for statement in TAKEN_BACK:
        op.execute(sa.text(statement))
    op.execute("DELETE FROM incident_daily WHERE kind IN (SELECT no FROM incident_kind WHERE category IS NULL AND sensitive)")
    op.execute("DELETE FROM incident_open WHERE kind IN (SELECT no FROM incident_kind WHERE category IS NULL AND sensitive)")
    op.execute("DELETE FROM incident_kind WHERE category IS NULL AND sensitive")
    _index()
    for table in _TABLES:
        op.drop_column(table, "sensitive")
    op.execute("UPDATE city SET states_at = NULL")
