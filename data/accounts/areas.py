"""Names and paths of the areas that accounts are given. The database role for accounts itself sees no data of any city."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, bindparam, func, select, text

from data.accounts.model import BadAccount, Draft
from data.core.roles import EVERYWHERE
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.schema import area

_LOOKING_UP = Viewer(detail="figures", figures=EVERYWHERE)
"""Used for this query only: names of areas in every city."""


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area by name.

    Attributes:
        name: as people call it.
        name_en: the same in English.
    """

    name: str
    name_en: str


async def fetch_area_names(codes: Iterable[str | None]) -> Mapping[str, AreaName]:
    """Fetch the names of areas by code. ``*``, ``None`` and unknown codes are left out.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions.read_transaction``.
    """
    wanted = sorted({code for code in codes if code and code != EVERYWHERE})
    if not wanted:
        return {}
    asked = select(area.c.code, area.c.name, area.c.name_en).where(area.c.code.in_(bindparam("codes", expanding=True)))
    return {row["code"]: AreaName(row["name"], row["name_en"]) for row in await fetch(asked, _LOOKING_UP, {"codes": wanted})}


def fetch_reach(connection: Connection, code: str) -> Mapping[str, str]:
    """Fetch the paths of an area by its code: ``scope``, ``figures`` and ``zone`` as in ``data.core.viewer.Viewer``.

    All three are empty for an area that does not exist any more.
    """
    row = connection.execute(select(text("scope, figures, zone")).select_from(func.scope_of(code))).mappings().one_or_none()
    return {"scope": "", "figures": "", "zone": ""} if row is None else cast(Mapping[str, str], row)


def fetch_units(connection: Connection, account: str) -> str:
    """Fetch the units of which an account is a member today, as ``data.core.viewer.Viewer`` holds them."""
    found: str = connection.execute(select(func.units_of(account))).scalar_one()
    return found


def check_areas(connection: Connection, draft: Draft) -> None:
    """Check that a draft's areas exist.

    Raises:
        BadAccount: one does not exist. The account would see nothing, and nobody would know why.
    """
    for field, code in (("scope", draft.scope), ("figures", draft.figures)):
        if code and not fetch_reach(connection, code)["figures"]:
            raise BadAccount(field=field, reason=_REASONS["area"])


_REASONS = {"area": "there is no area with that code."}
