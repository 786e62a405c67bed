"""A register made of files, for tests of its import: people who do not exist, in the small city of ``import_city``."""

import struct
from pathlib import Path
from typing import Any

import psycopg
from import_city import PROFILE, collection, feature, square, write_city
from psycopg import sql

from data.doctor.examine import examine_city
from data.privacy.number_formats import check_digit

BUILDINGS = """
[[buildings]]
file = "buildings.geojson"
complete = true
[buildings.columns]
key = "id"
address = "address"
"""
PEOPLE = """
[[people]]
file = "register.csv"
encoding = "gb18030"
"""
HOMES = {"b1": (10.002, 50.012, "柳荫路1号"), "b2": (10.004, 50.002, "柳荫路2号"), "b3": (10.012, 50.012, "码头街3号")}
HEADINGS = "人员编号,姓名,性别,出生日期,证件类型,证件号码,联系电话,户籍类型,户号,建筑物编号,网格编码,经度,纬度,保留期限"


def card(born: str, order: int, region: str = "330106") -> str:
    """A resident card's number; an odd order for men."""
    first = f"{region}{born}{order:03d}"
    return first + check_digit(first)


def old_card(born: str, order: int) -> str:
    """The same as it was written before 1999, with 15 places."""
    return f"330106{born[2:]}{order:03d}"


def with_x() -> str:
    """A card whose last place is an X."""
    return next(number for order in range(1, 200) if (number := card("19900307", order)).endswith("X"))


def house(key: str, lon: float | None = None, lat: float | None = None) -> dict[str, Any]:
    """A building of the small city, some ten metres wide."""
    west, south, address = HOMES[key]
    west, south = lon or west, lat or south
    return feature(square(west, south, west + 0.0002, south + 0.0002), id=key, address=address)


def write_register(folder: Path, *rows: str, headings: str = HEADINGS, profile: str = PROFILE + BUILDINGS + PEOPLE) -> Path:
    """Write the city, its buildings and a register in GBK; returns the profile's path."""
    path = write_city(folder, profile)
    (folder / "buildings.geojson").write_text(collection([house(key) for key in HOMES]), encoding="utf-8")
    (folder / "register.csv").write_bytes("\n".join([headings, *rows, ""]).encode("gb18030"))
    return path


def everything_stored(database: str, home: Path) -> str:
    """All that any table holds, and the files of rejects, as one text."""
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        rows = [
            str(row[0])
            for (table,) in tables
            for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))).fetchall()
        ]
    return "\n".join([*rows, *(path.read_text(encoding="utf-8-sig") for path in sorted((home / "rejects").glob("*")))])


def faults(database: str) -> list[tuple[str, tuple[str, ...]]]:
    """What the doctor finds wrong with the city."""
    with psycopg.connect(database) as connection:
        return [(one.code, one.outcome.offenders) for one in examine_city(connection, "T") if not one.outcome.ok]


def dbf(names: tuple[str, ...], values: tuple[str, ...]) -> bytes:
    """A dBASE table of one row of texts, in GBK as office programs write it."""
    width = 30
    fields = b"".join(struct.pack("<11sc4xBB14x", name.encode("gbk"), b"C", width, 0) for name in names)
    head = struct.pack("<B3BIHH20x", 3, 126, 11, 24, 1, 33 + len(fields), 1 + width * len(names))
    return head + fields + b"\r " + b"".join(value.encode("gbk").ljust(width) for value in values) + b"\x1a"
