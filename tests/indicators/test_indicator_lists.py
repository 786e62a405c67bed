"""Which areas got worse, who must act, grades, and who is told of whom; over the lives that were counted by hand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
import small_city as city
from case_tools import person
from databases import FreshDatabase
from lives import load_city, read_lives, write_lives
from rights_tools import viewer_of

from data import rollup
from data.core.errors import BadPeriod, UnknownName
from data.core.period import Period
from data.core.roles import ROLES
from data.core.settings import settings
from data.core.viewer import Viewer
from data.figures.scope import FiguresOnly, OutOfScope
from data.indicators import lists
from data.indicators.composite import BadComposites
from data.indicators.definitions import INDICATORS
from data.indicators.lists import WorseQuestion, compare_rates, fetch_worse
from data.indicators.questions import IndicatorQuestion, NotAboutOthers
from data.indicators.reports import fetch_indicators
from data.indicators.types import IndicatorValue
from data.indicators.waiting import fetch_waiting
from data.queries.case_filters import NO_FILTERS, CaseFilters

SECOND = Period(date(2026, 10, 21), date(2026, 10, 30))
CHIEF = person("chief", "supervisor")
NAMED = {"code": "1", "name": "一", "name_en": "One"}


def fill(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    load_city(connection)
    write_lives(connection, read_lives(Path(__file__).parent / "lives.csv"))


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(fill) as url:
        yield url


# ---- Which areas got worse ----


@pytest.mark.parametrize(
    ("counts", "of", "verdict", "ratio"),
    [
        ((5, 4), (10, 10), "too_few", None),
        ((5, 5), (10, 10), "unclear", 1),
        ((10, 0), (10, 10), "worse", None),
        ((0, 10), (10, 10), "better", 0),
        ((20, 10), (10, 10), "unclear", 2),
        ((30, 10), (10, 10), "worse", 3),
        ((30, 10), (30, 10), "unclear", 1),
        ((10, 30), (10, 10), "better", 1 / 3),
        ((20, 5), (20, 0), "too_few", None),
    ],
)
def test_a_verdict_needs_the_whole_interval(counts: tuple[int, int], of: tuple[int, int], verdict: str, ratio: float | None) -> None:
    told = compare_rates(NAMED, counts, of)
    assert (told["verdict"], told["ratio"]) == (verdict, pytest.approx(ratio) if ratio is not None else None)
    if verdict == "too_few":
        assert (told["low"], told["high"]) == (None, None)
    elif counts[1]:
        assert told["low"] is not None and told["high"] is not None and told["low"] <= (ratio or 0) <= told["high"]
        assert verdict == ("worse" if told["low"] > 1 else "better" if told["high"] < 1 else "unclear")
    else:
        assert told["high"] is None and told["low"] is not None and told["low"] > 1


async def test_streets_are_compared_by_their_counts() -> None:
    """Reported 21 to 30 October, and 11 to 20: street 1 has b01-b04 (before: a01 a03-a07 c01 c02 c08 c09), and so on by the cells."""
    told = await fetch_worse(WorseQuestion(city.CITY, "street", period=SECOND), CHIEF)
    assert (told["period"], told["against"]) == (
        {"from": "2026-10-21", "to": "2026-10-30"},
        {"from": "2026-10-11", "to": "2026-10-20"},
    )
    found = {area["code"]: (area["now"], area["before"], area["of_now"], area["verdict"]) for area in told["areas"]}
    assert found == {city.S1: (4, 10, 10, "unclear"), city.S2: (5, 9, 10, "unclear"), city.S3: (4, 15, 10, "better")}
    assert [area["verdict"] for area in told["areas"]] == ["unclear", "unclear", "better"]


async def test_late_cases_are_compared_by_the_cases_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not closed by the deadline, of due: second period a03 b02 b04 of a03 b01-b04 in street 1; first period none of a01 a02 c01 c02."""
    monkeypatch.setattr(lists, "FEWEST_BOTH", 3)
    told = await fetch_worse(WorseQuestion(city.CITY, "street", "late", period=SECOND), CHIEF)
    dock = next(area for area in told["areas"] if area["code"] == city.S1)
    assert (dock["now"], dock["of_now"], dock["before"], dock["of_before"]) == (3, 5, 0, 4)


async def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BadPeriod):
        await fetch_worse(WorseQuestion(city.CITY, period=Period(date(2026, 10, 31), date(2026, 10, 31))), CHIEF)
    for wrong in (WorseQuestion(measure="x"), WorseQuestion(against="x"), WorseQuestion(level="x"), WorseQuestion(city.ZONE, "grid")):
        with pytest.raises(UnknownName):
            await fetch_worse(wrong, CHIEF)


# ---- Who must act ----


async def test_the_oldest_first_by_unit_and_person() -> None:
    """Overdue on 31 October, 20:00: without a unit c07 a24 b04 b12 a15 c13, of U2 a19, of U3 b10; a16 and c11 are paused."""
    told = await fetch_waiting(None, NO_FILTERS, CHIEF)
    found = [(one["unit"], one["person"], one["overdue"], one["oldest_case"], one["oldest_due"]) for one in told["waiting"]]
    assert found == [
        (None, None, 6, "c07", "2026-10-18T09:00:00+08:00"),
        ("U2", "zhao", 1, "a19", "2026-10-19T09:00:00+08:00"),
        ("U3", "qian", 1, "b10", "2026-10-29T09:00:00+08:00"),
    ]
    assert told["overdue"] == 8 and told["by_person"]
    assert [one["cases"] for one in told["waiting"]] == [
        f"/api/cases?area={city.CITY}&state=overdue&with_unit=false&with_assignee=false",
        f"/api/cases?area={city.CITY}&state=overdue&unit=U2&assignee=zhao",
        f"/api/cases?area={city.CITY}&state=overdue&unit=U3&assignee=qian",
    ]
    in_d1 = await fetch_waiting(city.D1, NO_FILTERS, CHIEF)
    assert [(one["unit"], one["overdue"]) for one in in_d1["waiting"]] == [(None, 1)] and in_d1["waiting"][0]["oldest_case"] == "b04"


async def test_a_worker_is_told_of_units_and_of_the_own_cases() -> None:
    told = await fetch_waiting(None, NO_FILTERS, person("zhao", "grid_worker"))
    assert [(one["unit"], one["person"], one["overdue"]) for one in told["waiting"]] == [
        (None, None, 6),
        ("U2", None, 1),
        ("U3", None, 1),
        ("U2", "zhao", 1),
    ]
    assert told["overdue"] == 8 and not told["by_person"]
    assert told["waiting"][1]["cases"] == f"/api/cases?area={city.CITY}&state=overdue&unit=U2"
    with pytest.raises(NotAboutOthers):
        await fetch_waiting(None, CaseFilters(assignees=("qian",)), person("zhao", "grid_worker"))


async def test_who_may_see_no_cases_is_refused() -> None:
    with pytest.raises(FiguresOnly):
        await fetch_waiting(None, NO_FILTERS, viewer_of(city.CITY, "figures"))
    with pytest.raises(OutOfScope):
        await fetch_waiting(city.D2, NO_FILTERS, viewer_of(city.D1, "cases", figures=city.CITY))


# ---- Who is told of whom ----


def anybody(role: str, name: str, code: str = city.CITY) -> Viewer:
    return replace(viewer_of(code, ROLES[role].highest), name=name, role=role)


async def people_of(viewer: Viewer, **filters: tuple[str, ...]) -> set[str | None]:
    question = IndicatorQuestion(by="person", period=SECOND, filters=CaseFilters(**filters))  # type: ignore[arg-type]
    told = await fetch_indicators(question, viewer)
    return {group["code"] for group in told["groups"]}


@pytest.mark.parametrize("role", ROLES)
async def test_no_figure_about_a_worker_is_told_to_other_workers(role: str) -> None:
    sees_all = role in ("supervisor", "leader")
    sees_cases = ROLES[role].highest != "figures"
    for name in ("wang", "somebody"):
        who = anybody(role, name)
        found = await people_of(who)
        own = {name} if name == "wang" and sees_cases else set()
        assert found == ({None, "wang", "li", "zhao", "qian"} if sees_all else own), (role, name)
        for asked in ({"assignees": ("li",)}, {"assignees": (name, "li")}):
            if sees_all:
                assert "li" in await people_of(who, **asked)
                continue
            with pytest.raises(NotAboutOthers):
                await people_of(who, **asked)
            with pytest.raises(NotAboutOthers):
                await fetch_indicators(IndicatorQuestion(period=SECOND, filters=CaseFilters(**asked)), who)  # type: ignore[arg-type]


async def test_a_supervisor_is_told_of_the_own_area_alone() -> None:
    assert await people_of(anybody("supervisor", "chief", city.D2)) == {None, "wang", "zhao", "qian"}
    assert await people_of(anybody("leader", "boss", city.S2)) == {None, "wang", "li", "qian"}


# ---- Who sees figures alone ----


async def by_code(viewer: Viewer, **more: object) -> dict[str, IndicatorValue]:
    told = await fetch_indicators(IndicatorQuestion(city.CITY, period=SECOND, **more), viewer)  # type: ignore[arg-type]
    assert len(told["groups"]) == 1
    return {value["indicator"]: value for value in told["groups"][0]["values"]}


@pytest.mark.parametrize(
    "viewer", [viewer_of(city.CITY, "figures"), viewer_of(city.D1, "cases", figures=city.CITY)], ids=["wall", "district"]
)
async def test_who_sees_figures_alone_gets_what_roll_ups_know(viewer: Viewer) -> None:
    own, whole = await by_code(viewer), await by_code(CHIEF)
    for code, value in own.items():
        if INDICATORS[code].from_rollups:
            links = {name: whole[code][name] for name in ("numerator_cases", "denominator_cases")}  # type: ignore[literal-required]
            assert {**value, **links} == whole[code]
            assert value["numerator_cases"] is None and value["denominator_cases"] is None
        elif code != "coverage":
            assert (value["reason"], value["value"], value["denominator"], value["left_out"]) == ("needs_cases", None, None, None), code
    assert (own["coverage"]["numerator"], own["coverage"]["denominator"]) == (1, 8)


async def test_sensitive_cases_count_for_whom_they_are_shown(fresh_database: FreshDatabase) -> None:
    """Utilities are sensitive: of the second period b05 (due, closed), b10 and b12 (due), c12 (due, closed late), a23 (due, closed)."""

    with fresh_database(fill) as url:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE category SET sensitive = true WHERE code = 'utility'")
            rollup.rebuild(connection, city.CITY)
        desk, chief = await by_code(person("desk", "dispatcher")), await by_code(CHIEF)
    assert (chief["closing_rate"]["numerator"], chief["closing_rate"]["denominator"]) == (10, 15)
    assert (desk["closing_rate"]["numerator"], desk["closing_rate"]["denominator"]) == (7, 10)
    assert (chief["rework_rate"]["denominator"], desk["rework_rate"]["denominator"]) == (8, 6)
    assert (chief["rework_rate"]["left_out"], desk["rework_rate"]["left_out"]) == (1, 0)


# ---- Grades and ranks ----


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of composites that the settings name."""
    path = tmp_path / "composites.toml"
    monkeypatch.setenv("GRIDWELL_COMPOSITES", str(path))
    settings.cache_clear()
    yield path
    monkeypatch.undo()
    settings.cache_clear()


def write(path: Path, more: str) -> None:
    path.write_text(f'[[composite]]\n{more}\n[[composite.part]]\nindicator = "closing_rate"\nweight = 1\n')


async def test_streets_are_graded_and_ranked(graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed, of due, in the second period: a03 b01-b03 of 5 in street 1, all of b05 b07 c10 c12, a23 b11 of a15 a23 a24 b10 b11 b12."""
    monkeypatch.setattr("data.indicators.definitions.FEWEST", 5)
    write(graded, 'name = "x"')
    question = IndicatorQuestion(city.CITY, "street", SECOND, ("closing_rate",))
    told = await fetch_indicators(question, CHIEF)
    rows = {group["code"]: (group["values"][0]["rank"], group["composite"]) for group in told["groups"]}
    assert rows == {
        city.S1: (1, {"score": 80.0, "grade": "B", "missing": [], "points": {"closing_rate": 80.0}}),
        city.S2: (None, {"score": None, "grade": None, "missing": ["closing_rate"], "points": {}}),
        city.S3: (2, {"score": 33.33, "grade": "E", "missing": [], "points": {"closing_rate": 33.33}}),
    }
    assert told["composite"] and told["composite"]["weights"] == {"closing_rate": 1.0}
    write(graded, 'name = "later"\nvalid_from = 2026-10-31')
    assert (await fetch_indicators(question, CHIEF))["composite"] is None, "it is not valid yet on the last day of the period"


async def test_a_file_that_is_not_there_is_told(graded: Path) -> None:
    question = IndicatorQuestion(city.CITY, indicators=("closing_rate",))
    with pytest.raises(BadComposites, match="cannot be read"):
        await fetch_indicators(question, CHIEF)
