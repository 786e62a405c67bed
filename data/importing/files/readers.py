"""Chooses a file's reader by its name or by the declared format. This and all readers run in the reader process only."""

from collections.abc import Iterator
from pathlib import PurePath

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delimited import parse_csv, read_csv
from data.importing.files.delivered import DeliveredFile
from data.importing.files.encodings import list_members, read_only_member
from data.importing.files.gdal import read_gdal, read_kml, read_parquet
from data.importing.files.geojson import read_geojson
from data.importing.files.shape_columns import add_shapes
from data.importing.files.tables import read_xlsx
from data.importing.files.unpack_limits import check_file
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
_TABLES = (".csv", ".tsv", ".txt")
_SHAPES = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".parquet")


def read_sheets(file: DeliveredFile, source: Source) -> Iterator[Sheet]:
    """Read one file as its ending or the declared format says; a large table comes in several sheets.

    Raises:
        FileProblem: with one sentence that names the file.
    """
    if file.size == 0:
        raise FileProblem("empty_file", file=file.told)
    check_file(file)
    for sheet in _sheets(file, source):
        if not len(sheet):
            raise FileProblem("empty_file", file=file.told)
        sheet.clean_names()
        add_shapes(sheet, source)
        yield sheet


def _sheets(file: DeliveredFile, source: Source) -> Iterator[Sheet]:
    kind = source.format or _format(file)
    if kind in ("csv", "tsv"):
        yield from read_csv(file, source, tabs=kind == "tsv")
    elif file.suffix == ".zip" and kind == "gdal":
        yield from _zip(file, source)
    else:
        yield _read(file, source, kind)


def _read(file: DeliveredFile, source: Source, kind: str) -> Sheet:
    if kind == "xlsx":
        return read_xlsx(file, source)
    if kind in ("json", "jsonl"):
        sheet = read_geojson(file, source.encoding, lines=kind == "jsonl")
        return sheet if sheet is not None else read_gdal(file, source)
    if kind == "kml":
        return read_kml(file, source)
    if kind == "parquet":
        return read_parquet(file)
    return read_gdal(file, source)


def _format(file: DeliveredFile) -> str:
    name = file.name.lower().removesuffix(".gz")
    return _BY_ENDING.get(PurePath(name).suffix, "gdal")


def _zip(file: DeliveredFile, source: Source) -> Iterator[Sheet]:
    """A zip file with one table in it, or whatever GDAL finds inside."""
    member = read_only_member(file, _TABLES)
    shapes = list_members(file, _SHAPES)
    if len(shapes) > 1 and not all(name.lower().endswith(".shp") for name in shapes):
        # GDAL sees several layers only in files of one kind that it knows as such.
        raise FileProblem("which_member", file=file.told, members=", ".join(shapes))
    if member is not None and not shapes:
        name, raw = member
        yield from parse_csv(iter([raw]), f"{file.told}/{name}", source, tabs=name.endswith(".tsv"))
    else:
        yield read_gdal(file, source)
