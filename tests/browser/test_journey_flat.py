"""Without WebGL the page says so and drills down on a flat map."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from browser import launched
from playwright.sync_api import Browser, Page, expect
from serving import Server
from table_locks import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium that cannot draw in three dimensions."""
    with launched("--disable-gpu", "--disable-3d-apis") as running:
        yield running


def test_without_webgl_the_flat_map_drills_too(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?dim=2d")
    expect(page.locator(".flat-note")).to_be_visible()
    page.wait_for_selector("#fallback-figure .main-svg")
    before = page.locator("#panel .title h1").inner_text()
    box = page.locator("#fallback-figure").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    steps = cycle((2, 0))

    def points_at_something() -> int:
        page.mouse.move(middle[0] + next(steps), middle[1])
        page.wait_for_timeout(50)
        return page.locator("#fallback-figure .hoverlayer .hovertext").count()

    until(points_at_something, "the figure listens to the mouse")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#panel .title h1")).not_to_have_text(before)
    page.keyboard.press("Escape")
    expect(page.locator("#panel .title h1")).to_have_text(before)
