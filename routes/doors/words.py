"""Pieces that several pages share: fields, buttons, notices, and the page that says what is wrong."""

from datetime import UTC, datetime

from babel.dates import format_datetime, format_timedelta
from starlette.responses import HTMLResponse

from data.errors import GridwellError, NotOpen, SignInNeeded
from data.i18n import t, tell
from routes.csrf import FIELD
from routes.doors.frame import Look, card
from routes.doors.markup import Content, Markup, tag


def form(action: str, csrf: str, *content: Content, **attributes: object) -> Markup:
    """A form that is sent by POST, with the token that shows it is ours."""
    return tag("form", hidden(FIELD, csrf), *content, method="post", action=action, **attributes)


def hidden(name: str, value: str) -> Markup:
    """A field that nobody sees."""
    return tag("input", type="hidden", name=name, value=value)


def field(label: str, name: str, *, hint: str | None = None, **attributes: object) -> Markup:
    """A labelled field; further attributes are the input's."""
    described = f"{name}-hint" if hint else None
    shown = {"type": "text", "id": name, "name": name, "aria_describedby": described, **attributes}
    return tag("div", tag("label", label, for_=name), tag("input", **shown), _hint(hint, described), class_="field")


def new_password(lang: str, name: str = "password") -> Markup:
    """The field for a password that is being chosen."""
    hint = t(lang, "12 characters or more. A short sentence is easy to keep in mind.")
    label = t(lang, "New password")
    return field(label, name, hint=hint, type="password", autocomplete="new-password", minlength=12, maxlength=128, required=True)


def choice(label: str, name: str, options: list[tuple[str, str]], chosen: str, hint: str | None = None) -> Markup:
    """A labelled list of (value, text) to choose one from."""
    described = f"{name}-hint" if hint else None
    listed = [tag("option", text, value=value, selected=value == chosen) for value, text in options]
    box = tag("select", *listed, id=name, name=name, aria_describedby=described)
    return tag("div", tag("label", label, for_=name), box, _hint(hint, described), class_="field")


def _hint(hint: str | None, id_: str | None) -> Markup | None:
    return tag("p", hint, class_="hint", id=id_) if hint else None


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
