"""Examples for the documentation page: an address that can be tried at once, and the answer, shortened."""

import json
from dataclasses import dataclass
from typing import Any

DEMO_CITY = "990100"


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its answer.

    Attributes:
        address: path and query; ``{city}`` stands for the code of a city that is there.
        answer: what comes back, shortened; ``None`` where it is not JSON.
    """

    address: str
    answer: Any

    def text(self) -> str:
        """The answer as it is shown."""
        return "" if self.answer is None else json.dumps(self.answer, ensure_ascii=False, indent=2)


_TOTALS: dict[str, Any] = {
    "population": {"total": 800214, "households": 301877, "as_of": "2026-10-31"},
    "buildings": {"total": 60000},
    "incidents": {"total": 8421, "open": 611, "overdue": 47},
    "closing_rate": {"numerator": 7712, "denominator": 8210, "value": 0.9393},
    "on_time_closing_rate": {"numerator": 7104, "denominator": 8210, "value": 0.8653},
}

_AREA: dict[str, Any] = {
    **{"version": "1", "code": "990100", "name": "澜州市", "name_en": "Lanzhou (demo)", "level": "city", "path": "990100"},
    "head": {
        **{"name": "王小明", "name_en": "Wang Xiaoming", "title": "网格长", "title_en": "Grid head", "phone": "138****5678"},
        **{"body": "城市运行中心", "body_en": "City Operations Centre"},
    },
    "period": {"from": "2026-10-02", "to": "2026-10-31"},
    **_TOTALS,
    "incidents": {
        **_TOTALS["incidents"],
        "by_category": {"env": 3120},
        "by_source": {"grid_worker": 4011},
        "by_day": [["2026-10-02", 266]],
    },
    "children": [{"code": "990102", "name": "中心区", "name_en": "Centre", "level": "district", "…": "…"}],
}

_FOUND: dict[str, Any] = {
    **{"kind": "area", "code": "990100", "key": None, "title": "澜州市", "title_en": "Lanzhou (demo)"},
    **{"subtitle": "990100", "subtitle_en": "990100", "lon": 118.4, "lat": 30.9, "area": "990100"},
}

EXAMPLES: dict[str, Example] = {
    "/healthz": Example(
        "/healthz",
        {"process": "ok", "database": "ok", "data_version": 1793412000000, "version": "0.1.0", "full": False, "waiting": 0},
    ),
    "/api/cities": Example("/api/cities", {"version": "1", "cities": [{"code": "990100", "name": "澜州市", "is_demo": True, "…": "…"}]}),
    "/api/areas": Example(
        "/api/areas", {"version": "1", "areas": [{"code": "990100", "name": "澜州市", "name_en": "Lanzhou (demo)", "level": "city"}]}
    ),
    "/api/areas/{code}": Example("/api/areas/{city}", _AREA),
    "/api/search": Example("/api/search?q={city}", {"version": "1", "query": "990100", "results": [_FOUND]}),
    "/tiles/{layer}/{z}/{x}/{y}.mvt": Example("/tiles/base/11/1698/834.mvt", None),
}
