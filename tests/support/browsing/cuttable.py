"""A network between a page and a server that a test can cut, and that can fall silent without a word, as cables and firewalls do."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

_STREAM = b"GET /api/events"
_RESET = struct.pack("ii", 1, 0)
_PART = 65_536


class _Line:
    """One connection through the network. On a dead one nothing arrives any more, and neither end is told."""

    def __init__(self, near: socket.socket, far: socket.socket | None) -> None:
        self.near, self.far = near, far
        self.dead = far is None
        self.is_stream = False

    def close(self, reset: bool = False) -> None:
        """Close both ends; with ``reset`` as if the other machine had gone."""
        for end in (self.near, self.far):
            if end is None:
                continue
            with suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                end.close()


class Cuttable:
    """What tests do with the network.

    Attributes:
        url: of this end of the network: the server, as the page sees it.
    """

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._server = (where.hostname or "127.0.0.1", where.port or 80)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._mode: Literal["whole", "cut", "silent"] = "whole"
        self._lines: set[_Line] = set()
        self._lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def streams(self) -> int:
        """How many event streams pass now."""
        with self._lock:
            return sum(line.is_stream and not line.dead for line in self._lines)

    def cut(self) -> None:
        """Every connection breaks, and none can be made until ``heal``."""
        self._mode = "cut"
        for line in self._known():
            line.close(reset=True)

    def silence(self) -> None:
        """Nothing passes any more, on old and new connections, and nobody is told, until ``heal``."""
        self._mode = "silent"
        for line in self._known():
            line.dead = True

    def silence_streams(self) -> None:
        """On the event streams that are open now nothing passes any more; everything else goes on."""
        for line in self._known():
            line.dead = line.dead or line.is_stream

    def heal(self) -> None:
        """New connections pass again; those that fell silent stay so."""
        self._mode = "whole"

    def close(self) -> None:
        """End it."""
        self._mode = "cut"
        self._door.close()
        for line in self._known():
            line.close()

    def _known(self) -> list[_Line]:
        with self._lock:
            return list(self._lines)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        far = None
        if self._mode == "whole":
            with suppress(OSError):
                far = socket.create_connection(self._server)
        line = _Line(near, far)
        if far is None and self._mode != "silent":
            line.close(reset=True)
            return
        with self._lock:
            self._lines.add(line)
        if self._mode == "cut":  # meanwhile
            line.close(reset=True)
        if far is not None:
            threading.Thread(target=self._pass, args=(line, far, near), daemon=True).start()
        self._pass(line, near, far)

    def _pass(self, line: _Line, source: socket.socket, goal: socket.socket | None) -> None:
        """Hand on what comes from one end, or lose it."""
        with suppress(OSError):
            while part := source.recv(_PART):
                if source is line.near:
                    line.is_stream = line.is_stream or _STREAM in part
                if not line.dead and goal is not None:
                    goal.sendall(part)
        line.close()
        with self._lock:
            self._lines.discard(line)


@contextmanager
def cuttable(url: str) -> Iterator[Cuttable]:
    """A network in front of a server, until the block ends."""
    made = Cuttable(url)
    try:
        yield made
    finally:
        made.close()
