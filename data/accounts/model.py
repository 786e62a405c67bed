"""Accounts: their fields, their errors, and the rules for a draft."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import RowMapping

from data.core.errors import GridwellError
from data.core.i18n import languages
from data.core.roles import EVERYWHERE, ROLES, Detail, allowed_detail, may
from data.core.text import could_be_code, storable

LONGEST_NAME, LONGEST_SHOWN = 64, 100
TOTP_KIND = "account.totp_secret"
"""The kind under which the second factor's secret is sealed."""
_NAME = re.compile(r"[\w](?:[\w.@+-]{0,62}[\w])?")


class BadAccount(GridwellError):
    status, code, sentence = 422, "bad_account", "The account cannot be created: {reason}"


class NameTaken(GridwellError):
    status, code, sentence = 409, "name_taken", "There is an account with the name “{name}” already."


class UnknownAccount(GridwellError):
    status, code, sentence = 404, "unknown_account", "There is no account with the name “{name}”."


class LastAdministrator(GridwellError):
    status, code = 409, "last_administrator"
    sentence = "This is the last administrator who can sign in: make another one first."


class BadPassword(GridwellError):
    status, code, sentence = 422, "bad_password", "The password was not accepted: {reason}"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the database holds it; see ``data.schema.account`` for the columns."""

    id: int
    name: str
    shown: str
    role: str
    detail: Detail
    scope: str
    figures: str | None
    lang: str | None
    password_at: datetime | None
    must_change: bool
    untold: bool
    totp_step: int | None
    failed: int
    failed_at: datetime | None
    disabled_at: datetime | None
    oidc_issuer: str | None
    oidc_subject: str | None
    created_at: datetime
    password_hash: str | None = field(repr=False)
    totp_secret: bytes | None = field(repr=False)

    @classmethod
    def of(cls, row: RowMapping) -> "Account":
        """From a row that holds all columns."""
        return cls(**{name: row[name] for name in cls.__slots__})

    @property
    def enabled(self) -> bool:
        """Whether it may be used at all."""
        return self.disabled_at is None

    @property
    def by_password(self) -> bool:
        """Whether somebody may sign in with its password."""
        return self.enabled and self.password_hash is not None and may(self.role, self.detail, "password")


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of an account that an administrator fills in.

    Attributes:
        name: the name to sign in with.
        shown: the name on the page; empty if it is the same.
        role: one of ``data.core.roles.ROLES``.
        detail: ``None`` for the role's highest.
        scope: code of an area, or ``*``.
        figures: code of the area whose figures may be seen, or ``*``; ``None`` for the scope.
        lang: language of its pages; ``None`` for the browser's.
        oidc_subject: the person's identifier at the city's identity provider; ``None`` for no link.
    """

    name: str
    shown: str = ""
    role: str = ""
    detail: str | None = None
    scope: str = EVERYWHERE
    figures: str | None = None
    lang: str | None = None
    oidc_subject: str | None = None


def normalize_name(typed: str) -> str:
    """A name in the form in which it is stored and searched: NFKC, lower case, without spaces around it."""
    return unicodedata.normalize("NFKC", typed).casefold().strip()[: LONGEST_NAME + 1]


def check_draft(draft: Draft) -> dict[str, object]:
    """The columns and values of a draft.

    Raises:
        BadAccount: a name, role, detail or language is not valid. Whether the areas exist is not checked here.
    """
    name, shown = normalize_name(draft.name), draft.shown.strip() or draft.name.strip()
    for wrong, field_, reason in (
        (not _NAME.fullmatch(name), "name", _REASONS["name"]),
        (len(shown) > LONGEST_SHOWN or not shown.isprintable() or not storable(shown), "shown", _REASONS["shown"]),
        (draft.role not in ROLES, "role", _REASONS["role"]),
        (draft.detail is not None and allowed_detail(draft.role, _detail(draft.detail)) != draft.detail, "detail", _REASONS["detail"]),
        (not could_be_code(draft.scope), "scope", _REASONS["area"]),
        (not could_be_code(draft.figures or EVERYWHERE), "figures", _REASONS["area"]),
        (draft.lang is not None and draft.lang not in languages(), "lang", _REASONS["lang"]),
        (draft.oidc_subject is not None and not could_be_code(draft.oidc_subject), "subject", _REASONS["subject"]),
    ):
        if wrong:
            raise BadAccount(field=field_, reason=reason)
    detail = draft.detail or allowed_detail(draft.role, None)
    return {
        "name": name,
        "shown": shown,
        "role": draft.role,
        "detail": detail,
        "scope": draft.scope,
        "figures": draft.figures,
        "lang": draft.lang,
    }


_REASONS = {
    "name": "a name has 1 to 64 letters, digits, or . - _ @ + between them.",
    "shown": "the shown name may have 100 characters at most.",
    "role": "there is no such role.",
    "detail": "an account's detail can be lower than its role's, but not higher.",
    "area": "the code of the area cannot be read.",
    "lang": "there is no such language.",
    "subject": "the identity provider's name for a person has 200 characters at most.",
}


def _detail(text: str) -> Detail | None:
    known: dict[str, Detail] = {"figures": "figures", "cases": "cases", "people": "people"}
    return known.get(text)
