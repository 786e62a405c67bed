"""Outlines and points of places that are known already are compared with them by code or name, before they replace anything."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import psycopg
import shapely

from data.geo import datum
from data.importing.placing.coordinate_checks import apply_datum, compute_centroids, find_located, tell_datum
from data.importing.placing.tree import Tree
from data.importing.profile.model import AreaSource, Profile
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

_MOST_COMPARED = 500
_POINT = 0
_OUTLINES = ("wrong_datum_outlines", "datum_found_outlines")

_HELD = """
SELECT code, level, name, ST_AsBinary(geom) FROM area
WHERE city = %s AND geom IS NOT NULL AND origin IN ('published', 'derived') ORDER BY code
"""


@dataclass
class KnownPlaces:
    """Polygons in WGS 84 by what they are called.

    Attributes:
        by_code: polygons by code; those of this import come before those of an earlier one.
        by_name: polygons by level and name, where a name occurs once in its level.
    """

    by_code: dict[str, shapely.Geometry] = field(default_factory=dict)
    by_name: dict[tuple[str, str], shapely.Geometry] = field(default_factory=dict)

    def add(self, places: Iterable[tuple[str, str, str, shapely.Geometry]]) -> None:
        """Add places: code, level, name, polygon."""
        given = list(places)
        often = Counter((level, name) for _, level, name, _ in given)
        for code, level, name, shape in given:
            self.by_code[code] = shape
            if name and often[level, name] == 1:
                self.by_name[level, name] = shape

    def with_tree(self, tree: Tree) -> "KnownPlaces":
        """These and the polygons of a tree so far."""
        made = KnownPlaces(dict(self.by_code), dict(self.by_name))
        made.add((a.code, a.level, a.name, a.geom) for a in tree.areas.values() if a.geom is not None)
        return made

    def find(self, code: str, level: str, name: str) -> shapely.Geometry | None:
        """The polygon of a place: by its code, else by its name in its level; a zone may have the name of any area."""
        found = self.by_code.get(code)
        if found is None and name:
            levels = [level] if level != "zone" else ["zone", *sorted({known for known, _ in self.by_name})]
            found = next((self.by_name[one, name] for one in levels if (one, name) in self.by_name), None)
        return found


def read_held_places(connection: psycopg.Connection, city: str) -> KnownPlaces:
    """The places that an earlier import of the city left in the database."""
    made = KnownPlaces()
    rows = connection.execute(_HELD, [city]).fetchall()
    shapes = shapely.from_wkb([bytes(row[3]) for row in rows])
    made.add((str(code), str(level), str(name), shape) for (code, level, name, _), shape in zip(rows, shapes, strict=True))
    return made


def compare_known_places(batches: Sequence[Batch], source: AreaSource, tree: Tree, held: KnownPlaces, ledger: Ledger) -> None:
    """Find the datum of areas that declare none, by the polygons that the same places have already.

    Outlines are laid over the known ones; a point should lie in the polygon of its area.
    """
    if source.datum not in (None, "detect") or not _lie_in_china(batches):
        return
    known = held.with_tree(tree)
    outlines: dict[str, list[shapely.Geometry]] = {}
    polygons, points, truth = dict[str, shapely.Geometry](), list[shapely.Geometry](), list[shapely.Geometry]()
    for code, name, shape in _each(batches, source, tree):
        place = known.find(code, source.level, name)
        if place is None:
            continue
        if shapely.get_type_id(shape) == _POINT:
            points.append(shape)
            truth.append(place)
        else:
            outlines.setdefault(code, []).append(shape)
            polygons[code] = place
    codes = sorted(outlines)[:_MOST_COMPARED]
    _compare_outlines([shapely.union_all(outlines[code]) for code in codes], [polygons[code] for code in codes], batches, source, ledger)
    if points:
        own = np.arange(len(points))
        xy = compute_centroids(np.array(points, dtype=object))
        apply_datum(xy, lambda lon, lat: datum.detect_datum(lon, lat, truth, own), batches, source, ledger, fewest=1)


def _lie_in_china(batches: Sequence[Batch]) -> bool:
    """Whether the shapes lie where Chinese datums may be meant; elsewhere nothing is worked out."""
    shapes = [b.geometry[find_located(b)] for b in batches if b.geometry is not None]
    box = shapely.total_bounds(np.concatenate(shapes)) if shapes else np.full(4, np.nan)
    return bool(datum.in_china(box[[0, 2]], box[[1, 3]]).all())


def _each(batches: Sequence[Batch], source: AreaSource, tree: Tree) -> Iterator[tuple[str, str, shapely.Geometry]]:
    """Code, name and shape of every row that has a shape; the city is called as its root."""
    for batch in batches:
        if batch.geometry is None:
            continue
        codes, names = batch.list_values("code"), batch.list_values("name")
        for i in batch.list_living():
            if batch.geometry[i] is not None:
                yield tree.root if source.level == "city" else codes[i], names[i] or "", batch.geometry[i]


def compare_with_level_above(batches: Sequence[Batch], source: AreaSource, tree: Tree, profile: Profile, ledger: Ledger) -> None:
    """Lay all areas of a level together over all of the level above: where they cover it, both outlines are the same.

    Where they fit better while the outline of the city is read in another datum, it is the source of that outline that is told.
    """
    if not _lie_in_china(batches):
        return
    shapes = [shape for _, _, shape in _each(batches, source, tree) if shapely.get_type_id(shape) != _POINT]
    above = [a.geom for a in tree.above(source.level) if a.geom is not None]
    if not shapes or not above:
        return
    inside, outside = shapely.union_all(np.array(shapes, dtype=object)), shapely.union_all(np.array(above, dtype=object))
    said = len(ledger.refusals), len(ledger.remarks)
    _compare_outlines([inside], [outside], batches, source, ledger)
    root = tree.areas[tree.root]
    city = next((one for one in profile.areas if one.key == root.source and one.level == "city"), None)
    if city is not None and above == [root.geom] and said == (len(ledger.refusals), len(ledger.remarks)):
        root.geom = _compare_city(root.geom, inside, city, ledger)


def _compare_city(outline: shapely.Geometry, inside: shapely.Geometry, city: AreaSource, ledger: Ledger) -> shapely.Geometry:
    """The outline of the city, shifted where its profile says ``detect`` and it fits what is inside better in another datum."""
    if city.datum not in (None, "detect"):
        return outline
    found = datum.detect_datum_of_outlines([outline], [inside])
    told = tell_datum(found, city, ledger, _OUTLINES)
    return datum.geometry_to_wgs84(outline, found.datum) if told else outline


def _compare_outlines(
    shapes: list[shapely.Geometry], known: list[shapely.Geometry], batches: Sequence[Batch], source: AreaSource, ledger: Ledger
) -> None:
    if shapes and source.datum in (None, "detect"):
        xy = compute_centroids(np.array(shapes, dtype=object))
        apply_datum(xy, lambda *_: datum.detect_datum_of_outlines(shapes, known), batches, source, ledger, fewest=1, words=_OUTLINES)
