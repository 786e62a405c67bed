"""Buttons that save what is shown: the figures as tables, the map on a sheet. ``assets/scripts/page/save.js`` acts on them."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from data.core.i18n import t
from data.core.timezones import zone
from layers.style.wording import local_name
from pages import html
from pages.components import attributes, icon
from pages.html import Child
from pages.scene import Scene


def section(scene: Scene) -> list[Child]:
    """The buttons."""
    lang, view, days = scene.lang, scene.view, scene.selected_period
    asked = [("from", days.start.isoformat()), ("to", days.end.isoformat())]
    asked += [("category", code) for code in view.categories] + [("source", code) for code in view.channels]
    facts = {"data-code": scene.report["code"], "data-days": f"{days.start:%Y%m%d}-{days.end:%Y%m%d}"}
    figures = {**facts, "data-query": urlencode(asked)}
    sheet = {**facts, "data-words": json.dumps(_sheet_words(scene), ensure_ascii=False)}
    return [
        html.Div(
            [
                _button("figures", t(lang, "Save figures (XLSX)"), {**figures, "data-format": "xlsx"}),
                _button("figures", t(lang, "Save figures (CSV)"), {**figures, "data-format": "csv"}),
                _button("map", t(lang, "Save map (PNG)"), {**sheet, "data-format": "png"}),
                _button("map", t(lang, "Save map (PDF, A4)"), {**sheet, "data-format": "pdf", "data-paper": "a4"}),
                _button("map", t(lang, "Save map (PDF, A3)"), {**sheet, "data-format": "pdf", "data-paper": "a3"}),
            ],
            className="saving",
        )
    ]


def _sheet_words(scene: Scene) -> dict[str, object]:
    """What the sheet says below the map: source, version and moment of the data, and who made it when."""
    lang, city = scene.lang, scene.report["city"]
    clock = zone(city["timezone"])
    as_of = datetime.fromisoformat(city["as_of"]).astimezone(clock)
    source = t(
        lang,
        "Source: data of {city} in Gridwell, version {version}, as of {moment}",
        city=local_name(city, lang),
        **{
            "version": city["data_version"],
            "moment": f"{as_of:%Y-%m-%d %H:%M}",
        },
    )
    if city["is_demo"]:
        source = f"{source} · {t(lang, 'invented data')}"
    made = t(
        lang, "Made by {who}, {day}", who=scene.viewer.shown or scene.viewer.name, day=f"{datetime.now(UTC).astimezone(clock):%Y-%m-%d}"
    )
    return {"lines": [source, made], "north": t(lang, "N"), "centre": t(lang, "at the middle of the map")}


def _button(what: str, text: str, facts: dict[str, str]) -> html.Button:
    return html.Button([icon("save", 16), text], type="button", className="act", **attributes(data_save=what), **facts)
