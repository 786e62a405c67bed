"""How quick the machine itself is at this moment: the same work every time, which no change of the product makes slower or quicker.

A machine that shares its processor with others is at times half as slow again as an hour before, although nothing runs on it. Figures of
two runs can only be compared beside what the machine did with the same work before and after each of them.
"""

import json
import os
import socket
import time
from statistics import median

UNITS = 300
"""Some 0.3 s of work, of which the median unit counts."""
_ROUNDS = 2
"""Round trips in a unit: as many in a millisecond as a click has, so that a machine slow to wake counts as much as it does there."""
_WORK = [{"code": f"1101{n:08}", "name": f"Grid {n}", "counts": [n * k % 97 for k in range(8)], "share": n / 7} for n in range(480)]


def measure_unit(units: int = UNITS) -> float:
    """Milliseconds for one unit of work: a value written as JSON, read and sorted, and round trips to another process over a socket.

    Args:
        units: how many are done; the median counts.
    """
    here, there = socket.socketpair()
    child = os.fork()
    if child == 0:
        here.close()
        while said := there.recv(64):
            there.sendall(said)
        os._exit(0)
    there.close()
    try:
        return median(_one(here) for _ in range(units))
    finally:
        here.close()
        os.waitpid(child, 0)


def _one(other: socket.socket) -> float:
    began = time.perf_counter()
    for _ in range(_ROUNDS):
        other.sendall(b"ping")
        other.recv(64)
    sorted(json.loads(json.dumps(_WORK)), key=lambda one: (one["share"], one["code"]), reverse=True)
    return (time.perf_counter() - began) * 1000
