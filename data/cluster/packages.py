"""Installs missing programs from the system's packages (Debian and Ubuntu)."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from data.cluster.errors import InstallFailed, PackagesMissing

_CLUSTER_DEFAULTS = "/etc/postgresql-common/createcluster.conf"


def command_line(packages: Sequence[str]) -> str:
    """What a person types to install packages."""
    return f"apt-get update && apt-get install {' '.join(packages)}"


def available(pattern: str) -> list[str]:
    """Names of packages in the system's lists that match a regular expression."""
    if shutil.which("apt-cache") is None:
        return []
    answer = subprocess.run(["apt-cache", "search", "--names-only", pattern], capture_output=True, text=True, check=False)
    return [line.split(" ", 1)[0] for line in answer.stdout.splitlines()]


def administrator() -> list[str] | None:
    """The prefix that runs a command as administrator; ``None`` where that is not possible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    # If sudo needs a password, it may ask for it, but only at a terminal.
    return ["sudo"] if silent or sys.stdin.isatty() else None


def install(what: str, choose: Callable[[], Sequence[str]], log: Path, tell: Callable[[str], None]) -> None:
    """Install packages for ``what``; ``choose`` names them once the lists are fresh.

    Raises:
        PackagesMissing: no apt, or no right to use it; says what to type.
        InstallFailed: apt failed.
    """
    prefix = administrator()
    if prefix is None or shutil.which("apt-get") is None:
        raise PackagesMissing(what=what, command=command_line(choose()))
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        _apt(prefix, ["update"], output.fileno(), log, "the package lists")
        packages = list(choose())
        tell(f"{what}: {' '.join(packages)} …")
        with _no_main_cluster(prefix, packages, output.fileno(), log):
            _apt(prefix, ["install", "-y", "--no-install-recommends", *packages], output.fileno(), log, " ".join(packages))


def _apt(prefix: Sequence[str], words: Sequence[str], output: int, log: Path, packages: str) -> None:
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", *words]
    answer = subprocess.run(command, stdin=None if prefix else subprocess.DEVNULL, stdout=output, stderr=output, check=False)
    if answer.returncode:
        found = re.findall(r"^E: (.+)$", log.read_text("utf-8", "replace"), re.MULTILINE)
        raise InstallFailed(packages=packages, reason=found[-1] if found else f"apt-get: {answer.returncode}", log=log)


@contextmanager
def _no_main_cluster(prefix: Sequence[str], packages: Sequence[str], output: int, log: Path) -> Iterator[None]:
    """Keep Debian's packages from creating and starting the system's default server during this installation."""
    if not any(name.startswith("postgresql") for name in packages):
        yield
        return
    _apt(prefix, ["install", "-y", "--no-install-recommends", "postgresql-common"], output, log, "postgresql-common")
    kept = f"{_CLUSTER_DEFAULTS}.before-gridwell"
    subprocess.run([*prefix, "cp", "-p", _CLUSTER_DEFAULTS, kept], check=False)
    words = b"\ncreate_main_cluster = false\n"
    subprocess.run([*prefix, "tee", "-a", _CLUSTER_DEFAULTS], input=words, stdout=subprocess.DEVNULL, check=False)
    try:
        yield
    finally:
        subprocess.run([*prefix, "mv", kept, _CLUSTER_DEFAULTS], check=False)
