"""The second factor of one's own account: set up, given recovery codes, taken away; before anything else for who must have one."""

import base64
import binascii
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import recovery, second_factor, store, totp
from data.accounts.model import Account
from data.accounts.transactions import Visitor, run_for_visitor
from data.core.i18n import t
from data.privacy.sealing import BadCipher, seal, unseal
from routes.doors import frame
from routes.doors.factor import SET_UP, SET_UP_FIRST, Enrolment, codes_page, enrolment_page
from routes.doors.said import NOTHING, Said
from routes.middleware.forms import csrf, fields, onwards, visitor
from routes.middleware.guard import target_of
from routes.people.account import CONFIRM_WORDS, confirmed, mine, page, proven
from routes.shared import cookies

router = APIRouter(include_in_schema=False)


@router.get(SET_UP)
async def ask(request: Request) -> Response:
    """The page with the picture to scan; nothing is kept before it is proven."""
    own, _ = await mine(request)
    return onwards("/account") if own.totp_secret else _enrolment(request, own, totp.make_secret(), None)


@router.post(SET_UP)
async def take(request: Request) -> Response:
    """Turn it on with the password and the first code."""
    return await _turned_on(request, await fields(request), None)


@router.get(SET_UP_FIRST)
async def ask_first(request: Request) -> Response:
    """The same for who must have one, and reaches nothing else before."""
    own, _ = await mine(request)
    target = target_of(request.query_params.get("next", "/"))
    return _enrolment(request, own, totp.make_secret(), target) if second_factor.is_missing(own) else onwards(target)


@router.post(SET_UP_FIRST)
async def take_first(request: Request) -> Response:
    """Turn it on, and go on to where one wanted to go."""
    given = await fields(request)
    return await _turned_on(request, given, target_of(given.get("next", "/")))


@router.post(f"{SET_UP}/off")
async def turn_off(request: Request) -> Response:
    """Turn it off, with the password; who must have one sets it up anew at once."""
    given, (own, lang) = await fields(request), await mine(request)
    if not await proven(request, own, given.get("password", "")):
        return await page(request, Said(refused=t(lang, CONFIRM_WORDS), at="off-password"))
    await run_for_visitor(visitor(request), second_factor.turn_off, own.id)
    if second_factor.is_required(own.role, own.detail):
        return onwards(f"{SET_UP_FIRST}?{frame.query(next='/account')}")
    return await page(request, Said(done=t(lang, "The second factor is off.")))


@router.post("/account/recovery-codes")
async def make_codes(request: Request) -> Response:
    """Ten new recovery codes, with the password; those of before are good no more."""
    given, (own, lang) = await fields(request), await mine(request)
    if not await proven(request, own, given.get("password", "")):
        return await page(request, Said(refused=t(lang, CONFIRM_WORDS), at="codes-password"))
    if not own.totp_secret:
        return onwards("/account")
    codes = await run_for_visitor(visitor(request), recovery.make_codes, own)
    return codes_page(frame.look(request), codes, own.name, "/account")


async def _turned_on(request: Request, given: dict[str, str], target: str | None) -> Response:
    own, lang = await mine(request)
    secret = _unsealed(given.get("sealed", ""), own)
    if secret is None or own.totp_secret:
        return onwards(target or "/account")
    if not await confirmed(request, own, given):
        return _enrolment(request, own, secret, target, Said(refused=t(lang, CONFIRM_WORDS), at="password"))
    step = totp.step_of(secret, given.get("code", ""), datetime.now(UTC), None)
    if step is None:
        wrong = Said(refused=t(lang, "That code does not fit. Is the clock of your phone right?"), at="code")
        return _enrolment(request, own, secret, target, wrong)
    made = await run_for_visitor(visitor(request), _turn_on, own.id, secret, step, visitor(request))
    if made is None:
        return onwards(target or "/account")
    session, codes = made
    answer = codes_page(frame.look(request), codes, own.name, target or "/account", on=True, first=target is not None)
    cookies.give(answer, request.scope, "session", session)
    return answer


def _turn_on(connection: Connection, number: int, secret: str, step: int, who: Visitor) -> tuple[str, list[str]] | None:
    """Of two who set one up at once, one does: another may know the password."""
    found = store.lock_account(connection, number)
    return None if found is None or not found.enabled or found.totp_secret else second_factor.turn_on(connection, found, secret, step, who)


def _enrolment(request: Request, own: Account, secret: str, target: str | None, said: Said = NOTHING) -> Response:
    cipher = base64.urlsafe_b64encode(seal(secret, f"enrolment:{own.id}")).decode()
    new = Enrolment(secret, cipher, own.name, own.password_hash is not None, target)
    return enrolment_page(frame.look(request), csrf(request), new, said)


def _unsealed(text: str, own: Account) -> str | None:
    """The secret that the form carried, where it is this account's."""
    try:
        return unseal(base64.urlsafe_b64decode(text), f"enrolment:{own.id}")
    except (binascii.Error, ValueError, BadCipher):
        return None
