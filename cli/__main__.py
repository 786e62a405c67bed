"""``./gridwell COMMAND``: finds the commands in this folder and runs one of them.

A command is a file here whose name does not start with ``_``. It has ``NAME``, ``HELP``, ``configure(parser)`` and
``run(args) -> int`` (plain or async). Unless it has ``NEEDS_DATABASE = False``, ``run`` is called when the database is
reachable and migrated, and the embedded cluster is released afterwards. With ``NEEDS_KEYS = True`` it is not called while the key file is
missing or does not fit. Import heavy libraries inside ``run``.
"""

import argparse
import asyncio
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Protocol, cast

import cli
from cli._terminal import complain, drop_what_nobody_reads, error_sentence, say, unwind_on_signals
from data.core.errors import GridwellError
from data.core.version import product_version

USAGE_ERROR = 2
INTERRUPTED = 130
NOBODY_READS = 141
"""What a shell tells of a program that writes into a pipe which nobody reads any more: 128 and the number of SIGPIPE."""


class Command(Protocol):
    """What a command's module must have."""

    NAME: str
    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> object: ...


def commands(only: str | None = None) -> list[Command]:
    """The modules of all commands, or only the one in the file named ``only``, because a start must be quick."""
    names = [found.name for found in pkgutil.iter_modules(cli.__path__) if not found.name.startswith("_")]
    wanted = [name for name in names if name.rstrip("_").replace("_", "-") == only] or names
    return [cast(Command, importlib.import_module(f"cli.{name}")) for name in wanted]


def parser_for(found: Sequence[Command]) -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(prog="./gridwell", description="Gridwell 井格: a city on a 2D/3D map, from district to building.")
    parser.add_argument("--version", action="version", version=f"Gridwell {product_version()}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in found:
        own = subparsers.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.configure(own)
        own.set_defaults(command=command)
    return parser


def _run(command: Command, args: argparse.Namespace) -> int:
    """Run a command with a prepared database, and wait for it if it is async."""
    from data.upkeep.preparation import prepare_database

    needs_keys = getattr(command, "NEEDS_KEYS", False)
    with prepare_database(say, needs_keys) if getattr(command, "NEEDS_DATABASE", True) else nullcontext():
        outcome = command.run(args)
        if inspect.iscoroutine(outcome):
            outcome = asyncio.run(outcome)
    return int(cast(int, outcome or 0))


def main(argv: Sequence[str]) -> int:
    """Run the command line and return the exit code.

    0: done; 1: something is wrong; 2: could not be done; 130: interrupted; 141: nobody reads the output any more.
    """
    try:
        try:
            return _parse_and_run(argv)
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
    except BrokenPipeError:
        if not drop_what_nobody_reads():  # it was another pipe or socket
            raise
        return NOBODY_READS


def _parse_and_run(argv: Sequence[str]) -> int:
    args = parser_for(commands(argv[0] if argv else None)).parse_args(argv or ["--help"])
    unwind_on_signals()
    try:
        return _run(args.command, args)
    except GridwellError as error:
        complain(error_sentence(error))
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from data.cluster.full_disk import find_full_disk

        if (full := find_full_disk(error)) is None:
            raise
        complain(error_sentence(full))
        return USAGE_ERROR


if __name__ == "__main__":
    if sys.argv[1:2] == ["up"]:  # the command that runs for months
        from cli._serving.secrets import hide_secrets

        hide_secrets()
    sys.exit(main(sys.argv[1:]))
