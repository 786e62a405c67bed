"""Tokens for lists on pages."""

from dataclasses import dataclass

from data.accounts.store import Rows
from routes.doors.moments import Moment, relative_moment

TOKENS_TOO = "tokens_too"
"""Field of the form that ends sessions; it says whether tokens are withdrawn as well."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        id: its number.
        name: says what the token is for.
        used: time of last use; ``None`` if it was never used.
        ends: when it expires.
    """

    id: int
    name: str
    used: Moment | None
    ends: Moment | None


@dataclass(frozen=True, slots=True)
class EndingToken:
    """A token of a display that ends soon: number and shown name of its account, its own name, and when it ends."""

    account: int
    shown: str
    name: str
    ends: Moment | None


def describe_ending(lang: str, rows: Rows) -> list[EndingToken]:
    """Rows of ``data.accounts.tokens.list_ending`` in words."""
    return [EndingToken(row["account_id"], row["shown"], row["name"], relative_moment(lang, row["expires_at"])) for row in rows]


def describe_tokens(lang: str, rows: Rows) -> list[Token]:
    """Rows of ``data.accounts.tokens.list_tokens`` in words."""
    return [Token(row["id"], row["name"], relative_moment(lang, row["used_at"]), relative_moment(lang, row["expires_at"])) for row in rows]
