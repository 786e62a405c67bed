"""Counts of an area and of the areas inside it in several spans of days at once: what is usual is seen beside what is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from data.core.period import Period
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.questions import check_filters, choose_counting, fetch_area
from data.queries.families.area_figures import SPAN_COUNTS, levels_with_sums, span_counts
from data.queries.figures import NO_FILTERS, Counting, Filters, category_spans, overdue_since
from data.schema import MARGIN_LEVELS


@dataclass(frozen=True, slots=True)
class SpanCount:
    """Counts of one span: cases reported; cases due, and of them closed on time."""

    reported: int = 0
    due: int = 0
    due_on_time: int = 0


@dataclass(frozen=True, slots=True)
class AreaSpans:
    """An area with its counts, one for each span."""

    code: str
    name: str
    name_en: str | None
    counts: tuple[SpanCount, ...]


@dataclass(frozen=True, slots=True)
class Spans:
    """The area and the areas inside it.

    Attributes:
        own: the area itself.
        areas: those of a level inside it, by code.
        since: the day on which the data of its city begin, as far as the viewer may see it; ``None``: there are none. A single first case
            that no other follows for a month is misdated, and no beginning.
    """

    own: AreaSpans
    areas: tuple[AreaSpans, ...]
    since: date | None


async def fetch_spans(code: str, level: str | None, spans: Sequence[Period], viewer: Viewer, filters: Filters = NO_FILTERS) -> Spans:
    """Count an area and the areas of a level inside it, in one statement, from roll-ups.

    Args:
        code: of the area.
        level: of the areas inside it; ``None``: none.
        spans: at least one. In one that is not over, deadlines that have not come yet do not count.
        viewer: who asks.
        filters: which cases count.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: see ``data.figures.questions.check_filters``.
    """
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, code, viewer)
        await check_filters(ask, own["city_code"], filters)
        values = {"code": code, "path": own["path"], "coloured": level, **_span_values(own, spans, filters)}
        rows = await ask(span_counts(filters.form, own["level"]), values)
    by_area: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_area[row["code"]].append(row)
    found = {one: _assemble(of, len(spans)) for one, of in by_area.items()}
    return Spans(found.pop(code), tuple(found.values()), rows[0]["since"])


def _assemble(rows: Sequence[RowMapping], spans: int) -> AreaSpans:
    counts = [SpanCount()] * spans
    for row in rows:
        if row["span"] is not None:
            counts[row["span"] - 1] = SpanCount(**{name: row[name] for name in SPAN_COUNTS})
    return AreaSpans(rows[0]["code"], rows[0]["name"], rows[0]["name_en"], tuple(counts))


async def fetch_category_spans(code: str, spans: Sequence[Period], viewer: Viewer) -> dict[str, tuple[int, ...]]:
    """The cases reported in an area by category, one number for each span; categories without any case in all of them are left out.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, code, viewer)
        values = {"no": own["no"], **_span_values(own, spans, NO_FILTERS)}
        rows = await ask(category_spans(own["level"] in MARGIN_LEVELS), values)
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["category"], [0] * len(spans))[row["span"] - 1] = row["reported"]
    return {category: tuple(counts) for category, counts in found.items()}


async def count_overdue_since(code: str, until: date, viewer: Viewer) -> int:
    """How many open cases of an area had their deadline on a day or before, as it stands; paused ones do not count.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, code, viewer)
        counting = choose_counting(own, None, NO_FILTERS)
        sums = own["level"] in levels_with_sums(NO_FILTERS.form)
        rows = await ask(overdue_since(sums, NO_FILTERS.form), {"no": own["no"], "until": until, **counting.values()})
    return int(rows[0]["n"])


def _span_values(own: RowMapping, spans: Sequence[Period], filters: Filters) -> dict[str, Any]:
    whole = Period(min(one.start for one in spans), max(one.end for one in spans))
    counting: Counting = choose_counting(own, whole, filters)
    return {**counting.values(), "firsts": [one.start for one in spans], "lasts": [one.end for one in spans]}
