"""The figures of a wall for one area: one snapshot, made once for all walls that show the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import orjson
from sqlalchemy import RowMapping

from data.core.period import Period
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures import assemble as reports
from data.figures.assemble import Answers
from data.figures.changes import Changes
from data.figures.levels import levels_below
from data.figures.questions import choose_counting, fetch_breakdown, fetch_family, select_coloured
from data.figures.reports import name_area
from data.figures.types import VERSION, AreaReport
from data.indicators.counts import Counted, Counter
from data.indicators.questions import IndicatorQuestion, Scene, set_scene
from data.live.changes import known_versions
from data.queries import wall as queries
from data.queries.case_filters import NO_FILTERS
from data.queries.figures import NO_FILTERS as EVERY_CASE
from data.wall.assemble import (
    assemble_changes,
    assemble_levels,
    assemble_rhythm,
    assemble_ticker,
    assemble_today,
    assemble_week,
    find_last_week,
    seconds_to_midnight,
    tell_hazard,
    tell_share,
)
from data.wall.reader import read_for_wall
from data.wall.shared import Made, share_answer
from data.wall.types import ChangesTold, WallFigures, Workers

KEPT_S = 30.0
"""Seconds for which figures are good while nothing changes: what is usual by this time of day changes with the clock."""
COMPARED_DAYS = 7
TICKER = 12
"""Newest cases that are told."""
MOST_LIT = 400
"""Cells with overdue cases that are told, the most serious first."""
MOST_HAZARDS = 50
"""Notices of hazards that are told, the most serious first."""
LEAST_GRIDS = 5
"""In an area of fewer grids, a wall account is not told how many people are on duty: nearly everybody there knows who it is."""
LEAST_ANSWERS = 20
"""Of fewer, a wall account is not told how many were satisfied: everybody in the room sees it, and each answer is a person's."""


async def fetch_wall_figures(area: str | None, viewer: Viewer, heard: int = 0) -> bytes:
    """The figures of ``WallFigures`` as JSON; from memory where another wall has just asked for them.

    Args:
        area: code of the area; ``None``: the one that the viewer starts with.
        viewer: who asks.
        heard: see ``share_answer``.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        NoData: the database holds no city.
    """
    return await share_answer(("figures", area), viewer, lambda: _make(area, viewer), heard)


async def _make(area: str | None, viewer: Viewer) -> Made:
    known = dict(known_versions() or {})  # before the snapshot: what is read is at least as new
    figures, left_s = await read_wall_figures(area, viewer, known)
    return orjson.dumps(figures), min(KEPT_S, left_s)


async def read_wall_figures(area: str | None, viewer: Viewer, versions: dict[str, int]) -> tuple[WallFigures, float]:
    """The figures from the database, and the seconds until the city's day ends: after that they are of yesterday."""
    reader = read_for_wall(viewer)
    async with open_snapshot(reader) as ask:
        scene = await set_scene(ask, area, None, NO_FILTERS, reader)
        report = await _read_report(ask, scene, reader)
        shares = await _count_shares(ask, scene)
        levels = await ask(queries.count_levels(scene.own["level"]), {"code": scene.own["code"], "path": scene.own["path"]})
        changed = await _compare_areas(ask, scene, [row["level"] for row in levels])
        hours = await _read_hours(ask, scene) if scene.sees_cases else None
        first = await _find_first_day(ask, scene)
        newest = assemble_ticker(scene.own, await _read_newest(ask, scene), await _read_key(ask)) if scene.sees_cases else None
        overdue = await ask(queries.overdue_by_cell(scene.place, MOST_LIT)) if scene.sees_cases else None
        hazards = await ask(queries.HAZARDS_NEAR, {"code": scene.own["code"], "most": MOST_HAZARDS})
        workers = await _count_workers(ask, scene, LEAST_GRIDS if viewer.role == "wall" else 0)
    own, counts = scene.own, report["incidents"]
    n, staffed = report["incidents"]["by_day"][-1][1], shares.get("coverage")
    figures: WallFigures = {
        "version": VERSION,
        "versions": versions or dict(report["city"]["versions"]),
        "as_of": report["city"]["as_of"],
        "today": report["city"]["today"],
        "current": report["city"]["current"],
        "timezone": report["city"]["timezone"],
        "area": name_area(own),
        "levels": assemble_levels(own, levels),
        "reported": assemble_today(own, n, hours, first),
        "open": {"n": counts["open"], "overdue": counts["overdue"], "due_soon": counts["amber"]},
        "on_time": {**report["on_time_closing_rate"], "reason": None if report["on_time_closing_rate"]["denominator"] else "no_cases"},
        "proactive": {**report["proactive"], "reason": None if report["proactive"]["denominator"] else "no_cases"},
        "satisfied": tell_share(shares.get("satisfaction_rate"), scene.sees_cases, LEAST_ANSWERS if viewer.role == "wall" else 0),
        "residents": {
            "total": report["population"]["total"],
            "as_of": report["population"]["as_of"],
            "staffed": None if staffed is None or staffed.numerator is None else int(staffed.numerator),
            "grids": None if staffed is None else staffed.denominator,
        },
        "workers": workers,
        "hazards": [tell_hazard(row) for row in hazards],
        "hours": assemble_rhythm(own, hours, first),
        "week": assemble_week(own, hours),
        "changes": changed,
        "cases": newest,
        "overdue": None if overdue is None else [{name: row[name] for name in ("lon", "lat", "n", "serious")} for row in overdue],  # type: ignore[misc]
    }
    return figures, seconds_to_midnight(own)


async def _read_report(ask: Ask, scene: Scene, reader: Viewer) -> AreaReport:
    counting = scene.counting
    family = await fetch_family(ask, scene.own, None, counting)
    parts = await fetch_breakdown(ask, scene.own, counting, counting.period)
    return reports.assemble_report(Answers(scene.own, family, *parts, reader), counting)


async def _count_shares(ask: Ask, scene: Scene) -> dict[str, Counted]:
    """Indicators that a report does not tell. Who works for which grid is told to who sees single cases; here heads alone count."""
    told: dict[str, Counted] = {}
    for code, seen_by in (("satisfaction_rate", scene), ("coverage", replace(scene, sees_cases=False))):
        question = IndicatorQuestion(scene.own["code"], indicators=(code,))
        found, _ = await Counter(ask, seen_by, question).count(scene.counting.period)
        told.update(found[None])
    return told


async def _read_key(ask: Ask) -> bytes:
    return bytes((await ask(queries.ID_KEY))[0]["id_key"])


async def _read_hours(ask: Ask, scene: Scene) -> Sequence[RowMapping]:
    """Cases by day and hour, from the beginning of last week or of the last 30 whole days, whichever is earlier, until today."""
    today = scene.own["city_today"]
    first = min(find_last_week(today).start, today - timedelta(days=30))
    return await ask(queries.reports_by_hour(scene.place, first, today))


async def _find_first_day(ask: Ask, scene: Scene) -> date | None:
    rows = await ask(queries.first_day_of_cases(), {"city": scene.own["city_code"], "code": scene.own["code"]})
    return rows[0]["first"]  # type: ignore[no-any-return]


async def _read_newest(ask: Ask, scene: Scene) -> Sequence[RowMapping]:
    today = scene.own["city_today"]
    return await ask(queries.newest_cases(scene.place, today - timedelta(days=COMPARED_DAYS), today, TICKER))


async def _compare_areas(ask: Ask, scene: Scene, known: Sequence[str]) -> ChangesTold:
    """The last seven whole days beside the seven before, area by area: streets where the area has any, otherwise the next level below."""
    own = scene.own
    below = levels_below(own["level"], known) if known else []
    level = "street" if "street" in below else next(iter(below), None)
    last = scene.counting.last_whole
    counting = choose_counting(own, Period(last - timedelta(days=COMPARED_DAYS - 1), last), EVERY_CASE)
    changes = Changes.choose_days(counting, "previous")
    family = await fetch_family(ask, own, level, replace(counting), changes.spans)
    return assemble_changes(own, level, select_coloured(own, level, family), changes.with_counts(family))


async def _count_workers(ask: Ask, scene: Scene, least_grids: int) -> Workers | None:
    """Who is on duty at the moment of the figures; ``None`` where no roster tells of this time. People are not told of few grids."""
    rows = await ask(queries.workers_on_duty(), {"code": scene.own["code"], "at": scene.own["city_as_of"]})
    if not rows:
        return None
    people, grids, of_grids = (int(rows[0][name]) for name in ("people", "grids", "of_grids"))
    # The people of an area above look after grids here and are not counted here: nobody would be wrong.
    hidden = of_grids < least_grids or (people == 0 and grids > 0)
    return {"people": None if hidden else people, "grids": grids, "of_grids": of_grids}
