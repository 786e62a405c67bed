"""Reads formats of GDAL (through pyogrio), GeoParquet (through pyarrow), and KML's ExtendedData, which this GDAL leaves empty."""

import xml.etree.ElementTree as ElementTree  # entities were refused before
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from data.importing.common.columns import Values, make_column, to_list
from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.dbf import detect_dbf_encoding
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.encodings import make_encoding_problem, read_bytes
from data.importing.files.gdal_internals import DRIVERS, place_in_memory, straighten_curves
from data.importing.files.shape_columns import read_shapes
from data.importing.files.truncation import find_cut_in_markup
from data.importing.files.unpack_limits import check_file
from data.importing.profile.source import Source

_UTF8_DRIVERS = {"GPKG", "FlatGeobuf", "SQLite"}
_UNKNOWN = "not recognized as being in a supported file format"
"""What GDAL says when no driver takes a file."""
_MARKUP, _HEAD = (".gml", ".xml"), 1 << 20
_SIMPLE = {"object", "int16", "int32", "int64", "float32", "float64", "bool"}


def read_gdal(delivered: DeliveredFile, source: Source, inside: str = "") -> Sheet:
    """One layer of a file in one of the formats that ``DRIVERS`` names; of an archive, of what lies ``inside`` at this path.

    Raises:
        FileProblem: not readable, no such layer, several layers and none declared, wrong encoding, no rows.
    """
    if delivered.suffix == ".gz":
        return _read_unzipped(delivered, source)
    file, place = delivered.told, place_in_memory(list(delivered.parts))
    name = f"/vsizip/{place}" + (f"/{inside}" if inside else "") if delivered.suffix == ".zip" else place
    encoding = source.encoding or (detect_dbf_encoding(delivered) if delivered.suffix == ".shp" else None)
    try:
        layer = _layer(name, file, source.layer)
        sheet = _read_with_arrow(name, layer, file)
        if sheet is not None:
            return sheet
        frame = pyogrio.read_dataframe(
            name, layer=layer, encoding=encoding, on_invalid="ignore", force_2d=True, datetime_as_string=True, use_arrow=False
        )
    except UnicodeDecodeError as error:
        raise _text_problem(name, file, encoding or error.encoding) from None
    except (DataSourceError, DataLayerError, ValueError) as error:
        if _UNKNOWN in str(error):
            raise FileProblem("unknown_format", file=file, formats=", ".join(DRIVERS)) from None
        raise FileProblem("unreadable_file", file=file, detail=_reason(error, name, place, file)) from error
    if not len(frame):
        raise FileProblem("empty_file", file=file)
    sheet = from_frame(frame, file)
    _keep_digits(sheet, name, layer, encoding)
    if delivered.suffix in _MARKUP:
        with delivered.open() as stream:
            sheet.cut = find_cut_in_markup(stream.read(_HEAD))
    return sheet


def _keep_digits(sheet: Sheet, name: str, layer: str | None, encoding: str | None) -> None:
    """Whole numbers beside gaps, which pandas makes decimal numbers of, with all their digits."""
    about = pyogrio.read_info(name, layer=layer, encoding=encoding)
    whole = [field for field, kind in zip(about["fields"], about["dtypes"], strict=True) if kind in ("int32", "int64")]
    gaps = [field for field in whole if field in sheet.columns and not _is_whole(sheet.columns[field])]
    if gaps:
        _, table = pyogrio.read_arrow(name, layer=layer, encoding=encoding, columns=gaps, read_geometry=False)
        for field in gaps:
            sheet.columns[field] = _from_arrow(table.column(field).combine_chunks())


def _is_whole(values: Values) -> bool:
    return not isinstance(values, list) and pa.types.is_integer(values.type)


def _read_with_arrow(name: str, layer: str | None, file: str) -> Sheet | None:
    """Read a layer with Arrow, if its driver gives texts in UTF-8 and no column holds dates or lists; otherwise ``None``."""
    about = pyogrio.read_info(name, layer=layer)
    if about["driver"] not in _UTF8_DRIVERS or not set(about["dtypes"]) <= _SIMPLE or about["features"] == 0:
        return None
    about, table = pyogrio.read_arrow(name, layer=layer)
    shape_name = about["geometry_name"] or "wkb_geometry"
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:  # texts that are not what the format promises: the slower way says where
        return None
    columns = {c: _from_arrow(table.column(c).combine_chunks()) for c in table.column_names if c != shape_name}
    sheet = Sheet(file=file, columns=columns, lines=np.arange(1, table.num_rows + 1))
    if shape_name in table.column_names:
        shapes = table.column(shape_name).to_numpy(zero_copy_only=False)
        sheet.geometry, sheet.crs = read_shapes(shapely.from_wkb, shapes, straighten_curves), about["crs"]
    return sheet


def _from_arrow(column: pa.ChunkedArray) -> Values:
    """A column in one of the kinds that are worked with, NaN as nothing."""
    if pa.types.is_floating(column.type):
        return pa.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), from_pandas=True)
    if pa.types.is_integer(column.type):
        return make_column(column.to_pylist()) if column.type == pa.uint64() else column.cast(pa.int64())
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def _reason(error: Exception, name: str, place: str, file: str) -> str:
    """What GDAL says, with the file's name as the person knows it and without advice that only programmers can follow."""
    return str(error).splitlines()[0].split(".; It might help")[0].replace(name, file).replace(place, file)


def _layer(name: str, file: str, wanted: str | None) -> str | None:
    layers = [str(row[0]) for row in pyogrio.list_layers(name)]
    if wanted is not None:
        if wanted not in layers:
            raise FileProblem("missing_layer", file=file, layer=wanted, layers=", ".join(layers))
        return wanted
    if len(layers) > 1:
        raise FileProblem("which_layer", file=file, layers=", ".join(layers))
    return layers[0] if layers else None


def from_frame(frame: Any, file: str) -> Sheet:
    """A (geo)pandas frame as a sheet; ``NaN`` and ``NaT`` become ``None``."""
    has_shape = isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name is not None
    shape_name = frame.active_geometry_name if has_shape else None
    columns = {str(c): _values(frame[c]) for c in frame.columns if c != shape_name}
    sheet = Sheet(file=file, columns=columns, lines=np.arange(1, len(frame) + 1))
    if has_shape:
        sheet.geometry = np.array(frame.geometry.values, dtype=object)
        sheet.crs = frame.crs
    return sheet


def _values(series: Any) -> Values:
    empty = series.isna().to_numpy()
    return make_column([None if gone else _native(value) for value, gone in zip(series.tolist(), empty, strict=True)])


def _native(value: object) -> object:
    return str(value) if isinstance(value, list | dict | np.ndarray) else value


def _read_unzipped(packed: DeliveredFile, source: Source) -> Sheet:
    inner = Part(packed.name[: -len(".gz")], read_bytes(packed))
    unpacked = DeliveredFile(packed.told, [inner], packed.most_unpacked)
    check_file(unpacked)
    return read_gdal(unpacked, source)


def _text_problem(name: str, file: str, encoding: str) -> FileProblem:
    """Finds the first value that is not ``encoding``, by reading the bytes as Latin-1, which loses nothing."""
    frame = pyogrio.read_dataframe(name, encoding="ISO-8859-1", read_geometry=False)
    for column in frame.select_dtypes(include=["object", "string"]).columns:
        for row, value in enumerate(frame[column], start=1):
            raw = str(value).encode("latin-1", "replace")
            try:
                raw.decode(encoding)
            except UnicodeDecodeError as error:
                return make_encoding_problem(raw, file, encoding, error.start, line=row, column=str(column))
    return FileProblem("wrong_encoding_unknown", file=file, encoding=encoding, line=1, column=1)


def read_parquet(delivered: DeliveredFile) -> Sheet:
    """GeoParquet, with or without its metadata: a column of WKB is geometry either way.

    Raises:
        FileProblem: not Parquet.
    """
    file = delivered.told
    try:
        with delivered.open() as stream:
            sheet = from_frame(geopandas.read_parquet(stream), file)
        with delivered.open() as stream:
            sheet.columns |= _from_table(pyarrow.parquet.read_table(stream, columns=list(sheet.columns)), file).columns
        return sheet
    except (ValueError, KeyError, pa.ArrowException):
        pass  # Parquet without GeoParquet's metadata: look for the geometry by hand
    try:
        with delivered.open() as stream:
            table = pyarrow.parquet.read_table(stream)
    except (OSError, pa.ArrowException) as error:
        raise FileProblem("unreadable_file", file=file, detail=str(error)) from error
    sheet = _from_table(table, file)
    for name in list(sheet.columns):
        values = sheet.columns[name]
        if isinstance(values, list) and any(isinstance(v, bytes) for v in values):
            sheet.geometry = read_shapes(shapely.from_wkb, sheet.columns.pop(name), straighten_curves)
            sheet.crs = _arrow_crs(table.field(name))
            break
    return sheet


def _from_table(table: pa.Table, file: str) -> Sheet:
    """A table of Arrow as a sheet: whole numbers keep their digits beside gaps, and days stay days."""
    columns: dict[str, Values] = {}
    for name in table.column_names:
        kind = table.schema.field(name).type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
            columns[name] = _from_arrow(table.column(name).combine_chunks())
        else:
            columns[name] = make_column([_native(value) for value in table.column(name).to_pylist()])
    return Sheet(file=file, columns=columns, lines=np.arange(1, table.num_rows + 1))


def _arrow_crs(field: Any) -> Any:
    return getattr(field.type, "crs", None) or "OGC:CRS84"


def read_kml(delivered: DeliveredFile, source: Source) -> Sheet:
    """KML; values in ``ExtendedData`` (typed or not) become columns, which this GDAL build returns empty.

    Raises:
        FileProblem: not readable, or no rows.
    """
    sheet = read_gdal(delivered, source)
    try:
        root = ElementTree.fromstring(read_bytes(delivered))  # nosec B314 # noqa: S314  entities were refused before
    except ElementTree.ParseError as error:
        raise FileProblem("unreadable_file", file=delivered.told, detail=str(error)) from None
    marks = [e for e in root.iter() if _tag(e) == "Placemark"]
    if len(marks) != len(sheet):
        return sheet
    found: dict[str, list[object]] = {}
    for i, mark in enumerate(marks):
        for entry in mark.iter():
            name = entry.get("name")
            if name and _tag(entry) in ("SimpleData", "Data"):
                value = entry.text if _tag(entry) == "SimpleData" else next((c.text for c in entry if _tag(c) == "value"), None)
                found.setdefault(name, to_list(sheet.columns.get(name, [None] * len(sheet))))[i] = value
    for name, values in found.items():
        sheet.columns[name] = make_column(values)
    return sheet


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]
