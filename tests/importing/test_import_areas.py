"""Areas change while the objects in them are not imported again."""

from pathlib import Path
from typing import Any

import import_city
import psycopg
import pytest
from import_city import CASES, PROFILE, bring, feature, square, write_city

from data.doctor.examine import examine_city

pytestmark = pytest.mark.slow

PLACES = "SELECT source_key, path::text, district FROM incident ORDER BY source_key"
HISTORY = "SELECT i.source_key, count(e.seq) FROM incident_event e LEFT JOIN incident i ON i.district = e.district AND i.id = e.incident_id"
NEW_CASE = CASES.splitlines()[0] + "\n9,Lamp,open,2026-10-30 08:00,2026-11-05 08:00,,10.015,50.005\n"
UNDIVIDED = PROFILE.replace("[cells]\ntarget_area_m2 = 200_000\n", "")


def moved(code: str) -> list[dict[str, Any]]:
    """The communities, one of which belongs to the other district now."""
    return [
        feature(one["geometry"], **{**one["properties"], "district": "T2"}) if one["properties"]["code"] == code else one
        for one in import_city.COMMUNITIES
    ]


def moved_border() -> list[dict[str, Any]]:
    """The districts after that: the north of the first belongs to the second."""
    north = [[10.0, 50.01], [10.01, 50.01], [10.01, 50.0], [10.02, 50.0], [10.02, 50.02], [10.01, 50.02], [10.0, 50.02], [10.0, 50.01]]
    shapes = {"T1": square(10.0, 50.0, 10.01, 50.01), "T2": {"type": "Polygon", "coordinates": [north]}}
    return [feature(shapes[one["properties"]["code"]], **one["properties"]) for one in import_city.DISTRICTS]


def shrunk(code: str) -> list[dict[str, Any]]:
    """The communities, one of which begins further to the east: what stood there is farther than 250 m from all others."""
    small = square(10.009, 50.01, 10.01, 50.02)
    return [feature(small, **one["properties"]) if one["properties"]["code"] == code else one for one in import_city.COMMUNITIES]


@pytest.mark.parametrize("profile", [PROFILE, UNDIVIDED], ids=["cells", "communities"])
def test_what_stands_in_a_community_goes_with_it_to_another_district(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    bring(write_city(tmp_path, profile))
    monkeypatch.setattr(import_city, "COMMUNITIES", moved("T1001"))
    monkeypatch.setattr(import_city, "DISTRICTS", moved_border())
    assert bring(write_city(tmp_path, profile, NEW_CASE)).outcome == "loaded"
    with psycopg.connect(database) as connection:
        places = {key: (path.split(".")[:3], district) for key, path, district in connection.execute(PLACES)}
        assert places["1"] == (["T", "T2", "T1001"], "T2")
        assert places["2"] == (["T", "T1", "T1002"], "T1")
        assert connection.execute(HISTORY + " GROUP BY 1 ORDER BY 1").fetchall() == [("1", 2), ("2", 1), ("3", 2), ("4", 1), ("9", 1)]
        assert [one.code for one in examine_city(connection, "T") if not one.outcome.ok] == []


def test_a_case_that_no_area_holds_any_more_takes_its_history_along(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(write_city(tmp_path))
    monkeypatch.setattr(import_city, "COMMUNITIES", shrunk("T1001"))
    assert bring(write_city(tmp_path, cases=NEW_CASE)).outcome == "loaded"
    with psycopg.connect(database) as connection:
        assert connection.execute(HISTORY + " GROUP BY 1 ORDER BY 1").fetchall() == [("2", 1), ("3", 2), ("4", 1), ("9", 1)]


def test_what_a_profile_keeps_of_areas_has_the_names_that_it_gives(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is empty is left out."""
    districts = [
        feature(one["geometry"], **one["properties"], post=post, seat=seat)
        for one, post, seat in zip(import_city.DISTRICTS, ("200001", "200002"), ("Town hall", None), strict=True)
    ]
    monkeypatch.setattr(import_city, "DISTRICTS", districts)
    kept = 'name = "name" }\nattributes = { "post.code" = "post", seat = "seat" }\n'
    assert bring(write_city(tmp_path, PROFILE.replace('name = "name" }\n', kept, 1))).outcome == "loaded"
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT code, attributes FROM area WHERE level = 'district' ORDER BY 1").fetchall()
    assert found == [("T1", {"post.code": "200001", "seat": "Town hall"}), ("T2", {"post.code": "200002"})]
