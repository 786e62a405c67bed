"""Whoever sees cases sees who works on them by the name on the page, as their histories tell it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Names are asked for of accounts that stand in cases which the viewer sees; the history of such a case tells them anyhow.
_NAMES = """
CREATE FUNCTION names_of_accounts(of_accounts text[]) RETURNS TABLE (account text, shown text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.name, a.shown FROM account a WHERE a.name = ANY (of_accounts)
$$
"""


def upgrade() -> None:
    op.execute(_NAMES)
    op.execute("REVOKE ALL ON FUNCTION names_of_accounts(text[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION names_of_accounts(text[]) TO gridwell_cases")


def downgrade() -> None:
    op.execute("DROP FUNCTION names_of_accounts(text[])")
