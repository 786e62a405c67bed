"""Examples of answers about rules and calendars, from the demo city."""

from data.rules.types import (
    CalendarDayTold,
    CalendarTold,
    CategoryTold,
    Changed,
    ChangeTold,
    DeadlineRules,
    DuplicateRules,
    ReachTried,
    RoutingRules,
    RuleCityTold,
    Tried,
    Weights,
)
from routes.api.examples import DEMO_CITY

_SEEN = "0cc175b9c0f1b6a831c399e269772661"
_CITY: RuleCityTold = {
    "code": DEMO_CITY,
    "name": "澜州市",
    "name_en": "Demo City",
    "timezone": "Asia/Shanghai",
    "today": "2026-10-31",
    "may_change": True,
}
_CATEGORY: CategoryTold = {
    "code": "env",
    "name": "市容环境",
    "name_en": "City environment",
    "parent": None,
    "symbol": "leaf",
    "pinyin": ["shi", "rong", "huan", "jing"],
}
_CHANGE: ChangeTold = {"id": 3, "at": "2026-10-30T08:15:00Z", "account": "zhou", "facts": {"rules": 1}, "before": []}

ROUTING: RoutingRules = {
    "version": "1",
    "seen": _SEEN,
    "city": _CITY,
    "rules": [
        {
            "id": 7,
            "unit": "demo-env",
            "category": "env",
            "area": None,
            "channel": None,
            "hours": "18:00-08:00",
            "valid_from": None,
            "valid_to": None,
        }
    ],
    "remarks": [],
    "areas": [{"code": "990102", "name": "中心区", "name_en": "Centre"}],
    "categories": [_CATEGORY],
    "channels": ["grid_worker", "hotline"],
    "changes": [_CHANGE],
}
DEADLINES: DeadlineRules = {
    "version": "1",
    "seen": _SEEN,
    "city": _CITY,
    "rules": [
        {
            "id": 1,
            "category": "env",
            "condition": None,
            "filing": "2 hours",
            "dispatching": "2 hours",
            "handling": "64 hours",
            "verifying": "4 hours",
            "closing": "现场清理干净，无残留",
            "closing_en": "the place is clean, nothing is left",
            "valid_from": None,
            "valid_to": None,
            "cases": 41,
        }
    ],
    "categories": [_CATEGORY],
    "changes": [],
}
_DAY: CalendarDayTold = {"day": "2026-10-01", "kind": "off", "name": "国庆节", "name_en": "National Day", "origin": "library"}
CALENDAR: CalendarTold = {
    "version": "1",
    "seen": _SEEN,
    "seen_hours": _SEEN,
    "city": _CITY,
    "region": "CN",
    "gazetted_until": "2026-12-31",
    "uploaded_until": None,
    "weeks": [{"valid_from": None, "hours": [*["08:30-12:00 13:30-17:30"] * 5, "", "", ""]}],
    "days": [_DAY],
    "provisional": 12,
    "changes": [],
}
TEMPLATE: list[CalendarDayTold] = [
    {"day": "2027-01-01", "kind": "off", "name": "元旦", "name_en": "", "origin": "uploaded"},
    {"day": "2027-02-07", "kind": "work", "name": "调休上班", "name_en": "", "origin": "uploaded"},
]
"""Rows that show how a calendar is written."""
TRIED: Tried = {
    "version": "1",
    "first": "2026-10-02",
    "last": "2026-10-31",
    "cases": 8421,
    "routed": 3120,
    "changed": 3120,
    "waiting": 5301,
    "level": "street",
    "units": [{"unit": "demo-env", "before": 0, "after": 3120, "come": 3120, "leave": 0}],
    "moves": [{"before": "", "after": "demo-env", "cases": 3120}],
    "rules": [{"rule": 0, "cases": 3120}],
    "untaken": [{"category": "order", "area": "990102001", "cases": 210}],
    "areas": [{"code": "990102001", "name": "书院街道", "name_en": "Shuyuan", "cases": 610, "changed": 240}],
    "moved": [],
    "remarks": [],
}
DUPLICATES: DuplicateRules = {
    "version": "1",
    "seen": _SEEN,
    "city": _CITY,
    "rules": [{"category": "env", "radius_m": 60, "days": 7}],
    "usual": [{"category": None, "radius_m": 100, "days": 14}],
    "categories": [_CATEGORY],
    "changes": [_CHANGE],
}
REACH_TRIED: ReachTried = {"version": "1", "first": "2026-10-02", "last": "2026-10-31", "looked_at": 40, "found": 5, "pairs": 7}
CHANGED_DUPLICATES: Changed = {"version": "1", "preview": False, "seen": _SEEN, "rules": 1, "effect": None, "example": None}
CHANGED_ROUTING: Changed = {"version": "1", "preview": False, "seen": _SEEN, "rules": 1, "effect": None, "example": None}
CHANGED_DEADLINES: Changed = {
    "version": "1",
    "preview": True,
    "seen": _SEEN,
    "rules": 1,
    "effect": {
        "touched": 2,
        "earlier": 2,
        "later": 0,
        "overdue": 1,
        "settled": 0,
        "provisional": 0,
        "cases": [
            {
                "number": "GW20261031-00001",
                "before": "2026-11-03T10:00:00Z",
                "after": "2026-11-01T10:00:00Z",
                "overdue": True,
                "settled": False,
                "provisional": False,
            }
        ],
    },
    "example": {
        "reported_at": "2026-10-31T12:00:00Z",
        "before": [{"kind": "due", "text": "Due at 3 Nov (Tue) 20:00."}],
        "after": [{"kind": "due", "text": "Due at 1 Nov (Sun) 20:00."}],
    },
}
CHANGED_CALENDAR: Changed = {
    "version": "1",
    "preview": True,
    "seen": _SEEN,
    "rules": 0,
    "days": ["2027-01-01", "2027-02-07"],
    "effect": {"touched": 12, "earlier": 3, "later": 9, "overdue": 0, "settled": 12, "provisional": 0, "cases": []},
    "example": None,
}
WEIGHTS: Weights = {
    "version": "1",
    "seen": _SEEN,
    "city": _CITY,
    "versions": [
        {
            "id": 3,
            "name": "综合评价",
            "name_en": "Composite",
            "valid_from": "2026-01-01",
            "valid_to": None,
            "parts": [
                {"indicator": "on_time_closing_rate", "weight": "0.6", "best": "1", "worst": "0.7"},
                {"indicator": "rework_rate", "weight": "0.4", "best": "0", "worst": "0.2"},
            ],
        }
    ],
    "indicators": [{"code": "rework_rate", "title": "Rework rate", "unit": "share", "higher_is_better": False}],
    "changes": [],
}
