"""Small random cities, made of a seed: shapes, and the rows of their files. ``counted_city`` counts what is right for them.

Wards always tile a square. Below them lie tracts that nest in the wards, or that do not and are cut. Zones have all sizes, and some reach
beyond the city, as census units do. Cases stand anywhere, some a little outside (they go to the nearest cell) and some far away; others
have no place, and name an area or none.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

WEST, SOUTH, SIDE = 10.0, 50.0, 0.03
CITY = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
CORNER = np.array([WEST, SOUTH])
AS_OF = pd.Timestamp("2026-10-31 12:00")
"""By the city's clock."""
TIMEZONES = ("Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC")
TYPES, CHANNELS, STATUSES = ("Lamp", "Rubbish", "Road"), ("hotline", "public"), ("open", "closed", "void", "hold")
BANDS = ("0-17", "18-64", "65+")


@dataclass
class RandomCity:
    """A city's shapes and rows.

    Attributes:
        nests: whether tracts lie in wards; otherwise they are cut, and become zones.
        cut_zones: whether cells end at the borders of the zones.
        wards, tracts, zones: polygons by code.
        above: the ward of each tract that lies in one.
        units: census units, a row each: ``shape``, ``people``, ``households``, ``male``, ``female`` and the ``BANDS``; NaN where not told.
        cases: a row each; see ``make_cases``.
        default: the point that is declared to mean “no place is known”, if one is.
        empty: whether cases without coordinates are kept.
        strays: whether cases without a place that name no area of the city are kept.
        reported_is_day, closed_is_day: whether the file tells only the day.
        places: points of facilities.
        houses: footprints of buildings, with their floors.
    """

    code: str
    nests: bool
    cut_zones: bool
    timezone: str
    default: tuple[float, float] | None
    empty: bool
    strays: bool
    reported_is_day: bool
    closed_is_day: bool
    wards: dict[str, Any] = field(default_factory=dict)
    tracts: dict[str, Any] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    zones: dict[str, Any] = field(default_factory=dict)
    units: pd.DataFrame = field(default_factory=pd.DataFrame)
    cases: pd.DataFrame = field(default_factory=pd.DataFrame)
    places: list[Any] = field(default_factory=list)
    houses: list[tuple[Any, int]] = field(default_factory=list)

    @property
    def areas(self) -> dict[str, Any]:
        """The polygon of every area above the cells, and of every zone."""
        return {self.code: CITY, **self.wards, **self.tracts, **self.zones}

    @property
    def zoned(self) -> set[str]:
        """Areas that count what stands in their polygon: zones, and tracts that are cut."""
        return {*self.zones, *(() if self.nests else self.tracts)}


def make_city(seed: int, code: str) -> RandomCity:
    """A city made of a seed: the same seed gives the same city."""
    random = np.random.default_rng(seed)
    nests, cut_zones, has_default, *others = (bool(random.random() < odds) for odds in (0.5, 0.5, 0.5, 0.5, 0.5, 0.2, 0.3))
    default = tuple(np.round(random.uniform(0.1, 0.9, 2) * SIDE + CORNER, 4).tolist()) if has_default else None
    made = RandomCity(code, nests, cut_zones, str(random.choice(TIMEZONES)), default, *others)
    made.wards = {f"{code}-W{i}": shape for i, shape in enumerate(_tiles(random, CITY, int(random.integers(1, 4))))}
    over = made.wards if nests else {"": CITY}
    tracts = [(part, ward) for ward, whole in over.items() for part in _tiles(random, whole, int(random.integers(1, 4)))]
    made.tracts = {f"{code}-T{i}": shape for i, (shape, _) in enumerate(tracts)}
    made.above = {f"{code}-T{i}": ward for i, (_, ward) in enumerate(tracts) if nests}
    made.zones = {f"{code}-Z{i}": _zone(random) for i in range(int(random.integers(1, 5)))}
    made.units = _units(random)
    made.cases = make_cases(random, made, int(random.integers(20, 100)))
    made.places = list(_points(random, 15))
    made.houses = [(shapely.box(p.x, p.y, p.x + 2e-4, p.y + 1e-4), int(random.integers(1, 9))) for p in _points(random, 15)]
    return made


def _tiles(random: np.random.Generator, whole: Any, count: int) -> list[Any]:
    """Parts of a polygon, nearest to points inside it."""
    inside: list[Any] = []
    west, south, east, north = whole.bounds
    while len(inside) < count:
        point = shapely.Point(random.uniform(west, east), random.uniform(south, north))
        inside += [point] if whole.contains(point) else []
    if count == 1:
        return [whole]
    faces = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(inside), extend_to=whole))
    parts = [shapely.intersection(face, whole) for face in faces]
    return [part for part in parts if part.area > 0]


def _zone(random: np.random.Generator) -> Any:
    """Anything from a yard to a quarter of the city; it may reach beyond the border."""
    reach = SIDE * 10 ** random.uniform(-2, -0.3)
    angles = np.sort(random.uniform(0, 2 * np.pi, 7))
    middle = random.uniform(0, SIDE, 2) + CORNER
    return shapely.Polygon(middle + reach * np.column_stack([np.cos(angles), np.sin(angles)])).convex_hull


def _points(random: np.random.Generator, count: int) -> list[Any]:
    """Three quarters inside, and others a little or far outside."""
    xy = random.uniform(0, SIDE, (count, 2)) + CORNER
    astray = random.random(count) < 0.25
    xy[astray] += random.choice([-1, 1], (int(astray.sum()), 2)) * random.choice([0.0005, 0.02], (int(astray.sum()), 1))
    return [shapely.Point(round(x, 7), round(y, 7)) for x, y in xy]


def _units(random: np.random.Generator) -> pd.DataFrame:
    """Census units, some of which cross the border. In some cities one tells no sexes, or no ages; bands may leave people out."""
    wide = shapely.box(WEST - SIDE / 2, SOUTH - SIDE / 3, WEST + 1.5 * SIDE, SOUTH + SIDE)
    shapes = _tiles(random, wide, int(random.integers(2, 7)))
    people = random.integers(0, 6000, len(shapes))
    male = random.binomial(people, random.uniform(0.2, 0.8, len(shapes)))
    untold = 0.1 * (random.random() < 0.5)
    told = np.array([random.multinomial(n, [*(random.dirichlet([2, 4, 2]) * (1 - untold)), untold]) for n in people])
    households = random.integers(0, people // 2 + 1)
    numbers = {"people": people, "households": households, "male": male, "female": people - male, **dict(zip(BANDS, told.T, strict=False))}
    made = pd.DataFrame({"shape": shapes, **{name: values.astype(float) for name, values in numbers.items()}})
    for names in (["male", "female"], list(BANDS)):
        if random.random() < 0.2:
            made.loc[int(random.integers(len(made))), names] = np.nan
    return made


def make_cases(random: np.random.Generator, city: RandomCity, count: int) -> pd.DataFrame:
    """Cases by the city's clock.

    Returns:
        A row each: ``type``, ``channel``, ``status``, ``reported``, ``due`` and ``closed`` (NaT where there is none), ``due_is_day``,
        ``point`` (``None``: without a place), ``at_default`` (the file puts it at the default point), and ``hood``, the word for an area.
    """
    reported = AS_OF - pd.to_timedelta(random.integers(0, 60 * 24 * 60, count), "min")
    late = reported + pd.to_timedelta(random.integers(0, 40 * 24 * 60, count), "min")
    made = pd.DataFrame({"reported": reported, "closed": pd.Series(late).where(late < AS_OF, AS_OF)})
    for name, words, odds in (("type", TYPES, None), ("channel", CHANNELS, None), ("status", STATUSES, [0.4, 0.45, 0.1, 0.05])):
        made[name] = random.choice(words, count, p=odds)
    made.loc[made.status != "closed", "closed"] = pd.NaT
    for name, is_day in (("reported", city.reported_is_day), ("closed", city.closed_is_day)):
        made[name] = made[name].dt.normalize() if is_day else made[name]
    made["due"] = made.reported + pd.to_timedelta(random.integers(-60, 30 * 24 * 60, count), "min")
    kept = (random.random(count) < 0.1) & (made.status == "closed")  # to the minute, which is on time
    made.loc[kept, "due"] = made.closed[kept]
    made["due_is_day"] = random.random(count) < 0.4
    made.loc[made.due_is_day, "due"] = made.due.dt.normalize()
    made.loc[random.random(count) < 0.15, "due"] = pd.NaT
    made["point"] = _points(random, count)
    made["at_default"] = (random.random(count) < 0.2) & (city.default is not None)
    made.loc[made.at_default | (random.random(count) < 0.15), "point"] = None
    words = ["", "nowhere", *city.wards, *(f"Ward {code}" for code in city.wards), *city.above]
    made["hood"] = random.choice(words, count)
    return made
