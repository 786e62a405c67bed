"""What the crew does next with a case. Pure: the same seed, number and version give the same decision, so nothing has to be remembered.

Every decision is legal by ``data.cases.stages``; some are bad (a wrong unit, work that does not pass), as in life.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from data.cases.stages import SEVERITIES
from data.demo.alive.people import SENSITIVE, UNIT_OF, Crew, Member
from data.demo.common.offices import kind_of

DUPLICATE, VOID, REFER, RATE, MOVE, MAIN_ROAD = 0.9, 0.015, 0.01, 0.02, 0.012, 0.2
"""Of reported cases: merged where a twin is open, void, referred up, given another severity, another category, filed as on a main road."""
PAUSE_FILED, SPLIT, WRONG_UNIT = 0.01, 0.003, 0.06
HAND_OVER, NOT_RESPONSIBLE = 0.015, 0.015
PAUSE, REMARK, PHOTO_OF_WORK = 0.02, 0.04, 0.35
BADLY_DONE, PHOTO_OF_CHECK = 0.08, 0.2
CALLED, CALLED_OTHERS, ANSWERS, SOLVED, SATISFIED, REPLIED, EVALUATED = 0.7, 0.1, 0.85, 0.93, 0.86, 0.05, 0.6
_LONG = 20
"""From this version on nobody makes a detour any more."""
_PEOPLE_CALL = frozenset({"hotline", "public", "building_head", "self_declared", "media"})

_FILED = ("情况属实，准予立案", "网格员现场核实，属实", "材料齐全，立案")
_VOID = ("现场核实，情况不属实", "无法联系反映人，现场未见问题", "不属于城市管理事项")
_REFER = ("需市级部门协调", "涉及跨区管线，移交上级")
_RETURN = ("非本单位职责范围，建议转有关单位", "产权不属于本单位", "经核实属物业自管区域")
_PAUSED = ("连续降雨，暂不具备施工条件", "待备件到货", "需产权单位配合，已发函")
_APPROVERS = ("值班主任 李立群", "区中心副主任 陈丽华")
_NOTES = ("已联系反映人", "已安排人员前往现场", "需夜间施工，已报备", "正在协调物业配合")
_HANDLED = (
    "已清理完毕，现场恢复整洁",
    "已修复并恢复正常使用",
    "已劝离并教育当事人",
    "已现场处置，安全隐患排除",
    "已上门处理，双方达成一致",
)
_CHECKED = ("现场核实，符合结案标准", "复查合格，准予结案", "照片与现场一致，结案")
_REWORK = ("现场仍有残留，退回返工", "修复不牢固，请重新处理", "照片与现场不符，退回")
_REPLIES = ("您反映的问题已处理完毕，感谢监督", "已责成有关单位加强巡查，谢谢反映")
_PARTS = ("现场另有关联问题", "涉及另一责任单位的部分")


@dataclass(frozen=True, slots=True)
class Case:
    """What the crew knows of a case.

    Attributes:
        number, category, channel, grid, title: what it is.
        reported_at: moment of its report, seconds since 1970.
        stage, version, severity, paused, unit: how it stands.
        since: since when, seconds since 1970.
        answered, reopened: whether its reporter answered a call (``None``: nobody called), and how often it was opened again.
        sure: whether the last five are known; a list does not tell all of them.
    """

    number: str
    category: str
    channel: str
    grid: str
    title: str
    reported_at: float
    stage: str
    version: int
    since: float
    severity: int = 3
    paused: bool = False
    unit: str | None = None
    answered: bool | None = None
    reopened: int = 0
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Deed:
    """A step that somebody takes.

    Attributes:
        step, fields: as the machine door takes them.
        who: who takes it.
        photo: whether a photo is attached.
        pause_days: for a pause, how long it lasts; its end is a field that is filled in when the step is taken.
    """

    step: str
    who: Member
    fields: dict[str, Any] = field(default_factory=dict)
    photo: bool = False
    pause_days: float = 0.0


def make_dice(seed: int, case: Case, what: str) -> random.Random:
    """The dice of one case at one version."""
    return random.Random(f"{seed}|{case.number}|{case.reported_at:.0f}|{case.version}|{what}")


def decide(case: Case, crew: Crew, seed: int, twin: str | None = None) -> Deed | None:
    """The next step of a case; ``None``: the crew is done with it.

    Args:
        case: as it stands.
        crew: who there is.
        seed: of all decisions.
        twin: number of an open case that says the same of the same place.
    """
    if case.category not in UNIT_OF:  # somebody else's
        return None
    dice = make_dice(seed, case, "step")
    if case.paused:
        return Deed("resume", crew.find_desk(case.number, case.category), {"remark": "条件已具备，恢复办理"})
    habit = _HABITS.get(case.stage)
    return None if habit is None else habit(case, crew, dice, twin)


def _reported(case: Case, crew: Crew, dice: random.Random, twin: str | None) -> Deed:
    desk = crew.find_desk(case.number, case.category)
    if dice.random() < DUPLICATE and twin is not None:
        return Deed("mark_duplicate", desk, {"into": twin, "remark": "同一地点同一问题，并案办理"})
    way = dice.random()
    if way < VOID:
        return Deed("void", desk, {"reason": dice.choice(_VOID)})
    if way < VOID + REFER:
        return Deed("refer_up", desk, {"reason": dice.choice(_REFER)})
    if way < VOID + REFER + RATE and case.version < _LONG:
        return Deed("set_severity", desk, {"severity": dice.choice([level for level in SEVERITIES if level != case.severity])})
    if way < VOID + REFER + RATE + MOVE and case.version < _LONG and case.category not in SENSITIVE:
        right = dice.choice(sorted(UNIT_OF.keys() - SENSITIVE - {case.category}))
        return Deed("move", desk, {"category": right, "reason": "上报类别有误，予以更正"})
    on_main_road = case.category == "env" and dice.random() < MAIN_ROAD
    return Deed("file", desk, {"remark": dice.choice(_FILED), **({"condition": "主干道"} if on_main_road else {})})


def _filed(case: Case, crew: Crew, dice: random.Random, _: str | None) -> Deed:
    desk, way, right = crew.find_desk(case.number, case.category), dice.random(), UNIT_OF[case.category]
    if case.version < _LONG:
        if way < PAUSE_FILED:
            return _pause(desk, dice)
        if way < PAUSE_FILED + SPLIT:
            return Deed("split", desk, {"parts": [{"title": f"{case.title}（{dice.choice(_PARTS)}）"}]})
        if way < PAUSE_FILED + SPLIT + WRONG_UNIT:
            wrong = dice.choice(sorted(set(UNIT_OF.values()) - {right}))
            return Deed("dispatch", desk, {"unit": crew.find_unit(wrong, case.grid)})
    return Deed("dispatch", desk, {"unit": crew.find_unit(right, case.grid)})


def _dispatched(case: Case, crew: Crew, dice: random.Random, _: str | None) -> Deed:
    worker, way = crew.find_worker(case.unit, case.number, case.category), dice.random()
    wrong = kind_of(case.unit) not in (None, UNIT_OF[case.category])
    if wrong or (way < NOT_RESPONSIBLE and case.version < _LONG):
        return Deed("not_responsible", worker, {"reason": dice.choice(_RETURN)})
    if way < NOT_RESPONSIBLE + HAND_OVER and case.version < _LONG:
        return Deed("hand_over", crew.find_desk(case.number, case.category), {"assignee": crew.find_colleague(worker).name})
    return Deed("accept", worker)


def _in_progress(case: Case, crew: Crew, dice: random.Random, _: str | None) -> Deed:
    worker, way = crew.find_worker(case.unit, case.number, case.category), dice.random()
    if case.version < _LONG:
        if way < PAUSE:
            return _pause(crew.find_desk(case.number, case.category), dice)
        if way < PAUSE + REMARK:
            return Deed("remark", worker, {"remark": dice.choice(_NOTES)})
        if way < PAUSE + REMARK + NOT_RESPONSIBLE / 2:
            return Deed("not_responsible", worker, {"reason": dice.choice(_RETURN)})
    return Deed("handle", worker, {"remark": dice.choice(_HANDLED)}, photo=dice.random() < PHOTO_OF_WORK)


def _feedback(case: Case, crew: Crew, dice: random.Random, _: str | None) -> Deed:
    checker = crew.find_grid_worker(case.grid, case.category)
    if dice.random() < BADLY_DONE and case.version < _LONG:
        return Deed("verify_fail", checker, {"reason": dice.choice(_REWORK)}, photo=True)
    return Deed("verify_pass", checker, {"remark": dice.choice(_CHECKED)}, photo=dice.random() < PHOTO_OF_CHECK)


def _closed(case: Case, crew: Crew, dice: random.Random, _: str | None) -> Deed | None:
    called = dice.random() < (CALLED if case.channel in _PEOPLE_CALL else CALLED_OTHERS)
    if case.answered is None and called:
        return Deed("call_back", crew.find_caller(case.category), _answers(case, dice))
    if case.channel in _PEOPLE_CALL and dice.random() < REPLIED and case.version < _LONG:
        return Deed("reply", crew.find_caller(case.category), {"reply": dice.choice(_REPLIES)})
    if dice.random() < EVALUATED:
        return Deed("evaluate", crew.find_desk(case.number, case.category))
    return None


def _answers(case: Case, dice: random.Random) -> dict[str, Any]:
    if dice.random() >= ANSWERS:
        return {"answered": False, "remark": "电话无人接听"}
    solved = case.reopened > 0 or dice.random() < SOLVED
    return {"answered": True, "solved": solved, "satisfied": solved and dice.random() < SATISFIED}


def _pause(desk: Member, dice: random.Random) -> Deed:
    return Deed("pause", desk, {"reason": dice.choice(_PAUSED), "approver": dice.choice(_APPROVERS)}, pause_days=dice.uniform(0.5, 3))


_HABITS: dict[str, Callable[[Case, Crew, random.Random, str | None], Deed | None]] = {
    "reported": _reported,
    "filed": _filed,
    "dispatched": _dispatched,
    "in_progress": _in_progress,
    "feedback": _feedback,
    "closed": _closed,
}
