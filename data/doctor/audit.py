"""Checks of the audit log: its rows are unchanged, and only its own functions can write it."""

from collections.abc import Callable

from data.auditing import anchors, guard
from data.auditing.chain import FaultList, Verdict, verify
from data.database.connections import Connection
from data.doctor.model import Finding, Outcome

Figures = dict[str, float | int | str]

_TITLES = {
    "audit.altered": "No row of the audit log was altered",
    "audit.removed": "No row of the audit log was removed",
    "audit.inserted": "No row of the audit log was put in or replaced",
    "audit.cut_off": "Since its last stored head, nothing was cut off the audit log or rewritten",
    "audit.foreign": "Every stored head is of this audit log, or of one that a logged restore names",
    "audit.guard": "Nobody can change the audit log, and its trigger is on",
}


def examine(connection: Connection, told: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Verify the chain and the stored heads. If there is no fault, its present head is stored too.

    Raises:
        FolderRefused, DiskFull: the heads cannot be read or stored.
    """
    database = anchors.identify_database(connection)
    connection.rollback()  # heads first, then the snapshot: otherwise a head that is stored meanwhile would seem to be missing
    heads = anchors.read_anchors()
    told(_TITLES["audit.altered"])
    verdict = verify(connection, heads, database)
    seen = "{examined} rows, the last one {head}"
    figures: Figures = {"examined": verdict.rows, "head": verdict.head[1].hex()[:16] or "-"}
    findings = [
        _finding("audit.altered", verdict.altered, seen, figures),
        _finding("audit.removed", verdict.removed),
        _finding("audit.inserted", verdict.inserted),
        _cut_off(verdict, len(heads)),
        _foreign(verdict),
        _guarded(connection),
    ]
    if verdict.sound:
        anchors.append_anchor(verdict.identity, *verdict.head)
    return findings


def _cut_off(verdict: Verdict, heads: int) -> Finding:
    """Rows that this log does not have any more, or has otherwise."""
    held: Figures = {"examined": heads, "file": str(anchors.anchor_file())}
    if verdict.missing is None:
        return _finding("audit.cut_off", verdict.cut_off, "{examined} heads kept in {file}", held)
    first, last = verdict.missing
    sentence = (
        "Rows {first} to {last} are missing: the log was that long when its head was stored in {file}."
        " After a restore from a backup, run: ./gridwell audit restored NAME"
    )
    return _finding("audit.cut_off", verdict.cut_off, sentence, {**held, "first": first, "last": last})


def _foreign(verdict: Verdict) -> Finding:
    """Heads of logs that are not this one: of a database that was thrown away, or that is hidden behind a copy of it."""
    sentence = (
        "{file} holds heads of other logs than {log}. If this database replaces theirs, run: ./gridwell audit restored NAME."
        " If nobody restored or replaced it, somebody hides what was done"
    )
    figures: Figures = {"file": str(anchors.anchor_file()), "log": verdict.identity or "-"}
    return _finding("audit.foreign", verdict.foreign, sentence if verdict.foreign.total else "", figures)


def _finding(code: str, found: FaultList, sentence: str = "", figures: Figures | None = None) -> Finding:
    return Finding(code, _TITLES[code], Outcome(sentence, figures or {}, found.total, tuple(found.first)))


def _guarded(connection: Connection) -> Finding:
    wrong = guard.list_breaches(connection)
    return Finding("audit.guard", _TITLES["audit.guard"], Outcome("", {}, len(wrong), wrong))
