"""``./gridwell packs``: the theme packs, what is wrong with one, and what installing it changes."""

import argparse
from pathlib import Path

from cli._terminal import language

NAME = "packs"
NEEDS_DATABASE = False
HELP = "List the theme packs and what is wrong in them; check one while it is being written; install one (docs/packs.md)."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the sentences; by default the terminal's")
    what = parser.add_subparsers(dest="what", metavar="check | install")
    check = what.add_parser("check", help="say everything that is wrong with a pack, with file and line")
    check.add_argument("folder", type=Path, metavar="FOLDER", help="the pack's folder, with its pack.toml")
    check.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    install = what.add_parser("install", help="say what a pack changes, and install it for a city")
    install.add_argument("name", metavar="NAME", help="name of the pack")
    install.add_argument("city", metavar="CITY", help="code of the city")
    install.add_argument("--dry-run", action="store_true", help="say what it would change, and change nothing")
    install.add_argument("--agree", action="store_true", help="also if something is hidden, deleted, refused or shown to others")
    install.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """List the packs, check one, or install one; 1 where something is wrong, 2 where it cannot be done."""
    from cli.packs.installing import install_one
    from cli.packs.telling import check_one, list_all

    lang = args.lang or language()
    if args.what == "install":
        return install_one(args.name, args.city, lang, dry_run=args.dry_run, agree=args.agree)
    return check_one(args.folder, lang) if args.what == "check" else list_all(lang)
