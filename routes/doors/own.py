"""The page of one's own account: who one is here, the second factor, open sessions, tokens for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import segno
from starlette.responses import HTMLResponse

from data.accounts import totp
from data.accounts.areas import Place
from data.accounts.model import Account
from data.i18n import t
from data.rights import EVERYWHERE
from pages.corner import DETAIL_TITLES, ROLE_TITLES
from routes.doors.enter import code_field
from routes.doors.frame import Look, column
from routes.doors.markup import Markup, tag
from routes.doors.words import agent_name, ago, button, field, form, good, hidden, new_password, pairs, section, wrong


@dataclass(frozen=True, slots=True)
class Said:
    """What the page has to say about what was just done.

    Attributes:
        done: a sentence about what was done.
        refused: one about what was not.
        secret: a token or address that is shown this once.
    """

    done: str | None = None
    refused: str | None = None
    secret: str | None = None


NOTHING = Said()


def place_name(lang: str, code: str, place: Place | None) -> str:
    """An area in words, with its code."""
    if code == EVERYWHERE:
        return t(lang, "Everywhere")
    if place is None:
        return t(lang, "{code} (not there any more)", code=code)
    return f"{place.name if lang == 'zh' else place.name_en or place.name} {code}"


def account_page(
    look: Look,
    csrf: str,
    own: Account,
    place: Place | None,
    sessions: Sequence[Mapping[str, Any]],
    tokens: Sequence[Mapping[str, Any]],
    here: bytes,
    said: Said = NOTHING,
) -> HTMLResponse:
    """The whole page; ``here`` is the hash of the session that looks at it."""
    lang = look.lang
    return column(
        look,
        t(lang, "My account"),
        good(said.done),
        wrong(said.refused),
        shown_once(lang, said.secret),
        _who(lang, own, place),
        _second_factor(lang, csrf, own) if own.password_hash else None,
        _sessions(lang, csrf, sessions, here),
        tokens_section(lang, csrf, tokens, "/account"),
        _password(lang, csrf, own.name) if own.password_hash else None,
        status=422 if said.refused else 200,
    )


def shown_once(lang: str, secret: str | None) -> Markup | None:
    """A secret that is shown now and never again."""
    if secret is None:
        return None
    how = t(lang, "Copy it now: it is shown this once, and kept nowhere.")
    return tag("div", tag("b", how), tag("span", secret, class_="code"), class_="notice secret", role="status")


def _who(lang: str, own: Account, place: Place | None) -> Markup:
    facts = (
        (t(lang, "Name to sign in with"), own.name),
        (t(lang, "Role"), t(lang, ROLE_TITLES.get(own.role, own.role))),
        (t(lang, "Area"), place_name(lang, own.scope, place)),
        (t(lang, "Level of detail"), t(lang, DETAIL_TITLES[own.detail])),
    )
    note = t(lang, "Your administrator can change role, area and level of detail.")
    return section(own.shown, pairs(*facts), tag("p", note, class_="hint"))


def _second_factor(lang: str, csrf: str, own: Account) -> Markup:
    if own.totp_secret:
        state = tag("span", t(lang, "on"), class_="chip good")
        how = t(lang, "At every sign-in you are asked for a code of your authenticator app besides the password.")
        off = form(
            "/account/second-factor/off",
            csrf,
            _own_password(lang, own.name),
            tag("div", button(t(lang, "Turn off"), "danger small"), class_="actions"),
        )
        more: Markup = tag("details", tag("summary", t(lang, "Turn off the second factor")), off)
    else:
        state = tag("span", t(lang, "off"), class_="chip")
        how = t(lang, "A code of an app on your phone besides the password: whoever learns your password still cannot get in.")
        more = tag("div", tag("a", t(lang, "Set up"), href="/account/second-factor", class_="button small"), class_="actions")
    head = tag("div", tag("h2", t(lang, "Second factor")), state, class_="section-head")
    return tag("section", head, tag("p", how, class_="muted"), more)


def enrolment(look: Look, csrf: str, secret: str, sealed: str, name: str, refused: str | None = None) -> HTMLResponse:
    """Scan, then prove it with a code.

    Args:
        look: how the page is to be shown.
        csrf: token for its form.
        secret: the new secret, base32.
        sealed: the same encrypted for the way through the form, so that nothing is kept before it is proven.
        name: of the account.
        refused: what was wrong with the last try.
    """
    lang = look.lang
    drawn = BytesIO()
    segno.make(totp.address(secret, name), error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=0)
    picture = tag("div", Markup(drawn.getvalue().decode()), class_="qr", role="img", aria_label=t(lang, "QR code"))
    by_hand = tag("p", t(lang, "Without a camera, type this key:"), " ", tag("code", totp.spaced(secret)), class_="hint")
    fields = form(
        "/account/second-factor", csrf, hidden("sealed", sealed), code_field(lang), tag("div", button(t(lang, "Turn on")), class_="actions")
    )
    steps = tag(
        "div", tag("p", t(lang, "Scan this with an authenticator app, then enter the code that it shows.")), by_hand, class_="field"
    )
    return column(
        look,
        t(lang, "Set up the second factor"),
        wrong(refused),
        tag("section", tag("div", picture, tag("div", steps, fields, class_="steps"), class_="enrol")),
        status=422 if refused else 200,
    )


def _sessions(lang: str, csrf: str, sessions: Sequence[Mapping[str, Any]], here: bytes) -> Markup:
    rows = [_session(lang, csrf, one, one["hash"] == here) for one in sessions]
    everywhere = form(
        "/account/sessions/end-all", csrf, tag("div", button(t(lang, "Sign out everywhere else"), "second small"), class_="actions")
    )
    many = t(lang, "{n} open", n=len(sessions))
    return section(t(lang, "Sessions"), tag("div", rows, class_="rows"), everywhere if len(sessions) > 1 else None, note=many)


def _session(lang: str, csrf: str, one: Mapping[str, Any], is_here: bool) -> Markup:
    mark = tag("span", t(lang, "this one"), class_="chip here") if is_here else None
    seen = tag("span", one["address"] or "", " · ", t(lang, "last used"), " ", ago(lang, one["seen_at"]), class_="hint")
    end = form("/account/sessions/end", csrf, hidden("session", one["hash"].hex()), button(t(lang, "End"), "second small"))
    return tag("div", tag("div", tag("b", agent_name(one["agent"])), " ", mark, seen), None if is_here else end, class_="row")


def tokens_section(
    lang: str, csrf: str, tokens: Sequence[Mapping[str, Any]], address: str, device: bool = False, own: bool = True
) -> Markup:
    """Tokens with a way to withdraw each, and a form for a new one; of oneself, or of a wall display.

    Args:
        lang: language of the words.
        csrf: token for its forms.
        tokens: rows of ``data.accounts.tokens.listed``.
        address: of the page: its forms go below it.
        device: whether they are a display's.
        own: whether more may be made here; somebody else's tokens can only be withdrawn.
    """
    title = t(lang, "Displays") if device else t(lang, "Tokens for programs")
    how = (
        t(lang, "Each display opens an address of its own once, and shows figures until its token is withdrawn.")
        if device
        else t(lang, "A program sends a token as “Authorization: Bearer …” and sees what its owner sees, until it expires or is withdrawn.")
    )
    rows = [_token(lang, csrf, one, address) for one in tokens]
    new = form(
        f"{address}/tokens",
        csrf,
        tag(
            "div",
            field(t(lang, "What it is for"), "token_name", maxlength=100, required=True),
            field(t(lang, "Days it is good for"), "days", type="number", value=366 if device else 90, min=1, max=366, required=True),
            class_="fields",
        ),
        tag("div", button(t(lang, "Make a token"), "second small"), class_="actions"),
    )
    return section(title, tag("p", how, class_="muted"), tag("div", rows, class_="rows") if rows else None, new if own or device else None)


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


def _password(lang: str, csrf: str, who: str) -> Markup:
    fields = form(
        "/account/password",
        csrf,
        tag("div", _own_password(lang, who, "old"), new_password(lang, "new"), class_="fields"),
        tag("p", t(lang, "All your sessions end, but for this one."), class_="hint"),
        tag("div", button(t(lang, "Change the password"), "second small"), class_="actions"),
    )
    return section(t(lang, "Password"), fields)


def _own_password(lang: str, who: str, name: str = "password") -> list[Markup]:
    """The field for the password one has, after the name that it belongs to: password keepers look for both."""
    user = tag("input", type="text", value=who, autocomplete="username", readonly=True, hidden=True)
    known: dict[str, Any] = {"type": "password", "autocomplete": "current-password", "maxlength": 128, "required": True}
    return [user, field(t(lang, "Your password now"), name, **known)]
