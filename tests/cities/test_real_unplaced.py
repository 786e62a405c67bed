"""Cases without a place in real cities: golden sums of every district, by pandas and shapely on the published files."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from import_city import bring, sentences

from data.core.period import Period
from data.core.viewer import everything
from data.doctor.examine import examine_city
from data.figures.reports import fetch_report

pytestmark = pytest.mark.realdata

_NEW_YORK = """
[city]
code = "ny"
name = "New York"
timezone = "America/New_York"
as_of = 2024-04-16T04:00:00
[cells]
make = false
[[areas]]
level = "district"
file = "new_york/boundaries/borough.geo.json"
columns = { code = "ny-{BoroCode}", name = "BoroName" }
[[incidents]]
key = "crashes"
file = "new_york/incidents/nyc_crashes_202301.csv"
lon = "LONGITUDE"
lat = "LATITUDE"
date_format = "%m/%d/%Y %H:%M"
unplaced = [[0, 0]]
no_coordinates = "unplaced"
columns = { key = "COLLISION_ID", reported_at = "{CRASH DATE} {CRASH TIME}", area = "BOROUGH" }
[[incidents]]
key = "requests"
file = "new_york/incidents/311_Service_Requests_2024-04.csv"
lon = "longitude"
lat = "latitude"
no_coordinates = "unplaced"
null = ["Unspecified"]
unknown_category = "other"
columns = { key = "unique_key", reported_at = "created_date", area = "borough" }
"""
_WASHINGTON = """
[city]
code = "DC"
name = "Washington"
timezone = "America/New_York"
as_of = 2016-08-16
[cells]
make = false
[[areas]]
level = "district"
file = "washington_dc/boundaries/ward-2012.geojson"
columns = { code = "DC-W{WARD}", name = "NAME" }
[[incidents]]
key = "meters"
file = ["washington_dc/incidents_2016/parking-*.geojson", "washington_dc/incidents_2016/trash-collection-*.geojson"]
drop = { SERVICEREQUESTID = [""] }  # one feature is empty
duplicates = "first"
ignore_offset = true
unplaced = [[-77.0385091006, 38.9042570654], [-77.0385192639, 38.9019418245]]
no_coordinates = "unplaced"
unknown_category = "other"
columns = { key = "SERVICEREQUESTID", reported_at = { first = ["ADDDATE", "SERVICEORDERDATE"] }, area = "DC-W{WARD}" }
"""


@dataclass(frozen=True)
class Golden:
    """A city: its outlines by code, and a row a case with ``lon``, ``lat`` (NaN: no place) and ``named``, the district that it names."""

    code: str
    profile: str
    districts: dict[str, shapely.Geometry]
    cases: pd.DataFrame
    unplaced: int
    to_city: int


def outlines(path: Path, code: str) -> dict[str, shapely.Geometry]:
    rows = json.loads(path.read_text("utf-8"))["features"]
    return {code.format(**row["properties"]): shapely.make_valid(shapely.geometry.shape(row["geometry"])) for row in rows}


def new_york(folder: Path) -> Golden:
    crashes = pd.read_csv(folder / "new_york/incidents/nyc_crashes_202301.csv", dtype={"BOROUGH": str})
    requests = pd.read_csv(folder / "new_york/incidents/311_Service_Requests_2024-04.csv")
    cases = pd.DataFrame(
        {
            "lon": [*crashes.LONGITUDE.replace(0, np.nan), *requests.longitude],
            "lat": [*crashes.LATITUDE.replace(0, np.nan), *requests.latitude],
            "named": [*crashes.BOROUGH, *requests.borough],
        }
    )
    boroughs = ("MANHATTAN", "BRONX", "BROOKLYN", "QUEENS", "STATEN ISLAND")
    cases["named"] = cases.named.map({name: f"ny-{n}" for n, name in enumerate(boroughs, start=1)})
    return Golden("ny", _NEW_YORK, outlines(folder / "new_york/boundaries/borough.geo.json", "ny-{BoroCode}"), cases, 561 + 23, 448 + 1)


def washington(folder: Path) -> Golden:
    rows = []
    for name in ("parking-enforcement", "parking-meter", "trash-collection"):
        path = folder / f"washington_dc/incidents_2016/{name}-last-30-days.geojson"
        for row in json.loads(path.read_text("utf-8"))["features"]:
            place = row["geometry"]["coordinates"][:2] if row["geometry"] else [np.nan, np.nan]
            rows.append((row["properties"]["SERVICEREQUESTID"], *place, row["properties"]["WARD"]))
    cases = pd.DataFrame(rows, columns=["key", "lon", "lat", "named"]).dropna(subset="key").drop_duplicates("key")
    default = cases.lon.isin([-77.0385091006, -77.0385192639]) & cases.lat.isin([38.9042570654, 38.9019418245])
    cases.loc[default, ["lon", "lat"]] = np.nan
    cases["named"] = cases.named.map(lambda ward: None if ward in (None, "NULL") else f"DC-W{ward}")
    wards = outlines(folder / "washington_dc/boundaries/ward-2012.geojson", "DC-W{WARD}")
    return Golden("DC", _WASHINGTON, wards, cases, int(default.sum()), 0)


def count_districts(golden: Golden) -> dict[str, int]:
    """Cases of each district: those that stand in it, or nearest to it, and those without a place that name it."""
    placed = golden.cases.dropna(subset="lon")
    points = shapely.points(placed.lon, placed.lat)
    codes = np.array(list(golden.districts))
    away = np.array([shapely.distance(shape, points) for shape in golden.districts.values()])
    stands = pd.Series(codes[away.argmin(axis=0)])
    named = golden.cases[golden.cases.lon.isna()].named
    return {code: int((stands == code).sum() + (named == code).sum()) for code in codes}


@pytest.mark.parametrize("make", [new_york, washington])
async def test_districts_have_the_cases_that_stand_in_them_and_those_that_only_name_them(
    database: str, realdata: Path, tmp_path: Path, make: Callable[[Path], Golden]
) -> None:
    golden = make(realdata)
    path = tmp_path / "city.toml"
    path.write_text(golden.profile, "utf-8")
    outcome = bring(path, realdata)
    assert outcome.outcome == "loaded", sentences(outcome)
    right = count_districts(golden)
    years = Period.parse("2014-01-01", "2024-12-31")
    city = await fetch_report(golden.code, years, everything())
    assert (city["incidents"]["total"], city["incidents"]["unplaced"]) == (len(golden.cases), golden.unplaced)
    assert {one["code"]: one["incidents"]["total"] for one in city["children"] if one["origin"] != "unplaced"} == right
    assert sum(one["incidents"]["total"] for one in city["children"] if one["origin"] == "unplaced") == golden.to_city
    named = golden.cases[golden.cases.lon.isna()].named
    for code in golden.districts:
        assert (await fetch_report(code, years, everything()))["incidents"]["unplaced"] == (named == code).sum()
    with psycopg.connect(database) as connection:
        assert [one.code for one in examine_city(connection, golden.code) if not one.outcome.ok] == []
