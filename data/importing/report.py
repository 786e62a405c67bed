"""The report of an import: printed at the end, stored in ``import_run.report``, with a CSV of rejected rows."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from data.core import state_folder
from data.core.i18n import t
from data.core.spreadsheets import Cell, as_csv
from data.importing.common.account import Account, page_address
from data.importing.common.sentences import Sentence
from data.importing.landing.staging import Changes
from data.importing.rows.rejects import Ledger, Reject
from data.upkeep import rejected_rows

SHOWN = 20
COLUMNS = ("source", "file", "line", "column", "value", "reason", "sentence")
"""Columns of the CSV of rejected rows."""


def build_report(ledger: Ledger, changes: dict[str, Changes], refusals: list[Sentence], more: dict[str, object]) -> dict[str, object]:
    """The whole report, ready for the database; sentences in both languages."""
    files = [
        {
            "subject": f.subject,
            "source": f.source,
            "file": f.file,
            "read": f.read,
            "loaded": f.loaded,
            "rejected": f.rejected,
            "left_out": f.left_out,
        }
        for f in ledger.tallies.values()
    ]
    repairs = [
        {"source": source, "kind": kind, "count": count, "sentence": Sentence(kind).both()}
        for (source, kind), count in ledger.repairs.items()
    ]
    reasons = Counter((r.source, r.reason) for r in ledger.rejects)
    return {
        "files": files,
        "read": sum(f.read for f in ledger.tallies.values()),
        "loaded": sum(f.loaded for f in ledger.tallies.values()),
        "rejected": sum(f.rejected for f in ledger.tallies.values()),
        "reasons": [{"source": s, "reason": r, "count": n} for (s, r), n in reasons.most_common()],
        "repairs": repairs,
        "remarks": [{"source": source, **told.both()} for source, told in ledger.remarks],
        "sentences": [told.both() for told in refusals],
        "changes": {name: vars(change) for name, change in changes.items()},
        **more,
    }


def format_table(account: Account, lang: str, loaded: bool = True) -> list[str]:
    """Lines of the table printed at the end: what was read, loaded (or could have been) and rejected of every file."""
    good = t(lang, "Loaded") if loaded else t(lang, "Usable")
    heads = [t(lang, "Source"), t(lang, "File"), t(lang, "Read"), good, t(lang, "Rejected"), t(lang, "Left out")]
    rows = [[f.source, f.file, *(f"{n:,}" for n in (f.read, f.usable, f.rejected, f.left_out))] for f in (*account.files, account.total)]
    return _aligned([heads, *rows], left=2)


def format_repairs(account: Account, lang: str) -> list[str]:
    """Lines on what was done with each kind of mess."""
    rows = [[told, f"{count:,}"] for told, count in account.repairs]
    rows += [[t(lang, "Rows rejected: {reason}", reason=reason), f"{count:,}"] for reason, count in account.reasons]
    return _aligned(rows, left=1)


def format_remarks(account: Account, lang: str, run: int, most: int = SHOWN) -> list[str]:
    """What is worth knowing though nothing is wrong, the first few of it."""
    lines = account.remarks[:most]
    if (more := len(account.remarks) - most) > 0:
        lines.append(
            t(
                lang,
                "… and {count} more: page {address} (for data stewards), or ./gridwell report-of-import {run}",
                count=more,
                address=page_address(run),
                run=run,
            )
        )
    return lines


def format_rejects(rejects: list[Reject], lang: str) -> list[str]:
    """The first sentences of each kind, and how many more there are of it.

    Of words that nothing lists, each is told once: what has to be declared is the word, not the row.
    """
    kinds: dict[tuple[str, str], list[Reject]] = {}
    for reject in rejects:
        kinds.setdefault((reject.source, reject.reason), []).append(reject)
    lines: list[str] = []
    each = max(2, SHOWN // max(len(kinds), 1))
    for (source, reason), found in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        shown = list({r.value: r for r in reversed(found)}.values())[::-1] if reason.startswith("unknown_") else found
        lines += [r.sentence.tell(lang) for r in shown[:each]]
        more = len(found) - min(each, len(shown))
        if more:
            lines.append(t(lang, "… and {count} more of “{reason}” in {source}.", count=f"{more:,}", reason=reason, source=source))
    return lines


def write_rejects(ledger: Ledger, city: str, run: int, lang: str) -> Path | None:
    """The rejects as CSV (with a byte-order mark, so that spreadsheets read Chinese); ``None`` when there are none."""
    if not ledger.rejects:
        return None
    folder = state_folder.make_server_folder(rejected_rows.rejects_folder())  # private: rows of the register may be among them
    path = folder / f"{city}-{run}.csv"
    rows: Iterable[list[Cell]] = (
        [r.source, r.file, r.line, r.column or "", r.value or "", r.reason, r.sentence.tell(lang)] for r in ledger.list_in_order()
    )
    path.unlink(missing_ok=True)
    # The folder is of the account that serves: whatever it may have put there under this name, we write a new file.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(as_csv(COLUMNS, rows))
    return path


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _aligned(rows: list[list[str]], left: int) -> list[str]:
    """Columns side by side; the first ``left`` flush left, the others flush right (Chinese characters are two wide)."""
    if not rows:
        return []
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for i, text in enumerate(row):
            blank = " " * (widths[i] - _width(text))
            cells.append(text + blank if i < left else blank + text)
        lines.append("  ".join(cells).rstrip())
    return lines
