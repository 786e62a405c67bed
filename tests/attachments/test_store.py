"""Both kinds of store: a folder, and an S3-like server on this machine. Each test runs on either."""

import io
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from data.attachments import store
from data.attachments.errors import FileMissing, StoreFailed
from data.attachments.files import clean_file
from data.attachments.store import THUMBNAIL, Store, StoredFile
from data.backup import files as backup_files
from data.core.settings import settings

from attachment_files import make_jpeg  # isort: skip

SECRETS = {"key": "k", "secret": "s", "config_kwargs": {"connect_timeout": 2, "read_timeout": 5, "retries": {"max_attempts": 1}}}
PHOTO = clean_file(make_jpeg())
OTHER = clean_file(make_jpeg(size=(30, 30)))


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Address of an S3-like server with the bucket “cases”."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=address, aws_access_key_id="k", aws_secret_access_key="s", region_name="us-east-1")
    client.create_bucket(Bucket="cases")
    yield address
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(str(tmp_path / "kept"))
    address = request.getfixturevalue("s3")
    return Store(f"s3://cases/{tmp_path.name}", {**SECRETS, "endpoint_url": address, "use_listings_cache": False})


def test_what_was_stored_comes_back_until_it_is_deleted(files: Store) -> None:
    assert not files.has(PHOTO.hash) and list(files.list_files()) == []
    began = datetime.now(UTC)
    files.put(PHOTO.hash, PHOTO.content)
    files.put(PHOTO.hash + THUMBNAIL, PHOTO.thumbnail or b"")
    files.put(OTHER.hash, OTHER.content)
    assert files.get(PHOTO.hash) == PHOTO.content and files.get(PHOTO.hash + THUMBNAIL) == PHOTO.thumbnail
    found = list(files.list_files())
    assert {file.name for file in found} == {PHOTO.hash, PHOTO.hash + THUMBNAIL, OTHER.hash}
    assert all(file.written_at is not None and abs((file.written_at - began).total_seconds()) < 60 for file in found)
    files.delete(PHOTO.hash)
    assert not files.has(PHOTO.hash) and not files.has(PHOTO.hash + THUMBNAIL) and files.has(OTHER.hash)
    files.delete(PHOTO.hash)
    with pytest.raises(FileMissing):
        files.get(PHOTO.hash)


def test_what_is_there_is_not_written_again(files: Store) -> None:
    files.put(PHOTO.hash, PHOTO.content)
    first = [file.written_at for file in files.list_files()]
    files.put(PHOTO.hash, PHOTO.content)
    assert [file.written_at for file in files.list_files()] == first


def test_half_a_file_is_written_again_and_never_given_out(files: Store) -> None:
    files.put(PHOTO.hash, PHOTO.content[:100])
    with pytest.raises(FileMissing):
        files.get(PHOTO.hash)
    files.put(PHOTO.hash, PHOTO.content)
    assert files.get(PHOTO.hash) == PHOTO.content


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/x", "", "a" * 64 + ".jpg", f"{'a' * 64}\n"])
def test_only_hashes_become_paths(files: Store, name: str) -> None:
    for do in (files.get, files.has, files.delete, lambda bad: files.put(bad, b"x")):
        with pytest.raises((ValueError, StoreFailed)):
            do(name)


def test_a_store_that_does_not_answer_is_told_soon() -> None:
    dead = Store("s3://cases/x", {**SECRETS, "endpoint_url": "http://127.0.0.1:9"})
    for do in (dead.get, dead.has, dead.delete, lambda name: dead.put(name, b"x"), lambda _: list(dead.list_files())):
        with pytest.raises(StoreFailed):
            do(PHOTO.hash)


def test_a_full_or_closed_folder_leaves_nothing_half(tmp_path: Path) -> None:
    files = Store(str(tmp_path / "kept"))
    (tmp_path / "kept" / PHOTO.hash[:2]).write_bytes(b"a file where a folder should be")
    with pytest.raises(StoreFailed):
        files.put(PHOTO.hash, PHOTO.content)
    assert list(files.list_files()) == []


def test_files_of_the_folder_are_its_owners_alone(tmp_path: Path) -> None:
    files = Store(str(tmp_path / "kept"))
    old = os.umask(0)
    try:
        files.put(PHOTO.hash, PHOTO.content)
    finally:
        os.umask(old)
    for path in [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_names_of_others_are_left_alone(files: Store) -> None:
    files._files.pipe_file(f"{files._root}/notes.txt", b"x")
    assert list(files.list_files()) == []


def test_a_store_elsewhere_is_in_the_backup_and_comes_back(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOME": str(tmp_path / "state"),
        "ATTACHMENTS": f"s3://cases/{tmp_path.name}",
        "ATTACHMENTS_ENDPOINT": s3,
        "ATTACHMENTS_KEY": "k",
        "ATTACHMENTS_SECRET": "s",
    }.items():
        monkeypatch.setenv(f"GRIDWELL_{name}", value)
    settings.cache_clear()
    try:
        store.open_store().put(PHOTO.hash, PHOTO.content)
        found, left = backup_files.pack_state_folders(tmp_path / "backup")
        assert found == ["attachments"] and left == []
        with tarfile.open(tmp_path / "backup" / "attachments.tar") as packed:
            names = [member.name for member in packed.getmembers() if member.isfile()]
        assert names == [f"attachments/{PHOTO.hash[:2]}/{PHOTO.hash[2:4]}/{PHOTO.hash}"]
        # The store is lost; what the backup brings back is served at once, and goes into the new store.
        store.open_store().delete(PHOTO.hash)
        backup_files.unpack_state_folder(tmp_path / "backup" / "attachments.tar", store.own_folder())
        assert store.read_stored(PHOTO.hash) == PHOTO.content
        assert store.bring_home() == 1 and store.bring_home() == 0
        assert store.open_store().get(PHOTO.hash) == PHOTO.content
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_listing_knows_nothing_but_names_and_times(files: Store) -> None:
    files.put(OTHER.hash, OTHER.content)
    assert list(files.list_files()) == [StoredFile(OTHER.hash, next(files.list_files()).written_at)]
    assert io.BytesIO(files.get(OTHER.hash)).read(2) == b"\xff\xd8"
