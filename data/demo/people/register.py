"""The register: everybody in a household, every household in a building. Drawn in bulk, household by household type."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from faker.providers.person.zh_CN import Provider

from data.demo.common.frame import Floats, Ints, make_dice
from data.demo.land.buildings import USES, Buildings
from data.demo.land.land_use import Land
from data.demo.land.plan import Plan

RESIDENCES = ("registered", "floating", "overseas")
BANDS = [f"{age}-{age + 4}" for age in range(0, 85, 5)] + ["85+"]
SURNAMES = list(Provider.last_names)
GIVEN_NAMES = [*Provider.first_names_male, *Provider.first_names_female]

_FLOOR_M2_PER_HEAD = {"residential": 36.0, "old": 24.0, "commercial": 700.0, "office": 2500.0, "industrial": 1500.0, "public": 900.0}
_FLOATING = {"urban_village": 0.62, "works": 0.70, "tower": 0.24, "shops": 0.45, "centre": 0.40, "village": 0.06}

_HOUSEHOLDS = {
    # share among those who belong here, and among those who came from elsewhere
    "single": (0.04, 0.31),
    "old_single": (0.12, 0.01),
    "couple": (0.05, 0.17),
    "one_child": (0.14, 0.15),
    "grown_child": (0.12, 0.05),
    "two_children": (0.11, 0.08),
    "empty_nest": (0.22, 0.02),
    "three_generations": (0.10, 0.02),
    "grandmother": (0.06, 0.02),
    "lone_parent": (0.02, 0.03),
    "mates": (0.02, 0.14),
}
_KINDS = list(_HOUSEHOLDS)
_COUPLES = {
    # age of the husband: mean and spread
    "couple": (31.0, 6.0),
    "one_child": (38.0, 6.0),
    "grown_child": (51.5, 4.5),
    "two_children": (38.5, 5.5),
    "empty_nest": (63.5, 8.5),
    "three_generations": (38.0, 6.0),
    "grandmother": (40.0, 7.0),
}
_WITH_CHILD = ("one_child", "grown_child", "two_children", "three_generations", "grandmother", "lone_parent")
_MOST = 6


@dataclass(frozen=True, slots=True)
class People:
    """One entry a person, household by household; names are indices into ``SURNAMES`` and ``GIVEN_NAMES``, ages those of ``counted_on``."""

    building: Ints
    household: Ints
    surname: Ints
    given: Ints
    female: Ints
    age_days: Ints
    residence: Ints
    counted_on: date

    def some(self, which: slice) -> "People":
        """Some of the people."""
        return replace(self, **{name: getattr(self, name)[which] for name in _COLUMNS})

    @property
    def birth_date(self) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
        """Dates of birth."""
        return np.datetime64(self.counted_on) - self.age_days.astype("timedelta64[D]")

    @property
    def band(self) -> Ints:
        """Index into ``BANDS`` on the day of counting."""
        return np.asarray(np.minimum((self.age_days / 365.2425).astype(int) // 5, len(BANDS) - 1))


_COLUMNS = ("building", "household", "surname", "given", "female", "age_days", "residence")


def _ages(kind: Ints, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Ages in years (rows: households, columns: up to six members, NaN where none) and who is a woman.

    Columns: the head, the partner, two children (or flat mates in columns 1 and 2), grandfather, grandmother.
    """
    n = len(kind)
    ages = np.full((n, _MOST), np.nan)
    female = (rng.random((n, _MOST)) < 0.49).astype(int)
    _alone(kind, ages, female, rng)
    for name, (mean, spread) in _COUPLES.items():
        i = _of(kind, name)
        ages[i, 0], female[i, 0] = np.clip(rng.normal(mean, spread, len(i)), 22, 94), 0
        ages[i, 1], female[i, 1] = np.clip(ages[i, 0] - rng.normal(1.8, 2.2, len(i)), 20, 96), 1
    i = _of(kind, *_WITH_CHILD)
    ages[i, 2] = np.clip(ages[i, 1] - np.clip(rng.normal(27.2, 3.4, len(i)), 19, 43), 0.02, 33)
    ages[_of(kind, "lone_parent"), 1] = np.nan
    i = _of(kind, "two_children")
    ages[i, 3] = np.maximum(ages[i, 2] - rng.uniform(1.6, 7, len(i)), 0.02)
    i = _of(kind, "three_generations")
    ages[i, 4], female[i, 4] = np.clip(ages[i, 0] + rng.normal(26.5, 3, len(i)), 46, 97), 0
    i = _of(kind, "three_generations", "grandmother")
    ages[i, 5], female[i, 5] = np.clip(ages[i, 0] + rng.normal(25, 3.2, len(i)), 45, 99), 1
    return np.maximum(ages, 0.02), female


def _of(kind: Ints, *names: str) -> Ints:
    """Households of these kinds."""
    return np.flatnonzero(np.isin(kind, [_KINDS.index(name) for name in names]))


def _alone(kind: Ints, ages: Floats, female: Ints, rng: np.random.Generator) -> None:
    """Heads without a partner, and those who share a flat."""
    i = _of(kind, "single", "mates")
    ages[i, 0] = 18 + rng.gamma(2.6, 5.2, len(i))
    i = _of(kind, "mates")
    ages[i, 1] = ages[i, 0] + rng.normal(0, 3, len(i))
    ages[i, 2] = np.where(rng.random(len(i)) < 0.6, ages[i, 0] + rng.normal(0, 3, len(i)), np.nan)
    i = _of(kind, "old_single")
    ages[i, 0], female[i, 0] = np.clip(rng.normal(74, 8, len(i)), 58, 98), rng.random(len(i)) < 0.68
    i = _of(kind, "lone_parent")
    ages[i, 0], female[i, 0] = np.clip(rng.normal(40, 7, len(i)), 22, 62), rng.random(len(i)) < 0.72
    ages[i, 1] = ages[i, 0]  # the child's age is counted from it; taken away afterwards


def _homes(land: Land, buildings: Buildings, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """A building for each of ``count`` households (sorted), and whether they came from elsewhere."""
    floor = buildings.area_m2 * buildings.floors
    per_head = np.array([_FLOOR_M2_PER_HEAD[use] for use in USES])[buildings.use]
    weight = floor / per_head * rng.uniform(0.75, 1.15, len(floor))
    edges = np.cumsum(weight) / weight.sum()
    home = np.sort(np.searchsorted(edges, rng.random(count)))
    share = np.array([_FLOATING.get(use, 0.17) for use in land.use])[buildings.block]
    return home, (rng.random(count) < share[home]).astype(int)


def make_people(plan: Plan, land: Land, buildings: Buildings) -> People:
    """Exactly as many people as the scale asks for."""
    rng = make_dice(6)
    wanted = plan.scale.people
    home, arrived = _homes(land, buildings, rng, int(wanted / 2.1))
    mixes = np.array(list(_HOUSEHOLDS.values())).T
    kinds = [rng.choice(len(_KINDS), len(home), p=mix / mix.sum()) for mix in mixes]
    kind = np.where(arrived == 1, kinds[1], kinds[0])
    ages, female = _ages(kind, rng)
    chosen = _enough(ages, wanted, rng)
    present = ~np.isnan(ages[chosen])
    present.flat[np.flatnonzero(present)[wanted:]] = False
    household, member = np.nonzero(present)
    woman = female[chosen][present]
    surname, given = _names(household, member, woman, kind[chosen], rng)
    from_abroad = rng.random(wanted) < 0.0015
    return People(
        building=home[chosen][household],
        household=household,
        surname=surname,
        given=given,
        female=woman,
        age_days=(ages[chosen][present] * 365.2425).astype(int),
        residence=np.where(from_abroad, 2, arrived[chosen][household]),
        counted_on=plan.scale.until.date(),
    )


def _enough(ages: Floats, wanted: int, rng: np.random.Generator) -> Ints:
    """Households, chosen evenly over the city, that hold just over ``wanted`` people."""
    sizes = (~np.isnan(ages)).sum(axis=1)
    order = rng.permutation(len(sizes))
    number = int(np.searchsorted(np.cumsum(sizes[order]), wanted)) + 1
    return np.sort(order[:number])


def _names(household: Ints, member: Ints, female: Ints, kind: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Family and given names (indices): children have their father's family name, partners and flat mates their own."""
    weights = np.array(list(Provider.last_names.values()), float)
    own = rng.choice(len(SURNAMES), len(household), p=weights / weights.sum())
    of_house = rng.choice(len(SURNAMES), int(household[-1]) + 1, p=weights / weights.sum())
    family = np.isin(member, (0, 2, 3, 4)) & (kind[household] != _KINDS.index("mates"))
    men, women = len(Provider.first_names_male), len(Provider.first_names_female)
    given = np.where(female == 1, men + rng.integers(0, women, len(own)), rng.integers(0, men, len(own)))
    return np.where(family, of_house[household], own), given
