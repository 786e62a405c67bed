"""Sums over a tree of areas, its zones and kinds: against sums that are made one part at a time."""

from collections import Counter
from typing import Any

import numpy as np
import psycopg
import pytest
import small_city as city
from hypothesis import given
from hypothesis import strategies as st

from data import rollup
from data.rollup import area_counts
from data.rollup.tree_sums import Areas, Counted, KindSums, sum_counts

# City 0; districts 1 and 2; cells 3 and 4 of district 1, 5 of district 2; zone 6 holds cells 3 and 5, zone 7 is crossed by the border of 4.
# An area 8 whose parent is not known.
PARENT, DEPTH = np.array([-1, 0, 0, 1, 1, 2, -1, -1, -1]), np.array([1, 2, 2, 3, 3, 3, 0, 0, 2])
SUMS = np.array([2, 2, 2, 0, 0, 0, 1, 1, 2])
AREAS = Areas(PARENT, DEPTH, SUMS, (np.array([5, 3]), np.array([6, 6])))
ABOVE = {0: [0], 2: [2, 0], 3: [3, 1, 0, 6], 4: [4, 1, 0], 5: [5, 2, 0, 6], 7: [7], 8: [8]}
OF = {1: (-1, -3, -5), 2: (-2, -3, -5), 3: (-1, -4, -5)}
"""The sums over a kind's category, its channel and everything."""


def kind_sums() -> KindSums:
    numbers = np.zeros((3, 4), dtype=np.int64)
    for kind, of in OF.items():
        numbers[:, kind] = of
    return KindSums(*numbers)


def naive(parts: list[tuple[int, int, int, int, int]]) -> dict[tuple[int, int, int], tuple[int, int]]:
    found: Counter[tuple[int, int, int, int]] = Counter()
    seen = set()
    for area, day, kind, first, second in parts:
        for above in ABOVE[area]:
            for counted in (kind, *{0: (), 1: OF[kind][2:], 2: OF[kind]}[int(SUMS[above])]):
                seen.add((above, day, counted))
                found[above, day, counted, 0] += first
                found[above, day, counted, 1] += second
    return {key: (found[*key, 0], found[*key, 1]) for key in seen}


PARTS = st.tuples(
    st.sampled_from(sorted(ABOVE)),
    st.integers(-800_000, 800_000) | st.integers(0, 3),
    st.sampled_from([1, 2, 3]),
    st.integers(0, 5),
    st.integers(-2, 2),
)


@given(parts=st.lists(PARTS, max_size=40))
def test_every_part_is_in_the_sums_of_everything_above_it(parts: list[tuple[int, int, int, int, int]]) -> None:
    columns = np.array(parts, dtype=np.int64).reshape(-1, 5).T
    made = list(sum_counts(Counted(columns[0], columns[1], columns[2], columns[3:].astype(np.int32)), AREAS, kind_sums()))
    rows = [
        (tuple(key), tuple(counts))
        for one in made
        for *key, counts in zip(one.area.tolist(), one.label.tolist(), one.kind.tolist(), one.counts.T.tolist(), strict=True)
    ]
    assert dict(rows) == naive(parts)
    assert len(dict(rows)) == len(rows), "each row once"


def test_rows_come_in_the_order_in_which_they_are_read() -> None:
    """Kinds by area and day; sums over kinds by area and kind, many days of one together."""
    dice = np.random.default_rng(1)
    parts = Counted(
        dice.integers(3, 6, 200), dice.integers(0, 9, 200), dice.integers(1, 4, 200), dice.integers(0, 2, (1, 200), dtype=np.int32)
    )
    for one in sum_counts(parts, AREAS, kind_sums()):
        keys = (one.area, one.kind, one.label) if (one.kind < 0).all() else (one.area, one.label, one.kind)
        listed = list(zip(*(key.tolist() for key in keys), strict=True))
        assert listed == sorted(listed)


def test_a_city_that_is_counted_day_by_day_has_the_same_figures(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(area_counts, "_AT_ONCE", 1)
    assert rollup.compare(connection, city.CITY) == []
    days = connection.execute("SELECT count(DISTINCT day) FROM fresh_part").fetchone()
    runs = area_counts.cut_days(connection)
    assert days == (len(runs),)
    assert len(runs) > 3
    monkeypatch.setattr(area_counts, "_AT_ONCE", 10**6)
    assert len(area_counts.cut_days(connection)) == 1
