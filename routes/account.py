"""One's own account: password, second factor, sessions, tokens."""

import base64
import binascii
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data import audit
from data.accounts import areas, entering, passwords, sessions, store, tokens, totp
from data.accounts.door import at_door
from data.accounts.model import TOTP_KIND, Account, BadAccount, UnknownAccount
from data.accounts.secrets_ import kept
from data.i18n import t, tell
from data.privacy.sealing import BadCipher, opened, sealed
from routes.doors import frame, own
from routes.doors.own import NOTHING, Said
from routes.forms import csrf, fields, onwards, visitor
from routes.guard import Inside, inside
from routes.welcome import welcome

router = APIRouter(include_in_schema=False)


@router.get("/account")
async def show(request: Request) -> Response:
    """The page of one's own account."""
    return await _page(request)


@router.post("/account/password")
async def change_password(request: Request) -> Response:
    """Change the password: whoever sits down at an open browser must know the old one."""
    given, (mine, lang) = await fields(request), await _mine(request)
    chosen = given.get("new", "")
    if not await _proven(request, mine, given.get("old", "")):
        return await _refused(request, _WRONG_WORDS)
    if reason := passwords.refusal(chosen, mine.name):
        return await _page(request, Said(refused=t(lang, reason)))
    hashed = await passwords.in_turn(passwords.hashed, chosen)
    entered = await at_door(visitor(request), entering.changed_password, mine, hashed, visitor(request))
    return welcome(request, entered, "/account")


@router.get("/account/second-factor")
async def ask_second_factor(request: Request) -> Response:
    """The page with the picture to scan; nothing is kept before it is proven."""
    mine, _ = await _mine(request)
    return onwards("/account") if mine.totp_secret else _enrolment(request, mine, totp.made())


@router.post("/account/second-factor")
async def take_second_factor(request: Request) -> Response:
    """Turn it on with the first code."""
    given, (mine, lang) = await fields(request), await _mine(request)
    secret = _unsealed(given.get("sealed", ""), mine)
    if secret is None or mine.totp_secret:
        return onwards("/account")
    step = totp.step_of(secret, given.get("code", ""), datetime.now(UTC), None)
    if step is None:
        return _enrolment(request, mine, secret, t(lang, "That code does not fit. Is the clock of your phone right?"))
    await at_door(visitor(request), store.set_totp, mine.id, sealed(secret, TOTP_KIND), step)
    return await _page(request, Said(done=t(lang, "The second factor is on.")))


@router.post("/account/second-factor/off")
async def second_factor_off(request: Request) -> Response:
    """Turn it off, with the password."""
    given, (mine, lang) = await fields(request), await _mine(request)
    if not await _proven(request, mine, given.get("password", "")):
        return await _refused(request, _WRONG_WORDS)
    await at_door(visitor(request), store.set_totp, mine.id, None)
    return await _page(request, Said(done=t(lang, "The second factor is off.")))


@router.post("/account/sessions/end")
async def end_session(request: Request) -> Response:
    """End one of one's sessions."""
    given, (mine, _) = await fields(request), await _mine(request)
    try:
        hashed = bytes.fromhex(given.get("session", ""))
    except ValueError:
        return onwards("/account")
    await at_door(visitor(request), _end_one, hashed, mine)
    return onwards("/account")


@router.post("/account/sessions/end-all")
async def end_sessions(request: Request) -> Response:
    """Sign out everywhere but here."""
    await fields(request)
    mine, lang = await _mine(request)
    ended = await at_door(visitor(request), sessions.end_all, mine.id, mine.name, kept(inside(request).value))
    return await _page(request, Said(done=t(lang, "{n} sessions have ended.", n=ended)))


@router.post("/account/tokens")
async def make_token(request: Request) -> Response:
    """A token for a program; shown this once."""
    given, (mine, lang) = await fields(request), await _mine(request)
    try:
        made = await at_door(visitor(request), tokens.make, mine.name, given.get("token_name", ""), whole(given.get("days", "")))
    except BadAccount as error:
        return await _page(request, Said(refused=tell(lang, error)))
    return await _page(request, Said(secret=made))


@router.post("/account/tokens/withdraw")
async def withdraw_token(request: Request) -> Response:
    """A token opens nothing any more."""
    given, (mine, _) = await fields(request), await _mine(request)
    await at_door(visitor(request), tokens.withdraw, whole(given.get("token", "")), mine.id)
    return onwards("/account")


_WRONG_WORDS = "That is not your password now. After several tries in a row, wait some minutes before the next."


def whole(text: str) -> int:
    """A whole number from a form; what is none, or does not fit the database, is 0."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def _mine(request: Request) -> tuple[Account, str]:
    here: Inside = inside(request)
    found = None if here.viewer.account is None else await at_door(visitor(request), store.by_id, here.viewer.account)
    if found is None:
        raise UnknownAccount(name=here.viewer.name)
    return found, frame.look(request).lang


async def _proven(request: Request, mine: Account, password: str) -> bool:
    """Whether the password is right; tries here count like tries at the door."""
    allowed = await at_door(visitor(request), entering.try_now, mine.name)
    right = await passwords.in_turn(passwords.fits, allowed.password_hash if allowed else None, password)
    if right:
        await at_door(visitor(request), entering.forget_failures, mine.id)
    else:
        await at_door(visitor(request), _note_failure, mine.name)
    return right


def _note_failure(connection: Connection, name: str) -> None:
    audit.append(connection, "sign_in_failed", name, {"way": "confirm", "known": True})


def _end_one(connection: Connection, hashed: bytes, mine: Account) -> None:
    if sessions.end(connection, hashed, mine.id):
        audit.append(connection, "session_ended", mine.name)


async def _refused(request: Request, sentence: str) -> Response:
    return await _page(request, Said(refused=t(frame.look(request).lang, sentence)))


async def _page(request: Request, said: Said = NOTHING) -> Response:
    mine, _ = await _mine(request)
    open_sessions, own_tokens = await at_door(visitor(request), _all_of, mine.id)
    place = (await areas.places([mine.scope])).get(mine.scope)
    look = frame.look(request)
    return own.account_page(look, csrf(request), mine, place, open_sessions, own_tokens, kept(inside(request).value), said)


def _all_of(connection: Connection, number: int) -> tuple[store.Rows, store.Rows]:
    return sessions.listed(connection, number), tokens.listed(connection, number)


def _enrolment(request: Request, mine: Account, secret: str, refused: str | None = None) -> Response:
    cipher = base64.urlsafe_b64encode(sealed(secret, f"enrolment:{mine.id}")).decode()
    return own.enrolment(frame.look(request), csrf(request), secret, cipher, mine.name, refused)


def _unsealed(text: str, mine: Account) -> str | None:
    """The secret that the form carried, where it is this account's."""
    try:
        return opened(base64.urlsafe_b64decode(text), f"enrolment:{mine.id}")
    except (binascii.Error, ValueError, BadCipher):
        return None
