"""The page of one's own account: its rights, second factor, sessions, tokens for programs, and the changes to its ways to sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from data.accounts import recovery
from data.accounts.model import Account
from data.accounts.store import Rows
from routes.doors.changes_to_account import Change
from routes.doors.moments import Moment, relative_moment
from routes.doors.page import PageView
from routes.doors.tokens import TOKENS_TOO, Token

FEW_RECOVERY_CODES = 2
"""With this many recovery codes left, the page advises new ones."""
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "MicroMessenger": "WeChat", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "HarmonyOS": "HarmonyOS",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
"""Names of browsers and systems in ``User-Agent`` and for people; the first match counts."""


@dataclass(frozen=True, slots=True)
class Session:
    """One open session.

    Attributes:
        key: identifies the session in its form.
        browser: browser and system, in two words.
        address: network address that the request came from.
        used: time of last use.
        is_here: whether it is the session that asked for this page.
    """

    key: str
    browser: str
    address: str
    used: Moment | None
    is_here: bool


@dataclass(frozen=True, kw_only=True)
class OwnAccountPage(PageView):
    """One's own account.

    Attributes:
        account: whose page it is.
        role, detail, place: its role, level of detail and area, in words.
        sessions: the open sessions.
        tokens: for programs.
        calendars: tokens in addresses of calendars.
        has_calendar: whether the account may see deadlines of cases at all.
        codes_left: number of unused recovery codes.
        needs_second_factor: whether the account must have one.
        changes: changes to its ways to sign in.
    """

    template: ClassVar[str] = "account/own_account.html"
    tokens_too_field: ClassVar[str] = TOKENS_TOO
    all_codes: ClassVar[int] = recovery.MANY
    account: Account
    role: str
    detail: str
    place: str
    sessions: Sequence[Session]
    tokens: Sequence[Token]
    calendars: Sequence[Token]
    has_calendar: bool
    codes_left: int
    needs_second_factor: bool
    changes: Sequence[Change]

    @property
    def has_password(self) -> bool:
        """Whether the account can sign in with a password."""
        return self.account.password_hash is not None

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in asks for a second factor."""
        return self.account.totp_secret is not None

    @property
    def few_codes(self) -> bool:
        """Whether it is time for new recovery codes."""
        return self.codes_left <= FEW_RECOVERY_CODES


def describe_sessions(lang: str, rows: Rows, here: bytes) -> list[Session]:
    """Rows of ``data.accounts.sessions.list_open`` in words; ``here`` is the hash of the session that asked for the page."""
    return [
        Session(
            key=row["hash"].hex(),
            browser=describe_browser(row["agent"]),
            address=row["address"] or "",
            used=relative_moment(lang, row["seen_at"]),
            is_here=row["hash"] == here,
        )
        for row in rows
    ]


def describe_browser(agent: str | None) -> str:
    """A browser's ``User-Agent`` in two words: ``Chrome · Windows``."""
    text = agent or ""
    found = [next((name for mark, name in table.items() if mark in text), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or text[:40] or "?"
