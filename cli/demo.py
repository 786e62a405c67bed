"""``./gridwell demo``: makes the demo city, or makes it anew."""

import argparse

from cli._say import language, say
from data.i18n import t

NAME = "demo"
HELP = "Make the demo city (the same every time)."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "--scale", type=float, default=1.0, metavar="X", help="size: 1.0 is 3,000 cells, 60,000 buildings and 800,000 residents"
    )


def run(args: argparse.Namespace) -> int:
    """Fill the database with the demo city in one transaction."""
    from data.demo.load import fill

    from data.db import connect

    with connect() as connection:
        fill(connection, args.scale)
    say(t(language(), "The demo city is ready."))
    return 0
