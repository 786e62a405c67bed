"""``./gridwell report-of-import [ID]``: what an import did, and the rows that it rejected, as the stewards' page shows it."""

import argparse
from pathlib import Path
from typing import Any

from cli._terminal import complain, language, say
from data.core.i18n import t

NAME = "report-of-import"
HELP = "Show the report of an import: what was read, loaded and rejected, and why; without a number that of the last one."

DONE, UNKNOWN = 0, 2
LISTED = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("number", nargs="?", type=int, metavar="ID", help="number of the import; by default the last one")
    parser.add_argument("--list", action="store_true", help=f"list the last {LISTED} imports instead")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="also write the rejected rows with their reasons to a new CSV file")
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the sentences; by default the terminal's")


def run(args: argparse.Namespace) -> int:
    """Print the report; the audit log says who took rejected rows of it."""
    from data.database.connections import connect
    from data.importing import kept_reports

    lang = args.lang or language()
    with connect() as connection:
        if args.list:
            return _list(kept_reports.list_runs(connection, LISTED), lang)
        found = kept_reports.find_run(connection, args.number)
        if found is None:
            complain(
                t(lang, "There is no import {number}.", number=args.number) if args.number else t(lang, "Nothing has been imported yet.")
            )
            return UNKNOWN
        for line in _lines(found, lang):
            say(line)
        if args.rejects is None:
            return DONE
        try:
            count = kept_reports.write_rejected(connection, found["id"], args.rejects, lang)
        except FileExistsError:
            complain(t(lang, "{path} exists already; name a new file.", path=args.rejects))
            return UNKNOWN
        except OSError as error:
            complain(t(lang, "{path} cannot be written: {reason}", path=args.rejects, reason=error.strerror or error))
            return UNKNOWN
    say(t(lang, "{count} rejected rows written to {path}; the audit log says that they were taken.", count=f"{count:,}", path=args.rejects))
    return DONE


def _list(runs: list[dict[str, Any]], lang: str) -> int:
    from data.importing.common.account import STATE_TITLES, find_state

    for one in runs:
        state = t(lang, STATE_TITLES[find_state(one["outcome"], one["alive"], one["report"])])
        say(f"{one['id']:>6}  {one['started_at']:%Y-%m-%d %H:%M}  {state}  {one['city'] or '–'}  {one['profile']}")
    if not runs:
        say(t(lang, "Nothing has been imported yet."))
    return DONE


def _lines(found: dict[str, Any], lang: str) -> list[str]:
    from data.importing import report
    from data.importing.common.account import STATE_TITLES, find_state, read_account

    account, state = read_account(found["report"], lang), find_state(found["outcome"], found["alive"], found["report"])
    ended = f"{found['finished_at']:%Y-%m-%d %H:%M:%S %Z}" if found["finished_at"] else "–"
    facts = [
        (t(lang, "Import"), f"{found['id']}, {found['city'] or '–'}, {found['profile']}"),
        (t(lang, "State"), t(lang, STATE_TITLES[state])),
        (t(lang, "Begun"), f"{found['started_at']:%Y-%m-%d %H:%M:%S %Z}"),
        (t(lang, "Ended at"), ended),
        (t(lang, "By whom, on which machine"), ", ".join(part for part in (account.by, account.machine) if part)),
        (t(lang, "Folder"), account.folder or ""),
    ]
    lines = [t(lang, "{name}: {value}", name=name, value=value) for name, value in facts if value]
    for block in (
        report.format_table(account, lang, loaded=state in ("loaded", "unchanged")) if account.files else [],
        report.format_repairs(account, lang),
        account.remarks,
        account.refusals,
    ):
        lines += ["", *block] if block else []
    if account.same_as:
        lines += ["", t(lang, "Its files are those of import {number}; the counts are of that import.", number=account.same_as)]
    return lines
