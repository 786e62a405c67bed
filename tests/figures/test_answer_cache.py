"""The cache of figures in a process: one query for many viewers, and never an answer older than the data."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from sqlalchemy import event

from data import rollup
from data.concurrency.cache import AnswerCache, CacheEntry
from data.core.period import Period
from data.core.viewer import everything
from data.database import connections
from data.figures import snapshot
from data.figures.snapshot import MapRequest, fetch_map_figures
from data.live import changes, versions
from data.queries.figures import Filters

WHO = everything()
ASKED = MapRequest(city.CITY, Period.parse(city.FROM, city.TO))


# ---- The keeper ----


class Counted:
    """Something to make, and how often it was made."""

    def __init__(self, weight: int = 1, good_for_s: float | None = None) -> None:
        self.times = 0
        self.weight, self.good_for_s = weight, good_for_s
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> CacheEntry[int]:
        self.times += 1
        await self.go.wait()
        return CacheEntry(self.times, self.weight, self.good_for_s)


async def test_many_who_ask_at_once_cost_one_question() -> None:
    kept, made = AnswerCache[int](10), Counted()
    made.go.clear()
    waiting = [asyncio.ensure_future(kept.get("a", made)) for _ in range(100)]
    await asyncio.sleep(0)
    made.go.set()
    assert set(await asyncio.gather(*waiting)) == {1}
    assert await kept.get("a", made) == 1 and made.times == 1


async def test_one_who_goes_away_takes_nothing_from_the_others() -> None:
    kept, made = AnswerCache[int](10), Counted()
    made.go.clear()
    first, second = (asyncio.ensure_future(kept.get("a", made)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    made.go.set()
    assert await second == 1 and made.times == 1


async def test_when_the_last_goes_away_the_work_is_given_up_and_begun_anew_later() -> None:
    kept, made = AnswerCache[int](10), Counted()
    made.go.clear()
    only = asyncio.ensure_future(kept.get("a", made))
    await asyncio.sleep(0)
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    made.go.set()
    assert await kept.get("a", made) == 2


async def test_what_fails_is_told_to_all_and_not_kept() -> None:
    kept = AnswerCache[int](10)

    async def fails() -> CacheEntry[int]:
        await asyncio.sleep(0)
        raise LookupError

    told = await asyncio.gather(*(kept.get("a", fails) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, LookupError) for one in told)
    assert len(kept) == 0 and await kept.get("a", Counted()) == 1


async def test_what_nobody_asked_for_longest_makes_room() -> None:
    kept, made = AnswerCache[int](4), {name: Counted() for name in "abcde"}
    for name in "abcdae":
        await kept.get(name, made[name])
    assert (len(kept), kept.weight) == (4, 4)
    await kept.get("a", made["a"])
    assert made["a"].times == 1, "asked for again before there was no room left"
    await kept.get("b", made["b"])
    assert made["b"].times == 2
    await kept.get("large", Counted(weight=2))
    assert kept.weight == 4, "what would push out half of all is not kept"


async def test_what_is_good_for_a_while_is_made_again_after_it() -> None:
    kept, made = AnswerCache[int](10), Counted(good_for_s=0.0)
    assert [await kept.get("a", made) for _ in range(2)] == [1, 2]
    assert (len(kept), kept.weight) == (1, 1)


# ---- Figures ----


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city, in a database that a test may change."""
    with fresh_database(city.load) as url:
        yield url


@pytest.fixture
async def listening(town: str) -> AsyncIterator[None]:
    """This process hears of changes."""
    async with changes.listen_for_changes():
        while changes.known_versions() is None:  # noqa: ASYNC110 - the connection tells nobody when it is made
            await asyncio.sleep(0.01)
        yield


def heard_statements() -> list[str]:
    asked: list[str] = []
    event.listen(connections.engine().sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    return asked


async def test_a_second_look_asks_nothing_and_rights_are_not_shared(listening: None) -> None:
    asked = heard_statements()
    first = await fetch_map_figures(ASKED, WHO)
    before = len(asked)
    assert before
    assert await fetch_map_figures(ASKED, everything("en")) == first and len(asked) == before
    await fetch_map_figures(ASKED, everything(detail="figures"))
    assert len(asked) == 2 * before


async def test_a_change_makes_new_figures_at_once(listening: None, town: str) -> None:
    before = await fetch_map_figures(ASKED, WHO)
    with psycopg.connect(town) as writer:
        writer.execute("UPDATE incident SET stage = 'closed', closed_at = '2026-10-31T10:00:00+08:00' WHERE source_key = 'i04'")
        rollup.rebuild(writer, city.CITY)
        versions.touch(writer, city.CITY, {"incidents"})
    known = changes.known_versions()
    while changes.known_versions() == known:  # noqa: ASYNC110 - the news is under way
        await asyncio.sleep(0.005)
    after = await fetch_map_figures(ASKED, WHO)
    assert after.report["incidents"]["open"] == before.report["incidents"]["open"] - 1
    assert after.report["city"]["versions"]["incidents"] > before.report["city"]["versions"]["incidents"]


async def test_who_hears_of_no_changes_keeps_nothing(town: str) -> None:
    asked = heard_statements()
    await fetch_map_figures(ASKED, WHO)
    once = len(asked)
    await fetch_map_figures(ASKED, WHO)
    assert len(asked) == 2 * once


async def test_figures_that_stand_for_now_are_asked_again_because_midnight_passes(
    listening: None, town: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No change of the data tells that a day has begun. Figures of a fixed moment stay as they are for ever."""
    monkeypatch.setattr(snapshot, "MINUTE_S", 0.0)
    asked = heard_statements()
    for as_of, again in ((city.AS_OF, False), (None, True)):
        with psycopg.connect(town) as writer:
            writer.execute("UPDATE city SET as_of = %s", [as_of])
            versions.touch(writer, city.CITY, {"incidents"})
        known = changes.known_versions()
        while changes.known_versions() == known:  # noqa: ASYNC110 - the news is under way
            await asyncio.sleep(0.005)
        await fetch_map_figures(ASKED, WHO)
        before = len(asked)
        await fetch_map_figures(ASKED, WHO)
        assert (len(asked) > before) is again
    assert snapshot.MINUTE_S == 0.0


async def test_figures_for_now_are_kept_for_a_minute(town: str) -> None:
    with psycopg.connect(town) as writer:
        writer.execute("UPDATE city SET as_of = NULL")
    assert (await snapshot._pack_figures(ASKED, WHO)).good_for_s == 60
    with psycopg.connect(town) as writer:
        writer.execute("UPDATE city SET as_of = %s", [city.AS_OF])
    assert (await snapshot._pack_figures(ASKED, WHO)).good_for_s is None


async def test_each_question_has_an_answer_of_its_own(town: str, listening: None) -> None:
    """Whatever a question says makes another answer: area, period, window, filters, level."""
    with psycopg.connect(town) as writer:
        writer.execute("UPDATE city SET level_names = '{}'")  # it has all levels
    day = Period.parse("2026-10-05", "2026-10-05")
    questions = [
        ASKED,
        MapRequest(city.D1, ASKED.period),
        MapRequest(city.CITY, day),
        MapRequest(city.CITY, ASKED.period, day),
        MapRequest(city.CITY, ASKED.period, filters=Filters(categories=("env",))),
        MapRequest(city.CITY, ASKED.period, filters=Filters(channels=("hotline",))),
        MapRequest(city.CITY, ASKED.period, level="grid"),
    ]
    found = [await fetch_map_figures(question, WHO) for question in questions]
    assert [await fetch_map_figures(question, WHO) for question in questions] == found
    assert [one.report["incidents"]["total"] for one in found] == [23, 15, 2, 2, 12, 7, 23]
    assert [len(one.coloured) for one in found] == [3, 2, 3, 3, 3, 3, 8]
    assert [len(one.by_day) for one in found] == [30, 30, 1, 30, 30, 30, 30], "a window leaves the days around it"
    assert found[4].by_category == city.BY_CATEGORY, "what is filtered out can still be chosen"
    assert found[5].by_source == dict(sorted(city.BY_CHANNEL.items(), key=lambda pair: (-pair[1], pair[0])))
