"""Facts that are hidden in the cases, read from ``planted.toml``, which tests and analyses read too."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from data.demo.common.frame import PINNED_DAY, Floats
from data.demo.common.scale import Scale

FILE = Path(__file__).with_name("planted.toml")


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted fact; see the head of the file for the meaning."""

    kind: str
    area: str
    category: str
    first: date
    last: date
    factor: float
    hours: tuple[int, int]
    zh: str
    en: str

    def added_factors(self, scale: Scale) -> Floats:
        """For every day with cases: how many times the usual number is added."""
        start, end = (self.first - scale.first_day).days, (self.last - scale.first_day).days
        times = np.zeros(scale.days)
        rising = np.linspace(0, 1, end - start + 1) if self.kind == "trend" else np.ones(end - start + 1)
        times[start : end + 1] = (self.factor - 1) * rising
        return times


def find_place(fact: Planted, codes: Iterable[str]) -> str:
    """Code of the street where a fact is planted: the one the file names, or in a smaller city the last of the same district before it.

    Args:
        fact: what is planted.
        codes: codes of all streets.

    Raises:
        ValueError: the district has no street.
    """
    before = [code for code in codes if code[:6] == fact.area[:6] and code <= fact.area]
    if not before:
        raise ValueError(f"planted.toml names an area that this city does not have: {fact.area}")
    return max(before)


def load_planted(last: date = PINNED_DAY) -> list[Planted]:
    """Everything planted, in the order of the file; in a city that is made up to another day it lies as long ago as in the file's own."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["planted"]
    facts = [
        Planted(r["kind"], r["area"], r["category"], r["from"], r["to"], r["factor"], (r["hours"][0], r["hours"][1]), r["zh"], r["en"])
        for r in rows
    ]
    later = last - PINNED_DAY
    return [replace(fact, first=fact.first + later, last=fact.last + later) for fact in facts]
