"""The register: everybody in a household, every household in a building. Drawn in bulk, household by household type."""

from dataclasses import dataclass

import numpy as np
from faker.providers.person.zh_CN import Provider

from data.demo.buildings import USES, Buildings
from data.demo.frame import AS_OF, Floats, Ints, dice
from data.demo.landuse import Land
from data.demo.plan import Plan

RESIDENCES = ("registered", "floating", "overseas")
BANDS = [f"{age}-{age + 4}" for age in range(0, 85, 5)] + ["85+"]
COUNTED_ON = AS_OF.date()

_FLOOR_M2_PER_HEAD = {"residential": 36.0, "old": 24.0, "commercial": 700.0, "office": 2500.0, "industrial": 1500.0, "public": 900.0}
_FLOATING = {"urban_village": 0.62, "works": 0.70, "tower": 0.24, "shops": 0.45, "centre": 0.40, "village": 0.06}

_HOUSEHOLDS = (
    "single",
    "old_single",
    "couple",
    "one_child",
    "two_children",
    "empty_nest",
    "three_generations",
    "grandmother",
    "lone_parent",
    "mates",
)
_SETTLED = np.array([0.06, 0.10, 0.09, 0.20, 0.10, 0.20, 0.11, 0.08, 0.035, 0.025])
_ARRIVED = np.array([0.33, 0.01, 0.19, 0.16, 0.08, 0.01, 0.02, 0.02, 0.03, 0.15])
_MOST = 6


@dataclass(frozen=True, slots=True)
class People:
    """One entry a person, household by household."""

    building: Ints
    household: Ints
    surname: Ints
    given: Ints
    female: Ints
    age_days: Ints
    residence: Ints
    surnames: list[str]
    given_names: list[str]

    @property
    def birth_date(self) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
        """Dates of birth."""
        return np.datetime64(COUNTED_ON) - self.age_days.astype("timedelta64[D]")

    @property
    def band(self) -> Ints:
        """Index into ``BANDS`` on the day of counting."""
        return np.minimum((self.age_days / 365.2425).astype(int) // 5, len(BANDS) - 1)


def _ages(kind: Ints, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Ages in years (rows: households, columns: up to six members, NaN where none) and who is a woman."""
    n = len(kind)
    ages = np.full((n, _MOST), np.nan)
    female = (rng.random((n, _MOST)) < 0.49).astype(int)

    def when(*names: str) -> Ints:
        return np.flatnonzero(np.isin(kind, [_HOUSEHOLDS.index(name) for name in names]))

    i = when("single", "mates")
    ages[i, 0] = 18 + rng.gamma(2.6, 5.2, len(i))
    i = when("mates")
    ages[i, 1] = ages[i, 0] + rng.normal(0, 3, len(i))
    ages[i, 2] = np.where(rng.random(len(i)) < 0.6, ages[i, 0] + rng.normal(0, 3, len(i)), np.nan)
    i = when("old_single")
    ages[i, 0], female[i, 0] = np.clip(rng.normal(74, 8, len(i)), 58, 98), rng.random(len(i)) < 0.68
    centres = {
        "couple": (31, 6),
        "one_child": (40, 7.5),
        "two_children": (38.5, 5.5),
        "empty_nest": (63.5, 8.5),
        "three_generations": (38, 6),
        "grandmother": (40, 7),
    }
    for name, (mean, spread) in centres.items():
        i = when(name)
        ages[i, 0], female[i, 0] = np.clip(rng.normal(mean, spread, len(i)), 22, 94), 0
        ages[i, 1], female[i, 1] = np.clip(ages[i, 0] - rng.normal(1.8, 2.2, len(i)), 20, 96), 1
    i = when("lone_parent")
    ages[i, 0], female[i, 0] = np.clip(rng.normal(40, 7, len(i)), 22, 62), rng.random(len(i)) < 0.72
    ages[i, 1] = ages[i, 0]
    i = when("one_child", "two_children", "three_generations", "grandmother", "lone_parent")
    ages[i, 2] = np.clip(ages[i, 1] - np.clip(rng.normal(27.5, 3.6, len(i)), 19, 43), 0.02, 29)
    i = when("lone_parent")
    ages[i, 1] = np.nan
    i = when("two_children")
    ages[i, 3] = np.maximum(ages[i, 2] - rng.uniform(1.6, 7, len(i)), 0.02)
    i = when("three_generations")
    ages[i, 4], female[i, 4] = np.clip(ages[i, 0] + rng.normal(26.5, 3, len(i)), 46, 97), 0
    i = when("three_generations", "grandmother")
    ages[i, 5], female[i, 5] = np.clip(ages[i, 0] + rng.normal(25, 3.2, len(i)), 45, 99), 1
    return np.maximum(ages, 0.02), female


def _homes(plan: Plan, land: Land, buildings: Buildings, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """A building for each of ``count`` households (sorted), and whether they came from elsewhere."""
    floor = buildings.area_m2 * buildings.floors
    per_head = np.array([_FLOOR_M2_PER_HEAD[use] for use in USES])[buildings.use]
    weight = floor / per_head * rng.uniform(0.75, 1.15, len(floor))
    edges = np.cumsum(weight) / weight.sum()
    home = np.sort(np.searchsorted(edges, rng.random(count)))
    share = np.array([_FLOATING.get(use, 0.17) for use in land.use])[buildings.block]
    return home, (rng.random(count) < share[home]).astype(int)


def settle(plan: Plan, land: Land, buildings: Buildings) -> People:
    """Exactly as many people as the scale asks for."""
    rng = dice(6)
    wanted = plan.scale.people
    home, arrived = _homes(plan, land, buildings, rng, int(wanted / 2.2))
    kinds = [rng.choice(len(_HOUSEHOLDS), len(home), p=mix / mix.sum()) for mix in (_SETTLED, _ARRIVED)]
    ages, female = _ages(np.where(arrived == 1, kinds[1], kinds[0]), rng)
    households = _enough(ages, wanted, rng)
    ages, female, home, arrived = ages[households], female[households], home[households], arrived[households]
    present = ~np.isnan(ages)
    present.flat[np.flatnonzero(present)[wanted:]] = False
    household, member = np.nonzero(present)
    surname, given, surnames, given_names = _names(
        household, member, female[present], np.where(arrived == 1, kinds[1][households], kinds[0][households]), rng
    )
    from_abroad = rng.random(len(household)) < 0.0015
    return People(
        building=home[household],
        household=household,
        surname=surname,
        given=given,
        female=female[present],
        age_days=(ages[present] * 365.2425).astype(int),
        residence=np.where(from_abroad, 2, arrived[household]),
        surnames=surnames,
        given_names=given_names,
    )


def _enough(ages: Floats, wanted: int, rng: np.random.Generator) -> Ints:
    """Households, chosen evenly over the city, that hold just over ``wanted`` people."""
    sizes = (~np.isnan(ages)).sum(axis=1)
    order = rng.permutation(len(sizes))
    number = int(np.searchsorted(np.cumsum(sizes[order]), wanted)) + 1
    return np.sort(order[:number])


def _names(household: Ints, member: Ints, female: Ints, kind: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, list[str], list[str]]:
    """Family and given names from Faker's lists: children have their father's family name, flat mates and wives their own."""
    surnames = list(Provider.last_names)
    weights = np.array(list(Provider.last_names.values()), float)
    own = rng.choice(len(surnames), len(household), p=weights / weights.sum())
    of_house = rng.choice(len(surnames), int(household[-1]) + 1, p=weights / weights.sum())
    mates = kind[household] == _HOUSEHOLDS.index("mates")
    family = np.isin(member, (0, 2, 3, 4)) & ~mates
    men, women = list(Provider.first_names_male), list(Provider.first_names_female)
    given = np.where(female == 1, len(men) + rng.integers(0, len(women), len(own)), rng.integers(0, len(men), len(own)))
    return np.where(family, of_house[household], own), given, surnames, men + women
