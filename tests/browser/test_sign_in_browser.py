"""Signing in with a real browser: password, code, one's account, signing out; on every screen size, in both themes."""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg
import pyotp
import pytest
from browser import DESK, PATIENCE_MS, PHONE, Problems, _watch
from playwright.sync_api import Browser, Page
from serving import Server
from signin_forms import HASHED, PASSWORD
from sqlalchemy import make_url

from data.accounts import store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

SCREENS = {"phone": PHONE, "desk": DESK, "wall": {"width": 3840, "height": 2160}}


@pytest.fixture
def name(demo_city: str) -> str:
    """An administrator of the served city."""
    made = f"door-{secrets.token_hex(4)}"
    with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
        number = store.add(connection, Draft(made, shown="王敏", role="administrator")).id
        store.set_password(connection, number, HASHED)
    return made


@pytest.fixture
def stranger(browser: Browser, server: Server, problems: Problems, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of somebody who is not signed in; it tolerates no error either."""
    options: dict[str, Any] = getattr(request, "param", {"viewport": DESK})
    context = browser.new_context(**{"locale": "zh-CN", **options})
    context.set_default_timeout(PATIENCE_MS)
    _watch(context, server, problems)
    yield context.new_page()
    context.close()
    assert not problems, "\n".join(problems)


def enter(page: Page, server: Server, name: str, target: str = "/account") -> None:
    page.goto(f"{server.url}{target}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("form button")


@pytest.mark.browser
def test_in_with_password_and_code_and_out_again(stranger: Page, server: Server, name: str, demo_city: str) -> None:
    page = stranger
    enter(page, server, name)
    page.wait_for_url(f"{server.url}/account")
    page.click("text=设置")
    secret = page.inner_text(".hint code").replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.fill("#password", PASSWORD)
    page.click("section button")
    assert page.inner_text("[role=status]") == "第二因素已开启。"
    page.click("text=退出登录")
    page.click("form button")
    page.wait_for_url(f"{server.url}/signin")
    page.go_back()
    page.wait_for_url(f"{server.url}/signin*")
    with psycopg.connect(demo_city) as connection:  # a code opens once; half a minute is long
        connection.execute("UPDATE account SET totp_step = totp_step - 5 WHERE name = %s", (name,))
    enter(page, server, name)
    page.wait_for_url(f"{server.url}/signin/code*")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("form button")
    page.wait_for_url(f"{server.url}/account")
    assert page.locator(".chip.here").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_cut_off_and_colours_follow_the_system(
    browser: Browser, server: Server, problems: Problems, name: str, screen: str
) -> None:
    context = browser.new_context(viewport=SCREENS[screen], locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    _watch(context, server, problems)
    page = context.new_page()
    page.goto(f"{server.url}/signin")
    _whole(page)
    enter(page, server, name)
    for path in ("/account", "/account/second-factor", "/accounts", "/status", "/signout"):
        page.goto(f"{server.url}{path}")
        _whole(page)
    context.close()
    assert not problems, "\n".join(problems)


def _whole(page: Page) -> None:
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{page.url} is too wide"
        text, ground = (page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor"))
        light = [sum(map(float, colour.split("(")[1].rstrip(")").split(",")[:3])) for colour in (text, ground)]
        assert (light[0] < light[1]) == (theme == "light"), f"{page.url}: {text} on {ground}"
