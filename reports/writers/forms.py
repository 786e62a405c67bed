"""The forms in which a report can be written, by the ending of the file."""

from collections.abc import Callable, Mapping

from data.core.errors import UnknownName
from data.core.spreadsheets import XLSX
from reports.content import Report
from reports.writers.docx import DOCX, write_docx
from reports.writers.pdf import write_pdf
from reports.writers.xlsx import write_xlsx

PDF = "application/pdf"
WRITERS: Mapping[str, tuple[str, Callable[[Report], bytes]]] = {
    ".pdf": (PDF, write_pdf),
    ".docx": (DOCX, write_docx),
    ".xlsx": (XLSX, write_xlsx),
}
"""Media type and writer of each form."""


def check_ending(ending: str) -> None:
    """Refuse an ending of which there is no form.

    Raises:
        UnknownName: no form has this ending.
    """
    if ending.lower() not in WRITERS:
        raise UnknownName.among("form", ending, sorted(WRITERS))


def write(report: Report, ending: str) -> bytes:
    """The report in the form that an ending names, such as ``.pdf``.

    Raises:
        UnknownName: no form has this ending.
    """
    check_ending(ending)
    return WRITERS[ending.lower()][1](report)
