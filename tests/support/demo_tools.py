"""Looking into a filled demo city."""

from typing import Any

import psycopg


def one(connection: psycopg.Connection[Any], statement: str, *values: object) -> Any:
    row = connection.execute(statement, values).fetchone()
    assert row is not None
    return row[0]


def fingerprint(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """A hash of every table's rows, without ids, which depend on what was loaded before."""
    columns = {
        "area": "code, name, name_en, head_name, head_phone, ST_AsEWKB(geom), ST_AsEWKB(label_point)",
        "area_figure": "area, population, households, ages",
        "building": "source_key, grid, use, height_m, residents, address, ST_AsEWKB(geom)",
        "person": "source_key, grid, household, name, sex, birth_date, residence, retain_until",
        "incident": "source_key, grid, number, category, channel, stage, reported_at, closed_at, title, handler, unit, ST_AsEWKB(geom)",
        "incident_event": "district, seq, at, stage, actor, remark, unit, details",
        "facility": "source_key, kind, name, ST_AsEWKB(geom)",
        "base_feature": "source_key, kind, width_m, name, ST_AsEWKB(geom_3857)",
    }
    return {
        table: one(connection, f"SELECT md5(string_agg(r, '|' ORDER BY r)) FROM (SELECT ROW({chosen})::text AS r FROM {table}) q")
        for table, chosen in columns.items()
    }


def take_rules_away(url: str) -> None:
    """Leave it to dispatchers where cases of the demo city go: its own rules would send most of them to a unit at once."""
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM routing_rule")
