"""What the crew of the demo city decides: legal by the table of steps, the same for the same seed, and as many closings as reports."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from data.cases import life
from data.cases.fields import check_fields
from data.cases.stages import REPORT, STEPS
from data.cases.states import Actor, CaseState, Order
from data.demo.alive.board import Board, follow, read_case
from data.demo.alive.decisions import Case, Deed, decide
from data.demo.alive.people import UNIT_OF, Member, make_crew
from data.demo.alive.rhythm import Place, Report, Rhythm, make_shares
from data.demo.alive.timing import DAY_S, Pace, find_due, wait_for
from data.demo.alive.work import fill_in
from data.demo.common.catalogue import CATEGORIES
from data.demo.common.names import Name
from data.demo.common.offices import BY_HAND, kind_of, make_units
from data.schema import OPEN_STAGES, STAGES

CREW = make_crew("990100", ["990102", "990103"])
NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)  # a Monday, 10:00 in the demo city
CATEGORY = st.sampled_from(sorted(UNIT_OF))


def actor(member: Member) -> Actor:
    return Actor(member.name, member.role, member.detail)


def case_of(number: str, state: CaseState, at: float, **more: Any) -> Case:
    kept = {"category": "env", "channel": "hotline", "grid": "990102001", "title": "长街附近暴露垃圾", "reported_at": at, **more}
    names = ("stage", "version", "severity", "paused", "unit", "answered", "reopened")
    return Case(number, since=at, **kept, **{name: getattr(state, name) for name in names})


@st.composite
def states(draw: st.DrawFn) -> CaseState:
    stage = draw(st.sampled_from(STAGES))
    paused = stage in OPEN_STAGES and draw(st.booleans())
    return CaseState(
        stage,
        severity=draw(st.integers(1, 4)),
        version=draw(st.integers(0, 60)),
        unit=draw(st.sampled_from([None, "published elsewhere", *UNIT_OF.values()])),
        stage_at=NOW,
        paused=paused,
        paused_at=NOW if paused else None,
        answered=draw(st.sampled_from([None, True, False])),
        reopened=draw(st.integers(0, 3)),
    )


@limits(max_examples=600, deadline=None)
@given(states(), CATEGORY, st.integers(0, 10**6), st.booleans())
def test_every_decision_is_legal_and_follows_from_the_seed(state: CaseState, category: str, n: int, twin: bool) -> None:
    case = case_of(f"N{n}", state, NOW.timestamp(), category=category)
    deed = decide(case, CREW, 7, "N-twin" if twin else None)
    assert deed == decide(case, CREW, 7, "N-twin" if twin else None)
    if deed is None:
        assert state.stage not in OPEN_STAGES
        return
    order = Order(deed.step, fill_in(deed, Pace(60), NOW), state.version)
    assert life.check(state, order, actor(deed.who), NOW) == []
    if deed.photo:
        assert "attachments" in STEPS[deed.step].fields
    assert deed.who.detail == "people" or category != "care", "nobody else sees these cases"


@limits(max_examples=200, deadline=None)
@given(states(), CATEGORY, st.integers(0, 10**6), st.sampled_from([1.0, 60.0, 20_000.0]))
def test_waits_are_divided_by_the_speed_and_nothing_is_due_before_now(state: CaseState, category: str, n: int, speed: float) -> None:
    case = case_of(f"N{n}", state, NOW.timestamp(), category=category)
    deed = decide(case, CREW, 7)
    if deed is None:
        return
    due = find_due(case, deed, Pace(speed), 7, NOW.timestamp())
    wait_s = wait_for(case, 7) / speed
    assert NOW.timestamp() + wait_s - 1e-3 <= due <= NOW.timestamp() + wait_s + DAY_S / speed
    old = replace(case, since=NOW.timestamp() - 1_000 * DAY_S)
    assert NOW.timestamp() <= find_due(old, deed, Pace(speed), 7, NOW.timestamp())


def test_nobody_works_outside_at_night_but_for_emergencies() -> None:
    pace, hours = Pace(60), Counter[str]()
    for n in range(400):
        case = case_of(f"N{n}", CaseState("in_progress", version=5), NOW.timestamp() + n * 97, category="env" if n % 2 else "emergency")
        hour = pace.weekday_hour(find_due(case, Deed("handle", CREW.at("worker")), pace, 7, case.since))[1]
        if not 7.5 <= hour <= 20:
            hours[case.category] += 1
    assert hours["env"] == 0 and hours["emergency"] > 20


def test_the_clock_of_the_crew() -> None:
    assert Pace(1).weekday_hour(NOW.timestamp()) == (0, 10.0)
    assert Pace(1).weekday_hour(NOW.timestamp() - 10 * 3600 - 1)[0] == 6
    assert Pace(60).crew_s(NOW.timestamp() + 60) - Pace(60).crew_s(NOW.timestamp()) == pytest.approx(3600)


# ---- Reports ----

_DISTRICTS = {"990102": 118.4, "990103": 118.5}
PLACES = {c.code: [Place(lon, 30.9, code, f"{n}号") for n in range(150) for code, lon in _DISTRICTS.items()] for c in CATEGORIES}


def make_rhythm(per_day: float, speed: float = 1.0, seed: int = 7) -> Rhythm:
    return Rhythm(seed, Pace(speed), per_day, PLACES, CREW)


def test_what_is_reported_follows_the_rhythms_of_the_demo() -> None:
    rhythm = make_rhythm(2_000)
    first = rhythm.slot_of(NOW.timestamp()) // 144 * 144 - 48  # Monday, midnight in the demo city
    made = [report for slot in range(first, first + 7 * 144) for report in rhythm.make(slot)]
    firsts = [report for report in made if not report.key.endswith(":again")]
    assert len(firsts) == pytest.approx(14_000, rel=0.05)
    assert 0.02 < 1 - len(firsts) / len(made) < 0.06
    share = Counter(report.body["category"] for report in firsts)
    for category in CATEGORIES:
        assert share[category.code] / len(firsts) == pytest.approx(category.share / sum(c.share for c in CATEGORIES), abs=0.015)
    days = Counter(Pace().weekday_hour(report.at)[0] for report in firsts)
    hours = Counter(int(Pace().weekday_hour(report.at)[1]) for report in firsts)
    assert days[0] > days[6] and hours[10] > 5 * hours[3] > 0


@limits(max_examples=60, deadline=None)
@given(st.integers(10**5, 10**9), st.sampled_from([1.0, 60.0]))
def test_a_slot_gives_the_same_reports_again_and_the_door_would_take_them(slot: int, speed: float) -> None:
    made = make_rhythm(5_000, speed).make(slot)
    assert made == make_rhythm(5_000, speed).make(slot)
    assert len({report.key for report in made}) == len(made)
    for report in made:
        assert check_fields(REPORT, report.body, NOW) == []
        assert actor(report.who).may(REPORT.ability)
        assert report.who.post != "grid" or report.body["lon"] == _DISTRICTS[report.who.scope]


def test_every_hour_of_the_week_adds_up_to_a_week() -> None:
    shares = make_shares(frozenset(UNIT_OF))
    assert shares.shape[0] == 168 and shares.sum(axis=1).mean() == pytest.approx(1)
    assert make_shares(frozenset({"env"})).sum(axis=1).mean() == pytest.approx(1)


# ---- A week ----


class Week:
    """The crew in a city without a database: states by ``data.cases.life``, the clock by hand."""

    def __init__(self, per_day: float) -> None:
        self.board, self.rhythm, self.pace = Board(CREW, 7, Pace()), make_rhythm(per_day), Pace()
        self.states: dict[str, CaseState] = {}
        self.cases: dict[str, Case] = {}
        self.arrived, self.ended = Counter[int](), Counter[int]()
        self.steps = Counter[str]()

    def run(self, first: float, days: int) -> None:
        for tick in range(days * 144):
            now = first + (tick + 1) * 600
            day = tick // 144
            for report in self.rhythm.make(self.rhythm.slot_of(first) + tick):
                self.report(report, day)
            while (found := self.board.take(now)) is not None:
                case, deed = found
                if deed is None:
                    case = self.read(case.number)
                    deed = self.board.decide(case)
                if deed is None:
                    self.board.hold(case, now)
                else:
                    self.act(case, deed, now, day)

    def report(self, report: Report, day: int) -> None:
        number = f"N{len(self.states) + 1}"
        state, event = life.report(Order("report", report.body), actor(report.who), datetime.fromtimestamp(report.at, UTC))
        said = report.body
        more = {"category": said["category"], "channel": said["channel"], "title": said["title"]}
        self.states[number], self.arrived[day] = state, self.arrived[day] + 1
        self.cases[number] = case_of(number, state, event.at.timestamp(), **more)
        self.board.hold(self.cases[number], event.at.timestamp())

    def read(self, number: str) -> Case:
        state, case = self.states[number], self.cases[number]
        row = {"number": number, "category": case.category, "channel": case.channel, "grid": case.grid, "title": case.title, "reworked": 0}
        row |= {name: getattr(state, name) for name in ("stage", "version", "severity", "paused", "unit", "answered", "reopened")}
        moments = {"stage_at": state.stage_at, "reported_at": datetime.fromtimestamp(case.reported_at, UTC)}
        return read_case(row | {name: moment and moment.isoformat() for name, moment in moments.items()}, 0.0)

    def act(self, case: Case, deed: Deed, now: float, day: int) -> None:
        at = datetime.fromtimestamp(now, UTC)
        before = self.states[case.number]
        state, event = life.apply(before, Order(deed.step, fill_in(deed, self.pace, at), case.version), actor(deed.who), at)
        if deed.step == "file" and case.category not in BY_HAND:
            rule = Actor("@rules", "dispatcher", "cases")
            state, _ = life.apply(state, Order("dispatch", {"unit": UNIT_OF[case.category]}, state.version), rule, at)
        self.states[case.number] = state
        if deed.step == "move":
            self.cases[case.number] = replace(self.cases[case.number], category=deed.fields["category"])
        self.steps[deed.step] += 1
        was, now_open = before.stage in OPEN_STAGES, state.stage in OPEN_STAGES
        self.ended[day] += was - now_open
        after = follow(case, deed, {"stage": state.stage, "case_version": state.version, "at": event.at.isoformat()})
        if after.sure:
            assert deed.step != "move"
            truth = replace(self.read(case.number), since=after.since)
            assert after == truth, deed
        self.board.hold(after, now)

    @property
    def open(self) -> int:
        return sum(state.stage in OPEN_STAGES for state in self.states.values())


def test_over_a_week_as_many_are_closed_as_reported_and_everything_happens() -> None:
    week = Week(per_day=60)
    first = week.rhythm.starts(week.rhythm.slot_of(NOW.timestamp()))
    week.run(first, 14)
    before, already = week.open, len(week.states)
    assert 60 * 1.5 < before < 60 * 6, "what a day brings lies for some days"
    week.arrived.clear()
    week.ended.clear()
    week.run(first + 14 * DAY_S, 7)
    arrived, ended = sum(week.arrived.values()), sum(week.ended.values())
    assert arrived == len(week.states) - already
    assert ended == pytest.approx(arrived, rel=0.15)
    assert week.open - before == arrived - ended
    usual = {
        "file",
        "dispatch",
        "accept",
        "handle",
        "verify_pass",
        "verify_fail",
        "call_back",
        "evaluate",
        "mark_duplicate",
        "pause",
        "resume",
    }
    assert usual <= set(week.steps)
    assert {"not_responsible", "hand_over", "void", "refer_up", "remark", "set_severity", "move", "reply"} <= set(week.steps)
    assert any(state.reopened for state in week.states.values()) and any(state.reworked for state in week.states.values())
    assert len(week.board) <= week.open + sum(state.stage == "closed" for state in week.states.values())


def test_of_two_that_say_the_same_the_second_is_merged_into_the_first_as_long_as_that_is_open() -> None:
    board, now = Board(CREW, 7, Pace()), NOW.timestamp()
    first, second = (case_of(number, CaseState("reported", version=1), now) for number in ("N1", "N3"))
    for case in (first, second, first):
        board.hold(case, now)
    assert (board.decide(second) or Deed("", CREW.at("desk"))).fields.get("into") == "N1"
    assert (board.decide(first) or Deed("", CREW.at("desk"))).step != "mark_duplicate"
    board.hold(replace(first, category="order"), now)
    assert (board.decide(second) or Deed("", CREW.at("desk"))).step == "file"
    board.hold(first, now)
    board.drop("N1")
    assert (board.decide(second) or Deed("", CREW.at("desk"))).step == "file"


def test_a_case_is_given_out_once_until_it_is_held_again_and_not_in_an_older_version() -> None:
    board, now = Board(CREW, 7, Pace()), NOW.timestamp()
    case = case_of("N1", CaseState("reported", version=1), now)
    for _ in range(3):
        board.hold(case, now)
    assert board.take(now) is None and board.next_due() > now
    late = now + 100 * DAY_S
    assert board.take(late) is not None and board.take(late) is None and board.knows("N1", 99)
    board.hold(replace(case, stage="filed", version=2, since=now), now)
    assert board.knows("N1", 1) and board.knows("N1", 2) and not board.knows("N1", 3)
    found = board.take(late)
    assert found is not None and found[0].version == 2
    board.hold(replace(case, stage="void", version=3), now)
    assert len(board) == 0 and board.next_due() == float("inf")


def test_a_case_stays_with_its_people_and_sensitive_ones_with_who_may_see_them() -> None:
    dice = random.Random(1)
    for _ in range(200):
        number, category = f"N{dice.random()}", dice.choice(sorted(UNIT_OF))
        worker = CREW.find_worker(None, number, category)
        assert worker == CREW.find_worker(None, number, category) and worker.unit == UNIT_OF[category]
        assert CREW.find_colleague(worker).unit == worker.unit and CREW.find_colleague(worker) != worker
        assert CREW.find_worker("no unit of ours", number, category) == worker
    assert CREW.find_grid_worker("990103007", "env").scope == "990103"
    assert CREW.find_grid_worker("990109007", "env").post == CREW.find_grid_worker("990103007", "care").post == "chief"


def test_each_district_has_units_of_its_own() -> None:
    units = make_units([("990102", Name("钟楼区", "Zhonglou District")), ("990103", Name("望江区", "Wangjiang District"))])
    assert units == make_units([("990102", Name("钟楼区", "Zhonglou District")), ("990103", Name("望江区", "Wangjiang District"))])
    assert (units[0].code, units[0].name, units[0].name_en) == ("990102-sanitation", "钟楼区环卫所", "Zhonglou District Sanitation")
    assert len({unit.phone for unit in units}) == len(units) == 16 and all(unit.head and unit.head_en and unit.department for unit in units)
    crew = make_crew("990100", ["990102", "990103"], [unit.code for unit in units])
    assert crew.find_unit("care", "990103001001001") == "990103-care"
    assert CREW.find_unit("care", "990103001001001") == "care", "a city of an older version"
    assert kind_of("990103-care") == "care" and kind_of("北塘环卫") is None and kind_of(None) is None
    assert {member.unit for member in crew.list_unit_members()} == {unit.code for unit in units}
