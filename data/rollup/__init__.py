"""Roll-ups: the figures of every area, kept by statements, so that no drill touches raw rows.

``rebuild`` counts a city anew and puts it in place; ``compare`` only tells where what is stored differs.
"""

from data.rollup.compare import Difference, compare
from data.rollup.rebuild import missing, rebuild

__all__ = ["Difference", "compare", "missing", "rebuild"]
