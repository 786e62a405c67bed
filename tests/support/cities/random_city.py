"""Small random cities with the right figures beside them, counted by shapely on the raw input.

Wards always tile a square. Below them lie tracts that nest in the wards, or that do not and are cut. Zones have all sizes, and some reach
beyond the city, as census units do. Cases stand anywhere, some a little outside (they go to the nearest cell) and some far away.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from data.geo.cell_division import Plane

WEST, SOUTH, SIDE = 10.0, 50.0, 0.03
CITY = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
PLANE = Plane(WEST + SIDE / 2, SOUTH + SIDE / 2)
CORNER = np.array([WEST, SOUTH])
NEAR_M = 250.0

_PROFILE = """
[city]
code = "{code}"
name = "{code}"
timezone = "Asia/Shanghai"
as_of = 2026-10-31

[cells]
target_area_m2 = 300_000
sliver_m2 = 0

[[areas]]
level = "district"
file = "wards.geojson"
columns = {{ code = "code", name = "code" }}

[[areas]]
level = "community"
file = "tracts.geojson"
cut = {cut}
columns = {{ code = "code", name = "code" }}

[[areas]]
level = "zone"
file = "zones.geojson"
cut = {cut_zones}
columns = {{ code = "code", name = "code" }}

[[population]]
file = "units.geojson"
as_of = 2026-01-01
allow = ["outside"]
columns = {{ key = "code", total = "people" }}

[[incidents]]
file = "cases.csv"
allow = ["outside", "no_coordinates"]
[incidents.columns]
key = "id"
category = "type"
status = "status"
reported_at = "reported"
closed_at = "closed"

[[facilities]]
file = "places.csv"
kind = "school"
allow = ["outside"]
columns = {{ key = "id", name = "id" }}

[[buildings]]
file = "houses.geojson"
allow = ["outside"]
columns = {{ key = "code" }}
"""


@dataclass
class RandomCity:
    """A city's shapes and rows.

    Attributes:
        areas: polygons by code, of wards, tracts and zones.
        units: polygons of census units with their people.
        cases: points, whether closed; only those with coordinates.
        places: points of facilities.
        houses: footprints of buildings.
    """

    code: str
    nests: bool
    cut_zones: bool
    wards: dict[str, Any] = field(default_factory=dict)
    tracts: dict[str, Any] = field(default_factory=dict)
    zones: dict[str, Any] = field(default_factory=dict)
    units: list[tuple[Any, int]] = field(default_factory=list)
    cases: list[tuple[Any, bool]] = field(default_factory=list)
    places: list[Any] = field(default_factory=list)
    houses: list[Any] = field(default_factory=list)

    @property
    def areas(self) -> dict[str, Any]:
        return {self.code: CITY, **self.wards, **self.tracts, **self.zones}


def make_city(seed: int, code: str) -> RandomCity:
    """A city made of a seed: the same seed gives the same city."""
    random = np.random.default_rng(seed)
    made = RandomCity(code, nests=bool(random.random() < 0.5), cut_zones=bool(random.random() < 0.5))
    made.wards = {f"{code}-W{i}": shape for i, shape in enumerate(_tiles(random, CITY, int(random.integers(1, 4))))}
    over = list(made.wards.values()) if made.nests else [CITY]
    tracts = [part for whole in over for part in _tiles(random, whole, int(random.integers(1, 4)))]
    made.tracts = {f"{code}-T{i}": shape for i, shape in enumerate(tracts)}
    made.zones = {f"{code}-Z{i}": _zone(random) for i in range(int(random.integers(1, 5)))}
    wide = shapely.box(WEST - SIDE / 2, SOUTH - SIDE / 3, WEST + 1.5 * SIDE, SOUTH + SIDE)
    made.units = [(shape, int(random.integers(0, 6000))) for shape in _tiles(random, wide, int(random.integers(2, 7)))]
    made.cases = [(point, bool(random.random() < 0.5)) for point in _points(random, int(random.integers(20, 80)))]
    made.places = list(_points(random, 15))
    made.houses = [shapely.box(p.x, p.y, p.x + 2e-4, p.y + 1e-4) for p in _points(random, 15)]
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


def write_city(city: RandomCity, folder: Path) -> Path:
    """Write the city's files; returns the profile's path."""
    folder.mkdir()
    for name, shapes in (("wards", city.wards), ("tracts", city.tracts), ("zones", city.zones)):
        _write(folder / f"{name}.geojson", [(shape, {"code": code}) for code, shape in shapes.items()])
    _write(folder / "units.geojson", [(shape, {"code": f"U{i}", "people": people}) for i, (shape, people) in enumerate(city.units)])
    _write(folder / "houses.geojson", [(shape, {"code": f"H{i}"}) for i, shape in enumerate(city.houses)])
    lines = [
        f"{i},Lamp,{'closed' if closed else 'open'},2026-10-0{i % 9 + 1} 08:00,{'2026-10-20 08:00' if closed else ''},{p.x:.7f},{p.y:.7f}"
        for i, (p, closed) in enumerate(city.cases)
    ]
    head = "id,type,status,reported,closed,lon,lat"
    (folder / "cases.csv").write_text("\n".join([head, *lines, "x,Lamp,open,2026-10-01 08:00,,,", ""]))
    (folder / "places.csv").write_text("\n".join(["id,lon,lat", *(f"{i},{p.x:.7f},{p.y:.7f}" for i, p in enumerate(city.places)), ""]))
    path = folder / "city.toml"
    words = {"cut": str(not city.nests).lower(), "cut_zones": str(city.cut_zones).lower()}
    path.write_text(_PROFILE.format(code=city.code, **words), encoding="utf-8")
    return path


def _write(path: Path, rows: list[tuple[Any, dict[str, Any]]]) -> None:
    features = [{"type": "Feature", "properties": facts, "geometry": shapely.geometry.mapping(shape)} for shape, facts in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def count_points(city: RandomCity, code: str, points: list[Any]) -> int:
    """How many points count for an area: of zones those in it, in the tree also those within tolerance that are nearest to it."""
    within = [p for p in points if _metres(CITY, p) <= NEAR_M]
    if code in city.zones or (code in city.tracts and not city.nests):
        return sum(shapely.intersects(city.areas[code], p) for p in within)
    if code == city.code:
        return len(within)
    others = city.wards if code in city.wards else city.tracts
    return sum(min(others, key=lambda other: (_metres(others[other], p), other)) == code for p in within)


def _metres(shape: Any, point: Any) -> float:
    return float(shapely.distance(PLANE.metres(shape), PLANE.metres(point)))


def count_people(city: RandomCity, code: str) -> float:
    """People of all units in an area, by area."""
    area = shapely.intersection(city.areas[code], CITY)
    return sum(
        people * shapely.intersection(PLANE.metres(area), PLANE.metres(unit)).area / PLANE.metres(unit).area for unit, people in city.units
    )
