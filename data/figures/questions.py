"""The steps of a report and of a map page: each runs one statement, or decides which one is run."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import RowMapping

from data.core.errors import UnknownName
from data.core.period import DEFAULT_DAYS, Period
from data.core.text import could_be_code
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import Ask
from data.figures import assemble as shapes
from data.figures.assemble import Breakdown
from data.figures.changes import SameHours
from data.figures.levels import MOST_UNITS, levels_below
from data.figures.scope import explain_missing_area, may_see_cases, scope_parameters
from data.queries import areas, figures
from data.queries.families.area_figures import Family, family_figures
from data.queries.figures import Counting, Filters
from data.queries.outlines import reported_until
from data.schema import CHANNELS, MARGIN_LEVELS

LAST_MINUTE = time(23, 59)
NO_SPANS: Mapping[str, Period] = MappingProxyType({})


async def fetch_area(ask: Ask, code: str, viewer: Viewer) -> RowMapping:
    """An area with its city, its own figures, and its ancestors.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    rows = await ask(areas.area_with_city(), {"code": code, **scope_parameters(viewer)}) if could_be_code(code) else []
    if not rows or not rows[0]["figures_seen"]:
        raise await explain_missing_area(ask, code, viewer)
    return rows[0]


def choose_counting(own: RowMapping, period: Period | None, filters: Filters) -> Counting:
    """What is counted: the requested period, or the last 30 days of the city's data."""
    shown: date = own["city_today"]
    period = period or Period.last_days(DEFAULT_DAYS, shown)
    return Counting(period, filters, own["city_code"], own["city_day"], find_last_whole_day(own))


async def check_filters(ask: Ask, city: str, filters: Filters) -> None:
    """Refuse filters that nothing can match, because no city has such a name: zeros would be taken for figures.

    Raises:
        UnknownName: a category that the city does not have, or a channel that does not exist.
    """
    for channel in filters.channels:
        if channel not in CHANNELS:
            raise UnknownName.among("source", channel, CHANNELS)
    if not filters.categories:
        return
    known = {row["code"] for row in await ask(areas.incident_categories(), {"city": city})}
    for category in filters.categories:
        if category not in known:
            raise UnknownName.among("category", category, sorted(known))


def find_last_whole_day(own: RowMapping) -> date:
    """The last day of which all cases are known: that of the figures if it is over to the minute, otherwise the day before.

    Where the newest case is days old, nobody knows at which hour of its day the data ended.
    """
    shown: date = own["city_today"]
    moment = own["city_as_of"].astimezone(zone(own["city_timezone"]))
    is_over = shown == own["city_day"] and moment.time() >= LAST_MINUTE
    return shown if is_over else shown - timedelta(days=1)


async def choose_level(ask: Ask, own: RowMapping, wanted: str | None) -> str | None:
    """The level to colour: the requested one, else the second below the area, or the first below it if the second has too many areas."""
    below = levels_below(own["level"], own["city_level_names"])
    if wanted in below or len(below) < 2:
        return wanted if wanted in below else next(iter(below), None)
    rows = await ask(areas.has_more_than(own["level"], MOST_UNITS), {**_place(own), "coloured": below[1]})
    return below[0] if rows[0]["more"] else below[1]


async def fetch_family(
    ask: Ask, own: RowMapping, level: str | None, counting: Counting, spans: Mapping[str, Period] = NO_SPANS
) -> Sequence[RowMapping]:
    """The area, its siblings, its children, a city's zones, and the areas to colour, in one statement.

    Args:
        ask: asks the database.
        own: the area.
        level: the level whose areas are coloured.
        counting: what is counted.
        spans: the days of ``data.queries.families.area_figures.COMPARED`` in which reported cases are counted too; empty: they are not.
    """
    inside = level is not None and own["level"] not in (level, "zone")
    family = Family(own["level"], inside, counting.period.end < counting.today, bool(spans))
    days = {key: day for name, span in spans.items() for key, day in figures.period_parameters(f"{name}_", span).items()}
    return await ask(family_figures(family, counting.filters.form), {**_place(own), **counting.values(), "coloured": level, **days})


async def fetch_breakdown(
    ask: Ask, own: RowMapping, counting: Counting, whole: Period
) -> tuple[Breakdown, Sequence[RowMapping], Sequence[RowMapping]]:
    """The area's incidents broken down, its facilities, and the names of categories and kinds."""
    counted, place = counting.period, _place(own)
    # The window may be as long as the whole period.
    days = Period(min(counted.start, whole.start), max(counted.end, whole.end))
    periods = {"days": days, **shapes.earlier_periods(counting)}
    spans = [figures.period_parameters(f"{name}_", period) for name, period in periods.items()]
    first = max(counted.start, counting.last_whole + timedelta(days=1)) if counting.last_whole < counted.end else date.max
    spans.append({"rest_first": first, "rest_last": counted.end})  # no day where the whole period is over
    values = {**place, **counting.values(), **{name: day for span in spans for name, day in span.items()}}
    rows = await ask(figures.incident_breakdown(own["level"] in MARGIN_LEVELS, counting.filters.form), values)
    facilities, names = await ask(areas.facilities_by_kind(own["level"]), place), await ask(areas.categories(), values)
    return Breakdown.from_rows(rows), facilities, names


async def fetch_same_hours(ask: Ask, own: RowMapping, counting: Counting, viewer: Viewer) -> SameHours | None:
    """Today until now beside earlier days until the same hour, if today alone is asked for and is not over: it has no whole day to compare.

    ``None`` also for viewers who see no single case here: roll-ups know days, but no hours.
    """
    today = counting.period
    if (
        counting.compared is not None
        or today != Period(counting.today, counting.today)
        or not (own["cases_seen"] and may_see_cases(viewer))
    ):
        return None
    until = own["city_as_of"].astimezone(zone(own["city_timezone"])).time()
    days = {"now": today, "previous": today.previous(), "year_before": today.year_before()}
    values = {
        **_place(own),
        **counting.values(),
        "timezone": own["city_timezone"],
        "until": timedelta(hours=until.hour, minutes=until.minute, seconds=until.second),
        **{f"{name}_day": day.start for name, day in days.items()},
    }
    counted = (await ask(reported_until(own["level"], counting.filters.form), values))[0]
    return SameHours(until, counted["now"], counted["previous"], counted["year_before"])


def _place(own: RowMapping) -> Mapping[str, Any]:
    """Values of the parameters that name an area."""
    return {name: own[name] for name in ("no", "code", "parent", "path")}


def select_coloured(own: RowMapping, level: str | None, family: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """The areas of a family to colour: those of the wanted level.

    If there are none: the children, or the area itself if these have no polygon.
    """
    found = _at_level(own, level, family)
    if found:
        return found
    _, below, _ = shapes.split_family(own, family)
    return list_placed(below) if any(row["has_polygon"] for row in below) else [row for row in family if row["code"] == own["code"]]


def select_drawn(own: RowMapping, level: str | None, family: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """The areas of a family that a map colours: those of the wanted level, or of the next one of which any has a polygon."""
    _, below, _ = shapes.split_family(own, family)
    for rows in (_at_level(own, level, family), below):
        drawn = next((row["level"] for row in rows if row["has_polygon"]), None)
        if drawn is not None:
            return [row for row in rows if row["level"] == drawn]
    return [row for row in family if row["code"] == own["code"]]


def _at_level(own: RowMapping, level: str | None, family: Sequence[RowMapping]) -> Sequence[RowMapping]:
    within = f"{own['path']}."
    return [row for row in list_placed(family) if row["level"] == level and row["path"].startswith(within)]


def list_unplaced(own: RowMapping, found: Sequence[RowMapping], family: Sequence[RowMapping]) -> list[RowMapping]:
    """The leaves for cases without a place inside an area that lie in none of the found areas: with them, these sum to the whole."""
    within, covered = f"{own['path']}.", {row["path"] for row in found}

    def lies_outside(path: str) -> bool:
        labels = path.split(".")
        return not any(".".join(labels[:depth]) in covered for depth in range(1, len(labels) + 1))

    return [row for row in family if row["origin"] == shapes.UNPLACED and row["path"].startswith(within) and lies_outside(row["path"])]


def list_placed(rows: Sequence[RowMapping]) -> list[RowMapping]:
    """Areas without the leaves for cases that have no place: these are on no map."""
    return [row for row in rows if row["origin"] != shapes.UNPLACED]
