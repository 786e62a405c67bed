"""Texts that the browser needs for tooltips of objects that it fetches itself."""

from typing import TypedDict

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.types import AreaReport
from layers.buildings import list_uses
from layers.incidents import STATE_TITLES
from layers.style.wording import CHANNEL_TITLES, local_label

TEXT_TITLES = {
    "overdue_by": "Overdue by {time}",
    "due_in": "Due in {time}",
    "hours": "{n} h",
    "days": "{n} days",
    "as_of": "as of {time}",
    "due_at": "due {time}",
    "reported_at": "reported {time}",
    "cases_here": "{n} cases here",
    "zoom_in": "Zoom in to see them separately",
    "building": "Building",
    "height": "{n} m high",
    "floors": "{n} floors",
    "residents": "{n} residents",
    "approximate": "approximate border",
    "no_case": "No open case meets the filters.",
    "cases_left_out": "{n} more cases count here, but stand in cells whose cases this account may not see one by one.",
    "facilities_left_out": "{n} more facilities of common kinds are not drawn.",
    "map": "Map. Arrow keys move it, plus and minus zoom, Shift with arrows turns and tilts it.",
}


class Names(TypedDict):
    """Names by code, and the city's time."""

    states: dict[str, str]
    categories: dict[str, str]
    channels: dict[str, str]
    uses: dict[str, str]
    as_of_time: str
    timezone: str


def build_browser_texts(report: AreaReport, lang: Lang) -> dict[str, object]:
    """``TEXT_TITLES`` by key, with ``{places}`` that the browser fills in, and all ``Names``."""
    names: Names = {
        "states": {state: t(lang, title) for state, title in STATE_TITLES.items()},
        "categories": {code: local_label(code, row, lang) for code, row in report["categories"].items()},
        "channels": {code: t(lang, title) for code, title in CHANNEL_TITLES.items()},
        "uses": {code: title for code, title, _ in list_uses(report, lang)},
        "as_of_time": report["city"]["as_of"],
        "timezone": report["city"]["timezone"],
    }
    return {**{key: t(lang, msgid) for key, msgid in TEXT_TITLES.items()}, **names}
