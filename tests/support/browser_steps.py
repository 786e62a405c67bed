"""Steps of a journey through the page in a real browser."""

from browser import PATIENCE_MS, still, until
from playwright.sync_api import Page, expect
from serving import Server

FLAT = "?dim=2d&layers=grid"
"""Light to draw: for journeys that are not about the map."""


DRAWN = ("land", "grid", "base", "line-units")


WAIT_MS = PATIENCE_MS


def open_at(page: Page, server: Server, search: str = "") -> None:
    """Open an address and wait for its figures."""
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{server.url}/{search}")
    answered(page)


def follow(page: Page, search: str) -> None:
    """Follow a link to another view of the map, as the page's own links do, and wait for its figures.

    The document stays: to load it anew, and to prepare the map's drawing anew without a graphics card, takes a machine ten seconds.
    """
    page.evaluate(
        """(search) => {
          const link = document.body.appendChild(document.createElement('a'));
          link.href = search;
          link.click();
          link.remove();
        }""",
        search,
    )
    answered(page)


def answered(page: Page) -> None:
    """Wait until the last address has its answer."""
    page.wait_for_selector("#panel .title h1, #panel .state")
    until(page, "!('waiting' in document.documentElement.dataset)", timeout=WAIT_MS)


def drawn(page: Page, *layers: str) -> dict[str, int]:
    """What the map drew, once it is at rest; fails where one of the named layers is empty."""
    counts = still(page, WAIT_MS)
    empty = [layer for layer in (*DRAWN, *layers) if not counts.get(layer)]
    assert not empty, f"drew nothing: {empty} of {counts}"
    return counts


def title(page: Page) -> str:
    """Name of the area or thing in the panel."""
    return page.locator("#panel .title h1").inner_text()


def level_down(page: Page) -> str:
    """Open the first part in the ranking of the area's own parts; returns its name."""
    before = title(page)
    link = page.locator(".ranking").last.locator("a.rank-row").first
    name = link.locator(".bar-name").inner_text()
    link.click()
    expect(page.locator("#panel .title h1")).to_have_text(name)
    assert title(page) != before
    answered(page)
    return name


def parameters(page: Page) -> dict[str, str]:
    """The address's query part."""
    found: dict[str, str] = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    return found
