"""Cases without a place: they count for an area that their row names, or for the city, in a leaf of its own without polygon.

Such a leaf stands directly below the area (level ``grid``, origin ``unplaced``), so that children sum to their parent as everywhere. It is
made when the first case needs it, and goes with the last.
"""

from collections import Counter

import pyarrow as pa
import shapely

from data.core.codes import LONGEST
from data.core.i18n import t
from data.core.nearest import find_nearest_word
from data.importing.common.clean_text import fold_word
from data.importing.common.columns import map_values
from data.importing.landing.city import add_areas
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes
from data.importing.placing.leaves import Ints
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import IncidentSource
from data.importing.profile.source import Source
from data.importing.rows.batch import Batch

UNPLACED = "unplaced"
"""Origin of such leaves, and method of placing of their cases."""
_SUFFIX = "-unplaced"

_HELD = """
SELECT a.code, a.parent FROM area a
WHERE a.city = %s AND a.origin = 'unplaced' AND EXISTS (SELECT FROM incident i WHERE i.grid = a.code) ORDER BY a.code
"""
_EMPTY = """
DELETE FROM area a WHERE a.city = %s AND a.origin = 'unplaced' AND NOT EXISTS (SELECT FROM incident i WHERE i.grid = a.code)
RETURNING a.code
"""


def make_leaf(parent: Area, code: str) -> Area:
    """The leaf for cases without a place of an area, named after it."""
    english = parent.name_en or parent.name
    return Area(
        code,
        "grid",
        t("zh", "{area}, without a place", area=parent.name),
        t("en", "{area}, without a place", area=english),
        source=parent.source,
        parent=parent.code,
        origin=UNPLACED,
    )


def plant_held_leaves(context: Context) -> None:
    """Add the leaves that cases of an earlier import still need to the tree, under areas that are still there."""
    for code, parent in context.connection.execute(_HELD, [context.city]).fetchall():
        if parent in context.tree.areas and code not in context.tree.areas:
            context.tree.add(make_leaf(context.tree.areas[parent], code))


def register_leaves(context: Context) -> None:
    """Make the leaves of the tree known to ``context.leaves``."""
    for area in context.tree.areas.values():
        if area.origin == UNPLACED:
            context.leaves.add(area.code, context.tree.path(area.code), context.tree.district(area.code) or context.city)


def remove_empty_leaves(context: Context) -> None:
    """Delete the leaves that no case needs any more."""
    gone = [str(row[0]) for row in context.connection.execute(_EMPTY, [context.city]).fetchall()]
    for code in gone:
        context.tree.areas.pop(code, None)
    if gone:
        context.recount = True
        context.add_changes("area", Changes(deleted=len(gone)))


def ensure_leaf(context: Context, code: str) -> str:
    """Code of the leaf for cases without a place of an area; it is made if it is not there."""
    parent, areas = context.tree.areas[code], context.tree.areas
    found = next((a.code for a in areas.values() if a.parent == code and a.origin == UNPLACED), None)
    if found is None:
        leaf = make_leaf(parent, _free_code(context, code))
        areas[leaf.code] = leaf
        add_areas(context, [leaf])
        context.recount = True
        context.leaves.add(leaf.code, context.tree.path(leaf.code), context.tree.district(leaf.code) or context.city)
        found = leaf.code
    return found


def _free_code(context: Context, parent: str) -> str:
    """A code after that of the parent, which no area has."""
    for number in range(1, 1_000):
        ending = _SUFFIX if number == 1 else f"{_SUFFIX}-{number}"
        code = parent[: LONGEST - len(ending)] + ending
        taken = context.connection.execute("SELECT FROM area WHERE code = %s", [code]).fetchone()
        if taken is None and code not in context.tree.areas:
            return code
    raise AssertionError(parent)


def place_unplaced(batch: Batch, place: Ints, source: Source, context: Context) -> None:
    """Set the leaf of every living row without geometry, in place; rows that name no known area are rejected, or count for the city."""
    if batch.geometry is None or not isinstance(source, IncidentSource):
        return
    rows = batch.select_living(shapely.is_missing(batch.geometry))
    if not rows:
        return
    named = batch.fields["area"].take(pa.array(rows))
    names = Places(context.tree)
    found, _ = map_values(named, names.find, pa.string())
    codes, words = found.to_pylist(), named.to_pylist()
    for row, code, word in zip(rows, codes, words, strict=True):
        if word is not None and code is None and source.unknown_place == "reject":
            names.reject(batch, row, source, word)
    living = [(row, code) for row, code in zip(rows, codes, strict=True) if batch.alive[row]]
    counted = Counter(code for _, code in living)
    numbers = {code: _number(context, code or context.city) for code in counted}
    for row, code in living:
        place[row] = numbers[code]
    batch.repair("unplaced_in_city", counted.pop(None, 0))
    batch.repair("unplaced_by_area", counted.total())


def _number(context: Context, code: str) -> int:
    return context.leaves.unplaced[ensure_leaf(context, code)]


class Places:
    """The areas of a tree by code, and by name in either language."""

    def __init__(self, tree: Tree) -> None:
        self._areas = {a.code: a for a in tree.areas.values() if a.level != "zone" and a.origin != UNPLACED}
        self._named: dict[str, set[str]] = {}
        for area in self._areas.values():
            for name in (area.name, area.name_en):
                if name:
                    self._named.setdefault(fold_word(name), set()).add(area.code)

    def find(self, word: str) -> str | None:
        """Code of the one area that a word is the code or the name of."""
        if word in self._areas:
            return word
        found = self._named.get(fold_word(word), set())
        return next(iter(found)) if len(found) == 1 else None

    def reject(self, batch: Batch, row: int, source: IncidentSource, word: str) -> None:
        """Reject a row whose word means no area, or several."""
        count = len(self._named.get(fold_word(word), ()))
        column = source.columns.area.describe() if source.columns.area else ""
        if count:
            batch.reject(row, "ambiguous_place", column, word, count=count)
        else:
            batch.reject(row, "unknown_place", column, word, nearest=find_nearest_word(word, [*self._named, *self._areas]))
