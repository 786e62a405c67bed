"""What openpyxl does not offer of a sheet that is read row by row: formulas without a stored value, merged cells, days without a time."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
"""What a number format shows as it stands, and its language."""


@dataclass(frozen=True)
class Merged:
    """Cells that are shown as one; rows and columns count from 1."""

    first_row: int
    last_row: int
    column: int


class SheetRows:
    """The rows of a sheet, and after them what else is told of it.

    Args:
        book: a workbook that was loaded with ``read_only`` and ``data_only``.
        sheet: one of its sheets.
    """

    def __init__(self, book: Any, sheet: Any) -> None:
        self._book, self._sheet = book, sheet
        self.hollow: list[tuple[int, int]] = []
        self.merged: list[Merged] = []

    def __iter__(self) -> Iterator[tuple[int, list[tuple[int, object]]]]:
        """Row by row its number and the values of its cells with their column."""
        with self._sheet._get_source() as source:
            parser = _Parser(self._book, source, self._sheet._shared_strings, self.hollow)
            for number, cells in parser.parse():
                yield number, [(cell["column"], cell["value"]) for cell in cells]
            for one in parser.merged_cells.mergeCell if parser.merged_cells else ():
                left, top, _, bottom = range_boundaries(one.ref)
                if bottom > top:
                    self.merged.append(Merged(top, bottom, left))


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's own, which notes formulas without a value and tells days from moments."""

    def __init__(self, book: Any, source: Any, strings: Any, hollow: list[tuple[int, int]]) -> None:
        super().__init__(
            source,
            strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self._hollow = hollow
        self._days = {style for style in book._date_formats if _is_day(book, style)}

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        value = cell["value"]
        if value is None:
            if element.find(FORMULA_TAG) is not None:
                self._hollow.append((cell["row"], cell["column"]))
        elif type(value) is dt.datetime and cell["style_id"] in self._days and value.time() == dt.time():
            cell["value"] = value.date()
        return cell


def _is_day(book: Any, style: int) -> bool:
    """Whether cells of this style show a day and no time."""
    number = book._cell_styles[style].numFmtId
    own = number - 164
    shown = BUILTIN_FORMATS.get(number) or (book._number_formats[own] if 0 <= own < len(book._number_formats) else "")
    plain = _LITERAL.sub("", shown or "").casefold()
    return any(c in plain for c in "dy") and not any(c in plain for c in "hs")
