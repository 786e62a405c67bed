"""Before a filled database is brought to this version: says what changes, and makes a backup to go back to."""

import time
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import error_sentence, language, say
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.settings import settings

if TYPE_CHECKING:
    from data.upkeep.upgrade import Upgrade


class UnprovedBackup(GridwellError):
    status, code = 503, "unproved_backup"
    sentence = (
        "The backup {folder} before the upgrade could not be verified ({reason}), so nothing was changed."
        " See ./gridwell doctor with the older version; ./gridwell up --no-backup upgrades all the same."
    )


def backups_folder() -> Path:
    """Where backups before an upgrade are made."""
    return settings().backups or settings().home / "backups"


def announce_upgrade(upgrade: "Upgrade") -> None:
    """Say what changes, and how long it takes as far as that is known."""
    lang = language()
    size = f"{upgrade.database_bytes / 1e9:.1f}"
    say(t(lang, "The database ({size} GB) was made by an older Gridwell. These changes bring it to this version:", size=size))
    for revision, title in zip(upgrade.missing, upgrade.titles, strict=True):
        say(f"  {revision}  {t(lang, title)}")
    if upgrade.last_backup_s is None:
        say(t(lang, "How long that takes is not known: no proved backup was made here before."))
        return
    minutes = max(1, ceil(upgrade.last_backup_s / 60))
    sentence = (
        "The last backup took {minutes} min with its proof. Expect as long for the one now, and at most as long again for the changes."
    )
    say(t(lang, sentence, minutes=minutes))


def back_up_first() -> None:
    """Make the backup to go back to.

    Raises:
        UnprovedBackup: it could not be verified.
        GridwellError: it could not be made.
    """
    from data.backup.create import create_backup

    lang = language()
    say(t(lang, "First a backup is made (--no-backup leaves it out) …"))
    began = time.monotonic()
    made = create_backup(backups_folder(), lambda sentence: say("  " + t(lang, sentence)))
    if not made.verified:
        raise UnprovedBackup(folder=made.folder, reason=error_sentence(made.error) if made.error else "; ".join(made.faults))
    took = max(1, round((time.monotonic() - began) / 60))
    say(t(lang, "The backup is {folder}. The upgrade takes at most about as long as the backup did: {minutes} min.", folder=made.folder,
          minutes=took))  # fmt: skip
    say(t(lang, "To go back: end Gridwell, run ./gridwell restore {folder} --replace --no-migrate, and start the older version.",
          folder=made.folder))  # fmt: skip
