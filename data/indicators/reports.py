"""Indicators of an area for a period, by area, unit, department, category, source or person."""

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping

from data.core.period import Period
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.reports import name_area
from data.figures.types import VERSION
from data.indicators.assemble import Told, assemble_groups, tell_composite, tell_indicator
from data.indicators.counts import ByGroup, Counter
from data.indicators.links import link_indicator, span_text
from data.indicators.questions import IndicatorQuestion, Scene, check_level, set_scene
from data.indicators.types import IndicatorAnswer, Periods
from data.indicators.weights import choose_composite, read_version
from data.queries import areas
from data.queries.deadlines import composites_of_city
from data.queries.units import units_of

Names = Mapping[str, tuple[str | None, str | None]]


async def fetch_indicators(question: IndicatorQuestion, viewer: Viewer) -> IndicatorAnswer:
    """Indicators with numerator, denominator, interval, earlier periods, ranks, grades, and the lists of cases behind them.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: a grouping, indicator, category or channel that does not exist.
        NotAboutOthers: see ``IndicatorQuestion.allowed``.
        BadComposites: the file of composites cannot be used.
    """
    question.check()
    question = question.allowed(viewer)
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, question.area, question.period, question.filters, viewer)
        check_level(scene.own, question.level)
        counter = Counter(ask, scene, question)
        period = scene.counting.period
        counts, rows = await counter.count(period)
        spans = {"period": counts, **(await _count_earlier(counter, scene, period, counts) if question.compare else {})}
        names, units = await _fetch_names(ask, question, scene, rows)
        city = scene.own["city_code"]
        versions = [read_version(dict(row), city) for row in await ask(composites_of_city(), {"city": city})]
    composite = choose_composite(versions, city, period.end)
    groups = _tell_groups(counter, spans, names, units)
    wanted = question.wanted
    return {
        "version": VERSION,
        "area": name_area(scene.own),
        "as_of": iso(scene.own["city_as_of"], scene.own["city_timezone"]),
        "by": question.by,
        "periods": _tell_periods(question, scene),
        "indicators": [tell_indicator(one, viewer.lang) for one in wanted],
        "composite": None if composite is None else tell_composite(composite),
        "groups": assemble_groups(wanted, groups, spans, _find_missing(question, scene), composite),
    }


def _tell_periods(question: IndicatorQuestion, scene: Scene) -> Periods:
    earlier = scene.earlier if question.compare else {}
    told = {name: one and span_text(one) for name, one in {"period": scene.counting.period, **earlier}.items()}
    return {name: told.get(name) for name in Periods.__annotations__}  # type: ignore[return-value]


async def _count_earlier(counter: Counter, scene: Scene, period: Period, counts: ByGroup) -> dict[str, ByGroup]:
    """Counts of the whole days of the period, and of the periods that they are compared with."""
    found: dict[str, ByGroup] = {}
    for name, one in scene.earlier.items():
        if one is not None:
            found[name] = counts if one == period else (await counter.count(one, only_flows=True))[0]
    return found


def _find_missing(question: IndicatorQuestion, scene: Scene) -> dict[str, str]:
    """Indicators that are not counted for this question or this viewer, with the reason."""
    filters, by_area = question.filters, question.grouping in ("none", "area")
    alone = not filters.units and not filters.assignees
    made = {}
    for one in question.wanted:
        if one.anchor == "now":
            if not by_area or not alone or scene.own["level"] == "zone":
                made[one.code] = "not_by_this"
        elif not scene.sees_cases and not (one.from_rollups and alone and (by_area or question.grouping in ("category", "source"))):
            made[one.code] = "needs_cases"
    return made


async def _fetch_names(
    ask: Ask, question: IndicatorQuestion, scene: Scene, rows: Sequence[RowMapping]
) -> tuple[Names, dict[str, list[str]]]:
    """Names of the groups by code, and the units of each department."""
    units: dict[str, list[str]] = {}
    if question.grouping == "none":
        return {}, units
    if question.grouping == "area":
        return {row["group"]: (row["name"], row["name_en"]) for row in rows}, units
    if question.grouping == "category":
        told = await ask(areas.categories(), {"city": scene.own["city_code"]})
        return {row["code"]: (row["name"], row["name_en"]) for row in told if row["subject"] == "incident"}, units
    if question.grouping in ("unit", "department"):
        told = await ask(units_of(scene.own["city_code"]))
        for row in told:
            units.setdefault(row["department"], []).append(row["code"])
        if question.grouping == "unit":
            return {row["code"]: (row["name"], row["name_en"]) for row in told}, units
        return {row["department"]: (row["department"], row["department_en"]) for row in told}, units
    return {}, units


def _tell_groups(counter: Counter, spans: Mapping[str, ByGroup], names: Names, units: Mapping[str, Sequence[str]]) -> list[Told]:
    """The groups: every area of the level, otherwise those that have any case in any of the periods; without a code last."""
    question, scene = counter.question, counter.scene
    codes = {code for found in spans.values() for code in found} | (set(names) if question.grouping == "area" else set())
    days_of = [(one, counter.select(one.anchor, scene.counting.period)) for one in question.wanted if one.anchor != "now"]
    made = []
    for code in sorted(codes, key=lambda one: (one is None, one or "")):
        links = {}
        if scene.sees_cases:
            of_units = units.get(code or "", ())
            links = {one.code: link_indicator(one, question, scene.own["code"], code, days, of_units) for one, days in days_of}
        name, name_en = names.get(code, (None, None)) if code is not None else (None, None)
        if question.grouping == "none":
            made.append(Told(None, scene.own["name"], scene.own["name_en"], links))
        else:
            made.append(Told(code, name, name_en, links))
    return made
