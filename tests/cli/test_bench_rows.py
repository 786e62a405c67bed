"""How rows of the bench are made of measured values: medians, bounds, percentiles and ratios, worked out by hand."""

from pathlib import Path

import pytest

from bench.model import Row, Unmeasured, median_ratio, percentile
from bench.rows import hearing
from bench.rows.cold_tile import _scripts
from data.queries.tile_encoding import Tile

MEASURED = [7.0, 1.0, 3.0, 10.0]


def test_a_figure_is_the_median_between_the_least_and_the_greatest_value() -> None:
    row = Row("drill")
    assert row.add("click", "ms", MEASURED) == 5.0
    assert row.add("click, p95", "ms", MEASURED, 10.0) == 10.0
    assert row.add("one", "ms", [2.5]) == 2.5
    told = [(one.what, one.value, one.unit, one.low, one.high, one.samples) for one in row.figures]
    assert told == [("click", 5.0, "ms", 1.0, 10.0, 4), ("click, p95", 10.0, "ms", 1.0, 10.0, 4), ("one", 2.5, "ms", 2.5, 2.5, 1)]


def test_nothing_measured_is_no_figure() -> None:
    row = Row("drill")
    with pytest.raises(Unmeasured, match="click: nothing was measured"):
        row.add("click", "ms", [])
    assert row.percentiles("click", "ms", [], 50, 95) == [] and row.figures == []


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1.0), (1, 1.0), (25, 1.0), (26, 3.0), (50, 3.0), (51, 7.0), (75, 7.0), (76, 10.0), (95, 10.0), (100, 10.0)]
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share: int, expected: float) -> None:
    assert percentile(MEASURED, share) == expected


def test_a_figure_for_each_percentile() -> None:
    row = Row("drill")
    assert row.percentiles("click", "ms", MEASURED, 50, 95) == [3.0, 10.0]
    assert [one.what for one in row.figures] == ["click, p50", "click, p95"]


def test_rounds_are_compared_one_by_one() -> None:
    """2, 3 and 10 times; not the ratio of the medians, which is 2."""
    assert median_ratio([2.0, 30.0, 10.0], [1.0, 10.0, 1.0]) == 3.0
    assert median_ratio([2.0, 30.0, 99.0], [1.0, 10.0]) == 2.5, "a round of one side alone is left out"


def test_a_row_travels_as_json() -> None:
    row = Row("drill", notes=["quick"], seconds=1.5)
    row.add("click", "ms", MEASURED)
    row.compare("all ÷ a tenth", 1.2, "at most 1.5")
    assert Row.from_json(row.as_json()).as_json() == row.as_json()


def test_pgbench_has_the_viewers_rights_before_it_makes_a_tile(tmp_path: Path) -> None:
    """Without them its tiles were empty, and the product looked six times as slow as its limit."""
    shares = [[Tile(14, 1, 2), Tile(15, 3, 4), Tile(14, 5, 6)], [Tile(15, 7, 8)]]
    first, second = (path.read_text("utf-8").splitlines() for path in _scripts(shares, tmp_path))
    for lines in (first, second):
        told = lines[0]
        assert told.startswith("SELECT set_config('role', 'gridwell_people', false)") and "set_config('gridwell.scope', '*', false)" in told
    assert [line.split()[0] for line in first] == ["SELECT", "PREPARE", "PREPARE", "EXECUTE", "EXECUTE", "EXECUTE"]
    assert [line.split()[1] for line in second[1:]] == ["tile_15", "tile_15"]


def test_what_listeners_lack_or_have_too_much_of_is_counted() -> None:
    first, second, third = (b"GW1", b"1"), (b"GW1", b"2"), (b"GW2", b"1")
    numbers = {first: 0, second: 1}
    taken = {first: hearing.Told("west", 10.0), second: hearing.Told("west", 10.1), third: hearing.Told("east", 10.2)}
    everywhere, east = hearing.Listener(None), hearing.Listener("east")
    everywhere.steps.extend([0, 1, 1])
    east.steps.append(0)
    lacking = hearing.count_missing([everywhere, east], numbers, taken)
    assert lacking == (2, 2), "nobody heard of the third; one was told twice, and one to whoever must not hear of it"


def test_waits_of_what_is_committed_late_are_counted_apart() -> None:
    prompt, late = (b"live-1", b"1"), (b"live-2", b"1")
    everywhere, west = hearing.Listener(None), hearing.Listener("west")
    everywhere.steps.extend([0, 1, 2])
    everywhere.at.extend([10.1, 10.75, 11.0])
    west.steps.append(0)
    west.at.append(10.2)
    taken = {prompt: hearing.Told("west", 10.0), late: hearing.Told("east", 10.5, late=True)}
    waits, apart = hearing.sort_waits([everywhere, west], {prompt: 0, late: 1, (b"other", b"1"): 2}, taken)
    assert [round(wait) for wait in waits] == [100, 200] and [round(wait) for wait in apart] == [250]
