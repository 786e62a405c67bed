"""Addresses of what the map fetches. Each names the newest version of what it is about, and what its viewer may see: browsers keep the
answer for ever, a change of cases takes no building away from them, and other rights are other addresses."""

from typing import Any
from urllib.parse import quote, urlencode

from data.places.outlines import version_of
from data.places.tiles import LAYERS

Report = dict[str, Any]


def tiles(name: str, report: Report) -> str:
    """Tiles of a layer; ``{z}/{x}/{y}`` is left to the map."""
    return f"/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt?v={report['city']['versions'][LAYERS[name].subject]}&r={report['seen']['rights']}"


def shapes(report: Report, level: str, of: str | None = None) -> str:
    """Polygons of one level inside an area (the picked one unless said otherwise); ``self`` is the area's own."""
    area = of or report["code"]
    part = "self" if area == report["code"] and level == report["level"] else level
    return _json(f"/shapes/{_quoted(area)}/{part}", "polygons", report)


def cases(report: Report, **asked: str) -> str:
    """Cases in the picked area, with the reader's period and filters."""
    return _json(f"/incidents/{_quoted(report['code'])}", "cases", report, **asked)


def facilities(report: Report) -> str:
    """Facilities in the picked area."""
    return _json(f"/facilities/{_quoted(report['code'])}", "facilities", report)


def water_names(report: Report) -> str:
    """Names on the city's waters."""
    return _json(f"/places/{_quoted(report['city']['code'])}", "water_names", report)


def _quoted(code: str) -> str:
    return quote(code, safe="")


def _json(path: str, answer: str, report: Report, **asked: str) -> str:
    named = {"v": version_of(answer, report["city"]["versions"]), "r": report["seen"]["rights"]}
    return f"{path}.json?{urlencode({**asked, **named}, safe=',')}"
