"""A file as it came, made into what is stored: recognised by its content, whatever its name or sender says."""

import hashlib
from dataclasses import dataclass

from data.attachments.errors import EmptyFile, FileTooLarge
from data.attachments.looks import describe_looks
from data.attachments.papers import is_paper, make_paper
from data.attachments.photos import make_photo

MOST_MEGABYTES = 20
MOST_BYTES = MOST_MEGABYTES * 1_000_000
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class CleanFile:
    """What is stored.

    Attributes:
        hash: SHA-256 of ``content``, hexadecimal: the name under which it is stored and asked for.
        content: the clean file.
        media_type: ``image/jpeg``, ``image/png`` or ``application/pdf``.
        width: of a photo, pixels.
        height: of a photo, pixels.
        pages: of a paper.
        thumbnail: of a photo, a small JPEG.
        place: longitude and latitude of the file as it came, degrees.
        looks: of a photo, see ``data.attachments.looks``.
    """

    hash: str
    content: bytes
    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    thumbnail: bytes | None = None
    place: tuple[float, float] | None = None
    looks: int | None = None


def clean_file(raw: bytes) -> CleanFile:
    """Make a file harmless. It takes up to some seconds of a processor: not for the event loop.

    Raises:
        FileTooLarge: more than ``MOST_BYTES``.
        FileNotTaken: it is empty, of another kind, damaged, or too large inside.
    """
    if len(raw) > MOST_BYTES:
        raise FileTooLarge(most=MOST_MEGABYTES)
    if not raw:
        raise EmptyFile()
    if is_paper(raw):
        paper = make_paper(raw)
        return CleanFile(_hash(paper.content), paper.content, PDF, pages=paper.pages)
    photo = make_photo(raw)
    return CleanFile(
        _hash(photo.content),
        photo.content,
        photo.media_type,
        photo.width,
        photo.height,
        thumbnail=photo.thumbnail,
        place=photo.place,
        looks=describe_looks(photo.thumbnail),
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
