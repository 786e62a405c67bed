"""``./gridwell report AREA``: a report as a file, made on the command line."""

import argparse
import asyncio
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cli._serving.fonts import try_fonts
from cli._terminal import language, say
from cli.bench import check_outputs
from data.core.i18n import t
from data.core.viewer import Lang

if TYPE_CHECKING:
    from reports.content import Report

NAME = "report"
HELP = "Write a report of an area as PDF, DOCX or XLSX (docs/reports.md)."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("area", metavar="AREA", help="code of the area or functional zone")
    parser.add_argument("--kind", default="weekly", help="kind of report (default: weekly)")
    parser.add_argument(
        "--period", metavar="PERIOD", help="2026-11-23, 2026-W10, 2026-03, 2026-Q1, 2026 or FIRST..LAST; otherwise the last one over"
    )
    parser.add_argument("--beside", action="append", default=[], metavar="AREA", help="another area to compare with; up to five times")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="its ending says the form: .pdf, .docx or .xlsx")
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the report (default: that of the terminal)")
    parser.add_argument("--figures-only", action="store_true", help="without single cases and who must act: a report that may be passed on")


def run(args: argparse.Namespace) -> int:
    """Make and write the report; 0 when the file is there. That it left the database stands in the audit log first.

    Raises:
        UnknownName: no form has the file's ending.
        NoFolder: the file cannot be written there.
    """
    from data.core.viewer import everything
    from reports.compose import compose
    from reports.writers.forms import check_ending, write

    check_ending(args.out.suffix)
    check_outputs(args.out, None)
    if args.out.suffix.lower() != ".xlsx":
        try_fonts(say)
    chosen: Lang = "zh" if (args.lang or language()) == "zh" else "en"
    viewer = everything(chosen, "figures" if args.figures_only else "cases")
    report = asyncio.run(compose(args.area, args.kind, args.period, viewer, _progress, args.beside))
    _end_progress()
    made = write(report, args.out.suffix)
    _log_export(report, made)
    args.out.write_bytes(made)
    say(t(language(), "Written: {file} ({kilobytes} kB).", file=args.out, kilobytes=f"{len(made) / 1000:,.0f}"))
    return 0


def _log_export(report: "Report", made: bytes) -> None:
    from data.auditing.owner_entries import append_as_owner
    from data.database.connections import connect

    told = {"area": report.area, "kind": report.kind, "from": report.first, "to": report.last, "sha256": hashlib.sha256(made).hexdigest()}
    with connect() as connection:
        append_as_owner(connection, "export", "report", told)


def _progress(section: str, at: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{at + 1}/{of} {section}")
        sys.stderr.flush()


def _end_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
