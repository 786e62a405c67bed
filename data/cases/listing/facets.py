"""How many cases of a list have each category and each severity: each counted with all other filters, and without its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping

from data.cases.listing import counts
from data.cases.listing.lists import begin_listing
from data.cases.listing.pages import Listing
from data.cases.listing.question import CaseQuestion
from data.cases.listing.types import CaseCount, CaseFacets
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.types import VERSION
from data.queries import case_list
from data.queries.case_filters import CaseFilters

MOST_OPEN = 100_000
"""Of lists that hold open cases alone so many are counted, of others ``counts.MOST_COUNTED``: open cases have an index of their own."""
_LEAST_TOLD = 1_000
"""Where counting stopped, a number below this says only that there is one: it is told as such, and larger ones are rounded down."""


async def fetch_facets(question: CaseQuestion, viewer: Viewer) -> CaseFacets:
    """Numbers by category and by severity.

    Raises:
        FiguresOnly, UnknownArea, OutOfScope, Nowhere, UnknownName: see ``data.cases.listing.lists.fetch_list``.
    """
    async with open_snapshot(viewer) as ask:
        listing = await begin_listing(ask, question, viewer)
        if not listing.question.counted:  # of somebody else's cases nothing is counted
            as_of = iso(listing.own["as_of"], listing.place.timezone)
            return {"version": VERSION, "as_of": as_of, "complete": False, "by_category": {}, "by_severity": {}}
        filters = listing.question.filters
        by_category = await _count_kinds(listing, replace(filters, categories=()))
        same = not filters.categories and not filters.severities
        by_severity = by_category if same else await _count_kinds(listing, replace(filters, severities=()))
        return {
            "version": VERSION,
            "as_of": iso(listing.own["as_of"], listing.place.timezone),
            "complete": not (by_category[1] or by_severity[1]),
            "by_category": _sum_by(by_category, "category"),
            "by_severity": _sum_by(by_severity, "severity"),
        }


async def _count_kinds(listing: Listing, filters: CaseFilters) -> tuple[Sequence[RowMapping], bool]:
    """Rows category, severity, n; and whether counting stopped."""
    most = MOST_OPEN if filters.only_open else counts.MOST_COUNTED
    rows = await listing.ask(case_list.kind_counts(filters, listing.place, most + 1))
    return rows, sum(row["n"] for row in rows) > most


def _sum_by(counted: tuple[Sequence[RowMapping], bool], name: str) -> dict[str, CaseCount]:
    rows, more = counted
    summed = Counter[str]()
    for row in rows:
        summed[str(row[name])] += row["n"]
    return {value: {"n": _round_down(n) if more else n, "more": more} for value, n in summed.items()}


def _round_down(n: int) -> int:
    return n // _LEAST_TOLD * _LEAST_TOLD if n >= _LEAST_TOLD else 1
