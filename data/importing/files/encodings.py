"""From a file's bytes to text: gzip and zip undone, encodings tried, and a wrong one named with line and column."""

import codecs
import re
import zipfile
import zlib

from data.importing.common.sentences import FileProblem
from data.importing.files.delivered import DeliveredFile
from data.importing.files.unpack_limits import GzipReader

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUESSES = ("gb18030", "big5", "cp1252", "latin-1")
_WESTERN_FIRST = ("cp1252", "latin-1", *_GUESSES)
_LONE_BYTE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_RUN = re.compile(rb"[\x80-\xff]+")


def read_bytes(file: DeliveredFile) -> bytes:
    """The content of a file, unzipped where its name ends in ``.gz``.

    Raises:
        FileProblem: empty, or not readable.
    """
    try:
        if file.suffix == ".gz":
            with GzipReader(file) as stream:
                raw = stream.read()
        else:
            raw = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error
    if not raw.strip():
        raise FileProblem("empty_file", file=file.told)
    return raw


def read_only_member(file: DeliveredFile, endings: tuple[str, ...]) -> tuple[str, bytes] | None:
    """Name and content of the only member of a zip file that ends in one of ``endings``; ``None`` when there is not exactly one."""
    names = list_members(file, endings)
    if len(names) != 1:
        return None
    with file.open() as stream, zipfile.ZipFile(stream) as archive:
        return names[0], archive.read(names[0])


def list_members(file: DeliveredFile, endings: tuple[str, ...]) -> list[str]:
    """Members of a zip file whose names end so.

    Raises:
        FileProblem: it is no zip file.
    """
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            return [n for n in archive.namelist() if n.lower().endswith(endings) and not n.startswith("__MACOSX")]
    except (OSError, zipfile.BadZipFile) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def decode_text(raw: bytes, file: str, encoding: str | None, line: int = 1) -> str:
    """Bytes as text (of a file from ``line`` on), by the declared encoding, else UTF-8 (or what a byte-order mark says).

    Nothing is guessed silently: many encodings read any bytes at all, and then give nonsense.

    Raises:
        FileProblem: naming line and column of the first byte that does not fit, and an encoding that does.
    """
    wanted = encoding or next((name for bom, name in _BOMS if raw.startswith(bom)), "utf-8")
    try:
        text = raw.decode("utf-8-sig" if wanted.lower().replace("_", "-") in ("utf-8", "utf8") else wanted)
    except LookupError:
        raise FileProblem("unreadable_file", file=file, detail=f"encoding “{wanted}”?") from None
    except UnicodeDecodeError as error:
        raise make_encoding_problem(raw, file, wanted, error.start, line=line + raw.count(b"\n", 0, error.start)) from None
    return text


def make_encoding_problem(raw: bytes, file: str, encoding: str, at: int, line: int | None = None, column: str | None = None) -> FileProblem:
    """The problem to raise for bytes that are not ``encoding`` at offset ``at``."""
    before = raw[:at]
    where = {"line": line or before.count(b"\n") + 1, "column": column or len(before) - before.rfind(b"\n")}
    hint = next((guess for guess in _likely(raw) if guess != encoding and _fits(raw, guess)), None)
    if hint is None:
        return FileProblem("wrong_encoding_unknown", file=file, encoding=encoding, **where)
    return FileProblem("wrong_encoding", file=file, encoding=encoding, hint=f'encoding = "{hint}"', **where)


def _likely(raw: bytes) -> tuple[str, ...]:
    """Encodings to try. Accented letters stand alone among plain ones, Chinese characters take two high bytes or more in a row."""
    return _WESTERN_FIRST if len(_LONE_BYTE.findall(raw)) > 0.5 * len(_RUN.findall(raw)) else _GUESSES


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
