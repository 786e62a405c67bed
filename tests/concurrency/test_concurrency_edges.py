"""Caches, queues, background tasks and state of event loops at their limits."""

import asyncio
import logging
from typing import NoReturn

import pytest

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.concurrency.queue import SlotQueue, make_query_queue, make_tile_queue
from data.concurrency.tasks import run_in_background, run_to_completion
from data.core.errors import Busy
from data.core.settings import Settings

FOREVER_S = 60.0


class Source:
    """Makes entries, and counts how often each key was made."""

    def __init__(self, cache: AnswerCache[str]) -> None:
        self.made: list[str] = []
        self._cache = cache

    async def get(self, key: str, weight: int = 1, good_for_s: float | None = None) -> str:
        async def make() -> CacheEntry[str]:
            self.made.append(key)
            return CacheEntry(f"{key}{self.made.count(key)}", weight, good_for_s)

        return await self._cache.get(key, make)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The cache's clock; its only element is the second."""
    now = [1000.0]
    monkeypatch.setattr("data.concurrency.cache.monotonic", lambda: now[0])
    return now


# ---- The cache ----


@pytest.mark.parametrize(("weight", "held"), [(25, True), (26, False)])
async def test_an_answer_of_a_quarter_is_the_heaviest_that_is_kept(weight: int, held: bool) -> None:
    cache = AnswerCache[str](100)
    assert await Source(cache).get("a", weight) == "a1"
    assert (cache.peek("a") is not None, len(cache), cache.weight) == (held, int(held), weight * held)


async def test_a_full_cache_holds_its_whole_weight(clock: list[float]) -> None:
    cache = AnswerCache[str](100)
    source = Source(cache)
    for key in "abcd":
        await source.get(key, 25)
    assert (len(cache), cache.weight) == (4, 100)
    await source.get("e", 1)
    assert cache.peek("a") is None and (len(cache), cache.weight) == (4, 76)
    assert [cache.peek(key) for key in "bcde"] == ["b1", "c1", "d1", "e1"]


async def test_a_look_without_asking_keeps_an_answer_too() -> None:
    cache = AnswerCache[str](4)
    source = Source(cache)
    for key in "abcd":
        await source.get(key)
    assert cache.peek("a") == "a1" and await source.get("b") == "b1"
    await source.get("e")
    await source.get("f")
    assert [key for key in "abcdef" if cache.peek(key)] == ["a", "b", "e", "f"]
    assert source.made == list("abcdef")


async def test_several_light_answers_make_room_for_a_heavy_one() -> None:
    cache = AnswerCache[str](12)
    source = Source(cache)
    for key in "abcdefghijkl":
        await source.get(key)
    await source.get("heavy", 3)
    assert cache.weight == 12 and [key for key in "abcd" if cache.peek(key)] == ["d"]


async def test_an_answer_is_good_until_its_second_and_no_longer(clock: list[float]) -> None:
    cache = AnswerCache[str](10)
    source = Source(cache)
    assert await source.get("a", 2, good_for_s=10.0) == "a1"
    clock[0] = 1009.999
    assert cache.peek("a") == "a1" and await source.get("a") == "a1"
    clock[0] = 1010.0
    assert cache.peek("a") is None
    assert await source.get("a", 1, good_for_s=10.0) == "a2" and (len(cache), cache.weight) == (1, 1)
    clock[0] = 1019.999
    assert cache.peek("a") == "a2", "its time began anew"


async def test_an_answer_without_an_end_stays(clock: list[float]) -> None:
    cache = AnswerCache[str](10)
    await Source(cache).get("a")
    clock[0] = 1e12
    assert cache.peek("a") == "a1"


async def test_every_key_has_its_own_answer() -> None:
    cache = AnswerCache[str](10)
    source = Source(cache)
    assert await asyncio.gather(*(source.get(key) for key in ("a", "b", "a"))) == ["a1", "b1", "a1"]
    assert cache.peek("c") is None and source.made == ["a", "b"]


async def test_after_an_error_the_next_one_asks_anew_while_others_still_hear_of_it() -> None:
    cache, times = AnswerCache[str](10), 0
    go = asyncio.Event()

    async def make() -> CacheEntry[str]:
        nonlocal times
        times += 1
        await go.wait()
        if times == 1:
            raise LookupError
        return CacheEntry("good", 1)

    first = [asyncio.ensure_future(cache.get("a", make)) for _ in range(3)]
    await asyncio.sleep(0)
    go.set()
    assert [type(one) for one in await asyncio.gather(*first, return_exceptions=True)] == [LookupError] * 3
    assert await asyncio.gather(*(cache.get("a", make) for _ in range(3))) == ["good"] * 3
    assert (times, cache.weight) == (2, 1)


async def test_whoever_tries_again_at_once_does_not_get_the_old_error() -> None:
    """The first of several to hear of an error asks again while the others have not heard of it yet."""
    cache, times = AnswerCache[str](10), 0

    async def make() -> CacheEntry[str]:
        nonlocal times
        times += 1
        await asyncio.sleep(0)
        if times == 1:
            raise LookupError
        return CacheEntry("good", 1)

    async def insist() -> str:
        try:
            return await cache.get("a", make)
        except LookupError:
            return await cache.get("a", make)

    assert await asyncio.gather(*(insist() for _ in range(3))) == ["good"] * 3
    assert times == 2


# ---- The queue ----


@pytest.mark.parametrize(("at_once", "most_waiting"), [(1, 0), (1, 1), (1, 3), (2, 3)])
async def test_the_queue_holds_as_many_as_it_says(at_once: int, most_waiting: int) -> None:
    queue = SlotQueue(at_once, most_waiting, FOREVER_S)
    slots = []
    for _ in range(at_once):
        assert not queue.full
        slots.append(await queue.acquire())
    waiting = []
    for n in range(most_waiting):
        assert (queue.waiting, queue.full) == (n, False)
        waiting.append(asyncio.ensure_future(queue.acquire()))
        await asyncio.sleep(0)
    assert (queue.waiting, queue.full) == (most_waiting, True)
    with pytest.raises(Busy):
        await queue.acquire()
    for slot in slots:
        slot.release()
    for one in waiting:
        (await one).release()
    assert (queue.waiting, queue.full) == (0, False)


async def test_a_slot_is_given_back_also_after_an_error() -> None:
    queue = SlotQueue(1, 0, FOREVER_S)
    with pytest.raises(LookupError), await queue.acquire():
        raise LookupError
    with await queue.acquire():
        assert queue.full


def test_lengths_and_waits_are_those_of_the_settings() -> None:
    for made in (make_tile_queue, make_query_queue):
        queue = made(Settings(pool_size=5, queue_length=7, queue_wait_ms=1500))
        assert (queue.most_waiting, queue.longest_wait_s) == (7, 1.5)
        assert made(Settings(pool_size=5)).most_waiting == 40
    assert (make_tile_queue(Settings(pool_size=5)).at_once, make_query_queue(Settings(pool_size=5)).at_once) == (2, 3)


# ---- Event loops and tasks ----


def test_each_event_loop_has_its_own() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    mine = PerLoop(make)

    async def twice() -> tuple[object, object]:
        return mine(), mine()

    first, second = (asyncio.run(twice()) for _ in range(2))
    assert first[0] is first[1] is made[0] and second[0] is second[1] is made[1] and len(made) == 2


async def test_work_in_the_background_ends_with_the_block() -> None:
    ended = []

    async def work() -> NoReturn:
        try:
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    async with run_in_background(work()):
        await asyncio.sleep(0)
        assert not ended
    assert ended, "it is waited for"


async def test_work_in_the_background_that_fails_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> NoReturn:
        raise LookupError("gone")

    with caplog.at_level(logging.ERROR):
        async with run_in_background(work()):
            while not caplog.records:  # noqa: ASYNC110 - a callback tells the log
                await asyncio.sleep(0)
    assert caplog.records[0].exc_info and isinstance(caplog.records[0].exc_info[1], LookupError)


async def test_work_is_told_to_stop_once_and_waited_for_however_often_it_is_cancelled() -> None:
    told, ended = [], []
    stopping = asyncio.Event()

    async def work() -> str:
        await stopping.wait()
        ended.append(True)
        return "done"

    async def stop() -> None:
        told.append(True)

    task = asyncio.ensure_future(run_to_completion(work(), stop))
    await asyncio.sleep(0)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    stopping.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(told), ended) == (1, [True])


async def test_work_that_is_left_alone_gives_its_result_or_its_error() -> None:
    async def fails() -> None:
        raise LookupError

    async def works() -> int:
        return 7

    async def stop() -> None:
        raise AssertionError("nobody went away")

    assert await run_to_completion(works(), stop) == 7
    with pytest.raises(LookupError):
        await run_to_completion(fails(), stop)
