"""What is open is a stock: open cases are counted without their day of reporting, and changes of overdue cases by day.

Roll-ups are counted again when the database is prepared next.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEY = ["kind", "stage", "state", "district"]
_CLOSED = "closed on this day; on that of the report where the closing is dated before it"
_ADDED = {
    "overdue_change": "by how many more cases were overdue at the end of this day than at the end of the day before",
    "now_overdue": "of reported: overdue as it stands",
}
_OPEN = "roll-up: open cases of every area by {}kind, stage and deadline state; sums over kinds only for MARGIN_LEVELS"
_ADDED_UP = ["reported", "void", "due", "due_closed", "due_on_time"]
_ALL = ["reported", "void", "closed", "due", "due_closed", "due_on_time", *_ADDED]


def _index(table: str, columns: list[str], included: list[str]) -> None:
    op.create_index(
        f"ix_{table}_sums", table, ["area_no", "kind", *columns], postgresql_include=included, postgresql_where=sa.text("kind < 0")
    )


def upgrade() -> None:
    for table in ("incident_daily", "incident_open"):
        op.drop_index(f"ix_{table}_sums", table_name=table)
    op.execute("TRUNCATE incident_open")
    op.drop_constraint("pk_incident_open", "incident_open", type_="primary")
    op.drop_column("incident_open", "day")
    op.create_primary_key("pk_incident_open", "incident_open", ["area_no", *_KEY])
    op.create_table_comment("incident_open", _OPEN.format(""))
    op.alter_column("incident_daily", "closed", comment=_CLOSED)
    for name, comment in _ADDED.items():
        count: sa.Column[int] = sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"), comment=comment)
        op.add_column("incident_daily", count)
    _index("incident_daily", ["day"], _ALL)
    _index("incident_open", [], ["state", "n"])
    op.execute("UPDATE city SET states_at = NULL")


def downgrade() -> None:
    for table in ("incident_daily", "incident_open"):
        op.drop_index(f"ix_{table}_sums", table_name=table)
    op.execute("TRUNCATE incident_open")
    op.drop_constraint("pk_incident_open", "incident_open", type_="primary")
    op.add_column("incident_open", sa.Column("day", sa.Date(), nullable=False, comment="of reporting, in the city's time zone"))
    op.create_primary_key("pk_incident_open", "incident_open", ["area_no", "day", *_KEY])
    op.create_table_comment("incident_open", _OPEN.format("day, "))
    op.alter_column("incident_daily", "closed", comment="closed on this day")
    for name in _ADDED:
        op.drop_column("incident_daily", name)
    _index("incident_daily", ["day"], _ADDED_UP)
    _index("incident_open", ["day"], ["state", "n"])
    op.execute("UPDATE city SET states_at = NULL")
