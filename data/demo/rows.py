"""Rows of the tables, column by column, from the city that was made."""

import json
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import shapely

from data.demo import names
from data.demo.areas import Tree
from data.demo.base import Base
from data.demo.buildings import USES, Buildings
from data.demo.cases import Progress, Reports, utc
from data.demo.catalogue import CATEGORIES, CHANNEL_ACTORS
from data.demo.copying import Columns, constant, geometry, joined, moments, multi, numbered, picked
from data.demo.facilities import Facility
from data.demo.frame import FIRST_DAY, Ints, Shapes, dice, lonlat, mercator
from data.demo.history import REMARKS, Events
from data.demo.people import BANDS, COUNTED_ON, GIVEN_NAMES, RESIDENCES, SURNAMES, People
from data.demo.places import Places
from data.schema import CHANNELS, STAGES


@dataclass(frozen=True, slots=True)
class Ground:
    """The cells as text columns, to be picked from by index, and the addresses."""

    tree: Tree
    places: Places

    def standing(self, cell: Ints, key: str, source: int) -> Columns:
        """Columns of rows that stand in these cells; ``key`` begins each source key."""
        cells = self.tree.cells
        return {
            "district": picked([c.district or "" for c in cells], cell),
            "city": constant(names.CITY_CODE, len(cell)),
            "source_id": constant(source, len(cell)),
            "source_key": numbered(key, np.arange(1, len(cell) + 1)),
            "grid": picked([c.code for c in cells], cell),
            "path": picked([c.path for c in cells], cell),
        }

    def address(self, block: Ints) -> pa.Array:
        """Address of blocks, with the street before it."""
        streets, of_cell = self.tree.streets, self.tree.street_of[self.places.cell]
        full = [streets[s].name.zh + a.zh for s, a in zip(of_cell, self.places.address, strict=True)]
        return picked(full, block)

    def near(self, block: Ints) -> tuple[pa.Array, pa.Array]:
        """Address of blocks without the street, in Chinese and in English."""
        return picked([a.zh for a in self.places.address], block), picked([a.en for a in self.places.address], block)


def _one(key: str, *text: pa.Array | str) -> pa.Array:
    """JSON objects with a single text; the words of the demo city need no escaping."""
    return joined(f'{{"{key}": "', *text, '"}')


def _both(shapes: Shapes, as_multi: bool = False) -> Columns:
    degrees = lonlat(multi(shapes) if as_multi else shapes)
    return {"geom": geometry(degrees, 4326), "geom_3857": geometry(mercator(degrees), 3857)}


def _json(rows: list[dict[str, object]]) -> pa.Array:
    return pa.array([json.dumps(row, ensure_ascii=False) for row in rows])


def areas(tree: Tree, source: int) -> Columns:
    """Rows of ``area``, parents first."""
    rng = dice(12)
    rows = tree.areas
    surnames, given = names.SURNAMES, names.GIVEN
    heads = [
        (surnames[i], given[j])
        for i, j in zip(rng.integers(0, len(surnames), len(rows)), rng.integers(0, len(given), len(rows)), strict=True)
    ]
    titles = [names.head_title(a.level, a.name) for a in rows]
    shapes = np.array([a.shape for a in rows], dtype=object)
    bodies = [names.body(a.level, a.name) for a in rows]
    extra: list[dict[str, object]] = [
        {"head_name_en": f"{s.en} {g.en}", "head_title_en": t.en, "responsible_body_en": b.en if b else None}
        for (s, g), t, b in zip(heads, titles, bodies, strict=True)
    ]
    return {
        "code": pa.array([a.code for a in rows]),
        "city": constant(names.CITY_CODE, len(rows)),
        "level": pa.array([a.level for a in rows]),
        "name": pa.array([a.name.zh for a in rows]),
        "name_en": pa.array([a.name.en for a in rows]),
        "parent": pa.array([a.parent for a in rows], pa.string()),
        "path": pa.array([a.path for a in rows]),
        "district": pa.array([a.district for a in rows], pa.string()),
        "origin": constant("published", len(rows)),
        **_both(shapes, as_multi=True),
        "label_point": geometry(lonlat(np.array([a.label for a in rows], dtype=object)), 4326),
        "area_m2": pa.array(np.round(shapely.area(shapes), 1)),
        "head_name": pa.array([s.zh + g.zh for s, g in heads]),
        "head_title": pa.array([t.zh for t in titles]),
        "head_phone": pa.array([f"{names.PHONE_PREFIX}{i:04d}" for i in rng.permutation(10_000)[: len(rows)]]),
        "responsible_body": pa.array([b.zh if b else None for b in bodies], pa.string()),
        "valid_from": constant("2024-01-01", len(rows)),
        "source_id": constant(source, len(rows)),
        "attributes": _json(extra),
    }


def figures(tree: Tree, buildings: Buildings, people: People, places: Places) -> Columns:
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
        "population_as_of": constant(COUNTED_ON.isoformat(), count),
        "population_method": constant("register", count),
    }


def buildings(ground: Ground, built: Buildings, residents: Ints, first_id: int, source: int) -> Columns:
    """Rows of ``building``; ids run from ``first_id``."""
    rng = dice(13)
    count = len(built.shapes)
    block = built.block
    number = np.arange(count) - np.searchsorted(block, block) + 1
    digits = pa.array(number).cast(pa.string())
    year = np.clip(rng.normal(2006, 8, len(ground.places.cell)), 1978, 2026).astype(int)
    age = np.where(built.use == USES.index("old"), -14, 0)
    return {
        "id": pa.array(np.arange(first_id, first_id + count)),
        **ground.standing(ground.places.cell[block], "B", source),
        **_both(built.shapes, as_multi=True),
        "address": joined(ground.address(block), digits, "栋"),
        "use": picked(list(USES), built.use),
        "floors": pa.array(built.floors),
        "height_m": pa.array(built.height_m),
        "height_origin": constant("published", count),
        "residents": pa.array(residents),
        "year_built": pa.array(year[block] + age),
        "footprint_m2": pa.array(np.round(built.area_m2, 2)),
        "attributes": _one("address_en", "Building ", digits, ", ", ground.near(block)[1]),
    }


def persons(ground: Ground, buildings: Buildings, people: People, first_building: int, source: int) -> Columns:
    """Rows of ``person``."""
    cell = ground.places.cell[buildings.block][people.building]
    return {
        **ground.standing(cell, "R", source),
        "building_id": pa.array(people.building + first_building),
        "household": numbered("H", people.household + 1),
        "name": joined(picked(SURNAMES, people.surname), picked(GIVEN_NAMES, people.given)),
        "sex": picked(["M", "F"], people.female),
        "birth_date": pa.array(people.birth_date),
        "residence": picked(list(RESIDENCES), people.residence),
    }


def incidents(ground: Ground, reports: Reports, progress: Progress, first_id: int, source: int) -> Columns:
    """Rows of ``incident``; ids run from ``first_id`` in the order of reporting."""
    count = len(reports.cell)
    day = reports.minute // 1440
    dates = [f"LZ{FIRST_DAY + timedelta(days=i):%Y%m%d}-" for i in range(int(day[-1]) + 1)]
    what, what_en = _happened(reports)
    address, address_en = ground.near(reports.block)
    handlers = [f"{s.name.zh}{c.handler}" for s in ground.tree.streets for c in CATEGORIES]
    return {
        "id": pa.array(np.arange(first_id, first_id + count)),
        **ground.standing(reports.cell, "C", source),
        **_both(reports.where),
        "number": joined(picked(dates, day), numbered("", np.arange(count) - np.searchsorted(day, day) + 1, 5)),
        "category": picked([c.code for c in CATEGORIES], reports.category),
        "channel": picked(list(CHANNELS), reports.channel),
        "stage": picked(list(STAGES), progress.stage),
        "paused": pa.array(progress.paused),
        "reported_at": moments(utc(reports.minute)),
        "due_at": moments(utc(progress.due)),
        "closed_at": moments(utc(progress.closed)),
        "title": joined(address, "附近", what),
        "address": ground.address(reports.block),
        "handler": picked(handlers, ground.tree.street_of[reports.cell] * len(CATEGORIES) + reports.category),
        "attributes": _one("title_en", what_en, " near ", address_en),
    }


def _happened(reports: Reports) -> tuple[pa.Array, pa.Array]:
    """What each case is about, in Chinese and in English; the first event of a category is the most frequent."""
    sizes = np.array([len(c.events) for c in CATEGORIES])
    which = (dice(14).random(len(reports.cell)) ** 1.4 * sizes[reports.category]).astype(int)
    index = (np.cumsum(sizes) - sizes)[reports.category] + which
    events = [event for c in CATEGORIES for event in c.events]
    return picked([zh for zh, _ in events], index), picked([en for _, en in events], index)


def events(ground: Ground, reports: Reports, steps: Events, first_id: int) -> Columns:
    """Rows of ``incident_event``, in the order of the key."""
    tree = ground.tree
    actors = np.where(steps.seq == 1, reports.channel[steps.case], len(CHANNELS) + tree.street_of[reports.cell][steps.case])
    called = [CHANNEL_ACTORS[c] for c in CHANNELS] + [f"{s.name.zh}网格中心" for s in tree.streets]
    return {
        "district": picked([c.district or "" for c in tree.cells], reports.cell[steps.case]),
        "incident_id": pa.array(first_id + steps.case),
        "seq": pa.array(steps.seq),
        "at": moments(utc(steps.minute)),
        "stage": picked(list(STAGES), steps.stage),
        "actor": picked(called, actors),
        "remark": picked(list(REMARKS), steps.remark),
    }


def facilities(ground: Ground, placed: list[Facility], source: int) -> Columns:
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


def base_features(base: Base, source: int) -> Columns:
    """Rows of ``base_feature``."""
    shapes = np.array(base.shape, dtype=object)
    count = len(shapes)
    widths: list[float | None] = base.width_m
    return {
        "city": constant(names.CITY_CODE, count),
        "source_id": constant(source, count),
        "source_key": pa.array([f"M{i:06d}" for i in range(1, count + 1)]),
        "kind": pa.array(base.kind),
        "rank": pa.array(base.rank),
        "width_m": pa.array(widths, pa.float64()),
        "name": pa.array(base.name, pa.string()),
        "geom_3857": geometry(mercator(lonlat(shapes)), 3857),
    }
