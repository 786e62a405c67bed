"""The small city and its twin a degree further east; every row contains its place, so that a leak shows in the bytes of an answer.

Texts of rows hold the code of their area behind a mark: ``Qi`` for cases, ``Qp`` for people, ``Qr`` for reporters, ``Qb`` for buildings,
``Qf`` for facilities; names of areas hold the bare code.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import small_city as small

from data import rollup

TWIN = "770000"
TWIN_ZONE = "PIER"
HERE, THERE = small.CITY, TWIN


def twin(code: str) -> str:
    """The code of the same area in the other city."""
    return TWIN_ZONE if code == small.ZONE else "77" + code[2:]


def load(connection: psycopg.Connection[Any]) -> None:
    """Put both cities into an empty database, with people, reporters and histories, roll them up, and commit."""
    small.load(connection)
    _marked(connection)
    for statement in _TWIN:
        connection.execute(statement.encode())
    for statement in _MORE:
        connection.execute(statement.encode())
    for city in (HERE, THERE):
        rollup.rebuild(connection, city)
    connection.commit()


def _marked(connection: psycopg.Connection[Any]) -> None:
    for statement in _MARKS:
        connection.execute(statement.encode())


_MARKS = (
    "UPDATE area SET name = '地' || code, name_en = 'Place ' || code, head_name = '长' || code, head_title = '职' || code,"
    " head_phone = '13812345678'",
    "UPDATE city SET name = '城' || code, name_en = 'City ' || code, notes = '[]'",
    "UPDATE source SET name = '源' || city",
    "UPDATE incident SET source_key = 'Qi' || grid || '-' || source_key, number = 'Qi' || grid || '-' || source_key, title = 'Qi' || grid,"
    " address = 'Qi' || grid, handler = 'Qi' || grid",
    "UPDATE building SET source_key = 'Qb' || grid || '-' || source_key, name = 'Qb' || grid, address = 'Qb' || grid, residents = 7",
    "UPDATE facility SET source_key = 'Qf' || grid || '-' || source_key, name = 'Qf' || grid",
)


def _code(column: str) -> str:
    return f"CASE {column} WHEN '{small.ZONE}' THEN '{TWIN_ZONE}' ELSE overlay({column} PLACING '77' FROM 1 FOR 2) END"


def _told(column: str) -> str:
    return f"replace(replace({column}, '99', '77'), '{small.ZONE}', '{TWIN_ZONE}')"


_PATH = f"{_told('path::text')}::ltree"
_MOVED = "ST_Translate(geom, 1, 0), ST_Transform(ST_Translate(geom, 1, 0), 3857)"

_TWIN = (
    "INSERT INTO city (code, name, name_en, timezone, as_of, level_names, notes)"
    f" SELECT '{TWIN}', {_told('name')}, {_told('name_en')}, timezone, as_of, level_names, notes FROM city",
    f"INSERT INTO category (city, subject, code, name, name_en, symbol, ordinal) SELECT '{TWIN}', subject, code, name, name_en, symbol,"
    " ordinal FROM category",
    f"INSERT INTO source (city, key, subject, name) SELECT '{TWIN}', key, subject, {_told('name')} FROM source",
    "INSERT INTO area (code, city, level, name, name_en, parent, path, district, geom, geom_3857, label_point, area_m2, head_name,"
    f" head_title, head_phone) SELECT {_code('code')}, '{TWIN}', level, {_told('name')}, {_told('name_en')}, {_code('parent')}, {_PATH},"
    f" {_code('district')}, {_MOVED}, ST_Translate(label_point, 1, 0), area_m2, {_told('head_name')},"
    f" {_told('head_title')}, head_phone FROM area",
    "INSERT INTO area_figure (area, population, households, male, female, ages, population_as_of, population_method)"
    f" SELECT {_code('area')}, population, households, male, female, ages, population_as_of, population_method FROM area_figure"
    " WHERE area IN (SELECT code FROM area WHERE level = 'grid')",
    "INSERT INTO building (district, city, source_id, source_key, grid, path, geom, geom_3857, name, address, use, floors, height_m,"
    f" height_origin, footprint_m2, residents) SELECT {_code('district')}, '{TWIN}', source_id + 1, {_told('source_key')}, {_code('grid')},"
    f" {_PATH}, {_MOVED}, {_told('name')}, {_told('address')}, use, floors, height_m, height_origin, footprint_m2, residents FROM building",
    f"INSERT INTO facility (district, city, source_id, source_key, grid, path, geom, geom_3857, kind, name) SELECT {_code('district')},"
    f" '{TWIN}', source_id + 1, {_told('source_key')}, {_code('grid')}, {_PATH}, {_MOVED}, kind, {_told('name')} FROM facility",
    "INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage, paused,"
    f" reported_at, due_at, closed_at, title, address, handler) SELECT {_code('district')}, '{TWIN}', source_id + 1, {_told('source_key')},"
    f" {_code('grid')}, {_PATH}, {_MOVED}, {_told('number')}, category, channel, stage, paused, reported_at, due_at, closed_at,"
    f" {_told('title')}, {_told('address')}, {_told('handler')} FROM incident",
)

_MORE = (
    "INSERT INTO incident_event (district, incident_id, seq, at, stage, actor, remark)"
    " SELECT district, id, 1, reported_at, 'reported', 'Qi' || grid, 'Qi' || grid FROM incident",
    "INSERT INTO incident_reporter (district, incident_id, city, grid, path, name, phone_shown)"
    " SELECT district, id, city, grid, path, '乙Qr' || grid || '丙', '138****5678' FROM incident",
    "INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date, residence,"
    " id_kind, id_shown, phone_shown) SELECT district, city, source_id, 'Qp' || grid || '-' || id, grid, path, id, 'Qp' || grid,"
    " '甲Qp' || grid || '丁', 'F', '1980-05-06', 'registered', 'resident_card', '3301************12', '138****5678' FROM building",
)


def keys(url: str, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Of one building, facility and case in each of some cells what it is and its key."""
    with psycopg.connect(url) as connection:
        for table in ("building", "facility", "incident"):
            wanted = f"SELECT DISTINCT ON (grid) source_id || ':' || source_key FROM {table} WHERE grid = ANY(%s) ORDER BY grid, 1"
            rows = connection.execute(wanted.encode(), [list(cells)]).fetchall()
            assert len(rows) == len(cells)
            yield from ((table, str(row[0])) for row in rows)
