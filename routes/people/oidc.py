"""Signing in at the city's identity provider: the redirect to it, and the return."""

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
from routes.doors.error_page import render_error
from routes.doors.page import NO_STORE, public_address, read_context
from routes.doors.sign_in import UnknownIdentityPage
from routes.middleware.forms import visitor
from routes.middleware.guard import target_of
from routes.people.new_session import start_session
from routes.people.pages import respond
from routes.shared import cookies

router = APIRouter(include_in_schema=False)
_BACK = "/signin/provider/back"


@router.get("/signin/provider")
async def go_to_provider(request: Request) -> Response:
    """Redirect to the provider; a cookie makes sure that the same browser returns."""
    target, visit = target_of(request.query_params.get("next", "/")), random_value()
    try:
        to = await asyncio.to_thread(provider.fetch_provider)
    except ProviderFailed as error:
        return render_error(read_context(request), error)
    answer = RedirectResponse(provider.authorization_url(to, visit, _return_address(request)), 303, NO_STORE)
    cookies.give(answer, request.scope, "provider", f"{visit}.{base64.urlsafe_b64encode(target.encode()).decode()}")
    return answer


@router.get(_BACK)
async def come_back(request: Request) -> Response:
    """Sign in a person who returns from the provider. Whether this succeeds or fails, the same return cannot be used again."""
    visit, _, kept = cookies.value(request.scope, "provider").partition(".")
    code, state = request.query_params.get("code", ""), request.query_params.get("state", "")
    try:
        answer = await _sign_in(request, visit, _target_of_cookie(kept), code, state)
    except ProviderFailed as error:
        answer = render_error(read_context(request), error)
    cookies.take(answer, request.scope, "provider")
    return answer


async def _sign_in(request: Request, visit: str, target: str, code: str, state: str) -> Response:
    issuer = await asyncio.to_thread(provider.fetch_provider)
    who = await asyncio.to_thread(provider.fetch_subject, issuer, visit, _return_address(request), code, state)
    entered = await signin.sign_in_with_subject(issuer.issuer, who, visitor(request))
    if entered is None:
        return respond(request, UnknownIdentityPage(provider=provider.provider_name() or "", subject=who))
    return start_session(request, entered, target)


def _return_address(request: Request) -> str:
    return f"{public_address(request)}{_BACK}"


def _target_of_cookie(kept: str) -> str:
    """The page to open afterwards; it is checked again, because a browser can send any cookie."""
    try:
        return target_of(base64.urlsafe_b64decode(quote(kept, safe="=-_")).decode())
    except (binascii.Error, ValueError):
        return "/"
