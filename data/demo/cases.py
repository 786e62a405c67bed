"""Cases: where, when, what, through which door, and how far they have come by ``AS_OF``."""

from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.areas import Tree
from data.demo.buildings import USES, Buildings
from data.demo.catalogue import CATEGORIES, CHANNEL_LEANINGS, CHANNEL_SHARES
from data.demo.frame import AS_OF, FIRST_DAY, Floats, Ints, Scale, Shapes, dice
from data.demo.people import People
from data.demo.places import Places
from data.demo.planted import Planted, planted
from data.demo.rhythm import DAYS, days, hours
from data.schema import CHANNELS, CLOSED_STAGES, OTHER_ENDS, STAGES

DAY_MIN = 1440
NOW_MIN = (DAYS - 1) * DAY_MIN + AS_OF.hour * 60 + AS_OF.minute
"""``AS_OF`` in minutes since the first midnight; all times of cases are counted so."""


@dataclass(frozen=True, slots=True)
class Reports:
    """One entry a case, in the order of reporting: cell, category, channel (indices), minute, and the block beside which it is."""

    cell: Ints
    category: Ints
    channel: Ints
    minute: Ints
    block: Ints
    where: Shapes


def _smooth(at: Floats, length_m: float) -> Floats:
    """A smooth field over the city, about -1 to 1."""
    waves = ((1, 1.3, 0.3, 1.0), (2.1, 1.7, 2.0, 0.5), (0.6, 2.4, 1.0, 2.2))
    return np.asarray(sum(np.sin(at[:, 0] / length_m * a + p) * np.cos(at[:, 1] / length_m * b + q) for a, b, p, q in waves) / 3)


def _cell_weights(tree: Tree, places: Places, buildings: Buildings, people: People, rng: np.random.Generator) -> Floats:
    """(cells, categories): how likely a case of a category is in a cell. By residents and shop floor, with a field and noise on top."""
    cells = len(tree.cells)
    home = places.cell[buildings.block]
    residents = np.bincount(home[people.building], minlength=cells)
    floor = buildings.area_m2 * buildings.floors
    busy = np.isin(buildings.use, [USES.index("commercial"), USES.index("office")])
    trade = np.bincount(home[busy], weights=floor[busy], minlength=cells)
    at = shapely.get_coordinates(np.array([cell.label for cell in tree.cells]))
    base = residents * 7.6e-3 * np.exp(0.75 * _smooth(at, 900) + rng.normal(0, 0.42, cells)) + trade / 1e5 * 4.0 * rng.gamma(
        3, 1 / 3, cells
    )
    base += 0.01 * base.mean()
    leaning = np.column_stack([np.exp(0.5 * _smooth(at + np.array([777.0 * k, 0.0]), 1500)) for k in range(len(CATEGORIES))])
    return np.asarray(base[:, None] * leaning)


def _draw(edges: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Indices drawn with the given weights."""
    total = np.cumsum(edges)
    return np.asarray(np.searchsorted(total, rng.random(count) * total[-1], side="right"))


def _channel_weights(category: str) -> Floats:
    return np.array([CHANNEL_SHARES[c] * CHANNEL_LEANINGS.get((c, category), 1.0) for c in CHANNELS])


@dataclass(slots=True)
class _Batch:
    cell: list[Ints]
    category: list[Ints]
    channel: list[Ints]
    minute: list[Ints]

    def add(self, cell: Ints, category: int, channel: Ints, day: Ints, hour: Ints, rng: np.random.Generator) -> None:
        self.cell.append(cell)
        self.category.append(np.full(len(cell), category))
        self.channel.append(channel)
        # Today's cases came in before AS_OF.
        minute = np.where(day == DAYS - 1, 420 + (rng.random(len(cell)) ** 0.6 * 158), hour * 60 + rng.integers(0, 60, len(cell)))
        self.minute.append((day * DAY_MIN + minute).astype(int))


def _usual(batch: _Batch, category: int, count: int, weights: Floats, rng: np.random.Generator) -> None:
    """``count`` cases of a category, spread over cells, channels, days and hours as usual."""
    code = CATEGORIES[category].code
    channel = _draw(_channel_weights(code), count, rng)
    cell = _draw(weights, count, rng)
    for k, name in enumerate(CHANNELS):
        mine = np.flatnonzero(channel == k)
        day, hour = _draw(days(code, name), len(mine), rng), _draw(hours(name), len(mine), rng)
        batch.add(cell[mine], category, channel[mine], day, hour, rng)


def _extra(fact: Planted, tree: Tree, weights: Floats, total: int) -> tuple[int, Ints, Floats]:
    """Category, cells and expected number of added cases a day of one planted fact."""
    category = next(i for i, c in enumerate(CATEGORIES) if c.code == fact.category)
    inside = np.array([i for i, cell in enumerate(tree.cells) if cell.code.startswith(fact.area)])
    if not len(inside):
        raise ValueError(f"planted.toml names an area that this city does not have: {fact.area}")
    share = weights[inside, category].sum() / weights[:, category].sum()
    usual = _channel_weights(fact.category) @ np.array([days(fact.category, c) for c in CHANNELS])
    return category, inside, fact.extra() * usual / usual.sum() * share * CATEGORIES[category].share * total


def _plant(batch: _Batch, fact: Planted, tree: Tree, weights: Floats, total: int, rng: np.random.Generator) -> int:
    category, inside, expected = _extra(fact, tree, weights, total)
    count = max(8, round(float(expected.sum())))
    cell = inside[_draw(weights[inside, category], count, rng)]
    channel = _draw(_channel_weights(fact.category), count, rng)
    hour = rng.integers(fact.hours[0], fact.hours[1] + 1, count)
    batch.add(cell, category, channel, _draw(expected, count, rng), hour, rng)
    return count


def report(scale: Scale, tree: Tree, places: Places, sites: Shapes, buildings: Buildings, people: People) -> Reports:
    """Exactly as many cases as the scale asks for, planted facts included."""
    rng = dice(7)
    weights = _cell_weights(tree, places, buildings, people, rng)
    usable = np.unique(places.cell[shapely.area(sites) > 0])
    weights[np.setdiff1d(np.arange(len(weights)), usable)] = 0
    batch = _Batch([], [], [], [])
    added = sum(_plant(batch, fact, tree, weights, scale.incidents, rng) for fact in planted())
    shares = np.array([c.share for c in CATEGORIES])
    for k, count in enumerate(rng.multinomial(scale.incidents - added, shares / shares.sum())):
        _usual(batch, k, int(count), weights[:, k], rng)
    minute = np.concatenate(batch.minute)
    order = np.lexsort((np.concatenate(batch.cell), minute))
    cell = np.concatenate(batch.cell)[order]
    block, where = _beside(cell, places, sites, rng)
    return Reports(cell, np.concatenate(batch.category)[order], np.concatenate(batch.channel)[order], minute[order], block, where)


def _beside(cell: Ints, places: Places, sites: Shapes, rng: np.random.Generator) -> tuple[Ints, Shapes]:
    """A block of each cell, and a point on the block's edge (the pavement), so always inside the cell."""
    blocks = np.flatnonzero(shapely.area(sites) > 0)
    blocks = blocks[np.argsort(places.cell[blocks], kind="stable")]
    first = np.searchsorted(places.cell[blocks], cell, side="left")
    last = np.searchsorted(places.cell[blocks], cell, side="right")
    block = blocks[first + (rng.random(len(cell)) * (last - first)).astype(int)]
    rings = shapely.get_exterior_ring(sites)
    return block, np.asarray(shapely.line_interpolate_point(rings[block], rng.random(len(cell)), normalized=True))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each case has come: index into ``STAGES``, paused, minutes due and closed (NaN where not)."""

    stage: Ints
    paused: np.ndarray
    due: Floats
    closed: Floats


def progress(reports: Reports, tree: Tree) -> Progress:
    """Close, void, pause or leave open. About 92 % are closed on time, more or less by street and category."""
    rng = dice(8)
    n = len(reports.cell)
    allowed = np.array([c.hours for c in CATEGORIES])[reports.category] * 60
    due = reports.minute + allowed
    street = tree.street_of[reports.cell]
    quality = rng.normal(0.928, 0.03, len(tree.streets))[street] + np.array([c.ease for c in CATEGORIES])[reports.category]
    on_time = rng.random(n) < np.clip(quality, 0.80, 0.985)
    # Of the time allowed: many are closed at leisure, a third in the last moment, and what is late is late for long.
    in_time = np.where(rng.random(n) < 0.35, rng.beta(9, 1, n), rng.beta(2.2, 1.6, n))
    used = np.where(on_time, 0.02 + 0.97 * in_time, 1.02 + rng.exponential(1.25, n))
    closed = np.ceil(reports.minute + used * allowed)
    # Seconds must not decide: what is on time is closed a minute before it is due at the latest.
    closed = np.where(on_time, np.minimum(closed, due - 1), closed)
    paused = (rng.random(n) < 0.0032) & (reports.minute > NOW_MIN - 60 * DAY_MIN) & (reports.minute < NOW_MIN - 2 * DAY_MIN)
    ended = rng.choice(5, n, p=[0.945, 0.015, 0.02, 0.008, 0.012])
    ended[(reports.minute > NOW_MIN - 600) | paused] = 0
    stage = _stages(reports, closed, rng)
    stage[paused] = STAGES.index("in_progress")
    stage[ended > 0] = np.array([STAGES.index(end) for end in OTHER_ENDS])[ended[ended > 0] - 1]
    is_closed = np.isin(stage, [STAGES.index(s) for s in CLOSED_STAGES])
    return Progress(stage, paused, due, np.where(is_closed, closed, np.nan))


def _stages(reports: Reports, closed: Floats, rng: np.random.Generator) -> Ints:
    """Stage by the share of the way (from report to closing) that lies behind at ``AS_OF``."""
    way = (NOW_MIN - reports.minute) / (closed - reports.minute)
    stage = np.searchsorted([0.06, 0.16, 0.30, 0.86, 1.0], way, side="right")
    judged = (way >= 1) & (closed < NOW_MIN - 6 * DAY_MIN) & (rng.random(len(stage)) < 0.6)
    stage[judged] = STAGES.index("evaluated")
    return stage


FIRST_MIDNIGHT = np.datetime64(f"{FIRST_DAY}T00:00") - np.timedelta64(8, "h")
"""Midnight in Shanghai (UTC+8, no summer time) as UTC."""


def utc(minute: Floats | Ints) -> np.ndarray:
    """Minutes since the first midnight to UTC; NaN becomes NaT."""
    known = ~np.isnan(minute)
    moment = FIRST_MIDNIGHT + np.where(known, minute, 0).astype("timedelta64[m]")
    moment = moment.astype("datetime64[s]")
    moment[~known] = np.datetime64("NaT")
    return moment
