"""The stewards' pages: the list of imports, and the report of one with the rows that it rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, ClassVar
from urllib.parse import urlencode

from data.core.i18n import t
from data.core.settings import settings
from data.core.timezones import zone
from data.importing.common.account import PAGE, STATE_TITLES, Account, State, find_state, read_account, tell_row
from data.importing.common.reasons import REASON_TITLES
from data.importing.kept_runs import KeptRun, RunList
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.moments import Moment, local_moment
from routes.doors.page import PageView

Row = Mapping[str, Any]
IMPORTS = PAGE
"""Address of the list."""
SHOWN_REMARKS = 20
_KINDS: Mapping[State, str] = {"loaded": "good", "failed": "wrong", "broken_off": "wrong", "dry_run_failed": "wrong", "running": "here"}
"""How the style sheet shows a state; others are plain."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """An import in a few words.

    Attributes:
        number, city, profile: which one; the city by its name, or by its code where it was never loaded.
        started, ended: when; an import that was broken off may have no end.
        state: in words; ``kind`` as the style sheet knows it.
        rows: what was read; empty where nothing was.
        by: who imported, and on which machine.
        address: of its report.
    """

    number: int
    city: str
    profile: str
    started: Moment
    ended: Moment | None
    state: str
    kind: str
    rows: str
    by: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ImportsPage(PageView):
    """The list.

    Attributes:
        runs: imports, the newest first.
        newest_address, older_address: of the first page and of the next one; ``None`` where the reader is there, or nothing follows.
        everywhere: whether the reader sees the imports of all cities.
    """

    template: ClassVar[str] = "imports/imports.html"
    runs: Sequence[RunRow]
    newest_address: str | None
    older_address: str | None
    everywhere: bool


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not loaded: where it stands, and why it was rejected."""

    file: str
    line: int | None
    reason: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ImportPage(PageView):
    """The report of one import.

    Attributes:
        run: the import in a few words.
        told: what it did.
        loaded: whether usable rows were loaded.
        state: as ``data.importing.common.account`` knows it.
        reason: the reason that rows are chosen by; empty for all.
        reasons: reasons to choose from, each with its title.
        rows: rejected rows of this page.
        kept, rejected: how many rejected rows are kept, and how many there were.
        first_address, next_address: of the first page of rows and the next one, or ``None``.
        days_kept: days for which rejected rows are kept.
    """

    template: ClassVar[str] = "imports/import.html"
    shown_remarks: ClassVar[int] = SHOWN_REMARKS
    run: RunRow
    told: Account
    loaded: bool
    state: State
    reason: str
    reasons: Sequence[tuple[str, str]]
    rows: Sequence[RejectedRow]
    kept: int
    rejected: int
    first_address: str | None
    next_address: str | None
    days_kept: int


def describe_runs(lang: str, found: RunList, before: int | None, clock: tzinfo, everywhere: bool) -> ImportsPage:
    """The list of imports."""
    older = f"{IMPORTS}?before={found.runs[-1]['id']}" if found.more else None
    runs = [describe_run(lang, row, row, clock) for row in found.runs]
    return ImportsPage(runs=runs, newest_address=None if before is None else IMPORTS, older_address=older, everywhere=everywhere)


def describe_run(lang: str, run: Row, report: Row, clock: tzinfo) -> RunRow:
    """An import in a few words.

    Args:
        lang: the reader's language.
        run: as kept.
        report: its report, or the parts of it that the list asks for.
        clock: zone of moments where the city is not known.
    """
    state, own = find_state(run["outcome"], run["alive"], report), zone(run["timezone"]) if run["timezone"] else clock
    name = (run["name_en"] if lang == "en" else run["name"]) or run["name"]
    by = report.get("by")
    return RunRow(
        number=run["id"],
        city=name or run["city"] or "–",
        profile=run["profile"],
        started=local_moment(run["started_at"], own),
        ended=local_moment(run["finished_at"], own) if run["finished_at"] else None,
        state=t(lang, STATE_TITLES[state]),
        kind=_KINDS.get(state, ""),
        rows=_count(lang, report, state),
        by=" · ".join(part for part in (by.removeprefix("cli:") if by else None, report.get("machine")) if part),
        address=f"{IMPORTS}/{run['id']}",
    )


def describe_report(lang: str, found: KeptRun, reason: str, after: int, clock: tzinfo, message: Message = NO_MESSAGE) -> ImportPage:
    """The report of one import."""
    report = found.run["report"]
    state = find_state(found.run["outcome"], found.run["alive"], report)
    last = found.rows[-1]["id"] if found.more else None
    return ImportPage(
        run=describe_run(lang, found.run, report, clock),
        told=read_account(report, lang),
        loaded=state in ("loaded", "unchanged"),
        state=state,
        reason=reason,
        reasons=[(code, f"{title_reason(lang, code)} · {count:,}") for code, count in found.reasons],
        rows=[RejectedRow(row["file"], row["line"], title_reason(lang, row["reason"]), tell_row(lang, row)) for row in found.rows],
        kept=sum(count for code, count in found.reasons if not reason or code == reason),
        rejected=report.get("rejected", 0),
        first_address=rows_address(found.run["id"], reason) if after else None,
        next_address=None if last is None else rows_address(found.run["id"], reason, last),
        days_kept=settings().rejects_days,
        message=message,
    )


def title_reason(lang: str, code: str) -> str:
    """A reason in a few words."""
    return t(lang, REASON_TITLES[code]) if code in REASON_TITLES else code


def rows_address(number: int, reason: str, after: int = 0) -> str:
    """Address of rejected rows of an import."""
    asked = {**({"reason": reason} if reason else {}), **({"after": str(after)} if after else {})}
    return f"{IMPORTS}/{number}{'?' + urlencode(asked) if asked else ''}#rejected"


def _count(lang: str, report: Row, state: State) -> str:
    read, rejected = report.get("read"), report.get("rejected") or 0
    if read is None:
        return ""
    told = {"read": f"{read:,}", "good": f"{read - rejected:,}", "rejected": f"{rejected:,}"}
    if state in ("loaded", "unchanged"):
        return t(lang, "{read} rows read = {good} loaded + {rejected} rejected", **told)
    return t(lang, "{read} rows read = {good} usable + {rejected} rejected", **told)
