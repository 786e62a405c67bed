"""Measures how many requests a second a server answers: with wrk if possible, because it uses little CPU, otherwise with our client."""

import asyncio
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import peers
from bench.client import Connection
from bench.model import Unmeasured

CONNECTIONS = 16
_PATIENCE_S = 30
"""Timeout for wrk. Its default is two seconds, which one answer of a busy machine may exceed."""
_SCRIPT = Path(__file__).parent / "load.lua"


class Load:
    """A load generator; every side of a row uses the same one.

    Args:
        home: folder for the log of an installation.
        wrk: whether to use wrk, and install it if it is missing.
    """

    def __init__(self, home: Path, wrk: bool = True) -> None:
        self._wrk, self.name = "", "the bench's own client"
        if not wrk:
            return
        try:
            self._wrk = peers.program("wrk", home)
            self.name = "wrk, 1 thread"
        except Unmeasured as reason:
            self.name += f", which takes much of a core ({reason})"

    def rate(self, url: str, paths: Sequence[str], headers: Mapping[str, str], seconds: float) -> float:
        """Requests answered per second, with ``CONNECTIONS`` connections that ask for the paths in turn.

        Raises:
            Unmeasured: a request was not answered, or not with 200.
        """
        if self._wrk:
            return self._with_wrk(url, paths, headers, seconds)
        return asyncio.run(_own(url, paths, dict(headers), seconds))

    def _with_wrk(self, url: str, paths: Sequence[str], headers: Mapping[str, str], seconds: float) -> float:
        with tempfile.NamedTemporaryFile("w", prefix="gridwell-bench-", suffix=".txt") as listed:
            listed.write("\n".join(paths) + "\n")
            listed.flush()
            said = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
            size = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", f"--timeout={_PATIENCE_S}s"]
            command = [self._wrk, *size, *said, "-s", str(_SCRIPT), url, listed.name]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = answer.stdout.strip().splitlines()
        if answer.returncode or not lines or not lines[-1].startswith("{"):
            raise Unmeasured(f"wrk failed: {(answer.stderr or answer.stdout).strip()[-200:]}")
        told = json.loads(lines[-1])
        if any(told["failed"].values()) or not told["requests"]:
            raise Unmeasured(f"of {told['requests']} requests to {paths[0]} some failed: {told['failed']}")
        return float(told["requests"] / told["seconds"])


async def _own(url: str, paths: Sequence[str], headers: dict[str, str], seconds: float) -> float:
    begin = time.perf_counter()

    async def ask(first: int) -> int:
        done = 0
        async with Connection(url, headers) as http:
            while time.perf_counter() - begin < seconds:
                path = paths[(first + done) % len(paths)]
                if (reply := await http.get(path)).status != 200:
                    raise Unmeasured(f"{path} was answered {reply.status}")
                done += 1
        return done

    counts = await asyncio.gather(*(ask(number) for number in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - begin)


def fetch(url: str, path: str, headers: Mapping[str, str]) -> bytes:
    """The body of one answer as it is sent over the network.

    Raises:
        Unmeasured: the answer is not 200.
    """

    async def asked() -> bytes:
        async with Connection(url, dict(headers)) as http:
            reply = await http.get(path)
            if reply.status != 200:
                raise Unmeasured(f"{path} was answered {reply.status}: {reply.text[:200].decode('utf-8', 'replace')}")
            return reply.body

    return asyncio.run(asked())
