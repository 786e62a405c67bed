"""Changes of an account's password, second factor and rights, and who made them: read from the audit log, which nobody can change.

An administrator can set another password and take the second factor away. Here the account's owner can always see that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from data.core.roles import AUDIT
from data.core.viewer import Viewer
from data.database.transactions import write_transaction
from data.queries import audit as queries

WAYS_IN = (
    *("link_made", "password_changed", "second_factor_on", "second_factor_off"),
    *("recovery_codes_made", "recovery_code_used", "account_changed", "account_disabled", "account_enabled"),
)
MOST = 12


async def fetch_changes(viewer: Viewer, most: int = MOST) -> Sequence[Mapping[str, Any]]:
    """Fetch the audit log's rows on changes of the viewer's own account, the newest first, and none of other accounts.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions.read_transaction``.
    """
    async with write_transaction(viewer, AUDIT) as connection:
        return [dict(row) for row in (await connection.execute(queries.of_account(viewer.name, WAYS_IN, most))).mappings()]
