"""Small cities as nested lists of figures about people, and random ones."""

from typing import Any

from hypothesis import strategies as st

from data.rollup.small_counts import People

BANDS = ("0-14", "15-59", "60+")


def city(shape: Any, code: str = "c") -> tuple[dict[str, People], dict[str, str | None]]:
    """Figures and parents from nested lists, whose leaves are ``People``: parents are the sums of their children."""
    people, parents = {}, {code: None}

    def grow(node: Any, name: str) -> People:
        if isinstance(node, People):
            people[name] = node
            return node
        below = []
        for n, child in enumerate(node):
            parents[f"{name}{n}"] = name
            below.append(grow(child, f"{name}{n}"))
        people[name] = summed(below)
        return people[name]

    grow(shape, code)
    return people, parents


def summed(parts: list[People]) -> People:
    def total(name: str) -> int:
        return sum(getattr(part, name) or 0 for part in parts)

    ages = {band: sum((part.ages or {}).get(band, 0) for part in parts) for band in BANDS}
    return People(total("population"), total("households"), total("male"), total("female"), ages)


def living(total: int, households: int = 1, male: int = 0, young: int = 0, old: int = 0) -> People:
    """Somebody's figures: what does not fit into ``total`` is left out."""
    male, young = min(male, total), min(young, total)
    old = min(old, total - young)
    ages = dict(zip(BANDS, (young, total - young - old, old), strict=True))
    return People(total, min(max(households, 1), total), male, total - male, ages)


COUNTS = st.one_of(st.integers(0, 6), st.integers(0, 40), st.integers(100, 300))
LEAVES = st.builds(living, COUNTS, st.integers(1, 60), COUNTS, COUNTS, COUNTS)
CITIES = st.recursive(LEAVES, lambda below: st.lists(below, min_size=1, max_size=4), max_leaves=11).map(city)
