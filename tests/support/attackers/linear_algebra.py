"""Exact algebra over shown figures: which unknowns follow from the equations."""

from fractions import Fraction

Var = tuple[str, str]
"""Area and column."""


def solved(rows: list[dict[Var, int]], unknown: set[Var]) -> set[Var]:
    """The unknowns that follow from the equations: Gauss and Jordan over the rationals, no rounding anywhere."""
    done: dict[Var, dict[Var, Fraction]] = {}
    for row in rows:
        left = {var: Fraction(n) for var, n in row.items() if var in unknown}
        for pivot in [var for var in left if var in done]:
            _subtract(left, done[pivot], left[pivot])
        if not left:
            continue
        pivot = next(iter(left))
        left = {var: n / left[pivot] for var, n in left.items()}
        for other in done.values():
            if pivot in other:
                _subtract(other, left, other[pivot])
        done[pivot] = left
    return {pivot for pivot, row in done.items() if len(row) == 1}


def _subtract(row: dict[Var, Fraction], other: dict[Var, Fraction], times: Fraction) -> None:
    for var, n in other.items():
        row[var] = row.get(var, Fraction(0)) - times * n
        if not row[var]:
            del row[var]
