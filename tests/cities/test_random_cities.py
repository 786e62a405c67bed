"""Random cities: every figure of every area equals a count of the raw input by shapely and pandas."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from counted_city import DAILY, PEOPLE, STATES, count_cases, count_days, count_people, count_report, count_standing
from import_city import bring, sentences
from random_city import AS_OF, BANDS, RandomCity, make_city
from random_files import write_city

from data.core.period import Period
from data.core.viewer import everything
from data.doctor.examine import examine_city
from data.figures.reports import Filters, fetch_report

pytestmark = pytest.mark.slow

CITIES = int(os.environ.get("GRIDWELL_RANDOM_CITIES", "4"))
"""How many cities of each batch; more by the environment."""
BATCHES = [pytest.param(0), *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 6))]

_DAYS = f"""
SELECT a.code, d.day, k.category, k.channel, {", ".join(f"d.{name}" for name in DAILY)}
FROM incident_daily d JOIN area a ON a.no = d.area_no JOIN incident_kind k ON k.no = d.kind
WHERE a.city = %s AND a.level <> 'grid' AND k.category IS NOT NULL AND k.channel IS NOT NULL AND ({" + ".join(DAILY)}) > 0
"""
_FIGURES = """
SELECT a.code, f.facilities, f.buildings, f.footprint_m2, f.floor_area_m2, f.population, f.households, f.male, f.female, f.ages
FROM area a JOIN area_figure f ON f.area = a.code WHERE a.city = %s AND a.level <> 'grid'
"""
_CELLS = "SELECT ST_AsBinary(geom) FROM area WHERE city = %s AND level = 'grid' AND geom IS NOT NULL"
_SPREAD = """
SELECT a.code, count(*)::int FROM area a JOIN area g ON g.city = a.city AND g.level = 'grid' AND ST_Intersects(g.geom, a.geom)
JOIN population_unit u ON u.city = a.city AND ST_Intersects(u.geom, g.geom) WHERE a.city = %s AND a.level <> 'grid' GROUP BY 1
"""


@pytest.mark.parametrize("batch", BATCHES)
async def test_every_figure_of_every_area_equals_a_count_of_the_raw_input(database: str, tmp_path: Path, batch: int) -> None:
    for number in range(CITIES):
        seed = 1000 * batch + number
        city = make_city(seed, f"R{seed}")
        outcome = bring(write_city(city, tmp_path / city.code))
        assert outcome.outcome == "loaded", f"seed {seed}: {sentences(outcome)}"
        rows = count_cases(city)
        with psycopg.connect(database) as connection:
            ailing = [(one.code, one.outcome.offenders[:3]) for one in examine_city(connection, city.code) if not one.outcome.ok]
            assert ailing == [], f"seed {seed}: {ailing}"
            check_days(connection, city, rows)
            check_standing_and_people(connection, city)
        await check_reports(city, rows, np.random.default_rng(seed))


def check_days(connection: psycopg.Connection[Any], city: RandomCity, rows: pd.DataFrame) -> None:
    """Every count of every day, type and channel."""
    found = {tuple(row[:4]): tuple(row[4:]) for row in connection.execute(_DAYS, [city.code])}
    right = {(area, day.date(), *kind): tuple(n) for (area, day, *kind), n in zip(*_split(count_days(rows)), strict=True)}
    wrong = {key: (found.get(key), right.get(key)) for key in found.keys() | right.keys() if found.get(key) != right.get(key)}
    assert wrong == {}, f"{city.code}: {DAILY}"


def _split(counted: pd.DataFrame) -> tuple[Any, Any]:
    return counted.index, counted[list(DAILY)].to_numpy().tolist()


def check_standing_and_people(connection: psycopg.Connection[Any], city: RandomCity) -> None:
    """Facilities and buildings exactly; people but for the rounding of each share of a unit in a cell."""
    cells = [shapely.from_wkb(bytes(row[0])) for row in connection.execute(_CELLS, [city.code])]
    standing, people = count_standing(city), count_people(city, cells)
    spread = dict(connection.execute(_SPREAD, [city.code]).fetchall())
    found = {row[0]: row[1:] for row in connection.execute(_FIGURES, [city.code])}
    assert set(found) == set(city.areas), city.code
    for code, (facilities, buildings, footprint, floor_area, *numbers, ages) in found.items():
        right = standing.loc[code]
        assert (facilities, buildings) == (right.facilities, right.buildings), f"{city.code}: {code}"
        one = footprint / buildings if buildings else 0.0
        assert floor_area == pytest.approx(one * right.floors, rel=1e-3), f"{city.code}: {code}"
        told = dict(zip(PEOPLE, [*numbers, *((ages or {}).get(band) for band in BANDS)], strict=True))
        for name, exact in people.loc[code].items():
            allowed = (spread.get(code, 0) + 1) * (1 if name == "people" else 3)
            assert told[name] is None or abs(told[name] - exact) <= allowed, f"{city.code}: {code}, {name}: {told[name]} ≠ {exact:.1f}"
            assert (told[name] is None) == (exact != exact), f"{city.code}: {code}, {name}: {told[name]} ≠ {exact:.1f}"
        if told["male"] is not None:
            assert told["male"] + told["female"] == told["people"], f"{city.code}: {code}"


async def check_reports(city: RandomCity, rows: pd.DataFrame, random: np.random.Generator) -> None:
    """Reports of every area, each for a period of its own that may be over; and with a filter."""
    for code in city.areas:
        first = AS_OF.normalize() - pd.Timedelta(days=int(random.integers(0, 50)))
        last = first + pd.Timedelta(days=int(random.integers(0, 30)))
        kept = [str(one) for one in random.choice(rows.type.unique(), int(random.integers(0, 3)), replace=False)] if len(rows) else []
        mine = rows[rows.area == code]
        right = count_report(mine[mine.type.isin(kept)] if kept else mine, first, last)
        report = await fetch_report(code, Period(first.date(), last.date()), everything(), Filters(categories=tuple(kept)))
        told = {**report["incidents"], "due": report["closing_rate"]["denominator"], "due_closed": report["closing_rate"]["numerator"]}
        told["due_on_time"] = report["on_time_closing_rate"]["numerator"]
        if kept:  # cases without a place are told of all categories
            del right["unplaced"], right["unplaced_open"]
        assert {name: told[name] for name in right} == right, f"{city.code}: {code}, {first.date()} to {last.date()}, {kept}"
        assert set(STATES) < set(right)
