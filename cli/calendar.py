"""``./gridwell calendar CITY``: the hours and holidays with which deadlines are counted; shows, uploads and changes them."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection
    from data.deadlines.calendar import SpecialDay

NAME = "calendar"
HELP = "Show a city's working hours and holidays, give it those of a country, or upload a year's notice (docs/deadlines.md)."
REFUSED = 2


def _day(text: str) -> date:
    from data.deadlines.uploads import parse_day

    found = parse_day(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"“{text}” is no day, such as 2027-12-31")
    return found


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("city", metavar="CITY", help="code of the city")
    parser.add_argument("--country", metavar="CODE", help="take the holidays of a country or a part of it: CN, US-DC, DE-BE (ISO 3166)")
    parser.add_argument("--upload", type=Path, metavar="FILE", help="days from a CSV with the columns day, kind (off or work), name")
    parser.add_argument("--until", type=_day, metavar="DAY", help="with --upload: the days are complete until this day")
    parser.add_argument(
        "--hours",
        action="append",
        default=[],
        metavar="DAYS=HOURS",
        help='replace the hours: "mon-fri=09:00-12:00 13:30-17:30"; repeatable',
    )
    parser.add_argument("--from", dest="start", type=_day, metavar="DAY", help="with --hours: they hold from this day on")


def run(args: argparse.Namespace) -> int:
    """Change what is asked for, work deadlines out again, and show the calendar; 2 where a file or a word cannot be used."""
    from data.database.connections import connect
    from data.deadlines.uploads import BadRows

    try:
        days = _read(args)
    except BadRows as refused:
        for sentence in [*refused.tell(language()), t(language(), refused.sentence, **refused.facts)]:
            say(sentence)
        return REFUSED
    with connect() as connection:
        _change(connection, args, days)
        _show(connection, args.city)
    return 0


def _read(args: argparse.Namespace) -> "dict[date, SpecialDay] | None":
    from data.deadlines.uploads import UnreadableTable, read_days

    if args.upload is None:
        return None
    try:
        return read_days(args.upload.read_bytes())
    except OSError:
        raise UnreadableTable(reason="There is no such file, or it may not be read.") from None


def _change(connection: "Connection", args: argparse.Namespace, days: "dict[date, SpecialDay] | None") -> None:
    from data.auditing.owner_entries import append_as_owner
    from data.deadlines import store
    from data.deadlines.recomputing import recompute

    now = datetime.now(UTC)
    today = store.local_today(connection, args.city, now)
    changed: list[date] = []
    if args.country:
        changed += store.set_region(connection, args.city, args.country, today)
    if args.hours and _write_hours(connection, args):
        changed.append(args.start or date.min)
    if days is not None:
        changed += store.upload_days(connection, args.city, days, args.until, today)
    if not (args.country or args.hours or days is not None):
        return
    effect = recompute(connection, args.city, now, days=changed)
    facts = {"country": args.country, "uploaded": len(days or ()), "until": args.until and args.until.isoformat(), "hours": args.hours}
    append_as_owner(connection, "calendar", args.city, {**facts, "days_changed": len(changed), "cases": effect.touched})
    connection.commit()
    numbers = {"days": f"{len(changed):,}", "cases": f"{effect.touched:,}"}
    say(t(language(), "Days that are others now: {days}. Deadlines of open cases that were worked out again: {cases}.", **numbers))


def _write_hours(connection: "Connection", args: argparse.Namespace) -> bool:
    from data.deadlines import store
    from data.deadlines.rows import make_week

    week = make_week(dict(text.split("=", 1) if "=" in text else (text, "") for text in args.hours), args.start)
    held = [one for one in store.read_calendar(connection, args.city).weeks if store.has_hours(connection, args.city)]
    kept = [one for one in held if one.valid_from != args.start] if args.start else []
    return store.write_hours(connection, args.city, [*kept, week])


def _show(connection: "Connection", city: str) -> None:
    from data.deadlines import store
    from data.deadlines.rows import WEEKDAYS, format_spans

    lang, calendar, reach = language(), store.read_calendar(connection, city), store.read_reach(connection, city)
    for week in calendar.weeks:
        if week.valid_from:
            say(t(lang, "From {day} on:", day=week.valid_from.isoformat()))
        for name, spans in zip(WEEKDAYS, week.spans, strict=True):
            if spans or name != WEEKDAYS[-1]:
                say(f"  {name:8} {format_spans(spans) or '-'}")
    year = datetime.now(UTC).year
    for day, one in sorted(calendar.days.items()):
        if day.year >= year and calendar.is_gazetted(day):
            say(f"  {day.isoformat()} {one.kind:4} {one.name if lang == 'zh' else one.name_en}")
    if reach is None:
        say(t(lang, "No holidays: give the city those of its country (--country), or upload them (--upload)."))
    elif calendar.gazetted_until is None:
        say(t(lang, "Holidays of {region} follow from the law: every year is known.", region=reach.region or "-"))
    else:
        say(t(lang, "Holidays are gazetted until {day}; deadlines beyond it are provisional.", day=calendar.gazetted_until.isoformat()))
    provisional = connection.execute("SELECT count(*) FROM incident WHERE city = %s AND is_open AND due_provisional", [city]).fetchone()
    say(t(lang, "Open cases with a provisional deadline: {count}.", count=f"{(provisional or (0,))[0]:,}"))
