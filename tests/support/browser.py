"""A browser page that tolerates nothing: errors, failed requests, and requests that leave the server all fail the test."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from serving import Server

DESK = {"width": 1366, "height": 768}
WIDE = {"width": 1920, "height": 1080}
LIGHT = {"width": 1024, "height": 640}
"""Large enough for every panel of a desk: without a graphics card each pixel of the map costs."""
PHONE = {"width": 390, "height": 844}

PATIENCE_MS = 120_000
"""A busy machine that draws WebGL without a graphics card needs more than Playwright's five seconds."""

Problems = list[str]

_AT_REST = "!('waiting' in document.documentElement.dataset) && window.gridwell?.map?.idle === true"

_FLAGS = (
    "--no-sandbox",
    # WebGL without a graphics card
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # nothing of the browser's own
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own where there is none; further flags such as ``--disable-gpu`` change what it can do."""
    program = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def strict_page(browser: Browser, server: Server, problems: Problems, **options: Any) -> Iterator[Page]:
    """A signed-in page of 1024 × 640 without flights; leaving the block fails if ``problems`` holds anything.

    Args:
        browser: a running browser.
        server: the server to sign in to; requests to any other place are problems.
        problems: filled while the page lives.
        options: of Playwright's context, such as ``viewport=PHONE``, ``locale="en-GB"``, ``reduced_motion="no-preference"``.
    """
    usual = {"viewport": LIGHT, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
    context = browser.new_context(**{**usual, **options})
    context.set_default_timeout(PATIENCE_MS)
    try:
        _sign_in(context, server)
        _watch(context, server, problems)
        yield context.new_page()
        assert not problems, "\n".join(problems)
    finally:
        context.close()


def until(page: Page, condition: str, arg: Any = None, timeout: float = PATIENCE_MS) -> None:
    """Wait until a JavaScript expression or function gives something true.

    Asked from here: Playwright's own ``wait_for_function`` evaluates texts inside the page, which our pages forbid.

    Args:
        page: that is looked at.
        condition: an expression, or a function of ``arg``.
        arg: for the function.
        timeout: milliseconds.

    Raises:
        PlaywrightTimeout: it stayed false.
    """
    deadline = time.monotonic() + timeout / 1000
    while not page.evaluate(condition, arg):
        if time.monotonic() > deadline:
            raise PlaywrightTimeout(f"still not true: {condition}")
        page.wait_for_timeout(50)


def still(page: Page, timeout: float = PATIENCE_MS) -> dict[str, int]:
    """Objects drawn by each layer of the map, once the page has its answer and the map shows it."""
    until(page, _AT_REST, timeout=timeout)
    drawn: dict[str, int] = page.evaluate("window.gridwell.map.drawn()")
    return drawn


def _sign_in(context: BrowserContext, server: Server) -> None:
    context.add_cookies([server.cookie])  # type: ignore[list-item]  # Playwright's own shape of a dict


def _watch(context: BrowserContext, server: Server, problems: Problems) -> None:
    def leaves(url: str) -> bool:
        own = (f"{server.url}/", server.url.replace("http", "ws", 1) + "/", "data:", "blob:", "about:")
        return not url.startswith(own)

    def failed(request: Request) -> None:
        # The page itself gives up tiles that it no longer needs.
        if request.failure != "net::ERR_ABORTED":
            problems.append(f"request failed: {request.url} ({request.failure})")

    def answered(response: Response) -> None:
        if response.status >= 400:
            problems.append(f"answer {response.status}: {response.url}")

    def watch_page(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
        page.on("crash", lambda _: problems.append("the page crashed"))
        page.on("websocket", lambda socket: problems.append(f"leaves the server: {socket.url}") if leaves(socket.url) else None)

    context.on("console", lambda message: problems.append(f"console: {message.text}") if message.type == "error" else None)
    context.on("request", lambda request: problems.append(f"leaves the server: {request.url}") if leaves(request.url) else None)
    context.on("requestfailed", failed)
    context.on("response", answered)
    context.on("page", watch_page)
