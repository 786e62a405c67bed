"""The second factor on pages: its section on one's own account, setting it up, and the recovery codes that are shown once."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import segno
from starlette.responses import HTMLResponse

from data.accounts import recovery, totp
from data.accounts.model import Account
from data.core.i18n import t
from routes.doors.enter import code_field, somebody_else
from routes.doors.frame import Look, card, column
from routes.doors.markup import Markup, tag
from routes.doors.said import NOTHING, Said
from routes.doors.words import button, form, good, hidden, own_password

SET_UP, SET_UP_FIRST = "/account/second-factor", "/signin/second-factor"
"""Where it is set up by whoever wants one, and by whoever must have one before anything else opens."""
FEW = 2
"""Recovery codes that are left when it is time for new ones."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor that is not proven yet.

    Attributes:
        secret: base32.
        sealed: the same encrypted, for the way through the form: nothing is kept before it is proven.
        name: of the account.
        by_password: whether the account has a password to ask for.
        target: address to open afterwards where nothing opens before; ``None`` for whoever sets it up of their own accord.
    """

    secret: str
    sealed: str
    name: str
    by_password: bool
    target: str | None = None


def section_of(lang: str, csrf: str, own: Account, left: int, must: bool, said: Said) -> Markup:
    """The section on one's own account: the state, ``left`` recovery codes, and the ways to change both."""
    on = own.totp_secret is not None
    state = tag("span", t(lang, "on") if on else t(lang, "off"), class_="chip good" if on else "chip")
    head = tag("div", tag("h2", t(lang, "Second factor")), state, class_="section-head")
    if not on:
        how = t(lang, "A code of an app on your phone besides the password: whoever learns your password still cannot get in.")
        way = tag("div", tag("a", t(lang, "Set up"), href=SET_UP, class_="button small"), class_="actions")
        return tag("section", head, tag("p", how, class_="muted"), way)
    how = t(lang, "At every sign-in you are asked for a code of your authenticator app besides the password.")
    many = t(lang, "{left} of {n} recovery codes are left.", left=left, n=recovery.MANY)
    some = tag("p", many, class_=None if left > FEW else "notice wrong")
    off = t(lang, "Move to another phone") if must else t(lang, "Turn off the second factor")
    sent = t(lang, "Set it up anew") if must else t(lang, "Turn off")
    anew = t(lang, "Make new recovery codes")
    return tag(
        "section",
        head,
        tag("p", how, class_="muted"),
        some,
        _asking(lang, csrf, own, anew, "/account/recovery-codes", "codes-password", button(anew, "second small"), said),
        _asking(lang, csrf, own, off, f"{SET_UP}/off", "off-password", button(sent, "danger small"), said),
    )


def _asking(lang: str, csrf: str, own: Account, title: str, action: str, id_: str, sent: Markup, said: Said) -> Markup:
    """A form that asks for the password once more, folded up until it is wanted."""
    asked = form(action, csrf, own_password(lang, own.name, id_=id_, error=said.error(id_)), tag("div", sent, class_="actions"))
    return tag("details", tag("summary", title), asked, open=said.error(id_) is not None)


def enrolment_page(look: Look, csrf: str, new: Enrolment, said: Said = NOTHING) -> HTMLResponse:
    """Scan, then prove it with a code, and oneself with the password."""
    lang, status = look.lang, 422 if said.refused else 200
    title, steps = t(lang, "Set up the second factor"), _steps(lang, csrf, new, said)
    if new.target is None:
        return column(look, title, tag("section", steps), status=status)
    why = t(lang, "Your role signs in with a second factor. Nothing opens before it is set up.")
    return card(look, title, tag("p", why, class_="muted"), steps, somebody_else(lang, csrf), status=status)


def _steps(lang: str, csrf: str, new: Enrolment, said: Said) -> Markup:
    drawn = BytesIO()
    segno.make(totp.provisioning_uri(new.secret, new.name), error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=0
    )
    picture = tag("div", Markup(drawn.getvalue().decode()), class_="qr", role="img", aria_label=t(lang, "QR code"))
    by_hand = tag("p", t(lang, "Without a camera, type this key:"), " ", tag("code", totp.group_by_four(new.secret)), class_="hint")
    how = tag("p", t(lang, "Scan this with an authenticator app, then enter the code that it shows."))
    fields = form(
        SET_UP if new.target is None else SET_UP_FIRST,
        csrf,
        hidden("sealed", new.sealed),
        hidden("next", new.target) if new.target else None,
        code_field(lang, said.error("code"), said.at != "password"),
        own_password(lang, new.name, error=said.error("password")) if new.by_password else None,
        tag("div", button(t(lang, "Turn on")), class_="actions"),
    )
    return tag("div", picture, tag("div", tag("div", how, by_hand, class_="field"), fields, class_="steps"), class_="enrol")


def codes_page(look: Look, codes: Sequence[str], name: str, target: str, *, on: bool = False, first: bool = False) -> HTMLResponse:
    """Recovery codes, this once, to be printed or copied.

    Args:
        look: how the page is to be shown.
        codes: as they are typed.
        name: of the account.
        by_password: whether the account has a password to ask for.
        target: address to open afterwards.
        on: whether the second factor has been turned on just now.
        first: whether nothing opened before, so that there is no bar to go on by.
    """
    lang = look.lang
    how = t(lang, "Without your phone, each of these opens once in place of a code. Print them or write them down, and lock them away.")
    done = good(t(lang, "The second factor is on.")) if on else None
    once = tag("p", t(lang, "They are shown this once, and kept nowhere."), class_="notice unprinted")
    listed = tag("ol", [tag("li", tag("code", code)) for code in codes], class_="codes")
    whose = tag("p", t(lang, "Gridwell, recovery codes of “{name}”", name=name), class_="hint")
    onwards = tag("a", t(lang, "I have kept them"), href=target, class_="button unprinted")
    title = t(lang, "Your recovery codes")
    if first:
        return card(look, title, done, once, tag("p", how, class_="muted"), whose, listed, onwards)
    inside = tag("section", tag("p", how, class_="muted"), whose, listed, tag("div", onwards, class_="actions"))
    return column(look, title, done, once, inside)
