"""The whole map from a view: every layer's specification, and every layer's legend.

``map_spec`` holds no geometry: areas, incidents and tiles are fetched by the browser from versioned addresses.
"""

from collections.abc import Sequence
from typing import Any

from data.viewer import Lang, Viewer
from layers.legend import Legend
from layers.view import View


def map_spec(view: View, report: dict[str, Any], units: Sequence[dict[str, Any]], viewer: Viewer, lang: Lang, theme: str) -> dict[str, Any]:
    """What the browser draws, ready for JSON.

    Args:
        view: what is looked at.
        report: answer of ``data.report.area_report`` for the picked area.
        units: answer of ``data.report.unit_figures`` for ``layers.units.coloured_level(view, report)``.
        viewer: who looks.
        lang: language of labels and tooltips.
        theme: ``light``, ``dark`` or ``auto``; colours are named by token, so the browser can switch without asking again.
    """
    raise NotImplementedError


def legends(view: View, report: dict[str, Any], units: Sequence[dict[str, Any]], lang: Lang, theme: str) -> list[Legend]:
    """One legend for each layer, in the order of the panel; the arguments are those of ``map_spec``."""
    raise NotImplementedError
