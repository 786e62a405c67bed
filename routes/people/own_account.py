"""One's own account: password, sessions, tokens, and what was done to it. ``routes/people/factor.py`` has the second factor."""

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import areas, passwords, recovery, second_factor, sessions, signin, store, tokens
from data.accounts.history import fetch_changes
from data.accounts.model import Account, BadAccount, UnknownAccount
from data.accounts.secret_values import hash_value
from data.accounts.transactions import run_for_visitor
from data.auditing import audit_log
from data.auditing.reader import fetch_display_zone
from data.core.i18n import t
from data.core.text import parse_whole_number
from routes.doors import frame
from routes.doors.own import TOKENS_TOO, Own, account_page
from routes.doors.said import NOTHING, Said
from routes.middleware.forms import csrf, fields, onwards, visitor
from routes.middleware.guard import Inside, inside
from routes.people.welcome import welcome

router = APIRouter(include_in_schema=False)


@router.get("/account")
async def show(request: Request) -> Response:
    """The page of one's own account."""
    return await page(request)


@router.post("/account/password")
async def change_password(request: Request) -> Response:
    """Change the password: whoever sits down at an open browser must know the old one."""
    given, (own, lang) = await fields(request), await mine(request)
    chosen = given.get("new", "")
    if not await proven(request, own, given.get("old", "")):
        return await page(request, Said(refused=t(lang, CONFIRM_WORDS), at="old"))
    if reason := passwords.explain_refusal(chosen, own.name):
        return await page(request, Said(refused=t(lang, reason), at="new"))
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    entered = await run_for_visitor(visitor(request), signin.change_password, own, hashed, visitor(request))
    return welcome(request, entered, "/account")


@router.post("/account/sessions/end")
async def end_session(request: Request) -> Response:
    """End one of one's sessions."""
    given, (own, _) = await fields(request), await mine(request)
    try:
        hashed = bytes.fromhex(given.get("session", ""))
    except ValueError:
        return onwards("/account")
    await run_for_visitor(visitor(request), _end_one, hashed, own)
    return onwards("/account")


@router.post("/account/sessions/end-all")
async def end_sessions(request: Request) -> Response:
    """Sign out everywhere but here; programs, too, unless the box for that was emptied."""
    given, (own, lang) = await fields(request), await mine(request)
    ended = await run_for_visitor(visitor(request), sessions.end_all, own.id, own.name, hash_value(inside(request).value))
    done = t(lang, "{n} sessions have ended.", n=ended)
    if TOKENS_TOO in given:
        withdrawn = await run_for_visitor(visitor(request), tokens.withdraw_all, own.id)
        done = t(lang, "{n} sessions have ended, {many} tokens are withdrawn.", n=ended, many=withdrawn)
    return await page(request, Said(done=done))


@router.post("/account/tokens")
async def make_token(request: Request) -> Response:
    """A token for a program, with the password; shown this once."""
    given, (own, lang) = await fields(request), await mine(request)
    if not await confirmed(request, own, given):
        return await page(request, Said(refused=t(lang, CONFIRM_WORDS), at="token-password"))
    try:
        made = await run_for_visitor(visitor(request), tokens.make, own.name, given.get("token_name", ""), whole(given.get("days", "")))
    except BadAccount as error:
        return await page(request, Said.of(lang, error))
    return await page(request, Said(secret=made))


@router.post("/account/tokens/withdraw")
async def withdraw_token(request: Request) -> Response:
    """A token opens nothing any more."""
    given, (own, _) = await fields(request), await mine(request)
    await run_for_visitor(visitor(request), tokens.withdraw, whole(given.get("token", "")), own.id)
    return onwards("/account")


CONFIRM_WORDS = "That is not your password now. After several tries in a row, wait some minutes before the next."


def whole(text: str) -> int:
    """A whole number from a form; what is none, or does not fit the database, is 0."""
    return parse_whole_number(text) or 0


async def mine(request: Request) -> tuple[Account, str]:
    """The account of whoever asks, and the language of their pages.

    Raises:
        UnknownAccount: it is not there any more.
    """
    here: Inside = inside(request)
    found = None if here.viewer.account is None else await run_for_visitor(visitor(request), store.find_by_id, here.viewer.account)
    if found is None:
        raise UnknownAccount(name=here.viewer.name)
    return found, frame.look(request).lang


async def proven(request: Request, own: Account, password: str) -> bool:
    """Whether the password is right; tries here count like tries at the door."""
    allowed = await run_for_visitor(visitor(request), signin.count_try, own.name)
    right = await passwords.run_in_queue(passwords.verify_password, allowed.password_hash if allowed else None, password)
    if right:
        await run_for_visitor(visitor(request), signin.reset_failures, own.id)
    else:
        await run_for_visitor(visitor(request), _note_failure, own.name)
    return right


async def confirmed(request: Request, own: Account, given: dict[str, str]) -> bool:
    """Whether an account that has a password gave it once more: an open browser alone must not lead to a way in that lasts."""
    return own.password_hash is None or await proven(request, own, given.get("password", ""))


def _note_failure(connection: Connection, name: str) -> None:
    audit_log.append(connection, "sign_in_failed", name, {"way": "confirm", "known": True})


def _end_one(connection: Connection, hashed: bytes, own: Account) -> None:
    if sessions.end(connection, hashed, own.id):
        audit_log.append(connection, "session_ended", own.name)


async def page(request: Request, said: Said = NOTHING) -> Response:
    """The page of one's own account, with what it has to say."""
    (own, _), viewer = await mine(request), inside(request).viewer
    open_sessions, own_tokens, codes = await run_for_visitor(visitor(request), _all_of, own.id)
    shown = Own(
        account=own,
        place=(await areas.fetch_area_names([own.scope])).get(own.scope),
        sessions=open_sessions,
        tokens=own_tokens,
        here=hash_value(inside(request).value),
        codes=codes,
        must=second_factor.is_required(own.role, own.detail),
        done=await fetch_changes(viewer),
        clock=await fetch_display_zone(viewer),
    )
    return account_page(frame.look(request), csrf(request), shown, said)


def _all_of(connection: Connection, number: int) -> tuple[store.Rows, store.Rows, int]:
    return sessions.list_open(connection, number), tokens.list_tokens(connection, number), recovery.count_left(connection, number)
