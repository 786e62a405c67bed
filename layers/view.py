"""The view: everything in an address that restores the same page in another browser."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal, Self, cast
from urllib.parse import parse_qs, quote_plus

from typing_extensions import TypedDict, Unpack

from data.core.errors import BadPeriod
from data.core.nearest import find_nearest_word
from data.core.period import Period
from data.core.text import could_be_code
from data.schema import DEADLINE_STATES
from layers import buildings
from layers.incidents import SEVERITIES
from layers.registry import LAYERS, ON_AT_FIRST
from layers.style.breaks import METHODS
from layers.style.measures import MEASURES

Dim = Literal["2d", "3d"]

THEMES = ("auto", "light", "dark")
MOST_FILTERS = 100
MOST_BREAKS = 6


@dataclass(frozen=True, slots=True)
class Camera:
    """Longitude and latitude in degrees, zoom as in Web Mercator tiles, pitch and bearing in degrees."""

    lon: float
    lat: float
    zoom: float
    pitch: float = 0.0
    bearing: float = 0.0

    def __str__(self) -> str:
        return f"{self.lon:.5f},{self.lat:.5f},{self.zoom:.2f},{self.pitch:.0f},{self.bearing:.0f}"

    @classmethod
    def parse(cls, value: str) -> Self | None:
        """Parse a camera; ``None`` if the text is not a valid camera."""
        try:
            lon, lat, zoom, pitch, bearing = (float(part) for part in value.split(","))
        except ValueError:
            return None
        sane = abs(lon) <= 180 and abs(lat) <= 85 and 0 <= zoom <= 24 and 0 <= pitch <= 85 and abs(bearing) <= 360
        return cls(lon, lat, zoom, pitch, bearing) if sane else None


class ViewParts(TypedDict, total=False):
    """Some fields of a view."""

    area: str | None
    units: str | None
    dim: Dim
    layers: tuple[str, ...]
    opacity: dict[str, int]
    measure: str
    method: str
    colour: str
    period: Period | None
    window: Period | None
    categories: tuple[str, ...]
    channels: tuple[str, ...]
    states: tuple[str, ...]
    severities: tuple[int, ...]
    building: str | None
    incident: str | None
    facility: str | None
    camera: Camera | None
    lang: str | None
    theme: str
    breaks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything an address says. ``area=None`` is the default city's root; ``period=None`` the last 30 days of its data.

    Attributes:
        units: level whose areas are coloured inside ``area``; ``None`` is the next level below.
        window: days inside the period chosen on the time slider.
        categories, channels: filters set by clicking charts; empty means all.
        states, severities: which open cases are shown, by deadline state and severity; empty means all.
        building, incident, facility: ``source_id:source_key`` of the picked object.
        breaks: class breaks that stay while the days are played, so that colours can be compared; empty: made from the values shown.
    """

    area: str | None = None
    units: str | None = None
    dim: Dim = "3d"
    layers: tuple[str, ...] = ON_AT_FIRST
    opacity: dict[str, int] = field(default_factory=dict)
    measure: str = "incidents_per_1000"
    method: str = "quantile"
    colour: str = "grid"
    period: Period | None = None
    window: Period | None = None
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    building: str | None = None
    incident: str | None = None
    facility: str | None = None
    camera: Camera | None = None
    lang: str | None = None
    theme: str = "auto"
    breaks: tuple[float, ...] = ()

    @property
    def span(self) -> Period | None:
        """The selected days: the slider's window, or otherwise the whole period."""
        return self.window or self.period

    def but(self, **changes: Unpack[ViewParts]) -> "View":
        """The same view with some parts changed. Breaks that were kept while playing end with another choice of what is shown."""
        if not _KEEP_BREAKS.issuperset(changes):
            changes = {"breaks": (), **changes}
        return replace(self, **changes)

    def search(self) -> str:
        """The address's query part, ``?…``, without fields that have their default."""
        parts = []
        for name, key in _PLAIN.items():
            value = getattr(self, name)
            if value is not None and value != getattr(_BLANK, name):
                parts.append(f"{key}={_quoted(str(value))}")
        if self.layers != _BLANK.layers:
            parts.append(f"layers={','.join(self.layers) or 'none'}")
        if self.opacity:
            parts.append("opacity=" + ",".join(f"{k}:{v}" for k, v in sorted(self.opacity.items())))
        for span, key in ((self.period, ""), (self.window, "w")):
            if span:
                parts.append(f"{key}from={span.start.isoformat()}&{key}to={span.end.isoformat()}")
        severities = tuple(map(str, self.severities))
        for codes, key in ((self.categories, "cat"), (self.channels, "src"), (self.states, "state"), (severities, "severity")):
            if codes:
                parts.append(f"{key}={_quoted(','.join(codes))}")
        if self.breaks:
            parts.append(f"breaks={','.join(f'{value:g}' for value in self.breaks)}")
        if self.camera:
            parts.append(f"cam={self.camera}")
        return f"?{'&'.join(parts)}" if parts else ""

    @classmethod
    def parse(cls, search: str | None) -> Self:
        """Parse an address's query part. A field that cannot be understood keeps its default; this is never an error."""
        raw = {key: values[0] for key, values in parse_qs((search or "").lstrip("?")).items()}
        plain = {name: raw[key] for name, key in _PLAIN.items() if key in raw}
        given = cast(ViewParts, {name: value for name, value in plain.items() if name not in _ALLOWED or value in _ALLOWED[name]})
        if "layers" in raw:
            asked = raw["layers"].split(",")
            given["layers"] = tuple(layer for layer in LAYERS if layer in asked)
        if "opacity" in raw:
            given["opacity"] = _opacity(raw["opacity"])
        period, window = _span(raw.get("from"), raw.get("to")), _span(raw.get("wfrom"), raw.get("wto"))
        given["period"] = period
        given["window"] = None if period and window and not period.touches(window) else window
        given["categories"], given["channels"] = _codes(raw.get("cat")), _codes(raw.get("src"))
        given["states"] = tuple(state for state in DEADLINE_STATES if state in _codes(raw.get("state")))
        given["severities"] = tuple(one for one in SEVERITIES if str(one) in _codes(raw.get("severity")))
        given["breaks"] = _breaks(raw.get("breaks"))
        if "cam" in raw:
            given["camera"] = Camera.parse(raw["cam"])
        return cls(**given)


def find_unread(search: str | None) -> list[tuple[str, str, str]]:
    """What an address says that ``View.parse`` does not understand: name, value, and the known name or value that is nearest.

    The value is empty where the name itself is unknown, and the nearest is empty for values that are not names.
    """
    raw = {key: values[0] for key, values in parse_qs((search or "").lstrip("?")).items()}
    found = [(key[:60], "", find_nearest_word(key, KEYS)) for key in raw if key not in KEYS]
    for name, known in _ALLOWED.items():
        if (value := raw.get(_PLAIN[name])) is not None and value not in known:
            found.append((_PLAIN[name], value[:60], find_nearest_word(value, known)))
    for key, known in _LISTED.items():
        asked = raw.get(key, "").split(",")
        found += [(key, name[:60], find_nearest_word(name, known)) for name in asked if name not in known and name not in ("", "none")]
    for first, last in (("from", "to"), ("wfrom", "wto")):
        if (first in raw or last in raw) and _span(raw.get(first), raw.get(last)) is None:
            found.append((first, f"{raw.get(first, '')} – {raw.get(last, '')}"[:60], ""))
    return found


_KEEP_BREAKS = frozenset(("dim", "layers", "opacity", "colour", "building", "incident", "facility", "camera", "lang", "theme", "breaks"))
_PLAIN = {
    "area": "area",
    "units": "units",
    "dim": "dim",
    "measure": "measure",
    "method": "method",
    "colour": "colour",
    "building": "building",
    "incident": "incident",
    "facility": "facility",
    "lang": "lang",
    "theme": "theme",
}
KEYS = (*_PLAIN.values(), "layers", "opacity", "from", "to", "wfrom", "wto", "cat", "src", "state", "severity", "breaks", "cam")
"""Names of all parameters of the page's address."""
_LISTED = {"layers": LAYERS, "state": DEADLINE_STATES, "severity": tuple(map(str, SEVERITIES))}
"""Known names of parameters that hold several."""
_BLANK = View()
_ALLOWED: dict[str, Collection[str]] = {
    "units": ("district", "street", "community", "grid"),
    "dim": ("2d", "3d"),
    "measure": MEASURES,
    "method": METHODS,
    "colour": buildings.COLOURINGS,
    "theme": THEMES,
}


@lru_cache(4096)
def _quoted(text: str) -> str:
    """A value encoded for an address; it is cached, because a page needs the same few hundred values many times."""
    return quote_plus(text, safe=",:")


def _span(start: str | None, end: str | None) -> Period | None:
    if not start or not end:
        return None
    try:
        return Period.parse(start, end)
    except BadPeriod:
        return None


def _breaks(value: str | None) -> tuple[float, ...]:
    """At most six rising numbers; none if any cannot be read."""
    try:
        found = tuple(float(part) for part in (value or "").split(",")[:MOST_BREAKS] if part)
    except ValueError:
        return ()
    return found if all(map(math.isfinite, found)) and all(low < high for low, high in pairwise(found)) else ()


def _codes(value: str | None) -> tuple[str, ...]:
    """The codes in their order, without repetitions."""
    return tuple(dict.fromkeys(filter(could_be_code, (value or "").split(","))))[:MOST_FILTERS]


def _opacity(value: str) -> dict[str, int]:
    pairs = (part.split(":") for part in value.split(",") if part.count(":") == 1)
    return {layer: int(share) for layer, share in pairs if layer in LAYERS and re.fullmatch("[0-9]{1,3}", share) and int(share) <= 100}
