"""How many cases a list has, by stage and by state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import RowMapping

from data.cases.listing.types import CaseCount, CaseCounts
from data.queries.case_filters import STAGE_ENDS, STATES, CaseFilters
from data.schema import DEADLINE_STATES, OPEN_STAGES, STAGES

MOST_COUNTED = 10_000
"""Where roll-ups do not know a filter, no more cases than this are counted: the answer then says "more than"."""


MOST_FOUND = 1_000
"""Newest first, words are sought only until more cases than this are found: common words occur in a tenth of all cases."""


class Kind(NamedTuple):
    """Stage and state of a case; the stage is empty where it is not known of those in this state."""

    stage: str
    state: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers by stage and state.

    Attributes:
        kinds: how many cases of each.
        more: stages of which there may be more.
        total: how many in all, where that is known apart from them.
        complete: whether stages and states are known.
        cap: where counting stopped, if not at ``MOST_COUNTED``.
    """

    kinds: Mapping[Kind, int]
    more: frozenset[str] = frozenset()
    total: int | None = None
    complete: bool = True
    cap: int | None = None

    @property
    def stages(self) -> Mapping[str, int]:
        """How many of each stage."""
        return _sum_by((kind.stage, n) for kind, n in self.kinds.items() if kind.stage)

    @property
    def states(self) -> Mapping[str, int]:
        """How many in each state."""
        return _sum_by((kind.state, n) for kind, n in self.kinds.items())

    @property
    def few(self) -> bool:
        """Whether there are at most ``MOST_COUNTED``."""
        n = sum(self.kinds.values()) if self.total is None else self.total
        return n <= MOST_COUNTED and not (self.more and self.total is None)


def _sum_by(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    summed = Counter[str]()
    for name, n in pairs:
        summed[name] += n
    return summed


def count_rows(rows: Iterable[Mapping[str, Any] | RowMapping], filters: CaseFilters) -> Counted:
    """Numbers of the rows whose stage and state are among those of the filters."""
    kinds = Counter[Kind]()
    for row in rows:
        if (not filters.stages or row["stage"] in filters.stages) and (not filters.states or row["state"] in filters.states):
            kinds[Kind(row["stage"], row["state"])] += row["n"]
    return Counted(kinds)


def tell_counts(counted: Counted) -> CaseCounts:
    """The counts as they are answered."""
    open_more = bool(counted.more & set(OPEN_STAGES))
    end_more = bool(counted.more - set(OPEN_STAGES))
    stages, states = counted.stages, counted.states
    found = sum(counted.kinds.values())

    def number(n: int, more: bool) -> CaseCount:
        return {"n": n, "more": more}

    total = (
        number(max(counted.cap or MOST_COUNTED, min(MOST_COUNTED, (found - 1) // 1_000 * 1_000)), True)
        if counted.more and counted.total is None
        else number(found if counted.total is None else counted.total, False)
    )
    return {
        "total": total,
        "by_stage": {stage: number(n, stage in counted.more) for stage in STAGES if (n := stages.get(stage, 0))},
        "by_state": {state: number(n, end_more if state in STAGE_ENDS else open_more) for state in STATES if (n := states.get(state, 0))},
        "by_stage_and_state": {
            stage: {state: number(n, stage in counted.more) for state in DEADLINE_STATES if (n := counted.kinds.get(Kind(stage, state), 0))}
            for stage in OPEN_STAGES
            if stages.get(stage, 0)
        },
    }
