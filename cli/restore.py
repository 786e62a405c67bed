"""``./gridwell restore``: puts a backup in the place of the present data."""

import argparse
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cli._terminal import error_sentence, language, say
from cli.up import AlreadyUp, hold_serving_lock
from data.core.i18n import t

if TYPE_CHECKING:
    from data.backup.restore import Restored, Wishes

NAME = "restore"
HELP = "Put a backup in the place of the present data, which is kept aside; on this machine or a new one."
NEEDS_DATABASE = False


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("backup", metavar="FROM", type=Path, help="a backup, or a folder of backups: then the newest one in it")
    parser.add_argument(
        "--until",
        metavar="MOMENT",
        type=_moment,
        help="all that was committed before this moment, such as 2026-11-29T05:00:00+08:00, or latest: all that the archive holds",
    )
    parser.add_argument("--archive", metavar="FOLDER", type=Path, help="where the archive is now, instead of GRIDWELL_ARCHIVE")
    parser.add_argument("--replace", action="store_true", help="even if the database holds data; it is kept aside")
    parser.add_argument("--foreign", action="store_true", help="even if that data is of another installation")
    parser.add_argument("--keys", metavar="FILE", type=Path, help="the key file that belongs to the backup, as backup --keys copied it")
    parser.add_argument("--without-keys", action="store_true", help="go on although what is sealed cannot be opened")
    parser.add_argument(
        "--no-migrate", action="store_true", help="leave the schema as it was, to go on with the older Gridwell that made it"
    )


def _moment(text: str) -> datetime | Literal["latest"]:
    if text == "latest":
        return "latest"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write it like 2026-11-29T05:00:00+08:00") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say the zone, too: 2026-11-29T05:00:00+08:00")
    return moment


def run(args: argparse.Namespace) -> int:
    """Restore, and say what is where afterwards."""
    from data.backup.errors import BeingServed
    from data.backup.restore import Wishes

    wishes = Wishes(args.replace, args.foreign, args.keys, args.without_keys, not args.no_migrate)
    try:
        with hold_serving_lock():
            done = _restore(args, wishes)
    except AlreadyUp:
        raise BeingServed from None
    _report(done, language())
    return 0


def _restore(args: argparse.Namespace, wishes: "Wishes") -> "Restored":
    from data.backup.errors import OwnServer
    from data.backup.moment import restore_moment
    from data.backup.store import find_backup
    from data.core.settings import settings

    place, lang = args.backup.absolute(), language()
    if args.until is None:
        return _restore_dump(find_backup(place), wishes)
    if settings().database_url is not None:
        raise OwnServer()
    until = None if args.until == "latest" else args.until
    return restore_moment(place, until, wishes, lambda sentence: say(t(lang, sentence)), args.archive and args.archive.absolute())


def _restore_dump(folder: Path, wishes: "Wishes") -> "Restored":
    """Restore into the running cluster, or into a new one if the present one does not start and somebody said that it may go aside."""
    from data.backup.manifest import read_manifest
    from data.backup.moment import rebuild_cluster
    from data.backup.restore import restore_dump
    from data.cluster.errors import WontStart, WrongMajor
    from data.cluster.lease import borrow_cluster
    from data.core.settings import settings

    lang = language()
    if read_manifest(folder).base is not None:
        say(t(lang, "This restores the moment of the backup. The archive may hold later changes: to have them, add --until latest"))
    try:
        with nullcontext() if settings().database_url else borrow_cluster(settings().home, say):
            return restore_dump(folder, wishes, lambda sentence: say(t(lang, sentence)))
    except (WontStart, WrongMajor) as error:
        if not wishes.replace:
            say(t(lang, "With --replace a new cluster is made from the backup; the present one is kept aside."))
            raise
        say(error_sentence(error))
        return rebuild_cluster(folder, wishes, lambda sentence: say(t(lang, sentence)))


def _report(done: "Restored", lang: str) -> None:
    manifest = done.manifest
    say(t(lang, "Restored from {folder}: the data as of {moment}, audit log up to row {head}.", folder=done.folder,
          moment=done.moment, head=done.audit_no))  # fmt: skip
    if done.aside:
        say(t(lang, "What was there before is kept as {aside}. When you no longer need it: ./gridwell cluster drop-old", aside=done.aside))
    if done.unreadable:
        say(t(lang, "Sealed with a key that is not in {file}: {columns}", file=_key_file(), columns=", ".join(done.unreadable)))
    say(t(lang, "Start Gridwell with ./gridwell up, and make a backup soon (the last one is {name}).", name=manifest.id))


def _key_file() -> Path:
    from data.privacy.keys import key_file

    return key_file()
