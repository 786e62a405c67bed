"""Checks of the tree: areas form one tree."""

from typing import NamedTuple

from data.database.connections import Connection
from data.doctor.model import Outcome, city_check, judge_offenders
from data.schema import LEVELS, area_label


class Area(NamedTuple):
    """The columns of an area that these checks compare."""

    code: str
    level: str
    parent: str | None
    path: str
    district: str | None
    origin: str


def _areas(connection: Connection, city: str) -> dict[str, Area]:
    rows = connection.execute("SELECT code, level, parent, path::text, district, origin FROM area WHERE city = %s ORDER BY code", (city,))
    return {row[0]: Area(*row) for row in rows}


@city_check("tree.parents", "Every area has a parent in its own city; only the city has none")
def parents(connection: Connection, city: str) -> Outcome:
    """No orphans, no second root."""
    areas = _areas(connection, city)
    wrong = [one.code for one in areas.values() if (one.parent is None) != (one.code == city) or (one.parent and one.parent not in areas)]
    missing = [] if city in areas else [city]
    return judge_offenders(missing + [f"{code} ← {areas[code].parent}" for code in wrong], len(areas))


@city_check("tree.paths", "Every path is the parent's path and the area's own label")
def paths(connection: Connection, city: str) -> Outcome:
    """Paths and parents must agree, because queries use either of them."""
    areas = _areas(connection, city)

    def expected(one: Area) -> str:
        above = areas.get(one.parent) if one.parent else None
        return f"{above.path}.{area_label(one.code)}" if above else area_label(one.code)

    return judge_offenders([f"{one.code}: {one.path}" for one in areas.values() if one.path != expected(one)], len(areas))


@city_check("tree.levels", "Every area's level lies below its parent's")
def levels(connection: Connection, city: str) -> Outcome:
    """City, district, street, community, grid: some may be left out, but the order is fixed. Zones are outside this order."""
    areas = _areas(connection, city)
    rank = {level: n for n, level in enumerate(LEVELS)} | {"zone": len(LEVELS)}

    def well(one: Area) -> bool:
        above = areas.get(one.parent) if one.parent else None
        if one.origin == "unplaced":  # below an area of any level, also below a cell
            return one.level == "grid" and above is not None
        return one.level in rank and (above is None or (above.level in rank and rank[above.level] < rank[one.level]))

    return judge_offenders([f"{one.code}: {one.level}" for one in areas.values() if not well(one)], len(areas))


@city_check("tree.districts", "Every area names the district above it")
def districts(connection: Connection, city: str) -> Outcome:
    """``district`` is the code of the ancestor at district level, or of the area itself; zones and the city may have none."""
    areas = _areas(connection, city)

    def district_of(one: Area) -> str | None:
        seen: set[str] = set()
        at: Area | None = one
        while at and at.code not in seen:
            if at.level == "district":
                return at.code
            seen.add(at.code)
            at = areas.get(at.parent) if at.parent else None
        return None

    wrong = [one for one in areas.values() if one.level != "zone" and (one.district or city) != (district_of(one) or city)]
    return judge_offenders([f"{one.code}: {one.district}" for one in wrong], len(areas))
