"""``./gridwell units CITY``: the units that handle a city's cases, and who works in them; shows and uploads them."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection

NAME = "units"
HELP = "Show the units that handle a city's cases and who works in them, or upload tables of both (docs/routing.md)."
REFUSED = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("city", metavar="CITY", help="code of the city")
    parser.add_argument("--upload", type=Path, metavar="UNITS.csv", help="take over a table of units: code, name, department and so on")
    parser.add_argument("--members", type=Path, metavar="MEMBERS.csv", help="take over a table of members: unit, account, area, post")


def run(args: argparse.Namespace) -> int:
    """Take tables over and show what there is; 2 where a table cannot be used."""
    from data.database.connections import connect
    from data.deadlines.store import find_timezone
    from data.deadlines.uploads import BadRows

    with connect() as connection:
        timezone = find_timezone(connection, args.city)
        try:
            _take(connection, args, timezone)
        except BadRows as refused:
            for sentence in [*refused.tell(language()), t(language(), refused.sentence, **refused.facts)]:
                say(sentence)
            return REFUSED
        _show(connection, args.city)
    return 0


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
    if counts:
        append_as_owner(connection, "units", args.city, counts)


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
