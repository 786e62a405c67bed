"""``./gridwell doctor``: checks the installation, and that the data of every city are consistent."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli._terminal import language
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection
    from data.doctor.examine import Health
    from data.doctor.model import Finding

NAME = "doctor"
PIPED_WIDTH = 160
HELP = "Check the installation and the data; exit code 1 and a list when something is wrong."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--city", action="append", default=[], metavar="CODE", help="only this city; may be repeated")
    parser.add_argument("--audit", action="store_true", help="only the audit log: was any row altered, removed, put in or cut off?")
    parser.add_argument("--json", action="store_true", help="findings as JSON on standard output, and nothing else")


def run(args: argparse.Namespace) -> int:
    """Check everything as it stands at one moment, print the findings, and undo everything that the checks themselves made."""
    from data.database.connections import connect
    from data.doctor.examine import connect_at_one_moment

    console = Console(stderr=args.json, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    with connect() if args.audit else connect_at_one_moment() as connection:
        with console.status("") as status:
            health = _examined(connection, args, lambda title: status.update(t(language(), title) + " …"))
        connection.rollback()
    if args.json:
        print(json.dumps(health.as_json(), ensure_ascii=False, indent=2))
        return 0 if health.ok else 1
    lang = language()
    tell(console, lang, t(lang, "Audit log") if args.audit else t(lang, "Installation"), health.installation)
    for city in health.cities:
        tell(console, lang, f"{city.name if lang == 'zh' else city.name_en} · {city.code}", city.findings)
    console.print(t(lang, "All is well.") if health.ok else t(lang, "Something is wrong: see the lines marked ✗."))
    return 0 if health.ok else 1


def _examined(connection: "Connection", args: argparse.Namespace, told: Callable[[str], None]) -> "Health":
    from data.doctor import audit
    from data.doctor.examine import Health, examine

    if args.audit:
        return Health(tuple(audit.examine(connection, told)), ())
    return examine(connection, args.city, told)


def tell(console: Console, lang: str, title: str, findings: "tuple[Finding, ...]") -> None:
    """Print a table of findings, then the wrong rows of each check that found some."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1), show_header=False)
    for finding in findings:
        outcome = finding.outcome
        mark = Text("✗", "bold red") if not outcome.ok else Text("!", "yellow") if outcome.total else Text("✓", "green")
        figures = {name: f"{value:,}" if isinstance(value, int | float) else value for name, value in outcome.figures.items()}
        table.add_row(mark, t(lang, finding.title), Text(t(lang, outcome.sentence, **figures) if outcome.sentence else ""))
    console.print(table)
    for finding in findings:
        if finding.outcome.total:
            _print_offenders(console, lang, finding)
    console.print()


def _print_offenders(console: Console, lang: str, finding: "Finding") -> None:
    """Print the first wrong rows of one check, and their number."""
    outcome = finding.outcome
    console.print(Text(f" {'!' if outcome.ok else '✗'}  {t(lang, finding.title)}", "yellow" if outcome.ok else "bold red"))
    console.print(Text("    " + t(lang, "{total} found; the first {shown}:", total=outcome.total, shown=len(outcome.offenders))))
    for offender in outcome.offenders:
        console.print(Text(f"    · {offender}"))
