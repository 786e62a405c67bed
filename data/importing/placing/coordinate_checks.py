"""Checks whether the coordinates of a source are right: swapped axes and Chinese datums are found by comparing with the areas."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import shapely

from data.geo import datum
from data.importing.common.columns import Mask
from data.importing.common.sentences import Sentence, format_share
from data.importing.placing.leaves import Ints, Shapes
from data.importing.placing.tree import Tree
from data.importing.profile.model import AreaSource
from data.importing.profile.source import Source
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

Floats = npt.NDArray[np.float64]

_METRES_A_DEGREE = 111_000.0
_MOST_LOOKED_AT = 20_000
_MIN_LOOKED_AT = 20
_POLYGONAL = (3, 6)
_BORDER_DEGREES = 0.0008
"""Two drawings of one border may differ by this much, some 80 m; a Chinese datum differs by 100 to 700 m."""


class CityOutline:
    """The outline of the city, with a margin, for questions about many points."""

    def __init__(self, tree: Tree, tolerance_m: float) -> None:
        root = tree.areas[tree.root]
        self.outline = shapely.buffer(root.geom, 2 * tolerance_m / _METRES_A_DEGREE, quad_segs=2)
        shapely.prepare(self.outline)
        self.known = _trusted(tree)
        self.centre = root.geom.centroid

    def _inside(self, xy: Floats) -> Mask:
        inside: Mask = shapely.contains_xy(self.outline, xy[:, 0], xy[:, 1])
        return inside

    def check(self, batches: Sequence[Batch], source: Source, ledger: Ledger) -> None:
        """Refuse a file if most of its rows lie in the city only with swapped axes, else reject such rows; then check the datum."""
        for batch in batches:
            rows = find_located(batch)
            if batch.geometry is None or not len(rows):
                continue
            xy = compute_centroids(batch.geometry[rows])
            inside = self._inside(xy)
            swapped = ~inside & self._inside(xy[:, ::-1])
            if swapped.sum() > 0.5 * len(rows):
                told = Sentence(
                    "swapped_lonlat", {"source": f"{source.key} ({batch.sheet.file})", "count": int(swapped.sum()), "total": len(rows)}
                )
                ledger.refusals.append(told)
                batch.alive[:] = False
                continue
            for k in np.flatnonzero(swapped):
                batch.reject(int(rows[k]), "swapped", None, f"{xy[k, 0]:.6f}, {xy[k, 1]:.6f}")
        self.check_datum(batches, source, ledger)

    def check_datum(self, batches: Sequence[Batch], source: Source, ledger: Ledger) -> None:
        """Find the Chinese datum of a source that declares none: count points that lie in any area, or footprints that cross no border."""
        if source.datum not in (None, "detect"):
            return
        found = [b.geometry[rows] for b in batches if b.geometry is not None and len(rows := find_located(b))]
        if not found:
            return
        shapes = np.concatenate(found)[:_MOST_LOOKED_AT]
        if np.isin(shapely.get_type_id(shapes), _POLYGONAL).all():
            apply_datum(
                compute_centroids(shapes), lambda *_: datum.detect_datum_of_shapes(list(shapes), self.known), batches, source, ledger
            )
        else:
            apply_datum(compute_centroids(shapes), lambda lon, lat: datum.detect_datum(lon, lat, self.known), batches, source, ledger)


def _trusted(tree: Tree) -> list[shapely.Geometry]:
    """Published polygons of the lowest level above the cells. Their borders follow roads and rivers; borders of cells may not."""
    published = [a for a in tree.areas.values() if a.geom is not None and a.origin == "published" and a.level not in ("grid", "zone")]
    covered = {above.code for a in published for above in tree.chain(a.code)[:-1]}
    return [a.geom for a in published if a.code not in covered]


def refuse_swapped(batches: Sequence[Batch], tree: Tree, source: AreaSource, ledger: Ledger) -> None:
    """Refuse a source of areas if most of them lie in the level above only with swapped axes."""
    above = [a.geom for a in tree.above(source.level) if a.geom is not None]
    shapes = [b.geometry[i] for b in batches if b.geometry is not None for i in b.list_living() if b.geometry[i] is not None]
    if not above or not shapes:
        return
    xy = compute_centroids(np.array(shapes, dtype=object))
    box = shapely.box(*shapely.total_bounds(np.array(above, dtype=object)))
    inside, turned = (shapely.intersects_xy(box, xy[:, k], xy[:, 1 - k]) for k in (0, 1))
    count = int((turned & ~inside).sum())
    if count > 0.5 * len(shapes):
        ledger.refusals.append(Sentence("swapped_lonlat", {"source": source.key, "count": count, "total": len(shapes)}))


def check_areas_datum(batches: Sequence[Batch], source: AreaSource, tree: Tree, ledger: Ledger) -> None:
    """Find the datum of areas that declare none, by the polygons of their parents.

    If they name their parents by code, their centres should lie in them. Otherwise each polygon should lie in one area of the level above,
    with some metres of tolerance. Grid cells may cross borders and are not used.
    """
    if source.datum not in (None, "detect"):
        return
    rows = [(b, i) for b in batches if b.geometry is not None for i in b.list_living() if b.geometry[i] is not None]
    shapes = np.array([b.geometry[i] for b, i in rows if b.geometry is not None], dtype=object)
    known = [a for a in tree.areas.values() if a.geom is not None]
    place = {area.code: i for i, area in enumerate(known)}
    parents = {key: b.list_values("parent") for key, b in {id(b): b for b, _ in rows}.items()}
    own = np.array([place.get(parents[id(b)][i] or "", -1) for b, i in rows], dtype=int)
    named = own >= 0
    if named.any():
        truth = [a.geom for a in known]
        apply_datum(
            compute_centroids(shapes[named]), lambda lon, lat: datum.detect_datum(lon, lat, truth, own[named]), batches, source, ledger
        )
    elif len(rows) and source.level != "grid" and np.isin(shapely.get_type_id(shapes), _POLYGONAL).all():
        above = [shapely.buffer(a.geom, _BORDER_DEGREES) for a in tree.above(source.level) if a.geom is not None]
        if above:
            apply_datum(compute_centroids(shapes), lambda *_: datum.detect_datum_of_shapes(list(shapes), above), batches, source, ledger)


def apply_datum(
    xy: Floats,
    detect: Callable[[Floats, Floats], datum.Detection],
    batches: Sequence[Batch],
    source: Source,
    ledger: Ledger,
    fewest: int = _MIN_LOOKED_AT,
    words: tuple[str, str] = ("wrong_datum", "datum_found"),
) -> None:
    """Compare the datums; shift where the profile says ``detect``, refuse where it says nothing and another fits clearly better.

    Args:
        xy: degrees as published, shape (n, 2).
        detect: compares the datums, given longitudes and latitudes; only asked where there are enough points, all of them in China.
        batches: rows of the source; their geometry is shifted.
        source: the source.
        ledger: where the finding is noted.
        fewest: so many points are enough.
        words: reasons of the sentences for a refusal and for a shift.
    """
    if len(xy) < fewest or not len(xy) or not datum.in_china(xy[:, 0], xy[:, 1]).all():
        return
    found = detect(xy[:, 0], xy[:, 1])
    if not tell_datum(found, source, ledger, words):
        return
    for batch in batches:
        if batch.geometry is not None:
            batch.geometry = datum.geometry_to_wgs84(batch.geometry, found.datum)
            batch.repair("datum_shifted", int(batch.alive.sum()))


def tell_datum(found: datum.Detection, source: Source, ledger: Ledger, words: tuple[str, str] = ("wrong_datum", "datum_found")) -> bool:
    """Note what was found; whether the source is to be shifted."""
    if found.datum == "wgs84":
        return False
    facts = {
        "datum": found.datum,
        "share": format_share(found.shares[found.datum]),
        "asis": format_share(found.shares["wgs84"]),
        "total": found.count,
    }
    if source.datum is None:
        ledger.refusals.append(Sentence(words[0], {"source": source.key, **facts}))
        return False
    ledger.remarks.append((source.key, Sentence(words[1], {"source": source.key, **facts})))
    return True


def find_located(batch: Batch) -> Ints:
    """Numbers of the rows that are left and have geometry."""
    return np.flatnonzero(batch.alive & ~shapely.is_missing(batch.geometry)) if batch.geometry is not None else np.array([], dtype=int)


def compute_centroids(shapes: Shapes) -> Floats:
    """One coordinate pair for each shape: the point itself, or a centroid."""
    plain = bool((shapely.get_type_id(shapes) == 0).all())  # the centroids of points take twenty times as long as the points
    xy: Floats = shapely.get_coordinates(shapes if plain else shapely.centroid(shapes))
    return xy
