"""Answers to steps, made without a database."""

from dataclasses import replace

import pytest

from data.cases.states import CaseState
from data.core.viewer import everything
from routes.api.case_answers import make_step_answer


@pytest.mark.parametrize("step", ["remind", "remark", "accept", "dispatch"])
@pytest.mark.parametrize(
    ("role", "offered", "never"), [("supervisor", {"handle", "hand_over"}, {"undo", "remind"}), ("auditor", set(), {"undo", "remind"})]
)
def test_a_step_that_depends_on_those_before_is_told_with_the_case_alone(step: str, role: str, offered: set[str], never: set[str]) -> None:
    """Also where a kept outcome is told once more to somebody who may do less by now."""
    state = CaseState("in_progress", version=4, unit="u1").to_json()
    outcome = {"number": "GW1", "version": 4, "stage": "in_progress", "step": step, "seq": 4, "at": "2026-11-02T12:00:00Z", "state": state}
    told = make_step_answer({**outcome, "again": True}, replace(everything("en"), role=role))
    names = {one["step"] for one in told["steps"]}
    assert offered <= names and not names & never
    assert (told["step"], told["again"]) == (step, True)
