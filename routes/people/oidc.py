"""Signing in at the city's identity provider: there, and back."""

import asyncio
import base64
import binascii
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data.accounts import provider, signin
from data.accounts.provider import ProviderFailed
from data.accounts.secret_values import random_value
from routes.doors import enter, frame
from routes.doors.frame import UNKEPT
from routes.doors.words import told
from routes.middleware.forms import visitor
from routes.middleware.guard import target_of
from routes.people.welcome import welcome
from routes.shared import cookies

router = APIRouter(include_in_schema=False)
BACK = "/signin/provider/back"


@router.get("/signin/provider")
async def there(request: Request) -> Response:
    """Send somebody to the provider, with a value in their browser that the way back is bound to."""
    target, visit = target_of(request.query_params.get("next", "/")), random_value()
    try:
        to = await asyncio.to_thread(provider.fetch_provider)
    except ProviderFailed as error:
        return told(frame.look(request), error)
    answer = RedirectResponse(provider.authorization_url(to, visit, _back(request)), 303, UNKEPT)
    cookies.give(answer, request.scope, "provider", f"{visit}.{base64.urlsafe_b64encode(target.encode()).decode()}")
    return answer


@router.get(BACK)
async def back(request: Request) -> Response:
    """Take in who comes back. Whatever comes of it, the same way back is good no more."""
    visit, _, kept = cookies.value(request.scope, "provider").partition(".")
    code, state = request.query_params.get("code", ""), request.query_params.get("state", "")
    try:
        answer = await _taken_in(request, visit, _target(kept), code, state)
    except ProviderFailed as error:
        answer = told(frame.look(request), error)
    cookies.take(answer, request.scope, "provider")
    return answer


async def _taken_in(request: Request, visit: str, target: str, code: str, state: str) -> Response:
    issuer = await asyncio.to_thread(provider.fetch_provider)
    who = await asyncio.to_thread(provider.fetch_subject, issuer, visit, _back(request), code, state)
    entered = await signin.sign_in_with_subject(issuer.issuer, who, visitor(request))
    if entered is None:
        return enter.unknown_identity(frame.look(request), provider.provider_name() or "", who)
    return welcome(request, entered, target)


def _back(request: Request) -> str:
    return f"{frame.base(request)}{BACK}"


def _target(kept: str) -> str:
    """The page to open afterwards; checked again, because a browser can be told to send anything."""
    try:
        return target_of(base64.urlsafe_b64decode(quote(kept, safe="=-_")).decode())
    except (binascii.Error, ValueError):
        return "/"
