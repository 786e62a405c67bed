"""Cells of OpenDocument sheets that GDAL reads in part or not at all: merged over several rows, or formulas without their results."""

import zipfile
from xml.etree.ElementTree import Element, ParseError, iterparse  # entities were refused before

from openpyxl.utils import get_column_letter

from data.importing.common.sentences import FileProblem
from data.importing.files.delivered import DeliveredFile
from data.importing.profile.source import Source

_TABLE, _OFFICE = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office"))
_SHEET, _ROW, _CELL, _COVERED = (f"{_TABLE}{name}" for name in ("table", "table-row", "table-cell", "covered-table-cell"))
_RESULTS = tuple(f"{_OFFICE}{name}" for name in ("value", "date-value", "time-value", "boolean-value", "string-value"))


def refuse_half_read_cells(file: DeliveredFile, source: Source) -> None:
    """Look at the cells of the sheet that is read, or of all where none is named.

    Raises:
        FileProblem: one is merged over several rows, or holds a formula whose result is not stored; or it is no OpenDocument file.
    """
    sheet, row, column = "", 0, 0
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive, archive.open("content.xml") as content:
            for event, element in iterparse(content, ("start", "end")):  # nosec B314 # noqa: S314
                if event == "start" and element.tag == _SHEET:
                    sheet, row = element.get(f"{_TABLE}name", ""), 0
                elif event == "start" and element.tag == _ROW:
                    column = 0
                elif event == "end" and element.tag in (_CELL, _COVERED):
                    if sheet == (source.layer or sheet) and (reason := _half_read(element)):
                        cell = f"{get_column_letter(column + 1)}{row + 1}"
                        raise FileProblem(reason, file=file.told, sheet=sheet, cell=cell)
                    column += _number(element, "columns-repeated")
                elif event == "end" and element.tag == _ROW:
                    row += _number(element, "rows-repeated")
                    element.clear()  # a large sheet would otherwise be held as a whole
    except (zipfile.BadZipFile, KeyError, OSError, ParseError, ValueError) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def _half_read(cell: Element) -> str | None:
    """Why a cell is not read as it is shown, if it is not. A result may also be the text inside."""
    if _number(cell, "rows-spanned") > 1:
        return "merged_in_ods"
    has_result = len(cell) or any(cell.get(name) is not None for name in _RESULTS)
    return None if cell.get(f"{_TABLE}formula") is None or has_result else "hollow_in_ods"


def _number(element: Element, name: str) -> int:
    return int(element.get(f"{_TABLE}number-{name}", "1"))
