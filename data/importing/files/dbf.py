"""Finds the encoding of a shapefile's table that does not state it.

GDAL then reads the bytes as Latin-1, which never fails and turns Chinese into nonsense.
"""

import struct

from data.importing.files.delivered import DeliveredFile
from data.importing.files.encodings import make_encoding_problem

_HEADER = 32
_LANGUAGE_BYTE = 29
_FIELD = 32
_END_OF_FIELDS = 0x0D


def detect_dbf_encoding(shapefile: DeliveredFile) -> str | None:
    """``"utf-8"`` for a table that does not state its encoding but is UTF-8; ``None`` where GDAL knows better.

    Raises:
        FileProblem: it states none and is something else; line (row) and column of the first byte that shows it.
    """
    table = shapefile.find_part(".dbf")
    if table is None or shapefile.find_part(".cpg") is not None:
        return None
    file, raw = shapefile.told, table.read()
    if len(raw) <= _HEADER or raw[_LANGUAGE_BYTE] != 0:
        return None
    start, width = struct.unpack_from("<HH", raw, 8)
    fields = _fields(raw, start)
    names = b"\n".join(name for name, _ in fields)
    body = raw[start:]
    for text in (names, body):
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            if text is names:
                raise make_encoding_problem(
                    names, file, "utf-8", error.start, line=1, column=str(names[: error.start].count(b"\n") + 1)
                ) from None
            row, at = divmod(error.start, width)
            raise make_encoding_problem(body, file, "utf-8", error.start, line=row + 1, column=_field_at(fields, at)) from None
    return "utf-8"


def _fields(raw: bytes, start: int) -> list[tuple[bytes, int]]:
    """Name and width of every field."""
    found = []
    for at in range(_HEADER, start - 1, _FIELD):
        if raw[at] == _END_OF_FIELDS:
            break
        found.append((raw[at : at + 11].split(b"\0")[0], raw[at + 16]))
    return found


def _field_at(fields: list[tuple[bytes, int]], at: int) -> str:
    end = 1  # the first byte of a row says whether it is deleted
    for name, width in fields:
        end += width
        if at < end:
            return name.decode("ascii", "replace")
    return "?"
