"""The data from which every layer of the map is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.core.viewer import Lang
from data.figures.changes import Changes
from data.figures.types import AreaReport, Unit
from layers.spec.deck import LayerSpec
from layers.style.classes import Classes, classify
from layers.style.legend import Legend

if TYPE_CHECKING:  # layers.view imports the registry of layers, so layers read the view from their context and do not import it
    from layers.view import View


@dataclass(frozen=True, slots=True)
class MapContext:
    """The view with its figures.

    Attributes:
        view: the state in the address.
        report: answer of ``data.figures.reports.fetch_report`` for the picked area.
        units: the coloured areas, as ``data.figures.reports.fetch_units`` answers them.
        classes: how the coloured areas fall into classes.
        lang: language of labels, legends and tooltips.
    """

    view: View
    report: AreaReport
    units: Sequence[Unit]
    classes: Classes
    lang: Lang

    @classmethod
    def of(cls, view: View, report: AreaReport, units: Sequence[Unit], lang: Lang, changes: Changes | None = None) -> MapContext:
        """Classify the areas by the view's measure and method; ``changes`` is for measures of change."""
        return cls(view, report, units, classify(view.measure, view.method, report, units, view.breaks, changes), lang)

    @property
    def is_flat(self) -> bool:
        """Whether the map is drawn in two dimensions."""
        return self.view.dim == "2d"

    @property
    def level(self) -> str:
        """Level of the coloured areas."""
        return self.units[0]["level"] if self.units else self.report["level"]

    def is_on(self, layer: str) -> bool:
        """Whether a layer is switched on."""
        return layer in self.view.layers

    def opacity(self, layer: str) -> float:
        """Opacity of a layer, 0–1."""
        return self.percent(layer) / 100

    def percent(self, layer: str) -> int:
        """Opacity of a layer on the readers' scale, 0–100."""
        return self.view.opacity.get(layer, 100)


Draw = Callable[[MapContext], list[LayerSpec]]


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A layer that readers can switch on and off.

    Attributes:
        name: the name used in addresses (``?layers=grid,flood``).
        draw: makes its specification; called only while the layer is switched on.
        legend: makes its row of the panel; always called. ``layers.build`` fills in name, switch and opacity.
        on_at_first: whether it is on if an address does not name the layers.
    """

    name: str
    draw: Draw
    legend: Callable[[MapContext], Legend]
    on_at_first: bool = False
