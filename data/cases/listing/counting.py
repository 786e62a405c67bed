"""Counting the cases of a list: from roll-ups where these know the filters, otherwise case by case up to a limit."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import RowMapping

from data.cases.listing import counts
from data.cases.listing.counts import Counted, Kind, count_rows
from data.cases.listing.question import CaseQuestion
from data.database.transactions import Ask
from data.queries import case_list
from data.queries.case_filters import ALL_DAYS, NO_FILTERS, Place
from data.queries.families.area_figures import levels_with_sums
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS

_FIRST_DAY, _LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Counting:
    """A list whose cases are counted: ``own`` is the row of its area."""

    ask: Ask
    own: RowMapping
    place: Place
    question: CaseQuestion

    async def count_in_rollups(self) -> Counted | None:
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

    async def count_halves(self, total: int | None) -> Counted:
        """Each half by itself up to ``MOST_COUNTED`` cases, because there are far fewer open cases than others."""
        filters = self.question.filters
        kinds, more = Counter[Kind](), frozenset[str]()
        for is_open in (True, False):
            if not (filters.only_ended if is_open else filters.only_open):
                found = await self.count_half(is_open)
                kinds.update(found.kinds)
                more |= found.more
        return Counted(kinds, more, total)

    async def count_half(self, is_open: bool) -> Counted:
        most, filters = counts.MOST_COUNTED, self.question.filters
        found = count_rows(await self.ask(case_list.capped_counts(filters, self.place, most + 1, is_open)), filters)
        stopped = sum(found.kinds.values()) > most
        return replace(found, more=frozenset(OPEN_STAGES if is_open else (*CLOSED_STAGES, *OTHER_ENDS)) if stopped else frozenset())
