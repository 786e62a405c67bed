"""What an operator must know about a running installation: reasons for worry, and numbers. None of them says anything about a person.

The keeper looks once a minute (``data.upkeep.condition_checks``) and stores what it found in a file, so that it can be told also while the
database does not answer.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from data.core import careful_files
from data.core.settings import settings
from data.core.state_folder import make_server_folder
from data.core.supervision import supervision
from data.notices.account import NoticeAccount, parse_account

EVERY_S = 60.0
SILENT_S = 5 * EVERY_S
"""After this time without a look of the keeper, nobody knows how things are."""
STUCK_FOR_S = 3600
"""A process that hung is told for so long after it was replaced."""

CONDITION_REASONS = {
    "disk_nearly_full": "The disk of {folder} is nearly full: {free_gb} GB are free.",
    "database_away": "The database does not answer.",
    "date_doubtful": "The date of this machine can hardly be right, so nothing is deleted and no deadline passes: ./gridwell doctor",
    "retention_failed": "Rows whose last day is over could not be deleted in {city}. See the audit log.",
    "retention_held": "Rows whose last day is over wait for a confirmation: ./gridwell retention",
    "backup_missing": "There is no verified backup: ./gridwell backup",
    "backup_late": "The newest verified backup is {hours} hours old: ./gridwell backup",
    "archive_failing": "The database's log cannot be archived since {since}. See postgres.log.",
    "audit_heads_stale": "Heads of the audit log were not stored for {hours} hours. See the server's log.",
    "notices_failing": "Notices of late cases could not be sent within the last day: {count}. The last failure: {failure}",
    "notices_not_set": "Somebody is to be told of late cases, and no setting names the mail server or the web hook: {count} notices",
    "reports_failing": "Reports of schedules could not be sent within the last day: {count}. See the page of schedules.",
    "reports_waiting": "A report has waited for {minutes} minutes to be made or written. See the server's log.",
    "keys_trouble": "The keys of personal data cannot be used: {reason}",
    "process_stuck": "A process hung and was replaced within the last hour.",
    "process_missing": "{missing} of {wanted} processes do not run.",
    "keeper_silent": "The keeper, which looks after retention and deadlines, has not reported for {minutes} minutes.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for worry.

    Attributes:
        code: one of ``CONDITION_REASONS``.
        facts: what its sentence names.
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Its sentence, a msgid."""
        return CONDITION_REASONS[self.code]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one look found.

    Attributes:
        at: when, in seconds since 1970; 0 where nobody has looked yet.
        reasons: why an operator should worry.
        figures: numbers by name; names are those at ``/metrics`` without their prefix.
        zone: IANA name of the zone in which moments are told, that of the city shown first.
        notices: what became of notices of late cases.
    """

    at: float = 0.0
    reasons: tuple[Reason, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    zone: str = "UTC"
    notices: NoticeAccount = field(default_factory=NoticeAccount)


def status_folder() -> Path:
    """Folder of the account that serves, for what its processes tell each other."""
    return settings().home / "status"


def meters_folder() -> Path:
    """Folder in which these processes count for ``/metrics``."""
    return settings().home / "meters"


def _file() -> Path:
    return status_folder() / "conditions.json"


def store(found: Conditions) -> None:
    """Store what a look found, for the processes that serve.

    Raises:
        OSError: it cannot be written.
    """
    told: dict[str, object] = {"at": found.at, "reasons": [asdict(one) for one in found.reasons], "figures": dict(found.figures)}
    told |= {"zone": found.zone, "notices": asdict(found.notices)}
    with careful_files.open_folder(make_server_folder(status_folder())) as folder:
        careful_files.replace_small(_file().name, json.dumps(told).encode(), folder)


Stamp = tuple[int, int]
_read: dict[Path, tuple[Stamp, Conditions]] = {}


def read_conditions(now: float | None = None) -> Conditions:
    """What the last look found, and what the parent knows of its processes."""
    moment = time.time() if now is None else now
    found = _stored()
    return replace(found, reasons=(*_processes(moment, found.at), *found.reasons))


def _stored() -> Conditions:
    file = _file()
    try:
        state = file.lstat()
        stamp = (state.st_ino, state.st_mtime_ns)
        if file not in _read or _read[file][0] != stamp:
            _read[file] = stamp, _parse(json.loads(careful_files.read_small(file)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Conditions()  # as if nobody had looked: a damaged file must not take the health page down
    return _read[file][1]


def _parse(held: Any) -> Conditions:
    """What ``store`` stored; a sentence that lacks a fact is found here, and not when it is told."""
    reasons = tuple(Reason(one["code"], dict(one["facts"])) for one in held["reasons"] if one["code"] in CONDITION_REASONS)
    for reason in reasons:
        reason.sentence.format(**reason.facts)
    figures = {name: float(value) for name, value in held["figures"].items()}
    notices = parse_account(held["notices"]) if "notices" in held else NoticeAccount()
    return Conditions(float(held["at"]), reasons, figures, str(held.get("zone", "UTC")), notices)


def _processes(now: float, looked: float) -> Iterator[Reason]:
    began, wanted = supervision.get("started_at"), supervision.get("workers")
    if not began:
        return
    if now - supervision.get("last_stuck_at") < STUCK_FOR_S:
        yield Reason("process_stuck")
    if (missing := wanted - supervision.get("workers_ready")) > 0 and now - began > SILENT_S:
        yield Reason("process_missing", {"missing": missing, "wanted": wanted})
    if (quiet := now - max(began, looked)) > SILENT_S:
        yield Reason("keeper_silent", {"minutes": round(quiet / 60)})
