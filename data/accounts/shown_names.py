"""The names on the page of accounts that stand in cases."""

from collections.abc import Iterable

from data.database.transactions import Ask
from data.queries.desk.saved import NAMES


async def fetch_shown_names(ask: Ask, accounts: Iterable[str | None]) -> dict[str, str]:
    """The names on the page of accounts, which must stand in cases that the viewer sees; unknown accounts are left out."""
    wanted = sorted({name for name in accounts if name})
    return {row["account"]: row["shown"] for row in await ask(NAMES, {"accounts": wanted})} if wanted else {}
