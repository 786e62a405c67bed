"""The list of cases: a page in any order, with filters, and how many there are by stage and by state.

All of it runs as the viewer's database role, whose policies leave out what the viewer may not see. Counts come from roll-ups where these
know the filters; otherwise cases are counted up to ``MOST_COUNTED``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import RowMapping

from data.cases import list_counts, list_windows
from data.cases.cursors import Cursor, digest_list, read_cursor, write_cursor
from data.cases.list_counts import Counted, Kind, count_rows, tell_counts
from data.cases.list_types import CaseList, CaseRow
from data.cases.where.list_place import fetch_cells, fetch_place, keep_units
from data.core.errors import GridwellError, UnknownName
from data.core.timezones import iso, zone
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.questions import check_filters
from data.figures.scope import FiguresOnly, may_see_cases
from data.figures.types import VERSION
from data.indicators.questions import NotAboutOthers
from data.queries import case_list
from data.queries.case_filters import ALL_DAYS, NO_FILTERS, STATES, CaseFilters, Place
from data.queries.case_list import BY_VALUE, INDEXED, NEWEST_FIRST, Behind, Order
from data.queries.figures import Filters, levels_with_sums
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS, STAGES

MOST_SORTED = 100_000
"""More cases than this can be sorted only by the columns that are ``INDEXED``: for others all of them would have to be read."""
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
        mine: only those that the viewer works on, wherever they are.
        own_units: only those of units of which the viewer is a member, wherever they are.
    """

    area: str | None = None
    filters: CaseFilters = NO_FILTERS
    order: Order = NEWEST_FIRST
    cursor: str | None = None
    limit: int = 50
    counted: bool = True
    mine: bool = False
    own_units: bool = False


async def fetch_list(question: CaseQuestion, viewer: Viewer) -> CaseList:
    """One page of the list of cases.

    Raises:
        FiguresOnly: the viewer may see no single case.
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: a stage, state, severity, category or channel that does not exist.
        TooManyToSort: more than ``MOST_SORTED`` cases in an order that has no index.
        BadCursor: the cursor belongs to another list.
        NotAboutOthers: which cases of somebody else an indicator counts, and the viewer is neither supervisor nor leader.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    _check_names(question.filters)
    question = _keep_private(question, viewer)
    async with open_snapshot(viewer) as ask:
        own = await fetch_place(ask, question.area, viewer, question.mine or question.own_units)
        question = replace(question, filters=await _keep_own(ask, question, viewer, own["city"]))
        place = Place(own["city"], own["timezone"], own["level"], own["code"], own["path"], own["district"])
        await check_filters(ask, place.city, Filters(question.filters.categories, question.filters.channels))
        of_list = digest_list(place, question.filters, question.order)
        if question.filters.box or question.filters.polygon:
            place = replace(place, cells=await fetch_cells(ask, question.filters, place))
        if question.filters.behind is not None:
            question = replace(question, filters=replace(question.filters, moment=own["as_of"]))
        await ask(case_list.PLAN_EACH)
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
        "cases": [make_row(row) for row in rows],
        "next": write_cursor(following, of_list) if following else None,
        "counts": tell_counts(counted) if question.counted and counted else None,
    }


def _keep_private(question: CaseQuestion, viewer: Viewer) -> CaseQuestion:
    """The list as far as the viewer may be told of one worker: it is a list of work, and counts nobody else's cases.

    Raises:
        NotAboutOthers: it asks which of their cases an indicator counts.
    """
    if viewer.may("person_figures") or set(question.filters.assignees) <= {viewer.name}:
        return question
    if question.filters.behind is not None:
        raise NotAboutOthers()
    return replace(question, counted=False)


async def _keep_own(ask: Ask, question: CaseQuestion, viewer: Viewer, city: str) -> CaseFilters:
    filters = replace(question.filters, assignees=(viewer.name,)) if question.mine else question.filters
    return await keep_units(ask, filters, viewer, city) if question.own_units else filters


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
        ``MOST_COUNTED``, they are not few, and the page is read in the order of an index. Words are sought newest first where that is the
        order: then what was found until there were more than ``MOST_FOUND`` holds the page, whatever else there is.
        """
        counted = await self._count_in_rollups()
        if counted is None or (counted.few and not counted.complete):
            found = await (self._find_newest() if self._newest_first else self._collect())
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
        if self._newest_first:
            return (await self._find_newest())[2]
        told = count_rows(
            await self.ask(case_list.capped_counts(self.question.filters, self.place, list_counts.MOST_COUNTED + 1)), self.question.filters
        )
        return told if told.few else await self._count_halves(None if counted is None else counted.total)

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
            since = list_windows.first_span(wanted.behind.moment if wanted.behind else self._newest())
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
        rows = await self.ask(case_list.page(self.question.filters, self.place, first, list_counts.MOST_COUNTED + 1))
        if not rows and order.nullable:
            counted = await self.count()
            if not counted.states:
                return [], None, counted
        else:
            counted = count_rows(rows[0]["counts"] if rows else (), self.question.filters)
        return (*await self.fetch_page(begin, rows), counted) if counted.few else None

    async def _find_newest(self) -> tuple[list[RowMapping], Cursor | None, Counted]:
        """The same, found in the order of the list. Beyond ``MOST_FOUND`` cases, open ones are counted by themselves: they are few."""
        filters, most = self.question.filters, max(list_counts.MOST_FOUND, self.question.limit)
        rows, counted = await self._read_spans(most)
        if sum(counted.kinds.values()) > most and filters.only_open:
            counted = await self._count_half(True)
        elif sum(counted.kinds.values()) > most:
            ended = {kind: n for kind, n in counted.kinds.items() if kind.stage not in OPEN_STAGES}
            waiting = Counted({}) if filters.only_ended else await self._count_half(True)
            counted = Counted({**waiting.kinds, **ended}, waiting.more | {*CLOSED_STAGES, *OTHER_ENDS}, cap=most)
        return (*await self.fetch_page(Cursor(empty=False, few=counted.few), rows), counted)

    async def _read_spans(self, most: int) -> tuple[list[RowMapping], Counted]:
        """A page of the newest cases with the words, and how many there are, from span to span until there are more than ``most``."""
        limit, newest = self.question.limit, self._newest()
        rows, kinds, until = list[RowMapping](), Counter[Kind](), None
        since: datetime | None = list_windows.first_span(newest)
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
                since, until = list_windows.next_span(newest, since, kinds.total(), most + 1 - kinds.total()), since
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
            return Counted({}, total=told["n"], complete=False)
        waiting = count_rows(await self.ask(case_list.open_counts(sums, form), known), filters)
        ended = {Kind("", "closed"): told["n"] - told["void"] - sum(waiting.kinds.values()), Kind("", "ended"): told["void"]}
        return Counted({**waiting.kinds, **ended}, total=told["n"])

    async def _count_halves(self, total: int | None) -> Counted:
        """Each half by itself up to ``MOST_COUNTED`` cases, because there are far fewer open cases than others."""
        filters = self.question.filters
        kinds, more = Counter[Kind](), frozenset[str]()
        for is_open in (True, False):
            if not (filters.only_ended if is_open else filters.only_open):
                found = await self._count_half(is_open)
                kinds.update(found.kinds)
                more |= found.more
        return Counted(kinds, more, total)

    async def _count_half(self, is_open: bool) -> Counted:
        most, filters = list_counts.MOST_COUNTED, self.question.filters
        found = count_rows(await self.ask(case_list.capped_counts(filters, self.place, most + 1, is_open)), filters)
        stopped = sum(found.kinds.values()) > most
        return replace(found, more=frozenset(OPEN_STAGES if is_open else (*CLOSED_STAGES, *OTHER_ENDS)) if stopped else frozenset())


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


def make_row(row: RowMapping) -> CaseRow:
    """A case as lists show it, from a row of ``data.queries.case_list.name_rows``."""
    made: Any = {name: _plain(row[name]) for name in CaseRow.__annotations__}
    return made  # type: ignore[no-any-return]  # all names of CaseRow


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
