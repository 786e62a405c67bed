"""The page of one's own account: who one is here, the second factor, open sessions, tokens for programs, and what was done to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from starlette.responses import HTMLResponse

from data.accounts.areas import AreaName
from data.accounts.model import Account
from data.core.i18n import t
from data.core.roles import EVERYWHERE
from pages.viewer_menu import DETAIL_TITLES, ROLE_TITLES
from routes.doors import factor
from routes.doors.frame import Look, column
from routes.doors.history import Rows, history_section
from routes.doors.markup import Markup, tag
from routes.doors.said import NOTHING, Said
from routes.doors.words import agent_name, ago, button, field, form, good, hidden, new_password, own_password, pairs, section, wrong

TOKENS_TOO = "tokens_too"
"""The field of a form that signs out everywhere which says that tokens are withdrawn as well."""


def place_name(lang: str, code: str, place: AreaName | None) -> str:
    """An area in words, with its code."""
    if code == EVERYWHERE:
        return t(lang, "Everywhere")
    if place is None:
        return t(lang, "{code} (not there any more)", code=code)
    return f"{place.name if lang == 'zh' else place.name_en or place.name} {code}"


@dataclass(frozen=True, slots=True)
class Own:
    """All that the page shows.

    Attributes:
        account: whose page it is.
        place: area of the account.
        sessions: open ones.
        tokens: for programs.
        here: hash of the session that looks at the page.
        codes: recovery codes that are left.
        must: whether the account must have a second factor.
        done: rows of the audit log about its ways in.
        clock: zone of their moments.
    """

    account: Account
    place: AreaName | None
    sessions: Rows
    tokens: Rows
    here: bytes
    codes: int
    must: bool
    done: Rows
    clock: tzinfo


def account_page(look: Look, csrf: str, shown: Own, said: Said = NOTHING) -> HTMLResponse:
    """The whole page."""
    lang, own = look.lang, shown.account
    return column(
        look,
        t(lang, "My account"),
        good(said.done),
        wrong(said.above),
        shown_once(lang, said.secret),
        _who(lang, own, shown.place),
        factor.section_of(lang, csrf, own, shown.codes, shown.must, said) if own.password_hash else None,
        _sessions(lang, csrf, shown),
        tokens_section(lang, csrf, shown.tokens, "/account", said, who=own),
        _password(lang, csrf, own.name, said) if own.password_hash else None,
        history_section(lang, own.name, shown.done, shown.clock),
        status=422 if said.refused else 200,
    )


def shown_once(lang: str, secret: str | None) -> Markup | None:
    """A secret that is shown now and never again."""
    if secret is None:
        return None
    how = t(lang, "Copy it now: it is shown this once, and kept nowhere.")
    return tag("div", tag("b", how), tag("span", secret, class_="code"), class_="notice secret", role="status")


def _who(lang: str, own: Account, place: AreaName | None) -> Markup:
    facts = (
        (t(lang, "Name to sign in with"), own.name),
        (t(lang, "Role"), t(lang, ROLE_TITLES.get(own.role, own.role))),
        (t(lang, "Area"), place_name(lang, own.scope, place)),
        (t(lang, "Level of detail"), t(lang, DETAIL_TITLES[own.detail])),
    )
    note = t(lang, "Your administrator can change role, area and level of detail.")
    return section(own.shown, pairs(*facts), tag("p", note, class_="hint"))


def _sessions(lang: str, csrf: str, shown: Own) -> Markup:
    rows = [_session(lang, csrf, one, one["hash"] == shown.here) for one in shown.sessions]
    act = tag("div", button(t(lang, "Sign out everywhere else"), "second small"), class_="actions")
    everywhere = form("/account/sessions/end-all", csrf, tokens_too(lang, len(shown.tokens)), act)
    many = t(lang, "{n} open", n=len(shown.sessions))
    more = len(shown.sessions) > 1 or shown.tokens
    return section(t(lang, "Sessions"), tag("div", rows, class_="rows"), everywhere if more else None, note=many)


def tokens_too(lang: str, many: int) -> Markup | None:
    """The box beside “Sign out everywhere”: a token is a way in, too. It is ticked unless somebody wants otherwise."""
    if not many:
        return None
    box = tag("input", type="checkbox", name=TOKENS_TOO, value="yes", checked=True)
    return tag("label", box, t(lang, "Withdraw the tokens for programs, too ({n})", n=many), class_="check")


def _session(lang: str, csrf: str, one: Mapping[str, Any], is_here: bool) -> Markup:
    mark = tag("span", t(lang, "this one"), class_="chip here") if is_here else None
    seen = tag("span", one["address"] or "", " · ", t(lang, "last used"), " ", ago(lang, one["seen_at"]), class_="hint")
    end = form("/account/sessions/end", csrf, hidden("session", one["hash"].hex()), button(t(lang, "End"), "second small"))
    return tag("div", tag("div", tag("b", agent_name(one["agent"])), " ", mark, seen), None if is_here else end, class_="row")


def tokens_section(
    lang: str, csrf: str, tokens: Rows, address: str, said: Said = NOTHING, device: bool = False, who: Account | None = None
) -> Markup:
    """Tokens with a way to withdraw each, and a form for a new one; of oneself, or of a wall display.

    Args:
        lang: language of the words.
        csrf: token for its forms.
        tokens: rows of ``data.accounts.tokens.list_tokens``.
        address: of the page: its forms go below it.
        said: what the page has to say.
        device: whether they are a display's.
        who: whose own page it is, where they make more; somebody else's tokens can only be withdrawn.
    """
    title = t(lang, "Displays") if device else t(lang, "Tokens for programs")
    how = (
        t(lang, "Each display opens an address of its own once, and shows figures until its token is withdrawn.")
        if device
        else t(lang, "A program sends a token as “Authorization: Bearer …” and sees what its owner sees, until it expires or is withdrawn.")
    )
    rows = [_token(lang, csrf, one, address) for one in tokens]
    days: dict[str, Any] = {"type": "number", "value": 366 if device else 90, "min": 1, "max": 366, "required": True}
    new = form(
        f"{address}/tokens",
        csrf,
        tag(
            "div",
            field(t(lang, "What it is for"), "token_name", error=said.error("token_name"), maxlength=100, required=True),
            field(t(lang, "Days it is good for"), "days", error=said.error("days"), **days),
            own_password(lang, who.name, id_="token-password", error=said.error("token-password")) if who and who.password_hash else None,
            class_="fields",
        ),
        tag("div", button(t(lang, "Make a token"), "second small"), class_="actions"),
    )
    return section(title, tag("p", how, class_="muted"), tag("div", rows, class_="rows") if rows else None, new if who or device else None)


def _token(lang: str, csrf: str, one: Mapping[str, Any], address: str) -> Markup:
    used = tag(
        "span",
        t(lang, "last used"),
        " ",
        ago(lang, one["used_at"]),
        " · ",
        t(lang, "ends"),
        " ",
        ago(lang, one["expires_at"]),
        class_="hint",
    )
    end = form(f"{address}/tokens/withdraw", csrf, hidden("token", str(one["id"])), button(t(lang, "Withdraw"), "danger small"))
    return tag("div", tag("div", tag("b", one["name"]), used), end, class_="row")


def _password(lang: str, csrf: str, who: str, said: Said) -> Markup:
    fields = form(
        "/account/password",
        csrf,
        tag(
            "div",
            own_password(lang, who, "old", error=said.error("old")),
            new_password(lang, "new", error=said.error("new")),
            class_="fields",
        ),
        tag("p", t(lang, "All your other sessions end, and all your tokens for programs are withdrawn."), class_="hint"),
        tag("div", button(t(lang, "Change the password"), "second small"), class_="actions"),
    )
    return section(t(lang, "Password"), fields)
