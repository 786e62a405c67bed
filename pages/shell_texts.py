"""Texts of the frame, which a callback sends again when the language changes."""

from dataclasses import dataclass
from functools import lru_cache

from data.core.i18n import t
from data.core.viewer import Lang
from pages import html, ids, messages
from pages.components import attributes, icon
from pages.html import Child, Children


@dataclass(frozen=True, slots=True)
class ShellTexts:
    """The frame's own texts, in the reader's language."""

    logo: list[Child]
    skip: str
    search_label: str
    search_hint: str
    notices: list[Child]
    map_buttons: list[Child]


@lru_cache
def shell_texts(lang: Lang) -> ShellTexts:
    """The frame's texts in a language."""
    return ShellTexts(
        logo=logo(lang),
        skip=skip(lang),
        search_label=t(lang, "Search"),
        search_hint=search_hint(lang),
        notices=messages.notices(lang),
        map_buttons=map_buttons(lang),
    )


def labels(lang: Lang) -> dict[str, str]:
    """Names of the frame's parts for screen readers, by id; the page's script changes them with the language."""
    return {
        ids.MAP: t(lang, "Map"),
        ids.LAYERS: t(lang, "Layers"),
        ids.LEGEND: t(lang, "Legend"),
        ids.FIGURES: t(lang, "Figures"),
        ids.GRIP: t(lang, "Resize this panel"),
        ids.REGISTER: t(lang, "Register of people"),
        ids.TIME: t(lang, "Time"),
        ids.CRUMB: t(lang, "Current area"),
        ids.RESULTS: t(lang, "Found"),
        ids.SEARCH_KEY: t(lang, "Press / to search"),
    }


def logo(lang: Lang) -> list[Child]:
    """The product's mark and name."""
    return [html.Span(className="logo-mark"), html.Span(t(lang, "Gridwell"))]


def skip(lang: Lang) -> str:
    """The link that skips the map, for keyboard users."""
    return t(lang, "Skip to the figures")


def search_hint(lang: Lang) -> str:
    """The placeholder of the search field."""
    return t(lang, "Search places, codes, cases")


def map_buttons(lang: Lang) -> list[Child]:
    """Buttons to zoom in, zoom out and face north; on a phone, layers and dimension instead."""

    def button(act: str, glyph: Children, text: str) -> html.Button:
        return html.Button(glyph, type="button", className=f"map-button map-{act}", title=text, **attributes(aria_label=text, data_act=act))

    compass = html.Span(html.Span(className="needle"), className="compass")
    return [
        html.Div(
            [button("layers", icon("layers", 22), t(lang, "Layers")), button("dim", "", t(lang, "Switch between 2D and 3D"))],
            className="panel only-phone",
        ),
        html.Div(
            [
                button("in", icon("plus"), t(lang, "Zoom in")),
                button("out", icon("minus"), t(lang, "Zoom out")),
                button("north", compass, t(lang, "Face north")),
            ],
            className="panel buttons",
        ),
    ]
