"""Examples of answers of the data hub for the documentation."""

from typing import Any

from data.figures.types import VERSION

_CITY = {"version": VERSION, "city": "990100"}
_COUNTS = {"on_time": 296, "late": 10, "failed": 3, "empty": 3, "never": 4, "not_due": 4}
_CROSSINGS = {"on_time": 78, "late": 10, "failed": 3, "empty": 3, "never": 4, "not_due": 0}
_DUE, _CAME = "2026-11-18T10:00:00+00:00", "2026-11-11T09:42:00+00:00"
_SHARE = {"numerator": 296, "denominator": 316, "value": 0.9367}

MATRIX: dict[str, Any] = {
    **_CITY,
    "day": "2026-11-23",
    "departments": [{"code": "hrss", "name": "人力资源和社会保障局", "short": "人社", "group": "民生服务", "hidden": False}],
    "levels": [
        {"level": level, "name": name, "feeds": 80, "on_time_share": {"numerator": 75, "denominator": 80, "value": 0.9375}}
        for level, name in zip(("city", "district", "street", "community"), "市区街社", strict=True)
    ],
    "cells": [
        {
            **{"level": "street", "department": "hrss", "feeds": 3, "state": "late", "late_days": 3, "arrived": _CAME},
            **{"records": 48216, "completeness": 0.964, "hidden": False},
        }
    ],
    "totals": {
        **{"feeds": 320, "crossings": _CROSSINGS, "by_state": _COUNTS, "records": 7064000, "completeness": 0.972},
        **{"quarantined": 1306, "read": 326500, "on_time_share": _SHARE},
    },
    "worst": [
        {
            **{"feed": "labour.clues", "name": "欠薪线索周报", "level": "street", "department": "hrss", "state": "late"},
            **{"late_days": 3, "due_at": _DUE, "problem": None, "contact": "沈卓"},
        }
    ],
}
HISTORY: dict[str, Any] = {**_CITY, "days": [{"day": "2026-11-23", "feeds": _COUNTS, "crossings": _CROSSINGS}]}
_WEEK = {"on_time": 3, "late": 1, "failed": 0, "empty": 0, "never": 0, "not_due": 0}
WEEKS: dict[str, Any] = {
    **{**_CITY, "department": "hrss", "name": "人力资源和社会保障局", "hidden": False},
    "feeds": [{"feed": "labour.clues", "name": "欠薪线索周报", "level": "street", "state": "late", "late_days": 3}],
    "levels": [{"level": "street", "weeks": [{"monday": "2026-11-16", "state": "late", "feeds": _WEEK}]}],
}
_REASONS: dict[str, Any] = {
    "rejects": [{"code": "missing", "sentence": "缺“楼栋”", "rows": 9}],
    "quarantine": [{"code": "no_building", "sentence": "查无此楼栋", "rows": 14}],
}
_DELIVERY: dict[str, Any] = {
    **{"id": 812, "state": "landed", "name": "w46.csv", "size": 182044, "via": "push", "due_at": "2026-11-11T10:00:00+00:00"},
    **{"received_at": _CAME, "landed_at": "2026-11-11T09:42:31+00:00", "rows": 1284, "loaded": 1271, "rejected": 13},
    **{"quarantined": 27, "problem": None},
}
DELIVERY: dict[str, Any] = {**_DELIVERY, **_CITY, "feed": "labour.clues", **_REASONS}
FEED: dict[str, Any] = {
    **{**_CITY, "feed": "labour.clues", "name": "欠薪线索周报", "pack": "labour", "kind": "clue", "level": "street"},
    **{"department": "hrss", "department_name": "人社", "hidden": False, "paused_until": None},
    "now": {
        **{"day": "2026-11-23", "state": "late", "late_days": 3, "due_at": _DUE, "arrived_at": _CAME},
        **{"records": 48216, "completeness": 0.964},
    },
    "contracts": [
        {
            **{"version": 3, "since": "2026-09-01", "cadence": "每周星期三 18:00 前；遇非工作日顺延至下一工作日", "by": "push"},
            **{"contact": "沈卓", "phone": "138****5127"},
            "fields": [{"code": "people", "name": "涉及人数", "type": "integer", "required": False, "kept": "ordinary"}],
            "changes": ["新增字段“涉及人数”。"],
        }
    ],
    "deliveries": [_DELIVERY],
    **_REASONS,
    "rejected_rows": [{"row": 17, "reason": "missing", "facts": {"column": "楼栋"}}],
    "quarantined_rows": [{"id": 5, "row": 23, "rules": ["no_building"], "held": {"building": "B-1"}}],
    "quality": [
        {
            "property": "normative",
            "name": "规范性",
            "share": {"numerator": 16420, "denominator": 16720, "value": 0.982},
            "sentence": "符合约定格式的行数占读入总行数的比例。",
        }
    ],
    "lineage": {
        "up": [{"delivery": 812, "name": "w46.csv", "rows": 1271, "received_at": _CAME}],
        "table": "packs.labour_clue",
        "down": [{"sort": "indicator", "code": "clues", "name": "欠薪线索"}],
    },
}
PUSHED: dict[str, Any] = {
    **{**_CITY, "feed": "labour.clues", "result": "taken", "delivery": 813},
    "address": "/api/feeds/labour.clues/deliveries/813?city=990100",
}
