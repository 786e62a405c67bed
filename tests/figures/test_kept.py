"""What a process keeps of figures: one question for many viewers, and never an answer older than the data."""

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
from data.database import transactions
from data.figures.snapshot import Asked, sight
from data.live import changes, versions

WHO = everything()
ASKED = Asked(city.CITY, Period.parse(city.FROM, city.TO))


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
    with fresh_database() as url:
        with psycopg.connect(url) as connection:
            city.load(connection)
        yield url


@pytest.fixture
async def listening(town: str) -> AsyncIterator[None]:
    """This process hears of changes."""
    async with changes.listening():
        while changes.heard() is None:  # noqa: ASYNC110 - the connection tells nobody when it is made
            await asyncio.sleep(0.01)
        yield


def heard_statements() -> list[str]:
    asked: list[str] = []
    event.listen(transactions.engine().sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    return asked


async def test_a_second_look_asks_nothing_and_rights_are_not_shared(listening: None) -> None:
    asked = heard_statements()
    first = await sight(ASKED, WHO)
    before = len(asked)
    assert before
    assert await sight(ASKED, everything("en")) == first and len(asked) == before
    await sight(ASKED, everything(detail="figures"))
    assert len(asked) == 2 * before


async def test_a_change_makes_new_figures_at_once(listening: None, town: str) -> None:
    before = await sight(ASKED, WHO)
    with psycopg.connect(town) as writer:
        writer.execute("UPDATE incident SET stage = 'closed', closed_at = '2026-10-31T10:00:00+08:00' WHERE source_key = 'i04'")
        rollup.rebuild(writer, city.CITY)
        versions.touch(writer, city.CITY, {"incidents"})
    known = changes.heard()
    while changes.heard() == known:  # noqa: ASYNC110 - the news is under way
        await asyncio.sleep(0.005)
    after = await sight(ASKED, WHO)
    assert after.report["incidents"]["open"] == before.report["incidents"]["open"] - 1
    assert after.report["city"]["versions"]["incidents"] > before.report["city"]["versions"]["incidents"]


async def test_who_hears_of_no_changes_keeps_nothing(town: str) -> None:
    asked = heard_statements()
    await sight(ASKED, WHO)
    once = len(asked)
    await sight(ASKED, WHO)
    assert len(asked) == 2 * once
