"""What is asked of the list of cases."""

from dataclasses import dataclass

from data.queries.case_filters import NO_FILTERS, CaseFilters
from data.queries.case_list import NEWEST_FIRST, Order


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
