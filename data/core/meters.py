"""Numbers about what this process does, for ``/metrics``. The parts that do the work count here.

Where several processes serve, each writes its numbers to a file in the folder that ``PROMETHEUS_MULTIPROC_DIR`` names, and whichever is
asked adds them up. The variable must be set before this module is imported.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_own = CollectorRegistry()

REQUESTS = Counter("gridwell_http_requests", "Answers, by route and status", ["method", "route", "status"], registry=_own)
SECONDS = Histogram("gridwell_http_request_seconds", "Seconds until an answer began", ["route"], buckets=_BOUNDS_S, registry=_own)
WAITING = Gauge("gridwell_queue_waiting", "Requests that wait for their turn", registry=_own, multiprocess_mode="livesum")
POOL_USED = Gauge("gridwell_pool_used", "Database connections in use", registry=_own, multiprocess_mode="livesum")
POOL_SIZE = Gauge("gridwell_pool_size", "Database connections that may be open", registry=_own, multiprocess_mode="livesum")
STREAMS = Gauge("gridwell_streams", "Streams of events that are open", registry=_own, multiprocess_mode="livesum")
STREAMS_ENDED = Counter("gridwell_streams_ended", "Streams of events that ended, by reason", ["reason"], registry=_own)
TILES_MADE = Counter("gridwell_tiles_made", "Tiles that were made; all others came from memory", ["layer"], registry=_own)


def read_meters() -> bytes:
    """The numbers of all processes in Prometheus' text format."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return generate_latest(_own)
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]  # it has no types
    return generate_latest(together)


def forget_process(pid: int) -> None:
    """Forget what a process that has ended had in use; what it has counted stays."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]  # it has no types
