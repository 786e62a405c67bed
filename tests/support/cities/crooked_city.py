"""Two small irregular cities, made of files and imported as a person would do it.

Regular test data hides mistakes: where cells align with population units, heights with floors and one city stands alone, many wrong
rules give the right figure. Use this city where a rule must be told from its neighbours.

Two ways to use it::

    def test_figures(crooked: psycopg.Connection[Any]) -> None: ...     # both cities imported; changes are taken back
    def test_import(database: str, tmp_path: Path) -> None:
        bring(crooked_city.write_bent(tmp_path))                        # the files, to change them before or between imports

``crooked_url`` is the fixture for code that connects by ``DATABASE_URL``; it is shared, so only read there.

**Bentham** (code ``N``, America/New_York, 40.70° N 74.00° W, as of 2 November 2026, 20:00), in hundredths of a degree::

      2 +-----------+-------+------------.-+-------------+      districts: N1 is x 0 to 2, N2 is x 2 to 4
        |           |       |  .    D      |  F          |      community N101: cells A and B
        |     A     |   B   |  C .         +-----+       |      community N102: cells C and D, x 1.6 to 2.7:
    1.2 |           |       |      .       |  E  |       |        4/11 of it lie in N1, 7/11 in N2, so it belongs to N2
        |           |       |        .     |     |       |      community N201: cells E and F (F has the shape of an L)
      0 +-----------+-------+--------------+-----+-------+
        0          1.0     1.6            2.7   3.3      4

Population: unit P1 (x 0 to 1.2; 700 people, shared by area) cuts cell B. Unit P2 (101 people) names community N102. Unit P3 (x 2.7 to
3.6, y 0 to 1; 300 people, shared by floor area) cuts E and F, and building b3 of F lies outside it.

Cases come from two sources that use the same keys: ``calls`` keeps what is missing in a later file, ``patrol`` is complete. Times are
around the end of daylight saving time (1 November 2026, 2:00), midnight, and the moment of the figures.

**Newtown** (code ``NX``, Asia/Shanghai) begins with the same letter and has a source ``calls`` with the same keys, too.

The answers at the foot were worked out by hand.
"""

from pathlib import Path
from typing import Any

from import_city import bring, collection, feature, square

BENT, NEW = "N", "NX"
AS_OF = "2026-11-02T20:00:00-05:00"
WEST, SOUTH = -74.0, 40.7

A, B, C, D, E, F = "N101-A", "N101-B", "N102-C", "N102-D", "N201-E", "N201-F"

PROFILE = """
[city]
code = "N"
name = "歪城"
name_en = "Bentham"
timezone = "America/New_York"
as_of = 2026-11-02T20:00:00
tolerance_m = 100

[[areas]]
level = "district"
file = "districts.geojson"
columns = { code = "code", name = "name" }

[[areas]]
level = "community"
file = "communities.geojson"
nests = 0.4
columns = { code = "code", name = "name" }

[[areas]]
level = "grid"
file = "cells.geojson"
columns = { code = "code", name = "name", parent = "{code[:4]}" }

[[population]]
file = "blocks.geojson"
as_of = 2020-04-01
columns = { key = "key", total = "people" }

[[population]]
file = "wards.csv"
as_of = 2020-04-01
columns = { key = "key", total = "people", area = "community" }

[[population]]
file = "towers.geojson"
as_of = 2020-04-01
method = "by_buildings"
columns = { key = "key", total = "people" }

[[buildings]]
file = "buildings.geojson"
columns = { key = "key", address = "address", floors = "floors", height = "height" }

[[incidents]]
file = "calls.csv"
channel = "hotline"
columns = { key = "id", category = "type", status = "status", reported_at = "reported", due_at = "due", closed_at = "closed" }

[[incidents]]
file = "patrol.csv"
complete = true
channel = "grid_worker"
columns = { key = "id", category = "type", status = "status", reported_at = "reported", due_at = "due", closed_at = "closed" }

[[facilities]]
file = "schools.csv"
kind = "school"
columns = { key = "id", name = "name" }

[[facilities]]
file = "cameras.csv"
kind = "camera"
columns = { key = "id", name = "name" }
"""

HEADINGS = "id,type,status,reported,due,closed,lon,lat\n"
CALLS = f"""{HEADINGS}\
1,Noise,closed,2026-10-31 10:00,2026-11-01 10:00,2026-11-01 10:00,-73.995,40.705
2,Noise,open,2026-11-01 10:00,2026-11-02 20:00,,-73.987,40.705
3,Light,open,2026-11-01 23:59,2026-11-02 19:59,,-73.983,40.704
4,Light,closed,2026-11-01 00:00,2026-11-01 12:00,2026-11-01 12:01,-73.974,40.716
"""
PATROL = f"""{HEADINGS}\
1,Light,open,2026-11-01 01:30,2026-11-02 20:01,,-73.970,40.705
2,Noise,closed,2026-10-31 00:00,2026-11-01 00:00,2026-10-31 23:59,-73.963,40.705
"""
SCHOOLS = "id,name,lon,lat\ns1,Hill School,-73.972,40.718\ns2,Quay School,-73.999,40.701\n"
CAMERAS = "id,name,lon,lat\ns1,Gate,-73.985,40.712\n"
WARDS = "key,community,people\nP2,N102,101\n"

NEW_PROFILE = """
[city]
code = "NX"
name = "新城"
name_en = "Newtown"
timezone = "Asia/Shanghai"
as_of = 2026-11-03T09:00:00

[cells]
target_area_m2 = 400_000

[[areas]]
level = "district"
file = "districts.geojson"
columns = { code = "code", name = "name" }

[[incidents]]
file = "calls.csv"
columns = { key = "id", category = "type", status = "status", reported_at = "reported", due_at = "due", closed_at = "closed" }
"""
NEW_CALLS = f"""{HEADINGS}\
1,Noise,closed,2026-11-01 10:00,2026-11-02 10:00,2026-11-01 12:00,116.385,39.905
2,Noise,open,2026-11-02 00:00,2026-11-03 09:00,,116.385,39.905
"""


def at(*corners: tuple[float, float]) -> dict[str, Any]:
    """A GeoJSON polygon; corners in hundredths of a degree from the city's south-west."""
    ring = [[round(WEST + x / 100, 6), round(SOUTH + y / 100, 6)] for x, y in (*corners, corners[0])]
    return {"type": "Polygon", "coordinates": [ring]}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """The same for an upright rectangle."""
    return at((west, south), (east, south), (east, north), (west, north))


DISTRICTS = [feature(box(0, 0, 2, 2), code="N1", name="West"), feature(box(2, 0, 4, 2), code="N2", name="East")]
COMMUNITIES = [
    feature(box(0, 0, 1.6, 2), code="N101", name="Hill"),
    feature(box(1.6, 0, 2.7, 2), code="N102", name="Astride"),
    feature(box(2.7, 0, 4, 2), code="N201", name="Quay"),
]
CELLS = [
    feature(box(0, 0, 1, 2), code=A, name="A"),
    feature(box(1, 0, 1.6, 2), code=B, name="B"),
    feature(at((1.6, 0), (2.7, 0), (1.6, 2)), code=C, name="C"),
    feature(at((2.7, 0), (2.7, 2), (1.6, 2)), code=D, name="D"),
    feature(box(2.7, 0, 3.3, 1.2), code=E, name="E"),
    feature(at((3.3, 0), (4, 0), (4, 2), (2.7, 2), (2.7, 1.2), (3.3, 1.2)), code=F, name="F"),
]
BLOCKS = [feature(box(0, 0, 1.2, 2), key="P1", people=700)]
TOWERS = [feature(box(2.7, 0, 3.6, 1), key="P3", people=300)]


def house(key: str, west: float, south: float, floors: int | None, height: float | None) -> dict[str, Any]:
    """A building of a fiftieth of a hundredth of a degree; all on one latitude have the same footprint."""
    return feature(box(west, south, west + 0.02, south + 0.02), key=key, address=f"{key} Crook Street", floors=floors, height=height)


BUILDINGS = [
    house("b1", 3.0, 0.5, 2, 10.0),  # cell E: two high floors, which 10 m / 3 would make three
    house("b2", 3.5, 0.5, None, 12.0),  # cell F, inside P3: four floors by its height
    house("b3", 3.9, 0.5, 9, None),  # cell F, outside P3: 27 m by its floors
    house("b4", 0.5, 0.5, None, None),  # cell A: nothing is known, so one floor and no height
    house("b5", 1.1, 0.5, 6, 14.0),  # cell B: six low floors, which 14 m / 3 would make five
]


def write_bent(folder: Path, profile: str = PROFILE, calls: str = CALLS, patrol: str = PATROL) -> Path:
    """Write Bentham's files; returns the profile's path."""
    layers = {
        "districts": DISTRICTS,
        "communities": COMMUNITIES,
        "cells": CELLS,
        "blocks": BLOCKS,
        "towers": TOWERS,
        "buildings": BUILDINGS,
    }
    tables = {"calls": calls, "patrol": patrol, "schools": SCHOOLS, "cameras": CAMERAS, "wards": WARDS, "profile": profile}
    return _write(folder, layers, tables)


def write_new(folder: Path) -> Path:
    """Write Newtown's files; returns the profile's path."""
    layers = {"districts": [feature(square(116.38, 39.90, 116.39, 39.91), code="NX1", name="Only")]}
    return _write(folder, layers, {"calls": NEW_CALLS, "profile": NEW_PROFILE})


def _write(folder: Path, layers: dict[str, list[Any]], tables: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, features in layers.items():
        (folder / f"{name}.geojson").write_text(collection(features), encoding="utf-8")
    for name, text in tables.items():
        (folder / (f"{name}.csv" if name != "profile" else "city.toml")).write_text(text, encoding="utf-8")
    return folder / "city.toml"


def load(folder: Path) -> None:
    """Import both cities into the database that ``DATABASE_URL`` names."""
    for path in (write_bent(folder / "bent"), write_new(folder / "new")):
        outcome = bring(path)
        assert outcome.outcome == "loaded", outcome


# ---- Answers ----

POPULATION = {A: 583, B: 117, C: 51, D: 50, E: 100, F: 200, "N101": 700, "N102": 101, "N201": 300, "N1": 700, "N2": 401, BENT: 1101}
"""A has 1.0 of the 1.2 of P1, B the rest; C is a little larger than D, being further south; E and F share P3 as 2 floors to 4."""
FLOORS = {A: 1, B: 6, C: 0, D: 0, E: 2, F: 13, "N1": 7, "N2": 15, BENT: 22, NEW: 0}
"""Floor area, in footprints of one building."""
HEIGHTS_M = {"b1": 10.0, "b2": 12.0, "b3": 27.0, "b4": None, "b5": 14.0}
HOMES_OF_CASES = {("calls", "1"): A, ("calls", "2"): B, ("calls", "3"): C, ("calls", "4"): D, ("patrol", "1"): E, ("patrol", "2"): F}
DUE = {BENT: (6, 3, 2), "N1": (2, 1, 1), "N2": (4, 2, 1), NEW: (2, 1, 1)}
"""Due, of these closed, of these on time: calls 1 is closed at its deadline to the minute, calls 4 a minute after it."""
REPORTED_BY_DAY = {BENT: {"2026-10-31": 2, "2026-11-01": 4}, NEW: {"2026-11-01": 1, "2026-11-02": 1}}
STATES = {BENT: {"overdue": 1, "amber": 2}, NEW: {"amber": 1}}
"""Overdue is calls 3, a minute late. Calls 2 and Newtown's calls 2 are due at the very moment of the figures; patrol 1 a minute later."""
