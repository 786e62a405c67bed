"""A list of cases that is being read: its pages in any order, each behind the last case of the one before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import RowMapping

from data.cases.listing import counts, windows
from data.cases.listing.counting import Counting
from data.cases.listing.counts import Counted, Kind, count_rows
from data.cases.listing.cursors import Cursor
from data.cases.listing.urgency import list_turns, write_urgency
from data.cases.stages import SEVERITIES
from data.core.errors import GridwellError
from data.core.timezones import zone
from data.queries import case_list
from data.queries.case_filters import CaseFilters
from data.queries.case_list import BY_VALUE, INDEXED, NEWEST_FIRST, URGENCY_STEP, Behind, Order, moment_of
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS, STAGES

MOST_SORTED = 100_000
"""More cases than this can be sorted only by the columns that are ``INDEXED``: for others all of them would have to be read."""


class TooManyToSort(GridwellError):
    status, code = 422, "too_many_to_sort"
    sentence = (
        "By “{sort}” up to {most} cases can be sorted, and these are more."
        " Choose a smaller area, a shorter period or only open cases, or sort by {indexed}."
    )


@dataclass(frozen=True, slots=True)
class Listing(Counting):
    """A list that is being read."""

    async def begin(self) -> tuple[list[RowMapping], Cursor | None, Counted]:
        """The first page, where the next one begins, and how many cases there are.

        Where roll-ups do not know the filters, few cases are assumed: all are found at once, counted and sorted. If they are more than
        ``MOST_COUNTED``, they are not few, and the page is read in the order of an index. Words are sought newest first where that is the
        order: then what was found until there were more than ``MOST_FOUND`` holds the page, whatever else there is.
        """
        counted = await self.count_in_rollups()
        if counted is None or (counted.few and not counted.complete):
            found = await (self._find_newest() if self._newest_first else self._collect())
            if found is not None:
                return found
        if counted is None or not counted.complete:
            counted = await self.count_halves(None if counted is None else counted.total)
        await self._check_order(counted)
        rows, following = await self.fetch_page(Cursor(empty=False, few=counted.few))
        return rows, following, counted

    async def count(self) -> Counted:
        """How many cases there are."""
        counted = await self.count_in_rollups()
        if counted is not None and counted.complete:
            return counted
        if self._newest_first:
            return (await self._find_newest())[2]
        told = count_rows(
            await self.ask(case_list.capped_counts(self.question.filters, self.place, counts.MOST_COUNTED + 1)), self.question.filters
        )
        return told if told.few else await self.count_halves(None if counted is None else counted.total)

    @property
    def _newest_first(self) -> bool:
        """Whether words are sought in the order in which months are kept."""
        return bool(self.question.filters.words) and self.question.order == NEWEST_FIRST

    # ---- Pages ----

    async def fetch_page(self, begin: Cursor, rows: Sequence[RowMapping] | None = None) -> tuple[list[RowMapping], Cursor | None]:
        """The rows, and where the next page begins. Cases that have nothing in the column of the order follow behind all others.

        ``rows``: those that were found already of the cases that have something there.
        """
        order, limit = self.question.order, self.question.limit
        if order.column in BY_VALUE and not begin.few:
            return await self._fetch_by_value(begin)
        if order.column == "urgency" and not begin.few:
            return await self._fetch_by_urgency(begin)
        found = list(rows or ())
        for empty in (False, True) if order.nullable else (False,):
            if not empty and (begin.empty or rows is not None):
                continue
            behind = _begin_behind(begin) if empty == begin.empty else None
            wanted = case_list.Page(order, limit + 1 - len(found), behind, empty, begin.few)
            if wanted.limit > 0:
                found += await self._read_page(wanted)
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], Cursor(
            order.nullable and last["sorted_by"] is None, begin.few, last["sorted_by"], last["reported_at"], last["id"]
        )

    async def _fetch_by_value(self, begin: Cursor) -> tuple[list[RowMapping], Cursor | None]:
        """A page of a list that is read value after value: each is a list of its own, newest first."""
        order, limit = self.question.order, self.question.limit
        values = await self._list_values(order.column)
        found: list[tuple[Any, RowMapping]] = []
        for value in reversed(values) if order.descending else values:
            rank = STAGES.index(value) if order.column == "stage" else value
            if begin.value is not None and (rank > begin.value if order.descending else rank < begin.value):
                continue
            behind = _begin_behind(begin) if rank == begin.value else None
            of_value = replace(self, question=replace(self.question, filters=_keep_value(self.question.filters, order.column, value)))
            wanted = case_list.Page(
                NEWEST_FIRST, limit + 1 - len(found), replace(behind, value=behind.moment) if behind else None, keyed=True
            )
            found += [(rank, row) for row in await of_value._read_page(wanted)]
            if len(found) > limit:
                rank, last = found[limit - 1]
                return [row for _, row in found[:limit]], Cursor(False, begin.few, rank, last["reported_at"], last["id"])
        return [row for _, row in found], None

    async def _fetch_by_urgency(self, begin: Cursor) -> tuple[list[RowMapping], Cursor | None]:
        """A page of a list that is read turn by turn: each is a list of its own by deadline, or newest first."""
        order, limit, filters = self.question.order, self.question.limit, self.question.filters
        place, due = (-1, 0) if begin.value is None else divmod(begin.value, URGENCY_STEP)
        found: list[tuple[int, RowMapping]] = []
        for turn in list_turns(order.descending):
            states = tuple(state for state in turn.states if not filters.states or state in filters.states)
            if turn.place < place or not states:
                continue
            of_turn = replace(self, question=replace(self.question, filters=replace(filters, states=states)))
            at = None if turn.place != place else replace(begin, value=None if turn.empty else moment_of(due))
            behind = None if at is None else _begin_behind(at)
            wanted = case_list.Page(Order("due_at", order.descending), limit + 1 - len(found), behind, turn.empty)
            found += [(turn.place, row) for row in await of_turn._read_page(wanted)]
            if len(found) > limit:
                place, last = found[limit - 1]
                value = write_urgency(place, last["sorted_by"])
                return [row for _, row in found[:limit]], Cursor(False, begin.few, value, last["reported_at"], last["id"])
        return [row for _, row in found], None

    async def _list_values(self, column: str) -> Sequence[Any]:
        """All values that cases may have in a column, in order; of these the filters may keep some."""
        filters = self.question.filters
        if column == "stage":
            return [stage for stage in STAGES if not filters.stages or stage in filters.stages]
        if column == "severity":
            return sorted(filters.severities or SEVERITIES)
        chosen = filters.categories if column == "category" else filters.channels
        return sorted(chosen or [row[column] for row in await self.ask(case_list.values_of(column, self.place.city))])

    async def _read_page(self, wanted: case_list.Page) -> list[RowMapping]:
        """The rows of a page; newest first, those of the newest months are read first, and most often they are enough."""
        filters = self.question.filters
        if wanted.order.column == "area" and not wanted.few and self.place.level not in ("city", "zone"):
            (ends,) = await self.ask(case_list.ends_of(self.place))
            wanted = replace(wanted, ends=(ends["first"], ends["last"]))
        spans = [wanted]
        if (wanted.order == NEWEST_FIRST or wanted.empty) and not wanted.few:
            since = windows.first_span(wanted.behind.moment if wanted.behind else self._newest())
            spans = [replace(wanted, since=since), replace(wanted, until=since)]
        rows: list[RowMapping] = []
        for span in spans:
            if len(rows) < wanted.limit:
                rows += await self.ask(case_list.page(filters, self.place, replace(span, limit=wanted.limit - len(rows))))
        return rows

    async def _collect(self) -> tuple[list[RowMapping], Cursor | None, Counted] | None:
        """The first page, the next one, and the counts, all from one search; ``None`` where more than ``MOST_COUNTED`` cases are found."""
        order, begin = self.question.order, Cursor(empty=False, few=True)
        first = case_list.Page(order, self.question.limit + 1, few=True)
        rows = await self.ask(case_list.page(self.question.filters, self.place, first, counts.MOST_COUNTED + 1))
        if not rows and order.nullable:
            counted = await self.count()
            if not counted.states:
                return [], None, counted
        else:
            counted = count_rows(rows[0]["counts"] if rows else (), self.question.filters)
        return (*await self.fetch_page(begin, rows), counted) if counted.few else None

    async def _find_newest(self) -> tuple[list[RowMapping], Cursor | None, Counted]:
        """The same, found in the order of the list. Beyond ``MOST_FOUND`` cases, open ones are counted by themselves: they are few."""
        filters, most = self.question.filters, max(counts.MOST_FOUND, self.question.limit)
        rows, counted = await self._read_spans(most)
        if sum(counted.kinds.values()) > most and filters.only_open:
            counted = await self.count_half(True)
        elif sum(counted.kinds.values()) > most:
            ended = {kind: n for kind, n in counted.kinds.items() if kind.stage not in OPEN_STAGES}
            waiting = Counted({}) if filters.only_ended else await self.count_half(True)
            counted = Counted({**waiting.kinds, **ended}, waiting.more | {*CLOSED_STAGES, *OTHER_ENDS}, cap=most)
        return (*await self.fetch_page(Cursor(empty=False, few=counted.few), rows), counted)

    async def _read_spans(self, most: int) -> tuple[list[RowMapping], Counted]:
        """A page of the newest cases with the words, and how many there are, from span to span until there are more than ``most``."""
        limit, newest = self.question.limit, self._newest()
        rows, kinds, until = list[RowMapping](), Counter[Kind](), None
        since: datetime | None = windows.first_span(newest)
        while True:
            lacking = most + 1 - kinds.total()
            wanted = case_list.Page(self.question.order, max(1, limit + 1 - len(rows)), few=True, since=since, until=until)
            read = await self.ask(case_list.page(self.question.filters, self.place, wanted, lacking, in_order=True))
            found = count_rows(read[0]["counts"] if read else (), self.question.filters).kinds
            kinds.update(found)
            rows += read[: limit + 1 - len(rows)]
            if since is None or kinds.total() > most:
                return rows, Counted(kinds)
            if until is None and kinds.total() > limit:
                since, until = windows.next_span(newest, since, kinds.total(), most + 1 - kinds.total()), since
            else:
                if until is None:
                    await self.ask(case_list.NO_WALK)
                since, until = None, since

    def _newest(self) -> datetime:
        """The moment from which a list is read, newest first: nothing, or little, was reported later."""
        as_of: datetime = self.own["as_of"]
        last = self.question.filters.reported.last
        return as_of if last is None else min(as_of, datetime.combine(last, time.max, zone(self.place.timezone)))

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


def _keep_value(filters: CaseFilters, column: str, value: Any) -> CaseFilters:
    """The filters, with one value of a column alone."""
    match column:
        case "stage":
            return replace(filters, stages=(value,))
        case "severity":
            return replace(filters, severities=(value,))
        case "category":
            return replace(filters, categories=(value,))
    return replace(filters, channels=(value,))


def _begin_behind(begin: Cursor) -> Behind | None:
    return None if begin.id is None or begin.moment is None else Behind(begin.value, begin.moment, begin.id)
