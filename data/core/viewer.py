"""The viewer: the person or device that a query runs for. Each transaction first tells PostgreSQL its viewer's rights."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from data.core import roles
from data.core.roles import DB_ROLES, EVERYWHERE, Ability, DbRole, Detail

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person or device. Without arguments: a viewer who may see nothing.

    Attributes:
        name: the account's name, as it is written to the audit log.
        shown: the name on the page.
        lang: language of the sentences that this viewer reads.
        account: number of the account.
        role: one of ``data.core.roles.ROLES``.
        detail: how much detail the viewer may see inside the scope.
        scope: path of the area whose cases and people may be seen; ``*`` is everywhere, an empty text nowhere.
        figures: path of the area whose figures may be seen; it includes the scope.
        zone: code of the functional zone that the scope is, if it is one: then ``scope`` is the smallest area that holds its cells, and
            only these are seen.
        scope_code: code of the area that the account was given; ``*`` likewise.
        address: where the request came from.
        session: a text that distinguishes this session from the account's other sessions.
        units: the units whose cases the viewer sees wherever these are, as ``units_of`` in the database tells them; empty: none.
    """

    name: str = ""
    shown: str = ""
    lang: Lang = "zh"
    account: int | None = None
    role: str = ""
    detail: Detail | None = None
    scope: str = ""
    figures: str = ""
    zone: str = ""
    scope_code: str = ""
    address: str = ""
    session: str = field(default="", repr=False)
    units: str = ""

    @classmethod
    def nobody(cls, lang: Lang = "zh") -> "Viewer":
        """A visitor who has not signed in, and sees nothing of any city."""
        return cls(lang=lang)

    @property
    def rights(self) -> str:
        """A short text that is the same for two viewers exactly when they may see the same: caches and addresses carry it."""
        return _digest(self.detail, self.scope, self.figures, self.zone, self.units)

    @property
    def db_role(self) -> DbRole:
        """The database role for this viewer's transactions."""
        return DB_ROLES[self.detail or "figures"]

    @property
    def everywhere(self) -> bool:
        """Whether nothing is out of scope."""
        return self.scope == EVERYWHERE and not self.zone

    def may(self, ability: Ability) -> bool:
        """Whether this viewer may do something: see ``data.core.roles``."""
        return roles.may(self.role, self.detail, ability)

    @property
    def shows_walls(self) -> bool:
        """Whether screens of this account may tell how they are: it is a display, or of somebody who presents at walls."""
        return self.role == "wall" or self.may("steer_walls")

    def speaking(self, lang: Lang) -> "Viewer":
        """The same viewer in another language."""
        return self if lang == self.lang else replace(self, lang=lang)


def everything(lang: Lang = "zh", detail: Detail = "people") -> Viewer:
    """A viewer who may see everything, for the tools of the database's owner. Nobody can sign in as this viewer."""
    return Viewer("operator", "operator", lang, None, "steward", detail, EVERYWHERE, EVERYWHERE, "", EVERYWHERE)


@lru_cache(10_000)
def _digest(*parts: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()[:12]
