"""Writing beside other data: two sources of one subject, two cities, rows that change or vanish, leaves and homes."""

from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest
import shapely
from import_city import CASES, COMMUNITIES, DISTRICTS, PROFILE, bring, collection, feature, sentences, square, write_city

from data.geo import leaf_join
from data.importing.landing import statistics
from data.importing.placing.homes import _unique
from data.importing.placing.leaves import Leaves
from data.importing.rows.duplicate_numbers import DuplicateNumbers
from data.importing.run import Outcome

pytestmark = pytest.mark.slow

HEAD = CASES.splitlines()[0]
SECOND = """
[[incidents]]
key = "second"
file = "more.csv"
complete = true
[incidents.columns]
key = "id"
category = "type"
status = "status"
reported_at = "reported"
due_at = "due"
closed_at = "closed"
"""
FIRST_ROWS = ["1,Lamp,open,2026-10-01 08:00,,,10.005,50.015", "2,Lamp,open,2026-10-02 08:00,,,10.015,50.005"]
MORE_ROWS = [
    "1,Noise,open,2026-10-03 08:00,,,10.006,50.016",
    "7,Noise,closed,2026-10-04 08:00,,2026-10-05 08:00,10.016,50.006",
    "8,Smell,open,2026-10-05 08:00,,,10.005,50.005",
]


def rows(database: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(statement, values or None).fetchall()


def two_sources(folder: Path, first: list[str], more: list[str], profile: str = PROFILE + SECOND) -> Outcome:
    path = write_city(folder, profile, "\n".join([HEAD, *first, ""]))
    (folder / "more.csv").write_text("\n".join([HEAD, *more, ""]), encoding="utf-8")
    outcome = bring(path)
    assert outcome.outcome in ("loaded", "unchanged"), sentences(outcome)
    return outcome


STORED = (
    "SELECT split_part(s.key, '-', 1), i.source_key, i.id, i.category FROM incident i JOIN source s ON s.id = i.source_id ORDER BY 1, 2"
)


def test_a_source_that_is_complete_loses_its_own_rows_only(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    before = rows(database, STORED)
    assert [row[:2] for row in before] == [("incidents", "1"), ("incidents", "2"), ("second", "1"), ("second", "7"), ("second", "8")]
    # Row 8 vanishes from the source that is complete, row 2 from the one that is not.
    outcome = two_sources(tmp_path, FIRST_ROWS[:1], MORE_ROWS[:2])
    assert outcome.report["changes"]["incident"] == {"inserted": 0, "updated": 0, "deleted": 1}
    assert rows(database, STORED) == before[:-1], "the ids of all others are as they were"
    assert rows(database, "SELECT code FROM category ORDER BY 1") == [("Lamp",), ("Noise",)]


def test_a_first_import_writes_each_case_once(database: str, tmp_path: Path) -> None:
    """Deadline states are there before the roll-ups would write them, and are the same."""
    bring(write_city(tmp_path))
    states = "SELECT count(DISTINCT cmin::text)::int, count(deadline_state)::int, count(*) FILTER (WHERE is_open)::int FROM incident"
    [(written, known, opened)] = rows(database, states)
    assert written == 1 and known == opened > 1


def test_statistics_are_gathered_of_what_rows_are_chosen_by(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path))
    known = "SELECT attname::text FROM pg_stats WHERE tablename = 'incident' AND inherited ORDER BY 1"
    assert [name for (name,) in rows(database, known)] == sorted(statistics._COLUMNS["incident"])


def test_one_key_in_two_sources_means_two_rows(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    before = rows(database, STORED)
    changed = [MORE_ROWS[0].replace("Noise", "Smell"), *MORE_ROWS[1:], "9,Noise,open,2026-10-06 08:00,,,10.005,50.005"]
    outcome = two_sources(tmp_path, FIRST_ROWS, changed)
    assert outcome.report["changes"]["incident"] == {"inserted": 1, "updated": 1, "deleted": 0}
    after = rows(database, STORED)
    assert [row[2] for row in after[:-1]] == [row[2] for row in before]
    assert [row[3] for row in after] == ["Lamp", "Lamp", "Smell", "Noise", "Smell", "Noise"]


def test_a_row_is_new_although_another_source_has_had_its_key_for_long(database: str, tmp_path: Path) -> None:
    two_sources(tmp_path, FIRST_ROWS, MORE_ROWS)
    before = rows(database, STORED)
    outcome = two_sources(tmp_path, FIRST_ROWS, [*MORE_ROWS, FIRST_ROWS[1].replace("Lamp", "Smell")])
    assert outcome.report["changes"]["incident"] == {"inserted": 1, "updated": 0, "deleted": 0}
    after = rows(database, STORED)
    assert [row for row in after if row not in before] == [("second", "2", after[3][2], "Smell")]
    assert len(after) == len(before) + 1


EVENTS = """
SELECT split_part(s.key, '-', 1) || i.source_key, e.stage, to_char(e.at AT TIME ZONE 'Asia/Shanghai', 'MM-DD') FROM incident_event e
JOIN incident i ON i.id = e.incident_id AND i.district = e.district JOIN source s ON s.id = i.source_id ORDER BY 1, e.seq
"""


def test_the_history_follows_what_the_files_tell(database: str, tmp_path: Path) -> None:
    closed = FIRST_ROWS[0].replace("open", "closed").replace("08:00,,,", "08:00,,2026-10-02 08:00,")
    two_sources(tmp_path, [closed, FIRST_ROWS[1]], MORE_ROWS)
    # Case 1 is opened again, case 7 was closed later, case 8 is gone, case 2 moves to the other district.
    moved = FIRST_ROWS[1].replace("10.015", "10.005")
    later = MORE_ROWS[1].replace("2026-10-05", "2026-10-09")
    two_sources(tmp_path, [FIRST_ROWS[0], moved], [MORE_ROWS[0], later])
    assert rows(database, EVENTS) == [
        ("incidents1", "reported", "10-01"),
        ("incidents2", "reported", "10-02"),
        ("second1", "reported", "10-03"),
        ("second7", "reported", "10-04"),
        ("second7", "closed", "10-09"),
    ]
    assert rows(database, "SELECT count(*)::int FROM incident_event") == [(5,)], "nothing stays behind that belongs to no case"
    assert rows(database, "SELECT district, grid LIKE 'T1002%%' FROM incident WHERE source_key = '2'") == [("T1", True)]


def other_city(folder: Path) -> Path:
    """A city of another code in the same place, whose codes differ."""
    folder.mkdir()
    profile = PROFILE.replace('code = "T"', 'code = "U"').replace('code = "code"', 'code = "u{code}"')
    return write_city(folder, profile.replace('parent = "district"', 'parent = "u{district}"'))


def everything_of(database: str, city: str) -> list[object]:
    found: list[object] = []
    for table in ("area", "incident", "category", "source"):
        found.append(rows(database, f"SELECT t.*, t.xmin::text FROM {table} t WHERE t.city = %s ORDER BY 1, 2, 3", city))
    return found


def test_an_import_leaves_other_cities_alone(database: str, tmp_path: Path) -> None:
    other = other_city(tmp_path / "other")
    assert bring(other).outcome == "loaded"
    bring(write_city(tmp_path))
    before = everything_of(database, "U")
    assert all(before)
    # Areas, cases and a category vanish from the first city, and its cells are made anew.
    (tmp_path / "cases.csv").write_text("\n".join(CASES.splitlines()[:3]))
    profile = PROFILE.replace('file = "cases.csv"\n', 'file = "cases.csv"\ncomplete = true\n').replace("200_000", "400_000")
    (tmp_path / "city.toml").write_text(profile, encoding="utf-8")
    assert bring(tmp_path / "city.toml").outcome == "loaded"
    assert everything_of(database, "U") == before
    assert rows(database, "SELECT city, code FROM category ORDER BY 1, 2") == [("T", "Rubbish"), ("U", "Lamp"), ("U", "Rubbish")]


def test_population_of_two_sources_is_forgotten_by_source(database: str, tmp_path: Path) -> None:
    block = '\n[[population]]\nkey = "{0}"\nfile = "{0}.csv"\nas_of = 2026-01-01\ncolumns = {{ area = "unit", total = "people" }}\n'
    path = write_city(tmp_path, PROFILE + block.format("west") + block.format("east"))
    for name, text in (("west", "unit,people\nT1001,10\nT1002,20\n"), ("east", "unit,people\nT2001,30\nT2002,40\n")):
        (tmp_path / f"{name}.csv").write_text(text)
    assert bring(path).outcome == "loaded"
    (tmp_path / "west.csv").write_text("unit,people\nT1001,11\n")
    assert bring(path).report["changes"]["population_unit"] == {"inserted": 0, "updated": 1, "deleted": 1}
    people = "SELECT area, population FROM area_figure WHERE area IN ('T', 'T1', 'T2', 'T1001') ORDER BY 1"
    assert rows(database, people) == [("T", 81), ("T1", 11), ("T1001", 11), ("T2", 70)]


# -- cells that do not align -------------------------------------------------------------------------------------------

OWN_CELLS = """
[[areas]]
level = "grid"
file = "cells.geojson"
columns = { code = "code", name = "code" }
"""


def test_published_cells_that_straddle_belong_where_most_of_them_lies(database: str, tmp_path: Path) -> None:
    """Cells in diagonal bands and strips, none of which ends where its community does."""
    cells = [
        feature(square(10.000, 50.008, 10.010, 50.020), code="g1"),  # 10 of 12 parts in T1001, the rest south of it
        feature(square(10.000, 50.000, 10.012, 50.008), code="g2"),  # 10 of 12 in T1002, the rest across the district's border
        feature(square(10.010, 50.011, 10.020, 50.020), code="g3"),
        feature(square(10.012, 50.000, 10.020, 50.011), code="g4"),  # 10 of 11 in T2002
    ]
    path = write_city(tmp_path, PROFILE.replace("[[incidents]]", OWN_CELLS + "\n[[incidents]]", 1))
    (tmp_path / "cells.geojson").write_text(collection(cells))
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    parents = "SELECT code, parent, district FROM area WHERE level = 'grid' ORDER BY 1"
    assert rows(database, parents) == [("g1", "T1001", "T1"), ("g2", "T1002", "T1"), ("g3", "T2001", "T2"), ("g4", "T2002", "T2")]
    told = {r.facts["child"]: r.facts["share"] for _, r in outcome.ledger.remarks if r.reason == "parent_straddles"}
    assert told == {"g1": "83.3 %", "g2": "83.3 %", "g4": "90.9 %"}
    placed = rows(database, "SELECT source_key, grid, grid_method, district FROM incident ORDER BY 1")
    assert placed == [("1", "g1", "within", "T1"), ("2", "g2", "within", "T1"), ("3", "g3", "within", "T2"), ("4", "g4", "within", "T2")]


def test_rows_near_a_cell_are_taken_to_the_nearest_by_metres(database: str, tmp_path: Path) -> None:
    """At 50° north a degree of longitude is two thirds of one of latitude."""
    # A gap between two cells: 86 m to the one in the east, 89 m to the one in the north, which is nearer in degrees.
    communities = [
        feature(square(10.000, 50.011, 10.010, 50.020), code="T1001", name="n", district="T1"),
        feature(square(10.010, 50.000, 10.020, 50.020), code="T2001", name="e", district="T2"),
    ]
    profile = PROFILE.replace("[cells]", "[cells]\nmake = false").replace("as_of = 2026-10-31", "as_of = 2026-10-31\ntolerance_m = 100")
    spots = {"1": (10.0088, 50.0102), "2": (10.0, 50.02), "3": (10.01, 50.015), "4": (10.02095, 50.01), "5": (10.0215, 50.01)}
    lines = [f"{key},Lamp,open,2026-10-01 08:00,,,{lon},{lat}" for key, (lon, lat) in spots.items()]
    path = write_city(tmp_path, profile.replace('file = "cases.csv"', 'file = "cases.csv"\nallow = ["outside"]'), "\n".join([HEAD, *lines]))
    (tmp_path / "communities.geojson").write_text(collection(communities))
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    assert rows(database, "SELECT source_key, grid, grid_method FROM incident ORDER BY 1") == [
        ("1", "T2001", "nearest"),
        ("2", "T1001", "within"),  # on a corner
        ("3", "T1001", "within"),  # on the border of two: the first code
        ("4", "T2001", "nearest"),  # 68 m away
    ]
    assert [(r.line, r.reason, r.sentence.facts["distance"]) for r in outcome.ledger.rejects] == [(6, "outside", "108 m")]
    assert {k: n for (_, k), n in outcome.ledger.repairs.items()}["nearest_cell"] == 2
    with psycopg.connect(database) as connection:
        leaf_join.prepare_leaves(connection, "T")
        leaves = Leaves(connection)
        anchors = np.array([shapely.Point(*spot) for spot in spots.values()], dtype=object)
        assert leaves.find_containing(anchors).tolist() == [-1, 0, 0, -1, -1]
        near, far = leaves.find_nearest(anchors[3:], 100.0)
        assert near[0] == 1
        assert near[1] is not None
        assert far[0] == -1
        assert far[1] is not None
        assert [leaf for leaf, _ in leaves.find_nearest(anchors[3:], near[1])] == [1, -1], "as far as allowed is near enough"
        assert leaves.find_numbers(pa.array(["T2001", None, "T", "T1001"])).tolist() == [1, -1, -1, 0]
        assert leaves.find_nearest(anchors[:0], 100.0) == []


def test_areas_that_change_take_rows_along_that_the_files_do_not_bring_again(database: str, tmp_path: Path) -> None:
    """The border of two districts moves: of the cases that are not in the files any more one changes its district, one does not."""
    lines = [f"{i},Lamp,open,2026-10-0{i} 08:00,,,{lon},50.015" for i, lon in ((1, 10.007), (2, 10.009), (3, 10.018))]
    bring(write_city(tmp_path, cases="\n".join([HEAD, *lines])))
    before = rows(database, "SELECT source_key, id, district FROM incident ORDER BY 1")
    assert [row[2] for row in before] == ["T1", "T1", "T2"]
    for name, features in (("districts", DISTRICTS), ("communities", COMMUNITIES)):
        text = collection(features).replace("10.01,", "10.008,")
        (tmp_path / f"{name}.geojson").write_text(text, encoding="utf-8")
    (tmp_path / "cases.csv").write_text("\n".join([HEAD, lines[2]]))
    assert bring(tmp_path / "city.toml").outcome == "loaded"
    after = rows(database, "SELECT source_key, id, district FROM incident ORDER BY 1")
    assert after == [(*before[0][:2], "T1"), (*before[1][:2], "T2"), before[2]]
    events = "SELECT count(*)::int FROM incident_event e JOIN incident i ON i.id = e.incident_id AND i.district = e.district"
    assert rows(database, events) == [(3,)]
    assert rows(database, "SELECT bool_and(ST_Intersects(a.geom, i.geom)) FROM incident i JOIN area a ON a.code = i.grid") == [(True,)]


# -- homes and doubles -------------------------------------------------------------------------------------------------


def test_a_key_or_an_address_means_a_home_only_if_it_means_one() -> None:
    keys = pa.array(["b1", "b2", "b2", "b4", None, "b6"])
    addresses = pa.array(["Oak 1", "Oak 2", "Elm 3", "Elm 3", "b1", "Ash 6"])
    words, building = _unique(keys, addresses)
    # b2 and Elm 3 mean two; b1 is a key before it is an address.
    assert dict(zip(words.to_pylist(), building.tolist(), strict=True)) == {"b1": 0, "b4": 3, "b6": 5, "Oak 1": 0, "Oak 2": 1, "Ash 6": 5}


def test_numbers_that_occur_twice_are_told_with_their_lines() -> None:
    doubles = DuplicateNumbers()
    assert list(doubles.describe("s")) == []
    doubles.add(pa.chunked_array([["x", None, "y"]]), "1.csv", np.array([2, 3, 4]))
    doubles.add(pa.chunked_array([["z", None]]), "1.csv", np.array([5, 6]))
    assert list(doubles.describe("s")) == [], "nothing is no number that occurs twice"
    doubles.add(pa.chunked_array([["y"], ["x"]]), "1.csv", np.array([7, 8]))
    assert [told.facts for told in doubles.describe("s")] == [{"source": "s", "count": 2, "lines": "2 = 8; 4 = 7"}]
    doubles.add(pa.chunked_array([["z"]]), "2.csv", np.array([2]))
    assert [told.facts["lines"] for told in doubles.describe("s")] == ["1.csv:2 = 1.csv:8; 1.csv:4 = 1.csv:7; 1.csv:5 = 2.csv:2"]


@pytest.mark.parametrize(("count", "more"), [(20, False), (21, True)])
def test_twenty_of_them_are_listed(count: int, more: bool) -> None:
    doubles = DuplicateNumbers()
    numbers = [f"n{i}" for i in range(count)]
    doubles.add(pa.chunked_array([numbers + numbers]), "1.csv", np.arange(2 * count))
    (told,) = doubles.describe("s")
    assert told.facts["count"] == count
    assert str(told.facts["lines"]).count(" = ") == 20
    assert str(told.facts["lines"]).endswith("…") is more
