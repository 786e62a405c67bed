"""``./gridwell keys``: the keys that encrypt identity and telephone numbers."""

import argparse
from typing import TYPE_CHECKING

from cli._terminal import complain, error_sentence, language, say
from data.core.errors import GridwellError
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection

NAME = "keys"
HELP = "Show where the keys of personal data are, make a new one and seal everything with it, or go on without keys that are lost."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_subparsers(dest="what", metavar="WHAT")
    rotate = what.add_parser("rotate", help="make a new key and seal everything again with it, while people go on working")
    rotate.add_argument("--drop-old", action="store_true", help="forget the old keys afterwards; backups made before cannot be opened then")
    forget = what.add_parser("forget", help="delete what is sealed with keys that are lost for good, and make new keys")
    forget.add_argument("--confirm", type=int, required=True, metavar="N", help="how many sealed values are deleted")


def run(args: argparse.Namespace) -> int:
    """Print which keys exist, or rotate them; 1 if some data is encrypted with a missing key."""
    from data.cluster.errors import FolderRefused
    from data.database.connections import connect
    from data.privacy import keyring
    from data.privacy.key_checks import check_keys
    from data.privacy.key_rotation import list_unreadable, rotate_keys
    from data.privacy.keys import KeysExposed, key_file

    lang = language()
    with connect() as connection:
        try:
            check_keys(connection)
            lost = list(list_unreadable(connection))
        except (KeysExposed, FolderRefused) as error:  # the keys are there: nothing is lost, and nothing is to be deleted
            complain(error_sentence(error))
            return 1
        except GridwellError as error:
            connection.rollback()
            return _without_keys(connection, args, error)
        if lost:
            say(t(lang, "Sealed with a key that is not in {file}: {columns}", file=key_file(), columns=", ".join(lost)))
            return 1
        if args.what == "forget":
            say(t(lang, "The keys in {file} open everything that is sealed: nothing is lost, and nothing was deleted.", file=key_file()))
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


def _without_keys(connection: "Connection", args: argparse.Namespace, error: GridwellError) -> int:
    """The keys cannot be used: say why and what is sealed with them, or delete that."""
    from data.upkeep.lost_keys import count_sealed, forget_sealed

    lang = language()
    if args.what == "forget":
        connection.autocommit = True
        for column, n in forget_sealed(connection, args.confirm).items():
            say(t(lang, "{column}: {n} deleted", column=column, n=f"{n:,}"))
        say(t(lang, "New keys were made. Keep a copy of the key file apart from the database's backups."))
        return 0
    complain(error_sentence(error))
    count = sum(count_sealed(connection).values())
    told = t(
        lang,
        "If there is no copy anywhere, {count} sealed values are lost. To delete them and go on: ./gridwell keys forget --confirm {count}",
        count=count,
    )
    say(told)
    return 1
