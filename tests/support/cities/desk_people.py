"""People at the desk of a running server, each with a browser page of their own."""

import secrets
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
from browser import WIDE, Problems, strict_page
from playwright.sync_api import Browser, Locator, Page, expect
from serving import Server
from sqlalchemy import make_url

from data.accounts import sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction


class Desk:
    """People at the desk of one server."""

    def __init__(self, browser: Browser, server: Server, town: str, problems: Problems) -> None:
        self.browser, self.server, self.problems = browser, server, problems
        self.url = make_url(town).set(drivername="postgresql+psycopg")

    def somebody(self, shown: str, role: str = "supervisor", **options: Any) -> AbstractContextManager[Page]:
        """A page of somebody who has just been given an account of this role."""
        with owner_transaction(self.url) as connection:
            made = store.add(connection, Draft(f"desk-{secrets.token_hex(4)}", shown=shown, role=role, scope="*"))
            session = sessions.begin(connection, made.id, "full", "", "test")
        return strict_page(self.browser, replace(self.server, session=session), self.problems, **{"viewport": WIDE, **options})

    def hire(self, name: str) -> None:
        """Somebody to whom a case can be given, by the name of the account."""
        with owner_transaction(self.url) as connection:
            store.add(connection, Draft(name, role="grid_worker", scope="*"))

    def token(self) -> str:
        """The token of a program that may do everything with cases."""
        with owner_transaction(self.url) as connection:
            made = store.add(connection, Draft(f"line-{secrets.token_hex(4)}", role="supervisor", scope="*"))
            return tokens.make(connection, made.name, "test", 1)

    def report(self, title: str, elsewhere: bool = False) -> str:
        """A case is reported through the machine door, in one cell or in another; returns its number."""
        with httpx.Client(base_url=self.server.url, headers={"authorization": f"Bearer {self.token()}"}, timeout=60) as client:
            # Published cases, whose numbers come behind those that are reported here: the same two cells each time.
            order = "&limit=50&sort=-number" if elsewhere else "&limit=1"
            first, *others = client.get(f"/api/cases?placed=true{order}").json()["cases"]
            seen = next(one for one in others if one["grid"] != first["grid"]) if elsewhere else first
            body = {"category": seen["category"], "title": title, "area": seen["grid"], "severity": 2}
            return str(client.post("/api/cases", json=body).raise_for_status().json()["number"])

    def stage_of(self, number: str) -> str:
        headers = {"authorization": f"Bearer {self.server.token}"}
        return str(httpx.get(f"{self.server.url}/api/cases/{number}", headers=headers, timeout=60).json()["case"]["stage"])

    def open(self, page: Page, search: str = "") -> None:
        # The map beside the list has tests of its own: to draw it without a graphics card keeps a machine busy.
        page.goto(f"{self.server.url}/desk{search}{'&' if search else '?'}map=off")
        page.wait_for_selector("#table .case-title, #table .ag-overlay-no-rows-center")
        expect(page.locator("#foot .live")).to_have_class("live")


def row_of(page: Page, number: str) -> Locator:
    """The row of a case in the table."""
    return page.locator(f'#table .ag-center-cols-container [row-id="{number}"]')


def stage_shown(page: Page, number: str) -> Locator:
    return row_of(page, number).locator(".stage > div:first-child")


def step(page: Page, text: str) -> Locator:
    return page.locator("#drawer .steps-row button", has_text=text).first
