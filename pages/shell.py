"""The permanent frame of the page: map, bar and empty panels. Callbacks fill the panels; the map element is never replaced."""

from typing import Any

from dash import dcc, html

from data.core.i18n import t
from data.core.viewer import Lang
from pages import ids, messages
from pages.components import attributes, icon
from pages.html import Children
from pages.shell_texts import labels, logo, map_buttons, search_hint, skip


def shell(lang: Lang) -> html.Div:
    """The frame; ``lang`` is the language of its texts before the first figures arrive."""
    said = labels(lang)
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            *(dcc.Store(id=name) for name in (ids.PICK, ids.GOAL, ids.CAMERA, ids.WEBGL, ids.SPEC, ids.SHOWN, ids.SOUGHT, ids.ASKED)),
            html.A(skip(lang), id=ids.SKIP, href=f"#{ids.PANEL}", className="skip", target="_self"),
            html.Main(
                [
                    html.Div(id=ids.MAP, className="map", role="application", **_label(said, ids.MAP)),
                    html.Div(id=ids.FALLBACK, className="fallback", hidden=True),
                    html.Div(className="haze", **_attributes(aria_hidden="true")),
                ]
            ),
            _bar(lang, said),
            html.Div(_as_dash(messages.notices(lang)), id=ids.NOTICE, className="notices"),
            html.Nav(
                html.Div(_as_dash(messages.skeleton()), className="panel-body"),
                id=ids.LAYERS,
                className="panel layers",
                **_label(said, ids.LAYERS),
            ),
            html.Aside(
                [
                    html.Button(html.Span(), id=ids.GRIP, className="grip", type="button", **_label(said, ids.GRIP)),
                    html.Div(_as_dash(messages.skeleton()), id=ids.PANEL, className="panel-body", tabIndex=-1),
                    html.Section(id=ids.REGISTER, className="drawer", role="dialog", **_label(said, ids.REGISTER)),
                ],
                id=ids.FIGURES,
                className="panel area",
                **_attributes(data_stop="half"),
                **_label(said, ids.FIGURES),
            ),
            html.Section(id=ids.LEGEND, className="legend-card", **_label(said, ids.LEGEND)),
            html.Section(id=ids.TIME, className="panel time", **_label(said, ids.TIME)),
            html.Div(_as_dash(map_buttons(lang)), id=ids.NAV, className="map-buttons"),
            html.Div(className="shade", **_attributes(data_act="shade")),
        ],
        className="gridwell",
    )


def _attributes(**given: str) -> dict[str, Any]:
    """Attributes for Dash's own classes, whose properties have declared types."""
    return dict(attributes(**given))


def _label(said: dict[str, str], name: str) -> dict[str, Any]:
    return _attributes(aria_label=said[name])


def _as_dash(parts: Children) -> Any:
    """Our own elements as children of Dash's; Dash's annotations know only its own classes."""
    return parts


def _bar(lang: Lang, said: dict[str, str]) -> html.Header:
    field = dcc.Input(id=ids.SEARCH, type="search", autoComplete="off", placeholder=search_hint(lang))
    search = html.Div(
        [
            html.Label(
                [_as_dash(icon("search", 16)), html.Span(t(lang, "Search"), id=ids.SEARCH_LABEL, className="unseen"), field],
                className="search-field",
            ),
            html.Kbd("/", id=ids.SEARCH_KEY, **_label(said, ids.SEARCH_KEY)),
            html.Div(id=ids.RESULTS, className="results", role="listbox", **_label(said, ids.RESULTS)),
        ],
        className="search",
        role="search",
    )
    return html.Header(
        [
            html.A(_as_dash(logo(lang)), id=ids.LOGO, href="/", className="logo"),
            html.Nav(id=ids.CRUMB, className="crumb", **_label(said, ids.CRUMB)),
            search,
            html.Div(id=ids.TOOLS, className="tools"),
        ],
        className="bar",
    )
