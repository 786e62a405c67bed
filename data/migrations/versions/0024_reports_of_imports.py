"""Stewards read reports of imports and rejected rows; the sentences of these can be told in each reader's language."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from data.migrations.imports_0024 import MADE, TAKEN_BACK

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_WORDING = "key of the sentence, where its reason has several; otherwise empty"
_FACTS = "of the sentence beside file, line, column and value; null: kept by an earlier version"


def upgrade() -> None:
    op.add_column("reject", sa.Column("wording", sa.Text(), comment=_WORDING))
    op.add_column("reject", sa.Column("facts", JSONB(), comment=_FACTS))
    op.alter_column("reject", "sentence", comment="in the language of the import")
    for statement in MADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in TAKEN_BACK:
        op.execute(sa.text(statement))
    op.alter_column("reject", "sentence", comment=None, existing_comment="in the language of the import")
    for name in ("facts", "wording"):
        op.drop_column("reject", name)
