"""Statements for the list of cases: a page in some order, and how many cases there are. Policies leave out what the viewer may not see.

A page continues behind the last row that was shown (keyset): it costs the same wherever it begins, and rows that arrive meanwhile neither
repeat a case nor push one out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Date,
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
)
from sqlalchemy.dialects.postgresql import array

from data.queries.areas import is_unplaced, stands_in_zone
from data.queries.expressions import Expression, Rows
from data.queries.figures import halves_of, in_period, keep_kinds
from data.queries.search import begins_with
from data.schema import (
    CLOSED_STAGES,
    DEADLINE_STATES,
    OPEN_STAGES,
    OTHER_ENDS,
    STAGES,
    Ltree,
    area,
    category,
    incident,
    incident_daily,
    incident_open,
)

STATES = (*DEADLINE_STATES, "closed", "ended")
"""The state of a case as a list shows it: a deadline state while it is open; then closed, or ended in another way."""

COLUMNS = {
    "reported_at": incident.c.reported_at,
    "due_at": incident.c.due_at,
    "closed_at": incident.c.closed_at,
    "stage_at": incident.c.stage_at,
    "number": incident.c.number,
    "category": incident.c.category,
    "channel": incident.c.channel,
    "area": incident.c.grid,
    "severity": incident.c.severity,
    "stage": case({stage: place for place, stage in enumerate(STAGES)}, value=incident.c.stage, else_=len(STAGES)),
    "unit": incident.c.unit,
    "assignee": incident.c.assignee,
}
"""What cases can be sorted by."""
INDEXED = ("reported_at", "due_at", "closed_at")
"""Sorting by these columns reads only the page, however many cases there are."""
_NULLABLE = ("due_at", "closed_at", "stage_at", "unit", "assignee")
STAGE_ENDS = {"closed": CLOSED_STAGES, "ended": OTHER_ENDS}


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days in the city's time zone, both ends included; an end may be missing."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        """Whether the span leaves out any day."""
        return self.first is not None or self.last is not None


ALL_DAYS = Days()


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """Which cases are listed: those that meet every condition; an empty one means all.

    Attributes:
        words: each occurs in the number, title, address or description. ``data.cases.words`` says which texts can be sought.
        number: beginning of the number.
        stages, states, categories, channels, severities, units, assignees: one of these.
        reported, due, closed: days of the report, of the deadline and of the closing.
        box: west, south, east, north in degrees.
        polygon: a polygon as WKT, in degrees.
        placed: whether the place is known.
    """

    words: tuple[str, ...] = ()
    number: str | None = None
    stages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    units: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reported: Days = ALL_DAYS
    due: Days = ALL_DAYS
    closed: Days = ALL_DAYS
    box: tuple[float, float, float, float] | None = None
    polygon: str | None = None
    placed: bool | None = None

    @property
    def only_open(self) -> bool:
        """Whether only open cases meet the conditions."""
        by_stage = bool(self.stages) and set(self.stages) <= set(OPEN_STAGES)
        return by_stage or (bool(self.states) and set(self.states) <= set(DEADLINE_STATES))

    @property
    def only_ended(self) -> bool:
        """Whether only cases that are not open meet the conditions."""
        by_stage = bool(self.stages) and not set(self.stages) & set(OPEN_STAGES)
        return by_stage or (bool(self.states) and not set(self.states) & set(DEADLINE_STATES))


@dataclass(frozen=True, slots=True)
class Place:
    """The area whose cases are listed.

    Attributes:
        city: code of its city.
        timezone: of the city.
        level, code, path: of the area.
        cells: codes of the leaves that the box and the polygon may touch; ``None``: they are too many to be named.
    """

    city: str
    timezone: str
    level: str
    code: str
    path: str
    cells: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list. Cases that have nothing in the column come last, in either direction."""

    column: str = "reported_at"
    descending: bool = True

    @property
    def nullable(self) -> bool:
        """Whether cases may have nothing in the column."""
        return self.column in _NULLABLE


NO_FILTERS = CaseFilters()
NEWEST_FIRST = Order()


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a page begins: behind the case with this value in the column of the order and this id."""

    value: Any
    id: int


# ---- Conditions ----

_NEAR = 1_000
"""Cases may stand outside of the cell for which they count, up to a few hundred metres; in units of EPSG:3857."""


_TEXTS = (incident.c.number, incident.c.title, incident.c.address, incident.c.description)
_ODD = incident.c.search_keys.op("@>")(literal_column("'{0}'::integer[]"))
"""Whether a text of the case is not in the form in which it is sought: see migration 0027."""


def _words(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Every word occurs in one of the texts. The pairs of characters find the rows, and the texts are compared once more."""
    found: list[ColumnElement[bool]] = []
    whole = func.concat_ws(literal_column(r"E'\n'"), *_TEXTS)
    for word in words:
        sought = func.search_text(literal(word, Text))
        if len(word) > 1:
            found.append(incident.c.search_keys.op("@>")(func.bigrams(sought)))
        # Making the form that is sought takes ten times as long as looking into the texts as they are.
        has_case = word.lower() != word.upper()
        texts = [func.lower(whole)] if has_case else list(_TEXTS)
        odd = and_(_ODD, func.strpos(func.search_text(whole), sought) > literal_column("0"))
        found.append(or_(*(func.strpos(one, sought) > literal_column("0") for one in texts), odd))
    return found


def _one_of(column: Any, values: Sequence[Any]) -> list[ColumnElement[bool]]:
    return [column.in_(values)] if values else []


def _in_state(states: Sequence[str]) -> list[ColumnElement[bool]]:
    if not states:
        return []
    waiting = and_(incident.c.is_open, incident.c.deadline_state.in_([state for state in states if state in DEADLINE_STATES]))
    return [or_(waiting, incident.c.stage.in_(_end_stages(states)))]


def _end_stages(states: Sequence[str]) -> list[str]:
    return [stage for state, ends in STAGE_ENDS.items() if state in states for stage in ends]


def _keys(filters: CaseFilters) -> list[ColumnElement[bool]]:
    """The same conditions once more, on the keys of a case: an index finds the rows by them, where these are few among many.

    Where many rows match they are left out: PostgreSQL takes conditions for independent of each other, and would expect too few rows.
    """
    stages = filters.stages or (_end_stages(filters.states) if filters.only_ended else ())
    codes: dict[str, Sequence[Any]] = {
        "category": filters.categories,
        "channel": filters.channels,
        "severity": filters.severities,
        "unit": filters.units,
        "assignee": filters.assignees,
        "stage": stages,
    }
    return [
        incident.c.search_keys.op("&&")(array([func.hashtext(literal(f"{name} {value}", Text)) for value in values], type_=Integer))
        for name, values in codes.items()
        if values
    ]


def _midnight(place: Place, day: date, later: int = 0) -> Expression:
    """The moment a day begins in the city's time zone, or the day ``later`` days after it."""
    wanted = cast(literal(day, Date) + literal_column(str(later)), TIMESTAMP)
    return func.timezone(literal(place.timezone, Text), wanted)


def _within(column: Any, days: Days, place: Place) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if days.first is not None:
        found.append(column >= _midnight(place, days.first))
    if days.last is not None:
        found.append(column < _midnight(place, days.last, 1))
    return found


def _inside(place: Place) -> list[ColumnElement[bool]]:
    """The case lies in the area. What stands in a zone is found by the cells near it, of which only parts may belong to it."""
    here: list[ColumnElement[bool]] = [incident.c.city == literal(place.city, Text)]
    if place.level == "zone":
        code, zone, cell = literal(place.code, Text), area.alias("of_zone"), area.alias("of_case")
        near = cell.c.geom_3857.op("&&")(func.ST_Expand(zone.c.geom_3857, _NEAR))
        at = select(cell.c.code).join_from(cell, zone, near)
        cells = at.where(zone.c.code == code, cell.c.city == literal(place.city, Text)).scalar_subquery()
        here += [incident.c.grid == func.any(func.array(cells)), stands_in_zone(incident, code)]
    elif place.level != "city":
        here.append(incident.c.path.op("<@")(cast(literal(place.path, Text), Ltree)))
    return here


def _on_map(filters: CaseFilters, place: Place) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.placed is not None:
        found.append(incident.c.geom.is_not(None) if filters.placed else incident.c.geom.is_(None))
    if filters.placed is False:
        leaves = select(area.c.code).where(area.c.city == literal(place.city, Text), is_unplaced()).scalar_subquery()
        found.append(incident.c.grid == func.any(func.array(leaves)))
    for shape in _shapes(filters):
        found += [incident.c.geom_3857.op("&&")(func.ST_Transform(shape, 3857)), func.ST_Intersects(shape, incident.c.geom)]
    if place.cells is not None:
        found.append(incident.c.grid.in_(place.cells))
    return found


def _shapes(filters: CaseFilters) -> list[Expression]:
    """The box and the polygon of the filters, EPSG:4326."""
    found: list[Expression] = []
    if filters.box is not None:
        found.append(func.ST_MakeEnvelope(*filters.box, 4326))
    if filters.polygon is not None:
        found.append(func.ST_GeomFromText(literal(filters.polygon, Text), 4326))
    return found


def cells_near(filters: CaseFilters, place: Place, most: int) -> Select[str]:
    """Codes of the areas that the box and the polygon may touch, at most ``most``; those without polygon may be anywhere.

    Cases have no index on where they stand, apart from open ones; the cells of an area have.
    """
    near = [area.c.geom_3857.op("&&")(func.ST_Expand(func.ST_Transform(shape, 3857), _NEAR)) for shape in _shapes(filters)]
    inside = area.c.city == literal(place.city, Text)
    return select(area.c.code).where(inside, or_(and_(*near), area.c.geom_3857.is_(None))).limit(literal_column(str(most)))


def _conditions(filters: CaseFilters, place: Place, few: bool) -> list[ColumnElement[bool]]:
    found = [
        *_inside(place),
        *_words(filters.words),
        *([begins_with(incident.c.number, filters.number)] if filters.number else []),
        *_one_of(incident.c.category, filters.categories),
        *_one_of(incident.c.channel, filters.channels),
        *_one_of(incident.c.severity, filters.severities),
        *_one_of(incident.c.unit, filters.units),
        *_one_of(incident.c.assignee, filters.assignees),
        *_one_of(incident.c.stage, filters.stages),
        *_in_state(filters.states),
        *_within(incident.c.reported_at, filters.reported, place),
        *_within(incident.c.due_at, filters.due, place),
        *_within(incident.c.closed_at, filters.closed, place),
        *_on_map(filters, place),
    ]
    if filters.only_open:
        found.append(incident.c.is_open)
    return found + _keys(filters) if few else found


# ---- One page ----


def _state() -> Expression:
    return case((incident.c.is_open, incident.c.deadline_state), (incident.c.stage.in_(CLOSED_STAGES), "closed"), else_=literal("ended"))


_SHOWN = (
    *("number", "title", "category", "severity", "channel", "stage", "reported_at", "due_at", "closed_at", "stage_at", "stage_due_at"),
    *("due_provisional", "reported_is_day", "due_is_day", "closed_is_day", "grid", "address", "unit", "handler", "assignee", "version"),
    *("city", "id"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        order: by which column, and by ``id`` among equals, in the same direction.
        limit: most cases.
        behind: the last case of the page before.
        empty: of the cases that have nothing in the column, which come after all others and are ordered by ``id`` alone.
        few: whether the filters leave few cases: then all are found first and sorted, by whatever index finds them. Otherwise PostgreSQL
            may walk along an index in the order of the list until the page is full, which takes long where few cases match.
    """

    order: Order
    limit: int
    behind: Behind | None = None
    empty: bool = False
    few: bool = False


def page(filters: CaseFilters, place: Place, wanted: Page, most: int | None = None) -> Rows:
    """Cases with the names that a list shows.

    Args:
        filters: which cases.
        place: in which area.
        wanted: which page of them, in which order.
        most: of ``few`` cases, find only so many, whichever these are, and count them: ``counts`` of each row then says how many there are,
            ``[{stage, state, n}]``.
    """
    column, kept = COLUMNS[wanted.order.column], _conditions(filters, place, wanted.few)
    in_part = column.is_(None) if wanted.empty else column.is_not(None)
    base = select(
        *(incident.c[name] for name in _SHOWN),
        *(incident.c[name] for name in ("source_id", "source_key", "geom")),
        incident.c.attributes["title_en"].astext.label("title_en"),
        _state().label("state"),
        column.label("sorted_by"),
    ).where(*kept)
    if wanted.few:
        found = base.limit(None if most is None else literal_column(str(most))).cte("found").prefix_with("MATERIALIZED")
        rows = select(found) if most is None else select(found, _count_found(found).label("counts"))
        keys: tuple[Any, ...] = (found.c.sorted_by, found.c.id)
        in_part = keys[0].is_(None) if wanted.empty else keys[0].is_not(None)
    else:
        rows, keys = base, (column, incident.c.id)
    by, descending = keys[1:] if wanted.empty else keys, wanted.order.descending
    if wanted.order.nullable:
        rows = rows.where(in_part)
    if wanted.behind is not None:
        rows = rows.where(*_after(by, wanted.behind, descending))
    rows = rows.order_by(*(key.desc() if descending else key.asc() for key in by)).limit(literal_column(str(wanted.limit)))
    return _with_names(rows.subquery("page"), place, wanted)


def _count_found(found: FromClause) -> Any:
    """How many of the found cases there are of each stage and state, as JSON."""
    n = select(found.c.stage, found.c.state, func.count().label("n")).group_by(found.c.stage, found.c.state).subquery("counted")
    one = func.jsonb_build_object("stage", n.c.stage, "state", n.c.state, "n", n.c.n)
    return select(func.jsonb_agg(one)).scalar_subquery()


def _after(by: Sequence[Any], behind: Behind, descending: bool) -> list[ColumnElement[bool]]:
    """Conditions for rows behind the last one. The first is implied by the second, but leaves out months that are over."""
    *columns, last = by
    further = last < behind.id if descending else last > behind.id
    if not columns:
        return [further]
    column, value = columns[0], behind.value
    return [
        column <= value if descending else column >= value,
        or_(column < value if descending else column > value, and_(column == value, further)),
    ]


def _with_names(found: Subquery, place: Place, wanted: Page) -> Rows:
    cell, above = area.alias("cell"), area.alias("above")
    named = and_(category.c.city == literal(place.city, Text), category.c.subject == "incident", category.c.code == found.c.category)
    keys = [found.c.id] if wanted.empty else [found.c.sorted_by, found.c.id]
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
        .order_by(*(key.desc() if wanted.order.descending else key.asc() for key in keys))
    )


# ---- How many ----


def capped_counts(filters: CaseFilters, place: Place, most: int, half: bool | None = None) -> Rows:
    """Rows ``stage, state, n`` of the first ``most`` cases that are found, whichever these are.

    Args:
        filters: which cases.
        place: in which area.
        most: of more cases, only so many are counted: ask for one more than is told.
        half: only open cases, or only the others; ``None``: both.
    """
    kept = _conditions(filters, place, few=True)
    if half is not None:
        kept.append(incident.c.is_open if half else ~incident.c.is_open)
    some = select(incident.c.stage, _state().label("state")).where(*kept).limit(literal_column(str(most))).subquery("some")
    return select(some.c.stage, some.c.state, func.count().label("n")).group_by(some.c.stage, some.c.state)


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
