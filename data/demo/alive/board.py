"""What the crew has before it: every case that it holds, and when each is due. Its size is that of the city's open cases."""

import heapq
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from data.demo.alive.decisions import Case, Deed, decide
from data.demo.alive.people import Crew
from data.demo.alive.timing import Pace, find_due
from data.schema import OPEN_STAGES

STAGES = (*OPEN_STAGES, "closed")
"""Stages in which the crew still does something."""


def read_case(row: Mapping[str, Any], now: float) -> Case:
    """A case as a list or a single answer tells it; ``since`` is now where nobody knows since when it is in its stage."""
    whole = "reworked" in row
    return Case(
        row["number"],
        row["category"],
        row["channel"],
        row["grid"],
        row["title"],
        to_seconds(row["reported_at"]),
        row["stage"],
        row["version"],
        to_seconds(row["stage_at"]) if row["stage_at"] else to_seconds(row["reported_at"]),
        row["severity"],
        row["paused"] if whole else row["state"] == "paused",
        row["unit"],
        row["answered"] if whole else None,
        row["reopened"] if whole else 0,
        sure=whole or row["stage"] != "closed",
    )


def to_seconds(moment: str) -> float:
    """Seconds since 1970 of a moment as the door writes it."""
    return datetime.fromisoformat(moment).timestamp()


class Board:
    """The cases of the crew, by when they are due.

    Args:
        crew: who there is.
        seed: of all decisions.
        pace: how fast the crew's time runs.
    """

    def __init__(self, crew: Crew, seed: int, pace: Pace) -> None:
        self._crew, self._seed, self._pace = crew, seed, pace
        self._held: dict[str, Case] = {}
        self._busy: set[str] = set()
        self._due: list[tuple[float, str, int]] = []
        self._twins: dict[tuple[str, str, str], str] = {}

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, case: Case, now: float, due: float | None = None) -> None:
        """Take a case up as it stands now, or let it go where nothing is left to do.

        Args:
            case: what is known of it.
            now: seconds since 1970.
            due: when it is looked at again; otherwise when its next step is due.
        """
        deed = decide(case, self._crew, self._seed) if case.stage in STAGES else None
        self._busy.discard(case.number)
        if deed is None and case.sure:
            self.drop(case.number)
            return
        before = self._held.get(case.number)
        if before is not None and _place_of(before) != _place_of(case):
            self._forget_twin(before)
        self._held[case.number] = case
        if case.stage in OPEN_STAGES:
            self._twins.setdefault(_place_of(case), case.number)
        else:
            self._forget_twin(case)
        if due is None:
            due = now if deed is None else find_due(case, deed, self._pace, self._seed, now)
        heapq.heappush(self._due, (due, case.number, case.version))

    def drop(self, number: str) -> None:
        """Let a case go."""
        self._busy.discard(number)
        case = self._held.pop(number, None)
        if case is not None:
            self._forget_twin(case)

    def knows(self, number: str, version: int) -> bool:
        """Whether a case is held as new as this, or is being worked on right now."""
        held = self._held.get(number)
        return number in self._busy or (held is not None and held.version >= version)

    def take(self, now: float) -> tuple[Case, Deed | None] | None:
        """A case that is due, with what is to be done; without a deed it has to be read first. It is busy until it is held again."""
        if self.next_due() > now:
            return None
        case = self._held[heapq.heappop(self._due)[1]]
        self._busy.add(case.number)
        return case, self.decide(case) if case.sure else None

    def next_due(self) -> float:
        """When the next case is due, seconds since 1970; infinity where none is held."""
        while self._due and not self._is_waiting(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else math.inf

    def _is_waiting(self, entry: tuple[float, str, int]) -> bool:
        _, number, version = entry
        case = self._held.get(number)
        return case is not None and case.version == version and number not in self._busy

    def decide(self, case: Case) -> Deed | None:
        """The next step of a case."""
        twin = self._twins.get(_place_of(case))
        return decide(case, self._crew, self._seed, twin if twin != case.number else None)

    def _forget_twin(self, case: Case) -> None:
        if self._twins.get(_place_of(case)) == case.number:
            del self._twins[_place_of(case)]


def follow(case: Case, deed: Deed, answer: Mapping[str, Any]) -> Case:
    """The case after a step, as far as the answer tells."""
    said = deed.fields
    changed = replace(case, stage=answer["stage"], version=answer["case_version"], since=to_seconds(answer["at"]), sure=True)
    match deed.step:
        case "pause" | "resume":
            return replace(changed, paused=deed.step == "pause")
        case "set_severity":
            return replace(changed, severity=said["severity"])
        case "dispatch":
            return replace(changed, unit=said["unit"])
        case "move":  # another unit may have it now
            return replace(changed, category=said["category"], sure=False)
        case "not_responsible":
            return replace(changed, unit=None)
        case "call_back":
            return replace(changed, answered=said["answered"], reopened=case.reopened + (said.get("solved") is False))
        case "file" if answer["stage"] == "dispatched":  # by a rule: to which unit, the case itself says
            return replace(changed, sure=False)
    return changed


def _place_of(case: Case) -> tuple[str, str, str]:
    return case.grid, case.category, case.title
