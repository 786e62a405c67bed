"""Statements on the figures of areas, from roll-ups only: their cost does not depend on the number of incidents.

The level decides which rows of a roll-up are added up. Areas of ``MARGIN_LEVELS`` hold sums over all categories, over all
channels, and over both; a filter on one of the two reads the sums over the other. Those of ``TOTAL_LEVELS`` hold at least the sum over
both. Areas of other levels hold no sums, because they have few rows; there the rows of single pairs of category and channel are added up.
Each statement is made
once for each combination of filters and levels; only values change.
"""

from collections.abc import Sequence
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
    TableValuedAlias,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import array

from data.core.period import Period
from data.queries.areas import unplaced_inside
from data.queries.expressions import Expression, Rows
from data.schema import (
    REPORTED_COUNTS,
    area,
    incident_daily,
    incident_kind,
    incident_open,
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


def as_whole(n: ColumnElement[int]) -> ColumnElement[int]:
    """A sum as a whole number; 0 where there is nothing to sum."""
    return cast(func.coalesce(n, ZERO), Integer)


def sum_counts(rows: FromClause, names: Sequence[str] = COUNTS) -> list[Label[int]]:
    """The counts over rows of the roll-up; deadlines in the future do not count. Parameters: ``today``."""
    past = rows.c.day <= bindparam("today", type_=Date)

    def total(count: Count) -> Label[int]:
        n = func.sum(rows.c[count.name])
        return as_whole(n.filter(past) if count.only_past else n).label(count.name)

    return [total(count) for count in REPORTED_COUNTS if count.name in names]


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


# ---- Several spans of days at once ----


def list_spans() -> TableValuedAlias:
    """The spans of days ``firsts`` to ``lasts``, with their places from 1: rows ``first, last, span``."""
    firsts, lasts = (bindparam(name, type_=ARRAY(Date)) for name in ("firsts", "lasts"))
    return func.unnest(firsts, lasts).table_valued("first", "last", with_ordinality="span").render_derived("spans")


@lru_cache
def category_spans(sums: bool) -> Rows:
    """One area's reported cases by category in several spans at once: rows ``category, span, reported``. Spans without a case have no row.

    Args:
        sums: whether the area's level is one of ``MARGIN_LEVELS``.

    Parameters: ``no``, ``firsts``, ``lasts``, and those of ``Counting``, whose period holds all spans.
    """
    daily, span = incident_daily.alias("d"), list_spans()
    at = _kinds(("each", "all"), sums).subquery("k")
    joined = daily.join(at, at.c.no == daily.c.kind).join(span, daily.c.day.between(span.c.first, span.c.last))
    found = select(at.c.category, span.c.span, as_whole(func.sum(daily.c.reported)).label("reported")).select_from(joined)
    found = found.where(daily.c.area_no == bindparam("no", type_=Integer), in_period(daily.c.day))
    found = found.where(daily.c.kind < ZERO) if sums else found
    return found.group_by(at.c.category, span.c.span).order_by(at.c.category, span.c.span)


@lru_cache
def overdue_since(sums: bool, form: tuple[bool, bool]) -> Select[int]:
    """How many of one area's cases had their deadline on the day ``until`` or before and are still open, ``n``; paused ones do not count.

    Args:
        sums: whether the area's level holds sums for these filters.
        form: of the filters.

    Parameters: ``no``, ``until``, and those of ``Counting``.
    """
    daily = incident_daily.alias("d")
    found = select(as_whole(func.sum(daily.c.due - daily.c.due_closed)).label("n"))
    found = found.where(daily.c.area_no == bindparam("no", type_=Integer), daily.c.day <= bindparam("until", type_=Date))
    return keep_kinds(found, daily, halves_of(form), sums)
