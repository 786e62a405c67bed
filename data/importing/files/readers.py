"""Chooses a file's reader by its name or by the declared format, and finds the files of a pattern."""

from collections.abc import Iterator
from pathlib import Path

import pyogrio

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delimited import parse_csv, read_csv
from data.importing.files.encodings import list_members, read_only_member
from data.importing.files.gdal import read_gdal, read_kml, read_parquet
from data.importing.files.geojson import read_geojson
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
_NOTHING_FROM_AFAR = {"CPL_VSIL_CURL_ALLOWED_FILENAME": "/nothing", "GML_DOWNLOAD_SCHEMA": False}
"""Whatever a file asks for, GDAL fetches nothing from other machines."""
_TABLES = (".csv", ".tsv", ".txt")
_SHAPES = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".parquet")


def find_files(folder: Path, patterns: list[str]) -> tuple[list[tuple[Path, str]], list[str]]:
    """Files that the patterns mean, in order and once each, with the name to tell people; and the patterns that mean none.

    A pattern is looked for in the folder and, where it means nothing there, beside it: so a profile whose paths begin with the city's
    folder works with that folder and with the one around it, and rows keep their keys either way.
    """
    found: dict[Path, str] = {}
    empty: list[str] = []
    for pattern in patterns:
        if leaves_folder(folder, pattern):
            empty.append(pattern)
            continue
        try:
            matches = _matches(folder, pattern) or _matches(folder.parent, pattern)
        except OSError:  # a name that no file can have, or a folder that may not be entered
            matches = []
        if not matches:
            empty.append(pattern)
        for path, told in matches:
            found.setdefault(path, told)
    return list(found.items()), empty


def leaves_folder(folder: Path, pattern: str) -> bool:
    """Whether a pattern means files that lie neither in the folder nor beside it: a profile may come from somebody else."""
    given = Path(pattern)
    return ".." in given.parts or (given.is_absolute() and not given.is_relative_to(folder.absolute().parent))


def _matches(base: Path, pattern: str) -> list[tuple[Path, str]]:
    given = Path(pattern)
    if given.is_absolute():
        return [(given, given.name)] if given.is_file() else []
    if (base / pattern).is_file():
        return [(base / pattern, pattern)]
    paths = sorted(p for p in base.glob(pattern) if p.is_file()) if any(c in pattern for c in "*?[") else []
    return [(p, p.relative_to(base).as_posix()) for p in paths]


def read_file(path: Path, file: str, source: Source) -> Iterator[Sheet]:
    """Read one file as its ending or the declared format says; a large table comes in several sheets.

    Raises:
        FileProblem: with one sentence that names the file.
    """
    if path.stat().st_size == 0:
        raise FileProblem("empty_file", file=file)
    check_file(path, file)
    for sheet in _sheets(path, file, source):
        if not len(sheet):
            raise FileProblem("empty_file", file=file)
        sheet.add_file_columns(path)
        yield sheet


def _sheets(path: Path, file: str, source: Source) -> Iterator[Sheet]:
    kind = source.format or _format(path)
    if kind in ("csv", "tsv"):
        yield from read_csv(path, file, source, tabs=kind == "tsv")
    elif path.suffix == ".zip" and kind == "gdal":
        yield from _zip(path, file, source)
    else:
        yield _read(path, file, source, kind)


def _read(path: Path, file: str, source: Source, kind: str) -> Sheet:
    if kind == "xlsx":
        return read_xlsx(path, file, source)
    if kind in ("json", "jsonl"):
        sheet = read_geojson(path, file, source.encoding, lines=kind == "jsonl")
        return sheet if sheet is not None else read_gdal(path, file, source)
    if kind == "kml":
        return read_kml(path, file, source)
    if kind == "parquet":
        return read_parquet(path, file)
    return read_gdal(path, file, source)


def _format(path: Path) -> str:
    name = path.name.removesuffix(".gz").lower()
    return _BY_ENDING.get(Path(name).suffix, "gdal")


def _zip(path: Path, file: str, source: Source) -> Iterator[Sheet]:
    """A zip file with one table in it, or whatever GDAL finds inside."""
    member = read_only_member(path, file, _TABLES)
    shapes = list_members(path, file, _SHAPES)
    if len(shapes) > 1 and not all(name.lower().endswith(".shp") for name in shapes):
        # GDAL sees several layers only in files of one kind that it knows as such.
        raise FileProblem("which_member", file=file, members=", ".join(shapes))
    if member is not None and not shapes:
        name, raw = member
        yield from parse_csv(iter([raw]), f"{file}/{name}", source, tabs=name.endswith(".tsv"))
    else:
        yield read_gdal(path, file, source)


pyogrio.set_gdal_config_options({"OGR_GEOJSON_MAX_OBJ_SIZE": 0, "GDAL_HTTP_MAX_RETRY": 0, **_NOTHING_FROM_AFAR})
