"""A report and its units without a database, for tests of what is drawn."""

from collections.abc import Sequence
from typing import Any

from data.core.period import Period
from data.figures.assemble import make_rate
from data.figures.changes import Changes
from data.figures.types import AreaReport, Comparison, Unit
from layers.context import MapContext
from layers.style.measures import CHANGES
from layers.view import View


def unit(n: int, level: str = "street", **more: Any) -> Unit:
    """The n-th of some areas: n × 1,000 residents, n² cases, 100 due of which 90 + n are closed."""
    made: Unit = {
        "code": f"99010{n}",
        "name": f"第{n}街道",
        "name_en": f"Street {n}",
        "level": level,
        "path": f"990100.99010{n}",
        "parent": "990100",
        "origin": "published",
        "has_polygon": True,
        "area_m2": 1e6,
        "label_point": [120 + n / 100, 30.0],
        "population": {"total": 1000 * n, "households": None, "as_of": "2026-10-01", "hidden": False},
        "buildings": {"total": 10 * n},
        "incidents": {"total": n * n, "open": n, "overdue": n // 2, "open_at_end": n + 1, "overdue_at_end": n // 3},
        "closing_rate": make_rate(90 + n, 100),
        "on_time_closing_rate": make_rate(80 + n, 100),
    }
    return {**made, **more}  # type: ignore[typeddict-item]


def people(total: int | None, hidden: bool = False) -> dict[str, Any]:
    """Residents of a unit."""
    return {"total": total, "households": None, "as_of": "2026-10-01", "hidden": hidden}


def comparison(first: str, last: str, total: int = 100) -> Comparison:
    """Figures of another period."""
    return {"period": {"from": first, "to": last}, "total": total, "closing_rate": make_rate(1, 1), "on_time_closing_rate": make_rate(1, 1)}


UNITS = [unit(n) for n in range(1, 8)]


def report(**more: Any) -> AreaReport:
    """A city with districts and streets."""
    made = {
        **unit(0, "city", code="990100", name="小城市", name_en="Littleton", path="990100", parent=None),
        "version": "1",
        "head": dict.fromkeys(("name", "name_en", "title", "title_en", "phone", "body", "body_en")),
        "bbox": [120.0, 30.0, 120.1, 30.1],
        "population": {
            "total": 28_000,
            "households": 9_000,
            "as_of": "2026-10-01",
            "hidden": False,
            "male": None,
            "female": None,
            "ages": None,
            "method": "register",
            "rounded": False,
        },
        "buildings": {"total": 0, "footprint_m2": 0.0, "floor_area_m2": 0.0},
        "closing_rate": make_rate(930, 1000),
        "on_time_closing_rate": make_rate(830, 1000),
        "proactive": make_rate(70, 140),
        "whole_days": comparison("2026-10-02", "2026-10-30", 135),
        "previous": comparison("2026-09-03", "2026-10-01"),
        "year_before": comparison("2025-10-02", "2025-10-30"),
        "incidents": {
            "total": 140,
            "open": 28,
            "overdue": 12,
            "open_at_end": 35,
            "overdue_at_end": 9,
            "amber": 5,
            "paused": 1,
            "on_time": 10,
            "void": 0,
            "closed": 101,
            "by_category": {},
            "withheld": [],
            "unplaced": 0,
            "unplaced_open": 0,
            "by_source": {},
            "by_day": [],
        },
        "facilities": {"total": 3, "by_kind": {"school": 2, "police": 1}},
        "kinds": {"school": {"name": "学校", "name_en": "School", "symbol": "school", "ordinal": 1}},
        "uses": {},
        "channels": [],
        "categories": {
            "order": {"name": "街面秩序", "name_en": "Street order", "symbol": "shop", "ordinal": 2},
            "env": {"name": "市容环境", "name_en": "City appearance", "symbol": "bin", "ordinal": 1},
        },
        "period": {"from": "2026-10-02", "to": "2026-10-31"},
        "seen": {"rights": "all", "detail": "people", "scope": None, "figures": None, "cases": True},
        "ancestors": [],
        "children": [],
        "siblings": [],
        "zones": [],
        "city": {
            "code": "990100",
            "name": "小城市",
            "name_en": "Littleton",
            "timezone": "Asia/Shanghai",
            "as_of": "2026-10-31T12:00:00+00:00",
            "today": "2026-10-31",
            "current": True,
            "newest_case": "2026-10-31",
            "worked_since": None,
            "is_demo": True,
            "data_version": 7,
            "versions": {"areas": 1, "population": 2, "buildings": 3, "incidents": 7, "facilities": 5, "base": 6},
            "has_cases": True,
            "level_names": {level: {"zh": level, "en": level} for level in ("city", "district", "street", "community", "grid")},
            "notes": [],
        },
    }
    return {**made, **more}  # type: ignore[typeddict-item,return-value]


def context(view: View | None = None, figures: AreaReport | None = None, units: Sequence[Unit] = UNITS, lang: Any = "zh") -> MapContext:
    """What the layers are drawn from; for measures of change, the n-th area had n × 20 cases now and 100 before."""
    view, drawn = view or View(), figures or report()
    compared = {"990100": (560, 700), **{one["code"]: (20 * n, 100) for n, one in enumerate(units, 1)}}
    days = Period.parse("2026-10-02", "2026-10-30"), Period.parse("2026-09-03", "2026-10-01")
    return MapContext.of(view, drawn, units, lang, Changes(*days, compared) if view.measure in CHANGES else None)
