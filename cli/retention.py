"""``./gridwell retention``: deletes at once what the register may no longer keep; the server does the same once a day."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.upkeep.rejected_rows import Report as Rejected
    from data.upkeep.retention import Failure, Report

NAME = "retention"
HELP = "Delete rows of the register and reporters of cases whose last day is over, and rejected rows of old imports; the audit log says so."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--dry-run", action="store_true", help="only count them")


def run(args: argparse.Namespace) -> int:
    """Delete or count, and print the result for each city."""
    from data.database.connections import connect
    from data.upkeep import rejected_rows
    from data.upkeep.retention import LOG_DAYS, Failure, count_overdue, delete_overdue, list_dated

    lang, now, failed = language(), datetime.now(UTC), False
    deleted = t(lang, "{city}, last day before {today}: {people} people and {reporters} reporters deleted")
    counted = t(lang, "{city}, last day before {today}: {people} people and {reporters} reporters would be deleted")
    with connect(autocommit=True) as connection:
        for report in count_overdue(connection, now) if args.dry_run else delete_overdue(connection, now):
            failed |= isinstance(report, Failure)
            say(_told(lang, report, counted if args.dry_run else deleted))
        old = rejected_rows.count_old(connection, now) if args.dry_run else rejected_rows.delete_old(connection, now)
        for line in _of_imports(lang, old, args.dry_run):
            say(line)
        for city, count, day in list_dated(connection):
            say(t(lang, "{city}: {count} rows have a last day; the first is {day}", city=city, count=f"{count:,}", day=day.isoformat()))
    say(t(lang, "The audit log stays: the law requires it for at least {days} days, and no command deletes any of it.", days=LOG_DAYS))
    return 1 if failed or old.left else 0


def _told(lang: str, report: "Report | Failure", sentence: str) -> str:
    from data.upkeep.retention import Failure

    city, today = report.city, report.today.isoformat()
    if isinstance(report, Failure):
        failed = "{city}, last day before {today}: nothing could be deleted ({reason}); the database's own log says more"
        return t(lang, failed, city=city, today=today, reason=report.reason)
    return sentence.format(city=city, today=today, people=f"{report.people:,}", reporters=f"{report.reporters:,}")


def _of_imports(lang: str, old: "Rejected", dry_run: bool) -> Iterator[str]:
    deleted = "Rejected rows of imports before {day}: {rows} rows and {files} files deleted"
    counted = "Rejected rows of imports before {day}: {rows} rows and {files} files would be deleted"
    yield t(lang, counted if dry_run else deleted, day=old.before.date().isoformat(), rows=f"{old.rows:,}", files=f"{old.files:,}")
    for told in old.left:
        yield t(lang, "Could not be deleted: {file}", file=told)
