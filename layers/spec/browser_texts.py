"""Words the browser needs for tooltips of things it fetches itself."""

from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from layers.buildings import uses
from layers.incidents import STATE_TITLES
from layers.style.wording import CHANNEL_TITLES, Row, name

TEXT_TITLES = {
    "overdue_by": "Overdue by {time}",
    "due_in": "Due in {time}",
    "hours": "{n} h",
    "days": "{n} days",
    "as_of": "as of {time}",
    "due_at": "due {time}",
    "reported_at": "reported {time}",
    "cases_here": "{n} cases here",
    "zoom_in": "Zoom in to tell them apart",
    "building": "Building",
    "height": "{n} m high",
    "floors": "{n} floors",
    "residents": "{n} residents",
    "approximate": "approximate border",
    "map": "Map. Arrow keys move it, plus and minus zoom, Shift with arrows turns and tilts it.",
}


def words(report: Row, lang: Lang) -> dict[str, Any]:
    """Texts by key, with ``{places}`` the browser fills; categories, channels and states by code."""
    return {
        **{key: t(lang, msgid) for key, msgid in TEXT_TITLES.items()},
        "states": {state: t(lang, label) for state, label in STATE_TITLES.items()},
        "categories": {code: name({"code": code, **row}, lang) for code, row in report["categories"].items()},
        "channels": {code: t(lang, label) for code, label in CHANNEL_TITLES.items()},
        "uses": {code: label for code, label, _ in uses(report, lang)},
        "as_of_time": report["city"].get("as_of"),
        "timezone": report["city"]["timezone"],
    }
