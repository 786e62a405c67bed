"""Moves a case to another place or category, and back: what changes, who may, and what follows for whoever works on it."""

from dataclasses import dataclass
from typing import Any

from data.cases.orders import Request
from data.cases.refusals import Refusal, StepRefused
from data.cases.states import Event
from data.cases.targets import Target
from data.cases.where.cells import Cell, judge_code, judge_point, refuse_outside
from data.core.nearest import find_nearest_word
from data.core.roles import DETAILS
from data.database.connections import Connection
from data.queries import case_cells
from data.queries.units import is_of_own_unit

# Of which units somebody is a member counts now, not when the step was asked for.
_TELL = """
SELECT set_config('gridwell.scope', %(scope)s, true), set_config('gridwell.zone', %(zone)s, true),
    set_config('gridwell.units', units_of(%(account)s), true)
"""
_REACHES_PLACE = "viewer_reaches(%(path)s::ltree, %(grid)s)"
_OF_OWN_UNIT = is_of_own_unit("%(city)s::text", "%(unit)s::text", "%(path)s::ltree")
_REACHES = f"""
SELECT ({_REACHES_PLACE} OR coalesce({_OF_OWN_UNIT}, false)) AND (%(detail)s = 'people' OR NOT EXISTS (
    SELECT FROM category WHERE city = %(city)s AND subject = 'incident' AND code = %(category)s AND sensitive))
"""  # noqa: S608 - ours
_RIGHTS = "SELECT s.scope, s.zone, a.detail FROM account a, scope_of(a.scope) s WHERE a.name = %s"


@dataclass(frozen=True, slots=True)
class Move:
    """A move that may be made.

    Attributes:
        row: columns of the case that change, as ``data.cases.targets.Target.row`` has them.
        details: for the event: ``from`` and ``to``, and ``unassigned`` where whoever works on the case does not see its new place.
    """

    row: dict[str, Any]
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mover:
    """Finds out what moves mean, within one batch of a city.

    Attributes:
        connection: the owner's.
        city: code; a case does not leave it.
        categories: codes of its categories of cases.
    """

    connection: Connection
    city: str
    categories: frozenset[str]

    def plan(self, target: Target, request: Request) -> Move:
        """What a move changes.

        Raises:
            StepRefused: the old or the new place, or the new category, is out of the actor's reach, or it is not another one.
        """
        said = request.order.fields
        self._tell(request.scope, request.zone, request.actor.account)
        changed: dict[str, Any] = {}
        if said.get("area") is not None or said.get("lon") is not None:
            # Members of a unit work on its cases wherever these are, but do not take them away from where they are.
            if not self._reaches_place(target.row):
                raise StepRefused([Refusal("step", "elsewhere")])
            changed |= _columns(self._find_cell(said))
        changed |= {name: said[name].strip() for name in ("category", "address") if said.get(name) is not None}
        self._check_category(changed.get("category"))
        changed = {name: value for name, value in changed.items() if value != target.row[name]}
        if not changed.keys() - {"address"}:
            raise StepRefused([Refusal("step", "same_place")])
        if not self._reaches(target.state.unit, {**target.row, **changed}, request.actor.detail):
            raise StepRefused([Refusal("category", "closed_category")])
        return self._make(target, changed)

    def plan_back(self, target: Target, undone: Event, request: Request) -> Move:
        """What taking a move back changes.

        Raises:
            StepRefused: the cell where it stood is not there any more, or out of the actor's reach.
        """
        self._tell(request.scope, request.zone, request.actor.account)
        before = dict(undone.details["from"])
        if "grid" in before:
            row = self.connection.execute(case_cells.CELL_BY_CODE, {"code": before["grid"]}).fetchone()
            if row is None or row[0] is None or not row[6]:
                raise StepRefused([Refusal("area", "unknown_area")])
            before |= {"path": row[2], "district": row[3]}
        if not self._reaches(target.state.unit, {**target.row, **before}, request.actor.detail):
            raise StepRefused([Refusal("category", "closed_category")])
        return self._make(target, before, back=True)

    def reaches(self, target: Target, request: Request) -> bool:
        """Whether who asks may work where a case stands now, or is a member of its unit; and may work in its category."""
        self._tell(request.scope, request.zone, request.actor.account)
        return self._reaches(target.state.unit, target.row, request.actor.detail)

    def reaches_place(self, target: Target, request: Request) -> bool:
        """Whether the area of who asks holds the case: more than to see it as a member of its unit."""
        self._tell(request.scope, request.zone, request.actor.account)
        return self._reaches_place(target.row)

    def reaches_account(self, target: Target, account: str, unit: str | None) -> bool:
        """Whether there is such an account, and it sees the case, by its area or as a member of the unit that gets it.

        Args:
            target: the case.
            account: name of the account.
            unit: code of the unit to which a step gives the case; ``None``: it stays where it is.
        """
        return self._account_reaches(account, unit or target.state.unit, target.row) is True

    def _make(self, target: Target, changed: dict[str, Any], back: bool = False) -> Move:
        told = [name for name in changed if name not in ("path", "district")]
        if any(name in changed for name in ("grid", "lon", "lat", "grid_method", "at_label")):
            told = list(dict.fromkeys([*told, "grid", "lon", "lat", "grid_method", "at_label"]))
        after = {**target.row, **changed}
        details: dict[str, Any] = {
            "from": {name: target.row[name] for name in told},
            "to": {name: after[name] for name in told},
        }
        if not back and not self._assignee_reaches(target, after):
            details["unassigned"] = True
        return Move(changed, details)

    def _assignee_reaches(self, target: Target, after: dict[str, Any]) -> bool:
        """Whether the account that works on a case sees where it goes; a name that is no account is left alone."""
        return not target.state.assignee or self._account_reaches(target.state.assignee, target.state.unit, after) is not False

    def _account_reaches(self, account: str, unit: str | None, row: Any) -> bool | None:
        """Whether an account sees a case of a unit that stands as ``row`` says; ``None`` where there is no such account."""
        found = self.connection.execute(_RIGHTS, [account]).fetchone()
        if found is None:
            return None
        scope, zone, detail = found
        self._tell(scope, zone, account)
        return detail in DETAILS[1:] and self._reaches(unit, row, detail)

    def _find_cell(self, said: Any) -> Cell:
        if said.get("area") is not None:
            cell = judge_code(self._row(case_cells.CELL_BY_CODE, {"code": said["area"].strip()}))
            if cell.city != self.city:
                raise StepRefused([Refusal("area", "unknown_area")])
            return cell
        lon, lat = float(said["lon"]), float(said["lat"])
        point = {"lon": lon, "lat": lat, "city": self.city}
        cell = judge_point(self._row(case_cells.CELL_AT, point), lon, lat)
        if cell.method == "nearest":
            check_nowhere(self.connection, lon, lat)
        return cell

    def _check_category(self, code: str | None) -> None:
        if code is not None and code not in self.categories:
            raise StepRefused([Refusal("category", "unknown_category", {"nearest": find_nearest_word(code, self.categories)})])

    def _row(self, statement: str, values: dict[str, Any]) -> Any:
        return self.connection.execute(statement, values).fetchone()

    def _tell(self, scope: str, zone: str, account: str) -> None:
        self.connection.execute(_TELL, {"scope": scope, "zone": zone, "account": account})

    def _reaches(self, unit: str | None, row: Any, detail: str) -> bool:
        """Whether whom ``_tell`` named sees a case of a unit, if it stands as ``row`` says."""
        values = {"detail": detail, "city": self.city, "unit": unit}
        values |= {name: row[name] for name in ("path", "grid", "category")}
        return self.connection.execute(_REACHES, values).fetchone() == (True,)

    def _reaches_place(self, row: Any) -> bool:
        values = {name: row[name] for name in ("path", "grid")}
        return self.connection.execute(f"SELECT {_REACHES_PLACE}", values).fetchone() == (True,)


def check_nowhere(connection: Connection, lon: float, lat: float) -> None:
    """Refuse the nearest cell for a point (degrees) that lies in another one, of which its viewer may not know: the keeper sees them all.

    Raises:
        StepRefused: the point lies in a cell.
    """
    if connection.execute(case_cells.IN_ANY_CELL, {"lon": lon, "lat": lat}).fetchone() == (True,):
        raise refuse_outside()


def _columns(cell: Cell) -> dict[str, Any]:
    told = {name: getattr(cell, name) for name in ("grid", "path", "district", "lon", "lat", "at_label")}
    return {**told, "grid_method": cell.method}
