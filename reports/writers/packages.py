"""Office files are ZIP archives: written so that the same report gives the same bytes."""

import io
import zipfile
from datetime import UTC, datetime

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a ZIP archive can hold. When a file was written tells nothing about the report."""


def fix_dates(made: bytes) -> bytes:
    """The same archive without the moment and the machine of its making, in the order of its parts."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            new.writestr(entry, old.read(name))
    return fixed.getvalue()


def find_moment(last: str) -> datetime:
    """The moment in a file's properties: the end of the report's days. It must not depend on when the file is written."""
    return datetime.fromisoformat(last).replace(tzinfo=UTC)
