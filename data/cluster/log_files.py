"""Rotates the log of the embedded server, by size and by age, while the server runs.

The server appends to a file that it never opens again, so the file is copied and emptied; a renamed one would grow on. Old files are kept
for half a year, as the law requires for logs (网络安全法, article 21), and longer only where they are few.
"""

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

LONGEST_BYTES = 20_000_000
LONGEST_S = 30 * 86_400.0
KEPT_S = 184 * 86_400.0
KEPT_FILES = 50
"""A server that writes without end must not fill the disk: more old files than this are never kept."""
_CHUNK = 1 << 20


def rotate(log: Path, now: float | None = None) -> Path | None:
    """Move the content of a log to another file if it is large or old, and delete what is too old.

    Args:
        log: the file.
        now: the moment, in seconds since 1970.

    Returns:
        The file that now holds the content; ``None`` where nothing was moved.

    Raises:
        OSError: it cannot be written. Nothing is lost then.
    """
    moment = time.time() if now is None else now
    _delete_old(log, moment)
    if not log.exists() or not (size := log.stat().st_size):
        return None
    if size <= LONGEST_BYTES and moment - _began(log) <= LONGEST_S:
        return None
    kept = _free_name(log, moment)
    try:
        _copy_and_empty(log, kept)
    except OSError:
        kept.unlink(missing_ok=True)  # everything is still in the log
        raise
    return kept


def _free_name(log: Path, moment: float) -> Path:
    while (name := log.with_name(f"{log.stem}.{datetime.fromtimestamp(moment, UTC):%Y%m%dT%H%M%SZ}{log.suffix}")).exists():
        moment += 1
    return name


def _copy_and_empty(log: Path, kept: Path) -> None:
    """Copy until nothing is left to copy, and empty the file at once: what is written in between would be lost."""
    with log.open("r+b") as source, os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as target:
        shutil.copyfileobj(source, target, _CHUNK)
        os.fsync(target.fileno())
        while more := source.read(_CHUNK):
            target.write(more)
        source.truncate(0)


def old_files(log: Path) -> list[Path]:
    """Files that hold earlier content of a log, oldest first."""
    return sorted(log.parent.glob(f"{log.stem}.*Z{log.suffix}"))


def _began(log: Path) -> float:
    """When the present content began, from the time (UTC) at the beginning of its first line; the last change where there is none."""
    with log.open("rb") as lines:
        first = lines.readline(64).decode("ascii", "replace")
    try:
        return datetime.strptime(first[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return log.stat().st_mtime


def _delete_old(log: Path, now: float) -> None:
    files = old_files(log)
    for number, file in enumerate(files):
        if now - file.stat().st_mtime > KEPT_S or number < len(files) - KEPT_FILES:
            file.unlink(missing_ok=True)
