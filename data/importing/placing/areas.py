"""Reads the areas of every level, joins rows that form one area, and gives each area its parent."""

from collections.abc import Iterator

import numpy as np
import shapely

from data.core.codes import is_code
from data.importing.common.sentences import FileProblem
from data.importing.placing.coordinate_checks import check_areas_datum, refuse_swapped
from data.importing.placing.known_places import KnownPlaces, compare_known_places, compare_with_level_above
from data.importing.placing.parents import assign_parents
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import AreaSource, Profile
from data.importing.rows.batch import Batch
from data.importing.rows.geometry import settle_geometry
from data.importing.rows.intake import Intake, stop_at_problem
from data.importing.rows.rejects import Ledger

_TEXTS = ("name_en", "head_name", "head_title", "head_phone", "responsible_body")


def read_areas(profile: Profile, intake: Intake, held: KnownPlaces | None = None) -> Tree:
    """The whole tree of published areas; ``held`` are those that an earlier import left.

    What cannot be used is noted in the intake's ledger; the caller decides whether the import may go on.
    """
    city = profile.city
    root = Area(city.code, "city", city.name, city.name_en or city.name, source="")
    tree = Tree(city.code, {city.code: root})
    for source in profile.sources():
        if isinstance(source, AreaSource):
            _read_source(source, tree, intake, profile, held or KnownPlaces())
    _derive(tree, profile, intake)
    return tree


def _read_source(source: AreaSource, tree: Tree, intake: Intake, profile: Profile, held: KnownPlaces) -> None:
    batches = [_mapped(source, batch) for batch in stop_at_problem(intake.ledger, _batches(source, intake))]
    _check_coordinates(batches, source, tree, intake.ledger, profile, held)
    found: list[tuple[Batch, int, Area]] = []
    for batch in batches:
        found += [(batch, i, area) for i, area in _areas(source, batch)]
    if source.dissolve:
        found = _dissolved(found)
    if source.fill:
        _fill(found, tree)
        return
    added = [(b, i, a) for b, i, a in found if _add(b, i, a, tree, source)]
    if source.level != "city":
        assign_parents(added, tree, intake.ledger, source)


def _check_coordinates(batches: list[Batch], source: AreaSource, tree: Tree, ledger: Ledger, profile: Profile, held: KnownPlaces) -> None:
    """Refuse swapped axes; then compare with the areas above, and with what is known of the same places; one finding is enough."""
    refused = len(ledger.refusals)
    if source.level not in ("city", "zone"):
        refuse_swapped(batches, tree, source, ledger)
        check_areas_datum(batches, source, tree, ledger)
    if len(ledger.refusals) == refused:
        compare_known_places(batches, source, tree, held, ledger)
    if len(ledger.refusals) == refused and source.level not in ("city", "zone"):
        compare_with_level_above(batches, source, tree, profile, ledger)


def _batches(source: AreaSource, intake: Intake) -> Iterator[Batch]:
    for batch in intake.read_batches(source, "areas", None):
        if batch.geometry is not None:
            _polygons_or_points(batch)
        yield batch


def _polygons_or_points(batch: Batch) -> None:
    """Check polygons. A file of points only gives places for labels; rows without geometry stay in the tree."""
    shapes = batch.shapes
    kinds = set(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]).tolist())
    if kinds - {0}:
        settle_geometry(batch, "polygon")
    else:
        zero = (shapely.get_x(shapes) == 0) & (shapely.get_y(shapes) == 0)
        shapes[zero] = None


def _mapped(source: AreaSource, batch: Batch) -> Batch:
    columns = source.columns
    try:
        batch.read_key("code", columns.code, needed=True)
        _reject_bad_codes(batch)
        batch.read_text("name", columns.name, needed=not source.fill)
        for field in _TEXTS:
            batch.read_text(field, getattr(columns, field))
        batch.read_key("parent", columns.parent)
        batch.read_day("valid_from", columns.valid_from)
        batch.read_day("valid_to", columns.valid_to)
        for name, spec in source.attributes.items():
            batch.read_text(f"attributes.{name}", spec)
    except FileProblem as problem:
        batch.ledger.refusals.append(problem.told)
        batch.alive[:] = False
    return batch


def _reject_bad_codes(batch: Batch) -> None:
    for row, code in enumerate(batch.list_values("code")):
        if code is not None and not is_code(code):
            batch.reject(row, "bad_code", None, code)


def _areas(source: AreaSource, batch: Batch) -> Iterator[tuple[int, Area]]:
    shapes = batch.geometry
    fields = {field: batch.list_values(field) for field in batch.fields}
    for i in batch.list_living():
        value = {field: values[i] for field, values in fields.items()}
        shape = None if shapes is None else shapes[i]
        is_point = shape is not None and shapely.get_type_id(shape) == 0
        has_polygon = shape is not None and not is_point
        yield (
            i,
            Area(
                code=value["code"],
                level=source.kept_level,
                name=value["name"] or "",
                name_en=value["name_en"] or value["name"] or "",
                source=source.key,
                file=batch.sheet.file,
                line=int(batch.sheet.lines[i]),
                parent=value["parent"],
                geom=shape if has_polygon else None,
                point=shape if is_point else None,
                origin="published" if has_polygon else "none",
                attributes={k.split(".", 1)[1]: v for k, v in value.items() if k.startswith("attributes.") and v is not None},
                **{k: value[k] for k in (*_TEXTS[1:], "valid_from", "valid_to")},
            ),
        )


def _add(batch: Batch, row: int, area: Area, tree: Tree, source: AreaSource) -> bool:
    """Add an area to the tree; the row of the city itself only gives its polygon to the root."""
    if source.level == "city":
        root = tree.areas[tree.root]
        root.geom = area.geom if root.geom is None else _joined([root.geom, area.geom])
        root.source = source.key
        return True
    taken = tree.areas.get(area.code)
    if taken is not None:
        batch.reject(row, "duplicate_area", None, area.code, level=taken.level)
        return False
    tree.add(area)
    return True


def _fill(found: list[tuple[Batch, int, Area]], tree: Tree) -> None:
    """Complete known areas from a second file: heads, English names, points, polygons."""
    for batch, i, area in found:
        known = tree.areas.get(area.code)
        if known is None:
            batch.reject(i, "unknown_area", None, area.code)
            continue
        for field in (*_TEXTS, "geom", "point", "valid_from", "valid_to"):
            value = getattr(area, field)
            if value is not None and value != "" and (field != "name_en" or known.name_en in ("", known.name)):
                setattr(known, field, value)
        if area.geom is not None:
            known.origin = "published"
        known.attributes |= area.attributes


def _dissolved(found: list[tuple[Batch, int, Area]]) -> list[tuple[Batch, int, Area]]:
    """One area for all rows of one code: the union of their polygons, everything else from the first row."""
    groups: dict[str, list[tuple[Batch, int, Area]]] = {}
    for item in found:
        groups.setdefault(item[2].code, []).append(item)
    for batch, _, area in (items[0] for items in groups.values()):
        parts = [a.geom for _, _, a in groups[area.code] if a.geom is not None]
        area.geom = _joined(parts) if parts else None
        batch.repair("dissolved", len(groups[area.code]) - 1)
    return [items[0] for items in groups.values()]


def _joined(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    """Union as a MultiPolygon."""
    kept = [s for s in shapes if s is not None]
    if not kept:
        return None
    joined = shapely.union_all(np.array(kept, dtype=object))
    parts = [p for p in shapely.get_parts(joined) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _derive(tree: Tree, profile: Profile, intake: Intake) -> None:
    """Give an area that has no polygon the union of the polygons below it."""
    children = tree.children()
    for area in reversed(tree.sorted()):
        if area.geom is not None or area.level == "zone":
            continue
        below = [c.geom for c in children.get(area.code, []) if c.geom is not None]
        if below:
            area.geom, area.origin = _joined(below), "derived"
            source = next((s for s in profile.areas if s.key == area.source), profile.areas[0])
            intake.ledger.repair(source, "derived_polygon")
    root = tree.areas[tree.root]
    root.origin = "none" if root.geom is None else root.origin
