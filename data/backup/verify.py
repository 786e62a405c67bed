"""Proves that a database that was restored can be used: it is migrated, the doctor examines it, and its audit log is whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from data.auditing.chain import verify
from data.auditing.owner_rows import TRUST_BEGINS
from data.backup.dump import FOLDER, load_dump
from data.backup.manifest import Manifest
from data.backup.scratch import scratch_database, use_database
from data.backup.steps import STEP_TITLES
from data.core.errors import GridwellError
from data.database.connections import Connection, connect
from data.doctor.examine import examine
from data.doctor.model import Finding
from data.privacy.keys import keyring
from data.upkeep.preparation import prepare_database

KEYS = "install.keys"
_OF_THE_DATA = {
    *("install.extensions", "install.migration", "install.months", "install.indexes", "install.roles", "install.policies"),
    KEYS,
}
"""Checks of the installation that say something about the database, and not about this machine."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a restored database.

    Attributes:
        faults: what is wrong, each as a sentence.
        keys: columns with sealed texts that the key file does not open, with the number of the key.
    """

    faults: tuple[str, ...]
    keys: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and not self.keys


def verify_backup(folder: Path, manifest: Manifest, tell: Tell) -> Judgement:
    """Restore a backup's dump into a scratch database and examine it there.

    Raises:
        GridwellError: it cannot be restored; the sentence says why.
    """
    tell(STEP_TITLES["scratch"])
    with scratch_database(manifest.postgresql_major) as url:
        load_dump(folder / FOLDER, url)
        return examine_restored(url, manifest, tell)


def examine_restored(
    url: URL, manifest: Manifest, tell: Tell, key_file: Path | None = None, *, migrating: bool = True, later: bool = False
) -> Judgement:
    """Bring a restored database to this version's schema, and examine it.

    Args:
        url: the restored database.
        manifest: of the backup that it was made from.
        tell: hears what is being done.
        key_file: the key file to try, if it is not the one in use.
        migrating: bring the schema to this version; without it, only the audit log is checked, since the doctor knows no older schema.
        later: the database shows a later moment than the backup, so its audit log may be longer.
    """
    tell(STEP_TITLES["examining"])
    faults: list[str] = []
    keys: tuple[str, ...] = ()
    with use_database(url, key_file):
        if migrating:
            with prepare_database(lambda _: None, False, lambda _: None), connect() as connection:
                health = examine(connection)
                connection.rollback()
            findings = [finding for finding in health.installation if finding.code in _OF_THE_DATA]
            findings += [finding for city in health.cities for finding in city.findings]
            faults = [_say(finding) for finding in findings if not finding.outcome.ok and finding.code != KEYS]
            wrong = next(tuple(map(str, finding.outcome.offenders)) for finding in findings if finding.code == KEYS)
            keys = (_missing_keys(manifest) or wrong) if wrong else ()
        with connect() as connection:
            faults += _audit_faults(connection, manifest, later)
    return Judgement(tuple(faults), keys)


def _missing_keys(manifest: Manifest) -> tuple[str, ...]:
    """Columns with sealed texts whose key is not in the key file, each with the number of that key."""
    try:
        held = set(keyring().keys)
    except GridwellError:
        held = set()
    return tuple(f"{column}: {number}" for column, numbers in manifest.sealed_with.items() for number in numbers if number not in held)


_BEYOND = "SELECT count(*) FROM audit_log WHERE no > %s AND action <> %s"
"""Rows after the backup's newest one, without the one that an upgrade of the restored copy has written."""


def _audit_faults(connection: Connection, manifest: Manifest, later: bool) -> list[str]:
    """What is wrong with the audit log: its own chain, and whether it holds the row that was the newest when the backup was made."""
    if connection.execute("SELECT to_regclass('audit_log')").fetchone() == (None,):
        return [] if manifest.audit_no == 0 else ["audit_log: -"]
    verdict = verify(connection)
    lists = {"altered": verdict.altered, "removed": verdict.removed, "inserted": verdict.inserted, "cut_off": verdict.cut_off}
    wrong = [f"audit.{name}: {found.total}" for name, found in lists.items() if found.total]
    row = connection.execute("SELECT encode(hash, 'hex') FROM audit_log WHERE no = %s", [manifest.audit_no]).fetchone()
    beyond = connection.execute(_BEYOND, [manifest.audit_no, TRUST_BEGINS]).fetchone() != (0,)
    if (row[0] if row else "") != manifest.audit_hash or (not later and beyond):
        wrong.append(f"audit.head: {verdict.head[0]} ≠ {manifest.audit_no}")
    return wrong


def _say(finding: Finding) -> str:
    return f"{finding.code}: {finding.outcome.total} ({'; '.join(map(str, finding.outcome.offenders[:3]))})"
