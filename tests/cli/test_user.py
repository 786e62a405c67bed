"""``./gridwell user`` at a terminal: an impossible request is refused before anybody types a password."""

from collections.abc import Iterator

import pytest

from cli.__main__ import main
from data.accounts import store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.core.settings import settings


@pytest.fixture
def asked(small: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked for at the terminal; the answer is always the same good password."""
    questions: list[str] = []

    def answer(prompt: str) -> str:
        questions.append(prompt)
        return "7 wells, 4 bridges"

    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    settings.cache_clear()
    with owner_transaction() as connection:
        connection.exec_driver_sql("TRUNCATE account CASCADE")
        store.add(connection, Draft("wang", role="administrator"))
    yield questions


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "chen", "--role", "supervisor", "--area", "nowhere"), "no area with that code"),
        (("add", "chen", "--role", "supervisor", "--figures", "nowhere"), "no area with that code"),
        (("add", "a b", "--role", "supervisor"), "a name has"),
        (("add", "Wang", "--role", "supervisor"), "name “Wang” already"),
        (("passwd", "nobody"), "no account with the name “nobody”"),
    ],
)
def test_nobody_types_a_password_for_what_cannot_be_done(
    asked: list[str], capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    assert main(["user", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert asked == []


def test_what_can_be_done_asks_for_the_password_twice(asked: list[str]) -> None:
    assert main(["user", "add", "chen", "--role", "supervisor", "--area", "990101"]) == 0
    assert asked == ["Password: ", "Repeat password: "]
    with owner_transaction() as connection:
        assert store.fetch_named(connection, "chen").password_hash is not None
