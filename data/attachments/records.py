"""Rows of files: what is noted when one comes, who may see it, and which cases have it.

Who writes a file's row and who deletes a file hold the same lock on its hash, so that content which comes again is not deleted meanwhile.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from data.attachments.errors import TooManyFiles, UnknownAttachment
from data.attachments.files import CleanFile
from data.core.errors import NotOpen
from data.core.viewer import Viewer
from data.database.connections import Connection
from data.database.transactions import fetch, write_transaction
from data.schema import attachment

MOST_UPLOADS = 500
"""Files of one account within a day that belong to no case; the function of the database counts them."""
_NOTE = text("SELECT note_upload(:hash, :type, :bytes, :width, :height, :pages, :lon, :lat, :looks)")
_TOO_MANY, _FORBIDDEN = "GW008", ("GW003", "42501")

Case = tuple[str, int]
"""District and id of an incident."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a stored file: type, size in bytes, and the size of a photo in pixels or of a paper in pages."""

    hash: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    pages: int | None


async def note_upload(file: CleanFile, viewer: Viewer, keep_place: bool, store: Callable[[], Awaitable[None]]) -> None:
    """Note a file that somebody sent, and store it, both or neither.

    Args:
        file: the clean file.
        viewer: who sent it.
        keep_place: whether the place at which it was taken is kept.
        store: stores it; called while the file's lock is held.

    Raises:
        NotOpen: the viewer sees no cases.
        TooManyFiles: this account has too many that belong to no case.
        StoreFailed: the store does not take it.
    """
    lon, lat = file.place if keep_place and file.place is not None else (None, None)
    values = {"hash": file.hash, "type": file.media_type, "bytes": len(file.content), "lon": lon, "lat": lat}
    try:
        async with write_transaction(viewer) as connection:
            photo = {"width": file.width, "height": file.height, "looks": file.looks}
            await connection.execute(_NOTE, {**values, **photo, "pages": file.pages})
            await store()
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _FORBIDDEN:
            raise NotOpen() from None
        if state == _TOO_MANY:
            raise TooManyFiles(count=MOST_UPLOADS, most=MOST_UPLOADS) from None
        raise


async def fetch_facts(hashes: Sequence[str], viewer: Viewer) -> dict[str, FileFacts]:
    """Files by their hashes, as far as this viewer may see them."""
    columns = (attachment.c.hash, attachment.c.media_type, attachment.c.bytes, attachment.c.width, attachment.c.height, attachment.c.pages)
    rows = await fetch(select(*columns).where(attachment.c.hash.in_(list(hashes))), viewer)
    return {row["hash"]: FileFacts(*(row[column.name] for column in columns)) for row in rows}


async def require_facts(of_hash: str, viewer: Viewer) -> FileFacts:
    """One file.

    Raises:
        UnknownAttachment: there is none, or this viewer may not see it.
    """
    found = await fetch_facts([of_hash], viewer)
    if of_hash not in found:
        raise UnknownAttachment()
    return found[of_hash]


# ---- The writer of cases, as the owner of the tables ----

_KNOWN = """
SELECT hash FROM attachment_upload WHERE account = %s AND hash = ANY(%s)
UNION SELECT hash FROM attachment_case WHERE district = %s AND incident_id = %s AND hash = ANY(%s)
"""
_ATTACH = """
INSERT INTO attachment_case (hash, district, incident_id, account, place)
SELECT w.hash, w.district, w.incident_id, w.account, u.place
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[]) w (hash, district, incident_id, account)
LEFT JOIN attachment_upload u ON u.hash = w.hash AND u.account = w.account
ON CONFLICT DO NOTHING
"""


def find_unknown(connection: Connection, account: str, case: Case | None, hashes: Sequence[str]) -> list[str]:
    """Which of these files an account may not attach to a case: it did not send them of late, and the case does not have them already.

    Args:
        connection: the owner's.
        account: name of the account.
        case: the case; ``None`` for one that is not there yet.
        hashes: of the files.
    """
    if not hashes:
        return []
    district, incident_id = case or ("", 0)
    wanted = list(hashes)
    known = {of_hash for (of_hash,) in connection.execute(_KNOWN, [account, wanted, district, incident_id, wanted])}
    return [of_hash for of_hash in wanted if of_hash not in known]


def attach(connection: Connection, wanted: Iterable[tuple[Case, str, Sequence[str]]]) -> None:
    """Give files to cases, in the transaction that writes the steps.

    Args:
        connection: the owner's.
        wanted: the case, the account that attaches, and hashes.
    """
    rows = [(of_hash, *case, account) for case, account, hashes in wanted for of_hash in hashes]
    if rows:
        connection.execute(_ATTACH, [list(column) for column in zip(*rows, strict=True)])
