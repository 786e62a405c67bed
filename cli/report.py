"""``./gridwell report AREA``: a report as a file, made on the command line."""

import argparse
import asyncio
import hashlib
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cli._serving.fonts import try_fonts
from cli._terminal import language, say
from cli.bench import check_outputs
from data.core.i18n import t
from data.core.viewer import Lang

if TYPE_CHECKING:
    from data.reports.audience import Audience
    from data.reports.requests import Order
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
    parser.add_argument(
        "--issue", action="store_true", help="issue it, too: it stays as it is for good, and opens for whoever may see what it shows"
    )


def run(args: argparse.Namespace) -> int:
    """Make and write the report; 0 when the file is there. That it left the database stands in the audit log first.

    Raises:
        UnknownName: no form has the file's ending.
        NoFolder: the file cannot be written there.
    """
    from data.reports.requests import Order
    from reports.writers.forms import check_ending, write

    check_ending(args.out.suffix)
    check_outputs(args.out, None)
    if args.out.suffix.lower() != ".xlsx":
        try_fonts(say)
    chosen: Lang = "zh" if (args.lang or language()) == "zh" else "en"
    detail: Literal["figures", "cases"] = "figures" if args.figures_only else "cases"
    order = Order(args.area, args.kind, args.period, tuple(args.beside), chosen, detail)
    audience, report = asyncio.run(_make(order, detail, args.issue))
    _end_progress()
    made = write(report, args.out.suffix)
    if args.issue:
        _issue(order, audience, report, args.out.suffix[1:].lower(), made)
    else:
        _log_export(report, made)
    _write_privately(args.out, made)
    say(t(language(), "Written: {file} ({kilobytes} kB).", file=args.out, kilobytes=f"{len(made) / 1000:,.0f}"))
    return 0


async def _make(order: "Order", detail: Literal["figures", "cases"], issued: bool) -> tuple["Audience", "Report"]:
    """What is issued is made as its audience; a file alone, for whoever is at the terminal."""
    from data.core.viewer import everything
    from data.reports.audience import choose_audience
    from reports.compose import compose

    owner = everything(order.lang, detail)
    audience = await choose_audience(owner, order.area, order.beside, detail)
    viewer = audience.as_viewer(order.lang) if issued else owner
    made = await compose(order.area, order.kind, order.period, viewer, _progress, order.beside)
    return audience, replace(made, made_at=datetime.now(UTC).isoformat(timespec="seconds"))


def _issue(order: "Order", audience: "Audience", report: "Report", form: str, content: bytes) -> None:
    from data.auditing.owner_entries import operator_name
    from data.database.connections import connect
    from data.reports.issued import Made, issue_made
    from reports.making import facts_of, pack

    with connect() as connection:
        made = Made(order, audience, pack(report), facts_of(report), {form: content})
        _, no = issue_made(connection, made, operator_name())
    say(t(language(), "Issued as number {no}.", no=no))


def _write_privately(file: Path, content: bytes) -> None:
    """A report may show single cases: nobody else on this machine reads the file unless its owner says so."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(content)


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
