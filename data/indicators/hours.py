"""When cases are reported: by day of the week and hour of the city's clock."""

from dataclasses import replace

from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.reports import name_area
from data.figures.scope import FiguresOnly, explain_missing_object, may_see_cases
from data.figures.types import VERSION
from data.indicators.links import link_cases, span_params, span_text
from data.indicators.questions import IndicatorQuestion, set_scene
from data.indicators.types import HourCount, HoursAnswer
from data.queries.case_filters import Days
from data.queries.indicators import report_hours


async def fetch_hours(question: IndicatorQuestion, viewer: Viewer) -> HoursAnswer:
    """How many cases of the period were reported in each hour of each day of the week. Of the question, only where and which cases counts.

    Raises:
        FiguresOnly: the viewer may see no single case.
        UnknownArea, OutOfScope, Nowhere, UnknownName: see ``data.indicators.questions.set_scene``.
        NotAboutOthers: see ``IndicatorQuestion.allowed``.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    question = question.allowed(viewer)
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, question.area, question.period, question.filters, viewer)
        if not scene.sees_cases:
            raise await explain_missing_object(ask, "area", scene.own["code"], viewer)
        period = scene.counting.period
        filters = replace(question.filters, reported=Days(period.start, period.end))
        rows = await ask(report_hours(filters, scene.place))
    base = {"area": (scene.own["code"],), **span_params(filters), **_name_filters(question)}
    told: list[HourCount] = [
        {
            "weekday": row["weekday"],
            "hour": row["hour"],
            "reported": row["n"],
            "cases": link_cases({**base, "weekday": (str(row["weekday"]),), "hour": (str(row["hour"]),)}),
        }
        for row in rows
        if row["hour"] is not None
    ]
    return {
        "version": VERSION,
        "area": name_area(scene.own),
        "as_of": iso(scene.own["city_as_of"], scene.own["city_timezone"]),
        "period": span_text(period),  # type: ignore[typeddict-item]
        "reported": sum(row["n"] for row in rows),
        "left_out": sum(row["n"] for row in rows if row["hour"] is None),
        "left_out_cases": link_cases({**base, "only_day": ("true",)}),
        "hours": sorted(told, key=lambda one: (one["weekday"], one["hour"])),
    }


def _name_filters(question: IndicatorQuestion) -> dict[str, tuple[str, ...]]:
    filters = question.filters
    given = {"category": filters.categories, "channel": filters.channels, "unit": filters.units, "assignee": filters.assignees}
    return {name: values for name, values in given.items() if values}
