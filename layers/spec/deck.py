"""Layer specifications, written as pydeck would write them.

Every layer has an id, a misspelt property fails here instead of drawing nothing, and no string becomes an expression that the browser
would have to evaluate. In addition to deck.gl's types there are types of the map bridge (JavaScript, in ``assets/scripts/map/recipes/``):
each fetches a versioned address and turns the answer into several deck.gl layers.
"""

from functools import lru_cache
from typing import Literal, TypedDict

LayerSpec = dict[str, object]
"""One layer, ready for JSON: its type, id, data, and properties in camel case."""
Ink = TypedDict("Ink", {"@@function": Literal["ink"], "token": str, "alpha": int})
"""A colour by token; the browser looks it up in its own theme."""
Field = TypedDict("Field", {"@@function": Literal["field"], "name": str})
"""One property of a row."""

_COMMON = {"visible", "opacity", "pickable", "auto_highlight", "highlight_color", "parameters", "update_triggers"}
_OUTLINE = {"get_path", "get_width", "width_units", "get_color", "joint_rounded", "cap_rounded", "width_min_pixels"}

PROPERTIES: dict[str, set[str]] = {
    # deck.gl's types
    "SolidPolygonLayer": {"get_polygon", "get_fill_color", "extruded", "get_elevation", "material"},
    "PathLayer": _OUTLINE,
    "ColumnLayer": {
        "get_position",
        "get_elevation",
        "get_fill_color",
        "radius",
        "disk_resolution",
        "extruded",
        "elevation_scale",
        "material",
    },
    "ScatterplotLayer": {
        "get_position",
        "get_radius",
        "radius_units",
        "get_fill_color",
        "get_line_color",
        "line_width_units",
        "get_line_width",
        "stroked",
    },
    # the map bridge's types
    "GroundTiles": {"inks", "min_zoom", "max_zoom"},
    "BaseTiles": {"inks", "min_zoom", "max_zoom", "quiet", "trees"},
    "FloodTiles": {"get_fill_color", "min_zoom", "max_zoom"},
    "BuildingTiles": {
        "inks",
        "min_zoom",
        "max_zoom",
        "roofs_from_zoom",
        "colour",
        "classes",
        "breaks",
        "elevation_scale",
        "extruded",
        "inside",
    },
    "AreaFill": {"alpha", "classes", "inks", "no_data"},
    "AreaHatch": {"classes", "get_color", "pitch_m", "width"},
    "AreaLines": {"get_color", "get_width", "halo", "halo_width", "skip", "hover", "opens"},
    "AreaLabels": {"size", "get_color", "texts", "invert", "skip", "rank", "only"},
    "WaterNames": {"get_color", "size_m"},
    "IncidentPins": {"inks", "symbols", "size", "from_zoom", "folded_until_zoom", "get_line_color"},
    "FacilityPins": {"size", "from_zoom", "get_color"},
}
"""Known properties by type, in snake case. A test compares deck.gl's part with deck.gl's own script."""


class UnknownProperty(ValueError):
    """A layer has a property that its type does not know."""


def ink(token: str, alpha: int = 255) -> Ink:
    """A colour by token. ``alpha`` 0–255."""
    return {"@@function": "ink", "token": token, "alpha": alpha}


def field(name: str) -> Field:
    """An accessor that reads one property of a row."""
    return {"@@function": "field", "name": name}


def layer(kind: str, id: str, data: object = None, /, **props: object) -> LayerSpec:
    """One layer as pydeck writes it: ``{"@@type": …, "id": …, "data": …, …}`` with camelCase names.

    The first three are given by position, so that properties may have the same names.

    Args:
        kind: a type in ``PROPERTIES``.
        id: its name on the map. It stays the same between updates, so that nothing is drawn again without need.
        data: rows, or the address that the browser fetches.
        **props: properties in snake case; a property that is ``None`` is left out.

    Raises:
        UnknownProperty: the type or one of the properties is unknown.
    """
    if kind not in PROPERTIES:
        raise UnknownProperty(f"There is no layer type {kind}")
    unknown = sorted(set(props) - PROPERTIES[kind] - _COMMON)
    if unknown:
        raise UnknownProperty(f"{kind} has no property {', '.join(unknown)}")
    made: LayerSpec = {"@@type": kind, "id": id, **{_camel(key): value for key, value in props.items() if value is not None}}
    if data is not None:
        made["data"] = data
    return made


@lru_cache
def _camel(name: str) -> str:
    """``get_fill_color`` as ``getFillColor``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
