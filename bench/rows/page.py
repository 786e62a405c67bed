"""The cost of the page in a browser: bytes, requests and main-thread time until the first layer is drawn; first and second visit."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from bench.model import Json, Row, Unmeasured
from bench.order import Order
from bench.serving import Server, gridwell

VIEWPORT = {"width": 1366, "height": 768}
PATIENCE_MS = 120_000
_FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
)
"""Options for WebGL without a graphics card, and against network traffic of the browser itself."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_DRAWN = "() => Object.values(window.gridwell?.map?.drawn?.() ?? {}).some((count) => count > 0)"
_IDLE = "() => window.gridwell?.map?.idle === true"


@dataclass
class Visit:
    """One visit: network traffic until the map was complete, and the time of the first layer."""

    bytes_: float = 0
    requests: int = 0
    kept: int = 0
    main_thread_ms: float = 0
    first_layer_ms: float = 0
    complete_ms: float = 0
    _from_memory: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> CDPSession:
        """Start to count; returns the browser's session for measurements."""
        door = page.context.new_cdp_session(page)
        door.on("Network.requestServedFromCache", lambda event: self._from_memory.add(event["requestId"]))
        door.on("Network.responseReceived", self._received)
        door.on("Network.loadingFinished", self._finished)
        door.send("Network.enable")
        door.send("Performance.enable")
        return door

    def _received(self, event: Json) -> None:
        local = event["response"]["url"].startswith(("data:", "blob:"))
        if local or event["response"].get("fromDiskCache"):
            self._from_memory.add(event["requestId"])

    def _finished(self, event: Json) -> None:
        if event["requestId"] in self._from_memory:
            self.kept += 1
        else:
            self.requests += 1
            self.bytes_ += event["encodedDataLength"]


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    first: list[Visit] = []
    again: list[Visit] = []
    with gridwell(order.database) as server, open_browser() as browser:
        version = browser.version
        for number in range(order.counts.rounds + 1):
            print(f"  visit {number + 1} of {order.counts.rounds + 1}", flush=True)
            context = browser.new_context(
                viewport=VIEWPORT,  # type: ignore[arg-type]
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                bypass_csp=True,  # Playwright waits by evaluating JavaScript texts
            )
            try:
                sign_in(context, server)
                visits = _visit(context, server), _visit(context, server)
            finally:
                context.close()
            if number or order.counts.rounds == 1:  # the server compresses its scripts for its first visitor
                first.append(visits[0])
                again.append(visits[1])
    for name, visits_ in (("first visit", first), ("revisit", again)):
        row.add(f"{name}: over the wire", "KB", [one.bytes_ / 1000 for one in visits_])
        row.add(f"{name}: requests over the wire", "", [one.requests for one in visits_])
        row.add(f"{name}: main thread until the first layer is drawn", "ms", [one.main_thread_ms for one in visits_])
        row.add(f"{name}: clock until the first layer is drawn", "ms", [one.first_layer_ms for one in visits_])
        row.add(f"{name}: clock until the map is complete", "ms", [one.complete_ms for one in visits_])
    row.compare("first visit, over the wire", row.figures[0].value / 1000, "≤ 2.2 MB", "MB")
    row.compare("revisit, over the wire", row.figures[5].value, "≤ 60 KB", "KB")
    row.notes.append(
        f"Chromium {version} without a graphics card (SwiftShader draws on the same cores), {VIEWPORT['width']} × "
        f"{VIEWPORT['height']}, signed in before, plain http on 127.0.0.1 (so gzip, not Brotli), counted until the map is complete. "
        "Bytes are what Chromium received, headers included. A revisit is a new tab of the same browser."
    )


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The system's Chromium.

    Raises:
        Unmeasured: there is none.
    """
    program = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        raise Unmeasured("there is no Chromium on this machine; ./gridwell test installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(context: BrowserContext, server: Server, session: str | None = None) -> None:
    """Sign a browser in, as the server's guest unless another session is given."""
    context.add_cookies([name_cookie(server, session or server.session)])  # type: ignore[list-item]


def name_cookie(server: Server, session: str) -> Json:
    """The cookie of a session, as a browser takes it."""
    return {"name": f"gridwell-session-{urlsplit(server.url).port}", "value": session, "url": server.url}


def _visit(context: BrowserContext, server: Server) -> Visit:
    """Open the page in a new tab, and wait until the map is complete."""
    visit, page = Visit(), context.new_page()
    door = visit.watch(page)
    page.goto(f"{server.url}/", timeout=PATIENCE_MS)
    page.wait_for_function(_DRAWN, timeout=PATIENCE_MS, polling=50)
    visit.main_thread_ms = _metrics(door)["TaskDuration"] * 1000
    visit.first_layer_ms = float(page.evaluate("performance.now()"))
    page.wait_for_function(_IDLE, timeout=PATIENCE_MS, polling=50)
    visit.complete_ms = float(page.evaluate("performance.now()"))
    page.wait_for_timeout(500)  # unfinished answers are counted too
    page.close()
    return visit


def _metrics(door: CDPSession) -> dict[str, float]:
    return {one["name"]: one["value"] for one in door.send("Performance.getMetrics")["metrics"]}
