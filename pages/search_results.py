"""The results of a search, as a list of links."""

from collections.abc import Sequence

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.types import Found
from layers.view import Camera, View
from pages import html
from pages.area_sections import move_to_area
from pages.cards import pick_object
from pages.components import icon, link
from pages.html import Child

CLOSE_ZOOM = 17.2
_GLYPHS = {"area": "area", "head": "person", "building": "building", "facility": "place", "incident": "incident", "place": "place"}


def result_list(wanted: str, found: Sequence[Found], view: View, lang: Lang) -> list[Child]:
    """One line for each result; a sentence if there is none."""
    if not found:
        return [
            html.Div(
                t(lang, "No results for “{text}”. Try a name, a code, an address, a case number or coordinates.", text=wanted),
                className="menu-head",
            )
        ]
    return [_line(one, view, lang) for one in found]


def find_target(one: Found, view: View) -> View:
    """The view that a result opens: its area, or the camera directly above a result with a position."""
    there = move_to_area(view, one["area"]) if one["area"] else view
    if one["kind"] in ("area", "head") or one["lon"] is None or one["lat"] is None:
        return there
    close = Camera(one["lon"], one["lat"], CLOSE_ZOOM, 0.0 if view.dim == "2d" else 45.0)
    return pick_object(there, one["kind"], one["key"]).but(camera=close)


def _line(one: Found, view: View, lang: Lang) -> html.A:
    title = (one["title_en"] if lang == "en" else one["title"]) or one["title"]
    second = (one["subtitle_en"] if lang == "en" else one["subtitle"]) or one["subtitle"]
    texts = html.Span([html.B(title), html.Span(second, className="sub")], className="found-text")
    return link(find_target(one, view), [icon(_GLYPHS.get(one["kind"], "place"), 18), texts], className="found", role="option")
