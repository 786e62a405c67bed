"""A department with two feeds in a test's database: one that is late, and one that failed, each with a delivery and days."""

import hashlib
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

DAY = date(2026, 11, 23)
"""The newest day of the planted feeds."""
PACK: dict[str, Any] = {
    "code": "labour",
    "kinds": {"clue": {"name": {"zh": "线索", "en": "Clue"}}},
    "indicators": {"clues": {"name": {"zh": "欠薪线索", "en": "Wage clues"}, "kind": "clue"}},
    "scores": {"standing": {"name": {"zh": "评分", "en": "Standing"}, "kind": "firm", "of": "clue"}},
    "warnings": {"falling": {"name": {"zh": "预警", "en": "Falling"}, "score": "standing"}},
    "lists": {"other": {"name": {"zh": "其他", "en": "Other"}, "kind": "firm"}},
    "sections": {"monthly": {"name": {"zh": "月报", "en": "Monthly"}, "indicators": ["clues"]}},
    "rules": {"no_building": {"reason": {"zh": "查无此楼栋", "en": "No such building"}}},
    "public": {"clue": {"fields": ["code"]}},
}
_FIELD = {"name": {"zh": "编号", "en": "Code"}, "type": "text", "required": True, "class": "ordinary"}
_PEOPLE = {"name": {"zh": "涉及人数", "en": "People"}, "type": "integer", "required": False, "class": "ordinary"}
_CONTACT = {"name": "沈卓", "phone": "13800005127"}
CONTRACTS: tuple[dict[str, Any], ...] = (
    {"feed": {"cadence": "monthly 10 18:00", "contact": {"name": "沈卓"}}, "fields": {"code": _FIELD}},
    {"feed": {"cadence": "weekly wed 18:00", "contact": _CONTACT}, "fields": {"code": _FIELD, "people": _PEOPLE}},
)
REPORT = {
    **{"records": 48216, "filled": 95, "fields": 100, "consistent": 9, "compared": 10},
    **{"rejects": {"no_value": 3}, "held": {"no_building": 2}},
}
FEED, FAILED = "labour.clues", "labour.forms"
PROBLEM = {"sentence": {"zh": "第 7 列错位", "en": "Column 7 is shifted"}}


def plant_feeds(connection: psycopg.Connection[Any], city: str, department: str = "hrss", name: str = "人社局") -> int:
    """Plant them; returns the number of the delivery that was landed."""
    bound: dict[str, Any] = {"city": city, "department": department, "day": DAY, "name": name}
    connection.execute(
        "INSERT INTO department VALUES (%(city)s, %(department)s, 1, %(name)s, %(name)s || ' en', '人社', 'Labour', '民生', 'Living')",
        bound,
    )
    connection.execute(
        "INSERT INTO pack (code, version, declared, hash) VALUES ('labour', 1, %s, '\\x00') ON CONFLICT DO NOTHING", [Jsonb(PACK)]
    )
    connection.execute("INSERT INTO pack_city (city, pack) VALUES (%(city)s, 'labour')", bound)
    for code, level in ((FEED, "street"), (FAILED, "city")):
        connection.execute(
            "INSERT INTO feed (city, code, pack, kind, name, name_en, department, level, via, contract, valid_from) VALUES"
            " (%(city)s, %(code)s, 'labour', 'clue', '欠薪线索周报', 'Wage clues', %(department)s, %(level)s, 'push', 2, '2026-01-01')",
            {**bound, "code": code, "level": level},
        )
        for version, declared in enumerate(CONTRACTS, 1):
            connection.execute(
                "INSERT INTO feed_contract VALUES (%s, %s, %s, %s, %s)",
                [city, code, version, date(2026, 1 if version == 1 else 9, 1), Jsonb(declared)],
            )
    landed = _deliver(connection, {**bound, "feed": FEED, "state": "landed", "problem": None, "report": Jsonb(REPORT)}, (16, 13, 3, 2))
    _deliver(connection, {**bound, "feed": FAILED, "state": "failed", "problem": Jsonb(PROBLEM), "report": None}, (0, 0, 0, 0))
    connection.execute("INSERT INTO feed_reject VALUES (%s, 1, 17, 'no_value', %s)", [landed, Jsonb({"column": "楼栋"})])
    connection.execute(
        "INSERT INTO feed_quarantine (delivery, row, rules, held) VALUES (%s, 23, '{no_building}', %s)",
        [landed, Jsonb({"building": "B-1"})],
    )
    for back in range(14):
        day = DAY - timedelta(days=back)
        # Due on Wednesday the 18th: three working days before Monday the 23rd
        state = ("late", [3, 2, 2, 2, 1, 0][back]) if back < 6 else ("on_time", 0)
        _stand(connection, {**bound, "day": day, "feed": FEED, "level": "street"}, *state, 48216, 0.964, back not in (1, 2, 3, 4))
        _stand(connection, {**bound, "day": day, "feed": FAILED, "level": "city"}, "failed" if back < 2 else "on_time", 0, 100, 0.5, True)
    return landed


def _deliver(connection: psycopg.Connection[Any], bound: dict[str, Any], counts: tuple[int, int, int, int]) -> int:
    told = dict(zip(("rows", "loaded", "rejected", "quarantined"), counts, strict=True))
    row = connection.execute(
        "INSERT INTO feed_delivery (city, feed, department, contract, due_at, received_at, via, name, size, hash, state, landed_at, rows,"
        " loaded, rejected, quarantined, problem, report) VALUES (%(city)s, %(feed)s, %(department)s, 2, '2026-11-18 18:00+08',"
        " '2026-11-22 17:42+08', 'push', 'w46.csv', 10, %(hash)s, %(state)s, '2026-11-22 17:43+08', %(rows)s, %(loaded)s, %(rejected)s,"
        " %(quarantined)s, %(problem)s, %(report)s) RETURNING id",
        {**bound, **told, "hash": hashlib.sha256(b"x").digest()},
    ).fetchone()
    assert row
    return int(row[0])


def _stand(connection: psycopg.Connection[Any], bound: dict[str, Any], *stand: Any) -> None:
    state, late_days, records, completeness, due = stand
    connection.execute(
        "INSERT INTO feed_day (city, day, feed, department, level, state, late_days, due_at, arrived_at, records, completeness, is_due)"
        " VALUES (%(city)s, %(day)s, %(feed)s, %(department)s, %(level)s, %(state)s, %(late_days)s, '2026-11-18 18:00+08',"
        " '2026-11-22 17:42+08', %(records)s, %(completeness)s, %(due)s)",
        {**bound, "state": state, "late_days": late_days, "records": records, "completeness": completeness, "due": due},
    )
