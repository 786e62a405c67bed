"""psycopg still says in its own way that a wait has ended, as ``data/database/psycopg_internals.py`` relies on."""

import psycopg
import pytest

from data.database import patience
from data.database.patience import PatientConnection, ServerSilent


async def test_a_wait_that_took_too_long_closes_the_connection(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ANSWER_S", 0.05)
    connection = await PatientConnection.connect(database)
    with pytest.raises(ServerSilent, match=r"nothing for 0\.05 s"):
        await connection.execute("SELECT pg_sleep(600)")
    assert connection.closed
    with pytest.raises(psycopg.OperationalError, match="closed"):
        await connection.rollback()


async def test_who_names_a_time_keeps_the_connection(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ANSWER_S", 60)
    async with await PatientConnection.connect(database, autocommit=True) as connection:
        assert [note async for note in connection.notifies(timeout=0.01)] == []
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
        with pytest.raises(TypeError, match="timeout"):
            connection.notifies()  # type: ignore[call-arg]  # it would end with the usual wait
