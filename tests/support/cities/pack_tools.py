"""A small pack about firms, the departments that it names, and their units, for tests of tables and feeds."""

import tomllib
from typing import Any

import psycopg
import small_city as city

from data.packs.declaration.model import Department, Departments, Pack

Connection = psycopg.Connection[Any]


def both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


DEPARTMENTS: list[Department] = Departments.model_validate(
    {
        "departments": [
            {"code": code, "name": {"zh": name, "en": code.title()}, "short": {"zh": short, "en": code}, "group": both("政府")}
            for code, name, short in (
                ("hrss", "人力资源和社会保障局", "人社"),
                ("market", "市场监督管理局", "市监"),
                ("water", "水务局", "水务"),
            )
        ]
    }
).departments

LABOUR = """
code = "labour"
version = 1
name = { zh = "劳动关系", en = "Labour relations" }
department = "hrss"
[kinds.firm]
name = { zh = "企业", en = "Firm" }
subject = "organisation"
key = ["code"]
title = "name"
place = { by = "point", lon = "lon", lat = "lat" }
[kinds.firm.fields]
code = { name = { zh = "信用代码", en = "Code" }, type = "text", required = true, owner = "market" }
name = { name = { zh = "名称", en = "Name" }, type = "text", required = true }
order = { name = { zh = "序", en = "Order" }, type = "integer", min = 0, max = 1000 }
select = { name = { zh = "行业", en = "T" }, type = "code", codes = { metal = { zh = "五金", en = "M" }, silk = { zh = "丝", en = "S" } } }
turnover = { name = { zh = "营业额", en = "Turnover" }, type = "decimal", class = "trade_secret", owner = "market" }
contact = { name = { zh = "联系人", en = "Contact" }, type = "text", class = "personal", sees = ["hrss"] }
inspected = { name = { zh = "检查", en = "Inspected" }, type = "date", sees = ["market"] }
lon = { name = { zh = "经度", en = "Longitude" }, type = "decimal" }
lat = { name = { zh = "纬度", en = "Latitude" }, type = "decimal" }
[kinds.month]
name = { zh = "月报", en = "Month" }
subject = "observation"
key = ["firm", "month"]
day = "month"
place = { by = "link", field = "firm" }
[kinds.month.fields]
firm = { name = { zh = "企业", en = "Firm" }, type = "link", to = "firm", required = true }
month = { name = { zh = "月份", en = "Month" }, type = "month", required = true }
workers = { name = { zh = "人数", en = "Workers" }, type = "integer", required = true, min = 0 }
late = { name = { zh = "欠薪天数", en = "Days late" }, type = "integer", min = 0, max = 366 }
paid = { name = { zh = "已发", en = "Paid" }, type = "yes_no" }
[feeds.firms]
name = { zh = "企业名录", en = "Firms" }
kind = "firm"
department = "market"
level = "city"
cadence = "monthly 1 18:00"
valid_from = 2026-01-01
[feeds.firms.columns]
code = "信用代码"
name = "名称"
order = "序"
select = "行业"
turnover = "营业额"
contact = "联系人"
inspected = "检查"
lon = "经度"
lat = "纬度"
[feeds.wages]
name = { zh = "工资发放月报", en = "Wage payments" }
kind = "month"
department = "hrss"
level = "district"
cadence = "monthly 10 18:00"
valid_from = 2026-01-01
[feeds.wages.columns]
firm = "统一社会信用代码"
month = { column = "月份", date_format = "%Y-%m" }
workers = "人数"
late = "欠薪天数"
paid = { column = "已发", optional = true }
[rules.late_of_nobody]
kind = "month"
when = "late > 0 and workers = 0"
then = "quarantine"
reason = { zh = "无人却欠薪", en = "Wages are late, and nobody works there" }
[rules.many]
kind = "month"
when = "workers > 500"
then = "mark"
reason = { zh = "人数很多", en = "Many workers" }
"""


def make_pack(text: str = LABOUR, *changes: tuple[str, str]) -> Pack:
    """The pack of a text, in which some pieces are replaced; each has to be there."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return Pack.model_validate(tomllib.loads(text))


def load_units(connection: Connection) -> None:
    """A unit of each department, with one member who is called as its code; one names its department by the short name."""
    for code, department in (("hrss", "人力资源和 社会保障局"), ("market", "市监"), ("water", "Water")):
        connection.execute("INSERT INTO unit (city, code, name, department) VALUES (%s, %s, %s, %s)", [city.CITY, code, code, department])
        connection.execute("INSERT INTO unit_member (city, unit, account, post) VALUES (%s, %s, %s, 'worker')", [city.CITY, code, code])
    connection.commit()
