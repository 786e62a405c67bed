"""Cases are found by any two characters of their texts, and listed by deadline and closing. All rows are written anew, once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from data.migrations.case_search_0027 import MADE, TAKEN_BACK

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_CODES = ("category", "channel", "stage", "severity", "unit", "assignee")
_KEYS = (
    "case_search_keys(number, title, address, description) || array_remove(ARRAY["
    + ", ".join(f"hashtext('{name} ' || {name})" for name in _CODES)
    + "], NULL)"
)


def upgrade() -> None:
    for statement in MADE:
        op.execute(sa.text(statement))
    keys: sa.Column[Sequence[int]] = sa.Column(
        "search_keys", sa.ARRAY(sa.Integer()), sa.Computed(_KEYS, persisted=True), comment="see SEARCH_KEYS"
    )
    op.add_column("incident", keys)
    op.create_index("ix_incident_search", "incident", ["search_keys"], postgresql_using="gin")
    op.create_index("ix_incident_due", "incident", ["city", "due_at"])
    op.create_index("ix_incident_closed", "incident", ["city", "closed_at"])


def downgrade() -> None:
    for name in ("search", "due", "closed"):
        op.drop_index(f"ix_incident_{name}", table_name="incident")
    op.drop_column("incident", "search_keys")
    for statement in TAKEN_BACK:
        op.execute(sa.text(statement))
