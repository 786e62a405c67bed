"""Thirty departments and some three hundred feeds over a year, written straight into a city's tables, to look at the data hub with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

GROUPS = (
    (
        ("治理与安全", "Governance and safety"),
        (
            ("police", "公安", "Police"),
            ("justice", "司法", "Justice"),
            ("emergency", "应急", "Emergency"),
            ("fire", "消防", "Fire"),
            ("petitions", "信访", "Petitions"),
            ("legal", "政法委", "Legal affairs"),
        ),
    ),
    (
        ("民生服务", "Social services"),
        (
            ("civil", "民政", "Civil affairs"),
            ("hrss", "人社", "Labour"),
            ("health", "卫健", "Health"),
            ("education", "教育", "Education"),
            ("insurance", "医保", "Insurance"),
            ("veterans", "退役军人", "Veterans"),
            ("disabled", "残联", "Disability"),
        ),
    ),
    (
        ("市场与经济", "Market and economy"),
        (
            ("market", "市场监管", "Market"),
            ("reform", "发改", "Reform"),
            ("industry", "工信", "Industry"),
            ("commerce", "商务", "Commerce"),
            ("tax", "税务", "Tax"),
            ("statistics", "统计", "Statistics"),
        ),
    ),
    (
        ("城建与环境", "Building and environment"),
        (
            ("urban", "城管", "Urban mgmt"),
            ("housing", "住建", "Housing"),
            ("land", "自然资源", "Land"),
            ("ecology", "生态环境", "Ecology"),
            ("transport", "交通", "Transport"),
            ("water", "水务", "Water"),
            ("parks", "园林", "Parks"),
        ),
    ),
    (
        ("公用企业", "Utilities"),
        (("power", "供电", "Power"), ("supply", "供水", "Water supply"), ("gas", "燃气", "Gas"), ("bus", "公交", "Buses")),
    ),
)
LEVELS = ("city", "district", "street", "community")
MOST = {"city": (3, 6), "district": (2, 5), "street": (1, 4), "community": (1, 2)}
PACK = "hub_world"
CADENCE = "weekly wed 18:00"
TOPICS = (("登记台账", "register"), ("业务月报", "monthly return"), ("巡查记录", "patrol record"), ("核查名单", "check list"))
TOPICS += (("办件日报", "daily cases"), ("设施清单", "facilities"))
LATE, NEVER = ("street", "hrss"), ("community", "education")
"""Crossings whose first feed is, on the last day, three working days late, and has never come."""
FAULTS = {
    LATE: ("late", 3),
    NEVER: ("never", 0),
    ("city", "tax"): ("late", 1),
    ("city", "water"): ("late", 2),
    ("city", "power"): ("failed", 0),
    ("city", "petitions"): ("empty", 0),
    ("district", "education"): ("failed", 0),
    ("district", "veterans"): ("late", 1),
    ("district", "housing"): ("late", 2),
    ("district", "gas"): ("never", 0),
    ("street", "health"): ("late", 4),
    ("street", "market"): ("failed", 0),
    ("street", "ecology"): ("empty", 0),
    ("community", "disabled"): ("late", 6),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A feed of the world."""

    code: str
    name: str
    name_en: str
    department: str
    level: str
    records: int
    completeness: float
    fault: tuple[str, int] | None


def departments() -> Iterator[tuple[str, str, str, str, str]]:
    """Code, name, English name, group and the group's English name, in their order."""
    for (group, group_en), members in GROUPS:
        for code, name, english in members:
            yield code, name, english, group, group_en


def plant_feeds() -> list[Planted]:
    """Every feed; some crossings have none, most of them in lower levels."""
    chance = Random(17)
    found = []
    for place, (department, name, english, _, _) in enumerate(departments()):
        for row, level in enumerate(LEVELS):
            fault = FAULTS.get((level, department))
            if not fault and ((row == 2 and place in (14, 15, 16, 18, 21, 24, 27, 28)) or (row == 3 and chance.random() < 0.65)):
                continue
            for n in range(max(2 if fault else 1, chance.randint(*MOST[level]))):
                topic, topic_en = TOPICS[n % len(TOPICS)]
                found.append(
                    Planted(
                        f"{PACK}.{department}_{level}_{n}",
                        f"{name}{topic}",
                        f"{english}: {topic_en}",
                        department,
                        level,
                        int(10 ** chance.uniform(2.6, 5.2)),
                        chance.uniform(0.94, 0.999),
                        fault if n == 0 else None,
                    )
                )
    return found


def days_of(feed: Planted, last: date, days: int) -> Iterator[tuple[Any, ...]]:
    """Rows of ``feed_day`` without the city: mostly in time, now and then a fault of some days, and on the last days the planted one."""
    chance = Random(f"{feed.code} {days}")
    state, late, left = "on_time", 0, 0
    for n in range(days - 1, -1, -1):
        day = last - timedelta(days=n)
        if left == 0:
            state, late = "on_time", 0
            if chance.random() < 0.006:
                state, left = chance.choices(("late", "failed", "empty"), (6, 2, 1))[0], chance.randint(1, 4)
        if state == "late":
            late += 1
        left = max(0, left - 1)
        told = feed.fault if feed.fault and (n < 3 or feed.fault[0] == "never") else (state, late)
        due = datetime.combine(day - timedelta(days=max(told[1], 0)), time(10), UTC)
        came = None if told[0] == "never" else datetime.combine(day - timedelta(days=told[1] + (1 if told[1] else 0)), time(9, 42), UTC)
        records = 0 if told[0] == "never" else int(feed.records * (1 - n / days / 4))
        share = None if told[0] == "never" else min(0.9999, feed.completeness - (0.08 if told[0] == "failed" else 0))
        yield day, feed.code, feed.department, feed.level, told[0], told[1], due, came, records, share, True


def fill(connection: psycopg.Connection[Any], city: str, last: date, days: int = 365, deliveries: int = 6) -> list[Planted]:
    """Write the world of a city; the last day is ``last``."""
    connection.execute("INSERT INTO pack (code, version, declared, hash) VALUES (%s, 1, '{}', '')", [PACK])
    connection.execute("INSERT INTO pack_city (city, pack) VALUES (%s, %s)", [city, PACK])
    named = [
        (city, code, n, name, english, name, english, group, group_en)
        for n, (code, name, english, group, group_en) in enumerate(departments())
    ]
    feeds = plant_feeds()
    first = last - timedelta(days=days - 1)
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO department VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", named)
        cursor.executemany(
            "INSERT INTO feed (city, code, pack, kind, name, name_en, department, level, via, contract, valid_from)"
            " VALUES (%s, %s, %s, 'record', %s, %s, %s, %s, 'push', 1, %s)",
            [(city, one.code, PACK, one.name, one.name_en, one.department, one.level, first) for one in feeds],
        )
        with cursor.copy(
            "COPY feed_day (city, day, feed, department, level, state, late_days, due_at, arrived_at, records, completeness, is_due)"
            " FROM STDIN"
        ) as copy:
            for one in feeds:
                for row in days_of(one, last, days):
                    copy.write_row((city, *row))
    _deliver(connection, city, feeds, last, deliveries)
    return feeds


def _deliver(connection: psycopg.Connection[Any], city: str, feeds: list[Planted], last: date, most: int) -> None:
    """Deliveries, rejected rows and quarantine of the planted feeds, and their contracts."""
    for feed in [one for one in feeds if one.fault]:
        connection.execute(
            "INSERT INTO feed_contract (city, feed, version, since, declared) VALUES (%s, %s, 1, %s, %s)",
            [city, feed.code, last - timedelta(days=80), Jsonb(_declared())],
        )
        for n in range(most if feed.fault and feed.fault[0] != "never" else 0):
            due = datetime.combine(last - timedelta(days=7 * n + 5), time(10), UTC)
            rows, rejected, held = 1200 + 17 * n, 13 if n == 0 else n, 27 if n == 0 else 4
            number = connection.execute(
                "INSERT INTO feed_delivery (city, feed, department, contract, due_at, received_at, via, name, size, hash, state, landed_at,"
                " rows, loaded, rejected, quarantined) VALUES (%s, %s, %s, 1, %s, %s, 'push', %s, 40000, %s, 'landed', %s, %s, %s, %s, %s)"
                " RETURNING id",
                [
                    *(city, feed.code, feed.department, due, due - timedelta(minutes=18), f"w{46 - n}.csv", bytes(32), due),
                    *(rows, rows - rejected, rejected, held),
                ],
            ).fetchone()
            assert number
            for place in range(rejected):
                reason, column = ("missing_column", "楼栋") if place < 9 else ("bad_date", "日期")
                connection.execute(
                    "INSERT INTO feed_reject VALUES (%s, %s, %s, %s, %s)", [number[0], place, place + 2, reason, Jsonb({"column": column})]
                )
            for place in range(held):
                connection.execute(
                    "INSERT INTO feed_quarantine (delivery, row, rules, held) VALUES (%s, %s, %s, '{}')",
                    [number[0], place + 30, [("no_building", "unknown_firm", "too_large")[place % 3]]],
                )


def _declared() -> dict[str, Any]:
    code = {"name": {"zh": "编号", "en": "Code"}, "type": "text", "required": True, "class": "ordinary"}
    people = {"name": {"zh": "涉及人数", "en": "People"}, "type": "integer", "required": False, "class": "sensitive"}
    contact = {"name": "沈卓", "phone": "13800005127"}
    return {"cadence": CADENCE, "shift": "next", "by": "push", "contact": contact, "fields": {"code": code, "people": people}}
