"""Statements for the list of cases: a page in some order, and how many cases there are. Policies leave out what the viewer may not see.

A page continues behind the last row that was shown (keyset): it costs the same wherever it begins, and rows that arrive meanwhile neither
repeat a case nor push one out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.queries.case_filters import CaseFilters, Place, list_conditions, of_half
from data.queries.expressions import Expression, Rows
from data.queries.figures import halves_of, in_period, keep_kinds
from data.schema import (
    CLOSED_STAGES,
    STAGES,
    Ltree,
    area,
    attachment_case,
    category,
    incident,
    incident_daily,
    incident_kind,
    incident_open,
)

URGENCY_STEP = 10**17
"""In the order of urgency a case is a number: its place (twice the rank of its state, one more without a deadline) times the step, and the
microseconds of its deadline since 1970."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970; 0 before."""
    return max((moment - _EPOCH) // timedelta(microseconds=1), 0)


def moment_of(count: int) -> datetime:
    """The moment so many microseconds after 1970; the last one that can be written for what no case can have."""
    try:
        return _EPOCH + timedelta(microseconds=count)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _microseconds(column: Any) -> Expression:
    return func.greatest(cast(func.extract("epoch", column) * literal_column("1000000"), BigInteger), 0)


def _urgency() -> Expression:
    paused = and_(incident.c.is_open, incident.c.deadline_state == "paused")
    rank = case((paused, literal_column("2")), (incident.c.is_open, literal_column("0")), else_=literal_column("4"))
    place = cast(rank, BigInteger) + case((incident.c.due_at.is_(None), literal_column("1")), else_=literal_column("0"))
    return place * literal_column(str(URGENCY_STEP)) + func.coalesce(_microseconds(incident.c.due_at), literal_column("0"))


COLUMNS = {
    "urgency": _urgency(),
    "reported_at": incident.c.reported_at,
    "due_at": incident.c.due_at,
    "closed_at": incident.c.closed_at,
    "stage_at": incident.c.stage_at,
    "number": incident.c.number.collate("C"),
    "category": incident.c.category.collate("C"),
    "channel": incident.c.channel.collate("C"),
    "area": incident.c.grid,
    "severity": incident.c.severity,
    "stage": case({stage: place for place, stage in enumerate(STAGES)}, value=incident.c.stage, else_=len(STAGES)),
    "unit": incident.c.unit.collate("C"),
    "assignee": incident.c.assignee.collate("C"),
}
"""What cases can be sorted by."""
BY_VALUE = ("category", "channel", "severity", "stage")
"""Columns of few values: such a list is read value after value, each as a list of its own, newest first."""
INDEXED = ("urgency", "reported_at", "due_at", "closed_at", "number", "area", *BY_VALUE)
"""Sorting by these columns reads little more than the page, however many cases there are."""
_NULLABLE = ("due_at", "closed_at", "stage_at", "unit", "assignee")


_MOMENTS = ("reported_at", "due_at", "closed_at", "stage_at")


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: among equals of a moment by ``id`` in the same direction, among other equals the newest report first.

    Cases that have nothing in the column come last, in either direction, the newest report first.
    """

    column: str = "reported_at"
    descending: bool = True

    @property
    def nullable(self) -> bool:
        """Whether cases may have nothing in the column."""
        return self.column in _NULLABLE

    @property
    def of_moments(self) -> bool:
        """Whether the column holds moments."""
        return self.column in _MOMENTS


NEWEST_FIRST = Order()


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a page begins: behind the case with this value in the column of the order, this moment of reporting and this id."""

    value: Any
    moment: datetime
    id: int


# ---- One page ----


def _state() -> Expression:
    return case((incident.c.is_open, incident.c.deadline_state), (incident.c.stage.in_(CLOSED_STAGES), "closed"), else_=literal("ended"))


_SHOWN = (
    *("number", "title", "category", "severity", "channel", "stage", "reported_at", "due_at", "closed_at", "stage_at", "stage_due_at"),
    *("due_provisional", "reported_is_day", "due_is_day", "closed_is_day", "grid", "address", "unit", "handler", "assignee", "version"),
    *("city", "district", "id"),
)


def shown_columns() -> list[Any]:
    """What of a case a list shows, and what the names of ``name_rows`` follow from."""
    return [
        *(incident.c[name] for name in _SHOWN),
        *(incident.c[name] for name in ("source_id", "source_key", "geom")),
        incident.c.attributes["title_en"].astext.label("title_en"),
        _state().label("state"),
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        order: by which column, and how among equals.
        limit: most cases.
        behind: the last case of the page before.
        empty: of the cases that have nothing in the column, which come after all others.
        few: whether the filters leave few cases: then all are found first and sorted, by whatever index finds them. Otherwise PostgreSQL
            may walk along an index in the order of the list until the page is full, which takes long where few cases match.
        keyed: whether filters are also conditions on keys: of many cases, those of one value may be few.
        ends: of a list by area, the first and the last code that occur: the walk begins and ends there.
        since, until: only cases that were reported from the first moment on, and before the second.
    """

    order: Order
    limit: int
    behind: Behind | None = None
    empty: bool = False
    few: bool = False
    keyed: bool = False
    ends: tuple[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None


PLAN_EACH = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
"""For the transaction: a statement is planned for its values, which say how many cases match and in which months they lie."""
NO_WALK = text("SELECT set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true)")
"""For the transaction: rows are found by their keys only. Where words seldom stand in one case, PostgreSQL expects them to do so often."""


def page(filters: CaseFilters, place: Place, wanted: Page, most: int | None = None, in_order: bool = False) -> Rows:
    """Cases with the names that a list shows.

    Args:
        filters: which cases.
        place: in which area.
        wanted: which page of them, in which order.
        most: of ``few`` cases, find only so many, whichever these are, and count them: ``counts`` of each row then says how many there are,
            ``[{stage, state, n}]``.
        in_order: of more than ``most``, find the first ones in the order of the list.
    """
    column, kept = COLUMNS[wanted.order.column], list_conditions(filters, place, wanted.few or wanted.keyed)
    if wanted.since is not None:
        kept.append(incident.c.reported_at >= literal(wanted.since, DateTime(timezone=True)))
    if wanted.until is not None:
        kept.append(incident.c.reported_at < literal(wanted.until, DateTime(timezone=True)))
    base = select(*shown_columns(), column.label("sorted_by")).where(*kept)
    in_table = _keys(wanted, column, incident.c, walked=not wanted.few)
    if wanted.few:
        first = base.order_by(*(key.ordered for key in in_table)) if in_order else base
        found = first.limit(None if most is None else literal_column(str(most))).cte("found").prefix_with("MATERIALIZED")
        rows = select(found) if most is None else select(found, _count_found(found).label("counts"))
        of_order: ColumnElement[Any] = found.c.sorted_by
        keys = _keys(wanted, of_order, found.c)
    else:
        of_order, keys = column, in_table
        rows = (
            base
            if wanted.ends is None
            else base.where(incident.c.grid.between(literal(wanted.ends[0], Text), literal(wanted.ends[1], Text)))
        )
    if wanted.order.nullable:
        rows = rows.where(of_order.is_(None) if wanted.empty else of_order.is_not(None))
    if wanted.behind is not None:
        rows = rows.where(*_after(keys, wanted.behind, wanted))
    rows = rows.order_by(*(key.ordered for key in keys)).limit(literal_column(str(wanted.limit)))
    return _with_names(rows.subquery("page"), place, wanted)


@dataclass(frozen=True, slots=True)
class _Key:
    """A part of an order: by what, in which direction, and whether by bytes, as the index of numbers is."""

    by: Any
    descending: bool
    bytewise: bool = False

    @property
    def ordered(self) -> Any:
        """For ORDER BY."""
        if self.bytewise:
            return literal_column(f"incident.number USING {'~>~' if self.descending else '~<~'}")
        return self.by.desc() if self.descending else self.by.asc()

    def after(self, value: Any, or_equal: bool = False) -> ColumnElement[bool]:
        """The condition that a row comes after this value, or with it."""
        sign = (">" if not self.descending else "<") + ("=" if or_equal else "")
        found: ColumnElement[bool] = self.by.bool_op(f"~{sign}~" if self.bytewise else sign)(value)
        return found


def _keys(wanted: Page, column: Any, of_row: Any, walked: bool = False) -> list[_Key]:
    """What the rows of a page are ordered by. ``walked``: along an index."""
    order = wanted.order
    newest = [_Key(of_row.reported_at, True), _Key(of_row.id, True)]
    if wanted.empty:
        return newest
    if order.column == "urgency":
        return _urgency_keys(column, of_row, order.descending)
    if order.of_moments:
        return [_Key(column, order.descending), _Key(of_row.id, order.descending)]
    if walked and order.column == "number":
        return [_Key(incident.c.number, order.descending, bytewise=True), *newest]
    return [_Key(column, order.descending), *newest]


def _urgency_keys(column: Any, of_row: Any, descending: bool) -> list[_Key]:
    """By place, then deadline and ``id`` in the same direction; without a deadline the newest report first."""
    step: ColumnElement[int] = literal_column(str(URGENCY_STEP), BigInteger)
    without = of_row.due_at.is_(None)
    reported = case((without, -_microseconds(of_row.reported_at)), else_=literal_column("0"))
    number = case((without, -of_row.id), else_=-of_row.id if descending else of_row.id)
    return [_Key(column // step, False), _Key(func.mod(column, step), descending), _Key(reported, False), _Key(number, False)]


def _urgency_values(behind: Behind, descending: bool) -> list[Any]:
    place, due = divmod(behind.value, URGENCY_STEP)
    if place % 2:
        values = (place, due, -microseconds(behind.moment), -behind.id)
    else:
        values = (place, due, 0, -behind.id if descending else behind.id)
    return [literal(value, BigInteger) for value in values]


def ends_of(place: Place) -> Select[str, str]:
    """The first and the last code of the areas in an area of the tree, ``first`` and ``last``."""
    inside = area.c.path.op("<@")(cast(literal(place.path, Text), Ltree))
    return select(func.min(area.c.code).label("first"), func.max(area.c.code).label("last")).where(inside)


def _count_found(found: FromClause) -> Any:
    """How many of the found cases there are of each stage and state, as JSON."""
    n = select(found.c.stage, found.c.state, func.count().label("n")).group_by(found.c.stage, found.c.state).subquery("counted")
    one = func.jsonb_build_object("stage", n.c.stage, "state", n.c.state, "n", n.c.n)
    return select(func.jsonb_agg(one)).scalar_subquery()


def _after(keys: Sequence[_Key], behind: Behind, wanted: Page) -> list[ColumnElement[bool]]:
    """Conditions for rows behind the last one. The first is implied by the second, but leaves out months that are over."""
    last: list[Any] = [behind.moment, behind.id] if len(keys) == 2 else [behind.value, behind.moment, behind.id]
    if len(keys) == 4:
        last = _urgency_values(behind, wanted.order.descending)
    if wanted.order.of_moments and not wanted.empty:
        last[0] = behind.value
    ways = [
        and_(*(before.by == value for before, value in zip(keys[:n], last[:n], strict=True)), key.after(last[n]))
        for n, key in enumerate(keys)
    ]
    return [keys[0].after(last[0], or_equal=True), or_(*ways)]


def _with_names(found: Subquery, place: Place, wanted: Page) -> Rows:
    return name_rows(found, place.city).order_by(*(key.ordered for key in _keys(wanted, found.c.sorted_by, found.c)))


def name_rows(found: Subquery, city: str) -> Rows:
    """Rows of ``shown_columns``, of one city, with the names of their categories and areas."""
    cell, above = area.alias("cell"), area.alias("above")
    named = and_(category.c.city == literal(city, Text), category.c.subject == "incident", category.c.code == found.c.category)
    return (
        select(
            *(column for column in found.c if column.name not in ("geom", "source_id", "source_key")),
            func.concat(found.c.source_id, ":", found.c.source_key).label("key"),
            func.ST_X(found.c.geom).label("lon"),
            func.ST_Y(found.c.geom).label("lat"),
            func.coalesce(category.c.name, found.c.category).label("category_name"),
            func.coalesce(category.c.name_en, found.c.category).label("category_name_en"),
            cell.c.name.label("grid_name"),
            cell.c.name_en.label("grid_name_en"),
            above.c.name.label("above_name"),
            above.c.name_en.label("above_name_en"),
        )
        .outerjoin_from(found, cell, cell.c.code == found.c.grid)
        .outerjoin(above, above.c.code == cell.c.parent)
        .outerjoin(category, named)
    )


@lru_cache
def files_of() -> Rows:
    """Photos and papers of the cases with the keys ``districts`` and ``ids``: ``incident_id``, how many (``n``), hash of the ``first``."""
    wanted = func.unnest(bindparam("districts", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(BigInteger)))
    keys, has = wanted.table_valued("district", "id").render_derived(name="wanted"), attachment_case.c
    first = func.array_agg(aggregate_order_by(has.hash, has.at, has.hash))[1]
    return (
        select(has.incident_id, func.count().label("n"), first.label("first"))
        .join_from(keys, attachment_case, and_(has.district == keys.c.district, has.incident_id == keys.c.id))
        .where(has.replaced_by.is_(None))
        .group_by(has.incident_id)
    )


# ---- Value after value ----


def values_of(column: str, city: str) -> Select[str]:
    """Categories or channels (``column``) that cases of a city have."""
    found = incident_kind.c[column]
    return select(found).where(incident_kind.c.city == literal(city, Text), found.is_not(None)).distinct()


# ---- How many ----


def capped_counts(filters: CaseFilters, place: Place, most: int, half: bool | None = None) -> Rows:
    """Rows ``stage, state, n`` of the first ``most`` cases that are found, whichever these are.

    Args:
        filters: which cases.
        place: in which area.
        most: of more cases, only so many are counted: ask for one more than is told.
        half: only open cases, or only the others; ``None``: both.
    """
    kept = list_conditions(filters, place, few=True)
    if half is not None:
        kept += of_half(half)
    some = select(incident.c.stage, _state().label("state")).where(*kept).limit(literal_column(str(most))).subquery("some")
    return select(some.c.stage, some.c.state, func.count().label("n")).group_by(some.c.stage, some.c.state)


def kind_counts(filters: CaseFilters, place: Place, most: int) -> Rows:
    """Rows ``category, severity, n`` of the first ``most`` cases that are found, whichever these are."""
    kept = list_conditions(filters, place, few=True)
    some = select(incident.c.category, incident.c.severity).where(*kept).limit(literal_column(str(most))).subquery("some")
    return select(some.c.category, some.c.severity, func.count().label("n")).group_by(some.c.category, some.c.severity)


def open_counts(sums: bool, form: tuple[bool, bool]) -> Rows:
    """Rows ``stage, state, n`` of an area's open cases, from the roll-up. Parameters: ``no``, ``city``, ``categories``, ``channels``."""
    table = incident_open
    found = select(table.c.stage, table.c.state, cast(func.sum(table.c.n), Integer).label("n"))
    found = found.where(table.c.area_no == bindparam("no", type_=Integer)).group_by(table.c.stage, table.c.state)
    return keep_kinds(found, table, halves_of(form), sums)


def reported_counts(sums: bool, form: tuple[bool, bool]) -> Select[int, int]:
    """``n`` and ``void`` (ended in another way than closed) of the cases of an area reported on days ``first`` to ``last``, likewise."""
    table = incident_daily
    totals = [cast(func.coalesce(func.sum(column), 0), Integer) for column in (table.c.reported, table.c.void)]
    here = table.c.area_no == bindparam("no", type_=Integer)
    found = select(totals[0].label("n"), totals[1].label("void")).where(here, in_period(table.c.day))
    return keep_kinds(found, table, halves_of(form), sums)
