"""All accounts, for administrators: rights, ways to sign in, displays. This gives administrators no further rights to see the city."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import areas, delegation, links, second_factor, sessions, store, tokens
from data.accounts.model import Account, BadAccount, Draft, LastAdministrator, NameTaken
from data.accounts.transactions import run_for_visitor
from data.core.errors import GridwellError, NotOpen
from data.core.i18n import t, tell
from data.core.roles import DEVICES, EVERYWHERE
from data.core.settings import settings
from routes.doors.accounts import (
    AccountBeyondPage,
    AccountPage,
    AccountsPage,
    Limits,
    describe_account,
    draft_of,
    make_rights_form,
    password_moment,
)
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.page import public_address
from routes.doors.tokens import TOKENS_TOO, describe_ending, describe_tokens
from routes.middleware.forms import fields, onwards, visitor
from routes.middleware.guard import inside
from routes.people.pages import parse_number, reader_language, respond
from routes.shared.path_numbers import register_id_numbers

router = APIRouter(include_in_schema=False)
register_id_numbers()  # must run before the first path that uses them
_REFUSALS = (BadAccount, NameTaken, LastAdministrator)


@router.get("/accounts")
async def show_accounts(request: Request) -> Response:
    """The list of all accounts."""
    return await _respond_list(request)


@router.post("/accounts")
async def add_account(request: Request) -> Response:
    """Add an account; its page then offers a link with which the owner chooses a password."""
    draft = _draft(await _read_form(request))
    try:
        made = await run_for_visitor(visitor(request), delegation.add, _administrator(request), draft, settings().oidc_issuer)
    except _REFUSALS as error:
        return await _respond_list(request, draft, _error(request, error))
    return onwards(f"/accounts/{made.id}")


@router.get("/accounts/{number:id}")
async def show_account(request: Request, number: int) -> Response:
    """The page of one account."""
    return await _respond_one(request, number)


@router.post("/accounts/{number:id}")
async def change_rights(request: Request, number: int) -> Response:
    """Change an account's rights; the change is in force at once."""
    given, kept = await _read_form(request), await _load_account(request, number)
    if _is_own(request, number):
        return await _respond_refused(request, number, _NOT_HERE_WORDS["rights"])
    draft = _draft(given, kept.name)
    try:
        await run_for_visitor(visitor(request), delegation.change, _administrator(request), number, draft, settings().oidc_issuer)
    except _REFUSALS as error:
        return await _respond_one(request, number, _error(request, error), draft)
    return await _respond_done(request, number, _DONE_WORDS["kept"])


@router.post("/accounts/{number:id}/link")
async def make_link(request: Request, number: int) -> Response:
    """Make a link with which the account's owner chooses a password, so that the administrator never learns the password."""
    await _read_form(request)
    one = await _load_account(request, number)
    if not one.enabled or one.role in DEVICES:
        return onwards(f"/accounts/{number}")
    if _is_own(request, number):
        return await _respond_refused(request, number, _NOT_HERE_WORDS["ways"])
    key = await run_for_visitor(visitor(request), links.make, "password", one)
    return await _respond_one(request, number, Message(secret=f"{public_address(request)}/reset?key={key}"))


@router.post("/accounts/{number:id}/second-factor/off")
async def take_second_factor_away(request: Request, number: int) -> Response:
    """Remove the second factor of somebody who lost their telephone; the owner is told at the next sign-in.

    Administrators turn off their own second factor on the page of their own account, with the password.
    """
    await _read_form(request)
    if _is_own(request, number):
        return await _respond_refused(request, number, _NOT_HERE_WORDS["ways"])
    await run_for_visitor(visitor(request), second_factor.take_away, (await _load_account(request, number)).id)
    return await _respond_done(request, number, _DONE_WORDS["factor"])


@router.post("/accounts/{number:id}/sessions/end-all")
async def end_sessions(request: Request, number: int) -> Response:
    """Sign somebody out everywhere; also withdraw the tokens of their programs, unless that box was unticked."""
    given, one = await _read_form(request), await _load_account(request, number)
    await run_for_visitor(visitor(request), sessions.end_all, one.id, one.name)
    if TOKENS_TOO in given:
        await run_for_visitor(visitor(request), tokens.withdraw_all, one.id)
    return onwards(f"/accounts/{number}")


@router.post("/accounts/{number:id}/tokens")
async def make_token(request: Request, number: int) -> Response:
    """Make a token for a display, as the address that the display opens, or for a feed.

    An administrator cannot make tokens for people, because the holder of a token acts in the account's name.
    """
    given, one = await _read_form(request), await _load_account(request, number)
    if one.role not in DEVICES:
        raise NotOpen()
    try:
        made = await run_for_visitor(
            visitor(request), tokens.make, one.name, given.get("token_name", ""), parse_number(given.get("days", ""))
        )
    except BadAccount as error:
        return await _respond_one(request, number, _error(request, error))
    secret = f"{public_address(request)}/wall?token={made}" if one.role == "wall" else made
    return await _respond_one(request, number, Message(secret=secret))


@router.post("/accounts/{number:id}/tokens/withdraw")
async def withdraw_token(request: Request, number: int) -> Response:
    """Withdraw a token, which then gives no access any more."""
    given, one = await _read_form(request), await _load_account(request, number)
    await run_for_visitor(visitor(request), tokens.withdraw, parse_number(given.get("token", "")), one.id)
    return onwards(f"/accounts/{number}")


@router.post("/accounts/{number:id}/disable")
async def close_account(request: Request, number: int) -> Response:
    """Close an account."""
    await _read_form(request)
    try:
        await run_for_visitor(visitor(request), store.disable, (await _load_account(request, number)).id)
    except LastAdministrator as error:
        return await _respond_one(request, number, _error(request, error))
    return onwards(f"/accounts/{number}")


@router.post("/accounts/{number:id}/enable")
async def reopen_account(request: Request, number: int) -> Response:
    """Open a closed account again."""
    await _read_form(request)
    await run_for_visitor(visitor(request), store.enable, (await _load_account(request, number)).id)
    return onwards(f"/accounts/{number}")


_NOT_HERE_WORDS = {
    "rights": "Nobody changes their own rights: ask another administrator, or use ./gridwell user on the server.",
    "ways": "For your own account, use the page “My account”, which asks for your password.",
}
_DONE_WORDS = {
    "kept": "The rights are saved and valid from now on.",
    "factor": "The second factor is taken away. Its owner is told at the next sign-in.",
}


def _is_own(request: Request, number: int) -> bool:
    return number == inside(request).viewer.account


async def _respond_refused(request: Request, number: int, sentence: str) -> Response:
    return await _respond_one(request, number, Message(error=t(reader_language(request), sentence)))


def _check_allowed(request: Request) -> None:
    """Raise ``NotOpen`` unless the viewer looks after accounts."""
    if not inside(request).viewer.may("accounts"):
        raise NotOpen()


async def _read_form(request: Request) -> dict[str, str]:
    _check_allowed(request)
    return await fields(request)


def _draft(given: dict[str, str], name: str | None = None) -> Draft:
    """The draft in a form; an empty field means the default."""

    def typed(field: str) -> str | None:
        return given.get(field, "").strip() or None

    return Draft(
        name=given.get("name", "") if name is None else name,
        shown=typed("shown") or "",
        role=given.get("role", ""),
        detail=typed("detail"),
        scope=typed("scope") or EVERYWHERE,
        figures=typed("figures"),
        lang=typed("lang"),
        oidc_subject=typed("subject"),
    )


def _administrator(request: Request) -> int:
    return inside(request).viewer.account or 0


async def _load_account(request: Request, number: int) -> Account:
    """An account that this administrator may manage: see ``delegation.fetch_manageable``."""
    return await run_for_visitor(visitor(request), delegation.fetch_manageable, _administrator(request), number)


async def _respond_done(request: Request, number: int, sentence: str) -> Response:
    return await _respond_one(request, number, Message(success=t(reader_language(request), sentence)))


def _error(request: Request, error: GridwellError) -> Message:
    return Message.from_error(reader_language(request), error)


async def _respond_list(request: Request, draft: Draft | None = None, message: Message = NO_MESSAGE) -> Response:
    """The page of all accounts; ``draft`` holds the fields of a refused form."""
    _check_allowed(request)
    found, own, ending = await run_for_visitor(visitor(request), _all_and_own, _administrator(request))
    lang, limits = reader_language(request), Limits(own, await _places(own, *found))
    form = make_rights_form(lang, draft or Draft("", scope=own.scope), limits, is_new=True)
    accounts = [describe_account(lang, one, limits) for one in found]
    page = AccountsPage(accounts=accounts, ending=describe_ending(lang, ending), form=form, message=message)
    return respond(request, page)


async def _respond_one(request: Request, number: int, message: Message = NO_MESSAGE, draft: Draft | None = None) -> Response:
    """The page of one account; ``draft`` holds the fields of a refused form."""
    _check_allowed(request)
    one, own, may_change = await run_for_visitor(visitor(request), _one_and_own, _administrator(request), number)
    lang, limits = reader_language(request), Limits(own, await _places(own, one))
    account = describe_account(lang, one, limits)
    if not may_change:
        return respond(request, AccountBeyondPage(account=account, reason=tell(lang, delegation.BeyondOwnArea(name=one.shown))))
    token_rows, open_sessions = await run_for_visitor(visitor(request), _tokens_and_sessions, one.id)
    page = AccountPage(
        account=account,
        form=make_rights_form(lang, draft or draft_of(one), limits),
        tokens=describe_tokens(lang, token_rows),
        sessions=open_sessions,
        password_set=password_moment(lang, one),
        is_own=one.id == own.id,
        is_display=one.role in DEVICES,
        message=message,
    )
    return respond(request, page)


async def _places(*accounts: Account) -> Mapping[str, areas.AreaName]:
    return await areas.fetch_area_names(code for one in accounts for code in (one.scope, one.figures))


def _all_and_own(connection: Connection, giver: int) -> tuple[Sequence[Account], Account, store.Rows]:
    return store.list_accounts(connection), store.fetch_account(connection, giver), tokens.list_ending(connection)


def _one_and_own(connection: Connection, giver: int, number: int) -> tuple[Account, Account, bool]:
    one, own = store.fetch_account(connection, number), store.fetch_account(connection, giver)
    return one, own, delegation.covers(connection, own, one)


def _tokens_and_sessions(connection: Connection, number: int) -> tuple[store.Rows, int]:
    return tokens.list_tokens(connection, number), len(sessions.list_open(connection, number))
