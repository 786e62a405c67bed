"""How many connections one process keeps open, and which of them it closes to make room for a new one.

Descriptors are shared by connections, the database and files. Without a limit, whoever opens connections and says nothing shuts everybody
out, and the database too. Room is made at the cost of connections that ask for nothing: first those that never sent a byte, then those
that have not sent a whole request, then those whose request was answered. A connection whose request is being worked on is never closed.
"""

import logging
import resource
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from time import monotonic
from typing import Protocol

from data.core.addresses import caller_of

_log = logging.getLogger(__name__)

MOST_DESCRIPTORS = 65_536
"""The limit is raised to what the system allows, but no further: every connection costs memory."""
RESERVE = 64
"""Descriptors for files, pipes and sockets of our own, besides those that are open already and the database's."""
MOST_OF_ONE_ADDRESS = 1_024
LEAST_OF_ONE_ADDRESS = 16
LEAST_CONNECTIONS = 32
TELL_EVERY_S = 60.0


class Phase(IntEnum):
    """What a connection is doing; a lower one is closed sooner."""

    SILENT = 0
    """It never sent a byte."""
    HEAD = 1
    """A request has begun, and its head or its body is not complete."""
    ANSWERED = 2
    """It waits for another request."""
    BUSY = 3
    """A request is being worked on."""


class Connection(Protocol):
    """What can be closed."""

    def close_now(self) -> None:
        """Close without a word."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections there may be.

    Attributes:
        total: in this process.
        of_one_address: from one address (of IPv6: from one network /64), unless it is a trusted proxy's.
        backlog: that may be accepted at once, before any of them is counted.
    """

    total: int
    of_one_address: int
    backlog: int


def raise_descriptor_limit() -> int:
    """Raise the number of descriptors that this process and its children may open as far as the system lets us; returns the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def choose_limits(descriptors: int, in_use: int, for_database: int) -> Limits:
    """Share out a process's descriptors.

    Args:
        descriptors: how many it may open.
        in_use: how many are open already.
        for_database: how many connections to the database it may open.
    """
    backlog = max(8, min(512, descriptors // 4))
    total = max(LEAST_CONNECTIONS, descriptors - in_use - for_database - RESERVE - backlog)
    return Limits(total, max(LEAST_OF_ONE_ADDRESS, min(MOST_OF_ONE_ADDRESS, total // 4)), backlog)


def count_descriptors() -> int:
    """How many descriptors this process has open."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:  # only Linux has it
        return 0


class OpenConnections:
    """All connections of a process.

    Args:
        limits: how many there may be.
        proxies: addresses and networks of trusted proxies, with commas: all clients come from there, and the proxy limits them.
        now: a clock in seconds.
    """

    def __init__(self, limits: Limits, proxies: str = "", now: Callable[[], float] = monotonic) -> None:
        self._limits, self._now = limits, now
        self._proxies = [ip_network(one.strip()) for one in proxies.split(",") if one.strip()]
        self._phases: tuple[dict[Connection, None], ...] = tuple({} for _ in Phase)
        self._known: dict[Connection, tuple[str, Phase]] = {}
        self._of_address: dict[str, dict[Connection, None]] = {}
        self._closed = self._refused = 0
        self._told_at = -TELL_EVERY_S

    def __len__(self) -> int:
        return len(self._known)

    def admit(self, connection: Connection, address: str) -> bool:
        """Take a new connection in, and close another one if there is no room; returns whether it was taken in."""
        caller = caller_of(address)
        own = self._of_address.get(caller, {})
        too_many = len(own) >= self._limits.of_one_address and not self._is_proxy(address)
        if not (self._close_one(own) if too_many else self._has_room()):
            self._refused += 1
            self._tell()
            return False
        self._known[connection] = (caller, Phase.SILENT)
        self._phases[Phase.SILENT][connection] = None
        self._of_address.setdefault(caller, {})[connection] = None
        return True

    def set_phase(self, connection: Connection, phase: Phase) -> None:
        """A connection does something else now."""
        if connection in self._known:
            address, before = self._known[connection]
            if phase != before:
                del self._phases[before][connection]
                self._phases[phase][connection] = None
                self._known[connection] = (address, phase)

    def remove(self, connection: Connection) -> None:
        """A connection is gone."""
        address, phase = self._known.pop(connection, ("", Phase.SILENT))
        self._phases[phase].pop(connection, None)
        own = self._of_address.get(address, {})
        own.pop(connection, None)
        if not own:
            self._of_address.pop(address, None)

    def _close_one(self, among: Collection[Connection]) -> bool:
        """Close the one that is worth least, of these the oldest; returns whether there was one that is not busy."""
        worst = min(among, key=lambda one: self._known[one][1], default=None)  # the first of several, which is the oldest
        if worst is None or self._known[worst][1] == Phase.BUSY:
            return False
        self._close(worst)
        return True

    def _has_room(self) -> bool:
        """Whether there is room for one more, which is made if need be."""
        if len(self._known) < self._limits.total:
            return True
        worst = next((one for phase in self._phases[: Phase.BUSY] for one in phase), None)
        if worst is None:
            return False
        self._close(worst)
        return True

    def _close(self, connection: Connection) -> None:
        self.remove(connection)  # at once: the event loop calls ``connection_lost`` later
        connection.close_now()
        self._closed += 1
        self._tell()

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False

    def _tell(self) -> None:
        """Say once a minute what happened since."""
        if self._now() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = self._now()
        most = max(self._of_address.items(), key=lambda item: len(item[1]), default=("-", {}))
        _log.warning(
            "too many connections (%d open, most of them, %d, from %s): %d idle ones were closed and %d new ones refused",
            *(len(self._known), len(most[1]), most[0], self._closed, self._refused),
        )
        self._closed = self._refused = 0
