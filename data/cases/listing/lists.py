"""The list of cases: a page in any order, with filters, and how many there are by stage and by state.

All of it runs as the viewer's database role, whose policies leave out what the viewer may not see. Counts come from roll-ups where these
know the filters; otherwise cases are counted up to ``MOST_COUNTED``.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from data.cases.listing.counts import tell_counts
from data.cases.listing.cursors import digest_list, read_cursor, write_cursor
from data.cases.listing.extras import fetch_extras
from data.cases.listing.list_place import fetch_cells, fetch_place, keep_units
from data.cases.listing.pages import Listing
from data.cases.listing.question import CaseQuestion
from data.cases.listing.types import CaseList, CaseRow
from data.cases.stages import SEVERITIES
from data.core.errors import UnknownName
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.questions import check_filters
from data.figures.scope import FiguresOnly, may_see_cases
from data.figures.types import VERSION
from data.indicators.questions import NotAboutOthers
from data.queries import case_list
from data.queries.case_filters import STATES, CaseFilters, Place
from data.queries.figures import Filters
from data.schema import STAGES


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
    async with open_snapshot(viewer) as ask:
        listing = await begin_listing(ask, question, viewer)
        question, own, place = listing.question, listing.own, listing.place
        # The cells that a shape touches follow from the filters; the moment passes.
        of_list = digest_list(replace(place, cells=None), replace(question.filters, moment=None), question.order)
        if question.cursor is not None:
            begin = read_cursor(question.cursor, of_list, question.order.column)
            rows, following = await listing.fetch_page(begin)
            counted = await listing.count() if question.counted else None
        else:
            rows, following, counted = await listing.begin()
        extras = await fetch_extras(ask, rows)
    return {
        "version": VERSION,
        "area": {name: own[name] for name in ("code", "name", "name_en", "level")},  # type: ignore[typeddict-item]
        "as_of": iso(own["as_of"], place.timezone),
        "cases": [{**make_row(row), **more} for row, more in zip(rows, extras, strict=True)],  # type: ignore[typeddict-item]
        "next": write_cursor(following, of_list) if following else None,
        "counts": tell_counts(counted) if question.counted and counted else None,
    }


async def begin_listing(ask: Ask, question: CaseQuestion, viewer: Viewer) -> Listing:
    """A list whose area and filters were checked, to be read in this snapshot.

    Raises:
        FiguresOnly, UnknownArea, OutOfScope, Nowhere, UnknownName, NotAboutOthers: see ``fetch_list``.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    _check_names(question.filters)
    question = _keep_private(question, viewer)
    own = await fetch_place(ask, question.area, viewer, question.mine or question.own_units)
    question = replace(question, filters=await _keep_own(ask, question, viewer, own["city"]))
    place = Place(own["city"], own["timezone"], own["level"], own["code"], own["path"], own["district"])
    await check_filters(ask, place.city, Filters(question.filters.categories, question.filters.channels))
    if question.filters.box or question.filters.polygon:
        place = replace(place, cells=await fetch_cells(ask, question.filters, place))
    if question.filters.behind is not None or question.filters.due_within is not None:
        question = replace(question, filters=replace(question.filters, moment=own["as_of"]))
    await ask(case_list.PLAN_EACH)
    return Listing(ask, own, place, question)


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


def make_row(row: RowMapping) -> CaseRow:
    """A case as lists show it, from a row of ``data.queries.case_list.name_rows``."""
    made: Any = {name: _plain(row[name]) for name in CaseRow.__annotations__}
    return made  # type: ignore[no-any-return]  # all names of CaseRow


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
