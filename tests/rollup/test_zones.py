"""Zones smaller than a few cells: what stands in them is counted where it stands, and their people are a share of the cells' people."""

from typing import Any

import psycopg
import pytest
import small_city as city

from data import rollup
from data.doctor.examine import examine_city

Connection = psycopg.Connection[Any]
CORNER = (120.0, 30.0)
_COUNTED = """
SELECT (SELECT coalesce(sum(d.reported), 0)::int FROM incident_daily d JOIN incident_kind k ON k.no = d.kind
        WHERE d.area_no = a.no AND k.category IS NOT NULL AND k.channel IS NOT NULL),
    (SELECT coalesce(sum(d.n), 0)::int FROM incident_open d JOIN incident_kind k ON k.no = d.kind
        WHERE d.area_no = a.no AND k.category IS NOT NULL AND k.channel IS NOT NULL),
    f.facilities, f.buildings
FROM area a JOIN area_figure f ON f.area = a.code WHERE a.code = %s
"""
_STANDING = """
SELECT (SELECT count(*) FROM incident i WHERE ST_Intersects(a.geom, i.geom)),
    (SELECT count(*) FROM incident i WHERE ST_Intersects(a.geom, i.geom) AND i.is_open),
    (SELECT count(*) FROM facility i WHERE ST_Intersects(a.geom, i.geom)),
    (SELECT count(*) FROM building i WHERE ST_Intersects(a.geom, ST_PointOnSurface(i.geom)))
FROM area a WHERE a.code = %s
"""


def draw_zone(connection: Connection, west: float, south: float, east: float, north: float) -> None:
    """The zone in hundredths of a degree from the corner of the city."""
    box = [CORNER[0] + west / 100, CORNER[1] + south / 100, CORNER[0] + east / 100, CORNER[1] + north / 100]
    connection.execute(
        "UPDATE area SET geom = g, geom_3857 = ST_Transform(g, 3857), label_point = ST_PointOnSurface(g), area_m2 = ST_Area(g::geography)"
        " FROM ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 4326)) g WHERE code = %s",
        [*box, city.ZONE],
    )
    rollup.rebuild(connection, city.CITY)


def one(connection: Connection, statement: str) -> tuple[Any, ...]:
    row = connection.execute(statement.encode(), [city.ZONE]).fetchone()
    assert row
    return row


BOXES = [
    (0.15, 1.25, 0.35, 1.35),  # a yard in one cell
    (0.0, 0.0, 0.3, 2.0),  # on the border of the city; a case stands on its border
    (0.6, 0.25, 2.5, 1.9),  # parts of six cells
    (0.0, 0.0, 2.0, 2.0),  # whole cells
    (-1.0, -1.0, 5.0, 5.0),  # the whole city and more
    (1.0, 1.0, 3.0, 2.0),  # as it was
]


@pytest.mark.parametrize("box", BOXES)
def test_a_zone_counts_what_stands_in_it(connection: Connection, box: tuple[float, float, float, float]) -> None:
    draw_zone(connection, *box)
    assert one(connection, _COUNTED) == one(connection, _STANDING)
    assert [found.code for found in examine_city(connection, city.CITY) if not found.outcome.ok] == []


def put(connection: Connection, key: str, lon: float, lat: float) -> None:
    """A case at a place in hundredths of a degree from the corner, and a facility beside it, in the cells where an import puts them."""
    for table in ("incident", "facility"):
        connection.execute(
            f"UPDATE {table} SET geom = g, geom_3857 = ST_Transform(g, 3857)"
            " FROM ST_SetSRID(ST_MakePoint(%s, %s), 4326) g WHERE source_key = %s",
            [CORNER[0] + lon / 100, CORNER[1] + lat / 100, {"incident": key, "facility": "f" + key[-1]}[table]],
        )


def settle(connection: Connection) -> None:
    """Put every row into its cell, or into the nearest, however far that is."""
    for table in ("incident", "facility", "building"):
        connection.execute(
            f"UPDATE {table} t SET grid = l.code, path = l.path, grid_method = CASE WHEN l.metres > 0 THEN 'nearest' ELSE 'within' END"
            " FROM {table} o CROSS JOIN LATERAL ("
            "  SELECT code, path, ST_Distance(geom::geography, ST_PointOnSurface(o.geom)::geography) AS metres"
            "  FROM leaves(o.city) ORDER BY metres, code LIMIT 1) l".format(table=table)
            + " WHERE t.id = o.id AND t.district = o.district"
        )


def shrink(connection: Connection, code: str, west: float, south: float, east: float, north: float) -> None:
    """A published cell that leaves a hole beside it."""
    box = [CORNER[0] + west / 100, CORNER[1] + south / 100, CORNER[0] + east / 100, CORNER[1] + north / 100]
    connection.execute(
        "UPDATE area SET geom = g, geom_3857 = ST_Transform(g, 3857), label_point = ST_Centroid(g)"
        " FROM ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 4326)) g WHERE code = %s",
        [*box, code],
    )


HOLES = [
    (1.0, 1.0, 3.0, 2.0),  # the zone ends where the hole begins
    (0.0, 1.0, 1.0, 2.0),  # the hole is in the zone
    (0.35, 1.0, 1.0, 2.0),  # so is a part of it
    (0.6, 1.2, 0.9, 1.8),  # the zone is in the hole, and meets no cell
    (0.0, 1.0, 0.3, 2.0),  # the zone is the cell beside the hole
]


@pytest.mark.parametrize("box", HOLES)
def test_a_zone_counts_what_stands_in_a_hole_between_cells(connection: Connection, box: tuple[float, float, float, float]) -> None:
    """The hole is a kilometre wide: further than any fixed tolerance that fits cells of a hundred metres."""
    shrink(connection, city.C1, 0.0, 1.0, 0.3, 2.0)
    for n, (lon, lat) in enumerate([(0.35, 1.5), (0.6, 1.5), (0.85, 1.5), (0.99, 1.99)], start=1):
        put(connection, f"i0{n}", lon, lat)
    settle(connection)
    draw_zone(connection, *box)
    assert one(connection, _COUNTED) == one(connection, _STANDING)
    assert told_of_zones(connection) == []


@pytest.mark.parametrize("latitude", [30.0, 70.0, 89.0])
def test_a_zone_beyond_the_city_counts_what_was_put_into_the_nearest_cell(connection: Connection, latitude: float) -> None:
    """However far that is, and however short a degree of longitude is there."""
    for table in ("area", "incident", "facility", "building"):
        connection.execute(f"UPDATE {table} SET geom = ST_Translate(geom, 0, %s - 30)", [latitude])
        connection.execute(f"UPDATE {table} SET geom_3857 = ST_Transform(geom, 3857)")
    connection.execute("UPDATE area SET label_point = ST_PointOnSurface(geom)")
    south = latitude - 30
    put(connection, "i01", 9.0, 1.5 + 100 * south)
    put(connection, "i02", 4.2, 0.5 + 100 * south)
    put(connection, "i03", -3.0, -2.5 + 100 * south)
    settle(connection)
    for box in ((4.1, 0.0, 10.0, 2.0), (3.0, 0.0, 4.0, 2.0), (-4.0, -4.0, 0.0, 0.0), (3.5, 0.0, 4.5, 1.0)):
        draw_zone(connection, box[0], box[1] + 100 * south, box[2], box[3] + 100 * south)
        assert one(connection, _COUNTED) == one(connection, _STANDING), box
        assert told_of_zones(connection) == []


def test_a_row_on_the_border_of_a_zone_stands_in_it_whichever_cell_has_it(connection: Connection) -> None:
    """The zone is of whole cells, and two cases stand exactly on its border, each counted in a cell on the other side of it."""
    put(connection, "i01", 1.0, 1.5)
    put(connection, "i05", 2.5, 1.0)
    connection.execute("UPDATE incident SET grid = %s, path = %s WHERE source_key = 'i01'", [city.C1, city.path_of(city.C1)])
    connection.execute("UPDATE incident SET grid = %s, path = %s WHERE source_key = 'i05'", [city.C6, city.path_of(city.C6)])
    draw_zone(connection, 1.0, 1.0, 3.0, 2.0)
    assert one(connection, _COUNTED) == one(connection, _STANDING)
    assert told_of_zones(connection) == []


def told_of_zones(connection: Connection) -> list[tuple[str, object]]:
    """What the doctor says of sums and zones."""
    found = [found for found in examine_city(connection, city.CITY) if not found.outcome.ok]
    return [(one.code, one.outcome.offenders) for one in found if one.code.startswith(("sum.", "fresh.", "place.zones", "place.counted"))]


def test_a_case_without_a_place_counts_for_its_cell_and_for_no_zone(connection: Connection) -> None:
    """Its cell lies wholly in the zone: the cell has it, as a sum of its entry, and the zone counts what stands in it."""
    before = one(connection, _COUNTED)
    lost = connection.execute("SELECT source_key FROM incident WHERE grid = %s LIMIT 1", [city.C3]).fetchall()
    city.lose_place(connection, city.C3, lost[0][0])
    rollup.rebuild(connection, city.CITY)
    assert one(connection, _COUNTED)[0] == before[0] - 1 == one(connection, _STANDING)[0]
    assert told_of_zones(connection) == []
    connection.execute(
        "UPDATE incident_daily SET reported = reported + 1 WHERE area_no = (SELECT no FROM area WHERE code = %s) AND reported > 0",
        [city.ZONE],
    )
    assert {code for code, _ in told_of_zones(connection)} >= {"sum.incidents", "place.counted"}


@pytest.mark.parametrize(
    ("box", "people"),
    [
        ((0.0, 1.0, 0.25, 2.0), 25),  # a quarter of cell 1 with its 100
        ((0.5, 0.0, 1.5, 2.0), 50 + 100 + 150 + 200),
        ((0.0, 1.0, 0.005, 2.0), 1),  # half a person
        ((2.5, 1.0, 4.0, 2.0), 250 + 700),
    ],
)
def test_people_of_a_zone_are_shares_of_the_cells_it_meets(
    connection: Connection, box: tuple[float, float, float, float], people: int
) -> None:
    draw_zone(connection, *box)
    population, male, female, ages = one(connection, "SELECT population, male, female, ages FROM area_figure WHERE area = %s")
    assert (population, male + female) == (people, people)
    assert abs(male - 0.49 * people) <= 1 and abs(sum(ages.values()) - people) <= 1


def test_changes_reach_the_zone_whose_border_they_cross(connection: Connection) -> None:
    """Case i01 moves within its own cell, out of the zone and in again."""
    draw_zone(connection, 0.0, 1.0, 0.5, 2.0)
    row = connection.execute("SELECT district, id FROM incident WHERE source_key = 'i01'").fetchall()
    before = one(connection, _COUNTED)
    for west, more in ((0.9, -1), (0.1, 0)):
        with rollup.changing_incidents(connection, city.CITY, row):
            connection.execute(
                "UPDATE incident SET geom = g, geom_3857 = ST_Transform(g, 3857) FROM ST_SetSRID(ST_MakePoint(%s, 30.013), 4326) g"
                " WHERE source_key = 'i01'",
                [CORNER[0] + west / 100],
            )
        assert one(connection, _COUNTED)[0] == before[0] + more
        assert rollup.compare(connection, city.CITY) == []
    places = connection.execute("SELECT district, id FROM facility WHERE source_key = 'f1'").fetchall()
    with rollup.changing_facilities(connection, city.CITY, places):
        connection.execute("DELETE FROM facility WHERE source_key = 'f1'")
    houses = connection.execute("SELECT district, id FROM building").fetchall()
    with rollup.changing_buildings(connection, city.CITY, houses):
        connection.execute("UPDATE building SET geom = ST_Translate(geom, 0.003, 0)")
    assert one(connection, _COUNTED) == one(connection, _STANDING)
    assert rollup.compare(connection, city.CITY) == []


def test_people_who_come_reach_the_zone_by_their_share(connection: Connection) -> None:
    draw_zone(connection, 0.0, 1.0, 0.5, 2.0)
    with rollup.changing_persons(connection, city.CITY) as touched:
        found = connection.execute(
            "INSERT INTO person (district, city, source_id, source_key, grid, path, household, name, sex, birth_date, residence)"
            " SELECT a.district, a.city, s.id, 'p' || n, a.code, a.path, 'h', '李', 'M', '1990-01-01', 'registered'"
            " FROM area a, source s, generate_series(1, 41) n WHERE a.code = %s RETURNING district, id",
            [city.C1],
        ).fetchall()
        touched.add(found)
    assert one(connection, "SELECT population, male FROM area_figure WHERE area = %s") == (21, 21)
    assert rollup.compare(connection, city.CITY) == []


def test_the_doctor_names_a_zone_that_counts_whole_cells(connection: Connection) -> None:
    """As it was before: a zone had the cells whose label point it held."""
    draw_zone(connection, 0.4, 1.4, 0.6, 1.6)
    assert one(connection, _COUNTED) == one(connection, _STANDING)
    connection.execute(
        "INSERT INTO incident_daily (area_no, day, kind, reported, district) SELECT z.no, d.day, d.kind, d.reported, d.district"
        " FROM area z, incident_daily d JOIN area c ON c.no = d.area_no WHERE z.code = %s AND c.code = %s AND d.kind > 0",
        [city.ZONE, city.C1],
    )
    broken = {found.code: found.outcome.offenders for found in examine_city(connection, city.CITY) if not found.outcome.ok}
    assert any(told.startswith(f"{city.ZONE} · cases: ") for told in broken["place.counted"])
