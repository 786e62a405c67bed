"""A page whose network nobody watches. Playwright watches that of its own pages, and then Chromium keeps the body of every answer in the
page's process, up to a hundred megabytes: over thousands of answers that looks like a leak of the page.

The page stands in the browser's own context, which Playwright leaves alone, and is spoken to through the browser's door alone.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, CDPSession

from bench.model import Json, Unmeasured

_PATIENCE_S = 120.0


class QuietPage:
    """One page; see ``open_quiet_page``."""

    def __init__(self, door: CDPSession, session: str) -> None:
        self._door, self._session, self._last, self._answers = door, session, 0, dict[int, Json]()
        door.on("Target.receivedMessageFromTarget", self._hear)

    def _hear(self, told: Mapping[str, Any]) -> None:
        if told["sessionId"] == self._session and "id" in (message := json.loads(told["message"])):
            self._answers[message["id"]] = message

    def send(self, method: str, params: Json | None = None) -> Json:
        """Send a command of Chrome's protocol to the page, and wait for its answer.

        Raises:
            Unmeasured: it does not answer, or refuses.
        """
        self._last += 1
        number, until = self._last, time.monotonic() + _PATIENCE_S
        told = {"id": number, "method": method, "params": params or {}}
        self._door.send("Target.sendMessageToTarget", {"sessionId": self._session, "message": json.dumps(told)})
        while number not in self._answers:
            if time.monotonic() > until:
                raise Unmeasured(f"the page does not answer {method}")
            time.sleep(0.002)
            self._door.send("Browser.getVersion")  # events are heard with answers
        answer = self._answers.pop(number)
        if "error" in answer:
            raise Unmeasured(f"{method}: {answer['error'].get('message')}")
        result: Json = answer["result"]
        return result

    def evaluate(self, expression: str, given: object = None) -> Any:
        """The value of an expression, or of a function of what is given."""
        source = expression if given is None else f"({expression})({json.dumps(given)})"
        told = self.send("Runtime.evaluate", {"expression": source, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in told:
            raise Unmeasured(str(told["exceptionDetails"].get("exception", {}).get("description", "the page failed"))[:500])
        return told["result"].get("value")

    def wait_for_timeout(self, ms: float) -> None:
        """Let the page go on for a while."""
        time.sleep(ms / 1000)

    def close(self) -> None:
        """Nothing more is heard of it."""
        self._door.remove_listener("Target.receivedMessageFromTarget", self._hear)


@contextmanager
def open_quiet_page(browser: Browser, size: Mapping[str, int], cookie: Json, script: str, timezone: str) -> Iterator[QuietPage]:
    """An empty page of a size in Chinese; a script runs in it before any other.

    Args:
        browser: Playwright's.
        size: ``width`` and ``height`` in pixels.
        cookie: ``name``, ``value`` and ``url``.
        script: source of what runs first on each address.
        timezone: IANA name.
    """
    door = browser.new_browser_cdp_session()
    door.send("Storage.setCookies", {"cookies": [cookie]})
    target = door.send("Target.createTarget", {"url": "about:blank", "newWindow": True})["targetId"]
    page = QuietPage(door, door.send("Target.attachToTarget", {"targetId": target, "flatten": False})["sessionId"])
    try:
        page.send("Page.enable")
        page.send("Page.setBypassCSP", {"enabled": True})
        page.send("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": 1, "mobile": False})
        page.send("Emulation.setTimezoneOverride", {"timezoneId": timezone})
        page.send("Emulation.setLocaleOverride", {"locale": "zh-CN"})
        page.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
        page.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        yield page
    finally:
        door.send("Target.closeTarget", {"targetId": target})
        page.close()
        door.detach()
