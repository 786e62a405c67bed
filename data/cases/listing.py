"""The list of cases: a page in any order, with filters, and how many there are by stage and by state.

All of it runs as the viewer's database role, whose policies leave out what the viewer may not see. Counts come from roll-ups where these
know the filters; otherwise cases are counted up to ``MOST_COUNTED``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import RowMapping

from data.cases import list_counts
from data.cases.cursors import Cursor, digest_list, read_cursor, write_cursor
from data.cases.list_counts import Counted, count_rows, tell_counts
from data.cases.list_types import CaseList, CaseRow
from data.core.errors import GridwellError, UnknownName
from data.core.text import could_be_code
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.questions import check_filters
from data.figures.scope import FiguresOnly, choose_start, explain_missing_area, explain_missing_object, may_see_cases
from data.figures.types import VERSION
from data.queries import areas, case_list, outlines
from data.queries.case_filters import ALL_DAYS, NO_FILTERS, STATES, CaseFilters, Place, cells_near
from data.queries.case_list import INDEXED, NEWEST_FIRST, Behind, Order
from data.queries.figures import Filters, levels_with_sums
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS, STAGES

MOST_SORTED = 100_000
"""More cases than this can be sorted only by the columns that are ``INDEXED``: for others all of them would have to be read."""
MOST_CELLS = 500
"""Of a box that touches more areas than this, cases are not sought by their cells: it holds many of all cases."""
SEVERITIES = (1, 2, 3, 4)
_FIRST_DAY, _LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


class TooManyToSort(GridwellError):
    status, code = 422, "too_many_to_sort"
    sentence = (
        "By “{sort}” up to {most} cases can be sorted, and these are more."
        " Choose a smaller area, a shorter period or only open cases, or sort by {indexed}."
    )


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """What is asked of the list.

    Attributes:
        area: code of the area; ``None``: the one that the viewer starts with.
        filters: which of its cases.
        order: in which order.
        cursor: of the page before.
        limit: most cases of a page.
        counted: whether counts are asked for.
    """

    area: str | None = None
    filters: CaseFilters = NO_FILTERS
    order: Order = NEWEST_FIRST
    cursor: str | None = None
    limit: int = 50
    counted: bool = True


async def fetch_list(question: CaseQuestion, viewer: Viewer) -> CaseList:
    """One page of the list of cases.

    Raises:
        FiguresOnly: the viewer may see no single case.
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: a stage, state, severity, category or channel that does not exist.
        TooManyToSort: more than ``MOST_SORTED`` cases in an order that has no index.
        BadCursor: the cursor belongs to another list.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    _check_names(question.filters)
    async with open_snapshot(viewer) as ask:
        own = await _fetch_place(ask, question.area, viewer)
        place = Place(own["city"], own["timezone"], own["level"], own["code"], own["path"])
        await check_filters(ask, place.city, Filters(question.filters.categories, question.filters.channels))
        of_list = digest_list(place, question.filters, question.order)
        if question.filters.box or question.filters.polygon:
            place = replace(place, cells=await _fetch_cells(ask, question.filters, place))
        listing = _Listing(ask, own, place, question)
        if question.cursor is not None:
            begin = read_cursor(question.cursor, of_list, question.order.column)
            rows, following = await listing.fetch_page(begin)
            counted = await listing.count() if question.counted else None
        else:
            rows, following, counted = await listing.begin()
    return {
        "version": VERSION,
        "area": {name: own[name] for name in ("code", "name", "name_en", "level")},  # type: ignore[typeddict-item]
        "as_of": iso(own["as_of"], place.timezone),
        "cases": [_row(row) for row in rows],
        "next": write_cursor(following, of_list) if following else None,
        "counts": tell_counts(counted) if question.counted and counted else None,
    }


def _check_names(filters: CaseFilters) -> None:
    known: tuple[tuple[str, Iterable[Any], tuple[Any, ...]], ...] = (
        ("stage", filters.stages, STAGES),
        ("state", filters.states, STATES),
        ("severity", filters.severities, SEVERITIES),
    )
    for field, values, names in known:
        for value in values:
            if value not in names:
                raise UnknownName.among(field, str(value), map(str, names))


# ---- Where ----


async def _fetch_place(ask: Ask, code: str | None, viewer: Viewer) -> RowMapping:
    """The area whose cases are listed: the requested one, or the viewer's own where that lies inside it."""
    if code is None:
        code = choose_start(await ask(areas.cities()), viewer)
    rows = await ask(outlines.area_state(), {"code": code}) if could_be_code(code) else []
    if rows and rows[0]["cases_seen"]:
        return rows[0]
    if rows and not viewer.everywhere and _holds(rows[0], viewer):
        own = await ask(outlines.area_state(), {"code": viewer.scope_code})
        if own and own[0]["cases_seen"]:
            return own[0]
    raise await (explain_missing_object(ask, "area", code, viewer) if rows else explain_missing_area(ask, code, viewer))


def _holds(area: RowMapping, viewer: Viewer) -> bool:
    """Whether the viewer's scope lies inside an area of the tree."""
    return bool(area["level"] != "zone" and f"{viewer.scope}.".startswith(f"{area['path']}."))


async def _fetch_cells(ask: Ask, filters: CaseFilters, place: Place) -> tuple[str, ...] | None:
    found = await ask(cells_near(filters, place, MOST_CELLS + 1))
    return None if len(found) > MOST_CELLS else tuple(row["code"] for row in found)


# ---- One list ----


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list that is being read: ``own`` is the row of its area."""

    ask: Ask
    own: RowMapping
    place: Place
    question: CaseQuestion

    async def begin(self) -> tuple[list[RowMapping], Cursor | None, Counted]:
        """The first page, where the next one begins, and how many cases there are.

        Where roll-ups do not know the filters, few cases are assumed: all are found at once, counted and sorted. If they are more than
        ``MOST_COUNTED``, they are not few, and the page is read in the order of an index.
        """
        counted = await self._count_in_rollups()
        if counted is None or (counted.few and not counted.complete):
            found = await self._collect()
            if found is not None:
                return found
        if counted is None or not counted.complete:
            counted = await self._count_halves(None if counted is None else counted.total)
        await self._check_order(counted)
        rows, following = await self.fetch_page(Cursor(empty=False, few=counted.few))
        return rows, following, counted

    async def count(self) -> Counted:
        """How many cases there are."""
        counted = await self._count_in_rollups()
        if counted is not None and counted.complete:
            return counted
        told = count_rows(
            await self.ask(case_list.capped_counts(self.question.filters, self.place, list_counts.MOST_COUNTED + 1)), self.question.filters
        )
        return told if told.few else await self._count_halves(None if counted is None else counted.total)

    # ---- Pages ----

    async def fetch_page(self, begin: Cursor, rows: Sequence[RowMapping] | None = None) -> tuple[list[RowMapping], Cursor | None]:
        """The rows, and where the next page begins. Cases that have nothing in the column of the order follow behind all others.

        ``rows``: those that were found already of the cases that have something there.
        """
        order, limit = self.question.order, self.question.limit
        found = list(rows or ())
        for empty in (False, True) if order.nullable else (False,):
            if not empty and (begin.empty or rows is not None):
                continue
            behind = Behind(begin.value, begin.id) if empty == begin.empty and begin.id is not None else None
            wanted = case_list.Page(order, limit + 1 - len(found), behind, empty, begin.few)
            if wanted.limit > 0:
                found += await self.ask(case_list.page(self.question.filters, self.place, wanted))
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], Cursor(order.nullable and last["sorted_by"] is None, begin.few, last["sorted_by"], last["id"])

    async def _collect(self) -> tuple[list[RowMapping], Cursor | None, Counted] | None:
        """The first page, the next one, and the counts, all from one search; ``None`` where more than ``MOST_COUNTED`` cases are found."""
        order, begin = self.question.order, Cursor(empty=False, few=True)
        first = case_list.Page(order, self.question.limit + 1, few=True)
        rows = await self.ask(case_list.page(self.question.filters, self.place, first, list_counts.MOST_COUNTED + 1))
        if not rows and order.nullable:
            counted = await self.count()
            if not counted.states:
                return [], None, counted
        else:
            counted = count_rows(rows[0]["counts"] if rows else (), self.question.filters)
        return (*await self.fetch_page(begin, rows), counted) if counted.few else None

    async def _check_order(self, counted: Counted) -> None:
        order, filters = self.question.order, self.question.filters
        if order.column in INDEXED or filters.only_open or counted.few:
            return
        total = counted.total
        if total is None:
            rows = await self.ask(case_list.capped_counts(filters, self.place, MOST_SORTED + 1))
            total = sum(row["n"] for row in rows)
        if total > MOST_SORTED:
            raise TooManyToSort(sort=order.column, most=f"{MOST_SORTED:,}", indexed=", ".join(INDEXED))

    # ---- Counts ----

    async def _count_in_rollups(self) -> Counted | None:
        """From roll-ups, where they know the filters. Of cases reported in a period they know only the total."""
        filters, own = self.question.filters, self.own
        form = (bool(filters.categories), bool(filters.channels))
        sums = own["level"] in levels_with_sums(form)
        known = {"no": own["no"], "city": self.place.city, "categories": list(filters.categories), "channels": list(filters.channels)}
        plain = replace(filters, categories=(), channels=())
        if self.place.level == "zone":
            return None
        if filters.only_open and replace(plain, stages=(), states=()) == NO_FILTERS:
            return count_rows(await self.ask(case_list.open_counts(sums, form), known), filters)
        if replace(plain, reported=ALL_DAYS) != NO_FILTERS:
            return None
        days = {"first": filters.reported.first or _FIRST_DAY, "last": filters.reported.last or _LAST_DAY}
        (told,) = await self.ask(case_list.reported_counts(sums, form), {**known, **days})
        if filters.reported:
            return Counted({}, {}, total=told["n"], complete=False)
        waiting = count_rows(await self.ask(case_list.open_counts(sums, form), known), filters)
        ended = {"closed": told["n"] - told["void"] - sum(waiting.states.values()), "ended": told["void"]}
        return Counted(waiting.stages, {**waiting.states, **ended}, total=told["n"])

    async def _count_halves(self, total: int | None) -> Counted:
        """Each half by itself up to ``MOST_COUNTED`` cases, because there are far fewer open cases than others."""
        filters = self.question.filters
        stages, states, more = Counter[str](), Counter[str](), set[str]()
        for is_open, of_half in ((True, OPEN_STAGES), (False, (*CLOSED_STAGES, *OTHER_ENDS))):
            if filters.only_ended if is_open else filters.only_open:
                continue
            half = case_list.capped_counts(filters, self.place, list_counts.MOST_COUNTED + 1, is_open)
            found = count_rows(await self.ask(half), filters)
            stages.update(found.stages)
            states.update(found.states)
            if sum(found.stages.values()) > list_counts.MOST_COUNTED:
                more |= set(of_half)
        return Counted(stages, states, frozenset(more), total)


def _row(row: RowMapping) -> CaseRow:
    made: Any = {name: _plain(row[name]) for name in CaseRow.__annotations__}
    return made  # type: ignore[no-any-return]  # all names of CaseRow


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
