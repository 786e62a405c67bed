"""``./gridwell routing CITY``: the rules that send cases to units; tries and takes over others."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection
    from data.organisation.dry_run import DryRun
    from data.organisation.model import RoutingRule

NAME = "routing"
HELP = "Show the rules that send a city's cases to units, try others on the last 30 days, and take them over (docs/routing.md)."
REFUSED = 2
_SHOWN = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("city", metavar="CITY", help="code of the city")
    table = parser.add_mutually_exclusive_group()
    table.add_argument("--dry-run", type=Path, metavar="RULES.csv", help="say where cases of the last 30 days would go; change nothing")
    table.add_argument("--apply", type=Path, metavar="RULES.csv", help="take these rules over, in their order")


def run(args: argparse.Namespace) -> int:
    """Show, try or take over rules; 2 where the table cannot be used."""
    from data.database.connections import connect
    from data.deadlines.store import find_timezone
    from data.deadlines.uploads import BadRows

    with connect() as connection:
        timezone = find_timezone(connection, args.city)
        try:
            rules = _read(connection, args)
        except BadRows as refused:
            for sentence in [*refused.tell(language()), t(language(), refused.sentence, **refused.facts)]:
                say(sentence)
            return REFUSED
        if rules is not None:
            _try_or_take(connection, args, timezone, rules)
        else:
            _show(connection, args.city)
    return 0


def _read(connection: "Connection", args: argparse.Namespace) -> "list[RoutingRule] | None":
    from data.deadlines.store import find_category
    from data.deadlines.uploads import read_raw
    from data.organisation.finding import find_areas, find_units
    from data.organisation.uploads import read_routing_rules

    path = args.dry_run or args.apply
    if path is None:
        return None
    city = args.city
    return read_routing_rules(read_raw(path), find_units(connection, city), find_category(connection, city), find_areas(connection, city))


def _try_or_take(connection: "Connection", args: argparse.Namespace, timezone: str, rules: "list[RoutingRule]") -> None:
    from data.auditing.owner_entries import append_as_owner
    from data.organisation.dry_run import try_rules
    from data.organisation.store import write_rules

    _tell(try_rules(connection, args.city, timezone, _now(connection, args.city), rules))
    if args.dry_run is not None:
        say(t(language(), "Nothing was changed."))
        return
    write_rules(connection, args.city, rules)
    append_as_owner(connection, "routing_rules", args.city, {"rules": len(rules)})
    say(t(language(), "Rules taken over: {count}.", count=len(rules)))


def _now(connection: "Connection", city: str) -> datetime:
    """The moment that the city's figures stand for."""
    row = connection.execute("SELECT as_of FROM city WHERE code = %s", [city]).fetchone()
    return row[0] if row and row[0] else datetime.now(UTC)


def _tell(tried: "DryRun") -> None:
    lang = language()
    counts = {"cases": f"{tried.cases:,}", "routed": f"{tried.routed:,}", "same": f"{tried.same:,}"}
    say(t(lang, "Cases of the last 30 days: {cases}; a rule would send {routed} of them, {same} to where they went.", **counts))
    nowhere, waits = t(lang, "(nowhere yet)"), t(lang, "(waits for the dispatcher)")
    for (before, after), count in tried.moves.most_common(_SHOWN):
        say(f"  {count:>8,}  {before or nowhere} → {after or waits}")
    if len(tried.moves) > _SHOWN:
        say(t(lang, "… and {count} more.", count=len(tried.moves) - _SHOWN))


def _show(connection: "Connection", city: str) -> None:
    from data.organisation.store import read_organisation

    rules = read_organisation(connection, city).rules
    if not rules:
        say(t(language(), "The city has no rules: filed cases wait for the dispatcher."))
    for rule in rules:
        parts = (rule.category, rule.area, rule.channel, str(rule.hours) if rule.hours else None)
        span = f"  {rule.valid_from or ''} … {rule.valid_to or ''}" if rule.valid_from or rule.valid_to else ""
        say(f"{rule.ordinal:>4}  {'  '.join(part or '*' for part in parts)}  → {rule.unit}{span}")
