"""A city small enough to count by hand.

Four columns of two cells, 0.01° wide and high, from 120° E 30° N. A column is a community; its northern cell ends in 001, its
southern in 002. District 1 holds streets 1 (column 1) and 2 (column 2); district 2 holds street 3 (columns 3 and 4)::

        120.00   120.01   120.02   120.03   120.04
    30.02 +--------+--------+--------+--------+
          |   c1   |   c3   |   c5   |   c7   |      zone QUAY: c3 and c5
    30.01 +--------+--------+--------+--------+
          |   c2   |   c4   |   c6   |   c8   |
    30.00 +--------+--------+--------+--------+
            S1/K1    S2/K2    S3/K3    S3/K4
            ---- D1 -------   ---- D2 -------

Population of cell n is 100 × n; of c8 nothing is known. The figures stand for 31 October 2026, 20:00 in Shanghai.
The answers that tests use are at the foot, worked out with pencil and paper.
"""

import json
from datetime import date
from typing import Any

import psycopg

from data import rollup
from data.database import partitions
from data.schema import area_label

CITY = "990000"
D1, D2 = "990101", "990102"
S1, S2, S3 = "990101001", "990101002", "990102001"
K1, K2, K3, K4 = "990101001001", "990101002001", "990102001001", "990102001002"
C1, C2, C3, C4 = f"{K1}001", f"{K1}002", f"{K2}001", f"{K2}002"
C5, C6, C7, C8 = f"{K3}001", f"{K3}002", f"{K4}001", f"{K4}002"
CELLS = (C1, C2, C3, C4, C5, C6, C7, C8)
ZONE = "QUAY"
AS_OF = "2026-10-31T20:00:00+08:00"

# code, level, name, English name, parent, [west, south, east, north] in hundredths of a degree from the corner
AREAS: list[tuple[str, str, str, str, str | None, tuple[int, int, int, int]]] = [
    (CITY, "city", "小城市", "Littleton", None, (0, 0, 4, 2)),
    (D1, "district", "西区", "West", CITY, (0, 0, 2, 2)),
    (D2, "district", "东区", "East", CITY, (2, 0, 4, 2)),
    (S1, "street", "码头街道", "Dock", D1, (0, 0, 1, 2)),
    (S2, "street", "钟楼街道", "Belfry", D1, (1, 0, 2, 2)),
    (S3, "street", "柳林街道", "Willows", D2, (2, 0, 4, 2)),
    (K1, "community", "一社区", "First", S1, (0, 0, 1, 2)),
    (K2, "community", "二社区", "Second", S2, (1, 0, 2, 2)),
    (K3, "community", "三社区", "Third", S3, (2, 0, 3, 2)),
    (K4, "community", "四社区", "Fourth", S3, (3, 0, 4, 2)),
    *(
        (code, "grid", f"第{n}网格", f"Cell {n}", code[:12], ((n - 1) // 2, n % 2, (n + 1) // 2, n % 2 + 1))
        for n, code in enumerate(CELLS, start=1)
    ),
    (ZONE, "zone", "老码头功能区", "Old Quay", CITY, (1, 1, 3, 2)),
]

CATEGORIES = [
    ("incident", "env", "市容环境", "City appearance", "bin", 1),
    ("incident", "order", "街面秩序", "Street order", "shop", 2),
    ("incident", "utility", "公用设施", "Public utilities", "bolt", 3),
    ("facility", "school", "学校", "School", "school", 1),
    ("facility", "hospital", "医院", "Hospital", "hospital", 2),
    ("facility", "police", "派出所", "Police", "police", 3),
    ("building", "home", "住宅", "Homes", "home", 1),
    ("building", "office", "办公", "Offices", "dot", 2),
]

BUILDINGS = {C1: 3, C2: 2, C3: 1, C4: 1, C5: 2, C6: 1, C7: 2}
"""How many stand in each cell. Every one covers 400 m² and has three floors, except b1 (no floors known, 30 m high) and b2 (neither)."""

FACILITIES = [("f1", C1, "school"), ("f2", C3, "school"), ("f3", C5, "police"), ("f4", C7, "hospital")]

# key, cell, category, channel, stage, paused, reported, due, closed; local time, 2026 unless another year is written
INCIDENTS: list[tuple[str, str, str, str, str, bool, str, str | None, str | None]] = [
    ("i01", C1, "env", "grid_worker", "closed", False, "10-05 09:00", "10-05 17:00", "10-05 15:00"),
    ("i02", C1, "env", "hotline", "closed", False, "10-05 10:00", "10-06 10:00", "10-07 10:00"),
    ("i03", C1, "order", "grid_worker", "evaluated", False, "10-10 08:00", "10-10 18:00", "10-10 18:00"),
    ("i04", C1, "utility", "public", "in_progress", False, "10-30 09:00", "10-31 09:00", None),
    ("i05", C1, "env", "video", "dispatched", False, "10-31 00:00", "11-01 00:00", None),
    ("i06", C1, "env", "sensor", "filed", False, "10-31 12:00", "11-02 12:00", None),
    ("i07", C2, "env", "hotline", "void", False, "10-06 08:00", "10-07 08:00", None),
    ("i08", C2, "order", "hotline", "duplicate", False, "10-06 09:00", "10-07 09:00", None),
    ("i09", C2, "order", "public", "closed", False, "10-20 09:00", "10-21 09:00", "10-20 12:00"),
    ("i10", C3, "utility", "hotline", "in_progress", True, "10-15 09:00", "10-18 09:00", None),
    ("i11", C3, "env", "grid_worker", "feedback", False, "10-29 09:00", "10-30 09:00", None),
    ("i12", C3, "env", "grid_worker", "closed", False, "10-01 09:00", "10-03 09:00", "10-02 09:00"),
    ("i13", C3, "env", "superior", "referred", False, "10-12 09:00", "10-13 09:00", None),
    ("i14", C3, "utility", "media", "not_responsible", False, "10-12 10:00", None, None),
    ("i15", C4, "order", "grid_worker", "closed", False, "10-08 23:30", "10-09 23:30", "10-09 00:30"),
    ("i16", C4, "order", "building_head", "closed", False, "10-09 00:30", "10-10 00:30", "10-09 12:00"),
    ("i17", C5, "env", "hotline", "reported", False, "10-31 18:00", None, None),
    ("i18", C5, "env", "hotline", "closed", False, "10-11 09:00", "10-12 09:00", "10-14 09:00"),
    ("i19", C5, "utility", "sensor", "closed", False, "10-11 10:00", "10-12 10:00", "10-12 09:59"),
    ("i20", C5, "order", "grid_worker", "closed", False, "10-21 09:00", "10-22 09:00", "10-21 11:00"),
    ("i21", C6, "env", "public", "dispatched", False, "10-28 09:00", "10-29 09:00", None),
    ("i22", C6, "env", "business_system", "filed", False, "10-31 08:00", "11-01 08:00", None),
    ("i23", C6, "env", "hotline", "closed", False, "10-31 07:00", "10-31 19:00", "10-31 10:00"),
    ("i24", C7, "utility", "grid_worker", "closed", False, "2025-10-05 09:00", "2025-10-06 09:00", "2025-10-05 12:00"),
    ("i25", C7, "utility", "grid_worker", "closed", False, "2025-10-07 09:00", "2025-10-08 09:00", "2025-10-10 09:00"),
    ("i26", C7, "order", "hotline", "in_progress", False, "2025-10-09 09:00", "2025-10-12 09:00", None),
    ("i27", C7, "env", "hotline", "closed", False, "09-10 09:00", "09-11 09:00", "09-10 12:00"),
    ("i28", C7, "env", "database_mirror", "closed", False, "09-15 09:00", "09-16 09:00", "09-20 09:00"),
    ("i29", C7, "env", "self_declared", "dispatched", False, "09-20 09:00", "10-20 09:00", None),
    ("i30", C7, "order", "other", "in_progress", False, "10-30 09:00", "11-10 09:00", None),
]

MONTHS = [date(2025, 10, 1), date(2026, 9, 1), date(2026, 10, 1)]
"""Months of reporting; none begins or ends in another one in Greenwich."""

Connection = psycopg.Connection[Any]


def load(connection: Connection) -> None:
    """Put the city into an empty database, roll it up, and commit."""
    _city(connection)
    source = _source(connection)
    _areas(connection)
    for n, code in enumerate(CELLS[:7], start=1):
        _population(connection, code, n)
    count = 0
    for cell, how_many in BUILDINGS.items():
        for place in range(how_many):
            count += 1
            _building(connection, source, count, cell, place)
    for key, cell, kind in FACILITIES:
        _facility(connection, source, key, cell, kind)
    partitions.ensure_partitions(connection, MONTHS)
    for row in INCIDENTS:
        _incident(connection, source, row)
    rollup.rebuild(connection, CITY)
    connection.commit()


def load_histories(connection: Connection) -> None:
    """A history for every case: reported, and closed where it is closed; ``fresh_database(small_city.load, small_city.load_histories)``."""
    connection.execute(
        "INSERT INTO incident_event (district, incident_id, seq, at, stage, actor)"
        " SELECT district, id, 1, reported_at, 'reported', '小李' FROM incident"
        " UNION ALL SELECT district, id, 2, closed_at, 'closed', '小王' FROM incident WHERE closed_at IS NOT NULL"
    )
    connection.commit()


def load_camera(connection: Connection) -> None:
    """A camera ``f5`` in cell 2 beside the four facilities, rolled up."""
    row = connection.execute("SELECT id FROM source").fetchone()
    assert row
    connection.execute(
        "INSERT INTO category (city, subject, code, name, name_en, symbol, ordinal)"
        " VALUES (%s, 'facility', 'camera', '摄像头', 'Camera', 'camera', 4)",
        (CITY,),
    )
    _facility(connection, row[0], "f5", C2, "camera")
    rollup.rebuild(connection, CITY)
    connection.commit()


def lose_place(connection: Connection, code: str, *keys: str) -> str:
    """Cases lose their place, and count for one of the areas above in a leaf without polygon; returns its code. Roll-ups do not follow."""
    leaf = f"{code}-unplaced"
    connection.execute(
        "INSERT INTO area (code, city, level, name, name_en, parent, path, district, origin)"
        " SELECT %s, city, 'grid', '无位置', 'No place', code, path || %s, district, 'unplaced' FROM area WHERE code = %s",
        [leaf, area_label(leaf), code],
    )
    connection.execute(
        "UPDATE incident i SET geom = NULL, geom_3857 = NULL, grid = a.code, path = a.path, district = coalesce(a.district, a.city),"
        " grid_method = 'unplaced' FROM area a WHERE a.code = %s AND i.source_key = ANY (%s)",
        [leaf, list(keys)],
    )
    return leaf


def path_of(code: str) -> str:
    """The ltree path of one of the areas above."""
    parents = {row[0]: row[4] for row in AREAS}
    labels = [area_label(code)]
    while parent := parents[code]:
        labels.insert(0, area_label(parent))
        code = parent
    return ".".join(labels)


def number(connection: Connection, code: str) -> int:
    """What the roll-ups call one of the areas above."""
    row = connection.execute("SELECT no FROM area WHERE code = %s", (code,)).fetchone()
    assert row
    return int(row[0])


def box_of(code: str) -> tuple[float, float, float, float]:
    """West, south, east, north of one of the areas above, degrees."""
    west, south, east, north = next(row[5] for row in AREAS if row[0] == code)
    return 120 + west / 100, 30 + south / 100, 120 + east / 100, 30 + north / 100


def _city(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO city (code, name, name_en, timezone, as_of, level_names, notes) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            CITY,
            "小城市",
            "Littleton",
            "Asia/Shanghai",
            AS_OF,
            json.dumps({"district": {"zh": "区", "en": "District"}}),
            json.dumps([{"zh": "手工数据", "en": "Made by hand"}]),
        ),
    )
    for subject, code, name, name_en, symbol, ordinal in CATEGORIES:
        connection.execute(
            "INSERT INTO category (city, subject, code, name, name_en, symbol, ordinal) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (CITY, subject, code, name, name_en, symbol, ordinal),
        )


def _source(connection: Connection) -> int:
    row = connection.execute(
        "INSERT INTO source (city, key, subject, name) VALUES (%s, 'hand', 'incidents', '手工') RETURNING id", (CITY,)
    ).fetchone()
    assert row
    return int(row[0])


def _areas(connection: Connection) -> None:
    for code, level, name, name_en, parent, _ in AREAS:
        district = next((d for d in (D1, D2) if code.startswith(d)), None)
        head = ("王小明", "网格长", "13812345678") if code == C1 else (None, None, None)
        connection.execute(
            """
            INSERT INTO area (code, city, level, name, name_en, parent, path, district, geom, geom_3857, label_point, area_m2,
                head_name, head_title, head_phone)
            SELECT %s, %s, %s, %s, %s, %s, %s, %s, g, ST_Transform(g, 3857), ST_Centroid(g), ST_Area(g::geography), %s, %s, %s
            FROM ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 4326)) g
            """,
            (code, CITY, level, name, name_en, parent, path_of(code), district, *head, *box_of(code)),
        )


def _population(connection: Connection, code: str, n: int) -> None:
    ages = json.dumps({"0-14": 10 * n, "15-59": 70 * n, "60+": 20 * n})
    connection.execute(
        """
        INSERT INTO area_figure (area, population, households, male, female, ages, population_as_of, population_method)
        VALUES (%s, %s, %s, %s, %s, %s, '2026-10-01', 'register')
        """,
        (code, 100 * n, 40 * n, 49 * n, 51 * n, ages),
    )


def _building(connection: Connection, source: int, n: int, cell: str, place: int) -> None:
    west, south, _, _ = box_of(cell)
    floors = None if n in (1, 2) else 3
    connection.execute(
        """
        INSERT INTO building (district, city, source_id, source_key, grid, path, geom, geom_3857, name, address, use, floors, height_m,
            height_origin, footprint_m2)
        SELECT %s, %s, %s, %s, %s, %s, g, ST_Transform(g, 3857), %s, %s, 'home', %s, %s, %s, 400
        FROM ST_Multi(ST_Envelope(ST_Buffer(ST_SetSRID(ST_MakePoint(%s, %s), 4326), 0.0001))) g
        """,
        (
            cell[:6],
            CITY,
            source,
            f"b{n}",
            cell,
            path_of(cell),
            f"{n}号楼",
            f"柳荫路{n}号",
            floors,
            {1: 30.0, 2: None}.get(n, 9.0),
            {1: "published", 2: "none"}.get(n, "floors"),
            west + 0.002 + place * 0.002,
            south + 0.005,
        ),
    )


def _facility(connection: Connection, source: int, key: str, cell: str, kind: str) -> None:
    west, south, _, _ = box_of(cell)
    connection.execute(
        """
        INSERT INTO facility (district, city, source_id, source_key, grid, path, geom, geom_3857, kind, name)
        SELECT %s, %s, %s, %s, %s, %s, g, ST_Transform(g, 3857), %s, %s FROM ST_SetSRID(ST_MakePoint(%s, %s), 4326) g
        """,
        (cell[:6], CITY, source, key, cell, path_of(cell), kind, f"设施{key}", west + 0.008, south + 0.008),
    )


def _local(moment: str | None) -> str | None:
    if moment is None:
        return None
    return f"{moment if moment[:2] == '20' else '2026-' + moment}:00+08:00"


def _incident(connection: Connection, source: int, row: tuple[str, str, str, str, str, bool, str, str | None, str | None]) -> None:
    key, cell, category, channel, stage, paused, reported, due, closed = row
    west, south, _, _ = box_of(cell)
    connection.execute(
        """
        INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage,
            paused, reported_at, due_at, closed_at, title, address)
        SELECT %s, %s, %s, %s, %s, %s, g, ST_Transform(g, 3857), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s
        FROM ST_SetSRID(ST_MakePoint(%s, %s), 4326) g
        """,
        (
            *(cell[:6], CITY, source, key, cell, path_of(cell)),
            *(f"AJ-{key}", category, channel, stage, paused, _local(reported), _local(due), _local(closed)),
            *("暴露垃圾", "柳荫路口", west + 0.001 * (int(key[1:]) % 7 + 1), south + 0.003),
        ),
    )


# ---- Answers, for 2 to 31 October 2026 (the default period) ----

FROM, TO = "2026-10-02", "2026-10-31"

# i12 was reported a day before; i24-i29 earlier still
TOTAL = {CITY: 23, D1: 15, D2: 8, S1: 9, S2: 6, S3: 8, C1: 6, C3: 4, C7: 1, C8: 0, ZONE: 8}
CLOSED = 11  # i01 i02 i03 i09 i12 i15 i16 i18 i19 i20 i23, whenever reported
# A stock: whatever the period
OPEN = {CITY: 11, D1: 5, D2: 6, ZONE: 3}  # i04 i05 i06 i10 i11 | i17 i21 i22 i26 i29 i30
OVERDUE = {CITY: 5, D1: 2, D2: 3, ZONE: 1}  # i04 i11 | i21 i26 i29; i10 is paused
DEADLINES = {"amber": 1, "paused": 1, "on_time": 4, "void": 4}  # i05; i10; i06 i17 i22 i30; i07 i08 i13 i14
# Open, and of these overdue, when a day ended: i18 i26 i29, without i29; then i04 i10 i11 | i21 i26 i29 i30, without i04 i10 i30
AT_END = {
    "2026-10-12": {CITY: (3, 2), D1: (0, 0), D2: (3, 2), ZONE: (1, 1), C5: (1, 1)},
    "2026-10-30": {CITY: (7, 4), D1: (3, 1), D2: (4, 3), ZONE: (2, 1), C5: (0, 0)},
    "2026-10-31": {CITY: (11, 5), D1: (5, 2), D2: (6, 3), ZONE: (3, 1), C5: (1, 0)},
}
# due, closed, closed on time: late are i02 and i18; not closed i04 i11 i21 i29
DUE = {CITY: (15, 11, 9), D1: (9, 7, 6), D2: (6, 4, 3), ZONE: (5, 4, 3), C8: (0, 0, 0)}
BY_CATEGORY = {"env": 12, "order": 7, "utility": 4}
BY_CHANNEL = {
    "grid_worker": 5,
    "hotline": 7,
    "public": 3,
    "building_head": 1,
    "video": 1,
    "sensor": 2,
    "superior": 1,
    "media": 1,
    "business_system": 1,
    "other": 1,
}
PROACTIVE = 9
BY_DAY = {
    **{"2026-10-05": 2, "2026-10-06": 2, "2026-10-08": 1, "2026-10-09": 1, "2026-10-10": 1, "2026-10-11": 2, "2026-10-12": 2},
    **{"2026-10-15": 1, "2026-10-20": 1, "2026-10-21": 1, "2026-10-28": 1, "2026-10-29": 1, "2026-10-30": 2, "2026-10-31": 5},
}
PREVIOUS = (4, 2, 2, 1)  # reported, due, closed, on time: i12 i27 i28 i29; i27 i28
YEAR_BEFORE = (3, 3, 2, 1)  # i24 i25 i26
POPULATION = {CITY: 2800, D1: 1000, D2: 1800, S1: 300, S2: 700, S3: 1800, K3: 1100, K4: 700, C8: None, ZONE: 800}
BUILDING_COUNT = {CITY: 12, D1: 7, D2: 5, S1: 5, C8: 0, ZONE: 3}
FLOOR_AREA_M2 = {CITY: 16_400, D1: 10_400, D2: 6_000}  # ten of 1,200, b1 of 4,000 (30 m: ten floors), b2 of 400
