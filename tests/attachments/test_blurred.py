"""A blurred photo stands for one that was stored: who still sees the first one, and who may do that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from attachment_files import make_jpeg, make_pdf
from case_tools import CHIEF, DESK, WORKER, person, take
from databases import FreshDatabase
from rights_tools import load_people

from data.attachments.errors import UnknownAttachment
from data.attachments.uploads import read_file, take_file
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database import connections

Connection = psycopg.Connection[Any]
LEADER = person("boss", "leader")
PATROL = person("patrol", "dispatcher")


@pytest.fixture
async def owner(fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GRIDWELL_ATTACHMENTS", str(tmp_path / "kept"))
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        settings.cache_clear()
        connection.execute("UPDATE incident SET number = source_key")
        yield connection
        await connections.close_pools()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _clean_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


async def sees(viewer: Viewer, of_hash: str) -> list[bool]:
    """Whether somebody sees a photo, and its small picture."""
    found = []
    for small in (False, True):
        try:
            await read_file(of_hash, viewer, small)
            found.append(True)
        except UnknownAttachment:
            found.append(False)
    return found


async def add(owner: Connection, viewer: Viewer, number: str, size: tuple[int, int]) -> str:
    """A photo of a case; returns its hash."""
    photo = await take_file(make_jpeg(size), viewer)
    assert take(owner, viewer, number, "remark", remark="see", attachments=[photo.hash])["ok"]
    return photo.hash


async def test_the_first_photo_is_seen_by_who_may_see_people_alone(owner: Connection) -> None:
    photo = await add(owner, PATROL, "i06", (64, 48))
    assert await sees(DESK, photo) == [True, True]
    blurred = await take_file(make_jpeg((65, 48)), PATROL)
    outcome = take(owner, PATROL, "i06", "blur", photo=photo, attachments=[blurred.hash])
    assert outcome["ok"], outcome
    for viewer in (DESK, LEADER, PATROL):
        assert await sees(viewer, photo) == [False, False], viewer.name
        assert await sees(viewer, blurred.hash) == [True, True]
    for viewer in (CHIEF, WORKER):
        assert await sees(viewer, photo) == [True, True] == await sees(viewer, blurred.hash)
    assert await sees(person("far", "supervisor", city.D2), photo) == [False, False], "out of scope, whatever the right"
    event = owner.execute("SELECT account, details ->> 'photo', attachments FROM incident_event WHERE step = 'blur'").fetchone()
    assert event == ("patrol", photo, [blurred.hash])


async def test_another_case_that_has_the_same_photo_keeps_it(owner: Connection) -> None:
    photo = await add(owner, PATROL, "i06", (64, 48))
    assert take(owner, PATROL, "i21", "remark", remark="see", attachments=[photo])["ok"]
    blurred = await take_file(make_jpeg((65, 48)), PATROL)
    assert take(owner, PATROL, "i06", "blur", photo=photo, attachments=[blurred.hash])["ok"]
    west, east = person("west", "dispatcher", city.D1), person("east", "dispatcher", city.D2)
    assert (await sees(west, photo), await sees(east, photo)) == ([False, False], [True, True])


async def test_what_cannot_stand_for_a_photo_is_refused(owner: Connection) -> None:
    photo, elsewhere = await add(owner, PATROL, "i06", (64, 48)), await add(owner, PATROL, "i05", (66, 48))
    sent = [(await take_file(raw, PATROL)).hash for raw in (make_jpeg((65, 48)), make_jpeg((67, 48)), make_pdf())]
    tries = (
        ("photo", "unknown_photo", elsewhere, sent[:1]),
        ("photo", "unknown_photo", "f" * 64, sent[:1]),
        ("attachments", "one_photo", photo, sent[:2]),
        ("attachments", "one_photo", photo, [photo]),
        ("attachments", "one_photo", photo, sent[2:]),
        ("attachments", "needed", photo, []),
    )
    for field, code, of, hashes in tries:
        outcome = take(owner, PATROL, "i06", "blur", photo=of, attachments=hashes)
        assert not outcome["ok"] and (field, code) in [(one["field"], one["code"]) for one in outcome["refusals"]], (outcome, code)
    assert await sees(DESK, photo) == [True, True]
    assert take(owner, PATROL, "i06", "blur", photo=photo, attachments=sent[:1])["ok"]
    again = take(owner, PATROL, "i06", "blur", photo=photo, attachments=sent[1:2])
    assert again["refusals"][0]["code"] == "unknown_photo", "another one stands for it already"
    assert take(owner, PATROL, "i06", "blur", photo=sent[0], attachments=sent[1:2])["ok"], "what is still seen is blurred once more"
    assert (await sees(DESK, sent[0]), await sees(DESK, sent[1])) == ([False, False], [True, True])


async def test_a_leader_blurs_nothing(owner: Connection) -> None:
    photo = await add(owner, PATROL, "i06", (64, 48))
    blurred = await take_file(make_jpeg((65, 48)), LEADER)
    outcome = take(owner, LEADER, "i06", "blur", photo=photo, attachments=[blurred.hash])
    assert outcome["refusals"][0]["code"] == "ability"
