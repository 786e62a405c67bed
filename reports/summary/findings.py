"""What stands out: every count and share of a report is judged, and those that are more than chance are chosen among all of them."""

from dataclasses import dataclass
from typing import Literal

from data.statistics.false_discovery import LEVEL, choose_discoveries
from data.statistics.variation import Judgement, judge_count, judge_share
from reports.summary.inputs import Counts, Inputs, Part, Shares

FEWEST_DUE = 30
"""With fewer cases due a share is not judged: the limit of rankings, ``data.indicators.definitions.FEWEST``."""

Kind = Literal["whole", "share", "area", "area_share", "category"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A count or a share as it was judged.

    Attributes:
        kind: of what; ``share`` is that of the whole area.
        part: the area or category; ``None``: the whole area.
        judged: by its own history.
        real: whether it stands among all that were judged.
        size: how many cases it is more or fewer than on average; 0 where nothing is known.
    """

    kind: Kind
    part: Part | None
    judged: Judgement
    real: bool
    size: float


@dataclass(frozen=True, slots=True)
class Findings:
    """All of them.

    Attributes:
        whole, share: of the area itself.
        changes: of areas and categories, those that are real, the largest first.
        judged: how many were judged, the whole area's among them.
        spans: how many earlier periods could be looked at.
    """

    whole: Finding
    share: Finding
    changes: tuple[Finding, ...]
    judged: int
    spans: int


def find_changes(inputs: Inputs) -> Findings:
    """Judge everything, and choose.

    The whole area's two figures are chosen apart from its parts, each group with half of the 5 %: so a change of the whole need not stand
    out among 200 streets, and together still at most 5 % are false. A single part is the whole, and is not judged again.
    """
    own = [_judge("whole", None, inputs.reported, inputs), _judge("share", None, inputs.on_time, inputs)]
    parts: list[Finding] = []
    if len(inputs.areas) > 1:
        parts += [_judge("area", one, one.reported, inputs) for one in inputs.areas]
        parts += [_judge("area_share", one, one.on_time, inputs) for one in inputs.areas if one.on_time is not None]
    if len(inputs.categories) > 1:
        parts += [_judge("category", one, one.reported, inputs) for one in inputs.categories]
    (whole, share), parts = _choose(own), _choose(parts)
    changes = sorted((one for one in parts if one.real), key=lambda one: (-abs(one.size), one.kind, one.part.code if one.part else ""))
    judged = sum(one.judged.p is not None for one in (whole, share, *parts))
    return Findings(whole, share, tuple(changes), judged, max(whole.judged.spans, share.judged.spans))


def _judge(kind: Kind, part: Part | None, values: Counts | Shares, inputs: Inputs) -> Finding:
    if isinstance(values, Shares):
        judged = judge_share(values.now, values.history, FEWEST_DUE)
        cases = values.now[1]
    else:
        judged = judge_count(values.now, values.history, inputs.days, inputs.history_days or [inputs.days] * len(values.history))
        cases = 1
    size = 0.0 if judged.value is None or judged.expected is None else (judged.value - judged.expected) * cases
    return Finding(kind, part, judged, False, size)


def _choose(found: list[Finding]) -> list[Finding]:
    chosen = choose_discoveries({at: one.judged.p for at, one in enumerate(found)}, LEVEL / 2)
    return [Finding(one.kind, one.part, one.judged, at in chosen, one.size) for at, one in enumerate(found)]


def list_contributions(parts: tuple[Part, ...], inputs: Inputs) -> list[tuple[Part, float]]:
    """By how many cases each part lies above its own average of the earlier periods, the farthest first.

    Where the parts hold all cases, these add up to what the whole lies above its own, because averages of the same periods add up.
    """
    found = [(one, _judge("area", one, one.reported, inputs).size) for one in parts]
    return sorted(found, key=lambda pair: (-abs(pair[1]), pair[0].code))
