"""Signing in and out: name and password, then a code if needed, then pages that must be read or filled in first."""

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
from routes.doors.changes_to_account import CHANGES, MOST_AT_SIGN_IN, ChangesPage, describe_changes
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.sign_in import ChangePasswordPage, SecondFactorPage, SignInPage, SignOutPage
from routes.doors.style_sheet import STYLE, style_sheet
from routes.middleware.compressed_assets import FOREVER
from routes.middleware.forms import fields, onwards, visitor
from routes.middleware.guard import STEPS, inside, target_of
from routes.middleware.identification import Inside
from routes.people.new_session import start_session
from routes.people.pages import reader_language, respond
from routes.shared import cookies
from routes.shared.language import INSIDE

router = APIRouter(include_in_schema=False)


@router.get(STYLE)
async def get_style_sheet() -> Response:
    """The style sheet of these pages."""
    return Response(style_sheet(), media_type="text/css", headers={"Cache-Control": FOREVER})


@router.get("/signin")
async def show_sign_in(request: Request) -> Response:
    """The page that asks for name and password."""
    here: Inside | None = request.scope.get(INSIDE)
    target = target_of(request.query_params.get("next", "/"))
    if here is not None and here.way == "session":
        return onwards(STEPS.get(here.known.step, target))
    without_accounts = not await run_for_visitor(visitor(request), store.has_accounts)
    password_set = request.query_params.get("set") == "password"
    return _show_form(request, target, without_accounts=without_accounts, password_set=password_set)


@router.post("/signin")
async def sign_in(request: Request) -> Response:
    """Sign in with name and password."""
    given = await fields(request)
    target = target_of(given.get("next", "/"))
    entered = await signin.sign_in_with_password(given.get("name", ""), given.get("password", ""), visitor(request))
    if entered is None:
        return _show_form(request, target, failed=True)
    return start_session(request, entered, target)


def _show_form(
    request: Request, target: str, *, failed: bool = False, without_accounts: bool = False, password_set: bool = False
) -> Response:
    """The page with the fields for name and password; the arguments are those of ``SignInPage``."""
    page = SignInPage(target=target, provider=provider_name(), failed=failed, without_accounts=without_accounts, password_set=password_set)
    return respond(request, page)


@router.get("/signin/code")
async def show_second_factor(request: Request) -> Response:
    """The page that asks for six digits."""
    if inside(request).known.step != "second_factor":
        return onwards("/")
    target = target_of(request.query_params.get("next", "/"))
    return respond(request, SecondFactorPage(target=target))


@router.post("/signin/code")
async def check_second_factor(request: Request) -> Response:
    """Check six digits or a recovery code, and go on."""
    given, here = await fields(request), inside(request)
    target = target_of(given.get("next", "/"))
    recovery, code = given.get("recovery", ""), given.get("code", "")
    entered = await signin.sign_in_with_code(here.value, recovery or code, visitor(request))
    if entered is None:
        return respond(request, SecondFactorPage(target=target, failed="recovery" if recovery else "code"))
    return start_session(request, entered, target)


@router.get("/signin/password")
async def show_change_password(request: Request) -> Response:
    """The page on which a password that somebody else set is changed."""
    if inside(request).known.step != "must_change":
        return onwards("/")
    target = target_of(request.query_params.get("next", "/"))
    return respond(request, ChangePasswordPage(target=target))


@router.post("/signin/password")
async def change_password(request: Request) -> Response:
    """Replace a password that somebody else set; a new session begins."""
    given, here = await fields(request), inside(request)
    if here.known.step != "must_change" or here.viewer.account is None:
        return onwards("/")
    target, chosen, lang = target_of(given.get("next", "/")), given.get("password", ""), reader_language(request)
    own = await run_for_visitor(visitor(request), store.find_by_id, here.viewer.account)
    refusal = passwords.explain_refusal(chosen, here.viewer.name)
    if refusal is None and own is not None and await passwords.run_in_queue(passwords.verify_password, own.password_hash, chosen):
        refusal = _REASONS["same"]
    if refusal or own is None:
        message = Message(error=t(lang, refusal), field="password") if refusal else NO_MESSAGE
        return respond(request, ChangePasswordPage(target=target, message=message))
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    return start_session(request, await run_for_visitor(visitor(request), signin.change_password, own, hashed, visitor(request)), target)


@router.get(CHANGES)
async def show_changes(request: Request) -> Response:
    """The page that tells the owner of changes to the account's ways to sign in."""
    here, target = inside(request), target_of(request.query_params.get("next", "/"))
    if here.known.step != "untold":
        return onwards(target)
    rows, zone = (await fetch_changes(here.viewer))[:MOST_AT_SIGN_IN], await fetch_display_zone(here.viewer)
    changes = describe_changes(reader_language(request), here.viewer.name, rows, zone)
    return respond(request, ChangesPage(target=target, changes=changes))


@router.post(CHANGES)
async def confirm_changes(request: Request) -> Response:
    """Note that the owner has read the changes; a new session begins, so that no server process shows them again."""
    given, here = await fields(request), inside(request)
    target = target_of(given.get("next", "/"))
    if here.known.step != "untold" or here.viewer.account is None:
        return onwards(target)
    return start_session(
        request, await run_for_visitor(visitor(request), signin.confirm_notice, here.viewer.account, here.value, visitor(request)), target
    )


_REASONS = {"same": "That is the password that somebody else set: choose another one."}


@router.get("/signout")
async def show_sign_out(request: Request) -> Response:
    """The page that asks before signing out, because a link from somebody else must not sign a person out."""
    return respond(request, SignOutPage(person=inside(request).viewer.shown, account=inside(request).viewer.name))


@router.post("/signout")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await fields(request)
    here = inside(request)
    if here.viewer.account is not None:
        await run_for_visitor(visitor(request), _end_session, here.value, here.viewer.account, here.viewer.name)
    answer = onwards("/signin")
    cookies.take(answer, request.scope, "session")
    answer.headers["Clear-Site-Data"] = '"cache"'  # pages seen before must not appear again with the browser's back button
    return answer


def _end_session(connection: Connection, value: str, account_id: int, name: str) -> None:
    if sessions.end(connection, hash_value(value), account_id):
        audit_log.append(connection, "sign_out", name)
