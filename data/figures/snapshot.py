"""All figures of one map page, read in one snapshot and cached for all viewers who request the same."""

import asyncio
import pickle
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from sqlalchemy import RowMapping

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.core.period import Period
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.connections import service_url
from data.database.transactions import open_snapshot
from data.figures import assemble as shapes
from data.figures.assemble import Answers
from data.figures.changes import Against, Changes, SameHours
from data.figures.questions import (
    NO_SPANS,
    check_filters,
    choose_counting,
    choose_level,
    fetch_area,
    fetch_breakdown,
    fetch_family,
    fetch_same_hours,
    select_drawn,
)
from data.figures.scope import Nowhere, OutOfScope, choose_start, explain_missing_area
from data.figures.types import AreaReport, CityEntry, Unit
from data.live import changes
from data.queries import areas
from data.queries.figures import NO_FILTERS, Filters

KEPT_BYTES = 32_000_000
ENTRY_BYTES = 2_000
"""Memory of the cache, and the memory that one entry takes in addition to its bytes. An entry has 10,000 to 30,000 bytes."""
LARGE_BYTES = 200_000
"""Larger entries are packed and unpacked in a thread, so that other requests need not wait."""
MANY_AREAS = 500
"""With more areas, the answer is assembled in a thread, so that other requests need not wait."""
MINUTE_S = 60
"""How long figures of the present moment are cached: when a new day begins, the data does not change, so no new version announces it."""


@dataclass(frozen=True, slots=True)
class MapRequest:
    """The figures that a map page requests.

    Attributes:
        code: the area; ``None`` is the one that the viewer starts with.
        period: the whole period; ``None`` is the last 30 days of the city's data.
        window: the days of the period that count; ``None`` if all do.
        filters: categories and channels that count.
        level: the level whose areas are coloured; ``None``: see ``choose_level``.
        against: the earlier period with which every area is compared; ``None``: with none.
        states: the deadline states of which open cases are counted as ``open``; empty: of all.
    """

    code: str | None
    period: Period | None = None
    window: Period | None = None
    filters: Filters = NO_FILTERS
    level: str | None = None
    against: Against | None = None
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapFigures:
    """All figures of one map page, read in one snapshot.

    Attributes:
        report: the area for the days that count, all filters applied.
        period: the whole period.
        by_day: reported incidents by day, over the whole period.
        by_category: reported incidents by category, also of categories that the filter excludes, so that they can still be chosen.
        by_source: the same by channel.
        coloured: the areas that the map colours.
        cities: every city.
        changes: how the areas of the report, and those that are coloured, compare with an earlier period; ``None``: that was not requested.
        same_hours: today beside earlier days, if the days that count are today alone; see ``fetch_same_hours``.
    """

    report: AreaReport
    period: Period
    by_day: list[tuple[str, int]]
    by_category: dict[str, int]
    by_source: dict[str, int]
    coloured: list[Unit]
    cities: list[CityEntry]
    changes: Changes | None = None
    same_hours: SameHours | None = None


_cache: PerLoop[AnswerCache[bytes]] = PerLoop(lambda: AnswerCache(KEPT_BYTES))


async def fetch_map_figures(asked: MapRequest, viewer: Viewer) -> MapFigures:
    """Fetch all figures of a map page; from the cache if somebody requested the same and the data has not changed since.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: see ``data.figures.questions.check_filters``.
        NoData: the database holds no city.
    """
    known = changes.known_versions()
    if known is None:
        return (await _ask_figures(asked, viewer))[0]
    key = (str(service_url()), settings().city, tuple(sorted(known.items())), asked, viewer.rights)
    try:
        packed = await _cache().get(key, lambda: _pack_figures(asked, viewer))
    except (OutOfScope, Nowhere) as error:  # the cached error may name another viewer with the same rights
        async with open_snapshot(viewer) as ask:
            raise await explain_missing_area(ask, asked.code or viewer.scope_code, viewer) from error
    unpack = partial(pickle.loads, packed)  # our own bytes
    found: MapFigures = await asyncio.to_thread(unpack) if len(packed) > LARGE_BYTES else unpack()
    return found


async def _pack_figures(asked: MapRequest, viewer: Viewer) -> CacheEntry[bytes]:
    """The figures as one block of bytes. As thousands of small objects they would take six times as much memory, and fragment it."""
    made, many, live = await _ask_figures(asked, viewer)
    pack = partial(pickle.dumps, made, pickle.HIGHEST_PROTOCOL)
    packed = await asyncio.to_thread(pack) if many else pack()
    return CacheEntry(packed, len(packed) + ENTRY_BYTES, MINUTE_S if live else None)


async def _ask_figures(asked: MapRequest, viewer: Viewer) -> tuple[MapFigures, bool, bool]:
    """The figures, whether they are of many areas, and whether they are of the present moment."""
    async with open_snapshot(viewer) as ask:
        known = await ask(areas.cities())
        own = await fetch_area(ask, choose_start(known, viewer) if asked.code is None else asked.code, viewer)
        await check_filters(ask, own["city_code"], asked.filters)
        counting = choose_counting(own, asked.window or asked.period, asked.filters)
        whole = asked.period or choose_counting(own, None, asked.filters).period
        level = await choose_level(ask, own, asked.level)
        changes = Changes.choose_days(counting, asked.against) if asked.against else None
        family = await fetch_family(ask, own, level, counting, changes.spans if changes else NO_SPANS)
        same_hours = await fetch_same_hours(ask, own, counting, viewer)
        family = _only_in_states(family, asked.states) if asked.states else family
        answers = Answers(own, family, *await fetch_breakdown(ask, own, counting, whole), viewer)

    def arranged() -> MapFigures:
        parts = answers.parts
        return MapFigures(
            report=shapes.assemble_report(answers, counting),
            period=whole,
            by_day=parts.by_day(whole),
            by_category=shapes.sort_by_count(parts.categories),
            by_source=shapes.sort_by_count(parts.channels),
            coloured=[shapes.assemble_unit(row) for row in select_drawn(own, level, family)],
            cities=shapes.assemble_cities(known),
            changes=changes.with_counts(family) if changes else None,
            same_hours=same_hours,
        )

    many = len(family) > MANY_AREAS
    return await asyncio.to_thread(arranged) if many else arranged(), many, bool(own["city_live"])


def _only_in_states(family: Sequence[RowMapping], states: tuple[str, ...]) -> list[RowMapping]:
    """The rows of a family, counting as open only what is in one of these deadline states."""
    return [cast(RowMapping, ChainMap({"open": sum(row[state] for state in states)}, cast(dict[str, Any], row))) for row in family]
