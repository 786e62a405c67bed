"""The pages at the door: signing in, the second factor, choosing a password, signing out."""

from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse

from data.accounts.model import Account
from data.accounts.second_factor import Proof
from data.core.i18n import t
from routes.doors.frame import Look, card
from routes.doors.markup import Markup, tag
from routes.doors.said import NOTHING, Said
from routes.doors.words import button, field, form, good, hidden, new_password, wrong

AFTER_LINK = "/signin?set=password"
"""Address of the sign-in page for who has just chosen a password with a link."""


def sign_in(
    look: Look, csrf: str, target: str, *, failed: bool = False, provider: str | None = None, first: bool = False, chosen: bool = False
) -> HTMLResponse:
    """Name and password, and the way to the city's identity provider.

    Args:
        look: how the page is to be shown.
        csrf: token for its form.
        target: address on this server to open afterwards.
        failed: whether a try has just failed.
        provider: what the identity provider is called; ``None`` where there is none.
        first: whether nobody can sign in yet.
        chosen: whether a password was chosen just now.
    """
    lang = look.lang
    if first:
        how = t(lang, "Nobody can sign in yet. Open the one-time address that “./gridwell up” prints, and become the administrator.")
        return card(look, t(lang, "Sign in to Gridwell"), tag("p", how, class_="notice"))
    sentence = t(lang, "Name and password do not fit. After several tries in a row, wait some minutes before the next.") if failed else None
    fields = form(
        "/signin",
        csrf,
        hidden("next", target),
        field(
            t(lang, "Name"),
            "name",
            autocomplete="username",
            autocapitalize="none",
            spellcheck="false",
            maxlength=64,
            required=True,
            autofocus=True,
        ),
        field(t(lang, "Password"), "password", type="password", autocomplete="current-password", maxlength=128, required=True),
        button(t(lang, "Sign in")),
    )
    done = good(t(lang, "Your password is set. Sign in with it.")) if chosen else None
    ways = (fields, _provider(look, target, provider))
    return card(look, t(lang, "Sign in to Gridwell"), done, wrong(sentence), *ways, status=401 if failed else 200)


def _provider(look: Look, target: str, provider: str | None) -> list[Markup] | None:
    if provider is None:
        return None
    text = t(look.lang, "Continue with {provider}", provider=provider)
    way = tag("a", text, href=f"/signin/provider?next={quote(target, safe='')}", class_="button second")
    return [tag("div", t(look.lang, "or"), class_="or"), way]


def second_factor(look: Look, csrf: str, target: str, failed: Proof | None = None) -> HTMLResponse:
    """Six digits, or a recovery code; ``failed`` is what did not fit."""
    lang = look.lang
    sentence = t(lang, "That code does not fit. Each code opens once; wait for the next one on your phone.") if failed == "code" else None
    fields = form(
        "/signin/code", csrf, hidden("next", target), code_field(lang, sentence, failed != "recovery"), button(t(lang, "Continue"))
    )
    how = tag("p", t(lang, "Enter the six digits that your authenticator app shows for Gridwell."), class_="muted")
    without = _recovery(lang, csrf, target, failed == "recovery")
    return card(look, t(lang, "Second factor"), how, fields, without, somebody_else(lang, csrf), status=401 if failed else 200)


def _recovery(lang: str, csrf: str, target: str, failed: bool) -> Markup:
    sentence = t(lang, "That is none of your recovery codes, or it was used already.") if failed else None
    hint = t(lang, "One of the ten that you kept when you set it up. If you have none left, ask your administrator.")
    known: dict[str, Any] = {"autocomplete": "off", "autocapitalize": "none", "maxlength": 40, "required": True}
    typed = field(t(lang, "Recovery code"), "recovery", hint=hint, error=sentence, **known)
    asked = form("/signin/code", csrf, hidden("next", target), typed, button(t(lang, "Continue")))
    return tag("details", tag("summary", t(lang, "No phone at hand?")), asked, open=failed)


def code_field(lang: str, error: str | None = None, here: bool = True) -> Markup:
    """The field for six digits; browsers and telephones fill it in by themselves. ``here`` says whether one begins to type there."""
    attributes: dict[str, Any] = {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "pattern": "[0-9 ]{6,7}",
        "maxlength": 7,
        "class_": "one-time",
    }
    return field(t(lang, "Code"), "code", error=error, **{"required": True, "autofocus": here, **attributes})


def change_password(look: Look, csrf: str, target: str, refusal: str | None = None) -> HTMLResponse:
    """A new password, before anything else is shown."""
    lang = look.lang
    how = tag("p", t(lang, "Your password was set by somebody else. Choose one of your own before you go on."), class_="muted")
    fields = form(
        "/signin/password", csrf, hidden("next", target), new_password(lang, error=refusal), button(t(lang, "Keep this password"))
    )
    return card(look, t(lang, "Choose a password"), how, fields, somebody_else(lang, csrf), status=422 if refusal else 200)


def sign_out(look: Look, csrf: str, who: str) -> HTMLResponse:
    """A question, because a link that somebody else sent must not sign anybody out."""
    lang = look.lang
    how = tag("p", t(lang, "You are signed in as {name}.", name=who), class_="muted")
    back = tag("a", t(lang, "Back to the map"), href="/", class_="button second")
    return card(look, t(lang, "Sign out?"), how, form("/signout", csrf, button(t(lang, "Sign out"), autofocus=True)), back)


def link_is_old(look: Look) -> HTMLResponse:
    """A one-time link that opens nothing any more."""
    lang = look.lang
    sentence = t(lang, "This address was used already, or is too old. Ask your administrator for a new one.")
    way = tag("a", t(lang, "To the sign-in page"), href="/signin", class_="button second")
    return card(look, t(lang, "This address is used up"), wrong(sentence), way, status=410)


def choose_password(look: Look, csrf: str, key: str, own: Account, said: Said = NOTHING) -> HTMLResponse:
    """A new password, with a one-time link; where there is a second factor, that is asked for, too."""
    lang = look.lang
    how = tag("p", t(lang, "For the account “{name}”. All its sessions end, and its tokens are withdrawn.", name=own.name), class_="muted")
    name = tag("input", type="text", name="name", value=own.name, autocomplete="username", readonly=True, hidden=True)
    hint = t(lang, "Of your authenticator app, or a recovery code: the link alone does not do.")
    typed: dict[str, Any] = {"autocomplete": "one-time-code", "autocapitalize": "none", "maxlength": 40, "required": True}
    proof = field(t(lang, "Code"), "code", hint=hint, error=said.error("code"), **typed) if own.totp_secret else None
    chosen = new_password(lang, error=said.error("password"))
    fields = form("/reset", csrf, hidden("key", key), name, chosen, proof, button(t(lang, "Keep this password")))
    return card(look, t(lang, "Choose a password"), how, fields, status=422 if said.refused else 200)


def first(look: Look, csrf: str, key: str, name: str = "", said: Said = NOTHING) -> HTMLResponse:
    """The first administrator."""
    lang = look.lang
    how = t(
        lang, "You become the first administrator: you look after accounts and rights. Nothing here has a password that was set before."
    )
    typed: dict[str, Any] = {"value": name, "autocomplete": "username", "autocapitalize": "none", "maxlength": 64, "required": True}
    typed["autofocus"] = said.at != "password"
    fields = form(
        "/first",
        csrf,
        hidden("key", key),
        field(t(lang, "Name"), "name", error=said.error("name"), **typed),
        new_password(lang, error=said.error("password")),
        button(t(lang, "Become the administrator")),
    )
    return card(
        look, t(lang, "Welcome to Gridwell"), wrong(said.above), tag("p", how, class_="muted"), fields, status=422 if said.refused else 200
    )


def unknown_identity(look: Look, provider: str, subject: str | None) -> HTMLResponse:
    """Somebody whom the identity provider knows, and no account here is linked to."""
    lang = look.lang
    sentence = t(lang, "{provider} knows you, but no account here is linked to you.", provider=provider)
    told = t(lang, "Tell your administrator this name: {subject}", subject=subject) if subject else None
    way = tag("a", t(lang, "To the sign-in page"), href="/signin", class_="button second")
    return card(look, t(lang, "No account yet"), wrong(sentence), tag("p", told, class_="code") if told else None, way, status=403)


def somebody_else(lang: str, csrf: str) -> Markup:
    """The way out for who is not through yet."""
    return form("/signout", csrf, button(t(lang, "Sign in as somebody else"), "second"))
