"""Grid cells where the files give none: areas divided, and Voronoi cells for areas that are known by a point only."""

from collections.abc import Callable, Iterable

import shapely

from data.geo import cell_division as division
from data.importing.common.sentences import ImportRefused, Sentence
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import Cells, Profile
from data.importing.profile.template import Template
from data.importing.rows.rejects import Ledger

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
    places = [a for a in tree.without_polygons_below() if a.level != "grid"]
    for area in track(places):
        pointed = [c for c in children.get(area.code, []) if c.geom is None and c.point is not None]
        if pointed and rules.voronoi:
            made += _approximate(tree, area, pointed, profile, ledger)
        else:
            made += _divide(tree, area, area.geom, rules, "made")
    ledger.repair(profile.areas[-1], "cells_made", made)


def _approximate(tree: Tree, area: Area, pointed: list[Area], profile: Profile, ledger: Ledger) -> int:
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
            made += _divide(tree, child, cell, profile.cells, "approximate")
    # No point lies inside: the area gets its own cells, so that every object in it has one.
    return made or _divide(tree, area, area.geom, profile.cells, "made")


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def _divide(tree: Tree, parent: Area, shape: shapely.Geometry, rules: Cells, origin: str) -> int:
    parts = division.divide_area(shapely.make_valid(shape) if not shape.is_valid else shape, rules.target_area_m2)
    for number, part in enumerate(parts, start=1):
        row = {"parent": parent.code, "parent_name": parent.name, "parent_name_en": parent.name_en, "number": str(number)}
        texts = [Template(text).fill(row) or "" for text in (rules.code, rules.name, rules.name_en)]
        if texts[0] in tree.areas:
            raise ImportRefused([Sentence("cell_code_taken", {"code": texts[0], "template": rules.code})])
        geom = _multi(part)
        tree.add(Area(texts[0], "grid", texts[1], texts[2], source=parent.source, parent=parent.code, geom=geom, origin=origin))
    return len(parts)
