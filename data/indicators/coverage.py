"""Coverage: how many communities and grids have a head or a worker, and which have none."""

from sqlalchemy import RowMapping

from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.reports import name_area
from data.figures.types import VERSION
from data.indicators.questions import set_scene
from data.indicators.types import Coverage, CoverageAnswer, Gap
from data.queries.case_filters import NO_FILTERS
from data.queries.desk.coverage import count_staffed, list_unstaffed
from data.schema import LEVELS

COVERED = ("community", "grid")
"""Levels whose areas should have somebody."""
MOST_GAPS = 200


async def fetch_coverage(area: str | None, viewer: Viewer, most: int = MOST_GAPS) -> CoverageAnswer:
    """Communities and grids of an area as they stand today, with the first ``most`` of those that have nobody.

    Members of units count for who sees cases; others are told of heads alone.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.indicators.questions.set_scene``.
    """
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, area, None, NO_FILTERS, viewer)
        own, bound = scene.own, {"today": scene.own["city_day"]}
        # Parts of zones are no areas of their own.
        levels = [level for level in COVERED if own["level"] != "zone" and LEVELS.index(level) >= LEVELS.index(own["level"])]
        rows = [row for level in levels for row in await ask(count_staffed(scene.place, level, scene.sees_cases), bound)]
        told = []
        for row in rows:
            missing = row["known"] and row["staffed"] < row["areas"]
            gaps = await ask(list_unstaffed(scene.place, row["level"], scene.sees_cases, most), bound) if missing else []
            told.append(_tell(row, [Gap(**dict(gap)) for gap in gaps]))  # type: ignore[typeddict-item]
    return {
        "version": VERSION,
        "area": name_area(own),
        "as_of": iso(own["city_as_of"], own["city_timezone"]),
        "workers_seen": scene.sees_cases,
        "levels": told,
    }


def _tell(row: RowMapping, gaps: list[Gap]) -> Coverage:
    if not row["known"]:
        return {"level": row["level"], "areas": row["areas"], "headed": None, "with_worker": None, "staffed": None, "gaps": []}
    names = ("level", "areas", "headed", "with_worker", "staffed")
    return {**{name: row[name] for name in names}, "gaps": gaps}  # type: ignore[typeddict-item]
