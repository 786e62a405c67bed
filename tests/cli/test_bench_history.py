"""Earlier runs of the bench: which of them a run is compared with, and what is pointed out. And which rows are measured again."""

import threading
from pathlib import Path
from typing import Any

import pytest

from bench import history, table
from bench.history import Slower, find_slower, make_entry
from bench.machine import describe_load, find_busy_cores, find_weakness
from bench.model import Row
from bench.steadiness import MOST_ROUNDS, WIDE, choose_steadiest, describe_yardstick, is_wide, spread
from bench.yardstick import measure_unit

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_level": "replica", "work_mem": "16MB"}


def run(day: int, version: str = "0.2.0", scale: str = "city", memory: float = 23.5, **rows: tuple[str, str, float]) -> dict[str, Any]:
    """A run of one figure a row: what, unit, value."""
    made = []
    for name, (what, unit, value) in rows.items():
        row = Row(name, load_before=0.5)
        row.add(what, unit, [value])
        made.append(row.as_json())
    return {
        "machine": {"cpu": "EPYC", "cores": 2, "memory_gb": memory, "measured_at": f"2026-12-{day:02}T08:00", "load_before": 0.1},
        "versions": {"gridwell": version, "commit": f"c{day}", "server_settings": dict(DURABLE)},
        "scale": scale,
        "quick": False,
        "rows": made,
    }


def clicks(day: int, ms: float, **more: Any) -> dict[str, Any]:
    return run(day, drill=("click, p95", "ms", ms), **more)


def tiles(day: int, per_s: float, **more: Any) -> dict[str, Any]:
    return run(day, warm=("one warm tile", "1/s", per_s), **more)


def times(now: dict[str, Any], *earlier: dict[str, Any]) -> list[float]:
    return [round(one.times, 3) for one in find_slower(now, [make_entry(one) for one in earlier])]


@pytest.mark.parametrize(("before", "now", "found"), [(100, 120, []), (100, 121, [1.21]), (100, 50, [])])
def test_what_takes_more_than_a_fifth_longer_is_pointed_out(before: float, now: float, found: list[float]) -> None:
    assert times(clicks(2, now), clicks(1, before)) == found


@pytest.mark.parametrize(("before", "now", "found"), [(1200, 1000, []), (1210, 1000, [1.21]), (1000, 2000, [])])
def test_of_rates_less_is_worse(before: float, now: float, found: list[float]) -> None:
    assert times(tiles(2, now), tiles(1, before)) == found


def test_what_is_neither_a_time_nor_a_rate_is_not_compared() -> None:
    requests = [run(day, page=("requests", "", value)) for day, value in ((1, 10.0), (2, 100.0))]
    assert times(requests[1], requests[0]) == []


def test_peers_are_neither_kept_nor_compared() -> None:
    def beside(day: int, value: float) -> dict[str, Any]:
        row = Row("cold-tile")
        row.add("the same SQL through pgbench", "tiles/s", [value], ours=False)
        return {**run(day), "rows": [row.as_json()]}

    assert make_entry(beside(1, 9))["rows"] == {"cold-tile": {}}
    assert times(beside(2, 1), beside(1, 9)) == []


def test_only_runs_of_the_same_scale_on_the_same_kind_of_machine_count() -> None:
    now = clicks(3, 200)
    assert times(now, clicks(1, 100, scale="metropolis")) == []
    assert times(now, clicks(1, 100, memory=47.0)) == []
    assert times(now, clicks(1, 100, memory=23.9)) == [2.0], "nearly the same memory is the same"
    other = clicks(1, 100)
    other["machine"]["cpu"] = "Xeon"
    assert times(now, other) == []


def test_the_last_run_counts_and_the_last_one_of_the_version_before() -> None:
    """Ten percent a run is nothing from one run to the next, and a third from one version to the next."""
    before = [clicks(1, 1.0, version="0.1.0"), clicks(2, 100, version="0.1.0"), clicks(3, 110), clicks(4, 121)]
    assert times(clicks(5, 133), *before) == [1.33]
    assert times(clicks(5, 133), *before[2:]) == [], "the last run alone: 1.10"
    assert times(clicks(5, 160), *before) == [1.6], "each figure once, beside the better of the two"


def test_a_run_without_this_row_hides_no_older_one() -> None:
    found = find_slower(clicks(3, 200), [make_entry(clicks(1, 100)), make_entry(tiles(2, 1))])
    assert found == [Slower("drill", "click, p95", "ms", 100, 200, 2.0, "0.2.0 (c1, 2026-12-01)")]


def test_what_the_machine_itself_is_slower_is_no_fault_of_the_product() -> None:
    def on(took_ms: list[float], made: dict[str, Any]) -> dict[str, Any]:
        made["rows"][0]["yardstick_ms"] = took_ms
        return made

    before = on([0.4, 0.4], clicks(1, 100))
    assert times(on([0.5, 0.7], clicks(2, 175)), before) == [], "all took 1.5 times as long, a click 1.75"
    found = find_slower(on([0.6, 0.6], clicks(2, 240)), [make_entry(before)])
    assert [(one.times, one.machine) for one in found] == [(pytest.approx(1.6), pytest.approx(1.5))]
    quicker = find_slower(on([0.2, 0.2], clicks(2, 100)), [make_entry(before)])
    assert [(one.times, one.machine) for one in quicker] == [(2.0, 0.5)], "a quicker machine hides no loss"
    assert times(on([0.6, 0.6], tiles(2, 700)), on([0.4, 0.4], tiles(1, 1000))) == []
    bytes_of = [on([took], run(day, page=("page", "KB", value))) for day, took, value in ((1, 0.4, 100.0), (2, 0.6, 130.0))]
    assert times(bytes_of[1], bytes_of[0]) == [1.3], "no machine makes a page larger"


def test_a_row_says_that_the_machine_changed_meanwhile() -> None:
    assert describe_yardstick([0.40, 0.45]) is None
    assert describe_yardstick([0.40, 0.60]) == (
        "The machine changed meanwhile: the same work took 0.40 ms before and 0.60 ms after. Measure this row again."
    )
    assert describe_yardstick([0.60, 0.40]) is not None


def test_the_yardstick_leaves_no_process_behind() -> None:
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    before = children.read_text("ascii")
    assert measure_unit(3) > 0 and children.read_text("ascii") == before


def test_a_run_is_not_compared_with_itself_or_later_ones() -> None:
    assert times(clicks(2, 200), clicks(2, 100), clicks(3, 100)) == []


def test_the_history_is_a_line_a_run(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    assert history.read(file) == []
    for made in (clicks(1, 100), tiles(2, 5)):
        history.record(made, file)
    assert len(file.read_text("utf-8").splitlines()) == 2
    first = history.read(file)[0]
    assert (first["gridwell"], first["commit"], first["load_before"]) == ("0.2.0", "c1", {"drill": 0.5})
    assert first["rows"] == {"drill": {"click, p95": [100, "ms"]}}


def test_the_history_of_this_repository_can_be_read() -> None:
    assert all({"measured_at", "gridwell", "commit", "scale", "machine", "rows"} <= one.keys() for one in history.read())


@pytest.mark.parametrize(
    ("changed", "weak"),
    [
        ({}, False),
        ({"fsync": "off"}, True),
        ({"synchronous_commit": "off"}, True),
        ({"synchronous_commit": "local"}, True),
        ({"synchronous_commit": "remote_apply"}, False),
        ({"wal_level": "minimal"}, True),
        ({"wal_level": "logical"}, False),
        ({"work_mem": "1GB"}, False),
    ],
)
def test_a_server_that_keeps_less_than_users_is_named_and_not_recorded(changed: dict[str, str], weak: bool) -> None:
    told = find_weakness(DURABLE | changed)
    assert (told is not None) == weak and all(f"{name} = {value}" in (told or "") for name, value in changed.items() if weak)
    made = clicks(1, 1)
    made["versions"]["server_settings"] |= changed
    assert history.find_reason_not_to_record(made) == told
    assert history.find_reason_not_to_record({**made, "quick": True}) == "a quick run measures nothing"


def test_the_document_says_what_got_slower_and_under_which_load(tmp_path: Path) -> None:
    made = clicks(2, 200)
    made["machine"] |= {"system": "Debian", "kernel": "6"}
    made["versions"]["server_settings"]["fsync"] = "off"
    made["rows"][0] |= {"notes": ["as it was"], "yardstick_ms": [0.4, 0.45]}
    document = tmp_path / "made.md"
    table.write(made, document, find_slower(made, [make_entry(clicks(1, 100))]))
    text = document.read_text("utf-8")
    assert "| drill | click, p95 | 100 ms | 200 ms | ? | 0.2.0 (c1, 2026-12-01) |" in text
    assert "busy cores before: 0.5; the same work before and after: 0.40 and 0.45 ms" in text
    assert "**Not as users have it:** the database server is not durable (fsync = off)" in text
    table.write(made, document)
    assert "Slower by more" not in document.read_text("utf-8")


def test_busy_cores_are_the_time_that_is_neither_idle_nor_waiting_for_a_disk() -> None:
    before = [100, 0, 50, 1_000, 40, 0, 0, 0, 7, 7]
    assert find_busy_cores(before, [150, 10, 80, 1_090, 60, 0, 0, 0, 99, 99], 2) == 0.9, "90 of 200 ticks, two cores"
    assert find_busy_cores(before, [100, 0, 50, 1_200, 40, 0, 0, 0, 7, 7], 2) == 0
    assert find_busy_cores(before, before, 2) == 0


@pytest.mark.parametrize(("load", "busy"), [(0.0, False), (0.3, False), (0.31, True), (2.0, True)])
def test_a_busy_machine_is_named(load: float, busy: bool) -> None:
    told = describe_load(load, 2)
    assert told is None if not busy else f"{load:g} of 2 cores" in (told or "")


# ---- Rows that are measured again ----


def row_of(*rounds: float, what: str = "one", name: str = "warm-tile") -> Row:
    row = Row(name)
    row.add(what, "1/s", rounds)
    return row


@pytest.mark.parametrize(("rounds", "wide"), [([100, 130], False), ([100, 131], True), ([100], False), ([0.0, 5.0], False)])
def test_rounds_that_lie_far_apart_are_measured_again(rounds: list[float], wide: bool) -> None:
    assert is_wide(row_of(*rounds)) == wide


def test_single_requests_may_differ() -> None:
    row = row_of(*[1.0] * MOST_ROUNDS, 99.0)
    assert len(row.figures) == 1 and spread(row) == 1.0 and not is_wide(row)


def test_the_steadier_run_counts_and_says_so() -> None:
    steady = choose_steadiest([row_of(100, 200), row_of(100, 120)])
    assert (steady.figures[0].high, len(steady.notes)) == (120, 1)
    assert f"more than {WIDE:g} times apart (2.00 and 1.20)" in steady.notes[0]
    assert choose_steadiest([row_of(1, 1)]).notes == []
    still = choose_steadiest([row_of(100, 200), row_of(100, 150)])
    assert still.figures[0].high == 150 and "do not compare" in still.notes[-1]


def test_a_run_that_broke_off_is_not_steadier() -> None:
    whole = row_of(100, 150)
    whole.add("two", "1/s", [1.0])
    assert choose_steadiest([whole, row_of(100, 101)]) is whole
