"""Lines of the server's log: each with its time, in ISO form with the zone, and its level. They go to standard error.

Whoever runs the server keeps them: systemd's journal and Docker rotate what they keep. Gridwell itself writes only the files in ``log/``,
which ``data.cluster.log_files`` rotates.
"""

import logging
from datetime import datetime
from typing import Any

from cli._terminal import stamp_complaints
from data.core.text import as_one_line, defuse

OWN = ("app", "bench", "callbacks", "cli", "data", "layers", "pages", "reports", "routes")
"""Loggers of our own code, which follow the setting; libraries speak up only when something is wrong."""


class _Stamped(logging.Formatter):
    """One line for a record, and its traceback below it, indented: addresses and values of strangers are in both, and none of them may
    begin a line that looks like one of ours."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The record's own line."""
        return as_one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        """The traceback."""
        return "\n".join(f"    {line}" for line in defuse(super().formatException(ei)).splitlines())

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """The time of a record in the machine's zone."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


def configure_logging(level: str) -> None:
    """Write every line with its time from now on, in this process and all that it forks.

    Args:
        level: the setting ``log_level``.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Stamped())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.ERROR if level == "error" else logging.WARNING)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    stamp_complaints()
