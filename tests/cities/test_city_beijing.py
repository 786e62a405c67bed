"""Beijing, imported whole: two boundary levels, 7,007 community codes, points in GCJ-02, compounds in BD-09."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_city import City, bring, counts, repairs

pytestmark = pytest.mark.realdata
CODE = "110000000000"
PEOPLE = 21_893_095


@pytest.fixture(scope="module")
def beijing(fresh_database: Any, realdata: Path) -> Iterator[City]:
    with fresh_database() as url:
        yield City(url, CODE, bring("beijing", realdata))


def test_every_row_is_accounted_for(beijing: City) -> None:
    assert beijing.outcome.outcome == "loaded"
    assert counts(beijing.outcome) == {
        "city": (1, 1, 0),
        "districts": (16, 16, 0),
        "streets": (343, 343, 0),
        "streets-2016": (9, 9, 0),
        "communities": (7007, 7007, 0),
        "census-2020": (16, 16, 0),
        "compounds": (3703, 3695, 8),
        "land": (16, 16, 0),
    }
    mended = repairs(beijing.outcome)
    assert mended["ring_closed"] == 3700
    assert mended["datum_shifted"] == 2331 + 3700
    assert {r.reason for r in beijing.outcome.ledger.rejects} == {"bad_geometry", "outside"}


def test_communities_without_a_polygon_stand_in_the_tree(beijing: City) -> None:
    areas = beijing.areas()
    assert (areas["district", "published"], areas["street", "published"], areas["street", "none"]) == (16, 343, 9)
    assert areas["community", "approximate"] + areas["community", "none"] == 7007
    # 2,292 of the 2,331 points belong to streets with a polygon; 75 lie more than 500 m outside it.
    assert areas["community", "approximate"] == 2292 - 75 == repairs(beijing.outcome)["approximated"]
    assert beijing.one("SELECT count(*) FROM area WHERE city = %(city)s AND length(code) NOT IN (12, 15)") == 0
    unknown = "SELECT count(*) FROM area JOIN area_figure ON area = code WHERE origin = 'none' AND population IS NOT NULL"
    assert beijing.one(unknown) == 0  # nothing is known of them; that is not the same as nobody


def test_every_street_has_cells_that_tile_it(beijing: City) -> None:
    rows = beijing.rows(
        """
        SELECT s.code, count(g.code), ST_Area(s.geom), sum(ST_Area(g.geom)), bool_or(c.code IS NOT NULL), array_agg(DISTINCT g.origin)
        FROM area s
        LEFT JOIN area g ON g.path <@ s.path AND g.level = 'grid'
        LEFT JOIN area c ON c.code = g.parent AND c.level = 'community'
        WHERE s.city = %(city)s AND s.level = 'street' AND s.geom IS NOT NULL GROUP BY s.code
        """
    )
    assert len(rows) == 343
    for code, cells, street, inside, by_points, origins in rows:
        assert cells > 0, code
        assert inside == pytest.approx(street, rel=1e-6), code
        assert origins == (["approximate"] if by_points else ["made"]), code


def test_people_come_out_at_every_level(beijing: City) -> None:
    people = beijing.population()
    assert {level: people[level] for level in ("city", "district", "street", "grid")} == dict.fromkeys(
        ("city", "district", "street", "grid"), PEOPLE
    )
    assert beijing.one("SELECT population FROM area_figure WHERE area = '110105000000'") == 3_452_460
    assert beijing.rows("SELECT population_method, male, female, households FROM area_figure WHERE area = %(city)s") == [
        ("by_area", 11_195_390, 10_697_705, 8_230_792)
    ]
    ages = beijing.one("SELECT ages FROM area_figure WHERE area = %(city)s")
    assert len(ages) == 18
    assert sum(ages.values()) == PEOPLE


def test_the_doctor_finds_nothing(beijing: City) -> None:
    assert beijing.ailments() == []


def test_again_changes_nothing(beijing: City, realdata: Path) -> None:
    assert bring("beijing", realdata).outcome == "unchanged"


def test_undeclared_datums_are_found(beijing: City, realdata: Path, tmp_path: Path) -> None:
    """Points are compared with the streets their codes name; compounds by the borders of streets they cross."""
    outcome = bring("beijing", realdata, tmp_path, {'datum = "gcj02"\n': 'datum = "detect"\n', 'datum = "bd09"\n': ""})
    assert outcome.outcome == "failed"
    remarks = [told.tell("en") for key, told in outcome.ledger.remarks if key == "communities"]
    assert any("gcj02" in told and "94." in told for told in remarks), remarks
    refusals = [told.tell("en") for told in outcome.refusals]
    assert any("compounds" in told and "bd09" in told for told in refusals), refusals


def test_points_without_a_datum_are_refused(beijing: City, realdata: Path, tmp_path: Path) -> None:
    outcome = bring("beijing", realdata, tmp_path, {'datum = "gcj02"\n': ""})
    assert outcome.outcome == "failed"
    assert any("communities" in told and "gcj02" in told for told in [told.tell("en") for told in outcome.refusals])
    assert beijing.one("SELECT count(*) FROM area WHERE city = %(city)s AND level = 'community'") == 7007
