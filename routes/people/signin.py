"""Signing in and out: with a name and a password, then perhaps a code; then whatever somebody has to know or to do first."""

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import passwords, sessions, signin, store
from data.accounts.history import fetch_changes
from data.accounts.provider import provider_name
from data.accounts.secret_values import hash_value
from data.accounts.transactions import run_for_visitor
from data.auditing import audit_log
from data.auditing.reader import fetch_display_zone
from data.core.i18n import t
from routes.doors import enter, frame
from routes.doors.history import NEWS, news_page
from routes.middleware.forms import bind, csrf, fields, onwards, visitor
from routes.middleware.guard import STEPS, Inside, inside, target_of
from routes.middleware.packed import FOREVER
from routes.people.welcome import welcome
from routes.shared import cookies
from routes.shared.language import INSIDE

router = APIRouter(include_in_schema=False)


@router.get(frame.STYLE)
async def style() -> Response:
    """The style sheet of these pages."""
    return Response(frame.style(), media_type="text/css", headers={"Cache-Control": FOREVER})


@router.get("/signin")
async def ask(request: Request) -> Response:
    """The page that asks for name and password."""
    here: Inside | None = request.scope.get(INSIDE)
    target = target_of(request.query_params.get("next", "/"))
    if here is not None and here.way == "session":
        return onwards(STEPS.get(here.known.step, target))
    first = not await run_for_visitor(visitor(request), store.has_accounts)
    chosen = request.query_params.get("set") == "password"
    page = enter.sign_in(frame.look(request), csrf(request), target, provider=provider_name(), first=first, chosen=chosen)
    return bind(request, page)


@router.post("/signin")
async def take(request: Request) -> Response:
    """Take name and password."""
    given = await fields(request)
    target = target_of(given.get("next", "/"))
    entered = await signin.sign_in_with_password(given.get("name", ""), given.get("password", ""), visitor(request))
    if entered is None:
        page = enter.sign_in(frame.look(request), csrf(request), target, failed=True, provider=provider_name())
        return bind(request, page)
    return welcome(request, entered, target)


@router.get("/signin/code")
async def ask_code(request: Request) -> Response:
    """The page that asks for six digits."""
    if inside(request).known.step != "second_factor":
        return onwards("/")
    target = target_of(request.query_params.get("next", "/"))
    return enter.second_factor(frame.look(request), csrf(request), target)


@router.post("/signin/code")
async def take_code(request: Request) -> Response:
    """Take six digits."""
    given, here = await fields(request), inside(request)
    target = target_of(given.get("next", "/"))
    recovery, code = given.get("recovery", ""), given.get("code", "")
    entered = await signin.sign_in_with_code(here.value, recovery or code, visitor(request))
    if entered is None:
        return enter.second_factor(frame.look(request), csrf(request), target, failed="recovery" if recovery else "code")
    return welcome(request, entered, target)


@router.get("/signin/password")
async def ask_password(request: Request) -> Response:
    """The page on which a password that somebody else set is changed."""
    if inside(request).known.step != "must_change":
        return onwards("/")
    target = target_of(request.query_params.get("next", "/"))
    return enter.change_password(frame.look(request), csrf(request), target)


@router.post("/signin/password")
async def take_password(request: Request) -> Response:
    """Take the new one; the session is another one afterwards."""
    given, here = await fields(request), inside(request)
    if here.known.step != "must_change" or here.viewer.account is None:
        return onwards("/")
    target, chosen, lang = target_of(given.get("next", "/")), given.get("password", ""), frame.look(request).lang
    own = await run_for_visitor(visitor(request), store.find_by_id, here.viewer.account)
    refusal = passwords.explain_refusal(chosen, here.viewer.name)
    if refusal is None and own is not None and await passwords.run_in_queue(passwords.verify_password, own.password_hash, chosen):
        refusal = _REASONS["same"]
    if refusal or own is None:
        return enter.change_password(frame.look(request), csrf(request), target, t(lang, refusal) if refusal else None)
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    return welcome(request, await run_for_visitor(visitor(request), signin.change_password, own, hashed, visitor(request)), target)


@router.get(NEWS)
async def ask_news(request: Request) -> Response:
    """What was done to the ways into the account, for its owner to know."""
    here, target = inside(request), target_of(request.query_params.get("next", "/"))
    if here.known.step != "untold":
        return onwards(target)
    rows, clock = await fetch_changes(here.viewer), await fetch_display_zone(here.viewer)
    return news_page(frame.look(request), csrf(request), target, here.viewer.name, rows, clock)


@router.post(NEWS)
async def take_news(request: Request) -> Response:
    """It was read; the session is another one afterwards, so that no process asks for it once more."""
    given, here = await fields(request), inside(request)
    target = target_of(given.get("next", "/"))
    if here.known.step != "untold" or here.viewer.account is None:
        return onwards(target)
    return welcome(
        request, await run_for_visitor(visitor(request), signin.confirm_notice, here.viewer.account, here.value, visitor(request)), target
    )


_REASONS = {"same": "That is the password that somebody else set: choose another one."}


@router.get("/signout")
async def ask_sign_out(request: Request) -> Response:
    """A question, because whoever sends somebody a link must not sign them out."""
    return enter.sign_out(frame.look(request), csrf(request), inside(request).viewer.shown)


@router.post("/signout")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await fields(request)
    here = inside(request)
    if here.viewer.account is not None:
        await run_for_visitor(visitor(request), _end, here.value, here.viewer.account, here.viewer.name)
    answer = onwards("/signin")
    cookies.take(answer, request.scope, "session")
    answer.headers["Clear-Site-Data"] = '"cache"'  # what was seen must not be seen with the browser's back button
    return answer


def _end(connection: Connection, value: str, account_id: int, name: str) -> None:
    if sessions.end(connection, hash_value(value), account_id):
        audit_log.append(connection, "sign_out", name)
