"""``./gridwell test``: sets up what the tests need, then runs every check and every test."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cli._terminal import language, say
from data.cluster.packages import install
from data.core.i18n import t
from data.core.settings import ROOT, settings

NAME = "test"
HELP = "Run every check and every test; after -- come words for pytest, and then only pytest runs."
NEEDS_DATABASE = False  # the tests make their own

ROOMS = ("app.py", "data", "layers", "pages", "callbacks", "routes", "cli", "bench")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FONTS = "fonts-noto-cjk"
_AT_ONCE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
"""A process for each core, with a database server of its own; most tests wait. Files stay whole, as their fixtures do, and in the
order of ``tests/conftest.py``."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("words", nargs="*", metavar="ARGS", help="words for pytest, such as: -- tests/cli/test_door.py -k token")


def run(args: argparse.Namespace) -> int:
    """Run the checks in order, all of them even when one fails; 0 when all passed, otherwise 1."""
    _set_up()
    failed = [name for name, command in checks(args.words) if not _passes(name, command)]
    if failed:
        say(t(language(), "Failed: {names}", names=", ".join(failed)))
    return 1 if failed else 0


def checks(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Name and command of every check; with words for pytest, only pytest."""
    module = [sys.executable, "-m"]
    tests = ("pytest", [*module, "pytest", *(words or _AT_ONCE)])
    if words:
        return [tests]
    return [
        ("ruff check", [*module, "ruff", "check", "--no-cache", "."]),
        ("ruff format", [*module, "ruff", "format", "--check", "."]),
        ("mypy", [*module, "mypy"]),
        ("bandit", [*module, "bandit", "-q", "-r", "-ll", "-c", "pyproject.toml", *ROOMS]),
        ("lint-imports", [str(Path(sys.executable).parent / "lint-imports")]),
        tests,
    ]


def _passes(name: str, command: Sequence[str]) -> bool:
    say(f"── {name}")
    begin = time.monotonic()
    passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    say(f"── {name}: {'ok' if passed else 'FAILED'} ({time.monotonic() - begin:.0f} s)")
    return passed


def _set_up() -> None:
    """A browser that draws WebGL, and Chinese fonts for it, from the system's packages."""
    missing = [] if any(shutil.which(name) for name in _BROWSERS) or _bundled_browser() else ["chromium"]
    if not _speaks_chinese():
        missing.append(_FONTS)
    if "chromium" in missing and _is_ubuntu():
        # Ubuntu's package is only a door to its snap store, which containers do not have.
        missing.remove("chromium")
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)
    if missing:
        install(t(language(), "A browser for the tests"), lambda: missing, settings().home / "log" / "install.log", say)


def _bundled_browser() -> bool:
    """Whether Playwright fetched a browser of its own earlier."""
    return any((Path.home() / ".cache" / "ms-playwright").glob("chromium*"))


def _speaks_chinese() -> bool:
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=ubuntu" in release.read_text("utf-8").split(os.linesep)
