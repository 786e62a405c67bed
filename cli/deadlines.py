"""``./gridwell deadlines CITY``: the rules of deadlines; what other rules would change, and taking them over."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection
    from data.deadlines.recomputing import Effect
    from data.deadlines.rules import Rule

NAME = "deadlines"
HELP = "Show a city's rules of deadlines, say how many open cases other rules would touch, and take them over (docs/deadlines.md)."
REFUSED = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("city", metavar="CITY", help="code of the city")
    table = parser.add_mutually_exclusive_group()
    table.add_argument("--dry-run", type=Path, metavar="RULES.csv", help="say how many open cases these rules would touch; change nothing")
    table.add_argument(
        "--escalation", type=Path, metavar="TABLE.csv", help="who is told of late cases: area, role, factor, account, mail, hook"
    )
    table.add_argument("--apply", type=Path, metavar="RULES.csv", help="take these rules over")


def run(args: argparse.Namespace) -> int:
    """Show, try or take over rules; 2 where the table cannot be used."""
    from data.database.connections import connect
    from data.deadlines.store import find_timezone
    from data.deadlines.uploads import BadRows

    with connect() as connection:
        find_timezone(connection, args.city)
        if args.dry_run is None and args.apply is None and args.escalation is None:
            return _show(connection, args.city)
        try:
            if args.escalation is not None:
                return _escalation(connection, args)
            rules = _read(connection, args)
        except BadRows as refused:
            for sentence in [*refused.tell(language()), t(language(), refused.sentence, **refused.facts)]:
                say(sentence)
            return REFUSED
        _apply(connection, args, rules)
    return 0


def _read(connection: "Connection", args: argparse.Namespace) -> "list[Rule]":
    from data.deadlines.store import find_category
    from data.deadlines.uploads import read_rules

    return read_rules(_raw(args.dry_run or args.apply), find_category(connection, args.city))


def _escalation(connection: "Connection", args: argparse.Namespace) -> int:
    from data.auditing.owner_entries import append_as_owner
    from data.notices.escalation import write_rules
    from data.notices.escalation_table import read_escalation

    rules = read_escalation(_raw(args.escalation), *_names(connection, args.city))
    changed = write_rules(connection, args.city, rules)
    append_as_owner(connection, "deadline_rules", args.city, {"escalation": len(rules), "changed": changed})
    say(
        t(
            language(),
            "People who are told of late cases: {count} entries, {changed} of them new or changed.",
            count=len(rules),
            changed=changed,
        )
    )
    return 0


def _names(connection: "Connection", city: str) -> tuple[set[str], set[str]]:
    """Codes of the city's areas, and names of accounts."""
    areas = {row[0] for row in connection.execute("SELECT code FROM area WHERE city = %s AND level <> 'zone'", [city])}
    return areas, {row[0] for row in connection.execute("SELECT name FROM account")}


def _raw(path: Path) -> bytes:
    from data.deadlines.uploads import UnreadableTable

    try:
        return path.read_bytes()
    except OSError:
        raise UnreadableTable(reason="There is no such file, or it may not be read.") from None


def _apply(connection: "Connection", args: argparse.Namespace, rules: "list[Rule]") -> None:
    from data.auditing.owner_entries import append_as_owner
    from data.deadlines.recomputing import measure, recompute
    from data.deadlines.store import write_rules

    lang, now = language(), datetime.now(UTC)
    changes = write_rules(connection, args.city, rules)
    numbers = {"added": len(changes.added), "changed": len(changes.changed), "ended": len(changes.ended)}
    if args.dry_run:
        say(t(lang, "Rules that would be added: {added}, changed: {changed}, ended by a later one: {ended}.", **numbers))
        effect = measure(connection, args.city, now, changes.ids)
    else:
        say(t(lang, "Rules added: {added}, changed: {changed}, ended by a later one: {ended}.", **numbers))
        effect = recompute(connection, args.city, now, changes.ids)
        append_as_owner(connection, "deadline_rules", args.city, {**numbers, "cases": effect.touched})
    _tell(connection, args.city, effect)
    if args.dry_run:
        connection.rollback()
        say(t(lang, "Nothing was changed."))


def _tell(connection: "Connection", city: str, effect: "Effect") -> None:
    from data.deadlines.store import read_rules

    lang = language()
    counts = {name: f"{getattr(effect, name):,}" for name in ("touched", "earlier", "later", "overdue", "provisional")}
    sentence = t(
        lang,
        "Open cases touched: {touched}; earlier {earlier}, later {later}, overdue at once {overdue}, provisional {provisional}.",
        **counts,
    )
    say(sentence)
    known = {rule.id: rule for rule in read_rules(connection, city)}
    for number, count in effect.by_rule.most_common():
        if number in known:
            say(t(lang, "  {count} cases: {rule}", count=f"{count:,}", rule=_say(known[number])))


def _show(connection: "Connection", city: str) -> int:
    from data.deadlines.store import read_rules

    lang = language()
    statement = "SELECT rule_id, count(*) FROM incident WHERE city = %s AND is_open AND rule_id IS NOT NULL GROUP BY rule_id"
    counts: dict[int, int] = dict(connection.execute(statement, [city]).fetchall())
    rules = read_rules(connection, city)
    for rule in rules:
        say(t(lang, "  {count} cases: {rule}", count=f"{counts.get(rule.id, 0):,}", rule=_say(rule)))
    if not rules:
        say(t(lang, "The city has no rules of deadlines."))
    return 0


def _say(rule: "Rule") -> str:
    """A rule on one line, in the words of the table."""
    from data.deadlines.rows import format_time

    times = ", ".join(f"{step} {format_time(time)}" for step, time in rule.times.items())
    span = f"{rule.valid_from or ''} … {rule.valid_to or ''}" if rule.valid_from or rule.valid_to else ""
    return "  ".join(filter(None, [rule.category or "*", rule.condition, times, span]))
