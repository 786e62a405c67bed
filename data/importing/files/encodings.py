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


def read_member(file: DeliveredFile, name: str) -> bytes:
    """The content of a member of a zip file.

    Raises:
        FileProblem: it is broken.
    """
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            return archive.read(name)
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def is_workbook(file: DeliveredFile) -> bool:
    """Whether a zip file is a workbook, whatever it is called."""
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


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
    if "\0" in text and _wide(raw):  # a single one is a control character like others
        at = raw.find(b"\0")
        raise make_encoding_problem(raw, file, wanted, at, line=line + raw.count(b"\n", 0, at))
    return text


def make_encoding_problem(raw: bytes, file: str, encoding: str, at: int, line: int | None = None, column: str | None = None) -> FileProblem:
    """The problem to raise for bytes that are not ``encoding`` at offset ``at``."""
    before = raw[:at]
    where = {"line": line or before.count(b"\n") + 1, "column": column or len(before) - before.rfind(b"\n")}
    wide = _wide(raw)
    hint = wide or next((guess for guess in _likely(raw) if guess != encoding and _fits(raw, guess)), None)
    if hint is None:
        return FileProblem("wrong_encoding_unknown", file=file, encoding=encoding, **where)
    return FileProblem("wrong_encoding", file=file, encoding=encoding, hint=f'encoding = "{hint}"', **where)


def _wide(raw: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of plain characters, line breaks and delimiters among them, is 0."""
    if b"\0" not in raw:
        return None
    for name, order in (("utf-16-le", 1), ("utf-16-be", 0)):
        whole = raw[: len(raw) // 2 * 2]
        zeros = whole[order::2].count(0)
        if zeros > 4 * whole[1 - order :: 2].count(0) and zeros * 20 > len(whole) and _fits(whole, name):
            return name
    return None


def _likely(raw: bytes) -> tuple[str, ...]:
    """Encodings to try. Accented letters stand alone among plain ones, Chinese characters take two high bytes or more in a row."""
    return _WESTERN_FIRST if len(_LONE_BYTE.findall(raw)) > 0.5 * len(_RUN.findall(raw)) else _GUESSES


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
