"""Every listener hears what it may see: all of it, once, in order, also after it was away, was slow, or lost a right."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest
import small_city as city
from databases import FreshDatabase
from live_tools import Heard, case, hear, running, write
from rights_tools import viewer_of

from data.core.viewer import Viewer, everything
from data.database.connections import connect
from data.live import changes, hub, streams
from data.live.event_ids import decode_id, encode_id
from data.live.hub import Chunk, Group, NoRoomForStreams, TooManyStreams, current_hub
from data.live.outbox import append_events
from data.live.streams import EventStream
from data.live.versions import touch

PATIENCE_S = 60
ALL = everything()


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[str]:
    """The small city, and all that carries its events to listeners."""
    with fresh_database(city.load) as url:
        async with running():
            await until(lambda: changes.known_versions() is not None)
            write("the first")
            await until(lambda: not waiting())
            yield url


def waiting() -> int:
    """Events that have no number yet."""
    with connect() as connection:
        row = connection.execute("SELECT count(*) FROM live_event WHERE seq IS NULL").fetchone()
    return int(row[0]) if row else 0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 -- what is waited for has no event to tell it
            await asyncio.sleep(0.01)


class Rights:
    """Whether a listener still has its rights, and how often that was asked."""

    def __init__(self) -> None:
        self.there, self.asked = True, 0
        self.answer = asyncio.Event()
        """While it is not set, whoever asks waits, as for a database that stands still."""
        self.answer.set()

    async def __call__(self) -> bool:
        self.asked += 1
        await self.answer.wait()
        return self.there


@asynccontextmanager
async def listening(
    viewer: Viewer, name: str = "one", last_id: str | None = None, rights: Rights | None = None, wait: bool = True
) -> AsyncIterator[Heard]:
    """A listener for as long as the block lasts; what it hears is added meanwhile."""
    heard = Heard()
    begun = asyncio.Event()

    async def listen() -> None:
        async with current_hub().join(viewer, name) as (group, woken):
            stream = EventStream(current_hub(), group, woken, viewer, rights or Rights())
            async with aclosing(stream.parts(last_id, wait)) as parts:
                async for _ in hear(parts, heard):
                    begun.set()
        heard.kinds.append(f"ended: {stream.reason}")

    task = asyncio.create_task(listen())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await begun.wait()
        yield heard
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_what_is_committed_late_is_heard_too_once_and_in_order(town: str) -> None:
    async with AsyncExitStack() as open_:
        many = [await open_.enter_async_context(listening(ALL, f"{n}")) for n in range(3)]
        with connect() as slow:
            append_events(slow, [case("slow")])
            write("a", "b")
            await until(lambda: all(heard.cases == ["a", "b"] for heard in many))
            slow.commit()
        write("c")
        await until(lambda: all(len(heard.cases) == 4 for heard in many))
        assert all(heard.cases == ["a", "b", "slow", "c"] for heard in many)
        assert all(len(set(heard.ids[1:])) == len(heard.ids) - 1 for heard in many)
        assert many[0].ids[1:] == many[1].ids[1:] == many[2].ids[1:]
        assert many[0].kinds[0] == "ready" and 1000 <= many[0].retries[0] <= 5000


async def test_who_comes_back_hears_what_was_missed(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.live.hub.PAGE", 3)
    monkeypatch.setattr("data.live.event_pages.PAGE", 3)
    async with listening(ALL) as heard:
        write("a")
        await until(lambda: heard.cases == ["a"])
    write(*"bcdefgh")
    async with listening(ALL, last_id=heard.ids[-1]) as again:
        write("i")
        await until(lambda: again.cases == list("bcdefghi"))
        write("j")
        await until(lambda: again.cases == list("bcdefghij"))
    middle = again.ids[again.cases.index("e") + 1]
    async with listening(ALL, last_id=middle, wait=False) as ended:
        await until(lambda: ended.kinds[-1] == "ended: done")
    assert ended.cases == list("fghij")


async def test_each_hears_only_of_what_it_sees(town: str) -> None:
    viewers = {"west": viewer_of(city.D1), "east": viewer_of(city.D2, "cases"), "wall": everything(detail="figures")}
    async with AsyncExitStack() as open_:
        told = {name: await open_.enter_async_context(listening(viewer, name)) for name, viewer in viewers.items()}
        write("west 1", cell=city.C1)
        write("east 1", cell=city.C5)
        with connect() as connection:
            touch(connection, city.CITY, ["incidents"])
        await until(lambda: all("figures" in heard.kinds for heard in told.values()))
        assert {name: heard.cases for name, heard in told.items()} == {"west": ["west 1"], "east": ["east 1"], "wall": []}
        assert len(current_hub()._groups) == 3


@pytest.mark.parametrize("strange", ["", "x", "é" * 22, "A" * 22, "A" * 21, encode_id(bytes(16), "0" * 32, 1)])
async def test_who_comes_with_a_foreign_id_is_told_to_start_anew(town: str, strange: str) -> None:
    async with listening(ALL, last_id=strange) as heard:
        write("a")
        await until(lambda: heard.cases == ["a"])
    assert heard.kinds[:2] == ["reset", "ready"] and heard.bodies[0]["reason"] == "unknown"
    oldest = str(heard.bodies[0]["oldest"])
    async with listening(ALL, last_id=oldest) as again:
        await until(lambda: again.cases == ["the first", "a"])
    assert "reset" not in again.kinds


async def test_what_was_deleted_or_is_too_much_is_not_replayed(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(ALL) as heard:
        write(*"abc")
        await until(lambda: heard.cases == list("abc"))
    with connect() as connection:
        connection.execute("UPDATE live_state SET pruned = last - 2")
    async with listening(ALL, last_id=heard.ids[0], wait=False) as late:
        await until(lambda: late.kinds[-1].startswith("ended"))
    assert late.kinds == ["reset", "ready", "ended: done"] and late.bodies[0]["reason"] == "too_old"
    async with listening(ALL, last_id=str(late.bodies[0]["oldest"]), wait=False) as just:
        await until(lambda: just.kinds[-1].startswith("ended"))
    assert just.cases == ["b", "c"]
    monkeypatch.setattr(streams, "MOST_REPLAYED", 1)
    async with listening(ALL, last_id=str(late.bodies[0]["oldest"]), wait=False) as much:
        await until(lambda: much.kinds[-1].startswith("ended"))
    assert much.kinds == ["reset", "ready", "ended: done"]


async def test_another_epoch_is_told_to_open_streams(town: str) -> None:
    async with listening(ALL) as heard:
        with connect() as connection:
            connection.execute("UPDATE live_state SET epoch = 'ffffffffffffffff', last = 0; DELETE FROM live_event")
        write("a")
        await until(lambda: "reset" in heard.kinds)
        write("b")
        await until(lambda: heard.cases[-1:] == ["b"])
    async with listening(ALL, last_id=heard.ids[0], wait=False) as again:
        await until(lambda: again.kinds[-1].startswith("ended"))
    assert again.kinds[0] == "reset"


async def test_who_lost_a_right_hears_nothing_more(town: str) -> None:
    lost, kept = Rights(), Rights()
    async with listening(ALL, "lost", rights=lost) as ended, listening(ALL, "kept", rights=kept) as heard:
        write("a")
        await until(lambda: ended.cases == heard.cases == ["a"])
        asked = kept.asked
        lost.there = False
        current_hub().doubt()
        write("b")
        await until(lambda: heard.cases == ["a", "b"])
        await until(lambda: ended.kinds[-1] == "ended: rights")
        assert ended.cases == ["a"] and ended.retries[-1] <= 500 and kept.asked == asked + 1


async def test_nothing_is_sent_while_nobody_can_say_whether_the_rights_are_there(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.core.errors import NotReady

    monkeypatch.setattr(streams, "RETRY_S", 0.01)

    class Silent(Rights):
        silent = False

        async def __call__(self) -> bool:
            self.asked += 1
            if self.silent:
                raise NotReady()
            return True

    rights = Silent()
    async with listening(ALL, rights=rights) as heard:
        write("a")
        await until(lambda: heard.cases == ["a"])
        rights.silent = True
        current_hub().doubt()
        write("b")
        asked = rights.asked
        await until(lambda: rights.asked > asked + 3 and current_hub()._groups[ALL.rights].take(0) is None)
        assert heard.cases == ["a"]
        rights.silent = False
        await until(lambda: heard.cases == ["a", "b"])


async def test_rights_are_looked_up_now_and_then_even_if_nothing_changes(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.05)
    rights = Rights()
    async with listening(ALL, rights=rights) as heard:
        await until(lambda: rights.asked > 3)
        rights.there = False
        await until(lambda: heard.kinds[-1] == "ended: rights")


async def test_a_listener_that_takes_nothing_costs_nothing_and_misses_nothing(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_KEPT_CHUNKS", 3)
    async with current_hub().join(ALL, "slow") as (group, woken):
        slow = EventStream(current_hub(), group, woken, ALL, Rights()).parts(None)
        heard = Heard()
        heard.take((await anext(slow)).decode().strip().split("\n\n")[1])
        async with listening(ALL, "quick") as quick:
            for n in range(8):
                write(str(n))
                await until(lambda wanted=n + 1: len(quick.cases) == wanted)  # type: ignore[misc]
        assert len(group._chunks) == 3
        async with aclosing(slow):
            async for _ in hear(slow, heard):
                if len(heard.cases) == 8:
                    break
    assert heard.cases == [str(n) for n in range(8)]


async def test_beats_tell_that_all_is_well_and_only_then(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.02)
    async with listening(ALL) as heard:
        await until(lambda: heard.kinds.count("beat") > 2)
        monkeypatch.setattr(hub, "HEARD_S", -1.0)
        await asyncio.sleep(0.1)
        beats = heard.kinds.count("beat")
        write("a")
        await until(lambda: heard.cases == ["a"])
        assert heard.kinds.count("beat") == beats, "nothing was heard of the numbering"


async def test_a_silence_of_the_database_is_told_once_also_while_nobody_can_look_rights_up(
    town: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights = Rights()
    async with listening(ALL, rights=rights) as heard:
        monkeypatch.setattr(streams, "RETRY_S", 0.02)
        rights.answer.clear()
        asked = rights.asked
        current_hub().doubt()
        await until(lambda: rights.asked > asked)
        monkeypatch.setattr(hub, "HEARD_S", -1.0)
        await until(lambda: heard.kinds[-1] == "silence")
        assert heard.bodies[-1].keys() == {"seconds"}
        monkeypatch.setattr(hub, "HEARD_S", 3600.0)
        rights.answer.set()
        await until(lambda: heard.kinds[-1] == "beat")
        assert heard.kinds.count("silence") == 1
        write("a")
        await until(lambda: heard.cases == ["a"])


async def test_the_end_of_the_process_ends_streams_and_says_when_to_come_back(town: str) -> None:
    async with listening(ALL) as heard:
        current_hub().end()
        await until(lambda: heard.kinds[-1] == "ended: ending")
        assert 1000 <= heard.retries[-1] <= 5000
        with pytest.raises(NoRoomForStreams):
            async with current_hub().join(ALL, "new"):
                pass


async def test_there_are_only_so_many_streams(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_OF_ONE", 2)
    monkeypatch.setattr(hub, "MOST_STREAMS", 3)
    async with AsyncExitStack() as open_:
        for _ in range(2):
            await open_.enter_async_context(listening(ALL, "one"))
        with pytest.raises(TooManyStreams):
            await open_.enter_async_context(current_hub().join(ALL, "one"))
        await open_.enter_async_context(listening(ALL, "other"))
        with pytest.raises(NoRoomForStreams):
            await open_.enter_async_context(current_hub().join(ALL, "third"))
    async with current_hub().join(ALL, "one"):
        assert current_hub()._of_one == {"one": 1}
    assert not current_hub()._groups and not current_hub()._of_one


# ---- Ids, and what a group keeps ----


def test_ids_say_nothing_and_come_back() -> None:
    key, epoch = bytes(range(16)), "0123456789abcdef" * 2
    ids = [encode_id(key, epoch, seq) for seq in (0, 1, 2, 2**63 - 1)]
    assert [decode_id(key, epoch, one) for one in ids] == [0, 1, 2, 2**63 - 1]
    assert len({one[:4] for one in ids}) == 4 and {len(one) for one in ids} == {22}
    assert decode_id(key, "1" + epoch[1:], ids[1]) is None and decode_id(bytes(16), epoch, ids[1]) is None


def group_of(*chunks: tuple[int, int, bytes]) -> Group:
    made: Any = Group.__new__(Group)
    made._chunks, made._weight, made.through, made.streams = hub.deque(), 0, chunks[0][0] if chunks else 0, set()
    for chunk in chunks:
        made._keep(Chunk(*chunk))
    group: Group = made
    return group


def test_a_group_hands_out_what_follows_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    group = group_of((5, 7, b"ab"), (7, 7 + 1, b""), (8, 9, b"c"))
    assert group.take(5) == Chunk(5, 9, b"abc")
    assert group.take(8) == Chunk(8, 9, b"c")
    assert group.take(9) == Chunk(9, 9, b"")
    assert group.take(6) is None, "in the middle of a piece"
    assert group.take(4) is None, "not kept any more"
    monkeypatch.setattr(hub, "MOST_AT_ONCE", 2)
    assert group.take(5) == Chunk(5, 8, b"ab")
    monkeypatch.setattr(hub, "MOST_AT_ONCE", 1)
    assert group.take(5) == Chunk(5, 7, b"ab"), "never less than one piece"
    monkeypatch.setattr(hub, "_KEPT_BYTES", 2)
    group._keep(Chunk(9, 10, b"d"))
    assert group.take(5) is None and group.take(8) == Chunk(8, 9, b"c")
