"""A small city made of files, for tests of the import: four squares, a few cases, every figure known.

Longitudes 10.00 to 10.02, latitudes 50.00 to 50.02; two districts side by side, two communities in each, north above south.
"""

import json
from pathlib import Path
from typing import Any

from data.importing.profile.profile import load_profile
from data.importing.run import Order, Outcome, import_city

PROFILE = """
[city]
code = "T"
name = "测试市"
name_en = "Testville"
timezone = "Asia/Shanghai"
as_of = 2026-10-31

[cells]
target_area_m2 = 200_000

[[areas]]
level = "district"
file = "districts.geojson"
columns = { code = "code", name = "name" }

[[areas]]
level = "community"
file = "communities.geojson"
columns = { code = "code", name = "name", parent = "district" }

[[incidents]]
file = "cases.csv"
[incidents.columns]
key = "id"
category = "type"
status = "status"
reported_at = "reported"
due_at = "due"
closed_at = "closed"
"""

CASES = """id,type,status,reported,due,closed,lon,lat
1,Rubbish,closed,2026-10-01 08:00,2026-10-03 08:00,2026-10-02 08:00,10.005,50.015
2,Rubbish,open,2026-10-02 08:00,2026-10-04 08:00,,10.005,50.005
3,Lamp,closed,2026-10-03 08:00,2026-10-05 08:00,2026-10-06 08:00,10.015,50.015
4,Lamp,open,2026-10-30 08:00,2026-11-05 08:00,,10.015,50.005
"""


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A GeoJSON polygon."""
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def feature(geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


DISTRICTS = [
    feature(square(10.00, 50.0, 10.01, 50.02), code="T1", name="西区"),
    feature(square(10.01, 50.0, 10.02, 50.02), code="T2", name="东区"),
]
COMMUNITIES = [
    feature(square(10.00, 50.01, 10.01, 50.02), code="T1001", name="西北", district="T1"),
    feature(square(10.00, 50.00, 10.01, 50.01), code="T1002", name="西南", district="T1"),
    feature(square(10.01, 50.01, 10.02, 50.02), code="T2001", name="东北", district="T2"),
    feature(square(10.01, 50.00, 10.02, 50.01), code="T2002", name="东南", district="T2"),
]


def collection(features: list[Any]) -> str:
    """A FeatureCollection as text."""
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def write_city(folder: Path, profile: str = PROFILE, cases: str = CASES) -> Path:
    """Write the city's files; returns the profile's path."""
    (folder / "districts.geojson").write_text(collection(DISTRICTS), encoding="utf-8")
    (folder / "communities.geojson").write_text(collection(COMMUNITIES), encoding="utf-8")
    (folder / "cases.csv").write_text(cases, encoding="utf-8")
    path = folder / "city.toml"
    path.write_text(profile, encoding="utf-8")
    return path


def bring(path: Path, folder: Path | None = None, **more: Any) -> Outcome:
    """Import by a profile."""
    return import_city(Order(load_profile(path), path.name, folder or path.parent, show_progress=False, **more))


def sentences(outcome: Outcome, lang: str = "en") -> str:
    """Everything a failed import says, on lines of its own."""
    told = [*outcome.refusals, *(r.sentence for r in outcome.unforgiven)]
    return "\n".join(sentence.tell(lang) for sentence in told)
