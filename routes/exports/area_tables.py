"""The figures of an area as tables: the area and its parts, its days, its categories."""

from datetime import date, tzinfo
from typing import Any

from data.core.export_files import Column, Fact
from data.core.i18n import t
from data.core.spreadsheets import Cell
from data.core.viewer import Viewer
from data.figures.types import AreaReport
from layers.style.wording import level_name, local_label
from routes.exports.answers import Exported, Table, common_facts, make_columns

_COLUMN_TITLES = {
    "area": "Area",
    "code": "Code",
    "level": "Level",
    "cases_reported": "Cases reported",
    "open": "Open",
    "overdue": "Overdue",
    "due": "Due",
    "closed_on_time": "Closed on time",
    "on_time_rate": "On-time rate",
    "residents": "Residents",
}
_WIDTHS = {"area": 24, "code": 18}


def describe_area(report: AreaReport, who: Viewer, clock: tzinfo, asked: Fact) -> Exported:
    """Figures of the area, of its parts and of those beside it; then its cases by day and by category. ``asked``: the filters in force."""
    lang = who.lang
    beside = [one for one in report["siblings"] if one["code"] != report["code"]]
    columns = make_columns(lang, _COLUMN_TITLES, _WIDTHS, {"on_time_rate": "0.0%"})
    areas = [_row(one, report, who) for one in (report, *report["children"], *beside)]
    incidents = report["incidents"]
    days: list[list[Cell]] = [[date.fromisoformat(day), n] for day, n in incidents["by_day"]]
    names = report["categories"]
    categories: list[list[Cell]] = [[local_label(code, names.get(code), lang), code, n] for code, n in incidents["by_category"].items()]
    cases = Column(t(lang, "Cases"), 10)
    period = report["period"]
    facts: list[Fact] = [
        (t(lang, "Area"), f"{_local(report, lang)} ({report['code']})"),
        (t(lang, "Period"), f"{period['from']} – {period['to']}"),
        asked,
        *common_facts(who, report["city"]["as_of"], clock),
        (t(lang, "Version of the data"), report["city"]["data_version"]),
        (t(lang, "Open"), t(lang, "Open as it stands, whenever reported; the period does not matter.")),
        (t(lang, "On-time rate"), t(lang, "Closed on time ÷ due in the period.")),
        (t(lang, "Residents"), t(lang, "Empty where it is not known, or would reveal few people.")),
    ]
    tables = [
        Table(t(lang, "Areas"), columns, areas),
        Table(t(lang, "Days"), [Column(t(lang, "Day"), 12), cases], days),
        Table(t(lang, "Categories"), [Column(t(lang, "Category"), 20), Column(t(lang, "Code"), 16), cases], categories),
    ]
    return Exported("area", tables, facts, clock)


def _row(one: Any, report: AreaReport, who: Viewer) -> list[Cell]:
    rate = one["on_time_closing_rate"]
    level = None if one.get("origin") == "unplaced" else level_name(report, one["level"], who.lang)  # cases without a place: no cell
    counts = one["incidents"]
    return [
        *(_local(one, who.lang), one["code"], level, counts["total"], counts["open"], counts["overdue"]),
        *(rate["denominator"], rate["numerator"], rate["value"], one["population"]["total"]),
    ]


def _local(named: Any, lang: str) -> str:
    return str((named["name_en"] if lang == "en" else None) or named["name"] or named["code"])
