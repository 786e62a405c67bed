"""Names of the areas that accounts are given, for who looks after accounts: the door itself sees nothing of any city."""

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
"""For this question alone: names of areas, in every city."""


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
    """The areas that are there among some codes; ``*`` and nothing are none.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions.read_transaction``.
    """
    wanted = sorted({code for code in codes if code and code != EVERYWHERE})
    if not wanted:
        return {}
    asked = select(area.c.code, area.c.name, area.c.name_en).where(area.c.code.in_(bindparam("codes", expanding=True)))
    return {row["code"]: AreaName(row["name"], row["name_en"]) for row in await fetch(asked, _LOOKING_UP, {"codes": wanted})}


def fetch_reach(connection: Connection, code: str) -> Mapping[str, str]:
    """The paths that an area's code stands for, as the door: ``scope``, ``figures`` and ``zone`` as in ``data.core.viewer.Viewer``.

    Of an area that is not there any more, nowhere.
    """
    row = connection.execute(select(text("scope, figures, zone")).select_from(func.scope_of(code))).mappings().one_or_none()
    return {"scope": "", "figures": "", "zone": ""} if row is None else cast(Mapping[str, str], row)


def check_areas(connection: Connection, draft: Draft) -> None:
    """Make sure that a draft's areas are there.

    Raises:
        BadAccount: one is not. Its account would see nothing, and nobody would know why.
    """
    for field, code in (("scope", draft.scope), ("figures", draft.figures)):
        if code and not fetch_reach(connection, code)["figures"]:
            raise BadAccount(field=field, reason=_REASONS["area"])


_REASONS = {"area": "there is no area with that code."}
