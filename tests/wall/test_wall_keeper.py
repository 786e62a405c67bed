"""The watch over walls outlasts a fault of any kind."""

import threading
from typing import Any

import pytest
import small_city as city
from databases import FreshDatabase

from data.wall import keeping
from data.wall.interrupting import interrupt_walls


def test_the_keeper_goes_on_after_a_fault(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults, again = iter([IndexError("once")]), threading.Event()

    def fail_once(*asked: Any) -> tuple[int, int]:
        for fault in faults:
            raise fault
        again.set()
        return interrupt_walls(*asked)

    monkeypatch.setattr(keeping.WallKeeper, "every_s", 0.02)
    monkeypatch.setattr(keeping, "interrupt_walls", fail_once)
    with fresh_database(city.load):
        keeper = keeping.WallKeeper()
        thread = threading.Thread(target=keeper.run)
        thread.start()
        assert again.wait(60)
        keeper.close()
        thread.join()
    assert "IndexError: once" in caplog.text
