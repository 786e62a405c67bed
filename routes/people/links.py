"""One-time links: for the first administrator, and for choosing a password."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import links, passwords
from data.accounts.model import Account, BadAccount, BadPassword, Draft, NameTaken
from data.accounts.transactions import run_for_visitor
from data.core.i18n import t
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.sign_in import SIGN_IN_AFTER_LINK, FirstAdministratorPage, ResetPasswordPage, UsedLinkPage
from routes.middleware.forms import fields, onwards, visitor
from routes.people.pages import reader_language, respond

router = APIRouter(include_in_schema=False)


@router.get("/first")
async def show_first_administrator(request: Request) -> Response:
    """The page on which somebody becomes the first administrator."""
    key = request.query_params.get("key", "")
    if not await run_for_visitor(visitor(request), links.is_first, key):
        return respond(request, UsedLinkPage())
    return respond(request, FirstAdministratorPage(key=key))


@router.post("/first")
async def make_first_administrator(request: Request) -> Response:
    """Make the first administrator, who then signs in."""
    given = await fields(request)
    key, name, chosen = given.get("key", ""), given.get("name", ""), given.get("password", "")
    if not await run_for_visitor(visitor(request), links.is_first, key):
        return respond(request, UsedLinkPage())
    try:
        made = await _make_first(request, key, name, chosen)
    except (BadAccount, NameTaken, BadPassword) as error:
        message = Message.from_error(reader_language(request), error)
        return respond(request, FirstAdministratorPage(key=key, account_name=name, message=message))
    return onwards(SIGN_IN_AFTER_LINK) if made else respond(request, UsedLinkPage())


async def _make_first(request: Request, key: str, name: str, chosen: str) -> bool:
    if reason := passwords.explain_refusal(chosen, name):
        raise BadPassword(field="password", reason=reason)
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    draft = Draft(name, role="administrator")
    return await run_for_visitor(visitor(request), links.become_first, key, draft, hashed) is not None


@router.get("/reset")
async def show_reset_password(request: Request) -> Response:
    """The page on which somebody chooses a password."""
    key = request.query_params.get("key", "")
    owner = await run_for_visitor(visitor(request), links.find_owner, key)
    if owner is None:
        return respond(request, UsedLinkPage())
    return _reset_page(request, key, owner)


@router.post("/reset")
async def reset_password(request: Request) -> Response:
    """Store the chosen password; its owner then signs in with it."""
    given = await fields(request)
    key, chosen = given.get("key", ""), given.get("password", "")
    owner = await run_for_visitor(visitor(request), links.find_owner, key)
    if owner is None:
        return respond(request, UsedLinkPage())
    if reason := passwords.explain_refusal(chosen, owner.name):
        return _reset_page(request, key, owner, reason, "password")
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    came = await run_for_visitor(visitor(request), links.choose_password, key, hashed, given.get("code", ""))
    if came == "unproven":
        return _reset_page(request, key, owner, _UNPROVEN_WORDS, "code")
    return onwards(SIGN_IN_AFTER_LINK) if came == "taken" else respond(request, UsedLinkPage())


_UNPROVEN_WORDS = "Wrong code. After several tries, wait a few minutes."


def _reset_page(request: Request, key: str, owner: Account, error: str | None = None, field: str | None = None) -> Response:
    """The page on which a password is chosen; ``error`` says what is wrong with a field."""
    message = Message(error=t(reader_language(request), error), field=field) if error else NO_MESSAGE
    asks_code = owner.totp_secret is not None
    return respond(request, ResetPasswordPage(key=key, account_name=owner.name, asks_code=asks_code, message=message))
