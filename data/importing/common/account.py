"""The account of an import: what its kept report (``import_run.report``) says, in the reader's language.

The command prints it when an import ends; ``./gridwell report-of-import`` and the stewards' page show it later.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data.core.i18n import t
from data.core.settings import settings
from data.importing.common.sentences import SENTENCES, Sentence

State = Literal["running", "broken_off", "loaded", "unchanged", "dry_run", "failed", "dry_run_failed"]

STATE_TITLES: Mapping[State, str] = {
    "running": "Running",
    "broken_off": "Broken off",
    "loaded": "Imported",
    "unchanged": "Nothing new",
    "dry_run": "Dry run",
    "failed": "Not imported",
    "dry_run_failed": "Dry run, with faults",
}
"""States in words."""

PAGE = "/imports"
"""Address of the page with all imports; each has its number below it."""
PEOPLE = "people"
"""Subject of the files of the register."""


@dataclass(frozen=True, slots=True)
class FileCount:
    """What was read from one file: ``read = usable + rejected``; rows that were left out on purpose come on top."""

    source: str
    file: str
    read: int
    usable: int
    rejected: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Account:
    """What an import did, in one language.

    Attributes:
        files: counts of each file, those of one source together.
        total: their sums.
        repairs: what was done with rows that were kept but changed, and how often, the most frequent first.
        reasons: why rows were rejected, and how often, the most frequent first.
        remarks: what is worth knowing though nothing is wrong.
        refusals: why the import was not made, most telling first.
        same_as: number of an earlier import of the same files; they were then not read again.
        seconds: how long it took.
        by, machine, folder: who imported, on which machine, from which folder.
    """

    files: list[FileCount]
    total: FileCount
    repairs: list[tuple[str, int]]
    reasons: list[tuple[str, int]]
    remarks: list[str]
    refusals: list[str]
    same_as: int | None
    seconds: float | None
    by: str | None
    machine: str | None
    folder: str | None


def read_account(report: Mapping[str, Any], lang: str) -> Account:
    """The account that a kept report holds; parts that an earlier version did not keep are empty."""
    files = _read_files(report.get("files", []))
    sums = (sum(getattr(f, name) for f in files) for name in ("read", "usable", "rejected", "left_out"))
    return Account(
        files=files,
        total=FileCount(t(lang, "Total"), "", *sums),
        repairs=_read_repairs(report.get("repairs", []), lang),
        reasons=_sum_up((one["reason"], one["count"]) for one in report.get("reasons", [])),
        remarks=[_told(one, lang) for one in report.get("remarks", [])],
        refusals=[_told(one, lang) for one in report.get("sentences", [])],
        same_as=report.get("same_as"),
        seconds=report.get("seconds"),
        by=report.get("by"),
        machine=report.get("machine"),
        folder=report.get("folder"),
    )


def find_state(outcome: str, alive: bool, report: Mapping[str, Any]) -> State:
    """The state of an import.

    Args:
        outcome: as kept in ``import_run``.
        alive: whether its process still holds the lock of its number.
        report: as kept in ``import_run``, or of it whether it has ``files``, and ``dry_run``. Without files the import did not come to its
            end.
    """
    if outcome == "running":
        return "running" if alive else "broken_off"
    if outcome == "failed" and report.get("files") in (None, False):
        return "broken_off"
    if outcome == "failed" and report.get("dry_run"):
        return "dry_run_failed"
    return outcome if outcome in STATE_TITLES else "failed"  # type: ignore[return-value]


def list_people_sources(report: Mapping[str, Any]) -> set[str]:
    """Sources of the register among those that an import read: their rows are somebody's."""
    return {one["source"] for one in report.get("files") or [] if one.get("subject") == PEOPLE}


def tell_row(lang: str, row: Mapping[str, Any]) -> str:
    """Why a row was rejected. Rows that an earlier version kept have their sentence in the language of the import alone."""
    if row["facts"] is None:
        return str(row["sentence"])
    facts = {"file": row["file"], "line": row["line"], "column": row["column_name"] or "", "value": row["value"] or "", **row["facts"]}
    return Sentence(row["reason"], facts, row["wording"] or "").tell(lang)


def page_address(run: int) -> str:
    """Address of the page of one import: whole, where the server's public address is set."""
    return f"{(settings().public_url or '').rstrip('/')}{PAGE}/{run}"


def tell_where(run: int, lang: str) -> str:
    """Where the report of an import can be read."""
    return t(
        lang,
        "The report is kept: page {address} (for data stewards), or ./gridwell report-of-import {run}",
        address=page_address(run),
        run=run,
    )


def _read_files(found: list[dict[str, Any]]) -> list[FileCount]:
    by_source: dict[str, list[FileCount]] = {}
    for one in found:
        numbers = (int(one.get(name, 0)) for name in ("read", "loaded", "rejected", "left_out"))
        by_source.setdefault(one["source"], []).append(FileCount(one["source"], one["file"], *numbers))
    return [file for files in by_source.values() for file in files]


def _read_repairs(found: list[dict[str, Any]], lang: str) -> list[tuple[str, int]]:
    said = {one["kind"]: t(lang, SENTENCES[one["kind"]]) if one["kind"] in SENTENCES else _told(one["sentence"], lang) for one in found}
    return [(said[kind], count) for kind, count in _sum_up((one["kind"], one["count"]) for one in found)]


def _sum_up(found: Any) -> list[tuple[str, int]]:
    totals: Counter[str] = Counter()
    for name, count in found:
        totals[name] += count
    return totals.most_common()


def _told(kept: Mapping[str, str], lang: str) -> str:
    return kept.get(lang) or kept.get("en") or ""
