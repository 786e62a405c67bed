"""Roll-ups: the figures of every area, kept by statements, so that no drill touches raw rows.

Whoever changes rows does it inside ``changing_incidents`` (and its like), or calls ``rebuild`` afterwards. ``tick`` lets time pass,
``compare`` proves that nothing was forgotten.
"""

from data.rollup.changing import changing_incidents, tick
from data.rollup.compare import Difference, compare
from data.rollup.objects import changing_buildings, changing_facilities
from data.rollup.people import changing_persons
from data.rollup.rebuild import missing, rebuild
from data.rollup.shown import show_anew, unshown
from data.rollup.touched import Touched

__all__ = [
    "Difference",
    "Touched",
    "changing_buildings",
    "changing_facilities",
    "changing_incidents",
    "changing_persons",
    "compare",
    "missing",
    "rebuild",
    "show_anew",
    "tick",
    "unshown",
]
