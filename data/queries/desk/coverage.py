"""Statements for coverage: which communities and grids have a head, or somebody who works for them.

Staff is a head that the area names, or a member of a unit for this area today; members of units are seen by who sees cases.
"""

from dataclasses import dataclass

from sqlalchemy import Date, FromClause, Text, and_, bindparam, cast, func, literal, literal_column, null, or_, select

from data.queries.areas import is_unplaced
from data.queries.case_filters import Place
from data.queries.expressions import Expression, Rows
from data.queries.indicator_facts import Condition
from data.queries.indicators import areas_above
from data.schema import Ltree, area, unit_member


@dataclass(frozen=True, slots=True)
class _Staff:
    """Conditions on areas of a city. Parameters: ``today``."""

    place: Place
    members_seen: bool

    def is_of(self, of: FromClause, level: str) -> Condition:
        return and_(of.c.city == self.place.city, of.c.level == level, ~is_unplaced(of))

    def is_inside(self, of: FromClause) -> Condition:
        inside: Condition = of.c.path.op("<@")(cast(literal(self.place.path, Text), Ltree))
        return inside

    def is_headed(self, of: FromClause) -> Condition:
        return func.coalesce(of.c.head_name, literal_column("''")) != literal_column("''")

    def has_worker(self, of: FromClause) -> Condition:
        if not self.members_seen:
            return literal_column("false")
        today = bindparam("today", type_=Date)
        member = select(unit_member.c.area).where(
            unit_member.c.city == self.place.city,
            unit_member.c.area.is_not(None),
            or_(unit_member.c.valid_from.is_(None), unit_member.c.valid_from <= today),
            or_(unit_member.c.valid_to.is_(None), unit_member.c.valid_to >= today),
        )
        return of.c.code.in_(member)

    def is_staffed(self, of: FromClause) -> Condition:
        return or_(self.is_headed(of), self.has_worker(of))

    def is_known(self, level: str) -> Condition:
        """Whether any area of the level in the city names staff at all."""
        other = area.alias("other")
        return select(literal(1)).where(self.is_of(other, level), self.is_staffed(other)).exists()


def staffed_grids(place: Place, level: str | None, members_seen: bool) -> Rows:
    """Grids of an area, by the area of a ``level`` above them: ``group``, ``n`` with staff, ``d`` all of them, ``known``.

    ``known``: whether any grid of the city names staff at all.

    Parameters: ``today``.
    """
    grid, staff = area.alias("cell"), _Staff(place, members_seen)
    key, rows, groups = _group_grids(grid, level, place)
    counted = func.count().filter(staff.is_staffed(grid)).label("n"), func.count().label("d")
    found = select(key.label("group"), *counted, staff.is_known("grid").label("known"))
    return found.select_from(rows).where(staff.is_of(grid, "grid"), staff.is_inside(grid)).group_by(*groups)


def _group_grids(grid: FromClause, level: str | None, place: Place) -> tuple[Expression, FromClause, list[Expression]]:
    if level is None:
        return cast(null(), Text), grid, []
    above = areas_above(level, place)
    return above.c.code, grid.join(above, above.c.leaf == grid.c.code), [above.c.code]


def count_staffed(place: Place, level: str, members_seen: bool) -> Rows:
    """How many areas of a level lie in an area, in one row: ``level``, ``areas``, ``headed``, ``with_worker``, ``staffed``, ``known``.

    Parameters: ``today``.
    """
    of, staff = area.alias("of_level"), _Staff(place, members_seen)
    conditions = {"headed": staff.is_headed(of), "with_worker": staff.has_worker(of), "staffed": staff.is_staffed(of)}
    counted = [func.count().filter(condition).label(name) for name, condition in conditions.items()]
    named = literal(level, Text).label("level")
    found = select(named, func.count().label("areas"), *counted, staff.is_known(level).label("known"))
    return found.where(staff.is_of(of, level), staff.is_inside(of))


def list_unstaffed(place: Place, level: str, members_seen: bool, most: int) -> Rows:
    """Areas of a level without staff, in their order: ``code``, ``name``, ``name_en``, and the area above as ``within``, ``within_en``.

    Parameters: ``today``.
    """
    of, above, staff = area.alias("of_level"), area.alias("above"), _Staff(place, members_seen)
    names = of.c.code, of.c.name, of.c.name_en, above.c.name.label("within"), above.c.name_en.label("within_en")
    found = select(*names).select_from(of.outerjoin(above, above.c.code == of.c.parent))
    found = found.where(staff.is_of(of, level), staff.is_inside(of), ~staff.is_staffed(of))
    return found.order_by(of.c.path).limit(literal_column(str(most)))
