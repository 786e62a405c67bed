"""Statements on the figures of areas, from roll-ups only: their cost does not depend on the number of incidents.

The level decides which rows of a roll-up are added up. Areas of ``MARGIN_LEVELS`` hold sums over all categories, over all
channels, and over both; a filter on one of the two reads the sums over the other. Those of ``TOTAL_LEVELS`` hold at least the sum over
both. Areas of other levels hold no sums, because they have few rows; there the rows of single pairs of category and channel are added up.
Each statement is made
once for each combination of filters and levels; only values change.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Label,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.selectable import LateralFromClause

from data.core.period import Period
from data.queries.areas import figures_of, inside_area, is_unplaced, unplaced_inside
from data.queries.expressions import Expression, Rows
from data.schema import (
    DEADLINE_STATES,
    MARGIN_LEVELS,
    REPORTED_COUNTS,
    TOTAL_LEVELS,
    area,
    incident_daily,
    incident_kind,
    incident_open,
    zone_member,
)
from data.schema.incident_counts import Count

COUNTS = tuple(count.name for count in REPORTED_COUNTS)
"""Columns of the roll-up that a report adds up."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which incidents count: those of these categories and of these channels; empty means all."""

    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def form(self) -> tuple[bool, bool]:
        """Whether categories are filtered, and whether channels are."""
        return bool(self.categories), bool(self.channels)


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Counting:
    """Which incidents are counted, and for which day.

    Attributes:
        period: days of reporting, and of deadlines.
        filters: which categories and channels.
        city: code of the city whose kinds of incidents these are.
        today: the day that the figures are of, in the city's time zone.
        last_whole: the last day of which all cases are known: a day is compared with others only when it is over.
    """

    period: Period
    filters: Filters
    city: str
    today: date
    last_whole: date = date.max

    @property
    def compared(self) -> Period | None:
        """The days of the period that can be compared with earlier ones: those that are over."""
        return self.period.whole_days(self.last_whole)

    def values(self) -> dict[str, Any]:
        """Values of the parameters of the statements below."""
        return {
            "city": self.city,
            "today": self.today,
            "categories": list(self.filters.categories),
            "channels": list(self.filters.channels),
            **period_parameters("", self.period),
        }


def period_parameters(prefix: str, period: Period) -> dict[str, date]:
    """Values of the parameters ``<prefix>first`` and ``<prefix>last``."""
    return {f"{prefix}first": period.start, f"{prefix}last": period.end}


def in_period(day: Expression, prefix: str = "") -> ColumnElement[bool]:
    """Whether a day is one of the span ``<prefix>first`` to ``<prefix>last``."""
    return day.between(bindparam(f"{prefix}first", type_=Date), bindparam(f"{prefix}last", type_=Date))


def in_states(state: Expression) -> ColumnElement[bool]:
    """Whether a deadline state is one of ``states``."""
    return state == func.any(bindparam("states", type_=ARRAY(Text)))


# ---- Which kinds of incidents ----

Half = Literal["all", "some", "each"]
"""A half of a kind (category or channel): the sum over all, the ones in the filter, or every single one."""


def halves_of(form: tuple[bool, bool]) -> tuple[Half, Half]:
    """The halves that the filters select."""
    return "some" if form[0] else "all", "some" if form[1] else "all"


def _kinds(halves: tuple[Half, Half], sums: bool) -> Select[int, str, str]:
    """Kinds that together contain every incident of these halves once.

    With ``sums``, kinds that sum over a whole half are used; otherwise only pairs.
    """
    kind = incident_kind
    found = select(kind.c.no, kind.c.category, kind.c.channel).where(kind.c.city == bindparam("city", type_=Text))
    for half, column, values in zip(halves, (kind.c.category, kind.c.channel), ("categories", "channels"), strict=True):
        if half == "some":
            found = found.where(column == func.any(bindparam(values, type_=ARRAY(Text))))
        else:
            found = found.where(column.is_(None) if half == "all" and sums else column.is_not(None))
    return found


ZERO: ColumnElement[int] = literal_column("0", Integer)
"""Zero as text in a statement: with a parameter, PostgreSQL would not see that it can use the index of the sums."""


def keep_kinds(found: Rows, table: FromClause, halves: tuple[Half, Half], sums: bool) -> Rows:
    """The rows of a roll-up that count for one area. Sums have numbers below 0, and a separate index."""
    if halves == ("all", "all") and not sums:
        return found.where(table.c.kind > ZERO)
    kinds, kind = _kinds(halves, sums), table.c.kind
    if halves == ("all", "all"):
        # Two sums: of the sensitive categories, which not everybody may see, and of all others. An array of known length.
        both = array(
            [
                kinds.with_only_columns(incident_kind.c.no).where(incident_kind.c.sensitive.is_(one)).scalar_subquery()
                for one in (False, True)
            ]
        )
        return found.where(kind < ZERO, kind == func.any(both))
    if sums and "all" in halves:
        # A join, because PostgreSQL then looks up one kind after the other in the index; with an array it would read all days.
        at = kinds.subquery("k")
        return found.join_from(table, at, at.c.no == kind).where(kind < ZERO)
    # Not an index condition, which would scan the index once for each kind: the area's days contain few rows of other kinds.
    return found.where(kind + ZERO == func.any(func.array(kinds.with_only_columns(incident_kind.c.no).scalar_subquery())))


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
    return select(_whole(func.sum(rows.c.reported)).label(f"{span}_reported")).lateral(span)


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


def sum_counts(rows: FromClause) -> list[Label[int]]:
    """The counts over rows of the roll-up; deadlines in the future do not count."""
    past = rows.c.day <= bindparam("today", type_=Date)

    def total(count: Count) -> Label[int]:
        n = func.sum(rows.c[count.name])
        return _whole(n.filter(past) if count.only_past else n).label(count.name)

    return [total(count) for count in REPORTED_COUNTS]


def _waiting(unit: FromClause, form: tuple[bool, bool]) -> LateralFromClause:
    """Open cases of one unit as they stand, by deadline state: exactly one row. A stock belongs to no period."""
    rows = _either(incident_open.alias("o"), ("state", "n"), unit, form)
    n = func.sum(rows.c.n)
    states = [_whole(n.filter(rows.c.state == literal_column(f"'{state}'"))).label(state) for state in DEADLINE_STATES]
    return select(_whole(n).label("open"), *states).lateral("waiting")


def _since(unit: FromClause, form: tuple[bool, bool]) -> LateralFromClause:
    """How much the stocks of one unit have grown since the period ended: exactly one row."""
    daily = incident_daily.alias("d")
    names = ("reported", "void", "closed", "overdue_change")
    rows = _either(daily, names, unit, form, daily.c.day > bindparam("last", type_=Date))
    opened = func.sum(rows.c.reported - rows.c.void - rows.c.closed)
    return select(_whole(opened).label("opened"), _whole(func.sum(rows.c.overdue_change)).label("became_overdue")).lateral("since")


def _whole(n: ColumnElement[int]) -> ColumnElement[int]:
    """A sum as a whole number; 0 where there is nothing to sum."""
    return cast(func.coalesce(n, ZERO), Integer)


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


# ---- One area's incidents, broken down ----

EARLIER = ("previous", "year_before")
"""The earlier periods with which a report compares its own."""
REST = "rest"
"""The days of the report's own period that are not over, and are not compared with earlier ones."""
_NOBODY: ColumnElement[str] = literal_column("NULL", Text)


@lru_cache
def incident_breakdown(sums: bool, form: tuple[bool, bool]) -> Rows:
    """One area's incidents by day, by category and by channel, and in earlier periods: rows ``part, day, name`` and ``COUNTS``.

    ``part`` is ``day``, ``category``, ``channel``, one of ``EARLIER``, or ``REST``. The filter on categories does not apply to the
    counts by category, and likewise for channels, so that excluded names can still be chosen.

    Args:
        sums: whether the area's level is one of ``MARGIN_LEVELS``: it then has sums by category and by channel.
        form: of the filters.

    Parameters: ``no``, those of ``Counting``, and the spans ``days_``, ``previous_``, ``year_before_`` and ``rest_``.
    """
    daily, halves = incident_daily.alias("d"), halves_of(form)
    counts = [daily.c[name] for name in COUNTS]

    def part(name: str, days: str, label: ColumnElement[str] = _NOBODY) -> Rows:
        found = select(literal_column(f"'{name}'", Text).label("part"), daily.c.day, label.label("name"), *counts)
        return found.where(daily.c.area_no == bindparam("no", type_=Integer), in_period(daily.c.day, days))

    def by(name: str, halves: tuple[Half, Half]) -> Rows:
        at = _kinds(halves, sums).subquery(f"by_{name}")
        found = part(name, "", at.c[name]).join_from(daily, at, at.c.no == daily.c.kind)
        return found.where(daily.c.kind < ZERO) if sums and "all" in halves else found

    spans = {"day": "days", **{name: name for name in (*EARLIER, REST)}}
    whole = [keep_kinds(part(name, f"{days}_"), daily, halves, sums) for name, days in spans.items()]
    rows = union_all(*whole, by("category", ("each", halves[1])), by("channel", (halves[0], "each"))).subquery("r")
    day = case((rows.c.part == literal_column("'day'"), rows.c.day))
    return select(rows.c.part, day.label("day"), rows.c.name, *sum_counts(rows)).group_by(rows.c.part, day, rows.c.name)


@lru_cache
def incident_total(sums: bool, form: tuple[bool, bool], closed: bool, by_state: bool = False) -> Select[int]:
    """How many incidents an area has, ``n``: those that are open as they stand, or with ``closed`` all that were reported in the period.

    With ``by_state``, only open ones in one of the deadline states ``states``.

    Parameters: ``no`` and those of ``Counting``.
    """
    table = incident_daily if closed else incident_open
    n = func.coalesce(func.sum(table.c.reported if closed else table.c.n), 0)
    found = select(cast(n, Integer).label("n")).where(table.c.area_no == bindparam("no", type_=Integer))
    found = found.where(in_states(table.c.state)) if by_state else found
    return keep_kinds(found.where(in_period(table.c.day)) if closed else found, table, halves_of(form), sums)


@lru_cache
def unplaced_total(form: tuple[bool, bool], closed: bool, by_state: bool = False) -> Select[int]:
    """How many of the incidents of ``incident_total`` have no place, ``n``. Zones have none, because only cells are in them.

    Parameters: ``path`` and those of ``Counting``.
    """
    table = incident_daily if closed else incident_open
    n = func.coalesce(func.sum(table.c.reported if closed else table.c.n), 0)
    found = select(cast(n, Integer).label("n")).join_from(area, table, table.c.area_no == area.c.no).where(unplaced_inside())
    found = found.where(in_states(table.c.state)) if by_state else found
    return keep_kinds(found.where(in_period(table.c.day)) if closed else found, table, halves_of(form), sums=False)
