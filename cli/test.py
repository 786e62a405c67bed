"""``./gridwell test``: sets up what the tests need, then runs every check and every test."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cli._mutation.rooms import ROOMS as MUTANT_ROOMS
from cli._serving.fonts import set_up_fonts
from cli._terminal import language, say
from cli._testing.bytecode import keep_bytecode
from cli._testing.coverage import COVERAGE, report_coverage
from data.cluster.packages import install
from data.core.i18n import t
from data.core.settings import ROOT, settings

NAME = "test"
HELP = (
    "Run every check and every test. With words after --, such as -- tests/core/test_text.py -k name: ruff, mypy, and pytest with them. "
    "--quick: without browsers, real cities and slow tests, in about two minutes. "
    "--coverage: also which lines and branches no test reaches. "
    "--mutants ROOM: put small bugs into a copy of a room, one at a time, and say which ones no test notices."
)
NEEDS_DATABASE = False  # the tests make their own

ROOMS = ("app.py", "data", "layers", "reports", "pages", "callbacks", "routes", "cli", "bench")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_AT_ONCE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
"""One process for each core, each with its own database server, because most tests wait. Tests of a file stay in one process, because
they share fixtures, and in the order of ``tests/conftest.py``."""
QUICK = ("-m", "not browser and not realdata and not slow")
_SAMPLE = 40


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("words", nargs="*", metavar="ARGS", help="words for pytest, such as: -- tests/cli/test_up.py -k token")
    parser.add_argument("--quick", action="store_true", help="leave out what needs a browser or real cities, and slow tests")
    parser.add_argument("--coverage", action="store_true", help="measure lines and branches; takes about half as long again")
    parser.add_argument("--mutants", metavar="ROOM", choices=sorted(MUTANT_ROOMS), help=f"one of {', '.join(sorted(MUTANT_ROOMS))}")
    parser.add_argument("--sample", type=int, default=_SAMPLE, metavar="N", help=f"how many mutants ({_SAMPLE})")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed chooses the same mutants (1)")


def run(args: argparse.Namespace) -> int:
    """Run all checks, even if one fails; 0 if all passed, otherwise 1.

    With words for pytest they run in order, because pytest may then want the terminal for itself (``--pdb``); otherwise pytest runs beside
    the others, so that no core is idle.
    """
    keep_bytecode()
    if args.mutants:
        from cli._mutation.runner import run_mutants

        return run_mutants(args.mutants, args.sample, args.seed)
    if not args.quick:
        _set_up()
    chosen = checks(args.words, args.quick, args.coverage)
    failed = [name for name, command in chosen if not _passes(name, command)] if args.words else run_beside(chosen)
    if args.coverage:
        report_coverage()
    if failed:
        say(t(language(), "Failed: {names}", names=", ".join(failed)))
    return 1 if failed else 0


def checks(words: Sequence[str], quick: bool = False, coverage: bool = False) -> list[tuple[str, list[str]]]:
    """Name and command of every check.

    Args:
        words: arguments for pytest; if there are any, only the quick checks run in addition.
        quick: leave out tests marked as slow, and slow checks.
        coverage: measure the coverage.
    """
    module = [sys.executable, "-m"]
    chosen = [*(words or _AT_ONCE), *(QUICK if quick else ())]
    tests = ("pytest", [*module, "pytest", *chosen, *(COVERAGE if coverage else ())])
    momentary = [
        ("ruff check", [*module, "ruff", "check", "--no-cache", "."]),
        ("ruff format", [*module, "ruff", "format", "--check", "."]),
        ("mypy", [*module, "mypy"]),
    ]
    if words or quick:
        return [*momentary, tests]
    return [
        *momentary,
        ("bandit", [*module, "bandit", "-q", "-r", "-ll", "-c", "pyproject.toml", *ROOMS]),
        ("lint-imports", [str(Path(sys.executable).parent / "lint-imports")]),
        *_script_checks(),
        tests,
    ]


def _script_checks() -> list[tuple[str, list[str]]]:
    """The page's scripts: linter, form, types over their JSDoc, and unit tests; ``deno.json`` says how. Nothing is fetched."""
    deno = str(Path(sys.executable).parent / "deno")
    return [
        ("deno lint", [deno, "lint", "-q"]),
        ("deno fmt", [deno, "fmt", "-q", "--check"]),
        ("deno check", [deno, "check", "-q", "--no-remote", "assets/scripts", "tests/js"]),
        ("deno test", [deno, "test", "-q", "--no-remote", "tests/js"]),
    ]


def run_beside(chosen: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Run the last check, and meanwhile the others one by one; each of them tells what it said when it has ended.

    Returns:
        The names of those that failed, in order.
    """
    *others, (name, command) = chosen
    with ThreadPoolExecutor(1) as beside:
        told = [(other, beside.submit(_passes, other, words, aside=True)) for other, words in others]
        try:
            passed = _passes(name, command)
        except KeyboardInterrupt:  # whoever ends the run waits for no further check
            beside.shutdown(cancel_futures=True)
            raise
        return [*(other for other, result in told if not result.result()), *([] if passed else [name])]


def _passes(name: str, command: Sequence[str], aside: bool = False) -> bool:
    """Run one check; ``aside`` keeps what it says until it has ended, so that it stands in one piece between the lines of another."""
    begin = time.monotonic()
    if not aside:
        say(f"── {name}")
    kept = (subprocess.PIPE, subprocess.STDOUT) if aside else (None, None)
    done = subprocess.run(command, cwd=ROOT, check=False, text=True, stdout=kept[0], stderr=kept[1])
    passed = done.returncode == 0
    end = f"── {name}: {'ok' if passed else 'FAILED'} ({time.monotonic() - begin:.0f} s)"
    say(f"\n── {name}\n{done.stdout.rstrip()}\n{end}" if aside else end)
    return passed


def _set_up() -> None:
    """Install a browser that draws WebGL, and the fonts of pages and reports, from the system's packages."""
    missing = [] if any(shutil.which(name) for name in _BROWSERS) or _bundled_browser() else ["chromium"]
    if "chromium" in missing and _is_ubuntu():
        # Ubuntu's package only installs a snap, and containers have no snap store.
        missing.remove("chromium")
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)
    if missing:
        install(t(language(), "A browser for the tests"), lambda: missing, settings().home / "log" / "install.log", say)
    set_up_fonts(say)


def _bundled_browser() -> bool:
    """Whether Playwright has downloaded its own browser earlier."""
    return any((Path.home() / ".cache" / "ms-playwright").glob("chromium*"))


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=ubuntu" in release.read_text("utf-8").split(os.linesep)
