"""The figures of an area and its family, and of every area of a level. ``data.queries.figures`` says which rows are added up."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from data.queries.areas import figures_of, inside_area, is_unplaced, unplaced_inside
from data.queries.expressions import Rows
from data.queries.figures import COUNTS, as_whole, halves_of, in_period, keep_kinds, list_spans, sum_counts
from data.schema import (
    DEADLINE_STATES,
    MARGIN_LEVELS,
    TOTAL_LEVELS,
    area,
    incident_daily,
    incident_open,
    zone_member,
)

# ---- Which areas ----


@dataclass(frozen=True, slots=True)
class Family:
    """The areas that a report or map page needs: the area, its siblings, its children, the zones of a city, and the areas to colour.

    Also the leaves for cases without a place inside it, at whatever depth.

    Attributes:
        level: level of the area itself.
        coloured: whether all areas of the level ``:coloured`` inside it are wanted too.
        past: whether the last day of the period is over. Otherwise the stock at its end is the stock as it stands, and costs nothing.
        compared: whether the cases reported in two more spans are counted: ``now_reported`` and ``before_reported``.
    """

    level: str
    coloured: bool = False
    past: bool = False
    compared: bool = False


def _family(family: Family) -> Any:
    """Codes of a family. Each part uses a different index; with OR between them, PostgreSQL would read all areas."""
    code, parent = bindparam("code", type_=Text), bindparam("parent", type_=Text)
    parts = [select(area.c.code).where(area.c.code == code)]
    if family.level == "zone":
        parts.append(select(area.c.code).where(area.c.parent == parent, area.c.level == "zone"))
        parts.append(select(zone_member.c.grid).where(zone_member.c.zone == code))
    else:
        parts.append(select(area.c.code).where(or_(area.c.parent == parent, area.c.parent == code), area.c.level != "zone"))
    if family.level == "city":
        parts.append(select(area.c.code).where(area.c.city == code, area.c.level == "zone"))
    if family.coloured:
        level = bindparam("coloured", type_=Text)
        parts.append(select(area.c.code).where(inside_area(family.level), area.c.level == level, ~is_unplaced()))
    if family.level != "zone":
        parts.append(select(area.c.code).where(unplaced_inside()))
    return union(*parts)


# ---- Their figures ----


def levels_with_sums(form: tuple[bool, bool]) -> tuple[str, ...]:
    """Levels whose areas hold the sums that these filters read."""
    return MARGIN_LEVELS if any(form) else TOTAL_LEVELS


@lru_cache
def family_figures(family: Family, form: tuple[bool, bool]) -> Rows:
    """The areas of a family, each with its figures: population, buildings, incidents of the period, deadlines, open cases.

    Open cases, by deadline state, are counted as they stand; ``open_at_end`` and ``overdue_at_end`` when the last day of the period ended.

    Parameters: ``code``, ``parent``, ``path``, ``coloured`` and those of ``Counting``; for compared areas also the spans ``now_`` and
    ``before_``.
    """
    unit = (
        select(
            *(area.c[name] for name in ("no", "code", "level", "name", "name_en", "parent", "origin", "area_m2")),
            cast(area.c.path, Text).label("path"),
            area.c.geom.is_not(None).label("has_polygon"),
            func.ST_X(area.c.label_point).label("lon"),
            func.ST_Y(area.c.label_point).label("lat"),
            (area.c.level == func.any(cast(list(levels_with_sums(form)), ARRAY(Text)))).label("sums"),
        )
        .where(area.c.code.in_(_family(family)))
        .cte("unit")
    )
    counted, waiting, figure = _counted(unit, form), _waiting(unit, form), figures_of(unit.c.code)
    since = _since(unit, form) if family.past else None
    spans = [_reported_in(name, unit, form) for name in COMPARED] if family.compared else []
    found = (
        select(
            *(column for column in unit.c if column.name not in ("no", "sums")),
            *(figure.c[name] for name in ("population", "households", "people_hidden", "population_as_of", "buildings")),
            *counted.c,
            *waiting.c,
            (waiting.c.open if since is None else waiting.c.open - since.c.opened).label("open_at_end"),
            (waiting.c.overdue if since is None else waiting.c.overdue - since.c.became_overdue).label("overdue_at_end"),
            *(column for span in spans for column in span.c),
        )
        .outerjoin_from(unit, figure, true())
        .join(counted, true())
        .join(waiting, true())
        .order_by(unit.c.code)
    )
    for joined in ([] if since is None else [since]) + spans:
        found = found.join(joined, true())
    return found


COMPARED = ("now", "before")
"""The two spans of a comparison."""


def _reported_in(span: str, unit: FromClause, form: tuple[bool, bool]) -> LateralFromClause:
    """Cases of one unit reported in the days ``<span>_first`` to ``<span>_last``: exactly one row."""
    daily = incident_daily.alias("d")
    rows = _either(daily, ("reported",), unit, form, in_period(daily.c.day, f"{span}_"))
    return select(as_whole(func.sum(rows.c.reported)).label(f"{span}_reported")).lateral(span)


def _either(
    table: FromClause, columns: tuple[str, ...], unit: FromClause, form: tuple[bool, bool], *kept: ColumnElement[bool]
) -> FromClause:
    """The rows of a roll-up that count for one unit. PostgreSQL runs only the one of the two halves that fits the unit's level."""

    def half(sums: bool) -> Rows:
        at_level = unit.c.sums if sums else ~unit.c.sums
        found = select(*(table.c[name] for name in columns)).correlate(unit)
        return keep_kinds(found.where(at_level, table.c.area_no == unit.c.no, *kept), table, halves_of(form), sums)

    return union_all(half(True), half(False)).subquery("r")


def _counted(unit: FromClause, form: tuple[bool, bool]) -> LateralFromClause:
    """Counts of the period for one unit: exactly one row. Lateral, so that PostgreSQL finds each unit's days by the index."""
    daily = incident_daily.alias("d")
    rows = _either(daily, ("day", *COUNTS), unit, form, in_period(daily.c.day))
    return select(*sum_counts(rows)).lateral("counted")


def _waiting(unit: FromClause, form: tuple[bool, bool]) -> LateralFromClause:
    """Open cases of one unit as they stand, by deadline state: exactly one row. A stock belongs to no period."""
    rows = _either(incident_open.alias("o"), ("state", "n"), unit, form)
    n = func.sum(rows.c.n)
    states = [as_whole(n.filter(rows.c.state == literal_column(f"'{state}'"))).label(state) for state in DEADLINE_STATES]
    return select(as_whole(n).label("open"), *states).lateral("waiting")


def _since(unit: FromClause, form: tuple[bool, bool]) -> LateralFromClause:
    """How much the stocks of one unit have grown since the period ended: exactly one row."""
    daily = incident_daily.alias("d")
    names = ("reported", "void", "closed", "overdue_change")
    rows = _either(daily, names, unit, form, daily.c.day > bindparam("last", type_=Date))
    opened = func.sum(rows.c.reported - rows.c.void - rows.c.closed)
    return select(as_whole(opened).label("opened"), as_whole(func.sum(rows.c.overdue_change)).label("became_overdue")).lateral("since")


@lru_cache
def level_counts(form: tuple[bool, bool], level: str, whole: bool) -> Rows:
    """The areas of the level ``coloured`` inside the area ``code``, or with ``whole`` that area itself, each with its ``COUNTS``.

    Args:
        form: of the filters.
        level: of the area ``code``.
        whole: see above.

    Parameters: ``code``, ``path``, ``coloured`` and those of ``Counting``.
    """
    sums = area.c.level == func.any(cast(list(levels_with_sums(form)), ARRAY(Text)))
    unit = select(*(area.c[name] for name in ("no", "code", "name", "name_en")), sums.label("sums"))
    if whole:
        unit = unit.where(area.c.code == bindparam("code", type_=Text))
    else:
        unit = unit.where(inside_area(level), area.c.level == bindparam("coloured", type_=Text), ~is_unplaced())
    at = unit.cte("unit")
    counted = _counted(at, form)
    return select(at.c.code.label("group"), at.c.name, at.c.name_en, *counted.c).join_from(at, counted, true()).order_by(at.c.code)


SPAN_COUNTS = ("reported", "due", "due_on_time")


@lru_cache
def span_counts(form: tuple[bool, bool], level: str) -> Rows:
    """The area ``code`` and the areas of the level ``coloured`` inside it, each with its counts in several spans of days at once.

    Rows ``code, name, name_en, span`` and ``SPAN_COUNTS``; ``span`` is the place in the lists, from 1. A span without a case has no row, an
    area without any case one row without a span. Deadlines in the future do not count. ``since``: the day on which the data of the city
    ``city``, as far as the reader may see it, or else of the area begin.

    Args:
        form: of the filters.
        level: of the area ``code``.

    Parameters: ``code``, ``path``, ``coloured``, ``firsts`` and ``lasts`` (the spans' days), and those of ``Counting``, whose period
    holds all spans.
    """
    code = bindparam("code", type_=Text)
    codes = union(
        select(area.c.code).where(area.c.code == code),
        select(area.c.code).where(inside_area(level), area.c.level == bindparam("coloured", type_=Text), ~is_unplaced()),
    )
    sums = area.c.level == func.any(cast(list(levels_with_sums(form)), ARRAY(Text)))
    unit = (
        select(*(area.c[name] for name in ("no", "code", "name", "name_en")), sums.label("sums")).where(area.c.code.in_(codes)).cte("unit")
    )
    span = list_spans()
    daily = incident_daily.alias("d")
    rows = _either(daily, ("day", *SPAN_COUNTS), unit, form, in_period(daily.c.day))
    days = select(*rows.c).lateral("days")
    counts = sum_counts(days, SPAN_COUNTS)
    named = (unit.c.code, unit.c.name, unit.c.name_en)
    codes_of = (bindparam("city", type_=Text), code)
    since = func.coalesce(*map(begin_of_data, codes_of), *map(first_day, codes_of)).label("since")
    joined = unit.outerjoin(days, true()).outerjoin(span, days.c.day.between(span.c.first, span.c.last))
    return select(*named, span.c.span, *counts, since).select_from(joined).group_by(*named, span.c.span).order_by(unit.c.code, span.c.span)


def first_day(code: ColumnElement[str]) -> ColumnElement[Any]:
    """The first day on which a case was reported in an area, from the sums or the single kinds, whichever it has."""
    daily = incident_daily.alias("f")
    no = select(area.c.no).where(area.c.code == code).scalar_subquery()
    return select(func.min(daily.c.day)).where(daily.c.area_no == no, daily.c.reported > 0).scalar_subquery()


FOLLOWED_DAYS = 31
"""A first case that no other follows within so many days has a wrong date, and is no beginning."""


def begin_of_data(code: ColumnElement[str]) -> ColumnElement[Any]:
    """The first day with a case after which another day with one comes soon; none where there is no such day."""
    daily, later = incident_daily.alias("f"), incident_daily.alias("l")
    no = select(area.c.no).where(area.c.code == code).scalar_subquery()
    soon = later.c.day.between(daily.c.day + 1, daily.c.day + FOLLOWED_DAYS)
    followed = select(later.c.day).where(later.c.area_no == no, later.c.reported > 0, soon).exists()
    return select(daily.c.day).where(daily.c.area_no == no, daily.c.reported > 0, followed).order_by(daily.c.day).limit(1).scalar_subquery()
