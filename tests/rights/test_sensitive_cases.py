"""Cases of a sensitive category, and every count of them, are seen by who may see the register there, and by nobody else."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from map_tools import tile_of
from mvt import read
from rights_tools import load_people, seeing, viewer_of

from callbacks.show import show_page
from data import rollup
from data.core.errors import GridwellError
from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.figures.reports import NO_FILTERS, Filters, fetch_report, fetch_units
from data.places.cards import fetch_incident_card
from data.places.outlines import fetch_cases
from data.places.search import search
from data.places.tiles import fetch_tile
from pages.shell_texts import shell_texts

pytestmark = pytest.mark.slow

Connection = psycopg.Connection[Any]
CARE = {"i04", "i10", "i14", "i19", "i24", "i25"}
"""The cases of the category that is sensitive here: i04 in C1, i10 and i14 in C3, i19 in C5; i24 and i25, of last year, in C7."""
WITHOUT = {
    city.CITY: 23 - 4,
    city.D1: 15 - 3,
    city.D2: 8 - 1,
    city.S1: 9 - 1,
    city.S2: 6 - 2,
    city.C1: 6 - 1,
    city.C3: 4 - 2,
    city.ZONE: 8 - 3,
}
"""What others count in the default period."""
OPEN_WITHOUT = {
    **{city.CITY: (9, 4), city.D1: (3, 1), city.D2: (6, 3), city.S1: (2, 0), city.S2: (1, 1)},
    **{city.C1: (2, 0), city.C3: (1, 1), city.ZONE: (2, 1)},
}
"""What is open for others, and what is overdue; then when 30 October ended."""
YESTERDAY_WITHOUT = {
    **{city.CITY: (5, 4), city.D1: (1, 1), city.D2: (4, 3), city.S1: (0, 0), city.S2: (1, 1)},
    **{city.C1: (0, 0), city.C3: (1, 1), city.ZONE: (1, 1)},
}


def declare(connection: Connection, sensitive: bool = True) -> None:
    connection.execute("UPDATE category SET sensitive = %s WHERE subject = 'incident' AND code = 'utility'", [sensitive])
    rollup.rebuild(connection, city.CITY)
    connection.commit()


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database(city.load, load_people, declare) as url, psycopg.connect(url) as connection:
        yield connection


OTHERS = [everything(detail="cases"), everything(detail="figures"), viewer_of(city.D1, "cases"), viewer_of(city.ZONE, "cases")]
INSIDE = [everything(), viewer_of(city.D1), viewer_of(city.ZONE)]
BY_SCOPE = ["everywhere", "district", "zone"]


def asked(viewer: Viewer, statement: str, *values: Any) -> list[Any]:
    with seeing(viewer) as connection:
        return connection.execute(statement.encode(), values).fetchall()


@pytest.mark.parametrize("viewer", [OTHERS[0], *OTHERS[2:]], ids=BY_SCOPE)
def test_no_row_of_a_sensitive_case_is_seen_by_others(town: Connection, viewer: Viewer) -> None:
    seen = {key for (key,) in asked(viewer, "SELECT source_key FROM incident")}
    assert seen and not seen & CARE
    steps = "SELECT i.source_key FROM incident_event e LEFT JOIN incident i ON i.district = e.district AND i.id = e.incident_id"
    assert {key for (key,) in asked(viewer, steps)} == seen
    for where in ("category = 'utility'", "category <> 'env' AND category <> 'order'", "true OR category = 'utility'"):
        assert not {key for (key,) in asked(viewer, f"SELECT source_key FROM incident WHERE {where}")} & CARE


@pytest.mark.parametrize("viewer", INSIDE, ids=BY_SCOPE)
def test_who_may_see_the_register_sees_them_in_scope(town: Connection, viewer: Viewer) -> None:
    inside = {"*": CARE, city.D1: {"i04", "i10", "i14"}, city.ZONE: {"i10", "i14", "i19"}}[viewer.scope_code]
    assert {key for (key,) in asked(viewer, "SELECT source_key FROM incident WHERE category = 'utility'")} == inside


@pytest.mark.parametrize("viewer", OTHERS)
def test_no_row_of_a_roll_up_that_counts_them_is_seen_by_others(town: Connection, viewer: Viewer) -> None:
    assert asked(viewer, "SELECT FROM incident_kind WHERE category = 'utility' OR sensitive") == []
    known = {no for (no,) in asked(viewer, "SELECT no FROM incident_kind")}
    for table in ("incident_daily", "incident_open"):
        assert {kind for (kind,) in asked(viewer, f"SELECT DISTINCT kind FROM {table}")} <= known


async def counted(viewer: Viewer, code: str, filters: Filters = NO_FILTERS) -> int:
    return (await fetch_report(code, None, viewer, filters))["incidents"]["total"]


@pytest.mark.parametrize("viewer", OTHERS[:2], ids=["cases", "figures"])
async def test_others_count_the_rest_whatever_they_ask(town: Connection, viewer: Viewer) -> None:
    care = Filters(categories=("utility",))
    for code, total in WITHOUT.items():
        report = await fetch_report(code, None, viewer)
        assert report["incidents"]["withheld"] == ["utility"]
        assert report["incidents"]["total"] == total and report["incidents"]["by_category"].get("utility", 0) == 0, code
        assert sum(report["incidents"]["by_source"].values()) == sum(report["incidents"]["by_category"].values()) == total
        assert sum(n for _, n in report["incidents"]["by_day"]) == total
        assert await counted(viewer, code, care) == 0
        for last in ("2026-10-30", "2026-10-31"):
            found = (await fetch_report(code, Period.parse("2026-10-30", last), viewer))["incidents"]
            stocks = tuple(found[name] for name in ("open", "overdue", "open_at_end", "overdue_at_end"))  # type: ignore[literal-required]
            assert stocks == (*OPEN_WITHOUT[code], *(OPEN_WITHOUT if last == "2026-10-31" else YESTERDAY_WITHOUT)[code]), (code, last)
        everything_else = [await counted(viewer, code, Filters(channels=(channel,))) for channel in city.BY_CHANNEL]
        assert sum(everything_else) == total
    for level in ("district", "street", "community", "grid"):
        units = await fetch_units(city.CITY, level, None, NO_FILTERS, viewer)
        assert sum(unit["incidents"]["total"] for unit in units) == WITHOUT[city.CITY]
        assert not sum(unit["incidents"]["total"] for unit in await fetch_units(city.CITY, level, None, care, viewer))


async def test_cases_without_a_place_are_withheld_like_others(town: Connection) -> None:
    """Two cases of a district lose their place, a sensitive one and another: whoever sees the first counts both, everybody else one."""
    leaf = city.lose_place(town, city.D1, "i04", "i05")
    rollup.rebuild(town, city.CITY)
    town.commit()
    for viewer, total, lost in ((everything(), 15, 2), (viewer_of(city.D1), 15, 2), *((one, WITHOUT[city.D1], 1) for one in OTHERS[:3])):
        found = (await fetch_report(city.D1, None, viewer))["incidents"]
        assert (found["total"], found["unplaced"], found["unplaced_open"]) == (total, lost, lost), viewer
        units = {unit["code"]: unit["incidents"]["total"] for unit in await fetch_units(city.D1, "grid", None, NO_FILTERS, viewer)}
        assert units[leaf] == lost and sum(units.values()) == total
        shown = (await fetch_cases(city.D1, None, NO_FILTERS, True, viewer)).body
        assert (shown["total"], shown["left_out"]) == (total - lost, 0)
        assert lost == 2 or "i04" not in orjson.dumps(shown).decode()
    for viewer in (OTHERS[0], *OTHERS[2:]):
        assert not asked(viewer, "SELECT FROM incident WHERE source_key = 'i04'")
    for viewer in OTHERS:
        assert len(asked(viewer, "SELECT FROM incident_open WHERE area_no = (SELECT no FROM area WHERE code = %s)", leaf)) <= 1


async def test_who_may_see_the_register_of_an_area_counts_them_there_alone(town: Connection) -> None:
    everybody = everything()
    for code in WITHOUT:
        assert await counted(everybody, code) == city.TOTAL[code]
        assert (await fetch_report(code, None, everybody))["incidents"]["withheld"] == []
        assert (await fetch_report(code, None, everybody))["incidents"]["by_category"].get("utility", 0) == city.TOTAL[code] - WITHOUT[code]
    worker = viewer_of(city.S1, "people", city.D1)
    assert [await counted(worker, code) for code in (city.S1, city.C1, city.D1, city.S2)] == [9, 6, WITHOUT[city.D1], WITHOUT[city.S2]]
    assert [await counted(viewer_of(city.ZONE), code) for code in (city.ZONE, city.C3)] == [8, 4]


async def test_no_other_door_shows_them(town: Connection) -> None:
    for viewer in OTHERS[:1]:
        assert await search("AJ-i04", city.CITY, viewer) == []
        source = town.execute("SELECT source_id FROM incident LIMIT 1").fetchone()
        assert source is not None
        with pytest.raises(GridwellError):
            await fetch_incident_card(f"{source[0]}:i04", viewer)
        assert (await fetch_incident_card(f"{source[0]}:i05", viewer))["number"] == "AJ-i05"
        page = orjson.dumps((await show_page(f"?incident={source[0]}:i04", None, viewer)).outputs(shell_texts("zh"))).decode()
        assert "AJ-i04" not in page
        for closed in (False, True):
            told = json.dumps(orjson.loads(orjson.dumps(await fetch_cases(city.CITY, None, NO_FILTERS, closed, viewer), default=str)))
            assert "utility" not in told and "i05" in told
    assert [one["title"] for one in await search("AJ-i04", city.CITY, everything())] == ["AJ-i04"]


@pytest.mark.parametrize("zoom", [10, 14])
async def test_tiles_show_and_count_them_for_the_register_alone(town: Connection, zoom: int) -> None:
    west, south, _, _ = city.box_of(city.C3)

    async def drawn(viewer: Viewer) -> int:
        tile = await fetch_tile("incidents", tile_of(west + 0.004, south + 0.003, zoom), None, viewer)
        found = read(gzip.decompress(tile.packed)).get("incidents", [])
        assert viewer.detail == "people" or not [one for one in found if one.get("category") == "utility"]
        return sum(int(one.get("n", 1)) for one in found)

    assert await drawn(everything()) > await drawn(everything(detail="cases")) > 0
    assert zoom > 10 or await drawn(everything(detail="cases")) == await drawn(everything(detail="figures"))


def test_roll_ups_follow_each_change_and_a_declaration_that_is_taken_back(town: Connection) -> None:
    assert rollup.compare(town, city.CITY) == []
    care = town.execute("SELECT district, id FROM incident WHERE source_key = 'i04'").fetchall()
    with rollup.changing_incidents(town, city.CITY, care):
        town.execute("UPDATE incident SET stage = 'closed', closed_at = '2026-10-31 10:00+08', channel = 'media' WHERE source_key = 'i04'")
    assert rollup.compare(town, city.CITY) == []
    declare(town, sensitive=False)
    assert rollup.compare(town, city.CITY) == []
    assert town.execute("SELECT count(*) FROM incident_kind WHERE sensitive AND category IS NOT NULL").fetchone() == (0,)
