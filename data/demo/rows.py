"""Rows of the tables, column by column, from the city that was made."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import shapely

from data.demo.common import names
from data.demo.common.columns import Columns, encode_shapes, join_texts, number_texts, pick_texts, repeat_value, to_multipolygons
from data.demo.common.frame import Ints, Shapes, make_dice, shapes_to_lonlat, shapes_to_mercator
from data.demo.land.addresses import Places
from data.demo.land.areas import Tree
from data.demo.land.base_map import Base
from data.demo.land.buildings import USES, Buildings
from data.demo.land.facilities import Facility
from data.demo.people import numbers
from data.demo.people.register import BANDS, GIVEN_NAMES, RESIDENCES, SURNAMES, People

_PORTION = 100_000
"""Rows of the large tables are made in portions of so many."""


_DATED_ONE_IN = 97
"""Of people from elsewhere so few have a last day."""
_KEPT_DAYS = 400
"""It comes after one to two times so many days."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The cells as text columns, to be picked from by index, and the addresses."""

    tree: Tree
    places: Places

    def standing(self, cell: Ints, key: str, source: int, first: int = 0) -> Columns:
        """Columns of rows that stand in these cells; ``key`` begins each source key, and ``first`` rows went before."""
        cells = self.tree.cells
        return {
            "district": pick_texts([c.district or "" for c in cells], cell),
            "city": repeat_value(names.CITY_CODE, len(cell)),
            "source_id": repeat_value(source, len(cell)),
            "source_key": number_texts(key, np.arange(first + 1, first + len(cell) + 1)),
            "grid": pick_texts([c.code for c in cells], cell),
            "path": pick_texts([c.path for c in cells], cell),
        }

    def address(self, block: Ints) -> pa.Array:
        """Address of blocks, with the street before it."""
        streets, of_cell = self.tree.streets, self.tree.street_of[self.places.cell]
        full = [streets[s].name.zh + a.zh for s, a in zip(of_cell, self.places.address, strict=True)]
        return pick_texts(full, block)

    def near(self, block: Ints) -> tuple[pa.Array, pa.Array]:
        """Address of blocks without the street, in Chinese and in English."""
        return pick_texts([a.zh for a in self.places.address], block), pick_texts([a.en for a in self.places.address], block)


def make_json(key: str, *text: pa.Array | str) -> pa.Array:
    """JSON objects with a single text; the words of the demo city need no escaping."""
    return join_texts(f'{{"{key}": "', *text, '"}')


def _both(shapes: Shapes, as_multi: bool = False) -> Columns:
    degrees = shapes_to_lonlat(to_multipolygons(shapes) if as_multi else shapes)
    return {"geom": encode_shapes(degrees, 4326), "geom_3857": encode_shapes(shapes_to_mercator(degrees), 3857)}


def _json(rows: list[dict[str, object]]) -> pa.Array:
    return pa.array([json.dumps(row, ensure_ascii=False) for row in rows])


def make_areas(tree: Tree, source: int, until: date) -> Columns:
    """Rows of ``area``, parents first."""
    rng = make_dice(12)
    rows = tree.areas
    surnames, given = names.SURNAMES, names.GIVEN
    heads = [
        (surnames[i], given[j])
        for i, j in zip(rng.integers(0, len(surnames), len(rows)), rng.integers(0, len(given), len(rows)), strict=True)
    ]
    titles = [names.make_head_title(a.level, a.name) for a in rows]
    shapes = np.array([a.shape for a in rows], dtype=object)
    bodies = [names.make_responsible_body(a.level, a.name) for a in rows]
    extra: list[dict[str, object]] = [
        {"head_name_en": f"{s.en} {g.en}", "head_title_en": t.en, "responsible_body_en": b.en if b else None}
        for (s, g), t, b in zip(heads, titles, bodies, strict=True)
    ]
    return {
        "code": pa.array([a.code for a in rows]),
        "city": repeat_value(names.CITY_CODE, len(rows)),
        "level": pa.array([a.level for a in rows]),
        "name": pa.array([a.name.zh for a in rows]),
        "name_en": pa.array([a.name.en for a in rows]),
        "parent": pa.array([a.parent for a in rows], pa.string()),
        "path": pa.array([a.path for a in rows]),
        "district": pa.array([a.district for a in rows], pa.string()),
        "origin": repeat_value("published", len(rows)),
        **_both(shapes, as_multi=True),
        "label_point": encode_shapes(shapes_to_lonlat(np.array([a.label for a in rows], dtype=object)), 4326),
        "area_m2": pa.array(np.round(shapely.area(shapes), 1)),
        "head_name": pa.array([s.zh + g.zh for s, g in heads]),
        "head_title": pa.array([t.zh for t in titles]),
        "head_phone": pa.array(names.make_phones(len(rows), rng)),
        "responsible_body": pa.array([b.zh if b else None for b in bodies], pa.string()),
        "valid_from": repeat_value(f"{until.year - 2}-01-01", len(rows)),
        "source_id": repeat_value(source, len(rows)),
        "attributes": _json(extra),
    }


def make_figures(tree: Tree, buildings: Buildings, people: People, places: Places) -> Columns:
    """Rows of ``area_figure`` for the grid cells: who lives there, counted from the register."""
    count = len(tree.cells)
    cell = places.cell[buildings.block][people.building]
    first = np.ones(len(cell), bool)
    first[1:] = people.household[1:] != people.household[:-1]
    bands = np.bincount(cell * len(BANDS) + people.band, minlength=count * len(BANDS)).reshape(count, len(BANDS))
    total = np.bincount(cell, minlength=count)
    female = np.bincount(cell, weights=people.female, minlength=count).astype(int)
    return {
        "area": pa.array([c.code for c in tree.cells]),
        "population": pa.array(total),
        "households": pa.array(np.bincount(cell[first], minlength=count)),
        "male": pa.array(total - female),
        "female": pa.array(female),
        "ages": _json([dict(zip(BANDS, row, strict=True)) for row in bands.tolist()]),
        "population_as_of": repeat_value(people.counted_on.isoformat(), count),
        "population_method": repeat_value("register", count),
    }


def make_buildings(ground: Ground, built: Buildings, residents: Ints, first_id: int, source: int, until: date) -> Iterator[Columns]:
    """Rows of ``building``, in portions; ids run from ``first_id``, and none was built after ``until``."""
    year = np.clip(make_dice(13).normal(2006, 8, len(ground.places.cell)), 1978, until.year).astype(int)
    for first in range(0, len(built.shapes), _PORTION):
        some = slice(first, first + _PORTION)
        part, block = built.some(some), built.block[some]
        count = len(block)
        number = np.arange(first, first + count) - np.searchsorted(built.block, block) + 1
        digits = pa.array(number).cast(pa.string())
        age = np.where(part.use == USES.index("old"), -14, 0)
        yield {
            "id": pa.array(np.arange(first_id + first, first_id + first + count)),
            **ground.standing(ground.places.cell[block], "B", source, first),
            **_both(part.shapes, as_multi=True),
            "address": join_texts(ground.address(block), digits, "栋"),
            "use": pick_texts(list(USES), part.use),
            "floors": pa.array(part.floors),
            "height_m": pa.array(part.height_m),
            "height_origin": repeat_value("published", count),
            "residents": pa.array(residents[some]),
            "year_built": pa.array(year[block] + age),
            "footprint_m2": pa.array(np.round(part.area_m2, 2)),
            "attributes": make_json("address_en", "Building ", digits, ", ", ground.near(block)[1]),
        }


def make_persons(ground: Ground, buildings: Buildings, people: People, first_building: int, source: int) -> Iterator[Columns]:
    """Rows of ``person``, in portions."""
    home = ground.places.cell[buildings.block]
    for first in range(0, len(people.building), _PORTION):
        part = people.some(slice(first, first + _PORTION))
        yield {
            **ground.standing(home[part.building], "R", source, first),
            "building_id": pa.array(part.building + first_building),
            "household": number_texts("H", part.household + 1),
            "name": join_texts(pick_texts(SURNAMES, part.surname), pick_texts(GIVEN_NAMES, part.given)),
            "sex": pick_texts(["M", "F"], part.female),
            "birth_date": pa.array(part.birth_date),
            "residence": pick_texts(list(RESIDENCES), part.residence),
            **numbers.seal_people(part, first),
            "retain_until": _last_days(part, first),
        }


def _last_days(people: People, first: int) -> pa.Array:
    """The last days for which some who came from elsewhere may be kept: a few, and none within a year of the city's own day."""
    number = np.arange(first, first + len(people.building))
    kept = (people.residence == RESIDENCES.index("floating")) & (number % _DATED_ONE_IN == 0)
    days = np.datetime64(people.counted_on) + (_KEPT_DAYS + number * 37 % _KEPT_DAYS).astype("timedelta64[D]")
    return pa.array(days, pa.date32(), mask=~kept)


def make_facilities(ground: Ground, placed: list[Facility], source: int) -> Columns:
    """Rows of ``facility``."""
    block = np.array([f.block for f in placed])
    return {
        **ground.standing(ground.places.cell[block], "F", source),
        **_both(np.array([f.where for f in placed], dtype=object)),
        "kind": pa.array([f.kind.code for f in placed]),
        "name": pa.array([f.name.zh for f in placed]),
        "address": ground.address(block),
        "attributes": _json([{"name_en": f.name.en} for f in placed]),
    }


def make_base_features(base: Base, source: int) -> Columns:
    """Rows of ``base_feature``."""
    shapes = np.array(base.shape, dtype=object)
    count = len(shapes)
    widths: list[float | None] = base.width_m
    return {
        "city": repeat_value(names.CITY_CODE, count),
        "source_id": repeat_value(source, count),
        "source_key": pa.array([f"M{i:06d}" for i in range(1, count + 1)]),
        "kind": pa.array(base.kind),
        "rank": pa.array(base.rank),
        "width_m": pa.array(widths, pa.float64()),
        "name": pa.array(base.name, pa.string()),
        "geom_3857": encode_shapes(shapes_to_mercator(shapes_to_lonlat(shapes)), 3857),
    }
