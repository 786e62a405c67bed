"""Coordinate systems out of files and profiles. Their texts can name files that PROJ would open; such systems are refused."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pyproj
from pyproj.exceptions import CRSError

_PLAIN = {
    *("proj", "type", "no_defs", "wktext", "over", "axis", "pm", "units", "vunits", "to_meter", "vto_meter", "datum", "ellps", "towgs84"),
    *("a", "b", "rf", "f", "R", "es", "k", "k_0", "x_0", "y_0", "lat_0", "lat_1", "lat_2", "lat_ts", "lon_0", "lonc", "lon_1", "lon_2"),
    *("alpha", "gamma", "zone", "south", "h", "tilt", "azi", "W", "M", "n", "no_off", "no_uoff", "no_rot", "R_A", "rot_conv"),
}
"""Parameters of PROJ that hold numbers or words."""
_HARMLESS = {("nadgrids", "@null"), ("nadgrids", "null"), ("geoidgrids", "@null")}
_WKT = re.compile(r"\s*[A-Z_]+\s*[\[(]")
_SYSTEM_OF_CODE = re.compile(r"epsg:[0-9]{1,9}", re.IGNORECASE)
_TRANSFORMING = {"pipeline", "hgridshift", "vgridshift", "xyzgridshift", "deformation", "tinshift", "gridshift", "defmodel"}


class NeedsFile(ValueError):
    """A coordinate system that refers to a file; the text is what refers to it."""


def parse_system(given: str) -> pyproj.CRS:
    """A coordinate system from a code (``EPSG:4490``), a URN, WKT, PROJJSON, or a PROJ string.

    Raises:
        NeedsFile: it refers to a file.
        pyproj.exceptions.CRSError: it is none.
    """
    if _WKT.match(given):
        system = pyproj.CRS.from_wkt(given)
    elif given.lstrip().startswith("{"):
        system = pyproj.CRS.from_json(_check_json(given))
    else:
        if "=" in given:
            _check_parameters(given)
        system = pyproj.CRS.from_user_input(given)
    _check_tree(system.to_json_dict())
    return system


def _check_json(text: str) -> str:
    """PROJJSON as it is. pyproj would also take an object of PROJ's parameters: that is refused."""
    try:
        parameters = {"proj", "init"} & set(json.loads(text))
    except ValueError as error:
        raise CRSError(str(error)) from None
    if parameters:
        raise NeedsFile(", ".join(sorted(parameters)))
    return text


def _check_parameters(text: str) -> None:
    """Check a PROJ string: each parameter is one that holds no name of a file."""
    for part in text.replace("+", " ").split():
        name, _, value = part.partition("=")
        known = name in _PLAIN and not (name == "proj" and value in _TRANSFORMING)
        if not (known or (name, value) in _HARMLESS or (name == "init" and _SYSTEM_OF_CODE.fullmatch(value))):
            raise NeedsFile(part)


def _check_tree(about: dict[str, Any]) -> None:
    """Check PROJJSON: all parameters are numbers, and PROJ strings inside are harmless, too."""
    for part in _dictionaries(about):
        for parameter in part.get("parameters", ()):
            if isinstance(parameter.get("value"), str):
                raise NeedsFile(parameter["value"])
        for text in (str(part.get("remarks", "")), str(part["method"].get("name", "")) if isinstance(part.get("method"), dict) else ""):
            if "=" in text:
                _check_parameters(re.sub(r"^PROJ( CRS string:)?", "", text))


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _dictionaries(inner)
