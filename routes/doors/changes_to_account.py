"""Changes to an account's ways to sign in, and who made them: shown at the next sign-in and listed on the owner's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from data.auditing.reader import Row
from data.core.i18n import t
from routes.doors.audit_text import describe_action
from routes.doors.moments import Moment, local_moment
from routes.doors.page import PageView

CHANGES = "/signin/news"
"""Address of the page that shows the changes at the next sign-in."""
MOST_AT_SIGN_IN = 4
_SERVER = "cli:"
"""Prefix of the names of people who worked at the server itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        what: the action, in words.
        who: who did it, as the owner of the account knows them.
        address: network address that the request came from.
        moment: when.
    """

    what: str
    who: str
    address: str | None
    moment: Moment


@dataclass(frozen=True, kw_only=True)
class ChangesPage(PageView):
    """The changes to the account, shown before any other page; ``target`` is opened afterwards."""

    template: ClassVar[str] = "sign_in/changes.html"
    target: str
    changes: Sequence[Change]


def describe_changes(lang: str, owner: str, rows: Sequence[Row], zone: tzinfo) -> list[Change]:
    """Rows of the audit log in words.

    Args:
        lang: language of the words.
        owner: name of the account.
        rows: as ``data.accounts.history.fetch_changes`` gives them.
        zone: time zone in which moments are shown.
    """
    return [_describe_change(lang, owner, row, zone) for row in rows]


def _describe_change(lang: str, owner: str, row: Row, zone: tzinfo) -> Change:
    address = row["address"] if row["address"] != "-" else None
    what, who = describe_action(lang, row["action"]), _describe_person(lang, owner, row["account"])
    return Change(what, who, address, local_moment(row["at"], zone))


def _describe_person(lang: str, owner: str, account: str) -> str:
    if account == owner:
        return t(lang, "yourself")
    if account == "-":
        return t(lang, "the person who had the link")
    if account.startswith(_SERVER):
        return t(lang, "{name}, at the server itself", name=account.removeprefix(_SERVER))
    return account
