"""The files of a random city, and the profile that reads them."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from random_city import AS_OF, BANDS, RandomCity

_PROFILE = """
[city]
code = "{code}"
name = "{code}"
timezone = "{timezone}"
as_of = {as_of}

[cells]
target_area_m2 = 300_000
sliver_m2 = 0

[[areas]]
level = "district"
file = "wards.geojson"
columns = {{ code = "code", name = "name" }}

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
columns = {{ key = "code", total = "people", households = "households", male = "male", female = "female" }}
ages = {ages}

[[incidents]]
file = "cases.csv"
allow = ["outside", "no_coordinates", "unknown_place"]
no_coordinates = "{empty}"
unknown_place = "{strays}"
unplaced = {default}
stages = {{ void = ["void"], paused = ["hold"] }}
[incidents.columns]
key = "id"
category = "type"
channel = "channel"
status = "status"
reported_at = "reported"
due_at = "due"
closed_at = "closed"
{area}

[[facilities]]
file = "places.csv"
kind = "school"
allow = ["outside"]
columns = {{ key = "id", name = "id" }}

[[buildings]]
file = "houses.geojson"
allow = ["outside"]
columns = {{ key = "code", floors = "floors" }}
"""


def write_city(city: RandomCity, folder: Path) -> Path:
    """Write the city's files; returns the profile's path."""
    folder.mkdir()
    for name, shapes in (("wards", city.wards), ("tracts", city.tracts), ("zones", city.zones)):
        _write(folder / f"{name}.geojson", [(shape, {"code": code, "name": f"Ward {code}"}) for code, shape in shapes.items()])
    units = [{"code": f"U{i}", **{k: None if pd.isna(v) else int(v) for k, v in row.items()}} for i, row in _numbers(city)]
    _write(folder / "units.geojson", list(zip(city.units["shape"], units, strict=True)))
    _write(folder / "houses.geojson", [(shape, {"code": f"H{i}", "floors": floors}) for i, (shape, floors) in enumerate(city.houses)])
    table_of_cases(city).to_csv(folder / "cases.csv", index_label="id")
    pd.DataFrame({"lon": [p.x for p in city.places], "lat": [p.y for p in city.places]}).to_csv(folder / "places.csv", index_label="id")
    path = folder / "city.toml"
    path.write_text(_PROFILE.format(**_words(city)), encoding="utf-8")
    return path


def _numbers(city: RandomCity) -> Any:
    return city.units.drop(columns="shape").iterrows()


def _words(city: RandomCity) -> dict[str, str]:
    return {
        "code": city.code,
        "timezone": city.timezone,
        "as_of": AS_OF.isoformat(),
        "cut": str(not city.nests).lower(),
        "cut_zones": str(city.cut_zones).lower(),
        "ages": "{ " + ", ".join(f'"{band}" = "{band}"' for band in BANDS) + " }",
        "empty": "unplaced" if city.empty else "reject",
        "strays": "city" if city.strays else "reject",
        "area": 'area = "hood"' if city.default or city.empty else "",  # otherwise no case without a place is kept
        "default": str([list(city.default)] if city.default else []),
    }


def table_of_cases(city: RandomCity) -> pd.DataFrame:
    """The cases as the file tells them: texts, with the default point where the city puts it."""
    cases = city.cases
    made = cases[["type", "channel", "status", "hood"]].copy()
    for name, is_day in (("reported", city.reported_is_day), ("due", False), ("closed", city.closed_is_day)):
        made[name] = cases[name].dt.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M")
    made.loc[cases.due_is_day, "due"] = cases.due.dt.strftime("%Y-%m-%d")
    for k, axis in enumerate(("lon", "lat")):
        made[axis] = [
            city.default[k] if default and city.default else "" if point is None else f"{(point.x, point.y)[k]:.7f}"
            for point, default in zip(cases.point, cases.at_default, strict=True)
        ]
    return made


def _write(path: Path, rows: list[tuple[Any, dict[str, Any]]]) -> None:
    features = [{"type": "Feature", "properties": facts, "geometry": shapely.geometry.mapping(shape)} for shape, facts in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
