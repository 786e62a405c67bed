"""Generates files for measuring an import: a city of squares with buildings (GeoPackage, GeoJSON) and cases (CSV), and profiles.

The same files feed the import, plain COPY, ``geopandas.to_postgis`` and ``ogr2ogr``. One building in a thousand has an outline that
crosses itself, as in real files.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import shapely

Floats = npt.NDArray[np.float64]

WEST, SOUTH, STEP = 104.0, 30.6, 0.004
"""Corner of the city and side of a cell, in degrees (some 400 m)."""
SIDE = 50
"""Cells along one side of the city."""
_DISTRICTS, _COMMUNITIES = 5, 25
_BROKEN = 1000
_USES = ("住宅", "商业", "办公", "工业", "学校", "医院", "仓储", "其他")
_TYPES = tuple(f"事项{n:02d}" for n in range(20))
_CHANNELS = ("网格员", "12345", "小程序", "视频")

_PROFILE = """
[city]
code = "bench-import"
name = "量城"
name_en = "Measured City"
timezone = "Asia/Shanghai"
as_of = 2026-10-31

[[areas]]
level = "district"
file = "districts.geojson"
columns = {{ code = "code", name = "name" }}

[[areas]]
level = "community"
file = "communities.geojson"
columns = {{ code = "code", name = "name", parent = "parent" }}

[[areas]]
level = "grid"
file = "cells.geojson"
columns = {{ code = "code", name = "name", parent = "parent" }}
{sources}"""

_BUILDINGS = """
[[buildings]]
file = "{file}"
datum = "wgs84"
[buildings.columns]
key = "id"
name = "name"
address = "address"
use = "use"
floors = "floors"
height = "height"
year_built = "year"
"""

_INCIDENTS = """
[[incidents]]
file = "cases.csv"
datum = "wgs84"
[incidents.columns]
key = "id"
category = "type"
channel = "channel"
status = "status"
reported_at = "reported"
due_at = "due"
closed_at = "closed"
title = "title"
address = "address"
"""


@dataclass(frozen=True)
class Inputs:
    """Paths of the generated files.

    Attributes:
        folder: holds all files.
        buildings: GeoPackage of polygons in EPSG:4326.
        buildings_json: the same as GeoJSON.
        incidents: CSV with longitude and latitude.
        profiles: profiles of the import by content: only ``areas``, or areas with ``gpkg``, ``geojson`` or ``csv``.
    """

    folder: Path
    buildings: Path
    buildings_json: Path
    incidents: Path
    profiles: dict[str, Path]


def make(folder: Path, buildings: int = 200_000, incidents: int = 200_000) -> Inputs:
    """Generate the files; the same numbers always give the same files.

    Args:
        folder: an empty folder.
        buildings: polygons, each with a key, a name, an address, a use, floors, height and year.
        incidents: cases over one year.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = Inputs(folder, folder / "buildings.gpkg", folder / "buildings.geojson", folder / "cases.csv", {})
    for level, side in (("districts", _DISTRICTS), ("communities", _COMMUNITIES), ("cells", SIDE)):
        _write(_areas(level, side), folder / f"{level}.geojson")
    frame = _buildings(np.random.default_rng(1), buildings)
    _write(frame, made.buildings)
    _write(frame, made.buildings_json)
    pyarrow.csv.write_csv(_cases(np.random.default_rng(2), incidents), made.incidents)
    sources = {
        "areas": "",
        "gpkg": _BUILDINGS.format(file=made.buildings.name),
        "geojson": _BUILDINGS.format(file=made.buildings_json.name),
        "csv": _INCIDENTS,
    }
    for name, text in sources.items():
        made.profiles[name] = folder / f"{name}.toml"
        made.profiles[name].write_text(_PROFILE.format(sources=text), encoding="utf-8")
    return made


def _write(frame: geopandas.GeoDataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    frame.to_file(path, engine="pyogrio", **({"layer": path.stem} if path.suffix == ".gpkg" else {}))


def _areas(level: str, side: int) -> geopandas.GeoDataFrame:
    """Squares in rows from the south; each names the square of the level above in which it lies."""
    row, column = np.divmod(np.arange(side * side), side)
    size = STEP * SIDE / side
    shapes = shapely.box(WEST + column * size, SOUTH + row * size, WEST + (column + 1) * size, SOUTH + (row + 1) * size)
    letter = {"districts": "D", "communities": "C", "cells": "G"}[level]
    above = {"districts": ("", 0), "communities": ("D", _DISTRICTS), "cells": ("C", _COMMUNITIES)}[level]
    columns = {"code": [f"BM{letter}{n:04d}" for n in range(side * side)], "name": [f"{letter} {n}" for n in range(side * side)]}
    if above[0]:
        upper = row * above[1] // side * above[1] + column * above[1] // side
        columns["parent"] = [f"BM{above[0]}{n:04d}" for n in upper]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=4326)


def _places(dice: np.random.Generator, count: int) -> Floats:
    """Points in the city, a little inside its border."""
    return np.array([WEST, SOUTH]) + STEP * SIDE * dice.uniform(0.001, 0.999, (count, 2))


def _buildings(dice: np.random.Generator, count: int) -> geopandas.GeoDataFrame:
    """Rectangles and L-shapes of 10 to 40 m, rotated by any angle."""
    outline = np.array([[-1, -1], [1, -1], [1, 0.2], [0.1, 0.2], [0.1, 1], [-1, 1], [-1, -1]], dtype=np.float64)
    half = dice.uniform(5, 20, (count, 1, 2)) / 111_000
    rings = outline * half
    plain = dice.random(count) < 0.6
    rings[plain, 3] = rings[plain, 2] = rings[plain, 1] * 0 + half[plain, 0]
    rings[plain, 4] = rings[plain, 3]
    rings[::_BROKEN, 2], rings[::_BROKEN, 5] = rings[::_BROKEN, 5].copy(), rings[::_BROKEN, 2].copy()
    angle = dice.uniform(0, np.pi, count)
    turn = np.stack([np.stack([np.cos(angle), -np.sin(angle)], -1), np.stack([np.sin(angle), np.cos(angle)], -1)], -2)
    shapes = shapely.polygons(np.einsum("nij,nkj->nki", turn, rings) + _places(dice, count)[:, None, :])
    number = np.arange(count)
    floors = dice.integers(1, 34, count)
    columns = {
        "id": [f"B{n:08d}" for n in number],
        "name": [f"第{n % 997}号楼" if n % 4 == 0 else None for n in number],
        "address": [f"光明路{n // 40}弄{n % 40 + 1}号" for n in number],
        "use": np.array(_USES, dtype=object)[dice.integers(0, len(_USES), count)],
        "floors": floors,
        "height": np.round(floors * dice.uniform(2.8, 3.4, count), 1),
        "year": dice.integers(1950, 2026, count),
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=4326)


def _cases(dice: np.random.Generator, count: int) -> pa.Table:
    """Cases of one year: four in five are closed, and one in ten of these was late."""
    second = np.sort(dice.integers(0, 365 * 86_400, count))
    reported = np.datetime64("2025-10-30T00:00:00") + second.astype("timedelta64[s]")
    due = reported + np.timedelta64(3, "D")
    closed = reported + dice.integers(3600, 4 * 86_400, count).astype("timedelta64[s]")
    is_closed = (dice.random(count) < 0.8) & (closed < np.datetime64("2026-10-30"))
    number = np.arange(count)
    place = np.round(_places(dice, count), 7)

    def written(moments: npt.NDArray[np.datetime64], there: npt.ArrayLike = True) -> list[str | None]:
        texts = np.char.replace(moments.astype("datetime64[s]").astype(str), "T", " ")
        return [str(text) if known else None for text, known in zip(texts, np.broadcast_to(there, len(texts)), strict=True)]

    return pa.table(
        {
            "id": [f"A{n:09d}" for n in number],
            "type": np.array(_TYPES, dtype=object)[dice.integers(0, len(_TYPES), count)],
            "channel": np.array(_CHANNELS, dtype=object)[dice.integers(0, len(_CHANNELS), count)],
            "status": np.where(is_closed, "已结案", "处理中"),
            "reported": written(reported),
            "due": written(due),
            "closed": written(closed, is_closed),
            "lon": place[:, 0],
            "lat": place[:, 1],
            "title": [f"路面破损 {n % 1000}" for n in number],
            "address": [f"光明路{n // 40}弄{n % 40 + 1}号" for n in number],
        }
    )
