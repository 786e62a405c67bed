"""``./gridwell demo``: makes the demo city, or makes it anew."""

import argparse

from cli._say import language, say
from data.i18n import t

NAME = "demo"
HELP = "Make the demo city (the same every time)."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    from data.demo.frame import SCALES

    shown = "demo: 3,000 cells, 60,000 buildings, 800,000 residents; test: a small one with all its features"
    parser.add_argument("--scale", choices=sorted(SCALES), default="demo", help=shown)


def run(args: argparse.Namespace) -> int:
    """Make the demo city in one transaction; an older one is replaced, real cities stay."""
    from data.db import connect
    from data.demo.load import fill
    from data.prepare import alone

    with alone(), connect() as connection:
        counts = fill(connection, args.scale)
    for table, count in counts.items():
        say(f"{count:>12,}  {table}")
    say(t(language(), "The demo city is ready."))
    return 0
