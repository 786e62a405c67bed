"""The administrator's pages: the list of accounts, and one account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse

from data.accounts.areas import Place
from data.accounts.factor import lacking
from data.accounts.model import Account, Draft
from data.i18n import languages, t
from data.rights import DETAILS, ROLES
from pages.corner import DETAIL_TITLES, ROLE_TITLES
from routes.doors.frame import OWN_NAMES, Look, column
from routes.doors.history import Rows
from routes.doors.markup import Content, Markup, tag
from routes.doors.own import place_name, shown_once, tokens_section
from routes.doors.said import NOTHING, Said
from routes.doors.words import ago, button, choice, field, form, good, section, wrong

Places = Mapping[str, Place]


def list_page(look: Look, csrf: str, accounts: Sequence[Account], places: Places, draft: Draft, said: Said = NOTHING) -> HTMLResponse:
    """All accounts, and a form for another one, filled with what was typed when it was refused."""
    lang = look.lang
    heads = (t(lang, "Account"), t(lang, "Role"), t(lang, "Area"), t(lang, "Level of detail"), t(lang, "State"))
    table = tag(
        "table",
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [_row(lang, one, places) for one in accounts]),
    )
    add = tag("div", button(t(lang, "Add the account"), "small"), class_="actions")
    new = form("/accounts", csrf, _fields(lang, draft, None, said), add)
    more = tag("details", tag("summary", t(lang, "Add an account")), new, open=said.refused is not None)
    note = t(lang, "{n} in all", n=len(accounts))
    shown = section(t(lang, "Who may sign in"), more, table, note=note)
    return column(look, t(lang, "Accounts"), good(said.done), wrong(said.above), shown, status=422 if said.refused else 200)


def _row(lang: str, one: Account, places: Places) -> Markup:
    name = tag("a", tag("b", one.shown), href=f"/accounts/{one.id}")
    cells: list[Content] = [
        [name, tag("span", one.name, class_="hint")],
        t(lang, ROLE_TITLES.get(one.role, one.role)),
        place_name(lang, one.scope, places.get(one.scope)),
        t(lang, DETAIL_TITLES[one.detail]),
        _state(lang, one),
    ]
    return tag("tr", [tag("td", cell) for cell in cells])


def _state(lang: str, one: Account) -> list[Markup]:
    """In words, not in colours alone."""
    if not one.enabled:
        return [tag("span", t(lang, "closed"), class_="chip wrong")]
    chips = []
    if one.totp_secret:
        chips.append(tag("span", t(lang, "second factor"), class_="chip good"))
    if lacking(one):
        chips.append(tag("span", t(lang, "second factor missing"), class_="chip wrong"))
    if one.oidc_subject:
        chips.append(tag("span", t(lang, "identity provider"), class_="chip"))
    if one.must_change:
        chips.append(tag("span", t(lang, "has to change the password"), class_="chip"))
    if one.role != "wall" and not one.password_hash and not one.oidc_subject:
        chips.append(tag("span", t(lang, "no way to sign in yet"), class_="chip wrong"))
    return chips or [tag("span", t(lang, "open"), class_="chip")]


@dataclass(frozen=True, slots=True)
class Shown:
    """One account, and what stands beside it.

    Attributes:
        account: whose page it is.
        place: its area.
        tokens: that are not withdrawn.
        sessions: how many are open.
        own: whether it is that of whoever looks.
    """

    account: Account
    place: Place | None
    tokens: Rows
    sessions: int
    own: bool


def one_page(look: Look, csrf: str, shown: Shown, draft: Draft | None, said: Said = NOTHING) -> HTMLResponse:
    """One account: its rights, its ways in, and its end; ``draft`` is what was typed when it was refused."""
    lang, one = look.lang, shown.account
    address = f"/accounts/{one.id}"
    draft = draft or Draft(one.name, one.shown, one.role, one.detail, one.scope, one.figures, one.lang, one.oidc_subject)
    keep = tag("div", button(t(lang, "Keep these rights"), "small"), class_="actions")
    wall = one.role == "wall"
    return column(
        look,
        one.shown,
        good(said.done),
        wrong(said.above),
        shown_once(lang, said.secret),
        section(
            t(lang, "Rights"),
            form(address, csrf, _fields(lang, draft, one, said), keep),
            note=f"{one.name} · {place_name(lang, one.scope, shown.place)}",
        ),
        None if wall else _ways_in(lang, csrf, shown),
        tokens_section(lang, csrf, shown.tokens, address, said, device=wall, own=False) if shown.tokens or wall else None,
        _end(lang, csrf, one),
        status=422 if said.refused else 200,
    )


def _fields(lang: str, draft: Draft, kept: Account | None, said: Said) -> Markup:
    """What an administrator says of an account; the name to sign in with is chosen once."""
    roles = [(role, t(lang, ROLE_TITLES[role])) for role in ROLES]
    most = ("", t(lang, "The most that the role may have"))
    details = [most, *((detail, t(lang, DETAIL_TITLES[detail])) for detail in reversed(DETAILS))]
    tongues = [("", t(lang, "The browser's")), *((code, OWN_NAMES.get(code, code)) for code in languages())]

    def typed(label: str, name: str, value: str | None, hint: str | None = None, most: int = 200, **more: Any) -> Markup:
        return field(label, name, hint=hint, error=said.error(name), value=value or "", maxlength=most, autocomplete="off", **more)

    def chosen(label: str, name: str, options: list[tuple[str, str]], value: str | None) -> Markup:
        return choice(label, name, options, value or "", error=said.error(name))

    name_hint = t(lang, "Letters, digits, and . - _ @ + between them; it stays as it is.")
    name = typed(t(lang, "Name to sign in with"), "name", draft.name, name_hint, 64, autocapitalize="none", required=True)
    area_hint = t(lang, "Code of any area or functional zone; * is everywhere.")
    return tag(
        "div",
        None if kept else name,
        typed(t(lang, "Name on the page"), "shown", draft.shown, most=100),
        chosen(t(lang, "Role"), "role", roles, draft.role or "grid_worker"),
        chosen(t(lang, "Level of detail"), "detail", details, draft.detail),
        typed(t(lang, "Area"), "scope", draft.scope, area_hint, required=True),
        typed(t(lang, "Figures may be compared in"), "figures", draft.figures, t(lang, "Empty: in the same area only.")),
        chosen(t(lang, "Language"), "lang", tongues, draft.lang),
        typed(t(lang, "Name at the identity provider"), "subject", draft.oidc_subject, t(lang, "Empty: none.")),
        class_="fields",
    )


def _ways_in(lang: str, csrf: str, shown: Shown) -> Markup:
    """Password, second factor, sessions; for one's own account there is a page that asks for the password."""
    one, address = shown.account, f"/accounts/{shown.account.id}"

    def row(title: str, state: Content, hint: str | None, act: Markup | None) -> Markup:
        told = tag("span", hint, class_="hint") if hint else None
        return tag("div", tag("div", tag("b", title), tag("span", state, class_="hint"), told), act, class_="row")

    def act(path: str, title: str) -> Markup:
        return form(f"{address}/{path}", csrf, button(title, "second small"))

    password = [t(lang, "set"), " ", ago(lang, one.password_at)] if one.password_hash else t(lang, "none yet")
    link = act("link", t(lang, "Make a link to choose a password")) if one.enabled and not shown.own else None
    asked_too = t(lang, "With the link alone nobody gets in: it asks for the second factor, too.") if link and one.totp_secret else None
    off = act("second-factor/off", t(lang, "Take the second factor away")) if one.totp_secret and not shown.own else None
    lost = t(lang, "For a lost phone. All sessions end, and the owner is told at the next sign-in.") if off else None
    out = act("sessions/end-all", t(lang, "Sign out everywhere")) if shown.sessions else None
    rows = [
        row(t(lang, "Password"), password, asked_too, link),
        row(t(lang, "Second factor"), _factor_state(lang, one), lost, off),
        row(t(lang, "Sessions"), t(lang, "{n} open", n=shown.sessions), None, out),
    ]
    own = tag("p", t(lang, "This is your own account: “My account” changes its password and second factor."), class_="muted")
    return section(t(lang, "Ways in"), own if shown.own else None, tag("div", rows, class_="rows ways"))


def _factor_state(lang: str, one: Account) -> str:
    if one.totp_secret:
        return t(lang, "on")
    return t(lang, "has to be set up at the next sign-in") if lacking(one) else t(lang, "off")


def _end(lang: str, csrf: str, one: Account) -> Markup:
    if one.enabled:
        how = t(lang, "A closed account opens nothing: its sessions end and its tokens are withdrawn. What it did stays in the audit log.")
        act = form(f"/accounts/{one.id}/disable", csrf, tag("div", button(t(lang, "Close the account"), "danger small"), class_="actions"))
    else:
        how = t(lang, "This account is closed.")
        act = form(f"/accounts/{one.id}/enable", csrf, tag("div", button(t(lang, "Open it again"), "second small"), class_="actions"))
    return section(t(lang, "Close") if one.enabled else t(lang, "Closed"), tag("p", how, class_="muted"), act)
