"""Sharing published population out among leaf cells, so that every unit's total stays exact.

A census publishes people by its own units (block groups, districts). People of a unit that crosses the border of the city are shared by
area between what lies inside and what lies outside; those outside are not counted. Cells get a part of each unit they meet, in
proportion to the common area or to the floor area of the buildings there, in whole people by largest remainder. All parts of a unit add
up to its people in the city again, and within a cell the sexes and the ages add up to the cell's people wherever they do so in the unit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from math import floor
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from data.geo import apportion_sql as statements

Ints: TypeAlias = npt.NDArray[np.int64]
Weight: TypeAlias = tuple[int, str, float, float, str]

PARTS = ("households", "male", "female")


@dataclass(frozen=True)
class Unit:
    """One published unit with its people."""

    id: int
    key: str
    area: str | None
    total: int
    households: int | None
    male: int | None
    female: int | None
    ages: dict[str, int] | None
    as_of: date
    method: str
    inside: float
    source: str

    def inside_city(self) -> "Unit":
        """The same unit with only its people inside the city; halves are rounded up."""
        if self.inside >= 1:
            return self
        total = floor(self.total * self.inside + 0.5)
        sides = np.array([total, self.total - total], dtype=np.int64)

        def part(number: int | None) -> int | None:
            return None if number is None else int(largest_remainder(number, sides if sides.any() else [self.inside, 1 - self.inside])[0])

        male, female = part(self.male), part(self.female)
        if self.male is not None and self.female is not None:
            male, female = (int(shares[0]) for shares in share_parts(sides, [self.male, self.female]))
        bands = self.ages or {}
        ages = {band: int(shares[0]) for band, shares in zip(bands, share_parts(sides, list(bands.values())), strict=True)}
        return replace(self, total=total, households=part(self.households), male=male, female=female, ages=ages or self.ages)


@dataclass(frozen=True, slots=True)
class Beyond:
    """A unit some of whose people live outside the city, and are not counted."""

    source: str
    key: str
    people: int
    total: int


@dataclass
class Apportioned:
    """The result of an apportionment.

    Attributes:
        units: published units that were shared.
        holders: areas that got people, or none of a unit they meet.
        total: people inside the city; the sum of all shared units.
        beyond: units with people outside the city, who are not counted.
        by_area: units shared by common area because there was no building in them, though buildings were asked for.
        nearest: keys of units that lie in the city but meet no cell, and went to the nearest one.
        unplaced: keys of units that have neither a polygon nor the code of an area of this city; their people are missing.
    """

    units: int = 0
    holders: int = 0
    total: int = 0
    by_area: int = 0
    nearest: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    beyond: list[Beyond] = field(default_factory=list)


@dataclass
class _Figure:
    """The people that one holder gets from all units."""

    population: int = 0
    households: int = 0
    male: int = 0
    female: int = 0
    ages: dict[str, int] = field(default_factory=dict)
    as_of: date | None = None
    methods: set[str] = field(default_factory=set)


def largest_remainder(total: int, weights: npt.ArrayLike) -> Ints:
    """Share out a whole number in proportion to weights (Hamilton's method).

    Args:
        total: what is shared out, 0 or more.
        weights: 0 or more each; where all are 0 every share is alike.

    Returns:
        One whole share for each weight; they add up to ``total``, and each differs by less than 1 from its exact proportion. Of equal
        remainders the first wins, so that the same input always gives the same shares.

    Raises:
        ValueError: a weight is negative or not finite, the total is negative, or there are no weights.
    """
    given = np.asarray(weights, dtype=np.float64)
    if total < 0 or not np.all(np.isfinite(given)) or np.any(given < 0):
        raise ValueError("only a total and weights of 0 or more can be shared out")
    if given.size == 0:
        if total:
            raise ValueError("there is nobody to share it out to")
        return np.zeros(0, dtype=np.int64)
    largest = given.max()
    even = np.ones_like(given) if largest == 0 else given / largest
    quota = total * (even / even.sum())
    shares: Ints = np.floor(quota).astype(np.int64)
    # Rounding of doubles can leave one more or one fewer than the fractions suggest; the order decides which share changes.
    left = total - int(shares.sum())
    order = np.argsort(-(quota - shares), kind="stable")
    shares[order[: max(left, 0)]] += 1
    if left < 0:
        shares[order[shares[order] > 0][left:]] -= 1
    return shares


def share_parts(whole: Ints, parts: Sequence[int]) -> list[Ints]:
    """Share out parts of a unit (men, women; bands of age) so that in every cell they add up to no more than its people.

    Args:
        whole: people of the unit in each cell.
        parts: numbers of the whole unit. Where they add up to more than the people, each is shared for itself.

    Returns:
        For each part its shares; where the parts make up the whole unit, they also make up every cell.
    """
    if sum(parts) > int(whole.sum()):
        return [largest_remainder(part, whole) for part in parts]
    free, shares = whole.copy(), []
    for part in parts:
        # A share never passes the room that is left: quotas of `free` stay below it as long as the part does.
        share = largest_remainder(part, free)
        free = free - share
        shares.append(share)
    return shares


def apportion_population(connection: psycopg.Connection, city: str) -> Apportioned:
    """Share out all population units of a city among its leaves and write their population to ``area_figure``.

    Runs in the caller's transaction; figures of areas above the leaves are summed up afterwards by ``data.rollup``. Running it again
    gives the same figures.

    A part (households, sexes, ages) that an inhabited unit does not give is left empty in the whole city: otherwise an incomplete sum would
    look like the whole.

    Raises:
        psycopg.Error: the database refused a statement.
    """
    _weigh(connection, city)
    units = [Unit(*row) for row in connection.execute(statements.UNITS, {"city": city})]
    weights = {unit: list(rows) for unit, rows in groupby(connection.execute(statements.WEIGHTS).fetchall(), key=lambda row: row[0])}
    done = Apportioned()
    figures: dict[str, _Figure] = {}
    for unit in units:
        inside = unit.inside_city()
        if inside.total < unit.total:
            done.beyond.append(Beyond(unit.source, unit.key, unit.total - inside.total, unit.total))
        if unit.id in weights and unit.inside > 0:
            _share(inside, weights[unit.id], figures, done)
        elif unit.inside > 0:
            done.unplaced.append(unit.key)
    done.holders = len(figures)
    _store(connection, city, figures, _known(units))
    return done


def _weigh(connection: psycopg.Connection, city: str) -> None:
    """Fill the temporary table ``share_weight``: which unit meets which holder, with common area and floor area in m²."""
    for name in statements.TABLES:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
    for statement in (statements.HOLDERS, statements.TREE, *statements.INDEXES):
        connection.execute(statement, {"city": city})
    for statement in (statements.BY_CODE, statements.BELOW_LEAF, statements.BY_SHAPE, statements.NEAREST):
        connection.execute(statement, {"city": city})
    for statement in (statements.BUILDINGS, *statements.BUILDING_INDEX, statements.FLOORS):
        connection.execute(statement, {"city": city})


def _share(unit: Unit, rows: Sequence[Weight], figures: dict[str, _Figure], done: Apportioned) -> None:
    """Add one unit's people to the figures of its holders."""
    area, floor = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    use_floor = unit.method == "by_buildings" and bool(floor.sum() > 0)
    people = largest_remainder(unit.total, floor if use_floor else area)
    holders = [figures.setdefault(row[1], _Figure()) for row in rows]
    method = "published" if [row[1] for row in rows] == [unit.area] else "by_buildings" if use_floor else "by_area"
    for holder, count in zip(holders, people, strict=True):
        holder.population += int(count)
        holder.as_of = max(holder.as_of or unit.as_of, unit.as_of)
        holder.methods.add(method)
    _share_households(unit, people, area, holders)
    _share_sexes(unit, people, holders)
    _share_ages(unit, people, holders)
    done.units, done.total = done.units + 1, done.total + unit.total
    done.by_area += int(unit.method == "by_buildings" and not use_floor)
    if rows[0][4] == "nearest":
        done.nearest.append(unit.key)


def _share_households(unit: Unit, people: Ints, area: npt.NDArray[np.float64], holders: Sequence[_Figure]) -> None:
    if unit.households is not None:
        shares = largest_remainder(unit.households, people if people.any() else area)
        for holder, count in zip(holders, shares, strict=True):
            holder.households += int(count)


def _share_sexes(unit: Unit, people: Ints, holders: Sequence[_Figure]) -> None:
    if unit.male is not None and unit.female is not None:
        male, female = share_parts(people, [unit.male, unit.female])
        for holder, men, women in zip(holders, male, female, strict=True):
            holder.male, holder.female = holder.male + int(men), holder.female + int(women)


def _share_ages(unit: Unit, people: Ints, holders: Sequence[_Figure]) -> None:
    bands = unit.ages or {}
    for band, shares in zip(bands, share_parts(people, list(bands.values())), strict=True):
        for holder, count in zip(holders, shares, strict=True):
            holder.ages[band] = holder.ages.get(band, 0) + int(count)


def _known(units: Iterable[Unit]) -> set[str]:
    """Parts that every inhabited unit gives."""
    inhabited = [unit for unit in units if unit.total > 0]
    known = {name for name in PARTS if inhabited and all(getattr(unit, name) is not None for unit in inhabited)}
    if not {"male", "female"} <= known:
        known -= {"male", "female"}
    if inhabited and all(unit.ages for unit in inhabited):
        known.add("ages")
    return known


def _store(connection: psycopg.Connection, city: str, figures: dict[str, _Figure], known: set[str]) -> None:
    for statement in statements.FIGURES:
        connection.execute(statement)
    with connection.cursor().copy(statements.COPY) as copy:
        for area, figure in figures.items():
            parts = [getattr(figure, name) if name in known else None for name in PARTS]
            ages = Jsonb(figure.ages) if "ages" in known else None
            copy.write_row((area, figure.population, *parts, ages, figure.as_of, _method(figure.methods)))
    connection.execute(statements.FORGET, {"city": city})
    connection.execute(statements.STORE)


def _method(methods: set[str]) -> str:
    """The method of a cell that several units share: the least exact one that was used."""
    return next(way for way in ("by_area", "by_buildings", "published") if way in methods)
