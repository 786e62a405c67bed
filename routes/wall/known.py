"""The names that scenes of walls may use."""

from data.wall.model import Known
from layers.registry import LAYERS
from layers.style.measures import MEASURES

PANELS = ("figures", "rhythm", "week", "changes", "ticker")
"""What stands beside the map of a wall."""
KNOWN = Known(LAYERS, tuple(MEASURES), PANELS)
