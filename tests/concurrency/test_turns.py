"""Work in turns: all of it, in order, and others are not kept waiting until its end."""

import asyncio

from data.concurrency.turns import in_turns


async def test_others_have_their_turn_after_every_so_many() -> None:
    heard: list[str] = []

    async def work() -> None:
        async for item in in_turns(range(5), at_once=2):
            heard.append(str(item))

    async def other() -> None:
        for _ in range(2):
            heard.append("other")
            await asyncio.sleep(0)

    await asyncio.gather(work(), other())
    assert heard == ["0", "1", "other", "2", "3", "other", "4"]


async def test_nothing_is_no_turn() -> None:
    assert [item async for item in in_turns([])] == []
