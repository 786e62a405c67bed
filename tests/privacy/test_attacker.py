"""An attacker with an account that may not see the register asks everything the product answers, and subtracts.

What the answers leave possible is asked of an integer programme, too; ``test_integer_attacker.py`` does that for many more cities, without
a database.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from itertools import combinations
from typing import Any

import orjson
import psycopg
import pytest
import small_city as city
from audit_tools import written
from count_attacker import Attacker, City
from databases import FreshDatabase
from linear_algebra import solved
from map_tools import tile_of
from mvt import read
from small_report import context, report

from callbacks.show import show_page
from data import rollup
from data.auditing.reader import Filter, fetch_page
from data.core.viewer import Viewer, everything
from data.figures.reports import Filters, fetch_report, fetch_units
from data.people.register import people_of_cell
from data.places.tiles import fetch_tile
from data.rollup.shown_people import cities_without_shown, update_shown_version
from data.rollup.small_counts import People
from layers import buildings
from layers.view import View
from pages.shell_texts import shell_texts

pytestmark = pytest.mark.slow

PEOPLE = {city.C1: 103, city.C2: 3, city.C3: 207, city.C4: 311, city.C5: 2, city.C6: 419, city.C7: 523}
"""Residents by cell: 1,568 in all."""


def settle(connection: psycopg.Connection[Any], people: dict[str, int]) -> None:
    """So many people live in the cells from now on: a third of them households, half of them men, of three ages."""
    for cell, n in people.items():
        male, young, old = n // 2, n // 4, n // 5
        ages = json.dumps({"0-14": young, "15-59": n - young - old, "60+": old})
        connection.execute(
            "UPDATE area_figure SET population = %s, households = %s, male = %s, female = %s, ages = %s WHERE area = %s",
            (n, -(-n // 3), male, n - male, ages, cell),
        )
    rollup.rebuild(connection, city.CITY)
    connection.commit()


def _settle_people(connection: psycopg.Connection[Any]) -> None:
    settle(connection, PEOPLE)


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The small city with cells of three and of two people."""
    with fresh_database(city.load, _settle_people) as url, psycopg.connect(url) as connection:
        yield connection


@pytest.fixture(params=["figures", "cases"])
def attacker(request: pytest.FixtureRequest) -> Viewer:
    return everything(detail=request.param)


async def asked(viewer: Viewer) -> dict[str, dict[str, Any]]:
    """What every area says of its people, by every question that says it; all agree."""
    found: dict[str, dict[str, Any]] = {}
    for code, *_ in city.AREAS:
        told = await fetch_report(code, None, viewer)
        found[code] = dict(told["population"])
        for unit in [*told["children"], *told["siblings"], *told["zones"]]:
            assert unit["population"]["total"] == found.setdefault(unit["code"], dict(unit["population"]))["total"]
    for level in ("district", "street", "community", "grid"):
        for unit in await fetch_units(city.CITY, level, None, Filters(), viewer):
            assert unit["population"]["total"] == found[unit["code"]]["total"]
    return found


def numbers(told: dict[str, Any]) -> list[int]:
    plain = [told[name] for name in ("total", "households", "male", "female")]
    return [n for n in [*plain, *(told["ages"] or {}).values()] if n is not None]


async def test_nothing_is_small_and_everything_is_rounded(town: psycopg.Connection[Any], attacker: Viewer) -> None:
    found = await asked(attacker)
    assert found[city.C2]["total"] is None and found[city.C2]["hidden"] and found[city.C5]["total"] is None
    assert found[city.CITY] == {**found[city.CITY], "total": 1570, "hidden": False, "rounded": True}
    for told in found.values():
        assert not [n for n in numbers(told) if n % 5]


async def test_what_is_hidden_does_not_follow_from_what_is_shown(town: psycopg.Connection[Any], attacker: Viewer) -> None:
    found = await asked(attacker)
    below: dict[str, list[str]] = {}
    for code, level, _, _, parent, _ in city.AREAS:
        if parent and level != "zone" and code != city.C8:
            below.setdefault(parent, []).append(code)
    unknown = {(code, "total") for code, told in found.items() if told["total"] is None and code != city.C8}
    rows = [{(parent, "total"): -1, **{(kid, "total"): 1 for kid in kids}} for parent, kids in below.items()]
    rows.append({(city.ZONE, "total"): -1, (city.C3, "total"): 1})  # its other cell is left out, and said to be
    assert {(city.C2, "total"), (city.C5, "total")} <= unknown
    assert solved(rows, unknown) == set()
    for parent, kids in below.items():
        shown = [found[kid]["total"] for kid in kids]
        if found[parent]["total"] is not None and None in shown:
            assert shown.count(None) >= 2


async def test_a_zone_tells_nothing_of_its_small_cell(town: psycopg.Connection[Any], attacker: Viewer) -> None:
    found = await asked(attacker)
    cells = [found[cell]["total"] for cell in (city.C3, city.C5)]
    assert found[city.ZONE]["total"] == sum(n for n in cells if n is not None)
    assert found[city.ZONE]["hidden"]


async def test_successive_answers_tell_nothing_of_who_moved(town: psycopg.Connection[Any]) -> None:
    """One person after the other moves; no two answers of any two moments differ by a handful, whoever asked."""
    attackers, people = [everything(detail="figures"), everything(detail="cases")], dict(PEOPLE)
    seen = [await asked(attacker) for attacker in attackers]
    for source, target in ((city.C1, city.C2), (city.C1, city.C2), (city.C5, city.C6), (city.C3, city.C5), (city.C2, city.C7)):
        people[source] -= 1
        people[target] += 1
        settle(town, people)
        seen += [await asked(attacker) for attacker in attackers]
    for before, after in combinations(seen, 2):
        for code in before:
            pairs = [(before[code][name], after[code][name]) for name in ("total", "households", "male", "female")]
            assert not [pair for pair in pairs if None not in pair and 0 < abs(pair[0] - pair[1]) < 5]


def card_of(connection: psycopg.Connection[Any]) -> str:
    """Key of a building in the first cell."""
    found = connection.execute("SELECT source_id || ':' || source_key FROM building WHERE grid = %s ORDER BY id", [city.C1]).fetchone()
    return str(found and found[0])


async def test_pages_and_tiles_tell_no_more(town: psycopg.Connection[Any], attacker: Viewer) -> None:
    town.execute("UPDATE building SET residents = 4321")
    town.commit()
    for search in (f"?area={city.C2}", f"?area={city.K1}&units=grid&measure=population&layers=grid,population", f"?area={city.ZONE}"):
        page = orjson.dumps((await show_page(search, None, attacker)).outputs(shell_texts("zh"))).decode()
        assert "按 5 取整" in page
        assert not [told for told in ("常住 3 人", ">3 人", "106 人", "data-people", "103 人") if told in page]
    card = orjson.dumps((await show_page(f"?building={card_of(town)}", None, attacker)).outputs(shell_texts("zh"))).decode()
    assert "4,321" not in card and "4321" not in card
    west, south, _, _ = city.box_of(city.C1)
    drawn = await fetch_tile("buildings", tile_of(west + 0.002, south + 0.005, 16), None, attacker)
    features = read(gzip.decompress(drawn.packed))["buildings"]
    assert features and not [feature for feature in features if "res" in feature]


def test_buildings_are_coloured_by_residents_for_nobody_else() -> None:
    view = View(layers=("buildings",), colour="residents")
    for detail, by in (("people", "res"), ("cases", "grid"), ("figures", "grid")):
        told = report(seen={"rights": "all", "detail": detail})
        shown = context(view, told)
        assert buildings.draw(shown)[0]["colour"]["by"] == by  # type: ignore[index]
        assert ("residents" in dict(buildings.legend(shown).choices)) == (detail == "people")


async def test_who_may_see_the_register_sees_every_figure_in_the_area_of_his_own(town: psycopg.Connection[Any]) -> None:
    found = await asked(everything())
    assert {code: found[code]["total"] for code in PEOPLE} == PEOPLE and not found[city.CITY]["rounded"]
    path = city.path_of(city.S1)
    own = replace(everything(), scope=path, scope_code=city.S1)
    assert (await fetch_report(city.C2, None, own))["population"]["total"] == 3
    other = (await fetch_report(city.C5, None, own))["population"]
    assert (other["total"], other["hidden"], other["rounded"]) == (None, True, True)


def seen_city(connection: psycopg.Connection[Any], found: dict[str, dict[str, Any]]) -> City:
    """The tree as it is, and as it was told; of the last cell nothing is known."""
    columns = "area, population, households, male, female, ages"
    exact = {
        row[0]: People(*row[1:]) for row in connection.execute(f"SELECT {columns} FROM area_figure WHERE population IS NOT NULL".encode())
    }
    parents = {code: parent for code, level, _, _, parent, _ in city.AREAS if level != "zone" and code != city.C8}
    names = ("total", "households", "male", "female", "ages")
    return City(
        {code: exact[code] for code in parents}, parents, {code: People(*(found[code][name] for name in names)) for code in parents}
    )


async def test_what_is_answered_leaves_every_few_possible_also_after_one_person_moved(
    town: psycopg.Connection[Any], attacker: Viewer
) -> None:
    before = seen_city(town, await asked(attacker))
    settle(town, {city.C2: 4, city.C1: 102})
    after = seen_city(town, await asked(attacker))
    one, both = Attacker(before), Attacker(before, after)
    for code in (city.C2, city.C5):
        for column in ("population", "households"):
            assert one.possible(code, column, range(1, 5)) == {1, 2, 3, 4}
            assert len(both.possible(code, column, range(8))) >= 4
        for band in ("0-14", "15-59", "60+"):
            assert one.span(code, band) >= 3


async def test_the_audit_log_tells_auditors_no_number_of_people(town: psycopg.Connection[Any]) -> None:
    """Neither in rows that are written now nor in those of earlier versions."""
    steward = replace(everything(), name="steward", role="steward", address="127.0.0.1")
    await people_of_cell(city.C2, steward)
    with town.transaction():
        written(town, action="list_people", subject=f"area {city.C2}", detail={"found": 1})
        written(town, action="search_people", subject="name", detail={"wanted": "张*", "found": 1})
        written(town, action="import", subject=city.CITY, detail={"run": 1, "people_added": 662, "people_changed": 1, "people_gone": 0})
        written(town, action="retention", subject=city.CITY, detail={"people": 3, "reporters": 12, "today": "2026-11-23"})
    auditor = Viewer("auditor", "auditor", "zh", 1, "auditor")
    details = [row["detail"] for row in reversed((await fetch_page(Filter(), UTC, auditor)).rows)]
    assert details == [{}, {}, {"wanted": "张*"}, {"run": 1}, {"people": "<5", "reporters": 10, "today": "2026-11-23"}]


def test_a_city_from_before_is_worked_out_once(town: psycopg.Connection[Any]) -> None:
    assert cities_without_shown(town) == []
    town.execute("UPDATE area_figure SET shown_population = NULL, people_hidden = false")
    assert cities_without_shown(town) == [city.CITY]
    update_shown_version(town, city.CITY)
    assert cities_without_shown(town) == [] and rollup.compare(town, city.CITY) == []
