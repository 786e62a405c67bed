"""``./gridwell up``: everything that is needed, then the server, until Ctrl-C."""

import argparse
import fcntl
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg

from cli._say import language, say
from data.errors import GridwellError
from data.i18n import t
from data.settings import settings
from data.token import token

NAME = "up"
HELP = "Serve Gridwell; sets up whatever is missing first."
NEEDS_DATABASE = False  # it takes its port before it starts anything


class PortTaken(GridwellError):
    status, code = 503, "port_taken"
    sentence = "Nothing can listen on {host}:{port} ({reason}). Stop what listens there, or set GRIDWELL_PORT to another port."


class OpenToAll(GridwellError):
    status, code = 422, "open_to_all"
    sentence = "{host} can be reached from other machines: set GRIDWELL_TOKEN to a token of your own first (16 characters or more)."


class AlreadyUp(Exception):
    """Another process serves this state folder."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        super().__init__(address)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command: none, settings come from the environment."""


def run(_args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM, then end everything that was started."""
    from data.prepare import fill_if_empty, prepared

    check_host(settings().host)
    try:
        with _only_one(settings().home) as note, _listening() as listener, prepared(say):
            fill_if_empty(_fill_demo)
            _serve(listener, note)
    except KeyboardInterrupt:
        pass  # told to end while it was still getting ready
    except AlreadyUp as other:
        say(t(language(), "Gridwell already runs here: {address}", address=other.address or settings().home))
        return 0
    say(t(language(), "Ended."))
    return 0


def check_host(host: str) -> None:
    """Refuse to be reachable from other machines with a token nobody chose.

    Raises:
        OpenToAll: the host is not a loopback address and ``GRIDWELL_TOKEN`` is not set, or is short.
    """
    if host != "localhost" and not _loopback(host) and len(settings().token or "") < 16:
        raise OpenToAll(host=host)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _fill_demo(connection: psycopg.Connection[Any]) -> None:
    from data.demo.load import fill

    say(t(language(), "The database is empty: making the demo city …"))
    fill(connection)


@contextmanager
def _only_one(home: Path) -> Iterator[IO[str]]:
    """The lock of one state folder's server; the file it locks says where the server is."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.json").open("a+", encoding="utf-8") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note.seek(0)
            text = note.read()
            raise AlreadyUp(json.loads(text)["address"] if text else None) from None
        note.truncate(0)
        yield note
        note.truncate(0)


@contextmanager
def _listening() -> Iterator[socket.socket]:
    """The port, taken before anything is started; connections are refused until the server is ready."""
    host, port = settings().host, settings().port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise PortTaken(host=host, port=port, reason=error.strerror or error) from error
    with listener:
        yield listener


def address() -> str:
    """The address to open, with the sign-in token in it."""
    host = settings().host
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- every address of this machine; a browser needs one
        host = "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings().port}/?token={quote(token(), safe='')}"


def _ready(note: IO[str]) -> None:
    """Say where the server is, once it is there."""
    note.write(json.dumps({"address": address()}))
    note.flush()
    say(t(language(), "Gridwell is ready: {address}", address=address()))


def _serve(listener: socket.socket, note: IO[str]) -> None:
    from app import create_app
    from cli._server import serve

    serve(create_app(), listener, lambda: _ready(note))
