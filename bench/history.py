"""What earlier runs measured, in ``bench/history.jsonl``: one run a line, added with ``--record``.

A run is compared with earlier ones on the same kind of machine and of the same scale, figure by figure: with the last one, and with the
last one of the version before. So small losses that nobody sees from one run to the next are seen from one release to the next.

A time or a rate is compared beside what the machine took for the same work then and now (``bench.yardstick``): a machine that shares its
processor is at times half as slow again, and then everything is.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bench.machine import find_weakness
from bench.model import Figure, Json, Row
from data.core.settings import ROOT

FILE = ROOT / "bench" / "history.jsonl"
SLOWER = 1.2
"""A figure is pointed out if it is worse than before by more than this factor, beyond what the machine itself is slower."""
_MORE_IS_BETTER = frozenset({"1/s", "tiles/s", "rows/s"})
_LESS_IS_BETTER = frozenset({"ms", "s", "bytes", "KB", "MB"})
_TAKES_TIME = _MORE_IS_BETTER | {"ms", "s"}
"""What a slower machine makes worse."""


@dataclass(frozen=True, slots=True)
class Slower:
    """A figure that is worse than in an earlier run.

    Attributes:
        row, what, unit: the figure.
        before, now: its values.
        times: how many times worse than the machine alone explains, always above 1.
        machine: how many times slower the machine itself is than then, by the same work; ``None`` if it was not measured then or now.
        since: the earlier run: its version, commit and day.
    """

    row: str
    what: str
    unit: str
    before: float
    now: float
    times: float
    since: str
    machine: float | None = None


def make_entry(result: Json) -> Json:
    """The line of the history for a run: what it was measured on, and the figures of the product itself."""
    machine, versions = result["machine"], result["versions"]
    rows = [Row.from_json(one) for one in result["rows"]]
    return {
        "measured_at": machine["measured_at"],
        "gridwell": versions["gridwell"],
        "commit": versions["commit"],
        "scale": result["scale"],
        "machine": {name: machine[name] for name in ("cpu", "cores", "memory_gb")},
        "load_before": {row.name: row.load_before for row in rows},
        "yardstick_ms": {row.name: fmean(row.yardstick_ms) for row in rows if row.yardstick_ms},
        "rows": {row.name: {one.what: [one.value, one.unit] for one in row.figures if one.ours} for row in rows},
    }


def find_reason_not_to_record(result: Json) -> str | None:
    """Why a run says nothing about other runs; ``None`` if it does."""
    if result["quick"]:
        return "a quick run measures nothing"
    return find_weakness(result["versions"]["server_settings"])


def read(file: Path = FILE) -> list[Json]:
    """All runs, the oldest first; none if there is no file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()] if file.exists() else []


def record(result: Json, file: Path = FILE) -> None:
    """Add a run."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(make_entry(result), ensure_ascii=False, separators=(",", ":")) + "\n")


def find_slower(result: Json, history: Sequence[Json]) -> list[Slower]:
    """Figures of a run that are worse than before by more than a fifth; each once, beside the earlier run that was better."""
    entry = make_entry(result)
    like = [one for one in history if _is_like(one, entry)]
    found = []
    for row in (Row.from_json(one) for one in result["rows"]):
        for figure in (one for one in row.figures if one.ours):
            worse = [
                slower for earlier in _earlier(like, entry, row.name, figure) if (slower := _compare(row.name, figure, entry, earlier))
            ]
            if worse:
                found.append(max(worse, key=lambda one: one.times))
    return found


def _is_like(one: Json, other: Json) -> bool:
    """Whether two runs were on the same kind of machine, and of the same scale. Memory differs by what the system keeps for itself."""
    here, there = one["machine"], other["machine"]
    same = all(here[name] == there[name] for name in ("cpu", "cores")) and abs(here["memory_gb"] - there["memory_gb"]) < 1
    return bool(same and one["scale"] == other["scale"])


def _earlier(like: Sequence[Json], entry: Json, row: str, figure: Figure) -> Iterator[Json]:
    """The last run that has this figure, and the last one of another version that has it."""
    holding = [one for one in like if figure.what in one["rows"].get(row, {}) and one["measured_at"] < entry["measured_at"]]
    yield from holding[-1:]
    yield from [one for one in holding if one["gridwell"] != entry["gridwell"]][-1:]


def _compare(row: str, figure: Figure, now: Json, earlier: Json) -> Slower | None:
    before, unit = earlier["rows"][row][figure.what]
    if unit != figure.unit or unit not in _MORE_IS_BETTER | _LESS_IS_BETTER or min(before, figure.value) <= 0:
        return None
    times = before / figure.value if unit in _MORE_IS_BETTER else figure.value / before
    machine = _machine_times(row, now, earlier) if unit in _TAKES_TIME else None
    times /= machine or 1.0
    if times <= SLOWER:
        return None
    since = f"{earlier['gridwell']} ({earlier['commit']}, {earlier['measured_at'][:10]})"
    return Slower(row, figure.what, unit, before, figure.value, times, since, machine)


def _machine_times(row: str, now: Json, earlier: Json) -> float | None:
    """How many times as long the machine took for the same work as then."""
    ours, theirs = (one.get("yardstick_ms", {}).get(row) for one in (now, earlier))
    return float(ours / theirs) if ours and theirs else None
