"""Roll-ups: the stored figures of every area, kept up to date by SQL statements, so that no page reads raw rows.

Code that changes rows does so inside ``changing_incidents`` (or one of the similar functions), or calls ``rebuild`` afterwards. ``tick``
applies the time that has passed; ``begin_work`` lets figures of a fixed moment stand for the present. ``compare`` shows where roll-ups
differ from a fresh count.
"""

from data.rollup.comparison import Difference, compare
from data.rollup.incidents import changing_dated_incidents, changing_incidents
from data.rollup.objects import changing_buildings, changing_facilities
from data.rollup.passing_time import begin_work, tick
from data.rollup.people import changing_persons
from data.rollup.rebuild import list_uncounted_cities, rebuild
from data.rollup.recount import has_stale_kinds
from data.rollup.shown_people import cities_without_shown, update_shown_version
from data.rollup.touched_rows import DatedIncidents, TouchedRows

__all__ = [
    "DatedIncidents",
    "Difference",
    "TouchedRows",
    "begin_work",
    "changing_buildings",
    "changing_dated_incidents",
    "changing_facilities",
    "changing_incidents",
    "changing_persons",
    "cities_without_shown",
    "compare",
    "has_stale_kinds",
    "list_uncounted_cities",
    "rebuild",
    "tick",
    "update_shown_version",
]
