"""The second factor of one's own account: setting it up, new recovery codes, turning it off. Some accounts need it to open any page."""

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
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.second_factor import (
    SET_UP,
    SET_UP_FIRST,
    EnrolmentPage,
    FirstEnrolmentPage,
    FirstRecoveryCodesPage,
    RecoveryCodesPage,
    draw_qr_code,
)
from routes.middleware.forms import fields, onwards, visitor
from routes.middleware.guard import target_of
from routes.people.own_account import CONFIRM_WORDS, confirm_password, load_own_account, prove_password, respond_own_account
from routes.people.pages import respond
from routes.shared import cookies

router = APIRouter(include_in_schema=False)


@router.get(SET_UP)
async def show_respond_enrolment(request: Request) -> Response:
    """The page with the picture to scan; nothing is stored until a code proves that it was scanned."""
    own, _ = await load_own_account(request)
    return onwards("/account") if own.totp_secret else _respond_enrolment(request, own, totp.make_secret(), None)


@router.post(SET_UP)
async def enrol(request: Request) -> Response:
    """Turn the second factor on; this needs the password and a first code."""
    return await _enrol(request, await fields(request), None)


@router.get(SET_UP_FIRST)
async def show_first_respond_enrolment(request: Request) -> Response:
    """The same page for an account that must have a second factor and can open no other page without it."""
    own, _ = await load_own_account(request)
    target = target_of(request.query_params.get("next", "/"))
    return _respond_enrolment(request, own, totp.make_secret(), target) if second_factor.is_missing(own) else onwards(target)


@router.post(SET_UP_FIRST)
async def enrol_first(request: Request) -> Response:
    """Turn the second factor on, and redirect to the page that was asked for."""
    given = await fields(request)
    return await _enrol(request, given, target_of(given.get("next", "/")))


@router.post(f"{SET_UP}/off")
async def turn_off(request: Request) -> Response:
    """Turn the second factor off; this needs the password. An account that must have one sets up a new one at once."""
    given, (own, lang) = await fields(request), await load_own_account(request)
    if not await prove_password(request, own, given.get("password", "")):
        return await respond_own_account(request, Message(error=t(lang, CONFIRM_WORDS), field="off-password"))
    await run_for_visitor(visitor(request), second_factor.turn_off, own.id)
    if second_factor.is_required(own.role, own.detail):
        return onwards(f"{SET_UP_FIRST}?next=%2Faccount")
    return await respond_own_account(request, Message(success=t(lang, "The second factor is off.")))


@router.post("/account/recovery-codes")
async def make_codes(request: Request) -> Response:
    """Make ten new recovery codes; this needs the password. The earlier codes stop working."""
    given, (own, lang) = await fields(request), await load_own_account(request)
    if not await prove_password(request, own, given.get("password", "")):
        return await respond_own_account(request, Message(error=t(lang, CONFIRM_WORDS), field="codes-password"))
    if not own.totp_secret:
        return onwards("/account")
    codes = await run_for_visitor(visitor(request), recovery.make_codes, own)
    return respond(request, RecoveryCodesPage(codes=codes, account_name=own.name, target="/account"))


async def _enrol(request: Request, given: dict[str, str], target: str | None) -> Response:
    own, lang = await load_own_account(request)
    secret = _open_sealed(given.get("sealed", ""), own)
    if secret is None or own.totp_secret:
        return onwards(target or "/account")
    if not await confirm_password(request, own, given):
        return _respond_enrolment(request, own, secret, target, Message(error=t(lang, CONFIRM_WORDS), field="password"))
    step = totp.step_of(secret, given.get("code", ""), datetime.now(UTC), None)
    if step is None:
        wrong = Message(error=t(lang, "That code is wrong. Is the clock of your phone right?"), field="code")
        return _respond_enrolment(request, own, secret, target, wrong)
    made = await run_for_visitor(visitor(request), _turn_on, own.id, secret, step, visitor(request))
    if made is None:
        return onwards(target or "/account")
    session, codes = made
    kind = RecoveryCodesPage if target is None else FirstRecoveryCodesPage
    answer = respond(request, kind(codes=codes, account_name=own.name, target=target or "/account", turned_on=True))
    cookies.give(answer, request.scope, "session", session)
    return answer


def _turn_on(connection: Connection, number: int, secret: str, step: int, who: Visitor) -> tuple[str, list[str]] | None:
    """Turn it on, unless it was turned on meanwhile: if two people set it up at the same time, only one succeeds."""
    found = store.lock_account(connection, number)
    return None if found is None or not found.enabled or found.totp_secret else second_factor.turn_on(connection, found, secret, step, who)


def _respond_enrolment(request: Request, own: Account, secret: str, target: str | None, message: Message = NO_MESSAGE) -> Response:
    cipher = base64.urlsafe_b64encode(seal(secret, f"enrolment:{own.id}")).decode()
    kind = EnrolmentPage if target is None else FirstEnrolmentPage
    page = kind(
        qr_code=draw_qr_code(totp.provisioning_uri(secret, own.name)),
        spaced_key=totp.group_by_four(secret),
        sealed=cipher,
        account_name=own.name,
        asks_password=own.password_hash is not None,
        target=target,
        message=message,
    )
    return respond(request, page)


def _open_sealed(text: str, own: Account) -> str | None:
    """The secret in the form; ``None`` if it belongs to another account."""
    try:
        return unseal(base64.urlsafe_b64decode(text), f"enrolment:{own.id}")
    except (binascii.Error, ValueError, BadCipher):
        return None
