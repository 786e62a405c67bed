"""Limits of administrators: nobody gives wider areas than their own, or manages an account that has wider ones.

An administrator who manages an account can also sign in as it. These limits are for the web pages; ``./gridwell user`` on the server has
none.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from data.accounts import store
from data.accounts.areas import check_areas, fetch_reach
from data.accounts.model import Account, BadAccount, Draft
from data.core.errors import NotOpen
from data.core.roles import EVERYWHERE


class BeyondOwnArea(NotOpen):
    code = "beyond_own_area"
    sentence = "“{name}” sees areas that your own account does not see. Only an administrator with a wider area can manage it."


def add(connection: Connection, giver: int, draft: Draft, issuer: str | None) -> Account:
    """Make an account; see ``store.add``.

    Args:
        connection: as the role ``gridwell_door``.
        giver: number of the administrator's account.
        draft: the new account.
        issuer: the identity provider, if the draft links the account to a person there.

    Raises:
        BadAccount: also where an area does not exist, or is not inside the giver's areas.
        NameTaken: see ``store.add``.
    """
    _check(connection, store.fetch_account(connection, giver), draft)
    return store.add(connection, draft, issuer)


def change(connection: Connection, giver: int, number: int, draft: Draft, issuer: str | None) -> Account:
    """Give an account other rights; see ``store.change``.

    Raises:
        BeyondOwnArea: see ``fetch_manageable``.
        BadAccount: see ``add``.
        NameTaken, UnknownAccount, LastAdministrator: see ``store.change``.
    """
    fetch_manageable(connection, giver, number)
    _check(connection, store.fetch_account(connection, giver), draft)
    return store.change(connection, number, draft, issuer)


def fetch_manageable(connection: Connection, giver: int, number: int) -> Account:
    """Fetch an account that the giver may manage.

    Raises:
        UnknownAccount: there is none.
        BeyondOwnArea: it sees areas that the giver does not.
    """
    one = store.fetch_account(connection, number)
    if not covers(connection, store.fetch_account(connection, giver), one):
        raise BeyondOwnArea(name=one.shown)
    return one


def covers(connection: Connection, own: Account, other: Account) -> bool:
    """Whether everything that another account sees is inside the areas of one's own account."""
    return not _outside(connection, own, other.scope, other.figures)


def _check(connection: Connection, own: Account, draft: Draft) -> None:
    """Check a draft's areas. For codes outside the giver's own area the error does not reveal whether they exist."""
    if own.scope == EVERYWHERE:
        check_areas(connection, draft)
    for field in _outside(connection, own, draft.scope, draft.figures):
        raise BadAccount(field=field, reason=_REASONS["outside"])


def _outside(connection: Connection, own: Account, scope: str, figures: str | None) -> list[str]:
    """Which of ``scope`` and ``figures`` are outside an account's areas."""
    limits, wanted = _areas(own.scope, own.figures), _areas(scope, figures)
    return [field for field, code in wanted.items() if not _inside(fetch_reach(connection, code), fetch_reach(connection, limits[field]))]


def _areas(scope: str, figures: str | None) -> dict[str, str]:
    return {"scope": scope, "figures": figures or scope}


def _inside(one: Mapping[str, str], limit: Mapping[str, str]) -> bool:
    """Whether an area lies inside another.

    A functional zone counts as the smallest area around its cells; nothing but the zone itself lies inside it.
    """
    if limit["zone"]:
        return one["zone"] == limit["zone"]
    top, path = limit["scope"], one["scope"]
    return top == EVERYWHERE or (top != "" and f"{path}.".startswith(f"{top}."))


_REASONS = {
    "outside": "your own account has no area with that code. Ask an administrator with a wider area, or use ./gridwell user on the server.",
}
