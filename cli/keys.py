"""``./gridwell keys``: the keys that encrypt identity and telephone numbers."""

import argparse

from cli._terminal import language, say
from data.core.i18n import t

NAME = "keys"
HELP = "Show where the keys of personal data are, or make a new one and seal everything with it."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_subparsers(dest="what", metavar="WHAT")
    rotate = what.add_parser("rotate", help="make a new key and seal everything again with it, while people go on working")
    rotate.add_argument("--drop-old", action="store_true", help="forget the old keys afterwards; backups made before cannot be opened then")


def run(args: argparse.Namespace) -> int:
    """Print which keys exist, or rotate them; 1 if some data is encrypted with a missing key."""
    from data.database.connections import connect
    from data.privacy import keyring
    from data.privacy.key_rotation import list_unreadable, rotate_keys
    from data.privacy.keys import key_file

    lang = language()
    with connect() as connection:
        lost = list(list_unreadable(connection))
        if lost:
            say(t(lang, "Sealed with a key that is not in {file}: {columns}", file=key_file(), columns=", ".join(lost)))
            return 1
        connection.commit()
        if args.what == "rotate":
            told = t(lang, "{column}: {n} sealed again")
            rotate_keys(connection, lambda column, n: say(told.format(column=column, n=f"{n:,}")), args.drop_old)
    ring = keyring()
    say(
        t(
            lang,
            "Keys in {file}: {numbers}; key {newest} seals.",
            file=key_file(),
            numbers=", ".join(map(str, ring.keys)),
            newest=ring.newest,
        )
    )
    say(t(lang, "Keep a copy of this file apart from the database's backups: without it identity and telephone numbers are lost."))
    return 0
