"""The content of a panel that has nothing to show: one sentence, and one link to go on."""

from collections.abc import Sequence
from typing import Any

from data.core.errors import GridwellError, NoData, SignInNeeded, UnknownArea, UnknownName, UnknownObject
from data.core.i18n import t, tell
from data.core.viewer import Lang
from data.figures.scope import FiguresOnly, Nowhere, OutOfScope
from layers.view import View
from pages import html
from pages.components import attributes, icon, link
from pages.html import Child

MOST_UNREAD = 3
"""So many parts of an address that nobody understands are told; who writes more of them has a broken address."""


def error_message(error: GridwellError, view: View, lang: Lang) -> list[Child]:
    """An error in the reader's language, with a suitable link to go on."""
    if isinstance(error, NoData):
        way: Any = html.P(t(lang, "In a terminal, ./gridwell demo makes a demo city, ./gridwell import loads your own."), className="sub")
    elif isinstance(error, UnknownArea):
        way = link(View(lang=view.lang, theme=view.theme), t(lang, "Show the whole city"), className="primary")
    elif isinstance(error, OutOfScope):
        way = link(View(lang=view.lang, theme=view.theme), t(lang, "Show my area"), className="primary")
    elif isinstance(error, Nowhere):
        way = html.A(t(lang, "Your account"), href="/account", className="primary", target="_self")
    elif isinstance(error, UnknownObject | FiguresOnly):
        way = link(view.but(building=None, incident=None, facility=None), t(lang, "Show the area"), className="primary")
    elif isinstance(error, UnknownName):
        way = link(view.but(categories=(), channels=()), t(lang, "Show all cases"), className="primary")
    elif isinstance(error, SignInNeeded):
        way = html.A(t(lang, "Sign in"), href="/signin", className="primary", target="_self")
    else:
        way = link(view, t(lang, "Try again"), className="primary", **attributes(data_again="true"))
    return [html.Div([html.Span(icon("info", 28, 1.6), className="mark"), html.P(tell(lang, error)), way], className="state", role="alert")]


def unread_message(unread: Sequence[tuple[str, str, str]], lang: Lang) -> list[Child]:
    """What the page's address says that nobody understands; the figures below are without it. See ``layers.view.find_unread``."""
    told = []
    for name, value, nearest in unread[:MOST_UNREAD]:
        if not value:
            told.append(t(lang, "The address has an unknown parameter “{name}” (did you mean “{nearest}”?).", name=name, nearest=nearest))
        elif nearest:
            told.append(t(lang, "“{name}” cannot be “{value}” (did you mean “{nearest}”?).", name=name, value=value, nearest=nearest))
        else:
            told.append(t(lang, "“{name}” cannot be “{value}”.", name=name, value=value))
    if not told:
        return []
    told.append(t(lang, "It was left out.") if len(unread) == 1 else t(lang, "They were left out."))
    return [html.P([icon("info", 14), (" " if lang == "en" else "").join(told)], className="note unread", role="alert")]


def skeleton() -> list[Child]:
    """Grey shapes that keep the panel's space until its first figures arrive."""
    widths = ("55%", "80%", "100%", "100%", "100%", "70%", "100%")
    return [
        html.Div(
            [html.Div(className="bone", style={"width": width}) for width in widths], className="skeleton", **attributes(aria_hidden="true")
        )
    ]


_HERE = "\0"


def _since(text: str) -> html.Span:
    """A sentence in which the page's script fills in a moment."""
    before, _, after = text.partition(_HERE)
    return html.Span([before, html.Span(**attributes(data_since="")), after])


def notices(lang: Lang) -> list[Child]:
    """Sentences that the page's script shows while the server is busy or silent, and when the sign-in or a right is missing."""

    def notice(name: str, text: Child, button: str | None, act: str = "", role: str = "alert") -> html.Div:
        way = [html.Button(button, type="button", className="primary", **attributes(data_act=act))] if button else []
        return html.Div([html.Span(text), *way], **attributes(data_notice=name), hidden=True, role=role)

    return [
        notice("busy", t(lang, "The server is busy. Trying again …"), t(lang, "Try now"), "again", role="status"),
        # Without a button: the server has said when to come again, and refuses until then.
        notice("often", t(lang, "Too many requests in a short time. Trying again shortly …"), None, role="status"),
        notice("undrawn", t(lang, "The map could not be drawn. Everything else still works."), t(lang, "Try again"), "draw"),
        notice("silent", t(lang, "The server does not answer. The figures may be out of date."), t(lang, "Try again"), "again"),
        notice(
            "quiet",
            _since(t(lang, "No news from the server since {since}. The figures may be out of date.", since=_HERE)),
            None,
            role="status",
        ),
        notice("signed-out", t(lang, "You are signed out. Sign in again to continue."), t(lang, "Sign in"), "reload"),
        notice("earlier", t(lang, "You have signed in again since this page was opened."), t(lang, "Reload the page"), "reload"),
        notice("beyond", t(lang, "You do not have permission for this. Nothing was changed."), t(lang, "OK"), "dismiss"),
    ]
