"""What the parent of the serving processes tells them about themselves: numbers in memory that all of them share.

The parent runs no event loop and answers nobody, so it writes its numbers where the others can read them. The memory is shared because the
processes are forked after this module was imported.
"""

import mmap
import struct
import time
from typing import Literal

Figure = Literal["started_at", "workers", "workers_ready", "workers_ended", "workers_stuck", "last_stuck_at", "database_starts"]
FIGURES: tuple[Figure, ...] = (
    "started_at",
    "workers",
    "workers_ready",
    "workers_ended",
    "workers_stuck",
    "last_stuck_at",
    "database_starts",
)
"""Moments are seconds since 1970; ``workers`` counts the keeper, the printer and the demo city's crew, too. All are 0 where nobody
supervises."""
_ONE = struct.Struct("q")


class Supervision:
    """The numbers of one parent and its processes."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ONE.size * len(FIGURES))

    def set(self, figure: Figure, value: int) -> None:
        """Write a number; only the parent does."""
        _ONE.pack_into(self._memory, FIGURES.index(figure) * _ONE.size, value)

    def add(self, figure: Figure) -> None:
        """Count one more."""
        self.set(figure, self.get(figure) + 1)

    def get(self, figure: Figure) -> int:
        """Read a number."""
        return int(_ONE.unpack_from(self._memory, FIGURES.index(figure) * _ONE.size)[0])

    def begin(self, workers: int) -> None:
        """Start with so many processes."""
        self.set("started_at", int(time.time()))
        self.set("workers", workers)


supervision = Supervision()
"""Those of this process's own parent."""
