"""Buttons that save what is shown: the figures as a table, the map as a picture. ``assets/scripts/page/save.js`` acts on them."""

import json
from urllib.parse import urlencode

from data.core.i18n import t
from data.core.viewer import Lang
from pages import html
from pages.components import attributes, icon
from pages.html import Child
from pages.scene import Scene

_HEAD_TITLES = {
    "area": "Area",
    "code": "Code",
    "level": "Level",
    "reported": "Cases reported",
    "open": "Open",
    "overdue": "Overdue",
    "due": "Due",
    "on_time": "Closed on time",
    "residents": "Residents",
    "day": "Day",
    "category": "Category",
    "cases": "Cases",
    "period": "Period",
    "as_of": "As of",
}


def section(scene: Scene) -> list[Child]:
    """The two buttons; a wall display has none."""
    if scene.viewer.role == "wall":
        return []
    lang, view, days = scene.lang, scene.view, scene.selected_period
    asked = [("from", days.start.isoformat()), ("to", days.end.isoformat())]
    asked += [("category", code) for code in view.categories] + [("source", code) for code in view.channels]
    facts = {"data-code": scene.report["code"], "data-days": f"{days.start:%Y%m%d}-{days.end:%Y%m%d}"}
    figures = {**facts, "data-query": urlencode(asked), "data-words": json.dumps(_heads(lang), ensure_ascii=False)}
    return [
        html.Div(
            [
                _button("figures", t(lang, "Save figures (CSV)"), figures),
                _button("map", t(lang, "Save map (PNG)"), facts),
            ],
            className="saving",
        )
    ]


def _heads(lang: Lang) -> dict[str, str]:
    """Heads of the table's columns."""
    return {key: t(lang, title) for key, title in _HEAD_TITLES.items()}


def _button(what: str, text: str, facts: dict[str, str]) -> html.Button:
    return html.Button([icon("save", 16), text], type="button", className="act", **attributes(data_save=what), **facts)
