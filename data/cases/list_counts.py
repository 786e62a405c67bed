"""How many cases a list has, by stage and by state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from data.cases.list_types import CaseCount, CaseCounts
from data.queries.case_filters import STAGE_ENDS, STATES, CaseFilters
from data.schema import OPEN_STAGES, STAGES

MOST_COUNTED = 10_000
"""Where roll-ups do not know a filter, no more cases than this are counted: the answer then says "more than"."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers by stage and state.

    Attributes:
        stages, states: how many cases of each.
        more: stages of which there may be more.
        total: how many in all, where that is known apart from them.
        complete: whether stages and states are known.
    """

    stages: Mapping[str, int]
    states: Mapping[str, int]
    more: frozenset[str] = frozenset()
    total: int | None = None
    complete: bool = True

    @property
    def few(self) -> bool:
        """Whether there are at most ``MOST_COUNTED``."""
        n = sum(self.states.values()) if self.total is None else self.total
        return n <= MOST_COUNTED and not (self.more and self.total is None)


def count_rows(rows: Iterable[Mapping[str, Any] | RowMapping], filters: CaseFilters) -> Counted:
    """Numbers of the rows whose stage and state are among those of the filters."""
    stages, states = Counter[str](), Counter[str]()
    for row in rows:
        if (not filters.stages or row["stage"] in filters.stages) and (not filters.states or row["state"] in filters.states):
            stages[row["stage"]] += row["n"]
            states[row["state"]] += row["n"]
    return Counted(stages, states)


def tell_counts(counted: Counted) -> CaseCounts:
    """The counts as they are answered."""
    open_more = bool(counted.more & set(OPEN_STAGES))
    end_more = bool(counted.more - set(OPEN_STAGES))
    found = sum(counted.states.values())

    def number(n: int, more: bool) -> CaseCount:
        return {"n": n, "more": more}

    total = (
        number(min(found, MOST_COUNTED), True)
        if counted.more and counted.total is None
        else number(found if counted.total is None else counted.total, False)
    )
    return {
        "total": total,
        "by_stage": {stage: number(n, stage in counted.more) for stage in STAGES if (n := counted.stages.get(stage, 0))},
        "by_state": {
            state: number(n, end_more if state in STAGE_ENDS else open_more) for state in STATES if (n := counted.states.get(state, 0))
        },
    }
