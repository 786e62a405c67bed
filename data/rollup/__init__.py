"""Roll-ups: the figures of every area, kept by statements, so that no drill touches raw rows.

Whoever changes rows does it inside ``changing_incidents`` (and its like), or calls ``rebuild`` afterwards. ``tick`` lets time pass,
``compare`` proves that nothing was forgotten.
"""

from data.rollup.changing import changing_incidents, tick
from data.rollup.compare import Difference, compare
from data.rollup.rebuild import missing, rebuild

__all__ = ["Difference", "changing_incidents", "compare", "missing", "rebuild", "tick"]
