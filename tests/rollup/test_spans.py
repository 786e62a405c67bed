"""Which numbers lie inside each area, as policies on roll-ups read it: compared with the tree that is drawn in ``small_city``."""

from typing import Any

import psycopg
import small_city as city

from data.rollup.spans import update_spans

Connection = psycopg.Connection[Any]
BELOW = {
    city.CITY: {row[0] for row in city.AREAS},
    city.D1: {city.D1, city.S1, city.S2, city.K1, city.K2, city.C1, city.C2, city.C3, city.C4},
    city.D2: {city.D2, city.S3, city.K3, city.K4, city.C5, city.C6, city.C7, city.C8},
    city.S1: {city.S1, city.K1, city.C1, city.C2},
    city.S2: {city.S2, city.K2, city.C3, city.C4},
    city.S3: {city.S3, city.K3, city.K4, city.C5, city.C6, city.C7, city.C8},
    city.K1: {city.K1, city.C1, city.C2},
    city.K2: {city.K2, city.C3, city.C4},
    city.K3: {city.K3, city.C5, city.C6},
    city.K4: {city.K4, city.C7, city.C8},
    **{cell: {cell} for cell in city.CELLS},
    city.ZONE: {city.ZONE, city.C3, city.C5},
}


def inside(connection: Connection) -> dict[str, set[str]]:
    """The areas inside each one by the rule of the policies: an odd count of bounds is not greater than the number."""
    numbers = connection.execute("SELECT code, no FROM area").fetchall()
    spans = connection.execute("SELECT area, bounds FROM area_span").fetchall()
    assert all(bounds == sorted(set(bounds)) for _, bounds in spans)
    return {area: {code for code, no in numbers if sum(bound <= no for bound in bounds) % 2} for area, bounds in spans}


def test_spans_hold_the_tree_and_the_cells_of_zones(connection: Connection) -> None:
    assert inside(connection) == BELOW
    (longest,) = connection.execute("SELECT max(cardinality(bounds)) FROM area_span WHERE area <> %s", [city.ZONE]).fetchone() or (0,)
    assert longest < 2 * len(BELOW[city.D1]), "neighbouring numbers are one run"


def test_spans_follow_an_area_that_moves(connection: Connection) -> None:
    """Its number lies far from those of its new brothers."""
    connection.execute("UPDATE area SET parent = %s WHERE code = %s", [city.K1, city.C8])
    update_spans(connection, city.CITY)
    moved = {code: BELOW[code] - {city.C8} for code in (city.K4, city.S3, city.D2)}
    assert inside(connection) == BELOW | moved | {code: BELOW[code] | {city.C8} for code in (city.K1, city.S1, city.D1)}
