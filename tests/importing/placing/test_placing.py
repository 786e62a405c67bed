"""Where areas and rows belong when borders are irregular: shared children, cells that do not align, datums, swapped axes."""

from typing import Any

import numpy as np
import pytest
import shapely
from import_rows import incident_source, make_batch, rejected, repaired

from data.geo import datum
from data.importing.common.columns import make_column
from data.importing.placing import coordinate_checks
from data.importing.placing.coordinate_checks import CityOutline, apply_datum, check_areas_datum, refuse_swapped
from data.importing.placing.parents import assign_parents
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import AreaSource
from data.importing.rows.rejects import Ledger


def area(code: str, level: str, shape: Any = None, parent: str | None = None, **more: Any) -> Area:
    return Area(code, level, code, code, source="s", parent=parent, geom=shape, **more)


def grown(*areas: Area) -> Tree:
    """A city with these areas."""
    root = area("T", "city")
    tree = Tree("T", {"T": root})
    for one in areas:
        tree.add(one)
    return tree


def area_source(level: str, parent: bool = False, **more: Any) -> AreaSource:
    columns = {"code": "code", "name": "name"} | ({"parent": "parent"} if parent else {})
    return AreaSource(file=["x.csv"], key="x", level=level, columns=columns, **more)  # type: ignore[arg-type]


def nested(tree: Tree, source: AreaSource, *areas: Area) -> Any:
    """Hang new areas into the tree; gives the batch they came in."""
    batch = make_batch({"code": [one.code for one in areas]}, source)
    for one in areas:
        tree.add(one)
    assign_parents([(batch, i, one) for i, one in enumerate(areas)], tree, batch.ledger, source)
    return batch


def box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    """In hundredths of a degree from 10° E 50° N."""
    return shapely.MultiPolygon([shapely.box(10 + west / 100, 50 + south / 100, 10 + east / 100, 50 + north / 100)])


# Three districts of unlike shape; their codes do not follow their places.
def districts() -> Tree:
    return grown(
        area("C", "district", box(0, 0, 3, 2), "T"),
        area("A", "district", box(3, 0, 4, 2), "T"),
        area("B", "district", box(4, 0, 9, 2), "T"),
    )


@pytest.mark.parametrize(
    ("shape", "parent", "share"),
    [
        (box(2.8, 0, 3.9, 1), "A", "81.8 %"),  # a fifth in C, whose polygon comes first; the rest in A
        (box(2, 0, 3.2, 1), "C", "83.3 %"),  # most in C, though A has the first code
        (box(3.5, 0, 5, 1), "B", "66.7 %"),
        (box(2, 0, 6.1, 1), "B", "51.2 %"),  # C a quarter, A a quarter, B a little more than half
    ],
)
def test_an_area_that_straddles_belongs_to_the_parent_that_holds_most_of_it(shape: Any, parent: str, share: str) -> None:
    child = area("x", "street", shape)
    batch = nested(districts(), area_source("street"), child)
    assert child.parent == parent
    assert [(told.reason, told.facts) for _, told in batch.ledger.remarks] == [
        ("parent_straddles", {"child": "x", "parent": parent, "share": share})
    ]


def test_of_two_equal_shares_the_first_code_wins() -> None:
    """On whole numbers of degrees, so that both shares are exactly a half."""
    tree = grown(area("C", "district", shapely.box(0, 0, 1, 1), "T"), area("A", "district", shapely.box(1, 0, 2, 1), "T"))
    child = area("x", "street", shapely.box(0.5, 0, 1.5, 1))
    nested(tree, area_source("street", inside=0.49), child)
    assert child.parent == "A"


@pytest.mark.parametrize(
    ("shape", "inside", "shares"),
    [
        (box(2, 0, 6, 1), 0.5, ("B", "50.0 %", "50.0 %")),  # exactly half is not more than half
        (box(8.9999, 0, 12, 2), 0.5, ("B", "< 0.01 %", "> 99.99 %")),  # 7 m of a neighbour
        (box(8, 0, 10, 2), 0.6, ("B", "50.0 %", "50.0 %")),
    ],
)
@pytest.mark.parametrize("by_code", [False, True])
def test_an_area_that_does_not_lie_in_its_parent_is_refused_with_both_shares(
    shape: Any, inside: float, shares: tuple[str, str, str], by_code: bool
) -> None:
    child = area("x", "street", shape, parent="B" if by_code else None)
    tree = districts()
    batch = nested(tree, area_source("street", parent=by_code, inside=inside), child)
    assert rejected(batch) == {2: "outside_parents"} and "x" not in tree.areas
    facts = batch.ledger.rejects[0].sentence.facts
    assert (facts["parent"], facts["share"], facts["rest"]) == shares
    assert shares[1] in batch.ledger.rejects[0].sentence.tell("en")


def shares_told(batch: Any) -> list[tuple[str, Any]]:
    return [(told.reason, told.facts) for told in batch.ledger.refusals]


@pytest.mark.parametrize(("nests", "told"), [(0.05, True), (0.26, False)])
def test_levels_that_do_not_nest_stop_the_import_with_figures_and_two_ways_on(nests: float, told: bool) -> None:
    """The child of A covers a quarter of B beside it; a fifth of a child of C lies in A."""
    children = [
        area("a", "street", box(2.75, 0, 5.25, 2)),
        area("b", "street", box(5.25, 0, 9, 2)),
        area("c", "street", box(0, 0, 2.75, 2)),
    ]
    tree = grown(
        area("A", "district", box(3, 0, 5, 2), "T"),
        area("B", "district", box(5, 0, 9, 2), "T"),
        area("C", "district", box(0, 0, 3, 2), "T"),
    )
    batch = nested(tree, area_source("street", nests=nests), *children)
    if not told:
        assert batch.ledger.refusals == []
        assert "levels_nearly_nest" in [remark.reason for _, remark in batch.ledger.remarks]
        return
    [(reason, facts)] = shares_told(batch)
    assert (reason, facts["crossing"], facts["total"], facts["parent"], facts["beyond"]) == ("levels_do_not_nest", 1, 3, "A", "20.0 %")
    sentence = batch.ledger.refusals[0].tell("en")
    assert 'level = "zone"' in sentence and "cut = true" in sentence


def test_a_parent_that_the_children_of_others_cover_is_found() -> None:
    """No child of A leaves it by much, but a small district lies in the children of its neighbours: its figures would be nothing."""
    tree = grown(area("A", "district", box(0, 0, 6, 2), "T"), area("B", "district", box(6, 0, 6.2, 2), "T"))
    batch = nested(tree, area_source("street"), area("a", "street", box(0, 0, 6.2, 2)))
    [(reason, facts)] = shares_told(batch)
    assert (reason, facts["parent"], facts["taken"]) == ("levels_do_not_nest", "B", "100 %")


@pytest.mark.parametrize(("east", "told"), [(1.02, []), (1.2, ["siblings_overlap"])])
@pytest.mark.parametrize("level", ["district", "zone", "grid"])
def test_siblings_that_overlap_stop_the_import_unless_they_may(east: float, told: list[str], level: str) -> None:
    one, two = area("x", level, box(0, 0, east, 2)), area("y", level, box(1, 0, 2, 2))
    batch = nested(grown(), area_source(level), one, two)
    assert [reason for reason, _ in shares_told(batch)] == (told if level == "district" else [])


def test_what_is_cut_becomes_a_zone_and_may_cross_everything() -> None:
    one, two = area("x", "zone", box(0, 0, 5, 2)), area("y", "zone", box(1, 0, 12, 2))
    batch = nested(districts(), area_source("street", cut=True), one, two)
    assert (one.parent, two.parent, batch.ledger.refusals) == ("T", "T", [])


def test_a_district_beside_the_published_outline_of_the_city_is_refused() -> None:
    tree = grown()
    tree.areas["T"].geom = box(0, 0, 2, 2)
    inner, beside = area("in", "district", box(0, 0, 2, 2)), area("out", "district", box(1.9, 0, 4, 2))
    batch = nested(tree, area_source("district"), inner, beside)
    assert (inner.parent, rejected(batch)) == ("T", {3: "outside_parents"})


@pytest.mark.parametrize(("east", "told"), [(3.019, False), (3.021, True)])
def test_two_hundredths_may_lie_elsewhere_without_a_word(east: float, told: bool) -> None:
    child = area("x", "street", box(east - 1, 0, east, 1))
    batch = nested(districts(), area_source("street"), child)
    assert child.parent == "C"
    assert ("parent_straddles" in [r.reason for _, r in batch.ledger.remarks]) is told
    by_code = area("y", "street", box(east - 1, 0, east, 1), parent="C")
    batch = nested(districts(), area_source("street", parent=True), by_code)
    assert [r.reason for _, r in batch.ledger.remarks] == [*(["parent_disagrees"] if told else []), "levels_nearly_nest"]


def test_an_area_that_reaches_beyond_the_city_is_counted() -> None:
    child = area("x", "street", box(-0.04, 0, 0.96, 1))
    batch = nested(districts(), area_source("street"), child)
    assert (child.parent, repaired(batch)) == ("C", {"partly_outside": 1})
    assert [told.reason for _, told in batch.ledger.remarks] == ["levels_nearly_nest"]


@pytest.mark.parametrize(
    ("west", "allowed", "parent"),
    # At 50° north a hundredth of a degree of longitude is 717 m.
    [(9.5, None, None), (9.5, 350.0, None), (9.5, 365.0, "B"), (10.5, 1_070.0, None), (10.5, 1_080.0, "B")],
)
def test_an_area_in_none_goes_to_the_nearest_only_within_the_metres_of_the_profile(
    west: float, allowed: float | None, parent: str | None
) -> None:
    child = area("x", "street", box(west, 0, west + 1, 1))
    tree = districts()
    batch = nested(tree, area_source("street", tolerance_m=allowed), child)
    assert child.parent == parent
    assert repaired(batch) == ({"parent_nearest": 1} if parent else {})
    assert rejected(batch) == ({} if parent else {2: "outside_parents"})
    assert ("x" in tree.areas) is (parent is not None)


def test_a_code_goes_before_space_and_what_it_contradicts_is_told() -> None:
    child = area("x", "street", box(3.2, 0, 5.2, 1), parent="A")
    batch = nested(districts(), area_source("street", parent=True, inside=0.3, nests=1), child)
    assert child.parent == "A"
    facts = {"child": "x", "parent": "A", "share": "40.0 %", "other": "B", "other_share": "60.0 %"}
    told = {told.reason: told.facts for _, told in batch.ledger.remarks}
    assert (told["parent_disagrees"], set(told)) == (facts, {"parent_disagrees", "levels_nearly_nest"})


@pytest.mark.parametrize(
    ("east", "inside", "told"),
    [
        # Nothing of it lies in A, which its code names; all of it lies in B, or in none of the level.
        (7.0, 0.5, "x.csv, line 2: area “x” lies wholly outside A, under which its code puts it."),
        (7.0, 0.0, "x stands under A by its code, but nothing of it lies there; 100 % of its surface lies in B."),
        (40.0, 0.0, "x stands under A by its code, but lies in none of the areas of that level."),
    ],
)
def test_where_nothing_lies_no_share_is_told(east: float, inside: float, told: str) -> None:
    child = area("x", "street", box(east - 1, 0, east, 1), parent="A")
    batch = nested(districts(), area_source("street", parent=True, inside=inside, nests=1), child)
    said = [r.sentence.tell("en") for r in batch.ledger.rejects] + [one.tell("en") for _, one in batch.ledger.remarks]
    assert told in [one.replace(batch.sheet.file, "x.csv") for one in said], said
    assert not any("0.0 %" in one for one in said)


def test_codes_of_parents_that_are_not_known_or_of_the_same_level() -> None:
    one, two, three = (area(code, "street", box(0, 0, 1, 1), parent=parent) for code, parent in (("x", "Z"), ("y", "w"), ("v", None)))
    tree = districts()
    tree.add(area("w", "street", box(1, 0, 2, 1), parent="C"))
    batch = nested(tree, area_source("street", parent=True), one, two, three)
    assert rejected(batch) == {2: "unknown_parent", 3: "unknown_parent"}
    assert (three.parent, repaired(batch)) == ("C", {"parent_by_space": 1})
    assert sorted(tree.areas) == ["A", "B", "C", "T", "v", "w"]


def test_points_lie_in_one_area_and_zones_under_the_city() -> None:
    spot = area("p", "community")
    spot.point = shapely.Point(10.035, 50.01)
    zone = area("z", "zone", box(0, 0, 9, 2))
    tree = districts()
    nested(tree, area_source("community"), spot)
    nested(tree, area_source("zone"), zone)
    assert (spot.parent, zone.parent) == ("A", "T")


def test_the_level_above_is_the_nearest_that_has_any() -> None:
    tree = districts()
    tree.add(area("g", "grid", box(0, 0, 1, 1), parent="C"))
    assert [[a.code for a in tree.above(level)] for level in ("grid", "community", "street", "district", "zone")] == [
        ["C", "A", "B"],
        ["C", "A", "B"],
        ["C", "A", "B"],
        ["T"],
        ["T"],
    ]
    assert (tree.path("g"), tree.district("g"), tree.district("T")) == ("T.C.g", "C", None)
    assert sorted(a.code for a in tree.without_polygons_below()) == ["A", "B", "g"]


def test_a_label_stands_at_the_published_point_only_if_that_lies_inside() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    for point, kept in ((shapely.Point(0.5, 0.5), True), (shapely.Point(1.5, 1.5), False), (shapely.Point(3, 3), True), (None, False)):
        one = area("x", "street", ring)
        one.point = point
        assert (one.label_point() == point) is kept
        assert shapely.intersects(ring, one.label_point())


# -- swapped axes ------------------------------------------------------------------------------------------------------


def points(count: int, swapped: int) -> list[shapely.Point]:
    right = [(10.01 + i / 10_000, 50.01) for i in range(count)]
    return [shapely.Point(y, x) for x, y in right[:swapped]] + [shapely.Point(x, y) for x, y in right[swapped:]]


@pytest.mark.parametrize(("swapped", "refused"), [(0, False), (5, False), (6, True)])
def test_a_file_is_refused_when_more_than_half_lies_in_the_city_only_when_swapped(swapped: int, refused: bool) -> None:
    tree = districts()
    tree.areas["T"].geom = box(0, 0, 9, 2)
    batch = make_batch({"at": ["x"] * 11}, shapes=[*points(10, swapped), None])
    CityOutline(tree, 250).check([batch], batch.source, batch.ledger)
    if refused:
        assert [s.reason for s in batch.ledger.refusals] == ["swapped_lonlat"]
        assert batch.ledger.refusals[0].facts["count"] == swapped
        assert not batch.alive.any()
    else:
        assert batch.ledger.refusals == []
        assert rejected(batch) == dict.fromkeys(range(2, 2 + swapped), "swapped")


@pytest.mark.parametrize(("swapped", "refused"), [(2, False), (3, True)])
def test_areas_are_refused_in_the_same_way(swapped: int, refused: bool) -> None:
    tree = districts()
    source = area_source("street")
    shapes = [shapely.box(50.001 + i / 1000, 10.001, 50.002 + i / 1000, 10.002) for i in range(swapped)]
    shapes += [shapely.box(10.001 + i / 1000, 50.001, 10.002 + i / 1000, 50.002) for i in range(4 - swapped)]
    batch = make_batch({"code": ["x"] * 4}, source, shapes=shapes)
    refuse_swapped([batch], tree, source, batch.ledger)
    assert [s.reason for s in batch.ledger.refusals] == (["swapped_lonlat"] if refused else [])


# -- datums ------------------------------------------------------------------------------------------------------------


def found_datum(count: int, source: Any, shares: dict[Any, float] | None = None, place: tuple[float, float] = (116.3, 39.9)) -> Any:
    """What is decided when something else than WGS 84 was found for so many points."""
    batch = make_batch({"at": ["x"] * count}, source, shapes=[shapely.Point(*place)] * count)
    told = datum.Detection(shares or {"wgs84": 0.25, "gcj02": 0.75, "bd09": 0.5}, count, "gcj02", True)
    apply_datum(np.array([place] * count), lambda *_: told, [batch], source, batch.ledger)
    return batch


def test_twenty_points_are_asked_and_nineteen_are_not() -> None:
    assert found_datum(19, incident_source()).ledger.refusals == []
    told = found_datum(20, incident_source()).ledger.refusals
    assert [(s.reason, s.facts["share"], s.facts["asis"], s.facts["total"]) for s in told] == [("wrong_datum", "75.0 %", "25.0 %", 20)]
    assert found_datum(20, incident_source(), place=(10.0, 50.0)).ledger.refusals == [], "nothing is shifted outside China"


def test_what_is_found_is_shifted_only_where_the_profile_asks_for_it() -> None:
    batch = found_datum(20, incident_source(datum="detect"))
    lon, lat = datum.gcj02_to_wgs84(116.3, 39.9)
    assert batch.geometry is not None
    assert shapely.get_coordinates(batch.geometry[3]).tolist() == [[float(lon), float(lat)]]
    assert (repaired(batch), [s.reason for _, s in batch.ledger.remarks]) == ({"datum_shifted": 20}, ["datum_found"])


def town() -> list[Any]:
    """Streets of unlike size in Beijing, some 700 to 2,000 m wide."""
    west, made = 116.30, []
    for width in (0.009, 0.021, 0.012, 0.024, 0.008):
        south = 39.90
        for height in (0.007, 0.016, 0.011):
            made.append(shapely.MultiPolygon([shapely.box(west, south, west + width, south + height)]))
            south += height
        west += width
    return made


def shifted(shapes: list[Any]) -> list[Any]:
    return list(shapely.transform(np.array(shapes, dtype=object), lambda xy: np.column_stack(datum.wgs84_to_gcj02(xy[:, 0], xy[:, 1]))))


@pytest.mark.parametrize("named", [True, False])
def test_areas_show_their_datum_by_the_areas_they_stand_under(named: bool) -> None:
    tree = grown(*(area(f"S{i}", "street", shape) for i, shape in enumerate(town())))
    own = [(i, shapely.affinity.scale(shape, 0.9, 0.9)) for i, shape in enumerate(town()) for _ in range(2)]
    shapes = shifted([shape for _, shape in own])
    for declared, reasons in ((None, ["wrong_datum"]), ("gcj02", []), ("detect", [])):
        source = area_source("community", parent=named, datum=declared)
        columns = {"code": [str(i) for i in range(len(own))], "parent": [f"S{i}" if named else None for i, _ in own]}
        batch = make_batch(columns, source, shapes=shapes)
        batch.fields["parent"] = make_column(columns["parent"])
        check_areas_datum([batch], source, tree, batch.ledger)
        assert [s.reason for s in batch.ledger.refusals] == reasons
        assert batch.geometry is not None
        moved = shapely.equals_exact(batch.geometry[0], own[0][1], 1e-7)
        assert bool(moved) is (declared == "detect")


def test_cells_of_a_grid_prove_nothing() -> None:
    tree = grown(*(area(f"S{i}", "street", shape) for i, shape in enumerate(town())))
    source = area_source("grid")
    batch = make_batch({"code": ["x"] * 30}, source, shapes=shifted(town() * 2))
    batch.fields["parent"] = make_column([None] * 30)
    check_areas_datum([batch], source, tree, batch.ledger)
    assert batch.ledger.refusals == []


def test_published_polygons_of_the_lowest_level_above_cells_are_trusted() -> None:
    tree = districts()
    street, made = area("s", "street", box(0, 0, 1, 1), parent="C"), area("m", "street", box(3, 0, 4, 1), parent="A", origin="approximate")
    for one in (street, made, area("g", "grid", box(0, 0, 1, 1), parent="s"), area("z", "zone", box(0, 0, 9, 2), parent="T")):
        tree.add(one)
    assert coordinate_checks._trusted(tree) == [tree.areas["A"].geom, tree.areas["B"].geom, street.geom]


def test_the_outline_reaches_twice_the_tolerance() -> None:
    tree = grown()
    tree.areas["T"].geom = box(0, 0, 9, 2)
    outline = CityOutline(tree, 250).outline
    assert outline.bounds == pytest.approx((10 - 500 / 111_000, 50 - 500 / 111_000, 10.09 + 500 / 111_000, 50.02 + 500 / 111_000))


def test_nothing_to_look_at() -> None:
    tree = districts()
    tree.areas["T"].geom = box(0, 0, 9, 2)
    ledger = Ledger()
    batch = make_batch({"at": ["x"]}, ledger=ledger, shapes=[None])
    CityOutline(tree, 250).check([batch], batch.source, ledger)
    assert (ledger.refusals, rejected(batch)) == ([], {})
