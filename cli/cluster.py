"""``./gridwell cluster``: looks after the embedded database server: its version, its checksums, and what was put aside."""

import argparse

from cli._terminal import language, say
from cli.up import AlreadyUp, hold_serving_lock
from data.core.i18n import t

NAME = "cluster"
HELP = "Look after the embedded database server: its version, checksums, and data that restores put aside."
NEEDS_DATABASE = False


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("status", help="version, checksums, archive, and what was put aside")
    actions.add_parser("checksums", help="turn on checksums of all pages, which show damage by the disk; Gridwell must not run")
    upgrade = actions.add_parser("upgrade", help="move the data to the newest PostgreSQL that is installed; Gridwell must not run")
    upgrade.add_argument("--again", action="store_true", help="even if it is the same version")
    actions.add_parser("drop-old", help="remove data folders and databases that restores and upgrades put aside")


def run(args: argparse.Namespace) -> int:
    """Do one of them."""
    from data.backup import care
    from data.backup.errors import BeingServed

    if args.action == "status":
        _show_status()
        return 0
    try:
        with hold_serving_lock():
            if args.action == "checksums":
                _checksums()
            elif args.action == "upgrade":
                _upgrade(args.again)
            else:
                for name in care.drop_aside(say):
                    say(t(language(), "Removed: {name}", name=name))
    except AlreadyUp:
        raise BeingServed from None
    return 0


def _show_status() -> None:
    from data.backup.care import describe_cluster

    found, lang = describe_cluster(say), language()
    say(t(lang, "PostgreSQL {major}; the newest that is installed with PostGIS is {newest}.", major=found.major, newest=found.newest))
    say(t(lang, "Checksums of pages are on.") if found.checksums else t(lang, "Checksums of pages are off: ./gridwell cluster checksums"))
    say(t(lang, "The log is archived in {folder}.", folder=found.archive) if found.archive else t(lang, "The log is not archived."))
    for name in found.aside:
        say(t(lang, "Put aside: {name}", name=name))


def _checksums() -> None:
    from data.backup.care import enable_checksums

    lang = language()
    say(t(lang, "Reading every page …"))
    done = enable_checksums()
    say(t(lang, "Checksums of pages are on.") if done else t(lang, "Checksums of pages were on already."))


def _upgrade(again: bool) -> None:
    from cli._serving.upgrading import UnprovedBackup, backups_folder
    from data.backup.care import needs_upgrade, upgrade_cluster

    lang = language()
    if not again and not needs_upgrade():
        say(t(lang, "The cluster is of the newest PostgreSQL that is installed; nothing to do."))
        return
    made, done = upgrade_cluster(backups_folder(), lambda sentence: say(t(lang, sentence)))
    if done is None:
        raise UnprovedBackup(folder=made.folder, reason="; ".join(made.faults))
    say(t(lang, "The cluster was moved. The old data folder is kept as {aside}, the backup as {folder}.", aside=done.aside or "-",
          folder=made.folder))  # fmt: skip
    say(t(lang, "Start Gridwell with ./gridwell up. When all is well: ./gridwell cluster drop-old"))
