"""The frame that stays: map, bar and empty panels. Callbacks fill them; the map itself is never drawn anew."""

from typing import Any

from dash import dcc, html

from data.i18n import t
from data.viewer import Lang
from pages import ids, states
from pages.parts import attributes, icon


def shell(lang: Lang) -> html.Div:
    """The frame; ``lang`` is the language of what is said before the first figures arrive."""
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            *(dcc.Store(id=name) for name in (ids.PICK, ids.CAMERA, ids.WEBGL, ids.SPEC, ids.SHOWN)),
            html.A(t(lang, "To the figures"), href=f"#{ids.PANEL}", className="skip", target="_self"),
            html.Main(
                [
                    html.Div(id=ids.MAP, className="map", role="application", **attributes(aria_label=t(lang, "Map"))),
                    html.Div(id=ids.FALLBACK, className="fallback", hidden=True),
                    html.Div(className="haze", **attributes(aria_hidden="true")),
                ]
            ),
            _bar(lang),
            html.Div(states.notices(lang), id=ids.NOTICE, className="notices"),
            html.Nav(
                html.Div(states.skeleton(), className="panel-body"),
                id=ids.LAYERS,
                className="panel layers",
                **attributes(aria_label=t(lang, "Layers")),
            ),
            html.Aside(
                [_grip(lang), html.Div(states.skeleton(), id=ids.PANEL, className="panel-body", tabIndex=-1)],
                className="panel area",
                **attributes(data_stop="half", aria_label=t(lang, "Figures")),
            ),
            html.Div(id=ids.LEGEND, className="legend-card"),
            html.Section(id=ids.TIME, className="panel time", **attributes(aria_label=t(lang, "Time"))),
            html.Div(_map_buttons(lang), id=ids.NAV, className="map-buttons"),
            html.Div(className="shade", **attributes(data_act="shade")),
        ],
        className="gridwell",
    )


def _bar(lang: Lang) -> html.Header:
    logo = html.A([html.Span(className="logo-mark"), html.Span(t(lang, "Gridwell"))], href="/", className="logo", title=t(lang, "Gridwell"))
    field = dcc.Input(
        id=ids.SEARCH, type="search", debounce=0.2, autoComplete="off", placeholder=t(lang, "Search places, grid codes, case numbers")
    )
    search = html.Div(
        [
            html.Label(
                [icon("search", 16), html.Span(t(lang, "Search"), id=ids.SEARCH_LABEL, className="unseen"), field], className="search-field"
            ),
            html.Kbd("/", title=t(lang, "Press / to search")),
            html.Div(id=ids.RESULTS, className="results", role="listbox", **attributes(aria_label=t(lang, "Found"))),
        ],
        className="search",
        role="search",
    )
    crumb = html.Nav(id=ids.CRUMB, className="crumb", **attributes(aria_label=t(lang, "Where you are")))
    return html.Header([logo, crumb, search, html.Div(id=ids.TOOLS, className="tools")], className="bar")


def _grip(lang: Lang) -> html.Button:
    text = t(lang, "Pull the figures up or down")
    return html.Button(html.Span(), className="grip", type="button", title=text, **attributes(aria_label=text))


def _map_buttons(lang: Lang) -> list[Any]:
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
