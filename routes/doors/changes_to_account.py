"""What was done to the ways into one's account, and by whom: at the next sign-in, and on one's own account for as long as it is new."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from starlette.responses import HTMLResponse

from data.core.i18n import t
from routes.doors.audit_rows import action_title, shown_moment
from routes.doors.enter import somebody_else
from routes.doors.frame import Look, card
from routes.doors.markup import Content, Markup, tag
from routes.doors.words import button, form, hidden, section

Rows = Sequence[Mapping[str, Any]]
NEWS = "/signin/news"
MOST_NEWS = 4


def news_page(look: Look, csrf: str, target: str, name: str, rows: Rows, clock: tzinfo) -> HTMLResponse:
    """What somebody else did, or a recovery code, before anything else is shown."""
    lang = look.lang
    what = t(lang, "Your ways to sign in were changed or a recovery code was used. The last things that were done:")
    how = t(lang, "If you do not know of this, tell your auditor, and an administrator you trust. It stays on “My account”.")
    read = form(NEWS, csrf, hidden("next", target), button(t(lang, "I know of this")))
    listed = _listed(lang, name, rows[:MOST_NEWS], clock)
    title = t(lang, "Look at your account")
    return card(look, title, tag("p", what, class_="muted"), listed, tag("p", how, class_="notice"), read, somebody_else(lang, csrf))


def history_section(lang: str, name: str, rows: Rows, clock: tzinfo) -> Markup | None:
    """The same on one's own account."""
    if not rows:
        return None
    how = t(lang, "Passwords, links and second factors of this account, from the audit log, which nobody can change.")
    return section(t(lang, "What was done here"), tag("p", how, class_="muted"), _listed(lang, name, rows, clock))


def _listed(lang: str, name: str, rows: Rows, clock: tzinfo) -> Markup:
    return tag("div", [_row(lang, name, row, clock) for row in rows], class_="rows history")


def _row(lang: str, name: str, row: Mapping[str, Any], clock: tzinfo) -> Markup:
    address = row["address"] if row["address"] != "-" else None
    by: list[Content] = [_by(lang, name, row["account"]), *((" · ", address) if address else ())]
    what = tag("div", tag("b", action_title(lang, row["action"])), tag("span", by, class_="hint"))
    return tag("div", what, tag("span", shown_moment(row["at"], clock), class_="hint"), class_="row")


def _by(lang: str, name: str, account: str) -> str:
    """Who did it, as the owner of the account knows them."""
    if account == name:
        return t(lang, "yourself")
    if account == "-":
        return t(lang, "whoever had the link")
    if account.startswith("cli:"):
        return t(lang, "{name}, at the server itself", name=account.removeprefix("cli:"))
    return account
