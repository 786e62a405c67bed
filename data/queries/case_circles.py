"""Circles of cases on the map, from roll-ups: for viewers who may not see single cases, and where there are too many of them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, Integer, Select, Subquery, Text, cast, func, literal_column, select, true, union_all
from sqlalchemy.sql.selectable import LateralFromClause

from data.queries.areas import CODE, inside_area, is_unplaced, unplaced_inside
from data.queries.expressions import Expression, Rows
from data.queries.families.area_figures import levels_with_sums
from data.queries.figures import ZERO, halves_of, in_period, in_states, keep_kinds
from data.schema import area, incident_daily, incident_open


@dataclass(frozen=True, slots=True)
class OpenFilters:
    """Which open cases are shown: those in one of these deadline states, and of one of these severities; empty means all.

    Roll-ups know deadline states, but not severities: cases of a severity are read one by one.
    """

    states: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()

    @property
    def form(self) -> tuple[bool, bool]:
        """Whether states are filtered, and whether severities are."""
        return bool(self.states), bool(self.severities)

    def values(self) -> dict[str, Any]:
        """Values of the parameters ``states`` and ``severities``."""
        return {"states": list(self.states), "severities": list(self.severities)}


EVERY_OPEN = OpenFilters()

ACROSS = 28
"""A circle represents a square cell whose side is 1/28 of the area's width."""
_NO_POLYGON_M = 20_000.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """Which cases are counted: the form of the filters; whether closed ones too; whether only open ones in one of ``states``."""

    form: tuple[bool, bool]
    closed: bool
    by_state: bool

    def count(self, unit: Subquery, sums: bool) -> LateralFromClause:
        """How many cases a unit has, ``n``, and how many of them are ``overdue``; ``sums``: whether its level holds the sums."""
        return self._reported(unit, sums) if self.closed else self._waiting(unit, sums)

    def _waiting(self, unit: Subquery, sums: bool) -> LateralFromClause:
        """Open cases as they stand."""
        rows = incident_open.alias("o")
        n, overdue = func.sum(rows.c.n), func.sum(rows.c.n).filter(rows.c.state == literal_column("'overdue'"))
        found = select(func.coalesce(n, ZERO).label("n"), func.coalesce(overdue, ZERO).label("overdue")).correlate(unit)
        kept = [rows.c.area_no == unit.c.no, *([in_states(rows.c.state)] if self.by_state else [])]
        return keep_kinds(found.where(*kept), rows, halves_of(self.form), sums).lateral("counted")

    def _reported(self, unit: Subquery, sums: bool) -> LateralFromClause:
        """All cases that were reported in the period."""
        rows = incident_daily.alias("d")
        n, overdue = (func.coalesce(func.sum(count), ZERO) for count in (rows.c.reported, rows.c.now_overdue))
        found = select(n.label("n"), overdue.label("overdue")).correlate(unit)
        kept = found.where(rows.c.area_no == unit.c.no, in_period(rows.c.day))
        return keep_kinds(kept, rows, halves_of(self.form), sums).lateral("counted")


def cell_side_m() -> Expression:
    """Side of these cells for the area ``code``, metres of EPSG:3857."""
    box = select(func.ST_XMax(area.c.geom_3857) - func.ST_XMin(area.c.geom_3857)).where(area.c.code == CODE).scalar_subquery()
    side: Expression = func.coalesce(box, _NO_POLYGON_M) / ACROSS
    return side


def middle_lonlat(x: Any, y: Any) -> tuple[Expression, Expression]:
    """Longitude and latitude of a place in EPSG:3857."""
    at = func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(x, y), 3857), 4326)
    return func.ST_X(at).label("lon"), func.ST_Y(at).label("lat")


@lru_cache
def cases_by_areas(own_level: str, level: str | None, form: tuple[bool, bool], closed: bool, by_state: bool = False) -> Rows:
    """Cases counted in square cells by the label points of their areas: ``n, overdue, lon, lat``, most cases first.

    Open cases as they stand, and how many of them are overdue; with ``closed`` all cases that were reported in the period.

    Of a zone, cells all of whose cases stand in it count as a whole. Of the others, roll-ups tell only how many cases stand in the zone
    together: these are one circle at the label of the zone. So the circles of every area sum to its figure, less cases without a place.

    Parameters: ``code``, ``path`` and those of ``figures.Counting``.

    Args:
        own_level: level of the area ``code``.
        level: the level whose areas are counted; ``None`` for areas without parts.
        form: form of the filters.
        closed: whether closed cases count too.
        by_state: whether only open cases in one of the deadline states ``states`` count.
    """
    unit = _units(own_level, level)
    kept = _Kept(form, closed, by_state)
    counted = kept.count(unit, level in levels_with_sums(form))
    lost = _unplaced(kept)
    within = (
        select(*(func.coalesce(func.sum(lost.c[name]), ZERO).label(name) for name in ("n", "overdue")))
        .where(lost.c.path.op("<@")(unit.c.path))
        .lateral("within")
    )
    cells = (
        select(unit.c.x, unit.c.y, (counted.c.n - within.c.n).label("n"), (counted.c.overdue - within.c.overdue).label("overdue"))
        .select_from(unit.join(counted, true()).join(within, true()))
        .cte("cells")
    )
    each = (union_all(select(cells), _rest_of_zone(cells, kept)) if own_level == "zone" else select(cells)).subquery("each")
    total = func.sum(each.c.n)
    size_m = cell_side_m()
    return (
        select(
            cast(total, Integer).label("n"),
            cast(func.sum(each.c.overdue), Integer).label("overdue"),
            *middle_lonlat(_weighted(each, "x"), _weighted(each, "y")),
        )
        .where(each.c.n > ZERO)
        .group_by(func.floor(each.c.x / size_m), func.floor(each.c.y / size_m))
        .order_by(total.desc())
    )


def _weighted(each: Subquery, axis: str) -> Expression:
    return func.sum(each.c[axis] * each.c.n) / func.sum(each.c.n)


def _whole_cells() -> Select[str]:
    """Codes of the cells all of whose cases stand in the zone ``code``."""
    return select(func.zone_whole_cells(CODE, type_=Text))


def _units(own_level: str, level: str | None) -> Subquery:
    part = area.alias("part")
    at = func.ST_Transform(area.c.label_point, 3857)
    within = area.c.code.in_(_whole_cells()) if own_level == "zone" else inside_area(own_level)
    undivided = ~select(part.c.code).where(part.c.parent == area.c.code, ~is_unplaced(part)).exists()
    return (
        select(area.c.no, area.c.path, func.ST_X(at).label("x"), func.ST_Y(at).label("y"))
        .where(within, undivided if level is None else area.c.level == level, area.c.level != "zone", area.c.label_point.is_not(None))
        .subquery("unit")
    )


def _rest_of_zone(cells: CTE, kept: _Kept) -> Rows:
    """What the zone ``code`` counts beside its whole cells, at its label: what stands in it of cells that its border crosses."""
    at = func.ST_Transform(area.c.label_point, 3857)
    own = select(area.c.no, func.ST_X(at).label("x"), func.ST_Y(at).label("y")).where(area.c.code == CODE).subquery("own")
    counted = kept.count(own, "zone" in levels_with_sums(kept.form))
    told = [select(func.coalesce(func.sum(cells.c[name]), ZERO)).scalar_subquery() for name in ("n", "overdue")]
    # Whoever may see more of the cells than of the zone (sensitive cases) has nothing left over.
    rest = [func.greatest(counted.c[name] - known, ZERO).label(name) for name, known in zip(("n", "overdue"), told, strict=True)]
    return select(own.c.x, own.c.y, *rest).select_from(own.join(counted, true()))


def _unplaced(kept: _Kept) -> CTE:
    """The leaves of cases without a place, which stand on no map, with their counts."""
    leaf = select(area.c.no, area.c.path).where(unplaced_inside()).subquery("leaf")
    counted = kept.count(leaf, False)
    return select(leaf.c.path, counted.c.n, counted.c.overdue).select_from(leaf.join(counted, true())).cte("lost")
