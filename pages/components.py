"""Small components that all panels use. Every control that changes the view is a link to the new address."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from data.core.i18n import t
from data.core.viewer import Lang
from layers.spec.icons import icon_path as symbol_path
from layers.view import View
from pages import html
from pages.html import Children

_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#000' stroke-width='{width}' "
    "stroke-linecap='round' stroke-linejoin='round'><path d='{path}'/></svg>"
)
_GLYPHS = {
    "chevron": "M6 9l6 6 6-6",
    "right": "M9 6l6 6-6 6",
    "back": "M15 6l-6 6 6 6",
    "search": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500",
    "calendar": "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
    "moon": "M20 14A8 8 0 1 1 10 4a6.500 6.500 0 0 0 10 10z",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1 1M17.400 17.400l1 1"
    "M18.400 5.600l-1 1M6.600 17.400l-1 1",
    "auto": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 8h8M12 12h9M12 16h8",
    "call": "M5 4h4l2 5-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "layers": "M12 4 3 9l9 5 9-5zM3 14l9 5 9-5",
    "sliders": "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
    "close": "M6 6l12 12M18 6 6 18",
    "up": "M12 19V5M6 11l6-6 6 6",
    "check": "M5 12.500l4.500 4.500L19 7.500",
    "place": "M12 21s7-6.200 7-11.500A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20a7.500 7.500 0 0 1 15 0",
    "building": "M5 21V5l8-2v18M13 9l6 2v10M3 21h18M8 8h2M8 12h2M8 16h2",
    "incident": "M12 4 2.500 20h19zM12 10v4.500M12 17v.500",
    "area": "M4 7l6-3 4 3 6-3v13l-6 3-4-3-6 3zM10 4v13M14 7v13",
    "city": "M4 21V9h6v12M10 21V3h10v18M2 21h20M14 7h2M14 11h2M14 15h2M6.500 13h1M6.500 17h1",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8v.500",
    "play": "M7 4.500v15l12-7.500z",
    "pause": "M8 5v14M16 5v14",
    "save": "M12 4v11M7 11l5 5 5-5M5 20h14",
    "clear": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9l6 6M15 9l-6 6",
}


@lru_cache
def _mask(name: str, width: float) -> str:
    path = _GLYPHS.get(name) or symbol_path(name)
    return f'url("data:image/svg+xml,{quote(_SVG.format(width=width, path=path))}")'


def attributes(**given: str) -> dict[str, str]:
    """Attributes whose names are not valid in Python: ``aria_label`` becomes ``aria-label``, ``data_key`` becomes ``data-key``."""
    return {name.replace("_", "-"): value for name, value in given.items()}


_T = TypeVar("_T")


def toggle(chosen: Sequence[_T], one: _T, order: Sequence[_T] = ()) -> tuple[_T, ...]:
    """The values of a filter with one of them added, or removed if it was chosen already; in the given order, else the new one last."""
    made = tuple(other for other in chosen if other != one) if one in chosen else (*chosen, one)
    return tuple(value for value in order if value in made) if order else made


def current(is_chosen: bool) -> dict[str, str]:
    """Attributes that mark the chosen one among several."""
    return attributes(aria_current="true") if is_chosen else {}


def icon(name: str, size: int = 18, width: float = 1.8) -> html.Span:
    """A line icon in the text's colour; decoration, so screen readers skip it."""
    style = {"--icon": _mask(name, width), "width": f"{size}px", "height": f"{size}px"}
    return html.Span(className="icon", style=style, **attributes(aria_hidden="true"))


def link(to: View, children: Children, label: str | None = None, **props: object) -> html.A:
    """A link to another view. ``assets/scripts/page/navigation.js`` follows it without loading the page again."""
    if label:
        props.setdefault("title", label)
        props["aria-label"] = label
    return html.A(children, href=to.search() or "?", **props)


def menu(name: str, summary: Children, items: Children, label: str) -> html.Details:
    """A button that opens a list; closed by Esc, by a choice, and by a click elsewhere."""
    button = html.Summary(summary, className="menu-button", title=label, **attributes(aria_label=label))
    return html.Details([button, html.Div(items, className="menu-list")], className=f"menu {name}")


def choice(to: View, text: Children, chosen: bool, **props: str) -> html.A:
    """One line of a menu, with a tick at what is chosen now."""
    mark = icon("check", 16, 2.2) if chosen else html.Span(className="icon-room")
    return link(to, [html.Span(text, className="choice-text"), mark], className="choice", **current(chosen), **props)


def segment(options: Sequence[tuple[View, str, bool, str]], label: str, name: str = "") -> html.Div:
    """Two or three choices side by side: for each its address, its text, whether it is chosen, and its full name."""
    parts = [
        link(to, text, title=full, className="segment-part", **attributes(aria_label=full), **current(chosen))
        for to, text, chosen, full in options
    ]
    return html.Div(parts, className=f"segment {name}".strip(), role="group", **attributes(aria_label=label))


def switch(to: View, on: bool, label: str) -> html.A:
    """A switch that is a link: it works without script and shows its state."""
    return html.A(className="switch", href=to.search() or "?", role="switch", **attributes(aria_checked=str(on).lower(), aria_label=label))


def withheld_mark(lang: Lang) -> html.Span:
    """The mark that replaces a figure about people that is known but withheld."""
    why = t(lang, "Fewer than 5 people, or fewer than 5 could be worked out from it")
    return html.Span(t(lang, "not shown"), className="withheld", title=why)


def heading(text: str, aside: Children = "") -> html.Div:
    """A section's head with its unit at the right."""
    return html.Div([html.H2(text), html.Span(aside, className="aside")], className="section-head")
