"""What pyogrio does not offer of the GDAL library in its wheel: taking drivers away, and files that exist in memory only."""

import ctypes
import re
from functools import lru_cache
from pathlib import Path

import pyogrio

from data.importing.files.delivered import Part

DRIVERS = (
    *("ESRI Shapefile", "MapInfo File", "GPKG", "SQLite", "OpenFileGDB", "FlatGeobuf", "DXF", "DGN", "ODS"),
    *("GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "JSONFG", "GML", "GPX", "LIBKML", "KML", "OSM"),
)
"""The formats that are read: each of these holds its data itself. All other drivers are taken away. Among them are those whose files
only name other files, databases, addresses or algorithms (OGR_VRT, GDALG, WFS, OAPIF, HTTP, CSW, ADBC …)."""
_FOLDER = "/vsimem/delivered"
_OPTIONS = {
    "OGR_GEOJSON_MAX_OBJ_SIZE": 0,
    "OGR_SQLITE_PRAGMA": "temp_store=MEMORY,trusted_schema=OFF",
    "OSM_MAX_TMPFILE_SIZE": 2_048,  # MB, kept in memory: there is no disk
    "OSM_CONFIG_FILE": f"{_FOLDER}.osmconf.ini",
    "GDAL_HTTP_MAX_RETRY": 0,
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/nothing",
    "GML_DOWNLOAD_SCHEMA": False,
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
}


@lru_cache
def _library() -> ctypes.CDLL:
    """The very library that pyogrio has loaded.

    Raises:
        RuntimeError: it has another name than the wheel gave it so far.
    """
    found = re.search(r"\S*/libgdal\S*\.so\S*", Path("/proc/self/maps").read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError("pyogrio has loaded no library with the name libgdal")
    library = ctypes.CDLL(found[0])
    library.GDALGetDriver.restype, library.GDALGetDriver.argtypes = ctypes.c_void_p, [ctypes.c_int]
    library.GDALGetDescription.restype, library.GDALGetDescription.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    library.GDALDeregisterDriver.restype, library.GDALDeregisterDriver.argtypes = None, [ctypes.c_void_p]
    library.VSIFileFromMemBuffer.restype = ctypes.c_void_p
    library.VSIFileFromMemBuffer.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int]
    library.VSIFCloseL.argtypes = [ctypes.c_void_p]
    library.OSRNewSpatialReference.restype, library.OSRNewSpatialReference.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    library.OSRImportFromEPSG.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.OSRRelease.restype, library.OSRRelease.argtypes = None, [ctypes.c_void_p]
    handle = ctypes.POINTER(ctypes.c_void_p)
    library.OGR_G_CreateFromWkb.argtypes = [ctypes.c_char_p, ctypes.c_void_p, handle, ctypes.c_int]
    library.OGR_G_CreateFromWkt.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_void_p, handle]
    library.OGR_G_GetLinearGeometry.restype = ctypes.c_void_p
    library.OGR_G_GetLinearGeometry.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p]
    library.OGR_G_WkbSize.argtypes = [ctypes.c_void_p]
    library.OGR_G_ExportToWkb.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p]
    library.OGR_G_DestroyGeometry.restype, library.OGR_G_DestroyGeometry.argtypes = None, [ctypes.c_void_p]
    return library


def keep_drivers() -> None:
    """Take every driver away that ``DRIVERS`` does not name, and set GDAL's options. Do this before GDAL opens anything."""
    library = _library()
    every = [library.GDALGetDriver(i) for i in range(library.GDALGetDriverCount())]
    for driver in every:
        if library.GDALGetDescription(driver).decode() not in DRIVERS:
            library.GDALDeregisterDriver(driver)
    pyogrio.set_gdal_config_options(_OPTIONS)
    ini = Path(pyogrio.get_gdal_data_path() or "", "osmconf.ini")
    _place(Part("osmconf.ini", ini.read_bytes()), f"{_FOLDER}.osmconf.ini")


def find_projection(epsg: int) -> None:
    """Let GDAL look for a coordinate system in its database.

    Raises:
        OSError: it is not there.
    """
    system = _library().OSRNewSpatialReference(None)
    failed = _library().OSRImportFromEPSG(system, epsg)
    _library().OSRRelease(system)
    if failed:
        raise OSError("GDAL has no database of coordinate systems")


def straighten_curves(shape: bytes | str) -> bytes | None:
    """A shape with arcs, as WKB or WKT, as WKB whose arcs are short lines; ``None`` where GDAL cannot read it."""
    library, made = _library(), ctypes.c_void_p()
    if isinstance(shape, bytes):
        failed = library.OGR_G_CreateFromWkb(shape, None, ctypes.byref(made), len(shape))
    else:
        failed = library.OGR_G_CreateFromWkt(ctypes.byref(ctypes.c_char_p(shape.encode())), None, ctypes.byref(made))
    if failed or not made:
        return None
    straight = ctypes.c_void_p(library.OGR_G_GetLinearGeometry(made, 0.0, None))
    library.OGR_G_DestroyGeometry(made)
    if not straight:
        return None
    raw = ctypes.create_string_buffer(library.OGR_G_WkbSize(straight))
    failed = library.OGR_G_ExportToWkb(straight, 1, raw)
    library.OGR_G_DestroyGeometry(straight)
    return None if failed else raw.raw


def place_in_memory(parts: list[Part]) -> str:
    """Put files where GDAL finds them without a disk; returns GDAL's name of the first, or of the folder they lie in."""
    for part in parts:
        _place(part, f"{_FOLDER}/{part.name}")
    folder, inside, _ = parts[0].name.partition("/")
    return f"{_FOLDER}/{folder if inside else parts[0].name}"


_held: dict[str, object] = {}
"""Memory that GDAL reads: it must live as long as GDAL's files."""


def _place(part: Part, name: str) -> None:
    memory = _held[name] = (ctypes.c_char * part.size).from_buffer(part.memory)
    handle = _library().VSIFileFromMemBuffer(name.encode(), ctypes.addressof(memory), part.size, 0)
    if not handle:
        raise OSError(f"GDAL takes no file {part.name}")
    _library().VSIFCloseL(handle)
