"""Cases: place, time, category and channel. The module ``progress`` determines how far they have come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.cases.rhythm import Rhythm, share_of_hours
from data.demo.common.catalogue import CATEGORIES, CHANNEL_LEANINGS, CHANNEL_SHARES
from data.demo.common.frame import Floats, Ints, Shapes, make_dice
from data.demo.common.planted import Planted, find_place, load_planted
from data.demo.common.scale import Scale
from data.demo.land.addresses import Places
from data.demo.land.areas import Tree
from data.demo.land.buildings import USES, Buildings
from data.demo.people.register import People
from data.schema import CHANNELS

DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Reports:
    """One entry a case, in the order of reporting: cell, category, channel (indices), minute, number in its day (from 1)."""

    cell: NDArray[Any]
    category: NDArray[Any]
    channel: NDArray[Any]
    minute: NDArray[Any]
    number: NDArray[Any]

    def some(self, which: slice | Ints) -> "Reports":
        """Some of the cases; in wide integers, whatever they are kept in."""
        columns = (self.cell, self.category, self.channel, self.minute, self.number)
        return Reports(*(column[which].astype(np.int64) for column in columns))


def _smooth(at: Floats, length_m: float) -> Floats:
    """A smooth field over the city, about -1 to 1."""
    waves = ((1, 1.3, 0.3, 1.0), (2.1, 1.7, 2.0, 0.5), (0.6, 2.4, 1.0, 2.2))
    return np.asarray(sum(np.sin(at[:, 0] / length_m * a + p) * np.cos(at[:, 1] / length_m * b + q) for a, b, p, q in waves) / 3)


def _cell_weights(scale: Scale, tree: Tree, places: Places, buildings: Buildings, people: People, rng: np.random.Generator) -> Floats:
    """(cells, categories): how likely a case of a category is in a cell. By residents and shop floor, with a field and noise on top."""
    cells = len(tree.cells)
    home = places.cell[buildings.block]
    residents = np.bincount(home[people.building], minlength=cells)
    floor = buildings.area_m2 * buildings.floors
    busy = np.isin(buildings.use, [USES.index("commercial"), USES.index("office")])
    trade = np.bincount(home[busy], weights=floor[busy], minlength=cells)
    at = shapely.get_coordinates(np.array([cell.label for cell in tree.cells]))
    wide = max(1.0, scale.spread)
    base = residents * 7.6e-3 * np.exp(0.75 * _smooth(at, 900 * wide) + rng.normal(0, 0.42, cells)) + trade / 1e5 * 4.0 * rng.gamma(
        3, 1 / 3, cells
    )
    base += 0.01 * base.mean()
    leaning = np.column_stack([np.exp(0.5 * _smooth(at + np.array([777.0 * k, 0.0]), 1500 * wide)) for k in range(len(CATEGORIES))])
    return np.asarray(base[:, None] * leaning)


def _draw(edges: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Indices drawn with the given weights."""
    total = np.cumsum(edges)
    return np.asarray(np.searchsorted(total, rng.random(count) * total[-1], side="right"))


def _channel_weights(category: str) -> Floats:
    return np.array([CHANNEL_SHARES[c] * CHANNEL_LEANINGS.get((c, category), 1.0) for c in CHANNELS])


@dataclass(slots=True)
class _Batch:
    """Cases as they are drawn, narrow: a large city has ten million."""

    scale: Scale
    rhythm: Rhythm
    cell: list[Ints]
    category: list[Ints]
    channel: list[Ints]
    minute: list[Ints]

    def add(self, cell: Ints, category: int, channel: Ints, day: Ints, hour: Ints, rng: np.random.Generator) -> None:
        self.cell.append(cell.astype(np.int32))
        self.category.append(np.full(len(cell), category, np.int8))
        self.channel.append(channel.astype(np.int8))
        today = self.rhythm.minutes_of_last_day(channel, rng.random(len(cell)))
        minute = np.where(day == self.scale.days - 1, today, hour * 60 + rng.integers(0, 60, len(cell)))
        self.minute.append((day * DAY_MIN + minute).astype(np.int32))


def _usual(batch: _Batch, category: int, count: int, weights: Floats, rng: np.random.Generator) -> None:
    """``count`` cases of a category, spread over cells, channels, days and hours as usual."""
    code = CATEGORIES[category].code
    channel = _draw(_channel_weights(code), count, rng)
    cell = _draw(weights, count, rng)
    for k, name in enumerate(CHANNELS):
        mine = np.flatnonzero(channel == k)
        day, hour = _draw(batch.rhythm.share_of_days(code, name), len(mine), rng), _draw(share_of_hours(name), len(mine), rng)
        batch.add(cell[mine], category, channel[mine], day, hour, rng)


def _extra(batch: _Batch, fact: Planted, tree: Tree, weights: Floats) -> tuple[int, Ints, Floats]:
    """Category, cells and expected number of added cases a day of one planted fact."""
    category = next(i for i, c in enumerate(CATEGORIES) if c.code == fact.category)
    area = find_place(fact, [street.code for street in tree.streets])
    inside = np.array([i for i, cell in enumerate(tree.cells) if cell.code.startswith(area)])
    share = weights[inside, category].sum() / weights[:, category].sum()
    usual = _channel_weights(fact.category) @ np.array([batch.rhythm.share_of_days(fact.category, c) for c in CHANNELS])
    added = fact.added_factors(batch.scale) * usual / usual.sum() * share
    return category, inside, added * CATEGORIES[category].share * batch.scale.incidents


def _plant(batch: _Batch, fact: Planted, tree: Tree, weights: Floats, rng: np.random.Generator) -> int:
    category, inside, expected = _extra(batch, fact, tree, weights)
    count = max(8, round(float(expected.sum())))
    cell = inside[_draw(weights[inside, category], count, rng)]
    channel = _draw(_channel_weights(fact.category), count, rng)
    hour = rng.integers(fact.hours[0], fact.hours[1] + 1, count)
    batch.add(cell, category, channel, _draw(expected, count, rng), hour, rng)
    return count


def make_reports(
    scale: Scale, tree: Tree, places: Places, sites: Shapes, buildings: Buildings, people: People
) -> tuple[Reports, "Pavements"]:
    """Exactly as many cases as the scale asks for, planted facts included, and the pavements to put them on."""
    rng = make_dice(7)
    weights = _cell_weights(scale, tree, places, buildings, people, rng)
    usable = np.unique(places.cell[shapely.area(sites) > 0])
    weights[np.setdiff1d(np.arange(len(weights)), usable)] = 0
    batch = _Batch(scale, Rhythm(scale), [], [], [], [])
    added = sum(_plant(batch, fact, tree, weights, rng) for fact in load_planted(scale.until.date()))
    shares = np.array([c.share for c in CATEGORIES])
    for k, count in enumerate(rng.multinomial(scale.incidents - added, shares / shares.sum())):
        _usual(batch, k, int(count), weights[:, k], rng)
    minute, cell = np.concatenate(batch.minute), np.concatenate(batch.cell)
    order = np.lexsort((cell, minute))
    minute = minute[order]
    day = minute // DAY_MIN
    first = np.searchsorted(day, np.arange(scale.days))
    number = (np.arange(len(day)) - first[day] + 1).astype(np.int32)
    category, channel = np.concatenate(batch.category)[order], np.concatenate(batch.channel)[order]
    return Reports(cell[order], category, channel, minute, number), Pavements(places, sites, rng)


class Pavements:
    """Where cases are: at the edge of a block, so always inside its cell."""

    def __init__(self, places: Places, sites: Shapes, rng: np.random.Generator) -> None:
        blocks = np.flatnonzero(shapely.area(sites) > 0)
        self._blocks = blocks[np.argsort(places.cell[blocks], kind="stable")]
        self._cells = places.cell[self._blocks]
        self._rings = shapely.get_exterior_ring(sites)
        self._rng = rng

    def beside(self, cell: Ints) -> tuple[Ints, Floats]:
        """A block of each cell, and the next points on the blocks' edges: (n, 2) metres on the plan."""
        first, last = (np.searchsorted(self._cells, cell, side) for side in ("left", "right"))
        block = self._blocks[first + (self._rng.random(len(cell)) * (last - first)).astype(int)]
        points = shapely.line_interpolate_point(self._rings[block], self._rng.random(len(cell)), normalized=True)
        return block, shapely.get_coordinates(points)


def group_by_month(scale: Scale, minute: Ints) -> list[tuple[date, slice]]:
    """The months (of UTC) that cases in the order of reporting fall into, and which cases those are."""
    month = scale.utc(minute).astype("datetime64[M]")
    starts = np.flatnonzero(np.append(True, month[1:] != month[:-1]))
    ends = np.append(starts[1:], len(month))
    return [(month[a].astype(date), slice(int(a), int(b))) for a, b in zip(starts, ends, strict=True)]


def split_into_portions(scale: Scale, reports: Reports) -> Iterator[slice]:
    """The cases in the portions in which they are made and written: all at once, or one month after the other."""
    if scale.monthly:
        yield from (span for _, span in group_by_month(scale, reports.minute))
    else:
        yield slice(0, len(reports.minute))
