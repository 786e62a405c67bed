"""Without WebGL the page says so and drills down on a flat map."""

from collections.abc import Iterator

import pytest
from browser import launched
from playwright.sync_api import Browser, Page, expect
from serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium that cannot draw in three dimensions."""
    with launched("--disable-gpu", "--disable-3d-apis") as running:
        yield running


def test_without_webgl_the_flat_map_drills_too(page: Page, server: Server) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{server.url}/?dim=2d")
    expect(page.locator(".flat-note")).to_be_visible(timeout=60_000)
    page.wait_for_selector("#fallback-figure .main-svg")
    before = page.locator("#panel .title h1").inner_text()
    box = page.locator("#fallback-figure").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#fallback-figure .hoverlayer .hovertext")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#panel .title h1")).not_to_have_text(before, timeout=30_000)
    page.keyboard.press("Escape")
    expect(page.locator("#panel .title h1")).to_have_text(before, timeout=30_000)
