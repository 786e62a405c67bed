"""The queue: how many requests at once, in which order, and what happens to the place of a client that left."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from data.concurrency.queue import Slot, SlotQueue, make_query_queue, make_tile_queue
from data.core.errors import Busy
from data.core.settings import Settings
from routes.middleware.queued_requests import QueuedRequests, leave_queue

FOREVER_S = 60.0


async def test_turns_come_in_the_order_of_asking() -> None:
    turns, done = SlotQueue(1, 9, FOREVER_S), []

    async def work(name: str) -> None:
        with await turns.acquire():
            done.append(name)

    with await turns.acquire():
        queue = [asyncio.ensure_future(work(name)) for name in "abc"]
        await asyncio.sleep(0)
        assert (turns.waiting, turns.full, done) == (3, False, [])
    await asyncio.gather(*queue)
    assert (done, turns.waiting) == (["a", "b", "c"], 0)


async def test_whoever_comes_beyond_the_queue_is_refused_at_once() -> None:
    turns = SlotQueue(1, 1, FOREVER_S)
    with await turns.acquire():
        waiting = asyncio.ensure_future(turns.acquire())
        await asyncio.sleep(0)
        assert turns.full
        with pytest.raises(Busy):
            await turns.acquire()
    (await waiting).release()
    assert not turns.full


async def test_a_turn_that_does_not_come_in_time_is_no_turn() -> None:
    turns = SlotQueue(1, 9, 0.01)
    with await turns.acquire(), pytest.raises(Busy):
        await turns.acquire()
    (await turns.acquire()).release()


async def places(side_by_side: int) -> int:
    """How many may wait 1 s at most for turns that took 0.2 s each, one after the other or side by side."""
    now = 0.0
    turns = SlotQueue(2, 99, 1.0, clock=lambda: now)
    for _ in range(50):
        together = [await turns.acquire() for _ in range(side_by_side)]
        now += 0.2
        for turn in together:
            turn.release()
    taken = [await turns.acquire(), await turns.acquire()]
    queue: list[asyncio.Future[Slot]] = []
    while not turns.full:
        queue.append(asyncio.ensure_future(turns.acquire()))
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await turns.acquire()
    for turn in taken:
        turn.release()
    for waiting in queue:
        (await waiting).release()
    return len(queue)


async def test_whoever_would_wait_too_long_is_refused_at_once() -> None:
    assert await places(side_by_side=1) == 3, "the fourth would wait 0.8 s, if nothing went wrong"
    assert await places(side_by_side=2) == 8, "two end at a time: it goes twice as fast"


async def test_one_that_was_held_up_for_long_does_not_close_the_door() -> None:
    now = 0.0
    turns = SlotQueue(1, 99, 1.0, clock=lambda: now)
    turn = await turns.acquire()
    now += 3600
    turn.release()
    with await turns.acquire():
        assert not turns.full


async def test_who_stops_waiting_leaves_the_place() -> None:
    turns = SlotQueue(1, 1, FOREVER_S)
    with await turns.acquire():
        waiting = asyncio.ensure_future(turns.acquire())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert turns.waiting == 0
    (await turns.acquire()).release()


async def test_a_turn_ends_once() -> None:
    turns = SlotQueue(1, 0, FOREVER_S)
    turn: Slot = await turns.acquire()
    turn.release()
    turn.release()
    with await turns.acquire(), pytest.raises(Busy):
        await turns.acquire()


@pytest.mark.parametrize(("pool", "tiles", "looks"), [(1, 1, 1), (2, 1, 1), (3, 1, 2), (8, 4, 4)])
async def test_whoever_has_a_turn_has_a_connection(pool: int, tiles: int, looks: int) -> None:
    given = Settings(pool_size=pool)
    assert (make_tile_queue(given).at_once, make_query_queue(given).at_once) == (tiles, looks)
    assert make_query_queue(given).most_waiting == 8 * pool
    assert make_query_queue(Settings(pool_size=pool, queue_length=0)).most_waiting == 0


async def test_who_only_waits_leaves_the_queue_to_others() -> None:
    turns, go_on = SlotQueue(1, 9, FOREVER_S), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        leave_queue(Request(scope))
        await go_on.wait()

    async def nothing(*_: object) -> Message:
        return {}

    scopes: list[Scope] = [{"type": "http", "path": "/api/cases", "method": "POST", "headers": []} for _ in range(3)]
    asked = [asyncio.ensure_future(QueuedRequests(app, turns)(scope, nothing, nothing)) for scope in scopes]  # type: ignore[arg-type]
    for _ in range(5):
        await asyncio.sleep(0)
    assert turns.waiting == 0, "all three wait at once, with one slot"
    go_on.set()
    await asyncio.gather(*asked)
    (await turns.acquire()).release()
    leave_queue(Request({"type": "http", "path": "/tiles/1", "method": "GET", "headers": []}))
