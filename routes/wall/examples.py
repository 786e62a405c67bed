"""Examples of answers about walls for the documentation."""

from typing import Any

_HOURS = [0, 0, 1, 0, 0, 1, 2, 4, 9, 7, 5, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

FIGURES_EXAMPLE: dict[str, Any] = {
    **{"version": "1", "versions": {"incidents": 412, "areas": 3}, "as_of": "2026-11-23T12:40:00+08:00", "today": "2026-11-23"},
    **{"current": True, "timezone": "Asia/Shanghai"},
    "area": {"code": "110000", "name": "示范市", "name_en": "Demo City", "level": "city"},
    "levels": [{"level": "district", "name": "区", "name_en": "District", "n": 4}],
    "reported": {"n": 34, "usual": 29.6, "days": 30},
    "open": {"n": 512, "overdue": 41, "due_soon": 63},
    "on_time": {"numerator": 4102, "denominator": 4590, "value": 0.8937, "reason": None},
    "proactive": {"numerator": 3290, "denominator": 5210, "value": 0.6315, "reason": None},
    "satisfied": {"numerator": None, "denominator": None, "value": None, "reason": "too_few"},
    "residents": {"total": 798400, "as_of": "2026-11-01", "staffed": 2911, "grids": 3000},
    "workers": {"people": 2740, "grids": 2702, "of_grids": 3000},
    "hazards": [
        {
            **{"level": 2, "colour": "orange", "event": "暴雨", "event_en": "Heavy rain", "place": "示范市", "place_en": "Demo City"},
            **{"sender": "示范市气象台", "sender_en": "Demo City weather office", "starts_at": "2026-11-23T04:00:00+00:00"},
            **{"ends_at": "2026-11-23T10:00:00+00:00", "is_end_said": True},
        }
    ],
    "hours": {"today": _HOURS, "usual": [float(n) for n in _HOURS], "left_out": 0},
    "week": {"from": "2026-11-16", "to": "2026-11-22", "cells": [_HOURS] * 7},
    "changes": {
        **{"level": "street", "level_name": "街道", "level_name_en": "Street", "days": 7},
        "areas": [
            {
                **{"code": "110000001", "name": "码头街道", "name_en": "Dock", "now": 92, "before": 61},
                **{"ratio": 1.51, "low": 1.09, "high": 2.08, "verdict": "more"},
            }
        ],
    },
    "cases": [
        {
            **{"id": "9f6c1d0a7be2c48d11", "at": "2026-11-23T12:31:00+08:00", "only_day": False, "category": "市容环境"},
            **{"category_en": "City appearance", "source": "hotline", "stage": "filed", "state": "on_time", "severity": 3},
            **{"area": ["码头街道", "一社区"], "area_en": ["Dock", "First"], "lon": 118.412, "lat": 30.913},
        }
    ],
    "overdue": [{"lon": 118.412, "lat": 30.913, "n": 3, "serious": 1}],
}
