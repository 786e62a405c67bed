"""Random cities: every figure of every area equals a count of the raw input by shapely."""

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import bring, sentences
from random_city import count_people, count_points, make_city, write_city

from data.doctor.examine import examine_city

CITIES = int(os.environ.get("GRIDWELL_RANDOM_CITIES", "4"))
"""How many cities of each batch; more by the environment."""
BATCHES = 6

_FIGURES = """
SELECT a.code, coalesce(d.reported, 0)::int, coalesce(d.closed, 0)::int, coalesce(o.n, 0)::int, f.facilities, f.buildings,
    coalesce(f.population, 0)::int
FROM area a JOIN area_figure f ON f.area = a.code
LEFT JOIN LATERAL (
    SELECT sum(reported) AS reported, sum(closed) AS closed FROM incident_daily d JOIN incident_kind k ON k.no = d.kind
    WHERE d.area_no = a.no AND k.category IS NOT NULL AND k.channel IS NOT NULL
) d ON true
LEFT JOIN LATERAL (
    SELECT sum(n) AS n FROM incident_open o JOIN incident_kind k ON k.no = o.kind
    WHERE o.area_no = a.no AND k.category IS NOT NULL AND k.channel IS NOT NULL
) o ON true
WHERE a.city = %s AND a.level <> 'grid'
"""
_SPREAD = """
SELECT a.code, count(*)::int FROM area a JOIN area g ON g.city = a.city AND g.level = 'grid' AND ST_Intersects(g.geom, a.geom)
JOIN population_unit u ON u.city = a.city AND ST_Intersects(u.geom, g.geom) WHERE a.city = %s AND a.level <> 'grid' GROUP BY 1
"""


def right(city: Any, code: str) -> tuple[int, ...]:
    cases = [p for p, _ in city.cases]
    closed = count_points(city, code, [p for p, done in city.cases if done])
    every = count_points(city, code, cases)
    houses = count_points(city, code, [house.point_on_surface() for house in city.houses])
    return every, closed, every - closed, count_points(city, code, city.places), houses


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_figure_of_every_area_equals_a_count_of_the_raw_input(database: str, tmp_path: Path, batch: int) -> None:
    for number in range(CITIES):
        seed = 1000 * batch + number
        city = make_city(seed, f"R{seed}")
        outcome = bring(write_city(city, tmp_path / city.code))
        assert outcome.outcome == "loaded", f"seed {seed}: {sentences(outcome)}"
        with psycopg.connect(database) as connection:
            found = {code: figures for code, *figures in connection.execute(_FIGURES, [city.code]).fetchall()}
            spread = dict(connection.execute(_SPREAD, [city.code]).fetchall())
            ailing = [(one.code, one.outcome.offenders[:3]) for one in examine_city(connection, city.code) if not one.outcome.ok]
        assert ailing == [], f"seed {seed}: {ailing}"
        assert set(found) == set(city.areas), f"seed {seed}"
        for code in city.areas:
            *counted, people = found[code]
            assert tuple(counted) == right(city, code), f"seed {seed}: {code} (cases, closed, open, facilities, buildings)"
            # A share of a unit in a cell is rounded to a whole person, up or down by less than one.
            off = abs(people - count_people(city, code))
            assert off <= spread.get(code, 0) + 1, f"seed {seed}: {code} has {people} people, not {count_people(city, code):.1f}"
