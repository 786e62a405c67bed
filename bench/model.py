"""The contents of a row of the table, and their form as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Json = dict[str, Any]


class Unmeasured(Exception):
    """A row, or a part of it, cannot be measured here; the text says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity.

    Attributes:
        what: its name.
        value: the median over the rounds, or the percentile that ``what`` names.
        unit: of ``value``, such as ``ms`` or ``1/s``.
        low, high: least and greatest of the values of which ``value`` is the median.
        samples: number of single measurements.
        ours: whether it is the product's own; otherwise a peer's or a limit's.
    """

    what: str
    value: float
    unit: str
    low: float
    high: float
    samples: int
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure divided by another, or alone, and the aim in words. It does not say whether the aim was met."""

    what: str
    value: float
    unit: str
    aim: str


@dataclass(slots=True)
class Row:
    """One row: its figures, ratios, notes on the method, what could not be measured and why, and how the machine was.

    Attributes:
        load_before: cores that something else kept busy before it.
        yardstick_ms: what the work of ``bench.yardstick`` took before and after it, in ms.
    """

    name: str
    figures: list[Figure] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    seconds: float = 0.0
    load_before: float | None = None
    yardstick_ms: list[float] = field(default_factory=list)

    def add(self, what: str, unit: str, values: Sequence[float], value: float | None = None, ours: bool = True) -> float:
        """Add a figure of one or more measured values; ``value`` is given if it is not their median. Returns the figure's value.

        Raises:
            Unmeasured: there is no value.
        """
        if not values:
            raise Unmeasured(f"{what}: nothing was measured")
        said = median(values) if value is None else value
        self.figures.append(Figure(what, said, unit, min(values), max(values), len(values), ours))
        return said

    def percentiles(self, what: str, unit: str, values: Sequence[float], *shares: int, ours: bool = True) -> list[float]:
        """Add one figure for each percentile."""
        return [self.add(f"{what}, p{share}", unit, values, percentile(values, share), ours) for share in shares if values]

    def compare(self, what: str, value: float, aim: str, unit: str = "×") -> None:
        """Add a ratio, or a figure that has an aim."""
        self.ratios.append(Ratio(what, value, unit, aim))

    def as_json(self) -> Json:
        """The row as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Json) -> "Row":
        """Make a row from the result of ``as_json``."""
        parts = {**given, "figures": [Figure(**one) for one in given["figures"]], "ratios": [Ratio(**one) for one in given["ratios"]]}
        return cls(**parts)


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that ``share`` percent of all values do not exceed (nearest rank: always a measured value)."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * share // 100) - 1)]


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of each round, because both sides of a round were measured under the same conditions."""
    return median(one / other for one, other in zip(ours, theirs, strict=False))
