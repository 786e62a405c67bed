"""Checks for enough room on the disk before a demo city is made, so that it does not fail after ten minutes."""

import shutil
from pathlib import Path

import psycopg

from data.core.errors import GridwellError
from data.core.settings import settings
from data.database.socket import paths
from data.demo.common.scale import Scale

_BYTES = {"cells": 5_000, "buildings": 1_000, "people": 320, "incidents": 3_100}
"""What one of each takes on the disk at most, with indexes, roll-ups and what counting and sorting need for a while."""
_BYTES_OF_HISTORY = 1_200
"""Of a case whose history is kept."""


class NoRoom(GridwellError):
    status, code = 507, "no_room"
    sentence = "A city of this size takes about {needed} GB; only {free} GB are free in {folder}. Free some space, or choose a smaller one."


def estimate_bytes(scale: Scale) -> int:
    """Bytes on the disk while a city is being loaded."""
    remembered = scale.incidents if scale.history_days is None else scale.incidents * scale.history_days // scale.days
    rows = sum(int(getattr(scale, name)) * size for name, size in _BYTES.items())
    return rows + remembered * _BYTES_OF_HISTORY


def find_data_folder(connection: psycopg.Connection) -> Path | None:
    """The folder of the server's data, where it is on this machine and can be known."""
    if not connection.info.host.startswith("/"):
        return None
    told = connection.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
    if told is not None:  # only some users are told
        return Path(told[0])
    embedded = paths(settings().home)
    return embedded.data if str(embedded.socket) == connection.info.host else None


def check_room(connection: psycopg.Connection, scale: Scale) -> None:
    """Refuse what cannot fit, where the server's disk can be seen from here.

    Raises:
        NoRoom: the disk has not enough free space.
    """
    folder = find_data_folder(connection)
    if folder is None:
        return
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return  # a server in a container, or of another user
    needed = estimate_bytes(scale)
    if free < needed:
        raise NoRoom(needed=round(needed / 1e9, 1), free=round(free / 1e9, 1), folder=folder)
