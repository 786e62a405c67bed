"""Everybody's accounts, for administrators: rights, ways in, displays. What they see of the city is no more than anybody of their role."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from data.accounts import areas, delegation, links, second_factor, sessions, store, tokens
from data.accounts.model import Account, BadAccount, Draft, LastAdministrator, NameTaken
from data.accounts.transactions import run_for_visitor
from data.core.errors import NotOpen
from data.core.i18n import t
from data.core.roles import EVERYWHERE
from data.core.settings import settings
from routes.doors import everybody, frame
from routes.doors.own import TOKENS_TOO
from routes.doors.said import NOTHING, Said
from routes.middleware.forms import csrf, fields, onwards, visitor
from routes.middleware.guard import inside
from routes.people.account import whole

router = APIRouter(include_in_schema=False)
_TOLD = (BadAccount, NameTaken, LastAdministrator)


@router.get("/accounts")
async def show_all(request: Request) -> Response:
    """All accounts."""
    return await _list(request)


@router.post("/accounts")
async def add(request: Request) -> Response:
    """One more; its page then offers a link with which its owner chooses a password."""
    draft = _draft(await _given(request))
    try:
        made = await run_for_visitor(visitor(request), delegation.add, _giver(request), draft, settings().oidc_issuer)
    except _TOLD as error:
        return await _list(request, draft, Said.of(frame.look(request).lang, error))
    return onwards(f"/accounts/{made.id}")


@router.get("/accounts/{number:int}")
async def show(request: Request, number: int) -> Response:
    """One account."""
    return await _one(request, number)


@router.post("/accounts/{number:int}")
async def change(request: Request, number: int) -> Response:
    """Other rights, from this moment on."""
    given, kept = await _given(request), await _theirs(request, number)
    if _is_own(request, number):
        return await _refused(request, number, _NOT_HERE_WORDS["rights"])
    draft = _draft(given, kept.name)
    try:
        await run_for_visitor(visitor(request), delegation.change, _giver(request), number, draft, settings().oidc_issuer)
    except _TOLD as error:
        return await _one(request, number, Said.of(frame.look(request).lang, error), draft)
    return await _done(request, number, _DONE_WORDS["kept"])


@router.post("/accounts/{number:int}/link")
async def make_link(request: Request, number: int) -> Response:
    """A link with which the account's owner chooses a password: whoever makes it never learns that password."""
    await _given(request)
    one = await _theirs(request, number)
    if not one.enabled or one.role == "wall":
        return onwards(f"/accounts/{number}")
    if _is_own(request, number):
        return await _refused(request, number, _NOT_HERE_WORDS["ways"])
    key = await run_for_visitor(visitor(request), links.make, "password", one)
    return await _one(request, number, Said(secret=f"{frame.base(request)}/reset?key={key}"))


@router.post("/accounts/{number:int}/second-factor/off")
async def second_factor_off(request: Request, number: int) -> Response:
    """For who lost the telephone. Its owner is told at the next sign-in; one's own is turned off with one's password, elsewhere."""
    await _given(request)
    if _is_own(request, number):
        return await _refused(request, number, _NOT_HERE_WORDS["ways"])
    await run_for_visitor(visitor(request), second_factor.take_away, (await _theirs(request, number)).id)
    return await _done(request, number, _DONE_WORDS["factor"])


@router.post("/accounts/{number:int}/sessions/end-all")
async def end_sessions(request: Request, number: int) -> Response:
    """Sign somebody out everywhere; their programs, too, unless the box for that was emptied."""
    given, one = await _given(request), await _theirs(request, number)
    await run_for_visitor(visitor(request), sessions.end_all, one.id, one.name)
    if TOKENS_TOO in given:
        await run_for_visitor(visitor(request), tokens.withdraw_all, one.id)
    return onwards(f"/accounts/{number}")


@router.post("/accounts/{number:int}/tokens")
async def make_token(request: Request, number: int) -> Response:
    """A display's token, as the address that the display opens. For people an administrator makes none: they would act in their name."""
    given, one = await _given(request), await _theirs(request, number)
    if one.role != "wall":
        raise NotOpen()
    try:
        made = await run_for_visitor(visitor(request), tokens.make, one.name, given.get("token_name", ""), whole(given.get("days", "")))
    except BadAccount as error:
        return await _one(request, number, Said.of(frame.look(request).lang, error))
    return await _one(request, number, Said(secret=f"{frame.base(request)}/?token={made}"))


@router.post("/accounts/{number:int}/tokens/withdraw")
async def withdraw_token(request: Request, number: int) -> Response:
    """A token opens nothing any more."""
    given, one = await _given(request), await _theirs(request, number)
    await run_for_visitor(visitor(request), tokens.withdraw, whole(given.get("token", "")), one.id)
    return onwards(f"/accounts/{number}")


@router.post("/accounts/{number:int}/disable")
async def disable(request: Request, number: int) -> Response:
    """Close an account."""
    await _given(request)
    try:
        await run_for_visitor(visitor(request), store.disable, (await _theirs(request, number)).id)
    except LastAdministrator as error:
        return await _one(request, number, Said.of(frame.look(request).lang, error))
    return onwards(f"/accounts/{number}")


@router.post("/accounts/{number:int}/enable")
async def enable(request: Request, number: int) -> Response:
    """Open it again."""
    await _given(request)
    await run_for_visitor(visitor(request), store.enable, (await _theirs(request, number)).id)
    return onwards(f"/accounts/{number}")


_NOT_HERE_WORDS = {
    "rights": "Nobody changes their own rights: ask another administrator, or use ./gridwell user on the server.",
    "ways": "For your own account, use the page “My account”, which asks for your password.",
}
_DONE_WORDS = {
    "kept": "The rights hold from now on.",
    "factor": "The second factor is taken away. Its owner is told at the next sign-in.",
}


def _is_own(request: Request, number: int) -> bool:
    return number == inside(request).viewer.account


async def _refused(request: Request, number: int, sentence: str) -> Response:
    return await _one(request, number, Said(refused=t(frame.look(request).lang, sentence)))


def _allowed(request: Request) -> None:
    """Raises NotOpen where the viewer does not look after accounts."""
    if not inside(request).viewer.may("accounts"):
        raise NotOpen()


async def _given(request: Request) -> dict[str, str]:
    _allowed(request)
    return await fields(request)


def _draft(given: dict[str, str], name: str | None = None) -> Draft:
    """What the form says; empty fields stand for what the account would have by itself."""

    def said(field: str) -> str | None:
        return given.get(field, "").strip() or None

    return Draft(
        name=given.get("name", "") if name is None else name,
        shown=said("shown") or "",
        role=given.get("role", ""),
        detail=said("detail"),
        scope=said("scope") or EVERYWHERE,
        figures=said("figures"),
        lang=said("lang"),
        oidc_subject=said("subject"),
    )


def _giver(request: Request) -> int:
    return inside(request).viewer.account or 0


async def _theirs(request: Request, number: int) -> Account:
    """An account that this administrator may look after: see ``delegation.fetch_manageable``."""
    return await run_for_visitor(visitor(request), delegation.fetch_manageable, _giver(request), number)


async def _done(request: Request, number: int, sentence: str) -> Response:
    return await _one(request, number, Said(done=t(frame.look(request).lang, sentence)))


async def _list(request: Request, draft: Draft | None = None, said: Said = NOTHING) -> Response:
    """All accounts; ``draft`` is what was typed when it was refused."""
    _allowed(request)
    found, own = await run_for_visitor(visitor(request), _everybody, _giver(request))
    more = everybody.Limits(own, await _places(own, *found))
    return everybody.list_page(frame.look(request), csrf(request), found, more, draft or Draft("", scope=own.scope), said)


async def _one(request: Request, number: int, said: Said = NOTHING, draft: Draft | None = None) -> Response:
    """The page of one account; ``draft`` is what was typed when it was refused."""
    _allowed(request)
    one, own, holds = await run_for_visitor(visitor(request), _both, _giver(request), number)
    limits = everybody.Limits(own, await _places(own, one))
    if not holds:
        return everybody.beyond_page(frame.look(request), one, limits)
    own_tokens, many = await run_for_visitor(visitor(request), _tokens_and_sessions, one.id)
    return everybody.one_page(frame.look(request), csrf(request), everybody.Shown(one, limits, own_tokens, many), draft, said)


async def _places(*accounts: Account) -> Mapping[str, areas.AreaName]:
    return await areas.fetch_area_names(code for one in accounts for code in (one.scope, one.figures))


def _everybody(connection: Connection, giver: int) -> tuple[Sequence[Account], Account]:
    return store.list_accounts(connection), store.fetch_account(connection, giver)


def _both(connection: Connection, giver: int, number: int) -> tuple[Account, Account, bool]:
    one, own = store.fetch_account(connection, number), store.fetch_account(connection, giver)
    return one, own, delegation.covers(connection, own, one)


def _tokens_and_sessions(connection: Connection, number: int) -> tuple[store.Rows, int]:
    return tokens.list_tokens(connection, number), len(sessions.list_open(connection, number))
