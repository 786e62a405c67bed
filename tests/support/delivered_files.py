"""Files as a reader gets them, made in a test: read in this process, without a folder and a profile."""

from typing import Any

import pytest

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.readers import read_sheets
from data.importing.profile.source import Source


def read(content: bytes, name: str = "x.xlsx", **more: Any) -> list[Sheet]:
    """The sheets of a file; ``more`` is what its source says."""
    return list(read_sheets(DeliveredFile(name, [Part(name, content)]), Source(file=[name], **more)))


def refused(content: bytes, name: str = "x.xlsx", **more: Any) -> FileProblem:
    """Why a file cannot be used."""
    with pytest.raises(FileProblem) as problem:
        read(content, name, **more)
    return problem.value


def values(sheet: Sheet, column: str) -> list[Any]:
    """The values of a column."""
    found = sheet.columns[column]
    return found if isinstance(found, list) else list(found.to_pylist())
