"""The frame that stays: map, bar and empty panels. Callbacks fill them; the map itself is never drawn anew."""

from typing import Any

from dash import dcc, html

from data.i18n import t
from data.viewer import Lang
from pages import ids, states
from pages.parts import attributes, icon


def shell(lang: Lang) -> html.Div:
    """The frame; ``lang`` is the language of what is said before the first figures arrive."""
    said = labels(lang)
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            *(dcc.Store(id=name) for name in (ids.PICK, ids.GOAL, ids.CAMERA, ids.WEBGL, ids.SPEC, ids.SHOWN, ids.SOUGHT)),
            html.A(skip(lang), id=ids.SKIP, href=f"#{ids.PANEL}", className="skip", target="_self"),
            html.Main(
                [
                    html.Div(id=ids.MAP, className="map", role="application", **_label(said, ids.MAP)),
                    html.Div(id=ids.FALLBACK, className="fallback", hidden=True),
                    html.Div(className="haze", **attributes(aria_hidden="true")),
                ]
            ),
            _bar(lang, said),
            html.Div(states.notices(lang), id=ids.NOTICE, className="notices"),
            html.Nav(
                html.Div(states.skeleton(), className="panel-body"), id=ids.LAYERS, className="panel layers", **_label(said, ids.LAYERS)
            ),
            html.Aside(
                [
                    html.Button(html.Span(), id=ids.GRIP, className="grip", type="button", **_label(said, ids.GRIP)),
                    html.Div(states.skeleton(), id=ids.PANEL, className="panel-body", tabIndex=-1),
                ],
                id=ids.FIGURES,
                className="panel area",
                **attributes(data_stop="half"),
                **_label(said, ids.FIGURES),
            ),
            html.Div(id=ids.LEGEND, className="legend-card"),
            html.Section(id=ids.TIME, className="panel time", **_label(said, ids.TIME)),
            html.Div(map_buttons(lang), id=ids.NAV, className="map-buttons"),
            html.Div(className="shade", **attributes(data_act="shade")),
        ],
        className="gridwell",
    )


def _waiting() -> html.Div:
    return html.Div(states.skeleton(), className="panel-body")


def labels(lang: Lang) -> dict[str, str]:
    """What screen readers call the parts of the frame, by id; the page's script changes them with the language."""
    return {
        ids.MAP: t(lang, "Map"),
        ids.LAYERS: t(lang, "Layers"),
        ids.FIGURES: t(lang, "Figures"),
        ids.GRIP: t(lang, "Pull the figures up or down"),
        ids.TIME: t(lang, "Time"),
        ids.CRUMB: t(lang, "Where you are"),
        ids.RESULTS: t(lang, "Found"),
        ids.SEARCH_KEY: t(lang, "Press / to search"),
    }


def _label(said: dict[str, str], name: str) -> dict[str, Any]:
    return attributes(aria_label=said[name])


def _bar(lang: Lang, said: dict[str, str]) -> html.Header:
    field = dcc.Input(id=ids.SEARCH, type="search", autoComplete="off", placeholder=search_hint(lang))
    search = html.Div(
        [
            html.Label(
                [icon("search", 16), html.Span(t(lang, "Search"), id=ids.SEARCH_LABEL, className="unseen"), field], className="search-field"
            ),
            html.Kbd("/", id=ids.SEARCH_KEY, **_label(said, ids.SEARCH_KEY)),
            html.Div(id=ids.RESULTS, className="results", role="listbox", **_label(said, ids.RESULTS)),
        ],
        className="search",
        role="search",
    )
    return html.Header(
        [
            html.A(logo(lang), id=ids.LOGO, href="/", className="logo"),
            html.Nav(id=ids.CRUMB, className="crumb", **_label(said, ids.CRUMB)),
            search,
            html.Div(id=ids.TOOLS, className="tools"),
        ],
        className="bar",
    )


# ---- Texts of the frame that a callback tells again when the language changes ----


def logo(lang: Lang) -> list[Any]:
    """The product's mark and name."""
    return [html.Span(className="logo-mark"), html.Span(t(lang, "Gridwell"))]


def skip(lang: Lang) -> str:
    """The link past the map, for the keyboard."""
    return t(lang, "To the figures")


def search_hint(lang: Lang) -> str:
    """What the search field says while it is empty."""
    return t(lang, "Search places, grid codes, case numbers")


def map_buttons(lang: Lang) -> list[Any]:
    """Closer, farther, north; on a phone layers and dimension instead."""

    def button(act: str, glyph: Any, text: str) -> html.Button:
        return html.Button(glyph, type="button", className=f"map-button map-{act}", title=text, **attributes(aria_label=text, data_act=act))

    compass = html.Span(html.Span(className="needle"), className="compass")
    return [
        html.Div(
            [button("layers", icon("layers", 22), t(lang, "Layers")), button("dim", "", t(lang, "Between flat map and three dimensions"))],
            className="panel only-phone",
        ),
        html.Div(
            [
                button("in", icon("plus"), t(lang, "Closer")),
                button("out", icon("minus"), t(lang, "Farther")),
                button("north", compass, t(lang, "North up")),
            ],
            className="panel buttons",
        ),
    ]
