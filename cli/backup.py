"""``./gridwell backup``: makes a backup while Gridwell serves, and proves that it can be restored."""

import argparse
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import error_sentence, language, say
from data.core.i18n import t
from data.core.text import as_one_line

if TYPE_CHECKING:
    from data.backup.create import Backup

NAME = "backup"
HELP = "Make a backup while Gridwell serves, and prove it by restoring it into a scratch database; exit code 1 if that fails."
NEEDS_DATABASE = False  # it must not migrate what it is to save


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("to", metavar="TO", type=Path, help="folder of backups, preferably on another disk or machine")
    parser.add_argument("--keep", metavar="N", type=_number, help="keep only the newest N verified backups of this installation in TO")
    parser.add_argument(
        "--keys", metavar="ELSEWHERE", type=Path, help="a folder apart from TO: copy the keys and the audit log's heads there"
    )


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number, at least 1")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Make one; 1 if it could not be verified."""
    from data.backup.create import create_backup
    from data.cluster.lease import borrow_cluster
    from data.core.settings import settings

    lang = language()
    with nullcontext() if settings().database_url else borrow_cluster(settings().home, say):
        made = create_backup(args.to.absolute(), lambda sentence: say(t(lang, sentence)), args.keep, args.keys and args.keys.absolute())
    _report(made, lang)
    return 0 if made.verified else 1


def _report(made: "Backup", lang: str) -> None:
    manifest = made.manifest
    size, head = f"{manifest.total_bytes / 1e6:,.1f}", manifest.audit_no
    say(t(lang, "The backup is in {folder}: {size} MB, as of {moment}, audit log up to row {head}.", folder=made.folder, size=size,
          moment=manifest.made_at, head=head))  # fmt: skip
    if made.removed:
        say(t(lang, "Older backups were removed: {names}", names=", ".join(made.removed)))
    for name in map(as_one_line, made.left_out):
        say(t(lang, "Left out, because it is no plain file that can be read: {name}", name=name))
    _report_keys(made, lang)
    if made.verified:
        say(t(lang, "It was restored into a scratch database, and the doctor found nothing wrong there."))
        return
    reason = error_sentence(made.error) if made.error else "; ".join(made.faults)
    say(t(lang, "THIS BACKUP IS NOT VERIFIED: {reason}", reason=reason))
    say(t(lang, "It is kept, but do not rely on it; older backups were not removed."))


def _report_keys(made: "Backup", lang: str) -> None:
    from data.auditing.anchors import anchor_file
    from data.privacy.keys import key_file

    if made.keys:
        say(t(lang, "Not in the backup, but copied apart from it: {files}", files=", ".join(map(str, made.keys))))
        return
    say(t(lang, "Not in this backup, and lost with this machine unless you copy them to another place, apart from the backups (--keys):"))
    if key_file().exists():
        say(t(lang, "  {file}: the keys; without them identity and telephone numbers and second factors cannot be opened", file=key_file()))
    if anchor_file().exists():
        say(t(lang, "  {file}: heads of the audit log; they show whether rows were cut off", file=anchor_file()))
