"""Grid cells where the files give none: areas divided, and Voronoi cells for areas that are known by a point only."""

from collections.abc import Callable, Iterable

import numpy as np
import shapely

from data.geo import cell_division as division
from data.geo.overlay import Overlay, divide_along
from data.importing.common.sentences import ImportRefused, Sentence, format_share
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import Cells, Profile
from data.importing.profile.template import Template
from data.importing.rows.rejects import Ledger

USUAL = "{parent}{number|pad3}"
DASHED = "{parent}-{number|pad3}"
_ROUNDING = 1e-9
"""Shares below it are the rounding of doubles."""
Track = Callable[[list[Area]], Iterable[Area]]


def make_cells(tree: Tree, profile: Profile, ledger: Ledger, track: Track) -> None:
    """Divide every area that has a polygon, none below it, and is not a cell itself.

    Where such an area holds areas that are known by a point only, each of those first gets what is nearest to it (``approximate``).
    """
    rules = profile.cells
    if not rules.make:
        return
    children = tree.children()
    made = 0
    cutters = Cutters(tree, profile)
    places = [a for a in tree.without_polygons_below() if a.level != "grid"]
    for area in track(places):
        pointed = [c for c in children.get(area.code, []) if c.geom is None and c.point is not None]
        if pointed and rules.voronoi:
            made += _approximate(tree, area, pointed, profile, ledger, cutters)
        else:
            made += _divide(tree, area, area.geom, rules, "made", cutters)
    ledger.repair(profile.areas[-1], "cells_made", made)
    cutters.tell(ledger, rules)


def _approximate(tree: Tree, area: Area, pointed: list[Area], profile: Profile, ledger: Ledger, cutters: "Cutters") -> int:
    points = [(c.point.x, c.point.y) for c in pointed]
    found = division.divide_by_points(points, area.geom)
    source = next((s for s in profile.areas if s.key == pointed[0].source), profile.areas[-1])
    for reason, rows in (("point_moved", found.moved), ("point_far", found.left_out), ("point_spread", found.spread)):
        ledger.repair(source, reason, len(rows))
    made = 0
    for child, cell in zip(pointed, found.cells, strict=True):
        if cell is not None:
            child.geom, child.origin = _multi(cell), "approximate"
            ledger.repair(source, "approximated")
            made += _divide(tree, child, cell, profile.cells, "approximate", cutters)
    # No point lies inside: the area gets its own cells, so that every object in it has one.
    return made or _divide(tree, area, area.geom, profile.cells, "made", cutters)


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def _divide(tree: Tree, parent: Area, shape: shapely.Geometry, rules: Cells, origin: str, cutters: "Cutters") -> int:
    parts = cutters.divide(shapely.make_valid(shape) if not shape.is_valid else shape, rules)
    code = _code_template(tree, parent, len(parts), rules)
    for number, part in enumerate(parts, start=1):
        row = {"parent": parent.code, "parent_name": parent.name, "parent_name_en": parent.name_en, "number": str(number)}
        texts = [Template(text).fill(row) or "" for text in (code, rules.name, rules.name_en)]
        if texts[0] in tree.areas:
            raise ImportRefused([Sentence("cell_code_taken", {"code": texts[0], "template": code})])
        geom = _multi(part)
        tree.add(Area(texts[0], "grid", texts[1], texts[2], source=parent.source, parent=parent.code, geom=geom, origin=origin))
    return len(parts)


def _code_template(tree: Tree, parent: Area, count: int, rules: Cells) -> str:
    """The template of an area's cells: where the profile says nothing and areas of the city have such codes already, one with a dash.

    A street 310113003 has communities 310113003001 and so on, which its cells would be called, too.
    """
    if rules.code is not None:
        return rules.code
    usual = Template(USUAL)
    made = (usual.fill({"parent": parent.code, "number": str(number)}) for number in range(1, count + 1))
    return DASHED if any(code in tree.areas for code in made) else USUAL


class Cutters:
    """The polygons of sources with ``cut = true``: cells are made along their borders."""

    def __init__(self, tree: Tree, profile: Profile) -> None:
        self._root = tree.areas[tree.root].geom
        keys = [source.key for source in profile.areas if source.cut]
        self._areas = [area for area in tree.areas.values() if area.source in keys and area.level == "zone" and area.geom is not None]
        self._shapes = np.array([area.geom for area in self._areas], dtype=object)
        self._index = shapely.STRtree(self._shapes)
        self._keys = keys
        self._slivers, self._sliver_m2 = 0, 0.0

    def divide(self, shape: shapely.Geometry, rules: Cells) -> list[shapely.Geometry]:
        """The cells of one area."""
        near = self._shapes[self._index.query(shape, predicate="intersects")] if self._keys else self._shapes
        if not len(near):
            return division.divide_area(shape, rules.target_area_m2)
        done: Overlay = divide_along(shape, list(near), rules.target_area_m2, rules.sliver_m2)
        self._slivers, self._sliver_m2 = self._slivers + done.slivers, self._sliver_m2 + done.sliver_m2
        return done.cells

    def tell(self, ledger: Ledger, rules: Cells) -> None:
        """Remark on slivers, and on gaps and overlaps of each source."""
        for key in self._keys:
            shapes = np.array([area.geom for area in self._areas if area.source == key], dtype=object)
            if not len(shapes):
                continue
            together = shapely.union_all(shapes)
            surface = float(shapely.area(shapes).sum())
            gap = 1 - float(shapely.intersection(together, self._root).area / self._root.area)
            overlap = 1 - float(together.area) / surface
            slivers = {"slivers": self._slivers, "least": f"{rules.sliver_m2:,.0f}", "m2": f"{self._sliver_m2:,.0f}"}
            told = [
                Sentence("cut_along", {"source": key}),
                *([Sentence("cut_slivers", {"source": key, **slivers})] if self._slivers else []),
                *([Sentence("cut_gaps", {"source": key, "gap": format_share(gap)})] if gap > _ROUNDING else []),
                *([Sentence("cut_overlaps", {"source": key, "overlap": format_share(overlap)})] if overlap > _ROUNDING else []),
            ]
            ledger.remarks.extend((key, sentence) for sentence in told)
