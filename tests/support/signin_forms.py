"""A browser's part of signing in, without a browser: forms are found in the page, filled in and sent."""

from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI

from data.accounts import passwords, store
from data.accounts.model import Account, Draft
from data.accounts.transactions import owner_transaction

SERVER = "http://grid.example:8050"
COOKIE = "gridwell-session-8050"
PASSWORD = "horse-kettle-violet-7"
HASHED = passwords.hash_password(PASSWORD)
"""Made once: each takes a moment."""


def visitor(app: FastAPI, base: str = SERVER, **headers: str) -> httpx.AsyncClient:
    """Somebody who reads English."""
    own = {"accept": "text/html", "accept-language": "en", **headers}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=base, headers=own)


def account(name: str, role: str = "supervisor", password: str | None = HASHED, issuer: str | None = None, **more: Any) -> Account:
    """An account with the tests' password."""
    with owner_transaction() as connection:
        made = store.add(connection, Draft(name, role=role, **more), issuer)
        if password:
            store.set_password(connection, made.id, password)
        found = store.find_by_id(connection, made.id)
    assert found is not None
    return found


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("action") or ""
            self.forms.setdefault(self._inside, {})
        elif tag == "input" and self._inside and given.get("name"):
            self.forms[self._inside][str(given["name"])] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = ""


def forms(page: str) -> dict[str, dict[str, str]]:
    """Fields of each form of a page, by the address it is sent to."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def session(http: httpx.AsyncClient) -> str:
    """The session's value that this visitor holds."""
    return http.cookies[COOKIE]


def hold(http: httpx.AsyncClient, value: str) -> None:
    """Let the visitor hold another one."""
    http.cookies.set(COOKIE, value, domain="grid.example", path="/")


async def send(http: httpx.AsyncClient, page: str, action: str = "", **values: str) -> httpx.Response:
    """Open a page, fill in the form that goes to ``action`` (the page itself unless given), and send it."""
    opened = await http.get(page)
    where = action or opened.url.path
    return await http.post(where, data={**forms(opened.text)[where], **values})


async def sign_in(http: httpx.AsyncClient, name: str, password: str = PASSWORD, target: str = "/") -> httpx.Response:
    """Name and password."""
    return await send(http, f"/signin?next={target}", "/signin", name=name, password=password)
