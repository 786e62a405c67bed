"""One's own account: password, sessions, tokens, and changes to the account. The second factor is in ``second_factor.py``."""

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import areas, failures, passwords, recovery, second_factor, sessions, signin, store, tokens
from data.accounts.history import fetch_changes
from data.accounts.model import Account, BadAccount, UnknownAccount
from data.accounts.secret_values import hash_value
from data.accounts.transactions import run_for_visitor
from data.auditing import audit_log
from data.auditing.reader import fetch_display_zone
from data.core.errors import NotOpen
from data.core.i18n import t, tell
from data.core.viewer import Viewer
from pages.viewer_menu import DETAIL_TITLES, ROLE_TITLES
from routes.doors.accounts import describe_place
from routes.doors.changes_to_account import describe_changes
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.own_account import OwnAccountPage, describe_sessions
from routes.doors.page import public_address
from routes.doors.tokens import TOKENS_TOO, describe_tokens
from routes.middleware.forms import fields, onwards, visitor
from routes.middleware.guard import inside
from routes.middleware.identification import CALENDAR, CALENDAR_ENDING, Inside
from routes.people.new_session import start_session
from routes.people.pages import parse_number, reader_language, respond

router = APIRouter(include_in_schema=False)


@router.get("/account")
async def show_own_account(request: Request) -> Response:
    """The page of one's own account."""
    return await respond_own_account(request)


@router.post("/account/password")
async def change_password(request: Request) -> Response:
    """Change the password; the old one is asked for, in case somebody else sits at an open browser."""
    given, (own, lang) = await fields(request), await load_own_account(request)
    chosen = given.get("new", "")
    if not await prove_password(request, own, given.get("old", "")):
        return await respond_own_account(request, Message(error=t(lang, CONFIRM_WORDS), field="old"))
    if reason := passwords.explain_refusal(chosen, own.name):
        return await respond_own_account(request, Message(error=t(lang, reason), field="new"))
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    entered = await run_for_visitor(visitor(request), signin.change_password, own, hashed, visitor(request))
    return start_session(request, entered, "/account")


@router.post("/account/sessions/end")
async def end_session(request: Request) -> Response:
    """End one session of one's own account."""
    given, (own, _) = await fields(request), await load_own_account(request)
    try:
        hashed = bytes.fromhex(given.get("session", ""))
    except ValueError:
        return onwards("/account")
    await run_for_visitor(visitor(request), _end_one, hashed, own)
    return onwards("/account")


@router.post("/account/sessions/end-all")
async def end_sessions(request: Request) -> Response:
    """End all other sessions; also withdraw the tokens of programs, unless that box was unticked."""
    given, (own, lang) = await fields(request), await load_own_account(request)
    ended = await run_for_visitor(visitor(request), sessions.end_all, own.id, own.name, hash_value(inside(request).value))
    done = t(lang, "{n} sessions have ended.", n=ended)
    if TOKENS_TOO in given:
        withdrawn = await run_for_visitor(visitor(request), tokens.withdraw_all, own.id)
        done = t(lang, "{n} sessions have ended, {many} tokens are withdrawn.", n=ended, many=withdrawn)
    return await respond_own_account(request, Message(success=done))


@router.post("/account/tokens")
async def make_token(request: Request) -> Response:
    """Make a token for a program; this needs the password. The token is shown only once."""
    given, (own, lang) = await fields(request), await load_own_account(request)
    if not await confirm_password(request, own, given):
        return await respond_own_account(request, Message(error=t(lang, CONFIRM_WORDS), field="token-password"))
    try:
        made = await run_for_visitor(
            visitor(request), tokens.make, own.name, given.get("token_name", ""), parse_number(given.get("days", ""))
        )
    except BadAccount as error:
        return await respond_own_account(request, Message.from_error(lang, error))
    return await respond_own_account(request, Message(secret=made))


@router.post("/account/calendar")
async def make_calendar_address(request: Request) -> Response:
    """Make the address of a calendar of one's deadlines; this needs the password. The address is shown only once."""
    given, (own, lang) = await fields(request), await load_own_account(request)
    if not may_have_calendar(inside(request).viewer):
        return await respond_own_account(request, Message(error=tell(lang, NotOpen())))
    if not await confirm_password(request, own, given):
        return await respond_own_account(request, Message(error=t(lang, CONFIRM_WORDS), field="calendar-password"))
    of = "unit" if given.get("of") == "unit" else "mine"
    name = t(lang, _CALENDAR_TITLES[of])
    try:
        made = await run_for_visitor(visitor(request), tokens.make, own.name, name, tokens.LONGEST_DAYS, True)
    except BadAccount as error:
        return await respond_own_account(request, Message.from_error(lang, error))
    address = f"{public_address(request)}{CALENDAR}{made}{CALENDAR_ENDING}"
    return await respond_own_account(request, Message(secret=address if of == "mine" else f"{address}?of=unit"))


@router.post("/account/tokens/withdraw")
async def withdraw_token(request: Request) -> Response:
    """Withdraw a token, which then gives no access any more."""
    given, (own, _) = await fields(request), await load_own_account(request)
    await run_for_visitor(visitor(request), tokens.withdraw, parse_number(given.get("token", "")), own.id)
    return onwards("/account")


def may_have_calendar(viewer: Viewer) -> bool:
    """Whether somebody has deadlines of single cases to see."""
    return viewer.detail in ("cases", "people")


_CALENDAR_TITLES = {"mine": "Calendar: assigned to me", "unit": "Calendar: my unit"}
CONFIRM_WORDS = "Wrong current password. After several tries, wait a few minutes."


async def load_own_account(request: Request) -> tuple[Account, str]:
    """The account of the person who sent the request, and the language of their pages.

    Raises:
        UnknownAccount: the account no longer exists.
    """
    here: Inside = inside(request)
    found = None if here.viewer.account is None else await run_for_visitor(visitor(request), store.find_by_id, here.viewer.account)
    if found is None:
        raise UnknownAccount(name=here.viewer.name)
    return found, reader_language(request)


async def prove_password(request: Request, own: Account, password: str) -> bool:
    """Whether the password is right; attempts here are counted like attempts to sign in."""
    allowed = await run_for_visitor(visitor(request), signin.count_try, own.name)
    right = await passwords.run_in_queue(passwords.verify_password, allowed.password_hash if allowed else None, password)
    if right:
        await run_for_visitor(visitor(request), signin.reset_failures, own.id)
    else:
        await run_for_visitor(visitor(request), _note_failure, own.name, allowed is not None)
    return right


async def confirm_password(request: Request, own: Account, given: dict[str, str]) -> bool:
    """Whether the password was given again, if the account has one.

    Without this, somebody at an open browser could create a permanent way to sign in.
    """
    return own.password_hash is None or await prove_password(request, own, given.get("password", ""))


def _note_failure(connection: Connection, name: str, checked: bool) -> None:
    if not checked:
        failures.count(connection, "confirm", name)
        return
    audit_log.append(connection, "sign_in_failed", name, {"way": "confirm", "known": True})


def _end_one(connection: Connection, hashed: bytes, own: Account) -> None:
    if sessions.end(connection, hashed, own.id):
        audit_log.append(connection, "session_ended", own.name)


async def respond_own_account(request: Request, message: Message = NO_MESSAGE) -> Response:
    """The page of one's own account, with what it says about the last request."""
    (own, lang), viewer = await load_own_account(request), inside(request).viewer
    session_rows, token_rows, codes_left = await run_for_visitor(visitor(request), _sessions_tokens_codes, own.id)
    places = await areas.fetch_area_names([own.scope])
    page = OwnAccountPage(
        account=own,
        role=t(lang, ROLE_TITLES.get(own.role, own.role)),
        detail=t(lang, DETAIL_TITLES[own.detail]),
        place=describe_place(lang, own.scope, places.get(own.scope)),
        sessions=describe_sessions(lang, session_rows, hash_value(inside(request).value)),
        tokens=describe_tokens(lang, [row for row in token_rows if row["kind"] != "calendar"]),
        calendars=describe_tokens(lang, [row for row in token_rows if row["kind"] == "calendar"]),
        has_calendar=may_have_calendar(viewer),
        codes_left=codes_left,
        needs_second_factor=second_factor.is_required(own.role, own.detail),
        changes=describe_changes(lang, own.name, await fetch_changes(viewer), await fetch_display_zone(viewer)),
        message=message,
    )
    return respond(request, page)


def _sessions_tokens_codes(connection: Connection, number: int) -> tuple[store.Rows, store.Rows, int]:
    return sessions.list_open(connection, number), tokens.list_tokens(connection, number), recovery.count_left(connection, number)
