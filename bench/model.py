"""What a row of the table holds, and how it travels as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Json = dict[str, Any]


class Unmeasured(Exception):
    """A row, or a part of it, that cannot be measured here; its text says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured.

    Attributes:
        what: in words.
        value: the median over the rounds, or the percentile that ``what`` names.
        unit: of ``value``, such as ``ms`` or ``1/s``.
        low, high: least and greatest of what ``value`` stands for the middle of.
        samples: how many single measurements stand behind it.
    """

    what: str
    value: float
    unit: str
    low: float
    high: float
    samples: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure beside another, or beside nothing, and what is aimed at in words. Nothing here says whether that was met."""

    what: str
    value: float
    unit: str
    aim: str


@dataclass(slots=True)
class Row:
    """One row: its figures, how they compare, how they were measured, and what could not be measured and why."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, what: str, unit: str, values: Sequence[float], value: float | None = None) -> float:
        """Add a figure of one or more measured values; ``value`` where it is not their median. Returns what the figure says.

        Raises:
            Unmeasured: there is no value.
        """
        if not values:
            raise Unmeasured(f"{what}: nothing was measured")
        said = median(values) if value is None else value
        self.figures.append(Figure(what, said, unit, min(values), max(values), len(values)))
        return said

    def percentiles(self, what: str, unit: str, values: Sequence[float], *shares: int) -> list[float]:
        """Add one figure for each percentile."""
        return [self.add(f"{what}, p{share}", unit, values, percentile(values, share)) for share in shares if values]

    def compare(self, what: str, value: float, aim: str, unit: str = "×") -> None:
        """Add a ratio, or a figure that an aim is set for."""
        self.ratios.append(Ratio(what, value, unit, aim))

    def as_json(self) -> Json:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Json) -> "Row":
        """From ``as_json``."""
        parts = {**given, "figures": [Figure(**one) for one in given["figures"]], "ratios": [Ratio(**one) for one in given["ratios"]]}
        return cls(**parts)


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that ``share`` percent of all do not exceed (nearest rank: always one that was measured)."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * share // 100) - 1)]


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios round by round: both sides of a round met the same weather."""
    return median(one / other for one, other in zip(ours, theirs, strict=False))
