"""Statements of indicators: from roll-ups where these know them, otherwise from the cases of a period.

Reports of a period lie in few partitions, and deadlines and closings of a period are found by an index of each month. Policies leave out
what the viewer may not see. Values are bound when a statement is made, except those of ``data.queries.figures.Counting`` and ``moment``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    Float,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import Subquery

from data.queries.case_filters import CaseFilters, Place, clock_part, list_conditions
from data.queries.expressions import Expression, Rows
from data.queries.figures import COUNTS, ZERO, in_period, sum_counts
from data.queries.indicator_facts import HOURS, Condition
from data.schema import (
    OPEN_STAGES,
    PROACTIVE_CHANNELS,
    Ltree,
    area,
    incident,
    incident_daily,
    incident_kind,
    unit,
)

Grouping = Literal["none", "area", "unit", "department", "category", "source", "person"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What is counted for one indicator: of the cases for which ``base`` holds, and of these for which ``counted`` does.

    Attributes:
        code: of the indicator; names of columns begin with it.
        counted, base, unknown: conditions; ``None``: nothing is counted.
        times: whether hours from report to closing are added up, and their median found.
    """

    code: str
    counted: Condition | None
    base: Condition
    unknown: Condition | None
    times: bool = False


# ---- From the cases ----


def case_counts(facts: Sequence[Fact], filters: CaseFilters, place: Place, grouping: Grouping, level: str | None) -> Rows:
    """Counts of the cases that filters leave, by group: ``group``, and for each fact ``…_n``, ``…_d`` and ``…_x`` (unknown).

    Of facts with times ``…_n`` are hours, added up, and ``…_m`` is their median. Groups are areas of a ``level``, or as ``grouping`` says.

    Parameters: ``moment``, for facts that ask whether a deadline is over.
    """
    key, rows = _group_by(grouping, level, place)
    columns = [column for fact in facts for column in _columns(fact)]
    found = select(key.label("group"), *columns).select_from(rows).where(*list_conditions(filters, place, few=False))
    return found.group_by(key) if grouping != "none" else found


def _columns(fact: Fact) -> list[Any]:
    made: list[Any] = [func.count().filter(fact.base).label(f"{fact.code}_d")]
    if fact.times:
        made.append(func.sum(HOURS).filter(fact.base).label(f"{fact.code}_n"))
        made.append(_median(HOURS).filter(fact.base).label(f"{fact.code}_m"))
    elif fact.counted is not None:
        made.append(func.count().filter(and_(fact.base, fact.counted)).label(f"{fact.code}_n"))
    if fact.unknown is not None:
        made.append(func.count().filter(fact.unknown).label(f"{fact.code}_x"))
    return made


def _median(value: Expression) -> Any:
    return func.percentile_cont(literal_column("0.5")).within_group(value)


def _group_by(grouping: Grouping, level: str | None, place: Place) -> tuple[Expression, Any]:
    """The group of a case, and the tables that say it."""
    if grouping == "area":
        above = areas_above(str(level), place)
        return above.c.code, incident.outerjoin(above, above.c.leaf == incident.c.grid)
    if grouping == "department":
        of = and_(unit.c.city == incident.c.city, unit.c.code == incident.c.unit)
        return func.nullif(unit.c.department, literal_column("''")), incident.outerjoin(unit, of)
    columns: dict[str, Expression] = {
        "none": cast(null(), Text),
        "unit": incident.c.unit,
        "category": incident.c.category,
        "source": incident.c.channel,
        "person": incident.c.assignee,
    }
    return columns[grouping], incident


def areas_above(level: str, place: Place) -> Subquery:
    """The area of a level above each leaf of an area: ``leaf``, ``code``."""
    leaf, above = area.alias("leaf"), area.alias("above")
    inside = above.c.path.op("<@")(cast(literal(place.path, Text), Ltree))
    found = select(leaf.c.code.label("leaf"), above.c.code.label("code")).join_from(above, leaf, leaf.c.path.op("<@")(above.c.path))
    return found.where(above.c.city == place.city, above.c.level == level, leaf.c.level != "zone", inside).subquery("above_leaf")


def stage_times(filters: CaseFilters, place: Place, grouping: Grouping, level: str | None) -> Rows:
    """Median hours in each open stage between steps made here, by group: ``group``, ``stage``, ``n`` (cases) and ``median``.

    Times of a case that was in a stage several times are added up.
    """
    key, rows = _group_by(grouping, level, place)
    found = (
        select(incident.c.district, incident.c.id, incident.c.reported_at, key.label("group"))
        .select_from(rows)
        .where(*list_conditions(filters, place, few=False), incident.c.version > ZERO)
        .cte("found")
    )
    keys = select(*(func.array_agg(found.c[name]).label(name) for name in ("district", "id", "reported_at"))).subquery("keys")
    # A function, because the policy of steps would look for the case of each of them.
    times = func.stage_times(keys.c.district, keys.c.id, keys.c.reported_at)
    spent = times.table_valued("case_district", "case_id", "case_stage", "lasted").render_derived("spent")
    of_case = and_(found.c.district == spent.c.case_district, found.c.id == spent.c.case_id)
    hours = cast(func.extract("epoch", spent.c.lasted) / literal_column("3600.0"), Float)
    counted = (
        select(found.c.group, spent.c.case_stage.label("stage"), func.count().label("n"), _median(hours).label("median"))
        .select_from(keys)
        .join(spent, literal(True))
        .join(found, of_case)
        .where(spent.c.case_stage.in_(OPEN_STAGES))
    )
    return counted.group_by(found.c.group, spent.c.case_stage)


def report_hours(filters: CaseFilters, place: Place) -> Rows:
    """Cases by day of the week and hour of their report: ``weekday``, ``hour``, ``n``; both are null where only the day is known."""
    known = ~incident.c.reported_is_day
    weekday, hour = (case((known, clock_part(part, place))) for part in ("isodow", "hour"))
    found = select(weekday.label("weekday"), hour.label("hour"), func.count().label("n"))
    return found.where(*list_conditions(filters, place, few=False)).group_by(literal_column("1"), literal_column("2"))


# ---- From roll-ups ----


@lru_cache
def kind_counts(grouping: Grouping, form: tuple[bool, bool]) -> Rows:
    """Counts of one area by category or source, from pairs of both: ``group``, ``COUNTS`` and ``proactive``.

    Parameters: ``no`` and those of ``data.queries.figures.Counting``.
    """
    daily, kind = incident_daily.alias("d"), incident_kind
    rows = (
        select(daily.c.day, kind.c.category, kind.c.channel, *(daily.c[name] for name in COUNTS))
        .join_from(daily, kind, kind.c.no == daily.c.kind)
        .where(daily.c.area_no == bindparam("no", type_=Integer), in_period(daily.c.day), daily.c.kind > ZERO)
    )
    for filtered, column, name in zip(form, (kind.c.category, kind.c.channel), ("categories", "channels"), strict=True):
        if filtered:
            rows = rows.where(column == func.any(bindparam(name, type_=ARRAY(Text))))
    found = rows.subquery("r")
    by = found.c.category if grouping == "category" else found.c.channel
    proactive = func.sum(found.c.reported).filter(found.c.channel.in_(PROACTIVE_CHANNELS))
    counted = select(by.label("group"), *sum_counts(found), cast(func.coalesce(proactive, ZERO), Integer).label("proactive"))
    return counted.group_by(by)


# ---- Who must act ----


def overdue_by_person(filters: CaseFilters, place: Place, by_person: bool) -> Rows:
    """Open cases beyond their deadline by unit and person, the oldest first: ``unit``, ``assignee``, ``n``, ``oldest_due``, ``oldest``.

    ``oldest`` is the number of the case that is overdue for longest.
    """
    person: Expression = incident.c.assignee if by_person else cast(null(), Text)
    numbers = func.array_agg(aggregate_order_by(incident.c.number, incident.c.due_at, incident.c.number), type_=ARRAY(Text))
    found = select(
        incident.c.unit,
        person.label("assignee"),
        func.count().label("n"),
        func.min(incident.c.due_at).label("oldest_due"),
        numbers[1].label("oldest"),
    ).where(*list_conditions(filters, place, few=False))
    groups = (incident.c.unit, person) if by_person else (incident.c.unit,)
    return found.group_by(*groups).order_by(func.min(incident.c.due_at), *groups)
