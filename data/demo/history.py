"""The steps behind each case: two to seven events, from its report to its last stage."""

from dataclasses import dataclass

import numpy as np

from data.demo.cases import NOW_MIN, Progress, Reports
from data.demo.frame import Floats, Ints, dice
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS

_PATH = (*OPEN_STAGES, *CLOSED_STAGES)
_FRACTION = np.array([0.0, 0.02, 0.07, 0.2, 0.86, 1.0])
_REMARKS = {
    "reported": "信息收集",
    "filed": "核实立案",
    "dispatched": "派遣至处置单位",
    "in_progress": "到场处理",
    "feedback": "处理完毕，反馈结果",
    "closed": "现场核实，准予结案",
    "evaluated": "综合评价",
    "void": "不属实，作废",
    "duplicate": "重复上报，并案",
    "not_responsible": "非本级职责",
    "referred": "移交上级部门",
}
PAUSED_REMARK = "条件不具备，申请挂账"


@dataclass(frozen=True, slots=True)
class Events:
    """One entry an event, case by case: index of the case, number in the case (from 1), minute, stage, remark."""

    case: Ints
    seq: Ints
    minute: Floats
    stage: np.ndarray
    remark: np.ndarray


def history(reports: Reports, progress: Progress) -> Events:
    """Events of every case, in order, none later than ``AS_OF``."""
    rng = dice(9)
    n = len(reports.cell)
    last = np.array([_PATH.index(s) if s in _PATH else 1 for s in progress.stage])
    other = np.isin(progress.stage, OTHER_ENDS)
    count = np.where(other, 2, last + 1)
    count = np.maximum(count, 2)
    until = np.where(np.isnan(progress.closed), np.minimum(progress.due, NOW_MIN), progress.closed)
    case = np.repeat(np.arange(n), count)
    step = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    # An open case has gone only part of its way: the steps behind it fit between its report and now.
    reached = np.where(np.isnan(progress.closed), _FRACTION[np.minimum(last, 5)] + 0.1, 1.0)[case]
    share = np.minimum(_FRACTION[np.minimum(step, 5)] * rng.uniform(0.8, 1.0, len(case)) / reached, 1.0)
    share[step == 0] = 0
    minute = reports.minute[case] + np.floor(share * (until - reports.minute)[case])
    minute[step == 5] = until[case[step == 5]]
    judged = step == 6
    minute[judged] = np.minimum(until[case[judged]] + rng.integers(1, 5, judged.sum()) * 1440, NOW_MIN)
    # A case that is only reported has been sent back to the grid worker to be checked.
    stage = np.array(_PATH, dtype="U16")[np.where((progress.stage == "reported")[case], 0, step)]
    ends = other[case] & (step == 1)
    stage[ends] = progress.stage[case[ends]]
    remark = _remarks(stage)
    remark[progress.paused[case] & (step == count[case] - 1)] = PAUSED_REMARK
    remark[(progress.stage == "reported")[case] & (step == 1)] = "网格员现场核实中"
    return Events(case, step + 1, minute, stage, remark)


def _remarks(stage: np.ndarray) -> np.ndarray:
    known = np.array(sorted(_REMARKS), dtype="U16")
    return np.array([_REMARKS[s] for s in known.tolist()])[np.searchsorted(known, stage)]
