"""Random legal and illegal steps of several people against a real database: nothing is lost, and every sum holds throughout."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, ClassVar

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, ask, ask_report, middle_of, outcomes, person
from databases import FreshDatabase
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from rights_tools import load_people

from data.cases.stages import STEPS
from data.cases.writer import write_city
from data.doctor.examine import CITY_CHECKS
from data.schema import CLOSED_STAGES, OPEN_STAGES, STAGES

pytestmark = pytest.mark.slow

PEOPLE = (DESK, WORKER, CHIEF, person("west", "dispatcher", city.D1), person("leader", "leader"))
OTHERS = ("fresh.register", "place.crowds")
"""The people of this city were put beside its figures, not counted into them; and a crowd is a note."""
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.just(name) for name in ("reason", "approver", "reply", "condition")},
    "remark": st.sampled_from(["done", "again"]),
    "unit": st.sampled_from(["u1", "u2"]),
    "assignee": st.sampled_from(["a", "b"]),
    "severity": st.integers(0, 5),
    "until": st.just("2099-06-01T00:00:00+08:00"),
    "parts": st.lists(st.fixed_dictionaries({"title": st.just("part"), "category": st.sampled_from(["env", "nothing"])}), max_size=2),
    **{name: st.booleans() for name in ("answered", "solved", "satisfied", "reopen")},
}
PLACES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.sampled_from(city.CELLS).map(middle_of).map(lambda at: {"lon": at[0], "lat": at[1]}),
    st.sampled_from((city.C2, city.C5, city.K1, "nowhere")).map(lambda code: {"area": code}),
    st.sampled_from(("env", "order", "utility", "nothing")).map(lambda code: {"category": code, "address": "elsewhere"}),
)
CHECKS = [code for code in CITY_CHECKS if code.startswith(("incident.", "sum.", "fresh.", "place.")) and code not in OTHERS]


class Work(RuleBasedStateMachine):
    """People ask for steps one after the other or at once; the writer carries them out in groups."""

    databases: ClassVar[FreshDatabase]

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        url = self._open.enter_context(self.databases(city.load, load_people))
        self.owner = self._open.enter_context(psycopg.connect(url, autocommit=True))
        self.owner.execute("UPDATE incident SET number = source_key")
        self.asked: list[Any] = []
        self.taken = 0

    def teardown(self) -> None:
        self._open.close()

    @initialize()
    def begin(self) -> None:
        self.numbers = [f"i{n:02}" for n in range(1, 24)]

    @rule(data=st.data(), who=st.sampled_from(PEOPLE), stale=st.booleans())
    def step(self, data: st.DataObject, who: Any, stale: bool) -> None:
        number = data.draw(st.sampled_from(self.numbers[:6] if data.draw(st.booleans()) else self.numbers))
        row = self.owner.execute("SELECT version, stage, district FROM incident WHERE number = %s", [number]).fetchone()
        assert row
        if who.name == "west" and row[2] != city.D1:
            return
        fitting = [name for name, its in STEPS.items() if row[1] in its.stages]
        name = data.draw(st.sampled_from(fitting if data.draw(st.integers(0, 4)) else list(STEPS)))
        wanted = {*STEPS[name].needs, *STEPS[name].needs_one_of, *(f for f in STEPS[name].takes if data.draw(st.booleans()))}
        fields = {field: data.draw(FIELDS[field]) for field in sorted(wanted & FIELDS.keys())}
        if name == "move":
            fields = {"reason": "misplaced", **data.draw(PLACES)}
        if name == "mark_duplicate":
            fields["into"] = data.draw(st.sampled_from(self.numbers))
        self.asked.append(ask(who, number, name, row[0] - (1 if stale else 0), **fields))

    @rule(who=st.sampled_from((WORKER, CHIEF)), cell=st.sampled_from(city.CELLS[:4]))
    def report(self, who: Any, cell: str) -> None:
        self.asked.append(ask_report(who, cell))

    @rule()
    def write(self) -> None:
        write_city(self.owner, city.CITY)
        for outcome in outcomes(self.owner, self.asked):
            assert outcome is not None and (outcome["ok"] or outcome["refusals"])
            self.taken += outcome["ok"]
            if outcome["ok"] and outcome["step"] == "report":
                self.numbers.append(outcome["number"])
            self.numbers += outcome.get("parts", [])
        self.asked.clear()

    @invariant()
    def nothing_is_lost(self) -> None:
        row = self.owner.execute(
            "SELECT count(*) FROM incident_event WHERE account IS NOT NULL AND step NOT IN ('absorb', 'release')"
            " AND NOT (step = 'report' AND details ? 'split_from')"
        ).fetchone()
        assert row == (self.taken,)
        lives = "SELECT as_of IS NULL, worked_since IS NOT NULL FROM city"
        assert self.owner.execute(lives).fetchone() == (self.taken > 0, self.taken > 0)
        states = "SELECT stage, closed_at IS NOT NULL, paused, duplicate_of FROM incident WHERE version > 0"
        for stage, closed, paused, duplicate_of in self.owner.execute(states):
            assert stage in STAGES and closed == (stage in CLOSED_STAGES) and (not paused or stage in OPEN_STAGES)
            assert duplicate_of is None or stage == "duplicate"
        with self.owner.transaction(force_rollback=True):
            assert {code: CITY_CHECKS[code][1](self.owner, city.CITY).offenders for code in CHECKS} == dict.fromkeys(CHECKS, ())


@pytest.fixture
def machine(fresh_database: FreshDatabase) -> Iterator[type[Work]]:
    """The machine, each run of which has a copy of the small city."""
    Work.databases = staticmethod(fresh_database)  # type: ignore[assignment]
    yield Work


def test_whatever_people_ask_for(machine: type[Work]) -> None:
    kept = settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    run_state_machine_as_test(machine, settings=kept)
