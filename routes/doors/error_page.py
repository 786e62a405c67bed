"""Pieces that several pages share: fields, buttons, notices, and the page that says what is wrong."""

from datetime import UTC, datetime
from typing import Any

from babel.dates import format_datetime, format_timedelta
from starlette.responses import HTMLResponse

from data.core.errors import GridwellError, NotOpen, SignInNeeded
from data.core.i18n import t, tell
from routes.doors.frame import Look, card
from routes.doors.markup import Content, Markup, tag
from routes.shared.csrf import FIELD


def form(action: str, csrf: str, *content: Content, **attributes: object) -> Markup:
    """A form that is sent by POST, with the token that shows it is ours."""
    return tag("form", hidden(FIELD, csrf), *content, method="post", action=action, **attributes)


def hidden(name: str, value: str) -> Markup:
    """A field that nobody sees."""
    return tag("input", type="hidden", name=name, value=value)


def field(
    label: str, name: str, *, hint: str | None = None, error: str | None = None, id_: str | None = None, **attributes: object
) -> Markup:
    """A labelled field; further attributes are the input's.

    Args:
        label: what it is for.
        name: of the value in the form.
        hint: a line below it.
        error: what was wrong with what was typed; the field is gone to.
        id_: where the page has several fields of that name.
        attributes: of the input.
    """
    own = id_ or name
    shown = {"type": "text", "id": own, "name": name, **_described(own, hint, error), **attributes}
    return tag("div", tag("label", label, for_=own), tag("input", **shown), *_below(own, hint, error), class_="field")


def new_password(lang: str, name: str = "password", error: str | None = None) -> Markup:
    """The field for a password that is being chosen."""
    hint = t(lang, "12 characters or more. A short sentence is easy to keep in mind.")
    known: dict[str, Any] = {"type": "password", "autocomplete": "new-password", "minlength": 12, "maxlength": 128, "required": True}
    return field(t(lang, "New password"), name, hint=hint, error=error, **known)


def own_password(lang: str, who: str, name: str = "password", id_: str | None = None, error: str | None = None) -> list[Markup]:
    """The field for the password one has, after the name that it belongs to: password keepers look for both."""
    user = tag("input", type="text", value=who, autocomplete="username", readonly=True, hidden=True)
    known: dict[str, Any] = {"type": "password", "autocomplete": "current-password", "maxlength": 128, "required": True}
    return [user, field(t(lang, "Your password now"), name, id_=id_, error=error, **known)]


def choice(label: str, name: str, options: list[tuple[str, str]], chosen: str, error: str | None = None) -> Markup:
    """A labelled list of (value, text) to choose one from."""
    listed = [tag("option", text, value=value, selected=value == chosen) for value, text in options]
    box = tag("select", *listed, id=name, name=name, **_described(name, None, error))
    return tag("div", tag("label", label, for_=name), box, *_below(name, None, error), class_="field")


def _described(id_: str, hint: str | None, error: str | None) -> dict[str, object]:
    below = [f"{id_}-{kind}" for kind, text in (("error", error), ("hint", hint)) if text]
    wrong = {"aria_invalid": "true", "autofocus": True} if error else {}
    return {"aria_describedby": " ".join(below) or None, **wrong}


def _below(id_: str, hint: str | None, error: str | None) -> list[Markup]:
    told = [tag("p", error, class_="error", id=f"{id_}-error", role="alert")] if error else []
    return [*told, *([tag("p", hint, class_="hint", id=f"{id_}-hint")] if hint else [])]


def button(text: str, kind: str = "", **attributes: object) -> Markup:
    """A button that sends its form."""
    return tag("button", text, type="submit", class_=kind or None, **attributes)


def wrong(sentence: str | None) -> Markup | None:
    """What is wrong, told at once also to who cannot see it."""
    return tag("p", sentence, class_="notice wrong", role="alert") if sentence else None


def good(sentence: str | None) -> Markup | None:
    """What has been done."""
    return tag("p", sentence, class_="notice good", role="status") if sentence else None


def section(title: str, *content: Content, note: str | None = None, **attributes: object) -> Markup:
    """A section of a page, with what is to be said at the right of its title."""
    head = tag("div", tag("h2", title), tag("span", note, class_="muted") if note else None, class_="section-head")
    return tag("section", head, *content, **attributes)


def pairs(*facts: tuple[str, Content]) -> Markup:
    """Facts with their names."""
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts], class_="pairs")


def ago(lang: str, moment: datetime | None) -> Markup:
    """How long ago, or how soon, something is; with the moment itself on hover."""
    if moment is None:
        return tag("span", t(lang, "never"))
    delta = moment - datetime.now(UTC)
    text = format_timedelta(delta, add_direction=True, locale=lang) if abs(delta.total_seconds()) >= 60 else t(lang, "just now")
    return tag(
        "time", text, datetime=moment.isoformat(timespec="seconds"), title=format_datetime(moment, "yyyy-MM-dd HH:mm 'UTC'", tzinfo=UTC)
    )


def told(look: Look, error: GridwellError) -> HTMLResponse:
    """A page that says what is wrong, and offers one way on."""
    lang = look.lang
    if isinstance(error, SignInNeeded):
        title, way = t(lang, "Sign in"), tag("a", t(lang, "Sign in"), href="/signin", class_="button")
    elif isinstance(error, NotOpen):
        title, way = t(lang, "Not open to you"), tag("a", t(lang, "To the map"), href="/", class_="button")
    elif error.status == 503:
        title, way = t(lang, "One moment"), tag("a", t(lang, "Try again"), href=look.address, class_="button")
    elif look.who:
        title, way = t(lang, "That does not work"), tag("a", t(lang, "To the map"), href="/", class_="button second")
    else:
        title, way = t(lang, "That does not work"), tag("a", t(lang, "To the sign-in page"), href="/signin", class_="button second")
    return card(look, title, wrong(tell(lang, error)), way, status=error.status)


def agent_name(agent: str | None) -> str:
    """What a browser calls itself, in two words: ``Chrome · Windows``."""
    text = agent or ""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "MicroMessenger": "WeChat", "Chrome": "Chrome", "Safari": "Safari"}
    systems = {
        "HarmonyOS": "HarmonyOS",
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    found = [next((name for mark, name in table.items() if mark in text), "") for table in (browsers, systems)]
    return " · ".join(filter(None, found)) or text[:40] or "?"
