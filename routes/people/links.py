"""One-time links: the first administrator's, and those with which somebody chooses a password."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import links, passwords
from data.accounts.model import BadAccount, BadPassword, Draft, NameTaken
from data.accounts.transactions import run_for_visitor
from data.core.i18n import t
from routes.doors import enter, frame
from routes.doors.said import Said
from routes.middleware.forms import bind, csrf, fields, onwards, visitor

router = APIRouter(include_in_schema=False)


@router.get("/first")
async def ask_first(request: Request) -> Response:
    """The page for whoever becomes the first administrator."""
    look, key = frame.look(request), request.query_params.get("key", "")
    if not await run_for_visitor(visitor(request), links.is_first, key):
        return enter.link_is_old(look)
    return bind(request, enter.first(look, csrf(request), key))


@router.post("/first")
async def take_first(request: Request) -> Response:
    """Make that administrator, who then signs in."""
    given = await fields(request)
    look, key, name, chosen = frame.look(request), given.get("key", ""), given.get("name", ""), given.get("password", "")
    if not await run_for_visitor(visitor(request), links.is_first, key):
        return enter.link_is_old(look)
    try:
        made = await _made_first(request, key, name, chosen)
    except (BadAccount, NameTaken, BadPassword) as error:
        return bind(request, enter.first(look, csrf(request), key, name, Said.of(look.lang, error)))
    return onwards(enter.AFTER_LINK) if made else enter.link_is_old(look)


async def _made_first(request: Request, key: str, name: str, chosen: str) -> bool:
    if reason := passwords.explain_refusal(chosen, name):
        raise BadPassword(field="password", reason=reason)
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    draft = Draft(name, role="administrator")
    return await run_for_visitor(visitor(request), links.become_first, key, draft, hashed) is not None


@router.get("/reset")
async def ask_password(request: Request) -> Response:
    """The page on which somebody chooses a password."""
    look, key = frame.look(request), request.query_params.get("key", "")
    owner = await run_for_visitor(visitor(request), links.find_owner, key)
    if owner is None:
        return enter.link_is_old(look)
    return bind(request, enter.choose_password(look, csrf(request), key, owner))


@router.post("/reset")
async def take_password(request: Request) -> Response:
    """Take it, and let its owner sign in with it."""
    given = await fields(request)
    look, key, chosen = frame.look(request), given.get("key", ""), given.get("password", "")
    owner = await run_for_visitor(visitor(request), links.find_owner, key)
    if owner is None:
        return enter.link_is_old(look)
    if reason := passwords.explain_refusal(chosen, owner.name):
        return bind(request, enter.choose_password(look, csrf(request), key, owner, Said(refused=t(look.lang, reason), at="password")))
    hashed = await passwords.run_in_queue(passwords.hash_password, chosen)
    came = await run_for_visitor(visitor(request), links.choose_password, key, hashed, given.get("code", ""))
    if came == "unproven":
        unproven = Said(refused=t(look.lang, _UNPROVEN_WORDS), at="code")
        return bind(request, enter.choose_password(look, csrf(request), key, owner, unproven))
    return onwards(enter.AFTER_LINK) if came == "taken" else enter.link_is_old(look)


_UNPROVEN_WORDS = "That code does not fit. After several tries in a row, wait some minutes before the next."
