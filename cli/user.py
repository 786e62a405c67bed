"""``./gridwell user``: manages accounts from a terminal of this machine. The audit log records the system user's name."""

import argparse
import getpass
import json
import sys
from typing import TYPE_CHECKING

from cli._terminal import language, say
from cli.up import address
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.roles import DETAILS, EVERYWHERE, ROLES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.accounts.model import Account, Draft

NAME = "user"
NEEDS_KEYS = True
HELP = "Add, list, close and open accounts; set passwords; make and withdraw tokens."


class NoTerminal(GridwellError):
    status, code = 422, "no_terminal"
    sentence = "There is no terminal to ask for a password at: give --link, or --password-stdin."


class NotTheSame(GridwellError):
    status, code, sentence = 422, "not_the_same", "The two were not the same; nothing was changed."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make an account, and a way to sign in")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=list(ROLES))
    add.add_argument("--area", default=EVERYWHERE, metavar="CODE", help="area or functional zone (default: everywhere)")
    add.add_argument("--detail", choices=DETAILS, help="less than the role may have")
    add.add_argument("--figures", metavar="CODE", help="area whose figures may be compared (default: the same)")
    add.add_argument("--shown", default="", metavar="NAME", help="name on the page")
    add.add_argument("--lang", metavar="LANG", help="language of the pages (default: the browser's)")
    add.add_argument("--subject", metavar="NAME", help="who this is at the identity provider")
    _password_arguments(add)
    rights = actions.add_parser("rights", help="give an account another role, area or detail")
    rights.add_argument("name")
    rights.add_argument("--role", choices=list(ROLES))
    rights.add_argument("--area", metavar="CODE", help="area or functional zone; * is everywhere")
    rights.add_argument("--detail", choices=DETAILS, help="less than the role may have")
    rights.add_argument("--figures", metavar="CODE", help="area whose figures may be compared")
    passwd = actions.add_parser("passwd", help="set a password; all sessions of the account end")
    passwd.add_argument("name")
    _password_arguments(passwd)
    listed = actions.add_parser("list", help="all accounts")
    listed.add_argument("--json", action="store_true", help="as JSON")
    for action, help_ in (
        ("disable", "close an account"),
        ("enable", "open it again"),
        ("second-factor-off", "for somebody who has lost their phone"),
    ):
        actions.add_parser(action, help=help_).add_argument("name")
    token = actions.add_parser("token", help="make a token, list them, or withdraw one")
    token.add_argument("name")
    token.add_argument("--for", dest="what", metavar="WHAT", help="what a new one is for")
    token.add_argument("--days", type=int, default=90, help="how long it is good for (default: 90)")
    token.add_argument("--withdraw", type=int, metavar="NUMBER", help="the one that is to open nothing any more")


def _password_arguments(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--link", action="store_true", help="print a one-time link with which the owner chooses a password")
    way.add_argument("--password-stdin", action="store_true", help="take the password from standard input")


def run(args: argparse.Namespace) -> int:
    """Do one action in one transaction; everything else is checked before somebody types a password."""
    from data.accounts.transactions import owner_transaction

    chosen = None
    if args.action in {"add", "passwd"}:
        with owner_transaction() as connection:
            _check(connection, args)
        chosen = _ask_password(args)  # outside of any transaction, because typing may take minutes
    with owner_transaction() as connection:
        if args.action == "list":
            _list(connection, args.json)
        elif args.action == "add":
            _add(connection, args, chosen)
        else:
            _change(connection, args, chosen)
    return 0


def _check(connection: "Connection", args: argparse.Namespace) -> None:
    """Refuse an action that would fail even with a good password.

    Raises:
        BadAccount: such an account cannot exist, for example because an area is unknown.
        NameTaken: an account with this name exists.
        UnknownAccount: there is no account whose password could be set.
    """
    from data.accounts import store
    from data.accounts.areas import check_areas
    from data.accounts.model import NameTaken, check_draft

    if args.action == "passwd":
        store.fetch_named(connection, args.name)
        return
    draft = _draft(args)
    check_draft(draft)
    check_areas(connection, draft)
    if store.find_by_name(connection, draft.name) is not None:
        raise NameTaken(name=draft.name, field="name")


def _draft(args: argparse.Namespace) -> "Draft":
    from data.accounts.model import Draft

    return Draft(args.name, args.shown, args.role, args.detail, args.area, args.figures, args.lang, args.subject)


def _ask_password(args: argparse.Namespace) -> str | None:
    """The password that was typed or sent; ``None`` if none is needed."""
    no_password = args.action == "add" and ("password" not in ROLES[args.role].abilities or args.subject)
    if args.link or no_password:
        return None
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise NoTerminal()
    lang = language()
    first = getpass.getpass(t(lang, "Password") + ": ")
    if first != getpass.getpass(t(lang, "Repeat password") + ": "):
        raise NotTheSame()
    return first


def _add(connection: "Connection", args: argparse.Namespace, chosen: str | None) -> None:
    from data.accounts import store
    from data.accounts.areas import check_areas
    from data.core.settings import settings

    draft = _draft(args)
    check_areas(connection, draft)
    made = store.add(connection, draft, settings().oidc_issuer)
    say(t(language(), "There is an account “{name}” now.", name=made.name))
    _give_password(connection, made, args, chosen)


def _give_password(connection: "Connection", one: "Account", args: argparse.Namespace, chosen: str | None) -> None:
    from data.accounts import links, passwords, store
    from data.accounts.model import BadPassword

    if chosen is not None:
        if reason := passwords.explain_refusal(chosen, one.name):
            raise BadPassword(reason=reason)
        store.set_password(connection, one.id, passwords.hash_password(chosen), by_other=True)
        say(t(language(), "The password is set."))
    elif args.link:
        key = links.make(connection, "password", one)
        say(t(language(), "With this address, good once within a day, a password can be chosen:"))
        say(f"{address()}reset?key={key}")


def _change(connection: "Connection", args: argparse.Namespace, chosen: str | None) -> None:
    from data.accounts import second_factor, store

    one = store.fetch_named(connection, args.name)
    if args.action == "passwd":
        _give_password(connection, one, args, chosen)
        return
    if args.action == "token":
        _tokens(connection, one, args)
        return
    if args.action == "rights":
        _rights(connection, one, args)
    elif args.action == "disable":
        store.disable(connection, one.id)
    elif args.action == "enable":
        store.enable(connection, one.id)
    else:
        second_factor.take_away(connection, one.id)
    say(t(language(), "Done."))


def _rights(connection: "Connection", one: "Account", args: argparse.Namespace) -> None:
    from data.accounts import store
    from data.accounts.areas import check_areas
    from data.accounts.model import Draft

    role = args.role or one.role
    detail = args.detail or (one.detail if role == one.role else None)
    figures = args.figures or one.figures
    draft = Draft(one.name, one.shown, role, detail, args.area or one.scope, figures, one.lang, one.oidc_subject)
    check_areas(connection, draft)
    store.change(connection, one.id, draft, one.oidc_issuer)


def _tokens(connection: "Connection", one: "Account", args: argparse.Namespace) -> None:
    from data.accounts import tokens

    lang = language()
    if args.withdraw is not None:
        found = tokens.withdraw(connection, args.withdraw, one.id)
        say(t(lang, "Done.") if found else t(lang, "There is no such token."))
        return
    if args.what is not None:
        value = tokens.make(connection, one.name, args.what, args.days)
        say(t(lang, "Copy it now: it is shown only once and is not stored."))
        say(f"{address()}wall?token={value}" if one.role == "wall" else value)
        return
    for row in tokens.list_tokens(connection, one.id):
        say(f"{row['id']:>6}  {row['expires_at']:%Y-%m-%d}  {row['name']}")


def _list(connection: "Connection", as_json: bool) -> None:
    from data.accounts import store

    lang = language()
    found = store.list_accounts(connection)
    if as_json:
        say(json.dumps([_facts(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        closed = "" if one.enabled else f"  ({t(lang, 'closed')})"
        say(f"{one.name:24} {one.role:14} {one.detail:8} {one.scope:16} {one.shown}{closed}")


def _facts(one: "Account") -> dict[str, object]:
    shown = {name: getattr(one, name) for name in ("name", "shown", "role", "detail", "scope", "figures", "lang", "oidc_subject")}
    return {**shown, "enabled": one.enabled, "password": one.password_hash is not None, "second_factor": one.totp_secret is not None}
