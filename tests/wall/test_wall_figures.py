"""The figures of a wall over the city that was counted by hand: every number, nothing personal, one computation for all, and midnight."""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import viewer_of

from data.concurrency.per_loop import PerLoop
from data.core.errors import Busy
from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.figures.scope import OutOfScope
from data.indicators.counts import Counted
from data.wall import figures as module
from data.wall import shared
from data.wall.assemble import assemble_rhythm, assemble_today, find_last_week, hide_number, seconds_to_midnight, tell_share
from data.wall.figures import fetch_wall_figures, read_wall_figures
from data.wall.reader import read_for_wall
from data.wall.types import WallFigures

HALL = Viewer("hall", "Hall", "zh", 1, "wall", "figures", "*", "*", "", "*")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


def read(viewer: Viewer = HALL, area: str | None = None) -> WallFigures:
    return asyncio.run(read_wall_figures(area, viewer, {}))[0]


def test_every_number_is_that_of_the_cases() -> None:
    told = read()
    rows = [row for row in city.INCIDENTS if row[2] != "secret"]
    today = [row for row in rows if row[6].startswith("10-31")]
    assert (told["today"], told["timezone"], told["area"]["code"]) == ("2026-10-31", "Asia/Shanghai", city.CITY)
    assert told["reported"]["n"] == len(today) > 0
    assert {one["level"]: one["n"] for one in told["levels"]} == {"district": 2, "street": 3, "community": 4, "grid": 8}
    assert told["hours"] is not None and sum(told["hours"]["today"]) == len(today)
    assert told["hours"]["today"][12] == sum(row[6] == "10-31 12:00" for row in rows)
    month = [row for row in rows if "10-01" <= row[6][:5] <= "10-30"]
    assert told["reported"]["days"] == 30 and told["hours"]["usual"] is not None
    assert sum(told["hours"]["usual"]) * 30 == pytest.approx(len(month))
    assert told["on_time"]["denominator"] and told["on_time"]["value"] == pytest.approx(
        (told["on_time"]["numerator"] or 0) / told["on_time"]["denominator"]
    )
    assert told["open"]["n"] >= told["open"]["overdue"] > 0
    assert told["overdue"] is not None and sum(one["n"] for one in told["overdue"]) == told["open"]["overdue"]
    assert told["residents"]["total"] == sum(100 * n for n in range(1, 8))


def test_what_is_usual_counts_until_the_same_time_of_day() -> None:
    """The figures stand for 20:00, so cases after that hour of earlier days do not count; on none of them was any."""
    told = read()
    month = [row for row in city.INCIDENTS if "10-01" <= row[6][:5] <= "10-30" and row[6][6:] < "20:00"]
    assert told["reported"]["usual"] == pytest.approx(len(month) / 30)


HOURS = [{"day": date(2026, 10, 31) - timedelta(days=back), "hour": 8, "n": 6} for back in range(6)]


@pytest.mark.parametrize(
    ("first", "days"),
    [(date(2026, 1, 1), 30), (date(2026, 10, 1), 30), (date(2026, 10, 2), 29), (date(2026, 10, 24), 7), (date(2026, 10, 25), 0), (None, 0)],
)
def test_what_is_usual_is_the_mean_of_days_that_have_data(first: date | None, days: int) -> None:
    """In its first days a city would otherwise be told a fraction of what is usual."""
    own: Any = {
        "city_today": date(2026, 10, 31),
        "city_as_of": datetime(2026, 10, 31, 20, tzinfo=SHANGHAI),
        "city_timezone": "Asia/Shanghai",
    }
    rows: Any = [*HOURS, {"day": date(2026, 10, 30), "hour": None, "n": 12}]
    rhythm = assemble_rhythm(own, rows, first)
    assert rhythm is not None and rhythm["today"][8] == 6
    if days:
        assert rhythm["usual"] is not None and rhythm["usual"][8] == pytest.approx(30 / days)
        assert assemble_today(own, 6, rows, first) == {"n": 6, "usual": pytest.approx(42 / days), "days": days}
    else:
        assert rhythm["usual"] is None and assemble_today(own, 6, rows, first) == {"n": 6, "usual": None, "days": 0}


def test_the_first_day_is_that_of_the_citys_first_case(fresh_database: FreshDatabase) -> None:
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DELETE FROM incident_daily WHERE day < '2026-10-21'")
        assert read()["reported"]["days"] == 10
        owner.execute("DELETE FROM incident_daily WHERE day < '2026-10-28'")
        told = read()
        assert told["reported"]["usual"] is None and told["hours"] is not None and told["hours"]["usual"] is None


def test_who_is_on_duty_is_told_as_counts(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute(
            "INSERT INTO duty_shift (city, area, people, begins_at, ends_at)"
            " VALUES (%s, %s, 2, '2026-10-31 19:00+08', '2026-10-31 21:00+08')",
            [city.CITY, city.C1],
        )
    try:
        assert read()["workers"] == {"people": 2, "grids": 1, "of_grids": 8}, "at the moment for which the figures stand"
        assert read(area=city.D2)["workers"] is None, "no roster is about it"
        assert read(area=city.D1)["workers"] == {"people": None, "grids": 1, "of_grids": 4}, "a wall is not told who four grids have"
        assert module.LEAST_GRIDS == 5
        desk = everything(detail="cases")
        assert read(desk, city.D1)["workers"] == {"people": 2, "grids": 1, "of_grids": 4}
        with psycopg.connect(town) as owner:
            owner.execute("UPDATE duty_shift SET area = %s", [city.D2])
        assert read(desk, city.D2)["workers"] == {"people": 2, "grids": 4, "of_grids": 4}
        assert read(desk, city.C5)["workers"] == {"people": None, "grids": 1, "of_grids": 1}, "looked after from above: no zero"
    finally:
        with psycopg.connect(town) as owner:
            owner.execute("DELETE FROM duty_shift")


def test_what_no_source_says_is_no_zero() -> None:
    told = read()
    assert told["workers"] is None and told["hazards"] == []
    assert told["satisfied"]["value"] is None and told["satisfied"]["reason"] in ("no_cases", "not_known")
    assert tell_share(None, False) == {"numerator": None, "denominator": None, "value": None, "reason": "needs_cases"}
    assert tell_share(Counted(3, 4), True) == {"numerator": 3, "denominator": 4, "value": 0.75, "reason": None}
    assert tell_share(Counted(0, 0, 7), True)["reason"] == "not_known"


def test_a_wall_is_not_told_of_the_satisfaction_of_a_few(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.LEAST_ANSWERS == 20
    nothing = {"numerator": None, "denominator": None, "value": None, "reason": "too_few"}
    assert tell_share(Counted(15, 19), True, 20) == nothing
    assert tell_share(Counted(15, 20), True, 20) == {"numerator": 15, "denominator": 20, "value": 0.75, "reason": None}
    assert tell_share(Counted(0, 0, 7), True, 20)["reason"] == "not_known"
    with psycopg.connect(town, autocommit=True) as owner:
        owner.execute("UPDATE incident SET satisfied = true")
        try:
            whole = read(everything(detail="cases"))["satisfied"]
            answers = whole["denominator"] or 0
            assert answers > 0 and whole["value"] == 1
            monkeypatch.setattr(module, "LEAST_ANSWERS", answers + 1)
            assert read()["satisfied"] == nothing and read(everything(detail="cases"))["satisfied"] == whole
            monkeypatch.setattr(module, "LEAST_ANSWERS", answers)
            assert read()["satisfied"] == whole
        finally:
            owner.execute("UPDATE incident SET satisfied = NULL")


def test_who_works_for_which_grid_is_not_told(town: str) -> None:
    """Of cells with staff only those count that name a head, as C1 does."""
    with psycopg.connect(town, autocommit=True) as owner:
        member = "INSERT INTO unit_member (city, unit, account, area, post) VALUES (%s, 'U1', 'wang', %s, 'worker')"
        owner.execute(member, [city.CITY, city.C3])
        try:
            for viewer in (HALL, everything(detail="cases")):
                residents = read(viewer)["residents"]
                assert (residents["staffed"], residents["grids"]) == (1, 8)
        finally:
            owner.execute("DELETE FROM unit_member")


def test_the_last_week_is_told_by_day_and_hour() -> None:
    told = read()["week"]
    assert told is not None and (told["from"], told["to"]) == ("2026-10-19", "2026-10-25"), "31 October 2026 is a Saturday"
    rows = [row for row in city.INCIDENTS if "10-19" <= row[6][:5] <= "10-25"]
    assert sum(map(sum, told["cells"])) == len(rows) > 0
    day, hour = datetime.strptime(f"2026-{rows[0][6]}", "%Y-%m-%d %H:%M"), int(rows[0][6][6:8])
    assert told["cells"][day.isoweekday() - 1][hour] > 0


@pytest.mark.parametrize(
    ("today", "first"),
    [("2026-10-31", "2026-10-19"), ("2026-11-02", "2026-10-26"), ("2027-01-01", "2026-12-21"), ("2027-01-04", "2026-12-28")],
)
def test_the_last_whole_week_ends_before_this_one(today: str, first: str) -> None:
    start = date.fromisoformat(first)
    assert find_last_week(date.fromisoformat(today)) == Period(start, start + timedelta(days=6))


@pytest.mark.parametrize(
    ("at", "zone", "seconds"),
    [
        (datetime(2026, 12, 31, 23, 59, 30, tzinfo=SHANGHAI), "Asia/Shanghai", 30),
        (datetime(2027, 1, 1, 0, 0, 0, tzinfo=SHANGHAI), "Asia/Shanghai", 86400),
        (datetime(2026, 11, 1, 0, 0, 0, tzinfo=ZoneInfo("America/New_York")), "America/New_York", 90000),
    ],
)
def test_figures_of_a_day_end_with_it(at: datetime, zone: str, seconds: float) -> None:
    assert seconds_to_midnight({"city_as_of": at, "city_timezone": zone}) == seconds


def test_nothing_that_somebody_wrote_and_no_number_leaves_the_server() -> None:
    told = read()
    assert told["cases"] is not None and told["cases"]
    body = orjson.dumps(told).decode()
    for key, cell, *_ in city.INCIDENTS:
        assert f"Qi{cell}-{key}" not in body
    newest = told["cases"][0]
    assert set(newest) == {
        *("id", "at", "only_day", "category", "category_en", "source", "stage", "state", "severity", "area", "area_en", "lon", "lat"),
    }
    assert newest["at"] == "2026-10-31T18:00:00+08:00"
    points = {(one["lon"], one["lat"]) for one in told["cases"]}
    assert len(points) <= len(city.CELLS), "places are those of the names of cells, not of the cases"


def test_the_number_of_a_case_cannot_be_guessed_from_what_stands_for_it(town: str) -> None:
    with psycopg.connect(town) as owner:
        key = owner.execute("SELECT id_key FROM live_state").fetchone()
        numbers = [row[0] for row in owner.execute("SELECT number FROM incident").fetchall()]
    assert key is not None
    told = {one["id"] for one in read()["cases"] or ()}
    assert told and told <= {hide_number(key[0], city.CITY, number) for number in numbers}
    assert told.isdisjoint(hide_number(b"", city.CITY, number) for number in numbers), "without the secret they fit no number"
    plain = {hashlib.blake2s(f"{city.CITY} {number}".encode(), digest_size=9).hexdigest() for number in numbers}
    assert told.isdisjoint(plain) and told == {one["id"] for one in read()["cases"] or ()}, "the same each time"


def test_a_wall_reads_more_only_inside_its_own_area_and_nobody_else_does() -> None:
    west = viewer_of(city.D1, "figures", figures=city.CITY)
    display = Viewer("hall", "Hall", "zh", 1, "wall", "figures", west.scope, west.figures, "", west.scope_code)
    inside, outside = read(display, city.D1), read(display, city.D2)
    assert inside["hours"] is not None and inside["cases"] is not None
    assert (outside["hours"], outside["week"], outside["cases"], outside["overdue"]) == (None, None, None, None)
    auditor = read(west, city.D1)
    assert (auditor["hours"], auditor["cases"], auditor["satisfied"]["reason"]) == (None, None, "needs_cases")
    assert read_for_wall(west) == west and read_for_wall(everything()) == everything()
    narrow = viewer_of(city.D1, "figures")
    with pytest.raises(OutOfScope):
        read(narrow, city.D2)


def test_changes_are_told_with_their_interval() -> None:
    told = read()["changes"]
    assert told["days"] == 7 and told["level"] == "street" and len(told["areas"]) <= 10
    for one in told["areas"]:
        assert one["low"] is not None and one["ratio"] is not None and one["low"] <= one["ratio"] <= (one["high"] or one["ratio"])


def test_two_hundred_walls_share_one_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    async def count(area: str | None, viewer: Viewer, versions: dict[str, int]) -> tuple[Any, float]:
        made.append(area)
        await asyncio.sleep(0)
        return {"area": area}, 3600.0

    async def ask() -> list[bytes]:
        return await asyncio.gather(*(fetch_wall_figures(city.D1 if n % 2 else None, HALL) for n in range(200)))

    monkeypatch.setattr("data.wall.figures.read_wall_figures", count)
    monkeypatch.setattr(shared, "_cache", PerLoop(lambda: shared.AnswerCache(shared.KEPT_BYTES)))
    assert len(set(asyncio.run(ask()))) == 2
    assert sorted(map(str, made)) == [city.D1, "None"]


def test_few_answers_are_made_at_once_however_many_areas_are_asked_for() -> None:
    running: list[int] = []
    most = 0

    async def make() -> tuple[bytes, float]:
        nonlocal most
        running.append(1)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.pop()
        return b"made", 60.0

    async def ask() -> list[bytes]:
        return await asyncio.gather(*(shared.share_answer(("many", n), HALL, make) for n in range(20)))

    assert asyncio.run(ask()) == [b"made"] * 20
    assert most == shared.MOST_MADE


def test_who_asks_for_too_many_different_answers_is_told_to_come_again() -> None:
    """Equal questions take one place; of different ones so many wait, and the rest is refused at once."""
    go_on = asyncio.Event()

    async def make() -> tuple[bytes, float]:
        await go_on.wait()
        return b"made", 60.0

    async def ask() -> list[bytes | BaseException]:
        asked = [shared.share_answer(("queue", n), HALL, make) for n in range(shared.MOST_MADE + shared.MOST_WAITING)]
        waiting = [asyncio.ensure_future(one) for one in [*asked, *(shared.share_answer(("queue", 0), HALL, make) for _ in range(200))]]
        for _ in range(20):
            await asyncio.sleep(0)
        with pytest.raises(Busy):
            await shared.share_answer(("queue", "one more"), HALL, make)
        go_on.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert asyncio.run(ask()) == [b"made"] * (shared.MOST_MADE + shared.MOST_WAITING + 200)


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(shared, "monotonic", made)
    monkeypatch.setattr("data.concurrency.cache.monotonic", made)
    monkeypatch.setattr(shared, "_cache", PerLoop(lambda: shared.AnswerCache(shared.KEPT_BYTES)))
    monkeypatch.setattr("data.live.changes.known_versions", lambda: {"incidents": 1})
    return made


@pytest.mark.parametrize("took_s", [0.0, 1.5, 4.0])
def test_no_answer_of_yesterday_is_given_after_midnight(clock: Clock, took_s: float) -> None:
    """Midnight is at 1005; an answer knows it when its reading begins, and may take until after it."""
    made: list[float] = []

    async def make() -> tuple[bytes, float]:
        began = clock.now
        made.append(began)
        clock.now += took_s
        return (b"today" if began >= 1005 else b"yesterday"), max(0.0, (1005 if began < 1005 else 90_000) - began)

    async def ask(at: float) -> bytes:
        clock.now = max(clock.now, at)
        return await shared.share_answer("figures", HALL, make)

    async def day() -> list[bytes]:
        return [await ask(at) for at in (1_000.0, 1_004.9, 1_005.0, 1_005.001, 1_006.0)]

    told = asyncio.run(day())
    assert told[0] == b"yesterday" and told[2:] == [b"today"] * 3, made


def test_who_asks_after_midnight_does_not_get_what_is_still_being_made_of_yesterday(clock: Clock) -> None:
    async def day() -> tuple[bytes, bytes]:
        begun, over = asyncio.Event(), asyncio.Event()

        async def make() -> tuple[bytes, float]:
            if clock.now >= 1_005:
                return b"today", 86_400.0
            begun.set()
            await over.wait()
            return b"yesterday", 5.0

        before = asyncio.ensure_future(shared.share_answer("figures", HALL, make))
        await begun.wait()
        clock.now = 1_005.5
        after = asyncio.ensure_future(shared.share_answer("figures", HALL, make))
        await asyncio.sleep(0)
        over.set()
        return await before, await after

    assert asyncio.run(day()) == (b"yesterday", b"today")


def test_what_is_dear_to_make_is_made_less_often(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty changes a second for a minute: what takes no time is made every two seconds, what takes a second every five."""
    counts: list[int] = []
    version = 0

    async def minute(took_s: float) -> int:
        made = 0

        async def make() -> tuple[bytes, float]:
            nonlocal made
            made += 1
            clock.now += took_s
            return b"", 3_600.0

        end = clock.now + 60
        while clock.now < end:
            await shared.share_answer("figures", HALL, make)
            clock.now += 0.05
        return made

    def newer() -> dict[str, int]:
        nonlocal version
        version += 1
        return {"incidents": version}

    monkeypatch.setattr("data.live.changes.known_versions", newer)
    for took_s in (0.0, 1.0, 5.0):
        monkeypatch.setattr(shared, "_cache", PerLoop(lambda: shared.AnswerCache(shared.KEPT_BYTES)))
        counts.append(asyncio.run(minute(took_s)))
    assert counts[0] in (29, 30) and counts[1] in (10, 11) and counts[2] in (4, 5), counts


def test_a_wall_that_has_heard_of_something_newer_waits_for_it_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"areas": 3, "incidents": 7}
    made: list[int] = []

    async def make() -> tuple[bytes, float]:
        made.append(known["incidents"])
        return str(known["incidents"]).encode(), 3_600.0

    async def ask(heard: int = 0) -> bytes:
        return await shared.share_answer("figures", HALL, make, heard)

    async def day() -> None:
        assert await ask() == b"7"
        known["incidents"] = 8
        assert await ask() == await ask(7) == b"7", "who shows nothing yet, and who shows what is here, get it at once"
        assert await ask(10**15) == b"8", "who heard of it waits until it may be made"
        assert await asyncio.gather(*(ask(8) for _ in range(200))) == [b"8"] * 200
        assert await ask(10**15) == b"8", "nobody waits for what the server has not heard of"
        monkeypatch.setattr(shared, "LEAST_S", 60.0)
        known["incidents"] = 9
        assert await asyncio.gather(*(ask(9) for _ in range(200))) == [b"9"] * 200
        assert made == [7, 8, 9]
        monkeypatch.setattr(shared, "HELD_S", 0.01)
        known["incidents"] = 10
        assert await ask(10) == b"9", "nobody waits for long"

    monkeypatch.setattr(shared, "LEAST_S", 1.0)
    monkeypatch.setattr(shared, "_cache", PerLoop(lambda: shared.AnswerCache(shared.KEPT_BYTES)))
    monkeypatch.setattr("data.live.changes.known_versions", lambda: known)
    asyncio.run(day())


def test_the_first_change_after_a_quiet_time_is_shown_at_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walls that ask while nothing changes get what is here, and do not put off what comes next."""
    known = {"incidents": 1}

    async def make() -> tuple[bytes, float]:
        return str(known["incidents"]).encode(), 30.0

    async def ask(at: float) -> bytes:
        clock.now = at
        return await shared.share_answer("figures", HALL, make)

    async def day() -> None:
        assert [await ask(1_000.0 + n) for n in range(20)] == [b"1"] * 20
        known["incidents"] = 2
        assert await ask(1_019.5) == b"2"

    monkeypatch.setattr("data.live.changes.known_versions", lambda: known)
    asyncio.run(day())
