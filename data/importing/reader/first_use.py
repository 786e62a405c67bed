"""Samples that are read once before the reader process is confined, so that libraries load what they load on first use."""

import ctypes
import io
from typing import Any

import geopandas
import openpyxl
import pyogrio
import pyproj
import shapely

from data.importing.files import gdal_internals
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.readers import read_sheets
from data.importing.profile.source import Source

_SAMPLE = "/vsimem/sample"
_WRITABLE = {
    **{".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".kml": "KML", ".gml": "GML", ".tab": "MapInfo File"},
    **{".geojson": "GeoJSON", ".sqlite": "SQLite", ".gpx": "GPX", ".dxf": "DXF"},
}
_ENCODINGS = (
    *(
        "GBK",
        "CP936",
        "GB2312",
        "GB18030",
        "BIG5",
        "CP950",
        "EUC-TW",
        "BIG5-HKSCS",
        "SHIFT_JIS",
        "CP932",
        "EUC-JP",
        "EUC-KR",
        "CP949",
        "CP874",
    ),
    *(f"CP{page}" for page in (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, *range(1250, 1259))),
    *(f"ISO-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
    *("KOI8-R", "KOI8-U", "MACINTOSH", "UTF-16", "UTF-16LE", "UTF-16BE", "UCS-2", "UCS-2LE", "UTF-32", "ASCII"),
)
_NOT_READ_BEFORE = 4555
"""The code of a coordinate system that no sample has: PROJ looks for it in its database."""


def read_samples() -> None:
    """Read a small file of each kind that loads code of its own."""
    for suffix, driver in _WRITABLE.items():
        kept = _frame() if driver not in ("GPX", "DXF") else _frame()[["geometry"]]
        layer = "waypoints" if driver == "GPX" else None
        pyogrio.write_dataframe(kept, f"{_SAMPLE}{suffix}", driver=driver, layer=layer)
        pyogrio.read_dataframe(f"{_SAMPLE}{suffix}", use_arrow=False, layer=layer)
    for name, content in _tables().items():
        for _ in read_sheets(DeliveredFile(name, [Part(name, content)]), Source(file=[])):
            pass
    load_encodings()


def load_encodings() -> None:
    """Load the C library's converters of the encodings that tables of shapefiles have. They stay loaded while they are open."""
    library = ctypes.CDLL(None)
    library.iconv_open.restype, library.iconv_open.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
    for name in _ENCODINGS:
        library.iconv_open(b"UTF-8", name.encode())
        library.iconv_open(name.encode(), b"UTF-8")


def open_projections() -> None:
    """Open PROJ's database, for pyproj and for GDAL."""
    pyproj.CRS.from_epsg(_NOT_READ_BEFORE)
    gdal_internals.find_projection(_NOT_READ_BEFORE)


def _frame() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"name": ["井"], "n": [1], "day": ["2026-01-01"]}, geometry=[shapely.Point(116.4, 39.9)], crs=4490)


def _tables() -> dict[str, bytes]:
    parquet, workbook = io.BytesIO(), io.BytesIO()
    _frame().to_parquet(parquet)
    book: Any = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["井", 2.5])
    book.save(workbook)
    return {
        "x.parquet": parquet.getvalue(),
        "x.xlsx": workbook.getvalue(),
        "x.csv": "a,b\n井,2\n".encode(),
        "x.jsonl": b'{"type": "Point", "coordinates": [116, 39]}\n',
    }
