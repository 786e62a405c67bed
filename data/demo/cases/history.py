"""The steps behind each case: two to seven events, from its report to its last stage."""

from dataclasses import dataclass

import numpy as np

from data.demo.cases.cases import DAY_MIN, Reports
from data.demo.cases.progress import Progress
from data.demo.common.frame import Floats, Ints
from data.demo.common.scale import Scale
from data.schema import OPEN_STAGES, OTHER_ENDS, STAGES

_FRACTION = np.array([0.0, 0.02, 0.07, 0.2, 0.86, 1.0])
"""When a step is done, as a share of the way from the report to the closing."""

_SAID = {
    "reported": ("信息收集", "Report taken"),
    "filed": ("核实立案", "Checked and filed"),
    "dispatched": ("派遣至处置单位", "Dispatched to the unit"),
    "in_progress": ("到场处理", "Work begun on site"),
    "feedback": ("处理完毕，反馈结果", "Work done, result reported"),
    "closed": ("现场核实，准予结案", "Checked on site, closed"),
    "evaluated": ("综合评价", "Evaluated"),
    "void": ("不属实，作废", "Not as reported, void"),
    "duplicate": ("重复上报，并案", "Reported twice, merged"),
    "not_responsible": ("非本级职责", "Not this city's task"),
    "referred": ("移交上级部门", "Referred to the department above"),
}
_WORDS = (
    *(_SAID[stage] for stage in STAGES),
    ("条件不具备，申请挂账", "Cannot be done yet, pause asked for"),
    ("网格员现场核实中", "A grid worker is checking on site"),
)
REMARKS, REMARKS_EN = tuple(zh for zh, _ in _WORDS), tuple(en for _, en in _WORDS)
"""What is said of each stage, and then of a pause and of a check, in both languages."""
_PAUSED, _CHECKED = len(STAGES), len(STAGES) + 1
_CLOSED, _EVALUATED = STAGES.index("closed"), STAGES.index("evaluated")


@dataclass(frozen=True, slots=True)
class Events:
    """One entry an event, case by case: index of the case, number in the case (from 1), minute, indices into ``STAGES`` and ``REMARKS``."""

    case: Ints
    seq: Ints
    minute: Floats
    stage: Ints
    remark: Ints


def select_with_history(scale: Scale, reports: Reports, progress: Progress) -> Ints:
    """The cases whose history is kept: all, or in a large city those that are open or were reported of late."""
    if scale.history_days is None:
        return np.arange(len(reports.minute))
    late = reports.minute >= scale.now_min - scale.history_days * DAY_MIN
    return np.flatnonzero(late | (progress.stage < len(OPEN_STAGES)))


def make_history(scale: Scale, reports: Reports, progress: Progress, rng: np.random.Generator) -> Events:
    """Events of every case, in order, none later than the moment up to which the city is made."""
    other = progress.stage >= len(STAGES) - len(OTHER_ENDS)
    count = np.where(other, 2, np.maximum(progress.stage + 1, 2))
    case = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    last = step == count[case] - 1
    # Only reported so far: the second event sends it back to the grid worker to be checked.
    unchecked = (progress.stage == 0)[case] & last
    stage = np.where(unchecked, 0, np.where(other[case] & last, progress.stage[case], step))
    remark = np.where(unchecked, _CHECKED, np.where(progress.paused[case] & last, _PAUSED, stage))
    return Events(case, step + 1, _minutes(scale, reports, progress, case, step, rng), stage, remark)


def _minutes(scale: Scale, reports: Reports, progress: Progress, case: Ints, step: Ints, rng: np.random.Generator) -> Floats:
    """When each step was done: spread over the way to the closing, or, for an open case, over what it has gone so far."""
    is_open = np.isnan(progress.closed)
    until = np.where(is_open, np.minimum(progress.due, scale.now_min), progress.closed)
    gone = np.where(is_open, _FRACTION[np.minimum(progress.stage, _CLOSED)] + 0.1, 1.0)[case]
    share = np.minimum(_FRACTION[np.minimum(step, _CLOSED)] * rng.uniform(0.8, 1.0, len(case)) / gone, 1.0)
    minute = reports.minute[case] + np.floor(share * (until - reports.minute)[case])
    minute[step == 0] = reports.minute
    minute[step == _CLOSED] = until[case[step == _CLOSED]]
    judged = step == _EVALUATED
    minute[judged] = np.minimum(until[case[judged]] + rng.integers(1, 5, judged.sum()) * DAY_MIN, scale.now_min)
    return np.asarray(minute)
