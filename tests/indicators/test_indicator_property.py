"""Indicators of random lives, beside pandas: counted anew from the events alone, by another way."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import psycopg
import pytest
import small_city as city
from case_tools import person
from databases import FreshDatabase
from lives import Life, load_city, moment, write_lives

from data.cases import life
from data.cases.states import Actor, CaseState, Event, Order
from data.core.period import Period
from data.indicators.definitions import INDICATORS
from data.indicators.questions import IndicatorQuestion
from data.indicators.reports import fetch_indicators
from data.schema import CHANNELS, CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS, PROACTIVE_CHANNELS, STAGES

pytestmark = pytest.mark.slow

CASES = 250
NOW = moment("10-31 20:00")
SPANS = [(date(2026, 10, 8), date(2026, 10, 17)), (date(2026, 10, 18), date(2026, 10, 31))]
_BOSS = Actor("boss", "supervisor", "people")
_UNITS = {"U1": ("wang", "li"), "U2": ("zhao",), "U3": ("qian",)}
_FORWARD = ("file", "dispatch", "accept", "handle", "verify_pass", "verify_fail", "resume", "call_back")
_OTHERS = ("not_responsible", "void", "mark_duplicate", "refer_up", "pause", "hand_over", "evaluate", "remark", "reply", "reopen", "undo")
_AT_DAY = ("00:00:00", "23:59:59", "08:30:00", "12:00:01")


# ---- Lives ----


def make_lives(seed: int) -> list[Life]:
    """Random lives by the product's rules, many of whose moments are the first or last second of a day."""
    rng = random.Random(seed)
    return [_make_life(rng, f"r{n:03}") for n in range(CASES)]


def _make_life(rng: random.Random, key: str) -> Life:
    reported = moment(f"10-{rng.randint(5, 31):02} {rng.choice(_AT_DAY)}")
    if reported > NOW:
        reported -= timedelta(days=1)
    due = reported + timedelta(hours=rng.choice([4, 24, 48, 24 * 14])) if rng.random() < 0.9 else None
    origin = rng.choice(["here", "here", "imported", "imported days"])
    row = {
        "key": key,
        "cell": rng.choice(["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"]),
        "category": rng.choice(["env", "order", "utility"]),
        "source": rng.choice(CHANNELS),
        "origin": origin,
        "reported": f"{reported:%m-%d %H:%M:%S}",
        "due": f"{due:%m-%d %H:%M:%S}" if due else "",
        "waits_until": rng.choice(["", "10-31 20:00:00", "10-31 20:00:01", "10-20 08:00:00"]),
    }
    if origin == "here":
        state, first = life.report(Order("report", {}), _BOSS, reported)
        made = Life(row, state, [first])
    else:
        made = Life(row, _published(rng, reported), [])
    at = reported
    for _ in range(rng.choice([0, 4, 8, 16, 24])):
        at += timedelta(seconds=rng.choice([20, 50, 600, 3600, 36_000]))
        if at > NOW or not _step(rng, made, at):
            break
    return made


def _published(rng: random.Random, reported: datetime) -> CaseState:
    stage = rng.choice(STAGES)
    closed = reported + timedelta(hours=rng.choice([-1, 0, 5, 60])) if stage in CLOSED_STAGES else None
    return CaseState(stage, paused=stage in OPEN_STAGES and rng.random() < 0.1, closed_at=closed)


def _step(rng: random.Random, made: Life, at: datetime) -> bool:
    steps = [one.name for one in life.list_next_steps(made.state, _BOSS, at, made.events) if one.name in (*_FORWARD, *_OTHERS)]
    forward = [name for name in steps if name in _FORWARD]
    name = rng.choice(forward if forward and rng.random() < 0.8 else steps)
    fields: dict[str, Any] = dict.fromkeys(life.STEPS[name].needs, "said")
    if name in ("dispatch", "hand_over"):
        fields["unit"] = rng.choice(list(_UNITS))
        fields["assignee"] = rng.choice(_UNITS[fields["unit"]])
    elif name == "pause":
        fields["until"] = (at + timedelta(days=40)).isoformat()
    elif name == "call_back":
        fields["answered"] = rng.random() < 0.8
        if fields["answered"]:
            fields |= {what: rng.choice([True, True, True, False, None]) for what in ("solved", "satisfied")}
    order = Order(name, fields, made.state.version if life.STEPS[name].newest else None)
    made.state, event = life.apply(made.state, order, _BOSS, at, made.events, last_seq=0)
    made.events.append(event)
    return True


# ---- Counted anew ----


def recount(one: Life) -> dict[str, Any]:
    """What the events of a case say; of the state only what was published, and whether it is paused."""
    undone = {event.details["undone"] for event in one.events if event.step == "undo"}
    steps = [event for event in one.events if event.step != "undo" and event.seq not in undone]
    here, base = one.row["origin"] == "here", _base(one)
    stages = [base.get("stage", "reported"), *(event.stage for event in steps)]
    entered = [stage for before, stage in pairwise(stages) if stage != before]
    calls = [event for event in steps if event.step == "call_back"]
    said = calls[-1].details if calls else {}
    by_name = [event.step for event in steps]
    filed = "file" in by_name or (here and "filed" in stages)
    reported = moment(one.row["reported"])
    closed = _closing(base, stages, steps)
    days = one.row["origin"].endswith("days")
    return {
        **{name: one.row[name] for name in ("key", "category", "source")},
        **{level: one.cell[:digits] for level, digits in (("district", 6), ("street", 9))},
        "unit": one.state.unit,
        "person": one.state.assignee,
        "stage": stages[-1],
        "paused": one.state.paused,
        "reported": reported,
        "due": moment(one.row["due"]) if one.row["due"] else None,
        "closed": closed,
        "filed": filed,
        "never_filed": here and not filed,
        "dispatched": "dispatched" in entered,
        "returned": "not_responsible" in by_name,
        "failed": "verify_fail" in by_name,
        "waits": one.row["waits_until"] == "" or moment(one.row["waits_until"]) <= NOW,
        "asked": bool(calls),
        **{name: said.get(name) for name in ("answered", "solved", "satisfied")},
        "worked": bool(one.events),
        "here": here,
        "timed": closed is not None and closed >= reported and not days,
    }


def _base(one: Life) -> dict[str, Any]:
    if one.row["origin"] == "here":
        return {}
    if one.events:
        told = dict(one.events[0].details["base"])
        return {"stage": told["stage"], "closed_at": datetime.fromisoformat(told["closed_at"]) if told.get("closed_at") else None}
    return {"stage": one.state.stage, "closed_at": one.state.closed_at}


def _closing(base: dict[str, Any], stages: list[str], steps: list[Event]) -> datetime | None:
    closed = base.get("closed_at")
    for before, stage, event in zip(stages, stages[1:], steps, strict=False):
        if stage in CLOSED_STAGES and before not in CLOSED_STAGES:
            closed = event.at
        elif stage not in CLOSED_STAGES:
            closed = None
    return closed  # type: ignore[no-any-return]


def expect(cases: pd.DataFrame, first: date, last: date) -> dict[str, tuple[pd.Series, pd.Series, pd.Series]]:
    """For each share: which cases are in its denominator, its numerator, and left out."""

    def moments(column: str) -> Any:
        return pd.to_datetime(cases[column], utc=True)

    def within(column: str, until: date = last) -> Any:
        days = moments(column).dt.tz_convert("Asia/Shanghai").dt.date
        return cases[column].notna() & days.between(first, until)

    never = pd.Series(data=False, index=cases.index)
    came, ended = (
        within("reported"),
        within("closed") & (pd.to_datetime(cases.reported, utc=True) < pd.Timestamp(last, tz="Asia/Shanghai") + pd.Timedelta(days=1)),
    )
    due = within("due", min(last, NOW.date())) & ~cases.stage.isin(OTHER_ENDS) & ~cases.paused
    closed = cases.stage.isin(CLOSED_STAGES)
    judged = came & (cases.stage != "reported")
    filed, unsure = came & cases.filed, judged & ~cases.filed & ~cases.here
    waits = (cases.stage == "filed") & ~cases.paused & cases.waits
    to_send = filed & (cases.dispatched | waits)
    calls = came & closed & ~cases.worked & ~cases.here

    def told(name: str) -> Any:
        return came & cases.asked & cases[name].notna()

    return {
        "closing_rate": (due, due & closed, never),
        "on_time_closing_rate": (
            due,
            due & closed & (moments("closed") <= moments("due")),
            never,
        ),
        "valid_report_rate": (judged, judged & ~cases.stage.isin(["void", "duplicate", "not_responsible"]), came & ~judged),
        "duplicate_rate": (judged, judged & (cases.stage == "duplicate"), came & ~judged),
        "accurate_filing_rate": (filed, filed & (cases.stage != "void"), unsure),
        "accurate_dispatch_rate": (to_send, to_send & cases.dispatched & ~cases.returned, unsure),
        "rework_rate": (ended & cases.dispatched, ended & cases.dispatched & cases.failed, ended & ~cases.dispatched),
        "proactive_share": (came, came & cases.source.isin(PROACTIVE_CHANNELS), never),
        "answer_rate": (told("answered"), told("answered") & (cases.answered == True), calls),  # noqa: E712 - None is neither
        "solved_rate": (told("solved"), told("solved") & (cases.solved == True), calls),  # noqa: E712
        "satisfaction_rate": (told("satisfied"), told("satisfied") & (cases.satisfied == True), calls),  # noqa: E712
        "handling_median": (ended & cases.timed, never, ended & ~cases.timed),
    }


# ---- Both ----


@pytest.fixture(scope="module", params=[1, 2])
def lives(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> Iterator[list[Life]]:
    made = make_lives(request.param)
    with fresh_database(load_city) as url:
        with psycopg.connect(url) as connection:
            write_lives(connection, made)
        yield made


@pytest.mark.parametrize("by", ["none", "street", "unit", "person", "source", "category"])
@pytest.mark.parametrize("span", SPANS, ids=["first", "second"])
async def test_both_ways_count_the_same(lives: list[Life], span: tuple[date, date], by: str) -> None:
    cases = pd.DataFrame([recount(one) for one in lives])
    cases["none"] = None
    told = await fetch_indicators(IndicatorQuestion(city.CITY, by, Period(*span)), person("chief", "supervisor"))
    found = {(group["code"], value["indicator"]): value for group in told["groups"] for value in group["values"]}
    group = cases[by].astype(object).where(cases[by].notna(), None)
    for code, masks in expect(cases, *span).items():
        for name, mask in zip(("denominator", "numerator", "left_out"), masks, strict=True):
            if (name == "left_out" and INDICATORS[code].unknown is None) or (name == "numerator" and code.startswith("handling")):
                continue
            counted = group[mask].value_counts(dropna=False)
            right = {None if pd.isna(key) else key: int(n) for key, n in counted.items()}
            assert {key: value[name] for (key, of), value in found.items() if of == code and value[name]} == right, (code, name)  # type: ignore[literal-required]
        if code == "handling_median":
            hours = (pd.to_datetime(cases.closed, utc=True) - pd.to_datetime(cases.reported, utc=True)).dt.total_seconds() / 3600
            medians = hours[masks[0]].groupby(group[masks[0]].fillna("-")).median()
            for key, median in medians.items():
                assert found[None if key == "-" else key, code]["value"] == pytest.approx(median)


@pytest.mark.parametrize("span", SPANS, ids=["first", "second"])
async def test_hours_in_stages_are_those_between_steps(lives: list[Life], span: tuple[date, date]) -> None:
    cases = pd.DataFrame([recount(one) for one in lives]).set_index("key")
    ended = expect(cases, *span)["rework_rate"]
    closed = set(cases.index[ended[0] | ended[2]])
    rows = [(one.row["key"], event.seq, event.at, event.stage) for one in lives for event in one.events]
    events = pd.DataFrame(rows, columns=["key", "seq", "at", "stage"])
    events["at"] = pd.to_datetime(events["at"], utc=True)
    events["lasted"] = -events.sort_values("seq").groupby("key")["at"].diff(-1)
    kept = events[events.key.isin(closed) & events.lasted.notna() & events.stage.isin(OPEN_STAGES)]
    hours = kept.groupby(["stage", "key"])["lasted"].sum().dt.total_seconds() / 3600
    named = tuple(f"stage_{stage}" for stage in OPEN_STAGES)
    told = await fetch_indicators(IndicatorQuestion(city.CITY, period=Period(*span), indicators=named), person("chief", "supervisor"))
    found = {value["indicator"]: value for value in told["groups"][0]["values"]}
    assert not hours.empty
    for stage in OPEN_STAGES:
        of_stage = hours[hours.index.get_level_values("stage") == stage]
        assert (found[f"stage_{stage}"]["denominator"] or 0) == len(of_stage)
        if len(of_stage):
            assert found[f"stage_{stage}"]["value"] == pytest.approx(of_stage.median())


def test_the_lives_hold_whatever_is_counted() -> None:
    cases = pd.DataFrame([recount(one) for seed in (1, 2) for one in make_lives(seed)])
    for first, last in SPANS:
        for code, masks in expect(cases, first, last).items():
            assert masks[0].any(), code
            if code not in ("handling_median",):
                assert masks[1].any() and (masks[0] & ~masks[1]).any(), code
