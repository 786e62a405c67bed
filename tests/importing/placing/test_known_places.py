"""Shapes of places that are known already are compared with them before they replace anything."""

from pathlib import Path
from typing import Any

import import_city
import numpy as np
import psycopg
import pytest
import shapely
from import_city import PROFILE, bring, feature, sentences, write_city
from import_rows import make_batch, repaired

from data.geo import datum
from data.importing.common.columns import make_column
from data.importing.common.sentences import format_share
from data.importing.placing.known_places import KnownPlaces, compare_known_places, compare_with_level_above
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import AreaSource, Profile


def boxes(count: int, west: float = 116.30, south: float = 39.90) -> list[shapely.MultiPolygon]:
    """Places of 1.7 km by 2.2 km side by side."""
    return [shapely.MultiPolygon([shapely.box(west + 0.02 * i, south, west + 0.02 * (i + 1), south + 0.02)]) for i in range(count)]


def shifted(shapes: list[Any], name: str = "gcj02") -> list[Any]:
    def shift(xy: Any) -> Any:
        lonlat = datum.wgs84_to_gcj02(xy[:, 0], xy[:, 1])
        return np.column_stack(lonlat if name == "gcj02" else datum.gcj02_to_bd09(*lonlat))

    return list(shapely.transform(np.array(shapes, dtype=object), shift))


def city(*areas: Area, outline: Any = None) -> Tree:
    tree = Tree("T", {"T": Area("T", "city", "T", "T", source="city" if outline is not None else "", geom=outline)})
    for one in areas:
        tree.add(one)
    return tree


def source(level: str = "district", **more: Any) -> AreaSource:
    return AreaSource(file=["x.csv"], key="x", level=level, columns={"code": "code", "name": "name"}, **more)  # type: ignore[arg-type]


def batch_of(given: AreaSource, shapes: list[Any], codes: list[str], names: list[str] | None = None) -> Any:
    batch = make_batch({"code": codes}, given, shapes=shapes)
    batch.fields["code"], batch.fields["name"] = make_column(codes), make_column(names or [f"name {code}" for code in codes])
    batch.fields["parent"] = make_column([None] * len(codes))
    return batch


def compared(given: AreaSource, shapes: list[Any], codes: list[str], names: list[str] | None = None, held: bool = False) -> Any:
    """A batch after the comparison with three districts, which stand in the tree or are held from before."""
    districts = [Area(f"D{i}", "district", f"name D{i}", "", source="s", geom=shape) for i, shape in enumerate(boxes(3))]
    places = KnownPlaces()
    if held:
        places.add((a.code, a.level, a.name, a.geom) for a in districts)
    batch = batch_of(given, shapes, codes, names)
    compare_known_places([batch], given, city(*([] if held else districts)), places, batch.ledger)
    return batch


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_one_shifted_outline_of_a_known_place_is_refused_with_figures_and_what_to_declare(name: str, held: bool) -> None:
    batch = compared(source(fill=True), shifted(boxes(3)[1:2], name), ["D1"], held=held)
    (told,) = batch.ledger.refusals
    assert (told.reason, told.facts["datum"], told.facts["share"], told.facts["total"]) == ("wrong_datum_outlines", name, "100 %", 1)
    known, moved = boxes(3)[1], shifted(boxes(3)[1:2], name)[0]
    asis = known.intersection(moved).area / known.union(moved).area
    assert told.facts["asis"] == format_share(asis)
    assert f'datum = "{name}"' in told.tell("en")


def test_it_is_shifted_where_the_profile_says_detect_and_taken_as_it_is_where_that_is_declared() -> None:
    for declared, reasons, moved in (("detect", ["datum_found_outlines"], True), ("wgs84", [], False)):
        batch = compared(source(fill=True, datum=declared), shifted(boxes(1)), ["D0"])
        assert [told.reason for _, told in batch.ledger.remarks] == reasons
        assert batch.ledger.refusals == []
        assert bool(shapely.equals_exact(batch.geometry[0], boxes(1)[0], 1e-7)) is moved
        assert repaired(batch) == ({"datum_shifted": 1} if moved else {})


def test_right_outlines_and_those_that_were_drawn_otherwise_pass() -> None:
    """A district with its sea differs in every datum; one that is drawn some 50 m off is near in none but its own."""
    for shape in (boxes(1)[0], shapely.box(116.30, 39.90, 116.32, 39.99), shapely.affinity.translate(boxes(1)[0], 0.0005, 0.0003)):
        assert compared(source(fill=True), [shape], ["D0"]).ledger.refusals == []


def test_places_are_found_by_their_name_too_and_zones_by_the_name_of_any_area() -> None:
    for level, name, refused in (
        ("district", "name D1", True),
        ("zone", "name D1", True),
        ("street", "name D1", False),
        ("zone", "new", False),
    ):
        batch = compared(source(level), shifted(boxes(3)[1:2]), ["other"], [name])
        assert [told.reason for told in batch.ledger.refusals] == (["wrong_datum_outlines"] if refused else []), (level, name)


def test_a_name_that_occurs_twice_says_nothing() -> None:
    places = KnownPlaces()
    places.add([("A", "district", "East", boxes(2)[0]), ("B", "district", "East", boxes(2)[1])])
    batch = batch_of(source(), shifted(boxes(1)), ["other"], ["East"])
    compare_known_places([batch], source(), city(), places, batch.ledger)
    assert batch.ledger.refusals == []


@pytest.mark.parametrize(("count", "refused"), [(9, False), (10, True)])
def test_points_that_stand_for_known_areas_should_lie_in_them(count: int, refused: bool) -> None:
    """Ten points that lie in their areas only in GCJ-02 are beyond chance by three standard errors; nine are not."""
    small = [shapely.MultiPolygon([shapely.box(116.30 + 0.003 * i, 39.9, 116.303 + 0.003 * i, 39.903)]) for i in range(count)]
    areas = [Area(f"D{i}", "district", f"D{i}", "", source="s", geom=shape) for i, shape in enumerate(small)]
    given = source(fill=True)
    batch = batch_of(given, shifted([shape.centroid for shape in small]), [a.code for a in areas])
    compare_known_places([batch], given, city(*areas), KnownPlaces(), batch.ledger)
    assert [told.reason for told in batch.ledger.refusals] == (["wrong_datum"] if refused else [])


def profile(datum_of_city: str | None = None) -> Profile:
    outline = {"key": "city", "level": "city", "file": "c.geojson"} | ({"datum": datum_of_city} if datum_of_city else {})
    raw = {"city": {"code": "T", "name": "T", "timezone": "Asia/Shanghai"}, "areas": [outline]}
    return Profile.model_validate(raw)


def above(districts: list[Any], outline: Any, datum_of_city: str | None = None, level: str = "district") -> tuple[Any, Tree]:
    tree, given = city(outline=outline), source(level)
    batch = batch_of(given, districts, [str(i) for i in range(len(districts))])
    compare_with_level_above([batch], given, tree, profile(datum_of_city), batch.ledger)
    return batch, tree


@pytest.mark.parametrize("level", ["district", "grid"])
def test_all_areas_of_a_level_are_laid_over_the_city_together(level: str) -> None:
    """Three districts are too few to be asked one by one, and lie in the city in any datum but for its border."""
    batch, _ = above(shifted(boxes(3)), shapely.union_all(boxes(3)), level=level)
    assert [(told.reason, told.facts["source"]) for told in batch.ledger.refusals] == [("wrong_datum_outlines", "x")]
    assert above(boxes(3), shapely.union_all(boxes(3)))[0].ledger.refusals == []
    assert above(shifted(boxes(1)), shapely.union_all(boxes(3)))[0].ledger.refusals == [], (
        "one of three districts is no outline of the city"
    )


def test_a_shifted_outline_of_the_city_is_told_of_its_own_source() -> None:
    outline = shifted([shapely.union_all(boxes(3))])[0]
    batch, tree = above(boxes(3), outline)
    assert [(told.reason, told.facts["source"]) for told in batch.ledger.refusals] == [("wrong_datum_outlines", "city")]
    assert tree.areas["T"].geom.equals(outline)
    batch, tree = above(boxes(3), outline, "detect")
    assert ([r.reason for _, r in batch.ledger.remarks], batch.ledger.refusals) == (["datum_found_outlines"], [])
    assert shapely.hausdorff_distance(tree.areas["T"].geom, shapely.union_all(boxes(3))) < 1e-6
    assert above(boxes(3), outline, "wgs84")[0].ledger.refusals == []


def test_outside_china_nothing_is_worked_out() -> None:
    places = KnownPlaces()
    places.add([("D0", "district", "D0", shapely.box(10, 50, 10.02, 50.02))])
    batch = batch_of(source(), [shapely.box(10.006, 50.002, 10.026, 50.022), None], ["D0", "D1"])
    compare_known_places([batch], source(), city(), places, batch.ledger)
    assert batch.ledger.refusals == []


def test_an_import_of_shifted_outlines_replaces_nothing(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same city, delivered again in another datum throughout: only what the database holds can tell."""

    def moved(features: list[dict[str, Any]], shift: Any = None) -> list[dict[str, Any]]:
        """The city of the fixture in Beijing, as published in GCJ-02 if ``shift`` says so."""
        shapes = [shapely.affinity.translate(shapely.geometry.shape(one["geometry"]), 106.3, -10.1) for one in features]
        return [
            feature(shapely.geometry.mapping(shape), **one["properties"])
            for one, shape in zip(features, shift(shapes) if shift else shapes, strict=True)
        ]

    districts, communities = import_city.DISTRICTS, import_city.COMMUNITIES
    profile = PROFILE.split("[[incidents]]", maxsplit=1)[0]
    for shift in (None, shifted):
        monkeypatch.setattr(import_city, "DISTRICTS", moved(districts, shift))
        monkeypatch.setattr(import_city, "COMMUNITIES", moved(communities, shift))
        outcome = bring(write_city(tmp_path, profile))
        assert outcome.outcome == ("failed" if shift else "loaded"), sentences(outcome)
    assert [(s.reason, s.facts["datum"]) for s in outcome.refusals] == [("wrong_datum_outlines", "gcj02")] * 2
    with psycopg.connect(database) as connection:
        (west,) = connection.execute("SELECT ST_XMin(geom) FROM area WHERE code = 'T1'").fetchone() or ()
    assert west == pytest.approx(116.3)
    declared = profile.replace('file = "', 'datum = "gcj02"\nfile = "')
    assert bring(write_city(tmp_path, declared)).outcome in ("loaded", "unchanged")
