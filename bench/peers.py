"""Peers and tools that are not part of the product: the bench installs them into its folder or from the system's packages."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bench.model import Unmeasured
from data.cluster.errors import ClusterError
from data.cluster.packages import install
from data.core.i18n import tell

PINNED = Path(__file__).parent / "peers.txt"
PACKAGES = {"ogr2ogr": "gdal-bin", "wrk": "wrk"}


def environment(home: Path) -> Path:
    """The Python of a virtual environment that holds the packages of ``peers.txt``; made once for each content of that list.

    Raises:
        Unmeasured: it cannot be made, for example because no package index can be reached.
    """
    folder = home / "peers"
    python, stamp = folder / "bin" / "python", folder / ".made"
    digest = hashlib.sha256(PINNED.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("utf-8") == digest and python.exists():
        return python
    print("  installing the peers …", flush=True)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet", "-r", str(PINNED)],
    ):
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            lines = (answer.stderr or answer.stdout).strip().splitlines()
            raise Unmeasured(f"the peers could not be installed: {lines[-1] if lines else command[2]}")
    stamp.write_text(digest, encoding="utf-8")
    return python


def program(name: str, home: Path) -> str:
    """Path of a program from a system package, which is installed if possible.

    Raises:
        Unmeasured: it is missing; the text says what to type.
    """
    if (found := shutil.which(name)) is not None:
        return found
    try:
        install(name, lambda: [PACKAGES[name]], home / "install.log", lambda sentence: print(f"  {sentence}", flush=True))
    except ClusterError as error:
        raise Unmeasured(tell("en", error)) from error
    found = shutil.which(name)
    if found is None:
        raise Unmeasured(f"{name} is missing, although its package {PACKAGES[name]} is installed")
    return found
