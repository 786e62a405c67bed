"""Builds a report from rows; no function here queries the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from data.core.period import Period
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.figures.scope import may_see_cases
from data.figures.types import (
    VERSION,
    AreaReport,
    Buildings,
    CityEntry,
    CityInfo,
    Comparison,
    Head,
    Incidents,
    IncidentTotals,
    LabelledName,
    PeriodSpan,
    Population,
    Rate,
    Seen,
    Unit,
)
from data.queries.figures import COUNTS, REST, Counting
from data.schema import CHANNELS, DEADLINE_STATES, PROACTIVE_CHANNELS
from data.schema.incident_counts import REPORT_FIELDS


def earlier_periods(counting: Counting) -> dict[str, Period]:
    """The earlier periods with which a report compares its whole days, by the names in ``figures.EARLIER``."""
    compared = counting.compared or counting.period
    return {"previous": compared.previous(), "year_before": compared.year_before()}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One area's incidents by day, category and channel, from the rows of ``figures.incident_breakdown``.

    Attributes:
        days: reported incidents by day; days without any are left out.
        categories, channels: reported incidents by name; the filter on the same dimension does not apply.
        earlier: totals of the periods of ``earlier_periods``, and of the days that are not over, if they have any incidents.
    """

    days: dict[date, int]
    categories: dict[str, int]
    channels: dict[str, int]
    earlier: dict[str, Mapping[str, Any]]

    @classmethod
    def from_rows(cls, rows: Iterable[RowMapping]) -> "Breakdown":
        """Sort the rows of the statement into their breakdowns."""
        made = cls({}, {}, {}, {})
        named = {"category": made.categories, "channel": made.channels}
        for row in rows:
            if row["part"] == "day":
                made.days[row["day"]] = row["reported"]
            elif row["part"] in named:
                named[row["part"]][row["name"]] = row["reported"]
            else:
                made.earlier[row["part"]] = dict(row)
        return made

    def by_day(self, period: Period) -> list[tuple[str, int]]:
        """Number of reported incidents on each day of a period, including days without any."""
        return [(day.isoformat(), self.days.get(day, 0)) for day in period.dates()]


def sort_by_count(counted: Mapping[str, int], only: Collection[str] = ()) -> dict[str, int]:
    """Names with their counts, largest first, without zeros; only the names in ``only``, unless it is empty."""
    kept = [(name, n) for name, n in counted.items() if n and (not only or name in only)]
    return dict(sorted(kept, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows from which a report is built.

    Attributes:
        own: the area with its city, figures and ancestors.
        family: the area, its siblings, its children, and a city's zones, each with its totals.
        parts: its incidents by day, category and channel.
        facilities: facilities by kind.
        names: names of the city's categories.
        viewer: who asked.
    """

    own: RowMapping
    family: Sequence[RowMapping]
    parts: Breakdown
    facilities: Sequence[RowMapping]
    names: Sequence[RowMapping]
    viewer: Viewer


def assemble_report(answers: Answers, counting: Counting) -> AreaReport:
    """The whole report.

    Args:
        answers: the rows.
        counting: which incidents were counted, and for which day.
    """
    own, parts = answers.own, answers.parts
    itself = next(row for row in answers.family if row["code"] == own["code"])
    beside, below, zones = split_family(own, answers.family)
    unplaced = [row for row in answers.family if row["origin"] == UNPLACED and f"{row['path']}.".startswith(f"{own['path']}.")]
    incidents = _incidents(itself, parts, counting, _withheld(answers), unplaced)
    proactive = sum(incidents["by_source"].get(channel, 0) for channel in PROACTIVE_CHANNELS)
    by_kind = {row["kind"]: row["n"] for row in answers.facilities}
    earlier = {name: _comparison(period, parts.earlier.get(name, _NONE)) for name, period in earlier_periods(counting).items()}
    return {
        **_place(own),  # type: ignore[typeddict-item]
        "version": VERSION,
        "head": _head(own),
        "city": assemble_city({name.removeprefix("city_"): own[name] for name in own if name.startswith("city_")}),
        "ancestors": own["ancestors"],
        "period": _span(counting.period),
        "population": _population(own, answers.viewer),
        "buildings": _buildings(own),
        "facilities": {"total": sum(by_kind.values()), "by_kind": by_kind},
        "incidents": incidents,
        "closing_rate": make_rate(itself["due_closed"], itself["due"]),
        "on_time_closing_rate": make_rate(itself["due_on_time"], itself["due"]),
        "proactive": make_rate(proactive, incidents["total"]),
        "whole_days": _whole_days(itself, parts.earlier.get(REST, _NONE), counting.compared),
        **earlier,
        "categories": _names(answers.names, "incident"),
        "kinds": _names(answers.names, "facility"),
        "uses": _names(answers.names, "building"),
        "channels": list(CHANNELS),
        "children": [assemble_unit(row) for row in below],
        "siblings": [assemble_unit(row) for row in beside],
        "zones": [assemble_unit(row) for row in zones],
        "seen": _seen(own, answers.viewer),
    }


UNPLACED = "unplaced"
"""Origin of the leaves for cases without a place."""
_NAMED = ("code", "name", "name_en", "level", "path", "parent", "origin", "has_polygon", "area_m2")


def _place(own: RowMapping) -> dict[str, Any]:
    """Name, level and place of the area."""
    return {**{name: own[name] for name in _NAMED}, "bbox": round_coordinates(own["bbox"]), "label_point": _point(own)}


def _seen(own: RowMapping, viewer: Viewer) -> Seen:
    return {
        "rights": viewer.rights,
        "detail": viewer.detail or "figures",
        "scope": own["scope_ends"],
        "figures": own["figures_end"],
        "cases": own["cases_seen"] and may_see_cases(viewer),
    }


def make_rate(numerator: int, denominator: int) -> Rate:
    """A share with numerator and denominator; no value where the denominator is 0."""
    return {"numerator": numerator, "denominator": denominator, "value": numerator / denominator if denominator else None}


def split_family(own: RowMapping, family: Sequence[RowMapping]) -> tuple[list[RowMapping], list[RowMapping], list[RowMapping]]:
    """Sort a family into siblings (with the area itself), children, and zones of the city. Other areas in it are ignored.

    The leaf for cases without a place is the last child, so that children sum to their parent; but it is nobody's sibling in a ranking.
    """
    zones, tree = [row for row in family if row["level"] == "zone"], [row for row in family if row["level"] != "zone"]
    if own["level"] == "zone":
        return [row for row in zones if row["parent"] == own["parent"]], tree, []
    beside = [row for row in tree if row["parent"] == own["parent"] and row["origin"] != UNPLACED]
    if own["origin"] == UNPLACED:
        beside = [row for row in tree if row["code"] == own["code"]]
    below = [row for row in tree if row["parent"] == own["code"]]
    return beside, sorted(below, key=lambda row: row["origin"] == UNPLACED), zones


def round_coordinates(numbers: list[float | None]) -> list[float] | None:
    """Coordinates rounded to a centimetre, or ``None`` where one is missing."""
    return None if None in numbers else [round(n, 7) for n in numbers if n is not None]


def _span(period: Period) -> PeriodSpan:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def assemble_city(row: Any) -> CityInfo:
    """A city, with the moment of its figures in its own time zone."""
    return {
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "timezone": row["timezone"],
        "as_of": iso(row["as_of"], row["timezone"]),
        "today": row["today"].isoformat(),
        "current": row["current"],
        "newest_case": _day(row["newest_case_day"]),
        "worked_since": iso(row["worked_since"], row["timezone"]) if row["worked_since"] else None,
        "is_demo": row["is_demo"],
        "has_cases": row["has_cases"],
        "data_version": row["data_version"],
        "versions": row["versions"],
        "level_names": row["level_names"],
        "notes": row["notes"],
    }


def assemble_cities(rows: Iterable[RowMapping]) -> list[CityEntry]:
    """Entries for the list of cities."""
    return [{**assemble_city(row), "bbox": round_coordinates(row["bbox"])} for row in rows]


def _head(own: RowMapping) -> Head:
    return {
        "name": own["head_name"],
        "name_en": own["head_name_en"],
        "title": own["head_title"],
        "title_en": own["head_title_en"],
        "phone": own["head_phone_shown"],
        "body": own["responsible_body"],
        "body_en": own["responsible_body_en"],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _population(own: RowMapping, viewer: Viewer) -> Population:
    return {
        "hidden": bool(own["people_hidden"]),
        "rounded": own["population_method"] is not None and not _sees_register(own, viewer),
        "total": own["population"],
        "households": own["households"],
        "as_of": _day(own["population_as_of"]),
        "male": own["male"],
        "female": own["female"],
        "ages": own["ages"],
        "method": own["population_method"],
    }


def _buildings(own: RowMapping) -> Buildings:
    return {
        "total": own["buildings"] or 0,
        "footprint_m2": own["footprint_m2"] or 0.0,
        "floor_area_m2": own["floor_area_m2"] or 0.0,
    }


def _sees_register(own: RowMapping, viewer: Viewer) -> bool:
    """Whether a viewer may see the register of the area, and so its exact figures and its sensitive cases."""
    return viewer.detail == "people" and bool(own["cases_seen"])


def _withheld(answers: Answers) -> list[str]:
    """Categories whose cases PostgreSQL did not count for this viewer."""
    if _sees_register(answers.own, answers.viewer):
        return []
    return [row["code"] for row in answers.names if row["subject"] == "incident" and row["sensitive"]]


def _totals(row: RowMapping) -> IncidentTotals:
    stocks: dict[str, int] = {name: row[name] for name in ("open", "overdue", "open_at_end", "overdue_at_end")}
    return {"total": row["reported"], **stocks}  # type: ignore[typeddict-item]


def _incidents(itself: RowMapping, parts: Breakdown, counting: Counting, withheld: list[str], unplaced: Sequence[RowMapping]) -> Incidents:
    filters = counting.filters
    return {
        **_totals(itself),
        **{state: itself[state] for state in DEADLINE_STATES},  # type: ignore[typeddict-item]
        **{field: itself[field] for field in REPORT_FIELDS},
        "by_category": sort_by_count(parts.categories, filters.categories),
        "by_source": sort_by_count(parts.channels, filters.channels),
        "by_day": parts.by_day(counting.period),
        "withheld": withheld,
        "unplaced": sum(row["reported"] for row in unplaced),
        "unplaced_open": sum(row["open"] for row in unplaced),
    }


_NONE = dict.fromkeys(COUNTS, 0)


def _comparison(period: Period, row: Mapping[str, int]) -> Comparison:
    return {
        "period": _span(period),
        "total": row["reported"],
        "closing_rate": make_rate(row["due_closed"], row["due"]),
        "on_time_closing_rate": make_rate(row["due_on_time"], row["due"]),
    }


def _whole_days(itself: RowMapping, rest: Mapping[str, int], compared: Period | None) -> Comparison | None:
    """The figures of the period's days that are over: all of its figures, less those of the other days."""
    if compared is None:
        return None
    return _comparison(compared, {name: itself[name] - rest[name] for name in COUNTS})


def _names(rows: Sequence[RowMapping], subject: str) -> dict[str, LabelledName]:
    return {
        row["code"]: {"name": row["name"], "name_en": row["name_en"], "symbol": row["symbol"], "ordinal": row["ordinal"]}
        for row in rows
        if row["subject"] == subject
    }


def assemble_unit(row: RowMapping) -> Unit:
    """An area with its totals."""
    return {
        **{name: row[name] for name in _NAMED},  # type: ignore[typeddict-item]
        "label_point": _point(row),
        "population": {
            "total": row["population"],
            "households": row["households"],
            "as_of": _day(row["population_as_of"]),
            "hidden": bool(row["people_hidden"]),
        },
        "buildings": {"total": row["buildings"] or 0},
        "incidents": _totals(row),
        "closing_rate": make_rate(row["due_closed"], row["due"]),
        "on_time_closing_rate": make_rate(row["due_on_time"], row["due"]),
    }


def _point(row: RowMapping) -> list[float] | None:
    """Longitude and latitude of the label, to a centimetre."""
    return None if row["lon"] is None else [round(row["lon"], 7), round(row["lat"], 7)]
