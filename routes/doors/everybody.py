"""The administrator's pages: the list of accounts, and one account."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import HTMLResponse

from data.accounts.areas import Place
from data.accounts.model import Account, Draft
from data.i18n import languages, t
from data.rights import DETAILS, ROLES
from pages.corner import DETAIL_TITLES, ROLE_TITLES
from routes.doors.frame import OWN_NAMES, Look, column
from routes.doors.markup import Content, Markup, tag
from routes.doors.own import NOTHING, Said, place_name, shown_once, tokens_section
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
    new = form("/accounts", csrf, _fields(lang, draft, None), tag("div", button(t(lang, "Add the account"), "small"), class_="actions"))
    more = tag("details", tag("summary", t(lang, "Add an account")), new, open=said.refused is not None)
    note = t(lang, "{n} in all", n=len(accounts))
    shown = section(t(lang, "Who may sign in"), more, table, note=note)
    return column(look, t(lang, "Accounts"), good(said.done), wrong(said.refused), shown, status=422 if said.refused else 200)


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
    if one.oidc_subject:
        chips.append(tag("span", t(lang, "identity provider"), class_="chip"))
    if one.must_change:
        chips.append(tag("span", t(lang, "has to change the password"), class_="chip"))
    if one.role != "wall" and not one.password_hash and not one.oidc_subject:
        chips.append(tag("span", t(lang, "no way to sign in yet"), class_="chip wrong"))
    return chips or [tag("span", t(lang, "open"), class_="chip")]


def one_page(
    look: Look, csrf: str, one: Account, places: Places, tokens: Sequence[Mapping[str, Any]], sessions: int, said: Said = NOTHING
) -> HTMLResponse:
    """One account: its rights, its ways in, and its end."""
    lang = look.lang
    address = f"/accounts/{one.id}"
    draft = Draft(one.name, one.shown, one.role, one.detail, one.scope, one.figures, one.lang, one.oidc_subject)
    rights = form(address, csrf, _fields(lang, draft, one), tag("div", button(t(lang, "Keep these rights"), "small"), class_="actions"))
    where = place_name(lang, one.scope, places.get(one.scope))
    return column(
        look,
        one.shown,
        good(said.done),
        wrong(said.refused),
        shown_once(lang, said.secret),
        section(t(lang, "Rights"), rights, note=f"{one.name} · {where}"),
        None if one.role == "wall" else _ways_in(lang, csrf, one, sessions),
        tokens_section(lang, csrf, tokens, address, device=one.role == "wall", own=False) if tokens or one.role == "wall" else None,
        _end(lang, csrf, one),
        status=422 if said.refused else 200,
    )


def _fields(lang: str, draft: Draft, kept: Account | None) -> Markup:
    """What an administrator says of an account; the name to sign in with is chosen once."""
    roles = [(role, t(lang, ROLE_TITLES[role])) for role in ROLES]
    details = [
        ("", t(lang, "The most that the role may have")),
        *((detail, t(lang, DETAIL_TITLES[detail])) for detail in reversed(DETAILS)),
    ]
    tongues = [("", t(lang, "The browser's")), *((code, OWN_NAMES.get(code, code)) for code in languages())]
    area_hint = t(lang, "Code of any area or functional zone; * is everywhere.")
    name = (
        None
        if kept
        else field(
            t(lang, "Name to sign in with"),
            "name",
            value=draft.name,
            autocapitalize="none",
            autocomplete="off",
            maxlength=64,
            required=True,
        )
    )
    return tag(
        "div",
        name,
        field(t(lang, "Name on the page"), "shown", value=draft.shown, maxlength=100, autocomplete="off"),
        choice(t(lang, "Role"), "role", roles, draft.role or "grid_worker"),
        field(t(lang, "Area"), "scope", value=draft.scope, hint=area_hint, maxlength=200, required=True),
        choice(t(lang, "Level of detail"), "detail", details, draft.detail or ""),
        field(
            t(lang, "Figures may be compared in"),
            "figures",
            value=draft.figures or "",
            hint=t(lang, "Empty: in the same area only."),
            maxlength=200,
        ),
        choice(t(lang, "Language"), "lang", tongues, draft.lang or ""),
        field(
            t(lang, "Name at the identity provider"), "subject", value=draft.oidc_subject or "", hint=t(lang, "Empty: none."), maxlength=200
        ),
        class_="fields",
    )


def _ways_in(lang: str, csrf: str, one: Account, sessions: int) -> Markup:
    address = f"/accounts/{one.id}"
    password = [t(lang, "set"), " ", ago(lang, one.password_at)] if one.password_hash else t(lang, "none yet")
    link = form(f"{address}/link", csrf, button(t(lang, "Make a link to choose a password"), "second small"))
    factor = (
        form(f"{address}/second-factor/off", csrf, button(t(lang, "Turn off the second factor"), "second small"))
        if one.totp_secret
        else None
    )
    out = form(f"{address}/sessions/end-all", csrf, button(t(lang, "Sign out everywhere"), "second small")) if sessions else None
    rows = [
        tag("div", tag("div", tag("b", t(lang, "Password")), tag("span", password, class_="hint")), link, class_="row")
        if one.enabled
        else None,
        tag(
            "div",
            tag(
                "div", tag("b", t(lang, "Second factor")), tag("span", t(lang, "on") if one.totp_secret else t(lang, "off"), class_="hint")
            ),
            factor,
            class_="row",
        ),
        tag(
            "div", tag("div", tag("b", t(lang, "Sessions")), tag("span", t(lang, "{n} open", n=sessions), class_="hint")), out, class_="row"
        ),
    ]
    return section(t(lang, "Ways in"), tag("div", rows, class_="rows"))


def _end(lang: str, csrf: str, one: Account) -> Markup:
    if one.enabled:
        how = t(lang, "A closed account opens nothing: its sessions end and its tokens are withdrawn. What it did stays in the audit log.")
        act = form(f"/accounts/{one.id}/disable", csrf, tag("div", button(t(lang, "Close the account"), "danger small"), class_="actions"))
    else:
        how = t(lang, "This account is closed.")
        act = form(f"/accounts/{one.id}/enable", csrf, tag("div", button(t(lang, "Open it again"), "second small"), class_="actions"))
    return section(t(lang, "Close") if one.enabled else t(lang, "Closed"), tag("p", how, class_="muted"), act)
