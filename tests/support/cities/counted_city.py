"""What is right for a random city: shapely says what stands where, pandas counts it. Nothing of the product is used."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import shapely
from random_city import AS_OF, BANDS, CITY, SIDE, SOUTH, WEST, RandomCity

NEAR_M = 250.0
"""How far outside every cell something may stand and still count."""
PEOPLE = ("people", "households", "male", "female", *BANDS)
DAILY = ("reported", "void", "closed", "due", "due_closed", "due_on_time")
STATES = ("overdue", "amber", "paused", "on_time")


def in_metres(shapes: Any) -> Any:
    """Shapes in metres on a plane in the middle of the city (Snyder 1987, p. 25: length of a degree)."""
    phi = np.radians(SOUTH + SIDE / 2)
    scale = [111412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi), 111132.954 - 559.822 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)]
    return shapely.transform(shapes, lambda xy: (xy - [WEST, SOUTH]) * scale)


def stand(city: RandomCity, points: Any) -> pd.DataFrame:
    """Which areas each point counts for: rows ``n`` (of the point) and ``area``.

    Zones and cut tracts hold what stands in them. In the tree a point counts for the nearest area of each level, which it mostly is in.
    """
    points = np.asarray(points, dtype=object)
    here = shapely.distance(in_metres(CITY), in_metres(points)) <= NEAR_M
    found = [pd.DataFrame({"n": np.flatnonzero(here), "area": city.code})]
    for level in (city.wards, city.tracts if city.nests else {}):
        if level:
            away = shapely.distance(in_metres(np.array(list(level.values())))[:, None], in_metres(points)[None, :])
            nearest = np.array(list(level))[away.argmin(axis=0)]
            found.append(pd.DataFrame({"n": np.flatnonzero(here), "area": nearest[here]}))
    for code in city.zoned:
        found.append(pd.DataFrame({"n": np.flatnonzero(here & shapely.intersects(city.areas[code], points)), "area": code}))
    return pd.concat(found, ignore_index=True)


def count_cases(city: RandomCity) -> pd.DataFrame:
    """A row for every case and every area that it counts for, with ``unplaced`` where it does so without a place."""
    cases = judge_cases(city)
    there = cases[cases.point.notna()]
    where = stand(city, there.point)
    where["n"] = there.index[where.n]
    named = cases[cases.point.isna()].assign(area=lambda rows: [_meant(city, hood) for hood in rows.hood])
    kept = named[named.at_default | city.empty]
    kept = kept[(kept.area != "") | city.strays]
    without = [(n, above) for n, area in kept.area.items() for above in _ancestry(city, area or city.code)]
    rows = pd.concat([where.assign(unplaced=False), pd.DataFrame(without, columns=["n", "area"]).assign(unplaced=True)])
    return rows.merge(cases, left_on="n", right_index=True)


def _meant(city: RandomCity, hood: str) -> str:
    """The area that a word means; empty for a word that means none."""
    code = hood.removeprefix("Ward ") if hood else city.code
    return code if code == city.code or code in city.wards or code in city.above else ""


def _ancestry(city: RandomCity, code: str) -> list[str]:
    ward = city.above.get(code, code)
    return list(dict.fromkeys([code, ward, city.code]))


def judge_cases(city: RandomCity) -> pd.DataFrame:
    """The cases with what follows from their dates: days, ``state`` of the open ones, whether due, closed on time, ever late."""
    made, zone = city.cases.copy(), city.timezone
    made["due_is_day"] &= made.due.notna()
    moments = {name: made[name].dt.tz_localize(zone, ambiguous=np.ones(len(made), dtype=bool)) for name in ("reported", "due", "closed")}
    ends = (made.due.dt.normalize() + timedelta(days=1)).dt.tz_localize(zone) - timedelta(microseconds=1)
    deadline = moments["due"].where(~made.due_is_day, ends)
    now = AS_OF.tz_localize(zone)
    for name in ("reported", "due", "closed"):
        made[f"{name}_day"] = made[name].dt.normalize()
    made["is_open"] = made.status.isin(["open", "hold"])
    used = (now - moments["reported"]) / (deadline - moments["reported"])
    made["state"] = np.select(
        [~made.is_open, made.status == "hold", deadline < now, used > 0.75],
        ["", "paused", "overdue", "amber"],
        "on_time",
    )
    made["has_due"] = made.due.notna() & ~made.status.isin(["void", "hold"])
    made["is_closed"] = made.status == "closed"
    # A day of closing counts from its beginning, or from the report on that day.
    closed = moments["closed"].where(moments["closed"] > moments["reported"], moments["reported"])
    made["on_time"] = made.is_closed & (closed <= deadline)
    return made


def count_days(rows: pd.DataFrame) -> pd.DataFrame:
    """The counts of ``DAILY`` by area, day, type and channel; only rows that are not all zero."""
    due = rows[rows.has_due]
    parts = {
        "reported": (rows, "reported_day"),
        "void": (rows[rows.status == "void"], "reported_day"),
        "closed": (rows[rows.is_closed], "closed_day"),
        "due": (due, "due_day"),
        "due_closed": (due[due.is_closed], "due_day"),
        "due_on_time": (due[due.on_time], "due_day"),
    }
    counted = {name: some.groupby(["area", day, "type", "channel"]).size() for name, (some, day) in parts.items()}
    return pd.DataFrame({name: n.rename_axis(["area", "day", "type", "channel"]) for name, n in counted.items()}).fillna(0).astype(int)


def count_report(rows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, int]:
    """What a report of one area says of its rows, for the days from ``first`` to ``last``."""
    today = AS_OF.normalize()
    due = rows[rows.has_due & (rows.due_day >= first) & (rows.due_day <= min(last, today))]
    reported = rows[(rows.reported_day >= first) & (rows.reported_day <= last)]
    waiting = rows[rows.is_open]
    if last >= today:
        at_end, late = waiting, waiting.state == "overdue"
    else:
        at_end = rows[(rows.reported_day <= last) & (rows.status != "void") & ~(rows.closed_day <= last)]
        late = at_end.has_due & (at_end.due_day <= last)
    return {
        "total": len(reported),
        "void": int((reported.status == "void").sum()),
        "closed": int(((rows.closed_day >= first) & (rows.closed_day <= last)).sum()),
        "due": len(due),
        "due_closed": int(due.is_closed.sum()),
        "due_on_time": int(due.on_time.sum()),
        "open": len(waiting),
        **{state: int((waiting.state == state).sum()) for state in STATES},
        "open_at_end": len(at_end),
        "overdue_at_end": int(late.sum()),
        "unplaced": int(reported.unplaced.sum()),
        "unplaced_open": int(waiting.unplaced.sum()),
    }


def count_people(city: RandomCity, cells: list[Any]) -> pd.DataFrame:
    """People in every area by the common area with census units; NaN where a unit with people does not tell.

    Of a cell that the border of a zone crosses, the zone has households, sexes and ages in the same share as people.

    Args:
        city: the raw input.
        cells: polygons of the cells that were made.
    """
    units = city.units[shapely.intersects(CITY, city.units["shape"].to_numpy()) & (city.units.people > 0)]
    shapes = in_metres(units["shape"].to_numpy())
    numbers = units[list(PEOPLE)].to_numpy() / shapely.area(shapes)[:, None]
    grid = shapely.intersection(in_metres(np.array(cells, dtype=object))[:, None], shapes[None, :])
    in_cells = shapely.area(grid) @ numbers
    made = {}
    for code, shape in city.areas.items():
        if code in city.zoned:
            held = shapely.area(shapely.intersection(grid, in_metres(shape))) @ numbers[:, 0]
            share = np.divide(held, in_cells[:, 0], out=np.zeros_like(held), where=in_cells[:, 0] > 0)
            made[code] = share @ in_cells
        else:
            made[code] = shapely.area(shapely.intersection(in_metres(shapely.intersection(shape, CITY)), shapes)) @ numbers
    return pd.DataFrame.from_dict(made, orient="index", columns=list(PEOPLE))


def count_standing(city: RandomCity) -> pd.DataFrame:
    """Facilities, buildings and their floors by area; a building stands where a point inside its footprint does."""
    houses = stand(city, [shape.point_on_surface() for shape, _ in city.houses])
    floors = houses.n.map(lambda n: city.houses[n][1])
    return pd.DataFrame(
        {
            "facilities": stand(city, city.places).groupby("area").size(),
            "buildings": houses.groupby("area").size(),
            "floors": floors.groupby(houses.area).sum(),
        },
        index=list(city.areas),
    ).fillna(0)
