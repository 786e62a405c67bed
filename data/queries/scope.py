"""The limits of a viewer's rights, as conditions on areas. The policies of the tables check the same again.

A viewer may see the name of an area without its figures (the areas above the viewer's own), and its figures without its single cases (the
siblings of the viewer's own area, for comparison).
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, bindparam, case, cast, func, or_, select

from data.queries.expressions import Expression, Rows
from data.schema import Ltree, area, zone_member

NAMES = ("code", "name", "name_en", "level")


def _said(name: str) -> Any:
    """One of the transaction's settings for its viewer; as a subquery, so that it is read once for each statement, not for each row."""
    return select(getattr(func, f"viewer_{name}")()).scalar_subquery()


def _below(of: FromClause, name: str) -> ColumnElement[bool]:
    return of.c.path.op("<@")(cast(_said(name), Ltree))


def _in_zone(of: FromClause) -> ColumnElement[bool]:
    within: ColumnElement[bool] = of.c.code.in_(select(zone_member.c.grid).where(zone_member.c.zone == _said("zone")))
    return within


def figures_seen(of: FromClause = area) -> ColumnElement[bool]:
    """Whether the viewer may see the figures of an area."""
    return func.coalesce(or_(_said("compares_all"), _below(of, "figures"), _in_zone(of)), False)


def cases_seen(of: FromClause = area) -> ColumnElement[bool]:
    """Whether everything inside an area lies in the viewer's scope, so that its cases may be shown one by one."""
    own = case((_said("zone").is_(None), _below(of, "scope")), else_=or_(of.c.code == _said("zone"), _in_zone(of)))
    return func.coalesce(or_(_said("everywhere"), own), False)


def area_json(of: FromClause, **more: Expression) -> Any:
    """An area's code, names and level, as JSON."""
    parts = {**{name: of.c[name] for name in NAMES}, **more}
    return func.jsonb_build_object(*(part for pair in parts.items() for part in pair))


def area_name_json(parameter: str) -> Any:
    """The names of the area whose code is given by this parameter, as JSON."""
    of = area.alias()
    return select(area_json(of)).where(of.c.code == bindparam(parameter, type_=Text)).scalar_subquery()


@lru_cache
def area_names() -> Rows:
    """Names of the area ``code``, where the viewer may see them."""
    return select(*(area.c[name] for name in NAMES)).where(area.c.code == bindparam("code", type_=Text))
