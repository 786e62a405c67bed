"""Chooses a file's reader by its name or by the declared format. This and all readers run in the reader process only."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delimited import parse_csv, read_csv
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.encodings import is_workbook, list_members, read_bytes, read_member
from data.importing.files.gdal import read_gdal, read_kml, read_parquet
from data.importing.files.geojson import read_geojson
from data.importing.files.opendocument import refuse_half_read_cells
from data.importing.files.shape_columns import add_shapes
from data.importing.files.truncation import Cut
from data.importing.files.unpack_limits import check_file
from data.importing.files.workbooks import read_xlsx
from data.importing.profile.source import Source

_BY_ENDING = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".json": "json",
    ".geojson": "json",
    ".geojsonl": "jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".geojsons": "jsonl",
    ".kml": "kml",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
}
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_SHAPES = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".parquet", ".tab", ".mif", ".fgb", ".gml", ".sqlite")
_FAMILIES = (".shp", ".tab", ".mif")
"""Shapes whose folder GDAL takes for one source, each file for a layer."""
_NOTES = (".txt",)
"""Members of an archive that only explain the others, where there are others."""
_MORE_LEFT = re.compile(rb'"exceededTransferLimit"\s*:\s*(?:true|"true")')
_WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".et")
_OTHER_WORKBOOKS = (".xls", ".xlsb", ".et", ".ods")
"""Workbooks in an archive that are read, or refused, as they are outside of it."""
_OLD_WORKBOOK, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_HEAD = 4096
_WEB_PAGE = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE | re.DOTALL
)


def read_sheets(file: DeliveredFile, source: Source) -> Iterator[Sheet]:
    """Read one file as its ending or the declared format says; a large table comes in several sheets.

    Raises:
        FileProblem: with one sentence that names the file.
    """
    if file.size == 0:
        raise FileProblem("empty_file", file=file.told)
    with file.open() as stream:
        head = stream.read(_HEAD)
    refuse_impostor(file, head, source)
    check_file(file)
    for sheet in _sheets(file, source, source.format or _format(file, head)):
        if not len(sheet):
            raise FileProblem("empty_file", file=file.told)
        sheet.clean_names()
        add_shapes(sheet, source)
        yield sheet


def refuse_impostor(file: DeliveredFile, head: bytes, source: Source) -> None:
    """Say what a file is that is something else than its name says: web pages and old or locked workbooks.

    Raises:
        FileProblem: it is one of them.
    """
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")
    if _WEB_PAGE.match(text):
        raise FileProblem("web_page", file=file.told)
    if head.startswith(_OLD_WORKBOOK):
        raise FileProblem("old_workbook" if file.suffix != ".xlsx" else "locked_workbook", file=file.told)
    if source.format in (None, "xlsx") and file.suffix in _WORKBOOKS and not head.startswith(_ZIP):
        raise FileProblem("no_workbook", file=file.told)


def _sheets(file: DeliveredFile, source: Source, kind: str) -> Iterator[Sheet]:
    if kind in ("csv", "tsv"):
        yield from read_csv(file, source, tabs=kind == "tsv")
    elif kind == "xlsx":
        yield from read_xlsx(file, source)
    elif file.suffix == ".zip" and kind == "gdal":
        yield from _zip(file, source)
    else:
        yield _read(file, source, kind)


def _read(file: DeliveredFile, source: Source, kind: str) -> Sheet:
    if kind in ("json", "jsonl"):
        sheet = read_geojson(file, source, lines=kind == "jsonl")
        return sheet if isinstance(sheet, Sheet) else _read_other_json(file, source, sheet)
    if kind == "kml":
        return read_kml(file, source)
    if kind == "parquet":
        return read_parquet(file)
    if file.suffix == ".ods":
        refuse_half_read_cells(file, source)
    return read_gdal(file, source)


def _read_other_json(file: DeliveredFile, source: Source, cut: Cut | None) -> Sheet:
    """JSON that GDAL knows. Of an answer that is cut, GDAL would ask a server for the rest."""
    if cut is not None:
        whole = _MORE_LEFT.sub(b'"exceededTransferLimit": false', read_bytes(file))
        file = DeliveredFile(file.told, [Part(file.name.removesuffix(".gz"), whole)], file.most_unpacked)
    sheet = read_gdal(file, source)
    sheet.cut = sheet.cut or cut
    return sheet


def _format(file: DeliveredFile, head: bytes) -> str:
    """By the ending, except for files that say by their first bytes that they are something else."""
    name = file.name.lower().removesuffix(".gz")
    if head.startswith(_ZIP) and is_workbook(file):
        return "xlsx"
    if head.lstrip()[:6].lower() == b"!table":
        return "gdal"  # MapInfo's .tab, which is the ending of tab-separated text, too
    return _BY_ENDING.get(PurePath(name).suffix, "gdal")


def _zip(file: DeliveredFile, source: Source) -> Iterator[Sheet]:
    """A zip file with one table in it, or whatever GDAL finds inside."""
    tables = list_members(file, (*_TABLES, *_OTHER_WORKBOOKS))
    tables = [name for name in tables if not name.lower().endswith(_NOTES)] or tables
    shapes = list_members(file, _SHAPES)
    alike = {PurePath(name.lower()).suffix for name in shapes} <= {*_FAMILIES} and len({PurePath(name).parent for name in shapes}) == 1
    if (len(shapes) > 1 and not alike) or (len(tables) > 1 and not shapes):
        # GDAL sees several layers only in files of one kind that it knows as such.
        raise FileProblem("which_member", file=file.told, members=", ".join(shapes or tables))
    if shapes or not tables:
        yield read_gdal(file, source, inside=_find_inside(file, shapes, alike))
        return
    name, raw = tables[0], read_member(file, tables[0])
    inner = DeliveredFile(f"{file.told}/{name}", [Part(PurePath(name).name, raw)], file.most_unpacked)
    if name.lower().endswith(_OTHER_WORKBOOKS):
        yield from read_sheets(inner, source)
    elif name.lower().endswith((".xlsx", ".xlsm")):
        check_file(inner)
        yield from read_xlsx(inner, source)
    else:
        yield from parse_csv(iter([raw]), inner.told, source, tabs=name.lower().endswith(".tsv"))


def _find_inside(file: DeliveredFile, shapes: list[str], alike: bool) -> str:
    """Where in an archive GDAL finds its shapes: nowhere in particular where they lie at its top, else their folder."""
    geodatabases = {f"{name[: name.lower().index('.gdb/')]}.gdb" for name in list_members(file, (".gdbtable",)) if ".gdb/" in name.lower()}
    if len(geodatabases) == 1:
        return geodatabases.pop()
    folder = str(PurePath(shapes[0]).parent) if shapes else "."
    if folder == ".":
        return ""
    return folder if alike else shapes[0]
