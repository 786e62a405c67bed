"""A file that somebody sends: made clean in a thread, noted and stored; and a file that somebody asks for."""

import asyncio
from functools import partial

from data.attachments.errors import UnknownAttachment
from data.attachments.files import CleanFile, clean_file
from data.attachments.records import FileFacts, note_upload, require_facts
from data.attachments.store import THUMBNAIL, is_hash, open_store, read_stored
from data.concurrency.per_loop import PerLoop
from data.core.viewer import Viewer

_AT_ONCE = 2
"""Files that one process cleans at the same time: a large photo takes some hundred megabytes while it is decoded."""
_turns = PerLoop(lambda: asyncio.Semaphore(_AT_ONCE))


async def take_file(raw: bytes, viewer: Viewer, keep_place: bool = False) -> CleanFile:
    """Take a file that a viewer sends; afterwards it can be attached to a case within a day.

    Args:
        raw: the file as it came.
        viewer: who sends it.
        keep_place: whether the place at which a photo was taken is kept.

    Raises:
        FileNotTaken, FileTooLarge, TooManyFiles, NotOpen, StoreFailed: see ``clean_file`` and ``note_upload``.
    """
    async with _turns():
        file = await asyncio.to_thread(clean_file, raw)
        await note_upload(file, viewer, keep_place, partial(asyncio.to_thread, _store, file))
    return file


async def read_file(of_hash: str, viewer: Viewer, small: bool = False) -> tuple[FileFacts, bytes]:
    """A stored file, or the small picture of a photo.

    Raises:
        UnknownAttachment: there is none, this viewer may not see it, or a paper was asked for a small picture.
        FileMissing, StoreFailed: the store does not have it, or does not answer.
    """
    if not is_hash(of_hash):
        raise UnknownAttachment()
    facts = await require_facts(of_hash, viewer)
    if small and facts.width is None:
        raise UnknownAttachment()
    return facts, await asyncio.to_thread(read_stored, of_hash + THUMBNAIL if small else of_hash)


def _store(file: CleanFile) -> None:
    store = open_store()
    if file.thumbnail is not None:
        store.put(file.hash + THUMBNAIL, file.thumbnail)
    store.put(file.hash, file.content)
