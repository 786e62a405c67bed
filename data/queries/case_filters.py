"""Which cases a list holds: filters, and the conditions on ``incident`` that they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array

from data.queries.areas import is_unplaced, stands_in_zone
from data.queries.expressions import Expression
from data.queries.indicator_facts import Part, is_behind
from data.queries.search import begins_with
from data.queries.units import is_of_own_unit
from data.schema import (
    CLOSED_STAGES,
    DEADLINE_STATES,
    OPEN_STAGES,
    OTHER_ENDS,
    Ltree,
    area,
    incident,
)

STATES = (*DEADLINE_STATES, "closed", "ended")
"""The state of a case as a list shows it: a deadline state while it is open; then closed, or ended in another way."""

RUNNING = ("amber", "on_time")
"""States of cases whose time runs towards their deadline."""
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
        provisional: whether the deadline is provisional.
        own_units: whether the viewer sees the case as a member of its unit.
        behind: code of an indicator and the part of it that counts the case, among the cases of its period.
        moment: at which ``behind`` and ``due_within`` look at deadlines.
        due_within: only open cases whose time runs, and whose deadline comes within so many hours of the moment.
        weekday, hour: of the report by the city's clock, where its hour is known: 1 Monday to 7 Sunday, and 0 to 23.
        only_day: whether only the day of the report is known.
        with_unit, with_assignee: whether a unit is responsible, and whether somebody works on it.
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
    provisional: bool | None = None
    with_unit: bool | None = None
    with_assignee: bool | None = None
    own_units: bool = False
    behind: tuple[str, Part] | None = None
    moment: datetime | None = None
    due_within: int | None = None
    weekday: int | None = None
    hour: int | None = None
    only_day: bool | None = None

    @property
    def only_open(self) -> bool:
        """Whether only open cases meet the conditions."""
        by_stage = self.due_within is not None or (bool(self.stages) and set(self.stages) <= set(OPEN_STAGES))
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
        district: code of the district that it is or lies in; ``None``: it lies in none, or in several.
        cells: codes of the leaves that the box and the polygon may touch; ``None``: they are too many to be named.
    """

    city: str
    timezone: str
    level: str
    code: str
    path: str
    district: str | None = None
    cells: tuple[str, ...] | None = None


NO_FILTERS = CaseFilters()
# ---- Conditions ----

_NEAR = 1_000
"""Cases may stand outside of the cell for which they count, up to a few hundred metres; in units of EPSG:3857."""


_TEXTS = (incident.c.number, incident.c.title, incident.c.address, incident.c.description)
_ODD = incident.c.search_keys.op("@>")(literal_column("'{0}'::integer[]"))
"""Whether a text of the case is not in the form in which it is sought: see migration 0027."""


_OF_OWN_UNIT: ColumnElement[bool] = literal_column(is_of_own_unit("incident.city", "incident.unit", "incident.path"))


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


def _is_known(column: Any, known: bool | None) -> list[ColumnElement[bool]]:
    return [] if known is None else [column.is_not(None) if known else column.is_(None)]


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
    return [_has_key(name, values) for name, values in _codes(filters).items() if values]


def _codes(filters: CaseFilters) -> dict[str, Sequence[Any]]:
    stages = filters.stages or (_end_stages(filters.states) if filters.only_ended else ())
    return {
        "category": filters.categories,
        "channel": filters.channels,
        "severity": filters.severities,
        "unit": filters.units,
        "assignee": filters.assignees,
        "stage": stages,
    }


def _has_key(name: str, values: Sequence[Any]) -> ColumnElement[bool]:
    return incident.c.search_keys.op("&&")(array([func.hashtext(literal(f"{name} {value}", Text)) for value in values], type_=Integer))


def of_half(is_open: bool) -> list[ColumnElement[bool]]:
    """Conditions for open cases, with their keys because they are few among all; or for the others."""
    return [incident.c.is_open, _has_key("stage", OPEN_STAGES)] if is_open else [~incident.c.is_open]


def _midnight(place: Place, day: date, later: int = 0) -> Expression:
    """The moment a day begins in the city's time zone, or the day ``later`` days after it."""
    wanted = cast(literal(day, Date) + literal_column(str(later)), TIMESTAMP)
    return func.timezone(literal(place.timezone, Text), wanted)


def clock_part(part: str, place: Place) -> Expression:
    """A part of the moment of the report by the city's clock, such as ``hour`` or ``isodow`` (1 Monday to 7 Sunday)."""
    return cast(func.extract(part, func.timezone(literal(place.timezone, Text), incident.c.reported_at)), Integer)


def _due_within(hours: int, moment: datetime | None) -> list[ColumnElement[bool]]:
    """The deadline comes within so many hours. What is overdue, and what is paused, is left out: its time does not run towards it."""
    now = func.now() if moment is None else literal(moment, TIMESTAMP(timezone=True))
    until = now + literal_column(f"interval '{hours:d} hours'")
    return [incident.c.is_open, incident.c.deadline_state.in_(RUNNING), incident.c.due_at < until]


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
    elif place.code == place.district:
        here.append(_in_district(place.district))
    elif place.level != "city":
        here.append(incident.c.path.op("<@")(cast(literal(place.path, Text), Ltree)))
    return here


def _in_district(code: str) -> ColumnElement[bool]:
    return incident.c.district == literal(code, Text)


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


def list_conditions(filters: CaseFilters, place: Place, few: bool) -> list[ColumnElement[bool]]:
    """The conditions. With ``few``, also those on keys, for filters that leave few cases among many: see ``_keys``."""
    by_keys = few or bool(filters.words)
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
        *_is_known(incident.c.unit, filters.with_unit),
        *_is_known(incident.c.assignee, filters.with_assignee),
    ]
    if filters.own_units:
        found.append(_OF_OWN_UNIT)
    for part, value in (("isodow", filters.weekday), ("hour", filters.hour)):
        if value is not None:
            found += [clock_part(part, place) == literal(value, Integer), ~incident.c.reported_is_day]
    if filters.due_within is not None:
        found += _due_within(filters.due_within, filters.moment)
    if filters.only_day is not None:
        found.append(incident.c.reported_is_day.is_(filters.only_day))
    if filters.behind is not None:
        found.append(is_behind(*filters.behind, filters.moment))
    if filters.provisional is not None:
        found.append(incident.c.due_provisional.is_(filters.provisional))
    if by_keys and place.district not in (None, place.code):
        found.append(_in_district(place.district))
    if filters.only_open:
        found.append(incident.c.is_open)
    return found + _keys(filters) if few else found
