"""``./gridwell retention``: deletes at once what the register may no longer keep; the server does the same once a day."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection
    from data.upkeep.rejected_rows import Report as Rejected
    from data.upkeep.retention import Failure, Held, Report

NAME = "retention"
HELP = "Delete rows of the register and reporters of cases whose last day is over, and rejected rows of old imports; the audit log says so."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--dry-run", action="store_true", help="only count them")
    parser.add_argument(
        "--confirm",
        type=int,
        metavar="N",
        help="delete also where the date or the number is unusual: N rows, as the command has told before",
    )


def run(args: argparse.Namespace) -> int:
    """Delete or count, and print the result for each city; 1 where something is left to do."""
    from data.database.connections import connect
    from data.upkeep.retention import LOG_DAYS, list_dated, list_held

    lang, now = language(), datetime.now(UTC)
    with connect(autocommit=True) as connection:
        held = list_held(connection, now)
        count = sum(one.rows for one in held)
        if args.confirm is not None and (not held or args.confirm != count):
            say(t(lang, "{count} rows wait for a confirmation, not {said}. Nothing was deleted.", count=count, said=args.confirm))
            return 1
        confirmed = {one.report.city for one in held} if args.confirm is not None and not args.dry_run else set()
        left = _work(connection, now, args.dry_run, held, confirmed)
        for city, n, day in list_dated(connection):
            say(t(lang, "{city}: {count} rows have a last day; the first is {day}", city=city, count=f"{n:,}", day=day.isoformat()))
    if held and not confirmed:
        say(t(lang, "To delete them nevertheless: ./gridwell retention --confirm {count}", count=count))
    say(t(lang, "The audit log stays: the law requires it for at least {days} days, and no command deletes any of it.", days=LOG_DAYS))
    return 1 if left else 0


def _work(connection: "Connection", now: datetime, dry_run: bool, held: "list[Held]", confirmed: set[str]) -> bool:
    """Delete or count; returns whether something could not be deleted."""
    from data.upkeep import rejected_rows
    from data.upkeep.plausible_time import confirm_clock, doubt_clock
    from data.upkeep.retention import Failure, Held, count_overdue, delete_overdue

    lang, left = language(), False
    waiting = {one.report.city: one for one in held}
    if confirmed and doubt_clock(connection, now):
        with connection.transaction():
            confirm_clock(connection, now)
    sentence = (
        t(lang, "{city}, last day before {today}: {people} people and {reporters} reporters would be deleted")
        if dry_run
        else t(lang, "{city}, last day before {today}: {people} people and {reporters} reporters deleted")
    )
    for report in count_overdue(connection, now) if dry_run else delete_overdue(connection, now, confirmed=confirmed):
        shown = report if isinstance(report, Held) or not dry_run else waiting.get(report.city, report)
        left |= isinstance(shown, Failure | Held)
        say(_told(lang, shown, sentence))
    if doubt_clock(connection, now) is None:
        old = rejected_rows.count_old(connection, now) if dry_run else rejected_rows.delete_old(connection, now)
        left |= bool(old.left)
        for line in _of_imports(lang, old, dry_run):
            say(line)
    return left


def _told(lang: str, report: "Report | Failure | Held", sentence: str) -> str:
    from data.upkeep.retention import Failure, Held

    if isinstance(report, Held):
        return _waiting(lang, report)
    city, today = report.city, report.today.isoformat()
    if isinstance(report, Failure):
        failed = "{city}, last day before {today}: nothing could be deleted ({reason}); the database's own log says more"
        return t(lang, failed, city=city, today=today, reason=report.reason)
    return sentence.format(city=city, today=today, people=f"{report.people:,}", reporters=f"{report.reporters:,}")


def _waiting(lang: str, held: "Held") -> str:
    """Why nothing is deleted in a city, and what would be."""
    facts = {
        "city": held.report.city,
        "people": f"{held.report.people:,} / {held.people:,}",
        "reporters": f"{held.report.reporters:,} / {held.reporters:,}",
    }
    if held.doubt is not None:
        now, known = f"{held.doubt.now:%Y-%m-%d %H:%M}", f"{held.doubt.known:%Y-%m-%d %H:%M}"
        sentence = (
            "{city}: nothing was deleted, because this machine's clock shows {now} UTC, and the last known moment is {known} UTC."
            " Set the clock right. {people} people and {reporters} reporters would go"
        )
        return t(lang, sentence, now=now, known=known, **facts)
    sentence = "{city}: nothing was deleted, because unusually many rows would go: {people} people and {reporters} reporters"
    return t(lang, sentence, **facts)


def _of_imports(lang: str, old: "Rejected", dry_run: bool) -> Iterator[str]:
    deleted = "Rejected rows of imports before {day}: {rows} rows and {files} files deleted"
    counted = "Rejected rows of imports before {day}: {rows} rows and {files} files would be deleted"
    yield t(lang, counted if dry_run else deleted, day=old.before.date().isoformat(), rows=f"{old.rows:,}", files=f"{old.files:,}")
    for told in old.left:
        yield t(lang, "Could not be deleted: {file}", file=told)
