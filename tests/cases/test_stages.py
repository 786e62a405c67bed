"""The table of steps is whole: every stage and step is known, named, reachable and can be left or is an end."""

import pytest

from data.cases import stages
from data.cases.life import check_standing
from data.cases.stages import EVENT_STEPS, REPORT, STEP_TITLES, STEPS
from data.cases.states import Actor, CaseState
from data.core.roles import ROLES, may
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS, STAGES

_DESK = {"void", "mark_duplicate", "set_severity", "move"}
ALLOWED = {
    "reported": {*_DESK, "file", "refer_up", "split"},
    "filed": {*_DESK, "dispatch", "refer_up", "split", "pause"},
    "dispatched": {*_DESK, "remind", "accept", "not_responsible", "hand_over", "refer_up", "split", "pause"},
    "in_progress": {*_DESK, "remind", "handle", "not_responsible", "hand_over", "refer_up", "split", "pause"},
    "feedback": {*_DESK, "verify_pass", "verify_fail"},
    "closed": {"evaluate", "call_back", "reopen"},
    "evaluated": {"call_back", "reopen"},
    **{end: {"reopen"} for end in OTHER_ENDS},
}
"""Written by hand, beside the table: what a supervisor may do at each stage, apart from what is always possible."""
ALWAYS = {"remark", "reply", "blur", "undo"}
PAUSED = {"resume", "void", "mark_duplicate", "refer_up", "set_severity", "hand_over", "move"}
CHIEF = Actor("chief", "supervisor", "people")


@pytest.mark.parametrize("stage", STAGES)
def test_moves_from_each_stage(stage: str) -> None:
    able = {name for name, step in STEPS.items() if not check_standing(CaseState(stage), step, CHIEF)}
    assert able == ALLOWED[stage] | ALWAYS


@pytest.mark.parametrize("stage", OPEN_STAGES)
def test_a_paused_case_waits(stage: str) -> None:
    able = {name for name, step in STEPS.items() if not check_standing(CaseState(stage, paused=True), step, CHIEF)}
    assert able == (ALLOWED[stage] | {"resume"}) & PAUSED | ALWAYS


def test_every_step_has_a_name_and_a_right() -> None:
    assert set(STEP_TITLES) == set(EVENT_STEPS)
    assert all(any(may(role, its.highest, step.ability) for role, its in ROLES.items()) for step in (*STEPS.values(), REPORT))
    assert all(step.to is None or step.to in STAGES for step in STEPS.values())
    assert {step.to for step in STEPS.values()} >= {*STAGES} - {"reported", "not_responsible"}, "the last is an end in published data alone"
    assert set(CLOSED_STAGES) | set(OTHER_ENDS) == stages._ENDED


READERS = ("wall", "auditor", "administrator", "steward")


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_may_take_no_step(role: str) -> None:
    for detail in ("cases", "people"):
        assert not [name for name, step in STEPS.items() if Actor("x", role, detail).may(step.ability)]  # type: ignore[arg-type]


def test_a_leader_remarks_and_reminds_and_nothing_else() -> None:
    able = {name for name, step in STEPS.items() if Actor("x", "leader", "cases").may(step.ability)}
    assert able == {"remark", "remind", "undo"}
