"""``./gridwell units CITY``: the units that handle a city's cases, and who works in them; shows and uploads them."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from datetime import tzinfo

    from data.database.connections import Connection
    from data.organisation.name_store import HandlerRows, Linking

NAME = "units"
HELP = "Show the units that handle a city's cases and who works in them, upload tables of both, and link cases to them (docs/routing.md)."
REFUSED = 2
_SHOWN = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("city", metavar="CITY", help="code of the city")
    parser.add_argument("--upload", type=Path, metavar="UNITS.csv", help="take over a table of units: code, name, department and so on")
    parser.add_argument("--members", type=Path, metavar="MEMBERS.csv", help="take over a table of members: unit, account, area, post")
    parser.add_argument("--names", type=Path, metavar="NAMES.csv", help="say which unit handlers' names mean: name, unit (empty: none)")
    parser.add_argument("--duty", type=Path, metavar="DUTY.csv", help="take over a duty roster: area, person or count, from, to")
    parser.add_argument("--link", action="store_true", help="link imported cases to the units whose names their handlers have")
    parser.add_argument("--make", action="store_true", help="with --link: make a unit of every name that no unit has")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")


def run(args: argparse.Namespace) -> int:
    """Take tables over and show what there is; 2 where a table cannot be used."""
    from data.database.connections import connect
    from data.deadlines.store import find_timezone
    from data.deadlines.uploads import BadRows

    with connect() as connection:
        timezone = find_timezone(connection, args.city)
        try:
            _take(connection, args, timezone)
            linking = _link(connection, args)
        except BadRows as refused:
            connection.rollback()
            for sentence in [*refused.tell(language()), t(language(), refused.sentence, **refused.facts)]:
                say(sentence)
            return REFUSED
        if linking is None:
            _show(connection, args.city)
        else:
            _tell(linking, args.city)
        if args.dry_run:
            connection.rollback()
            say(t(language(), "Nothing was changed."))
    return 0


def _link(connection: "Connection", args: argparse.Namespace) -> "Linking | None":
    """Say what names mean, and link cases by their names; ``None`` where neither is asked for."""
    from data.auditing.owner_entries import append_as_owner
    from data.deadlines.uploads import read_raw
    from data.organisation.finding import find_units
    from data.organisation.name_store import link_cases, read_handlers, write_names
    from data.organisation.uploads import read_names

    if args.names is None and not args.link:
        return None
    names = [] if args.names is None else read_names(read_raw(args.names), find_units(connection, args.city))
    write_names(connection, args.city, names)
    rows = read_handlers(connection, args.city)
    if not args.link:
        rows = _only(rows, {name for name, _ in names})
    linking = link_cases(connection, args.city, make=args.link and args.make, widening=args.link, rows=rows)
    append_as_owner(connection, "units", args.city, {"names": len(names), "linked_cases": linking.moved, "made": len(linking.made)})
    return linking


def _only(rows: "HandlerRows", names: set[str]) -> "HandlerRows":
    """Rows whose handler has one of these names, however it is spelt."""
    from data.organisation.names import fold_name

    keys = {fold_name(name) for name in names}
    return [row for row in rows if fold_name(row[0]) in keys]


def _tell(linking: "Linking", city: str) -> None:
    """Every name with its cases and its unit, what could not be linked, and who sees more."""
    from data.importing.landing.handlers import tell_linking

    lang = language()
    for one in linking.handlers[:_SHOWN]:
        kinds = {"several": t(lang, "several units"), "unknown": t(lang, "no unit has this name"), "no_unit": t(lang, "no unit")}
        unit = f"{one.found.unit}{' +' if one.made else ''}" if one.found.unit else kinds.get(one.found.kind, "")
        say(f"{one.cases:>9,}  {one.name}  → {unit}")
    if (more := len(linking.handlers) - _SHOWN) > 0:
        say(t(lang, "… and {count} more.", count=more))
    for sentence in tell_linking(linking, city, linking.made):
        say(sentence.tell(lang))
    say(t(lang, "Cases that got another unit than they had: {count}.", count=f"{linking.moved:,}"))
    for unit, cases in sorted(linking.seen_by_more.items()):
        facts = {"unit": unit, "members": linking.staffed[unit], "cases": f"{cases:,}"}
        say(t(lang, "Further cases that the members of {unit} ({members}) see: {cases}.", **facts))


def _take(connection: "Connection", args: argparse.Namespace, timezone: str) -> None:
    from data.auditing.owner_entries import append_as_owner
    from data.core.timezones import zone
    from data.deadlines.uploads import read_raw
    from data.organisation import uploads
    from data.organisation.finding import find_accounts, find_areas, find_units
    from data.organisation.store import write_members, write_units

    counts: dict[str, int] = {}
    if args.upload is not None:
        units = uploads.read_units(read_raw(args.upload))
        yesterday = datetime.now(UTC).astimezone(zone(timezone)).date() - timedelta(days=1)
        counts |= {"units": len(units), "ended": write_units(connection, args.city, units, yesterday)}
    if args.members is not None:
        finders = (find_units(connection, args.city), find_accounts(connection), find_areas(connection, args.city))
        members = uploads.read_members(read_raw(args.members), *finders)
        write_members(connection, args.city, members)
        counts |= {"members": len(members)}
    if args.duty is not None:
        counts |= _take_duty(connection, args.city, args.duty, zone(timezone))
    if counts:
        append_as_owner(connection, "units", args.city, counts)


def _take_duty(connection: "Connection", city: str, file: Path, there: "tzinfo") -> dict[str, int]:
    from data.deadlines.uploads import read_raw
    from data.organisation.duty import read_shifts
    from data.organisation.duty_store import replace_shifts
    from data.organisation.finding import find_areas

    shifts = read_shifts(read_raw(file), find_areas(connection, city), there)
    done = replace_shifts(connection, city, shifts, there, datetime.now(UTC))
    if done is None:
        say(t(language(), "The roster has no rows."))
        return {}
    days = {"first": done.first.isoformat(), "last": done.last.isoformat()}
    counts = {"count": f"{done.shifts:,}", "gone": f"{done.gone:,}"}
    say(t(language(), "Duty from {first} to {last}: {count} shifts, in the place of {gone}.", **days, **counts))
    return {"shifts": done.shifts, "shifts_gone": done.gone}


def _show(connection: "Connection", city: str) -> None:
    from data.organisation.store import read_organisation

    lang, known = language(), read_organisation(connection, city)
    if not known.units:
        say(t(lang, "The city has no units; until it has, a case may name any unit."))
    for unit in known.units:
        until = f"  … {unit.valid_to}" if unit.valid_to else ""
        say(f"{unit.code}  {unit.name}  {unit.department}{until}".rstrip())
        for member in known.members:
            if member.unit == unit.code:
                say(f"    {member.account}  {member.post}  {member.area or '*'}")
