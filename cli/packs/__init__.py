"""``./gridwell packs``: the theme packs, and what is wrong with one."""

import argparse
from pathlib import Path

from cli._terminal import language

NAME = "packs"
NEEDS_DATABASE = False
HELP = "List the theme packs and what is wrong in them; check one while it is being written (docs/packs.md)."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the sentences; by default the terminal's")
    what = parser.add_subparsers(dest="what", metavar="check FOLDER")
    check = what.add_parser("check", help="say everything that is wrong with a pack, with file and line")
    check.add_argument("folder", type=Path, metavar="FOLDER", help="the pack's folder, with its pack.toml")
    check.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """List the packs, or check one; 1 where something is wrong."""
    from cli.packs.telling import check_one, list_all

    lang = args.lang or language()
    return check_one(args.folder, lang) if args.what == "check" else list_all(lang)
