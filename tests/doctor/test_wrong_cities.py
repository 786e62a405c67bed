"""Cities with figures as they were counted before: each of those that a database can tell is named by the doctor.

What it cannot tell: numbers that were cut (``12.345`` people read as 12), because the file's own text is not kept; a datum that shifts
everything alike, because nothing else says where the city is.
"""

from pathlib import Path
from typing import Any

import import_city
import psycopg
import pytest
from import_city import PROFILE, bring, collection, feature, sentences, square, write_city

from data import rollup
from data.doctor.examine import examine_city

Connection = psycopg.Connection[Any]
CODE = "T"


def found(connection: Connection, notes: bool = False) -> dict[str, tuple[str, ...]]:
    """Codes of the checks that fail, or of the notes, with the names that they tell."""
    told = examine_city(connection, CODE)
    return {one.code: one.outcome.offenders for one in told if one.outcome.total and one.outcome.note is notes}


def load(database: str, folder: Path, profile: str = PROFILE, cases: str = import_city.CASES) -> Connection:
    """Import the small city; it is well."""
    outcome = bring(write_city(folder, profile, cases))
    assert outcome.outcome == "loaded", sentences(outcome)
    connection = psycopg.connect(database)
    assert found(connection) == {}
    return connection


def add(folder: Path, name: str, *features: Any) -> None:
    (folder / f"{name}.geojson").write_text(collection(list(features)), encoding="utf-8")


def block(kind: str, name: str, more: str) -> str:
    return f'\n[[{kind}]]\nfile = "{name}.geojson"\n{more}\n'


def test_people_of_a_unit_that_crosses_the_border_taken_whole(database: str, tmp_path: Path) -> None:
    """A quarter of the unit lies in the city; its other 3,000 people were given to the cells where its own stand."""
    add(tmp_path, "units", feature(square(10.015, 50, 10.035, 50.02), code="quarter inside", people=4000))
    profile = PROFILE + block("population", "units", 'as_of = 2026-01-01\ncolumns = { key = "code", total = "people" }')
    with load(database, tmp_path, profile) as connection:
        connection.execute("UPDATE area_figure SET population = population * 4 WHERE population > 0")
        assert found(connection)["fresh.published"] == ("4000 - 3000 ≠ 4000", "unit quarter inside: 3000 / 4000")


def test_an_area_that_only_touches_the_city_or_lies_beside_it(database: str, tmp_path: Path) -> None:
    """Both stand under a district because their code names it, as ``inside = 0`` allows; nobody allowed it then."""
    touching, beside = square(10.0199, 50, 10.04, 50.01), square(10.029, 50.012, 10.04, 50.02)
    add(tmp_path, "more", feature(touching, code="T2009", district="T2"), feature(beside, code="T2010", district="T2"))
    keys = 'level = "community"\ninside = 0\nnests = 1\ncolumns = { code = "code", name = "code", parent = "district" }'
    with load(database, tmp_path, PROFILE + block("areas", "more", keys)) as connection:
        connection.execute("UPDATE source SET nests = NULL")
        named = " ".join(found(connection)["shape.nesting"])
        assert "T2009 (T2009) < 东区 (T2): 0 %" in named and "T2010 (T2010) < 东区 (T2): 0 %" in named
        assert "东区 (T2): " in named


def test_levels_that_do_not_nest_and_their_cells(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A community over three quarters of the city stands under the district of which it covers all; the other district is covered by it."""
    wide = [feature(square(10.0, 50.0, 10.015, 50.02), code="T1001", name="宽", district="T1")]
    east = [feature(square(10.015, 50.0, 10.02, 50.02), code="T2001", name="东", district="T2")]
    monkeypatch.setattr(import_city, "COMMUNITIES", wide + east)
    profile = PROFILE.replace('parent = "district" }', 'parent = "district" }\nnests = 0.9')
    with load(database, tmp_path, profile) as connection:
        connection.execute("UPDATE source SET nests = NULL")
        named = found(connection)["shape.nesting"]
        assert named == ("西区 (T1): 33 %", "东区 (T2) < 西区 (T1): 50 %")


def test_cells_across_the_border_of_their_parent(database: str, tmp_path: Path) -> None:
    """Cells of one community reach a third of a kilometre into the next one, which has none there."""
    with load(database, tmp_path) as connection:
        connection.execute(
            "UPDATE area SET geom = g, geom_3857 = ST_Transform(g, 3857), label_point = ST_PointOnSurface(g)"
            " FROM (SELECT code AS c, ST_Translate(geom, 0.005, 0) AS g FROM area) s WHERE c = code AND parent = 'T1001' AND level = 'grid'"
        )
        told = found(connection)
        assert told["shape.tiling"][0].startswith("T1001: gap ")
        assert "西北 (T1001): 50 %" in told["shape.nesting"]


def test_a_zone_that_owns_whole_cells(database: str, tmp_path: Path) -> None:
    """A yard around the middle of a cell has all that stands in the cell; or nothing, where its border holds no middle."""
    add(tmp_path, "yard", feature(square(10.0045, 50.0145, 10.0055, 50.0155), code="YARD"))
    add(tmp_path, "houses", *(feature(square(x, 50.0121, x + 1e-4, 50.0122), code=f"{x}") for x in (10.0051, 10.0101)))
    profile = PROFILE.replace("target_area_m2 = 200_000", "make = false")
    profile += block("areas", "yard", 'level = "zone"\ncolumns = { code = "code", name = "code" }')
    profile += block("buildings", "houses", 'columns = { key = "code" }')
    other = import_city.CASES + "9,Lamp,open,2026-10-03 08:00,,,10.009,50.019\n"
    with load(database, tmp_path, profile, other) as connection:
        connection.execute("DELETE FROM zone_edge")
        connection.execute("UPDATE area_figure SET buildings = 1 WHERE area = 'YARD'")
        connection.execute("UPDATE incident_daily SET reported = 2 FROM area WHERE area_no = no AND code = 'YARD' AND reported > 0")
        told = found(connection)
        assert told["place.counted"] == ("YARD · buildings: 1 ≠ 0", "YARD · cases: 2 ≠ 1")
        assert any("YARD" in one for one in told["fresh.rollups"])
        rollup.rebuild(connection, CODE)  # with its edges back the figures are counted anew
        assert found(connection) == {}


def test_a_point_that_stands_for_no_place(database: str, tmp_path: Path) -> None:
    """A note, because a point may also be the door of a large building; a city with as many cases elsewhere has none."""
    here = [f"d{n},Lamp,open,2026-10-03 08:00,,,10.0123,50.0123" for n in range(40)]
    there = [f"e{n},Lamp,open,2026-10-03 08:00,,,{10 + n / 2000:.4f},50.0123" for n in range(39)]
    with load(database, tmp_path, cases=import_city.CASES + "\n".join(there + here) + "\n") as connection:
        assert found(connection, notes=True)["place.crowds"] == ("incidents-cases: 10.0123 50.0123: 40 / 83",)
        connection.execute("DELETE FROM incident WHERE source_key LIKE 'd%' AND source_key > 'd2'")
        assert "place.crowds" not in found(connection, notes=True)


def test_days_as_deadlines_that_end_as_they_begin(database: str, tmp_path: Path) -> None:
    days = "id,type,status,reported,due,closed,lon,lat\n" + "".join(
        f"{n},Lamp,closed,2026-10-01,2026-10-0{3 + n},2026-10-0{2 + n},10.005,50.015\n" for n in range(4)
    )
    with load(database, tmp_path, cases=days) as connection:
        assert connection.execute("SELECT count(*) FROM incident WHERE due_is_day AND reported_is_day AND closed_is_day").fetchone() == (4,)
        connection.execute("UPDATE incident SET due_at = due_at - interval '1 day' + interval '1 microsecond' WHERE source_key <> '3'")
        connection.execute("UPDATE incident SET closed_at = closed_at + interval '9 hours' WHERE source_key = '3'")
        rollup.rebuild(connection, CODE)
        assert found(connection) == {
            "incident.days": (*(f"{n} · due_at 2026-10-0{3 + n} 00:00:00" for n in range(3)), "3 · closed_at 2026-10-05 09:00:00")
        }
        connection.execute("UPDATE incident SET due_at = date_trunc('day', due_at, 'Asia/Shanghai'), due_is_day = false")
        assert found(connection, notes=True)["incident.midnights"] == ("incidents-cases: 4",)
        connection.execute("UPDATE incident SET due_at = due_at + interval '1 hour' WHERE source_key = '0'")
        assert "incident.midnights" not in found(connection, notes=True)


def test_outlines_of_another_datum_than_what_lies_in_them(database: str, tmp_path: Path) -> None:
    """Districts half a kilometre to the east of their communities, as of a map of another datum."""
    with load(database, tmp_path) as connection:
        connection.execute(
            "UPDATE area SET geom = g, geom_3857 = ST_Transform(g, 3857), label_point = ST_PointOnSurface(g)"
            " FROM (SELECT code AS c, ST_Translate(geom, 0.007, 0.002) AS g FROM area) s WHERE c = code AND level = 'district'"
        )
        named = found(connection)["shape.nesting"]
        assert "西区 (T1) < " not in named[0] and any(one.startswith("东区 (T2) < 西区") or "西区 (T1): " in one for one in named), named
