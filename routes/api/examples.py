"""Examples in the OpenAPI document: values of parameters, so that an address can be tried at once, and the answers to them.

All examples are from one city, the demo city. The documentation page replaces it with a city that its reader may see.
"""

from typing import Any

from data.cases.listing.list_places import CasePlace, CasePlaces
from data.cases.listing.types import CaseFacets, CaseList
from data.core.spreadsheets import XLSX
from data.core.version import product_version
from data.figures.types import AreaReport, Cities, CityEntry, CityInfo, Finds, Rate, Roots, Unit

DEMO_CITY = "990100"
CITY_EXAMPLE: Any = {"city": {"value": DEMO_CITY}}
"""Example for a parameter that names a city: an example called ``city`` can be replaced by any city."""


def parameter_example(value: str) -> Any:
    """Example for a parameter that has the same value in every city."""
    return {"example": {"value": value}}


FILE_CONTENT: dict[str, Any] = {XLSX: {}, "text/csv": {}}
"""Media types of files, as the OpenAPI document names them."""


def answer_example(answer: object) -> dict[int | str, dict[str, Any]]:
    """Entry for a route's ``responses`` that holds an example of its answer."""
    return {200: {"content": {"application/json": {"example": answer}}}}


def table_example(answer: object) -> dict[int | str, dict[str, Any]]:
    """The same for a route that also answers with a file, where the request names one."""
    content: dict[str, Any] = {"application/json": {"example": answer}}
    return {200: {"content": {**content, **FILE_CONTENT}}}


def _rate(numerator: int, denominator: int) -> Rate:
    return {"numerator": numerator, "denominator": denominator, "value": round(numerator / denominator, 4)}


_CITY: CityInfo = {
    "code": DEMO_CITY,
    "name": "澜州市",
    "name_en": "Demo City",
    "timezone": "Asia/Shanghai",
    "as_of": "2026-10-31T20:00:00+08:00",
    "today": "2026-10-31",
    "current": True,
    "newest_case": "2026-10-31",
    "worked_since": None,
    "is_demo": True,
    "has_cases": True,
    "data_version": 1793412000000,
    "versions": {"areas": 1793412000000, "population": 1793412000000},
    "level_names": {"district": {"name": "区", "name_en": "District"}},
    "notes": [],
}
_LISTED_CITY: CityEntry = {**_CITY, "bbox": [118.2, 30.7, 118.6, 31.1]}
_DISTRICT: Unit = {
    "code": "990102",
    "name": "中心区",
    "name_en": "Centre",
    "level": "district",
    "path": "990100.990102",
    "parent": DEMO_CITY,
    "origin": "made",
    "has_polygon": True,
    "area_m2": 41250000.0,
    "label_point": [118.41, 30.92],
    "population": {"total": 312480, "households": 118020, "as_of": "2026-10-31", "hidden": False},
    "buildings": {"total": 21044},
    "incidents": {"total": 3390, "open": 264, "overdue": 22, "open_at_end": 264, "overdue_at_end": 22},
    "closing_rate": _rate(3105, 3302),
    "on_time_closing_rate": _rate(2860, 3302),
}
_RATES = (_rate(7712, 8210), _rate(7104, 8210))

AREA_REPORT: AreaReport = {
    "version": "1",
    "code": DEMO_CITY,
    "name": "澜州市",
    "name_en": "Demo City",
    "level": "city",
    "path": DEMO_CITY,
    "parent": None,
    "origin": "made",
    "has_polygon": True,
    "area_m2": 623400000.0,
    "bbox": [118.2, 30.7, 118.6, 31.1],
    "label_point": [118.4, 30.9],
    "head": {
        "name": "王小明",
        "name_en": "Wang Xiaoming",
        "title": "网格长",
        "title_en": "Grid head",
        "phone": "138****5678",
        "body": "城市运行中心",
        "body_en": "City Operations Centre",
    },
    "city": _CITY,
    "ancestors": [],
    "period": {"from": "2026-10-02", "to": "2026-10-31"},
    "population": {
        "total": 800214,
        "households": 301877,
        "as_of": "2026-10-31",
        "hidden": False,
        "male": 403306,
        "female": 396908,
        "ages": {"0-14": 120402, "15-59": 520199, "60+": 159613},
        "method": "register",
        "rounded": False,
    },
    "buildings": {"total": 60000, "footprint_m2": 18250000.0, "floor_area_m2": 96400000.0},
    "facilities": {"total": 2140, "by_kind": {"school": 212}},
    "incidents": {
        "total": 8421,
        "open": 611,
        "overdue": 47,
        "open_at_end": 611,
        "overdue_at_end": 47,
        "amber": 120,
        "paused": 38,
        "on_time": 406,
        "void": 96,
        "closed": 7930,
        "by_category": {"env": 3120},
        "by_source": {"grid_worker": 4011},
        "by_day": [("2026-10-02", 266)],
        "withheld": [],
        "unplaced": 12,
        "unplaced_open": 3,
    },
    "closing_rate": _RATES[0],
    "on_time_closing_rate": _RATES[1],
    "proactive": _rate(4900, 8421),
    "whole_days": {
        "period": {"from": "2026-10-02", "to": "2026-10-30"},
        "total": 8214,
        "closing_rate": _RATES[0],
        "on_time_closing_rate": _RATES[1],
    },
    "previous": {
        "period": {"from": "2026-09-03", "to": "2026-10-01"},
        "total": 8530,
        "closing_rate": _rate(7801, 8320),
        "on_time_closing_rate": _rate(7150, 8320),
    },
    "year_before": {
        "period": {"from": "2025-10-02", "to": "2025-10-30"},
        "total": 8102,
        "closing_rate": _rate(7290, 7905),
        "on_time_closing_rate": _rate(6655, 7905),
    },
    "categories": {"env": {"name": "市容环境", "name_en": "City environment", "symbol": "leaf", "ordinal": 1}},
    "kinds": {"school": {"name": "学校", "name_en": "School", "symbol": "school", "ordinal": 1}},
    "uses": {"housing": {"name": "住宅", "name_en": "Housing", "symbol": "home", "ordinal": 1}},
    "channels": ["grid_worker", "hotline"],
    "children": [_DISTRICT],
    "siblings": [],
    "zones": [],
    "seen": {"rights": "3f2a9c", "detail": "cases", "scope": None, "figures": None, "cases": True},
}
CITIES: Cities = {"version": "1", "cities": [_LISTED_CITY]}
ROOTS: Roots = {"version": "1", "areas": [{"code": DEMO_CITY, "name": "澜州市", "name_en": "Demo City", "level": "city"}]}
FINDS: Finds = {
    "version": "1",
    "query": DEMO_CITY,
    "results": [
        {
            "kind": "area",
            "code": DEMO_CITY,
            "key": None,
            "title": "澜州市",
            "title_en": "Demo City",
            "subtitle": DEMO_CITY,
            "subtitle_en": DEMO_CITY,
            "lon": 118.4,
            "lat": 30.9,
            "area": DEMO_CITY,
        }
    ],
}
CASE_LIST: CaseList = {
    "version": "1",
    "area": {"code": DEMO_CITY, "name": "澜州市", "name_en": "Demo City", "level": "city"},
    "as_of": "2026-10-31T20:00:00+08:00",
    "cases": [
        {
            "key": "4:C200000",
            "number": "LZ20261031-00214",
            "city": DEMO_CITY,
            "title": "桂花路24号附近路灯不亮",
            "title_en": "Street light out near 24 Guihua Road",
            "category": "utility",
            "category_name": "公用设施",
            "category_name_en": "Public utilities",
            "severity": 3,
            "channel": "hotline",
            "stage": "dispatched",
            "state": "on_time",
            "reported_at": "2026-10-31T11:42:00Z",
            "due_at": "2026-11-01T11:42:00Z",
            "due_provisional": False,
            "closed_at": None,
            "stage_at": "2026-10-31T11:50:00Z",
            "stage_due_at": None,
            "reported_is_day": False,
            "due_is_day": False,
            "closed_is_day": False,
            "grid": "990102001001001",
            "grid_name": "第1网格",
            "grid_name_en": "Cell 1",
            "above_name": "桂花社区",
            "above_name_en": "Guihua",
            "address": "清河街道桂花路24号",
            "unit": "990102001-utility",
            "handler": "清河街道市政维护队",
            "assignee": None,
            "version": 2,
            "lon": 118.412345,
            "lat": 30.921234,
            "assignee_shown": None,
            "files": 1,
            "file": "0f1c6a0e5f7f4d1c2b3a495867768594a3b2c1d0e0f1a2b3c4d5e6f708192a3b",
        }
    ],
    "next": "WyIyZjRhNmMiLDAsMF0",
    "counts": {
        "total": {"n": 10000, "more": True},
        "by_stage": {"dispatched": {"n": 337, "more": False}, "closed": {"n": 9410, "more": True}},
        "by_state": {"on_time": {"n": 337, "more": False}, "closed": {"n": 9410, "more": True}},
        "by_stage_and_state": {"dispatched": {"on_time": {"n": 337, "more": False}}},
    },
}
_PLACED = CASE_LIST["cases"][0]
CASE_PLACES: CasePlaces = {
    "version": "1",
    "area": CASE_LIST["area"],
    "as_of": CASE_LIST["as_of"],
    "places": [{name: _PLACED[name] for name in CasePlace.__annotations__}],  # type: ignore[list-item, literal-required]
    "listed": 2000,
    "cut": True,
    "total": {"n": 10000, "more": True},
}
HEALTH: dict[str, object] = {
    "process": "ok",
    "database": "ok",
    "data_version": 1793412000000,
    "version": product_version(),
    "full": False,
    "waiting": 0,
    "reasons": ["backup_late"],
}

UNITS = {
    "version": "1",
    "units": [
        {
            "city": DEMO_CITY,
            "code": "cg-1",
            "name": "城管中队",
            "name_en": "Urban management squad",
            "department": "城管局",
            "department_en": "Urban Management Bureau",
            "valid_from": None,
            "valid_to": None,
            "pinyin": ["cheng", "guan", "zhong", "dui"],
            "phone": "057****5678",
            "head": "陆建平",
            "head_en": "Lu Jianping",
        }
    ],
}
CASE_FACETS: CaseFacets = {
    "version": "1",
    "as_of": "2026-10-31T20:00:00+08:00",
    "complete": True,
    "by_category": {"appearance": {"n": 27, "more": False}, "street_order": {"n": 33, "more": False}},
    "by_severity": {"2": {"n": 11, "more": False}, "3": {"n": 49, "more": False}},
}
MEMBERS = {"version": "1", "members": [{"account": "lu.jianping", "shown": "陆建平", "post": "head"}]}
