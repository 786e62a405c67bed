"""Where a tour stands at a moment, counted as ``assets/scripts/wall/tour/tour.js`` counts it on every screen. Pure.

``tests/wall/moments.json`` holds both to the same answers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """A scene of a playlist by its place, and for how many milliseconds it has stood; while a turn lasts both stay."""

    index: int
    passed_ms: float


def paused_ms(turns: Iterable[tuple[float, float]], since: float, until: float) -> float:
    """How long turns lasted between two moments; where two overlap it counts once."""
    total, end = 0.0, since
    for begins, ends in sorted(turns):
        first, last = max(begins, end), min(ends, until)
        if last > first:
            total, end = total + last - first, last
    return total


def elapsed_ms(changed_ms: float, epoch_ms: float, set_ms: float, turns: Iterable[tuple[float, float]], now_ms: float) -> float:
    """For how long a tour has gone round, in milliseconds, without what broke in.

    Args:
        changed_ms: when the schedule changed to the playlist that is shown.
        epoch_ms: when the tour began with its first scene.
        set_ms: when that was decided: turns before it do not count.
        turns: begins and ends of what broke in.
        now_ms: the moment; all in milliseconds since 1970.
    """
    start, since = (changed_ms, changed_ms) if changed_ms > set_ms else (epoch_ms, set_ms)
    return max(0.0, now_ms - start - paused_ms(turns, since, now_ms))


def stand(dwell_s: Sequence[int], elapsed: float) -> Standing:
    """Where a tour stands.

    Args:
        dwell_s: for how long each scene of the playlist stands; at least one.
        elapsed: of ``elapsed_ms``.
    """
    rest = elapsed % (sum(max(1, one) for one in dwell_s) * 1000)
    index = 0
    while rest >= max(1, dwell_s[index]) * 1000:
        rest -= max(1, dwell_s[index]) * 1000
        index += 1
    return Standing(index, rest)


def begin_of(dwell_s: Sequence[int], index: int) -> float:
    """Milliseconds from the begin of a round to the begin of one of its scenes."""
    return sum(max(1, one) for one in dwell_s[:index]) * 1000.0
