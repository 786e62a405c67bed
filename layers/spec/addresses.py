"""Addresses of the data that the map fetches.

Each address names the newest version of its subject and the rights of its viewer. Browsers may therefore keep an answer without limit: new
data and other rights have other addresses, and a change of cases does not change the addresses of buildings.
"""

from urllib.parse import quote, urlencode

from typing_extensions import TypedDict

from data.figures.types import AreaReport
from data.places.outlines import choose_version
from data.places.tiles import LAYERS


def tiles(name: str, report: AreaReport) -> str:
    """Tiles of a layer; the map fills in ``{z}/{x}/{y}``."""
    return f"/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt?v={report['city']['versions'][LAYERS[name].subject]}&r={report['seen']['rights']}"


class Zooms(TypedDict):
    """First and last zoom at which the map asks for tiles of a layer, as properties of its specification."""

    min_zoom: int
    max_zoom: int


def zooms(name: str) -> Zooms:
    """The zooms of a tile layer; ``data.places.tiles.LAYERS`` holds them."""
    first, last = LAYERS[name].zooms
    return {"min_zoom": first, "max_zoom": last}


def shapes(report: AreaReport, level: str, of: str | None = None) -> str:
    """Polygons of one level inside an area (the picked one unless said otherwise); ``self`` asks for the area's own polygon."""
    area = of or report["code"]
    part = "self" if area == report["code"] and level == report["level"] else level
    return _json(f"/shapes/{_quoted(area)}/{part}", "polygons", report)


def cases(report: AreaReport, **asked: str) -> str:
    """Cases in the picked area, with the reader's filters."""
    return _json(f"/incidents/{_quoted(report['code'])}", "cases", report, **asked)


def facilities(report: AreaReport) -> str:
    """Facilities in the picked area."""
    return _json(f"/facilities/{_quoted(report['code'])}", "facilities", report)


def water_names(report: AreaReport) -> str:
    """Names on the city's waters."""
    return _json(f"/places/{_quoted(report['city']['code'])}", "water_names", report)


def _quoted(code: str) -> str:
    return quote(code, safe="")


def _json(path: str, answer: str, report: AreaReport, **asked: str) -> str:
    named = {"v": choose_version(answer, report["city"]["versions"]), "r": report["seen"]["rights"]}
    return f"{path}.json?{urlencode({**asked, **named}, safe=',')}"
