"""Which composite grades the figures of a day: a city's own versions, and before the first of them the operator's file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from data.indicators.composite import Composite, Part, find_composite


@dataclass(frozen=True, slots=True)
class Version:
    """A stored composite; ``id`` is 0 before it is stored."""

    id: int
    composite: Composite

    @property
    def first(self) -> date:
        """The first day on which it holds."""
        return self.composite.valid_from or date.min


def read_version(row: Mapping[str, Any], city: str) -> Version:
    """A row of ``composite``."""
    parts = tuple(Part(one["indicator"], *(Fraction(one[name]) for name in ("weight", "best", "worst"))) for one in row["parts"])
    names = row["name"], row["name_en"] or row["name"]
    return Version(row["id"], Composite(*names, parts, city, row["valid_from"], row["valid_to"]))


def choose_composite(versions: Sequence[Version], city: str, day: date) -> Composite | None:
    """The composite of a day: that of the city's own versions, or of the file where the day lies before all of them.

    Raises:
        BadComposites: the file of the settings cannot be used.
    """
    if versions and day >= min(version.first for version in versions):
        return next((version.composite for version in versions if version.composite.holds(city, day)), None)
    return find_composite(city, day)
