"""The administrator's pages: the list of accounts, and one account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse

from data.accounts.areas import AreaName
from data.accounts.delegation import BeyondOwnArea
from data.accounts.model import Account, Draft
from data.accounts.second_factor import is_missing
from data.core.i18n import languages, t, tell
from data.core.roles import DETAILS, EVERYWHERE, ROLES
from pages.viewer_menu import DETAIL_TITLES, ROLE_TITLES
from routes.doors.frame import OWN_NAMES, Look, column
from routes.doors.history import Rows
from routes.doors.markup import Content, Markup, tag
from routes.doors.own import place_name, shown_once, tokens_section, tokens_too
from routes.doors.said import NOTHING, Said
from routes.doors.words import ago, button, choice, field, form, good, pairs, section, wrong

Places = Mapping[str, AreaName]


@dataclass(frozen=True, slots=True)
class Limits:
    """What whoever looks may give.

    Attributes:
        own: their account, which holds all that they may give.
        places: its areas, and those of the accounts that the page shows.
    """

    own: Account
    places: Places

    def named(self, lang: str, code: str) -> str:
        """An area in words."""
        return place_name(lang, code, self.places.get(code))


def list_page(look: Look, csrf: str, accounts: Sequence[Account], limits: Limits, draft: Draft, said: Said = NOTHING) -> HTMLResponse:
    """All accounts, and a form for another one, filled with what was typed when it was refused."""
    lang = look.lang
    heads = (t(lang, "Account"), t(lang, "Role"), t(lang, "Area"), t(lang, "Level of detail"), t(lang, "State"))
    table = tag(
        "table",
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [_row(lang, one, limits) for one in accounts]),
    )
    add = tag("div", button(t(lang, "Add the account"), "small"), class_="actions")
    new = form("/accounts", csrf, _fields(lang, draft, None, limits, said), add)
    more = tag("details", tag("summary", t(lang, "Add an account")), new, open=said.refused is not None)
    note = t(lang, "{n} in all", n=len(accounts))
    shown = section(t(lang, "Who may sign in"), more, table, note=note)
    return column(look, t(lang, "Accounts"), good(said.done), wrong(said.above), shown, status=422 if said.refused else 200)


def _row(lang: str, one: Account, limits: Limits) -> Markup:
    name = tag("a", tag("b", one.shown), href=f"/accounts/{one.id}")
    cells: list[Content] = [
        [name, tag("span", one.name, class_="hint")],
        t(lang, ROLE_TITLES.get(one.role, one.role)),
        limits.named(lang, one.scope),
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
    if is_missing(one):
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
        limits: what whoever looks may give.
        tokens: that are not withdrawn.
        sessions: how many are open.
    """

    account: Account
    limits: Limits
    tokens: Rows
    sessions: int

    @property
    def own(self) -> bool:
        """Whether it is that of whoever looks."""
        return self.account.id == self.limits.own.id


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
            form(address, csrf, _fields(lang, draft, one, shown.limits, said), keep),
            note=f"{one.name} · {shown.limits.named(lang, one.scope)}",
        ),
        None if wall else _ways_in(lang, csrf, shown),
        tokens_section(lang, csrf, shown.tokens, address, said, device=wall) if shown.tokens or wall else None,
        _end(lang, csrf, one),
        status=422 if said.refused else 200,
    )


def beyond_page(look: Look, one: Account, limits: Limits) -> HTMLResponse:
    """An account that sees more than that of whoever looks: nothing can be done to it here."""
    lang = look.lang
    facts = (
        (t(lang, "Name to sign in with"), one.name),
        (t(lang, "Role"), t(lang, ROLE_TITLES.get(one.role, one.role))),
        (t(lang, "Area"), limits.named(lang, one.scope)),
        (t(lang, "Figures may be compared in"), limits.named(lang, one.figures or one.scope)),
    )
    why = tag("p", tell(lang, BeyondOwnArea(name=one.shown)))
    return column(look, one.shown, section(t(lang, "Rights"), pairs(*facts), why))


def _fields(lang: str, draft: Draft, kept: Account | None, limits: Limits, said: Said) -> Markup:
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
    area_hint, figures_hint = _area_hints(lang, limits)
    return tag(
        "div",
        None if kept else name,
        typed(t(lang, "Name on the page"), "shown", draft.shown, most=100),
        chosen(t(lang, "Role"), "role", roles, draft.role or "grid_worker"),
        chosen(t(lang, "Level of detail"), "detail", details, draft.detail),
        typed(t(lang, "Area"), "scope", draft.scope, area_hint, required=True),
        typed(t(lang, "Figures may be compared in"), "figures", draft.figures, figures_hint),
        chosen(t(lang, "Language"), "lang", tongues, draft.lang),
        typed(t(lang, "Name at the identity provider"), "subject", draft.oidc_subject, t(lang, "Empty: none.")),
        class_="fields",
    )


def _area_hints(lang: str, limits: Limits) -> tuple[str, str]:
    """What may be typed for the area and for the figures: nobody gives more than they have."""
    area, figures = limits.own.scope, limits.own.figures or limits.own.scope
    scope_hint = t(lang, "Code of any area or functional zone; * is everywhere.")
    figures_hint = t(lang, "Empty: in the same area only.")
    if area != EVERYWHERE:
        named = limits.named(lang, area)
        scope_hint = t(lang, "Code of an area inside that of your own account, {area}: nobody gives more than they have.", area=named)
    if figures != EVERYWHERE:
        named = limits.named(lang, figures)
        figures_hint = t(lang, "Empty: in the same area only. At most {area}, as in your own account.", area=named)
    return scope_hint, figures_hint


def _ways_in(lang: str, csrf: str, shown: Shown) -> Markup:
    """Password, second factor, sessions; for one's own account there is a page that asks for the password."""
    one, address = shown.account, f"/accounts/{shown.account.id}"

    def row(title: str, state: Content, hint: str | None, act: Markup | None) -> Markup:
        told = tag("span", hint, class_="hint") if hint else None
        return tag("div", tag("div", tag("b", title), tag("span", state, class_="hint"), told), act, class_="row")

    def act(path: str, title: str, more: Markup | None = None) -> Markup:
        return form(f"{address}/{path}", csrf, more, button(title, "second small"))

    password = [t(lang, "set"), " ", ago(lang, one.password_at)] if one.password_hash else t(lang, "none yet")
    link = act("link", t(lang, "Make a link to choose a password")) if one.enabled and not shown.own else None
    asked_too = t(lang, "With the link alone nobody gets in: it asks for the second factor, too.") if link and one.totp_secret else None
    off = act("second-factor/off", t(lang, "Take the second factor away")) if one.totp_secret and not shown.own else None
    lost = t(lang, "For a lost phone. All sessions end, and the owner is told at the next sign-in.") if off else None
    too = tokens_too(lang, len(shown.tokens))
    out = act("sessions/end-all", t(lang, "Sign out everywhere"), too) if shown.sessions or shown.tokens else None
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
    return t(lang, "has to be set up at the next sign-in") if is_missing(one) else t(lang, "off")


def _end(lang: str, csrf: str, one: Account) -> Markup:
    if one.enabled:
        how = t(lang, "A closed account opens nothing: its sessions end and its tokens are withdrawn. What it did stays in the audit log.")
        act = form(f"/accounts/{one.id}/disable", csrf, tag("div", button(t(lang, "Close the account"), "danger small"), class_="actions"))
    else:
        how = t(lang, "This account is closed.")
        act = form(f"/accounts/{one.id}/enable", csrf, tag("div", button(t(lang, "Open it again"), "second small"), class_="actions"))
    return section(t(lang, "Close") if one.enabled else t(lang, "Closed"), tag("p", how, class_="muted"), act)
