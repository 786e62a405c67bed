"""Who is looking. Every query runs for a viewer; PostgreSQL is told who it is before it is asked anything."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from data.core import roles
from data.core.roles import DB_ROLES, EVERYWHERE, Ability, DbRole, Detail

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person or device. Without arguments: somebody who may see nothing.

    Attributes:
        name: the account's name, as it is written to the audit log.
        shown: the name on the page.
        lang: language of sentences told to this viewer.
        account: number of the account.
        role: one of ``data.core.roles.ROLES``.
        detail: how much of what is in scope may be seen.
        scope: path of the area whose cases and people may be seen; ``*`` is everywhere, an empty text nowhere.
        figures: path of the area whose figures may be seen, the scope at least.
        zone: code of the functional zone that the scope is, if it is one: then ``scope`` is the smallest area that holds its cells, and
            only these are seen.
        scope_code: code of the area that the account was given; ``*`` likewise.
        address: where the request came from.
        session: what tells this session from the others of the account.
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

    @classmethod
    def nobody(cls, lang: Lang = "zh") -> "Viewer":
        """Who has not signed in: sees nothing of any city."""
        return cls(lang=lang)

    @property
    def rights(self) -> str:
        """A short text that is the same for two viewers exactly when they may see the same: caches and addresses carry it."""
        return _digest(self.detail, self.scope, self.figures, self.zone)

    @property
    def db_role(self) -> DbRole:
        """What the database is to take this viewer for."""
        return DB_ROLES[self.detail or "figures"]

    @property
    def everywhere(self) -> bool:
        """Whether nothing is out of scope."""
        return self.scope == EVERYWHERE and not self.zone

    def may(self, ability: Ability) -> bool:
        """Whether this viewer may do something: see ``data.core.roles``."""
        return roles.may(self.role, self.detail, ability)

    def speaking(self, lang: Lang) -> "Viewer":
        """The same viewer in another language."""
        return self if lang == self.lang else replace(self, lang=lang)


def everything(lang: Lang = "zh", detail: Detail = "people") -> Viewer:
    """Somebody who may see everything everywhere, for the tools of whoever owns the database; nobody signs in as this."""
    return Viewer("operator", "operator", lang, None, "steward", detail, EVERYWHERE, EVERYWHERE, "", EVERYWHERE)


@lru_cache(10_000)
def _digest(*parts: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()[:12]
