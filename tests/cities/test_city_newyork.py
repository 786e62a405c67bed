"""New York, imported whole: tracts in feet, buildings in tiles, requests with two styles of header, crashes without a status."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_city import City, bring, counts, repairs

pytestmark = pytest.mark.realdata
PEOPLE = 8_175_133
SQUARE_FOOT_M2 = 0.3048006096**2


@pytest.fixture(scope="module")
def new_york(fresh_database: Any, realdata: Path) -> Iterator[City]:
    with fresh_database() as url:
        yield City(url, "ny", bring("new_york", realdata))


def test_every_row_is_accounted_for(new_york: City) -> None:
    assert new_york.outcome.outcome == "loaded"
    assert counts(new_york.outcome) == {
        "boroughs": (5, 5, 0),
        "community-districts": (59, 59, 0),
        "neighborhoods": (195, 195, 0),
        "tracts": (2165, 2165, 0),
        "joint-interest-areas": (12, 12, 0),
        "census-2010": (2166, 2165, 1),
        "osm-buildings": (9550, 9550, 0),
        "311-2024": (1000, 977, 23),
        "311-2022": (924, 913, 11),
        "crashes-2023": (7244, 6683, 561),
        "land": (5, 5, 0),
    }
    left_out = sum(t.left_out for t in new_york.outcome.ledger.tallies.values() if t.source == "osm-buildings")
    assert left_out == 9366  # labels, addresses and entrances: points among the footprints
    reasons = [(r.source, r.reason) for r in new_york.outcome.ledger.rejects]
    assert reasons.count(("crashes-2023", "no_coordinates")) == 480
    assert reasons.count(("crashes-2023", "zero_coordinates")) == 81
    assert ("census-2010", "unknown_area") in reasons


def test_the_tree(new_york: City) -> None:
    assert new_york.areas() == {
        ("city", "derived"): 1,
        ("district", "published"): 5,
        ("street", "published"): 59,
        ("community", "published"): 195,
        ("grid", "published"): 2165,
        ("zone", "published"): 12,
    }
    chain = new_york.rows(
        "SELECT a.name_en FROM area a JOIN area t ON t.path <@ a.path WHERE t.code = 'ny-1000700' ORDER BY nlevel(a.path)"
    )
    assert [row[0] for row in chain] == [
        "New York City",
        "Manhattan",
        "Financial District (CD1)",
        "Battery Park City-Lower Manhattan",
        "Tract 7",
    ]


def test_feet_become_degrees(new_york: City) -> None:
    """Tract 1 of Manhattan has 1,844,421 square feet by the shapefile's own column."""
    from_feet = new_york.rows("SELECT area_m2, ST_X(label_point), ST_Y(label_point) FROM area WHERE code = 'ny-1000100'")[0]
    assert -74.26 < from_feet[1] < -73.69
    assert 40.49 < from_feet[2] < 40.92
    total = new_york.one("SELECT sum(area_m2) FROM area WHERE level = 'grid'")
    assert total == pytest.approx(8_419_000_000 * SQUARE_FOOT_M2, rel=0.01)


def test_people_come_out_at_every_level(new_york: City) -> None:
    people = new_york.population()
    assert {level: people[level] for level in ("city", "district", "street", "community", "grid")} == dict.fromkeys(
        ("city", "district", "street", "community", "grid"), PEOPLE
    )
    assert new_york.one("SELECT population_method FROM area_figure WHERE area = 'ny-1000700'") == "published"


def test_buildings_keep_their_heights(new_york: City) -> None:
    assert new_york.rows(
        "SELECT count(*)::int, count(height_m)::int, max(height_m), count(DISTINCT attributes ->> 'osm_id')::int FROM building"
    ) == [(9550, 9250, 541.0, 8719)]
    assert {row[0] for row in new_york.rows("SELECT DISTINCT district FROM building")} == {"ny-1", "ny-3"}


def test_requests_and_crashes(new_york: City) -> None:
    found = new_york.rows(
        "SELECT s.key, i.stage, count(*)::int FROM incident i JOIN source s ON s.id = i.source_id WHERE i.city = %(city)s GROUP BY 1, 2"
    )
    stages = {(key, stage): count for key, stage, count in found}
    assert sum(count for (key, _), count in stages.items() if key == "311-2024") == 977
    assert set(stages) == {
        *(("311-2024", stage) for stage in ("reported", "dispatched", "in_progress", "closed")),
        *(("311-2022", stage) for stage in ("reported", "in_progress", "closed")),
        ("crashes-2023", "closed"),
    }
    # 12-hour times of one file and ISO times of the other are both local.
    assert new_york.one("SELECT (reported_at AT TIME ZONE 'America/New_York')::text FROM incident WHERE number = '54046813'") == (
        "2022-05-01 00:00:09"
    )
    assert (
        new_york.one("SELECT (reported_at AT TIME ZONE 'America/New_York')::date::text FROM incident WHERE number = '60879417'")
        == "2024-04-16"
    )
    assert repairs(new_york.outcome)["closing_filled"] == 6683 + 1


def test_the_doctor_finds_nothing(new_york: City) -> None:
    assert new_york.ailments() == []


def test_again_changes_nothing(new_york: City, realdata: Path) -> None:
    assert bring("new_york", realdata).outcome == "unchanged"
