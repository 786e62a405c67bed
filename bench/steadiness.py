"""Which rows are measured again, because their rounds lie far apart: something else ran on the machine meanwhile."""

from collections.abc import Sequence

from bench.model import Figure, Row

WIDE = 1.3
"""A row is measured again if the greatest value of one of its figures is more than this many times the least."""
MOST_ROUNDS = 10
"""Figures of more values are of single requests, which differ by themselves."""
MOST_RUNS = 2
UNSTEADY = 1.15
"""A machine that does the same work this many times slower after a row than before it, or the other way round, changed meanwhile."""


def spread(row: Row) -> float:
    """How many times the least value the greatest one is, for the figure of rounds where this is most; 1 if there is none."""
    return max((one.high / one.low for one in row.figures if _of_rounds(one)), default=1.0)


def is_wide(row: Row) -> bool:
    """Whether the row's rounds lie too far apart to be believed."""
    return spread(row) > WIDE


def choose_steadiest(runs: Sequence[Row]) -> Row:
    """The run whose rounds lie closest together, with a note where there were several; one with every figure goes before others."""
    most = max(len(one.figures) for one in runs)
    best = min((one for one in runs if len(one.figures) == most), key=spread)
    if len(runs) > 1:
        told = " and ".join(f"{spread(one):.2f}" for one in runs)
        best.notes.append(
            f"Measured {len(runs)} times, because rounds lay more than {WIDE:g} times apart ({told}); this is the steadier run."
        )
    if is_wide(best):
        best.notes.append("Its rounds lie far apart all the same: do not compare this row with other runs.")
    return best


def describe_yardstick(took_ms: Sequence[float]) -> str | None:
    """What a row says about a machine that became slower or quicker meanwhile; ``None`` if it stayed as it was.

    Args:
        took_ms: what the same work took before and after the row.
    """
    if max(took_ms) <= UNSTEADY * min(took_ms):
        return None
    before, after = took_ms[0], took_ms[-1]
    return f"The machine changed meanwhile: the same work took {before:.2f} ms before and {after:.2f} ms after. Measure this row again."


def _of_rounds(figure: Figure) -> bool:
    return 1 < figure.samples <= MOST_ROUNDS and figure.low > 0
