"""Examples of answers on indicators, for the OpenAPI document."""

from typing import Any

from data.figures.types import VERSION, AreaName
from data.indicators.types import CoverageAnswer, HoursAnswer, IndicatorAnswer, TrendAnswer, WaitingAnswer, WorseAnswer
from routes.api.examples import DEMO_CITY

_CITY: AreaName = {"code": DEMO_CITY, "name": "澜州市", "name_en": "Demo City", "level": "city"}
_AS_OF = "2026-10-31T20:00:00+08:00"
_PERIOD: Any = {"from": "2026-10-01", "to": "2026-10-30"}
_BEFORE: Any = {"from": "2026-09-01", "to": "2026-09-30"}
_DUE = f"/api/cases?area={DEMO_CITY}&due_from=2026-10-01&due_to=2026-10-30"

INDICATORS: IndicatorAnswer = {
    "version": VERSION,
    "area": _CITY,
    "as_of": _AS_OF,
    "by": "none",
    "periods": {"period": _PERIOD, "whole_days": None, "previous": None, "year_before": None},
    "indicators": [
        {
            "code": "closing_rate",
            "title": "Closing rate",
            "numerator": "closed by now",
            "denominator": "due to be closed in the period: not paused, and not ended without being closed",
            "anchor": "due",
            "unit": "share",
            "higher_is_better": True,
            "fewest": 30,
        }
    ],
    "composite": None,
    "groups": [
        {
            "code": None,
            "name": "澜州市",
            "name_en": "Demo City",
            "values": [
                {
                    "indicator": "closing_rate",
                    "numerator": 7712,
                    "denominator": 8210,
                    "value": 0.9393,
                    "low": 0.9340,
                    "high": 0.9443,
                    "left_out": None,
                    "too_few": False,
                    "rank": None,
                    "reason": None,
                    "numerator_cases": f"{_DUE}&state=closed",
                    "denominator_cases": f"{_DUE}&state=overdue&state=amber&state=on_time&state=closed",
                    "whole_days": None,
                    "previous": None,
                    "year_before": None,
                }
            ],
            "composite": None,
        }
    ],
}

WORSE: WorseAnswer = {
    "version": VERSION,
    "area": _CITY,
    "as_of": _AS_OF,
    "measure": "reported",
    "period": _PERIOD,
    "against": _BEFORE,
    "fewest": 10,
    "areas": [
        {
            "code": "990102001",
            "name": "桂花街道",
            "name_en": "Guihua",
            "now": 140,
            "before": 90,
            "of_now": 30,
            "of_before": 30,
            "ratio": 1.5556,
            "low": 1.1966,
            "high": 2.0299,
            "verdict": "worse",
        }
    ],
}

WAITING: WaitingAnswer = {
    "version": VERSION,
    "area": _CITY,
    "as_of": _AS_OF,
    "by_person": True,
    "overdue": 3,
    "soon_h": 24,
    "due_soon": 2,
    "waiting": [
        {
            "unit": "cg-1",
            "unit_name": "城管中队",
            "unit_name_en": "Urban management squad",
            "unit_head": "陆建平",
            "unit_head_en": "Lu Jianping",
            "person": "wang",
            "person_shown": "王芳",
            "overdue": 3,
            "oldest_due": "2026-10-29T12:00:00+08:00",
            "oldest_case": "GW20261028-00012",
            "cases": f"/api/cases?area={DEMO_CITY}&state=overdue&unit=cg-1&assignee=wang",
            "due_soon": 2,
            "due_soon_cases": f"/api/cases?area={DEMO_CITY}&state=amber&state=on_time&due_within=24&unit=cg-1&assignee=wang",
        }
    ],
}

_POINT: Any = {
    "numerator": 1843,
    "denominator": 1962,
    "value": 0.9393,
    "low": 0.9279,
    "high": 0.9491,
    "too_few": False,
    "denominator_cases": None,
}

TREND: TrendAnswer = {
    "version": VERSION,
    "area": _CITY,
    "as_of": _AS_OF,
    "indicator": INDICATORS["indicators"][0],
    "by": "none",
    "step": "week",
    "spans": [{"from": "2026-10-19", "to": "2026-10-25"}],
    "spans_before": [],
    "reason": None,
    "groups": [{"code": None, "name": "澜州市", "name_en": "Demo City", "points": [_POINT], "year_before": []}],
    "holidays": [],
}

COVERAGE: CoverageAnswer = {
    "version": VERSION,
    "area": _CITY,
    "as_of": _AS_OF,
    "workers_seen": True,
    "levels": [
        {
            "level": "grid",
            "areas": 120,
            "headed": 110,
            "with_worker": 8,
            "staffed": 118,
            "gaps": [],
        }
    ],
}

HOURS: HoursAnswer = {
    "version": VERSION,
    "area": _CITY,
    "as_of": _AS_OF,
    "period": _PERIOD,
    "reported": 144,
    "left_out": 0,
    "left_out_cases": f"/api/cases?area={DEMO_CITY}&from=2026-10-01&to=2026-10-30&only_day=true",
    "hours": [
        {
            "weekday": 2,
            "hour": 9,
            "reported": 144,
            "cases": f"/api/cases?area={DEMO_CITY}&from=2026-10-01&to=2026-10-30&weekday=2&hour=9",
        }
    ],
}
