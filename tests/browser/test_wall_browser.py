"""The wall in a browser: every text can be read over the moving map, nothing can be touched, and counts end equal to the database's."""

import io
import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from browser import Problems, still, strict_page, until
from databases import FreshDatabase
from PIL import Image
from playwright.sync_api import Browser, Page
from serving import Server, serving

from data import rollup

pytestmark = pytest.mark.browser

CAMERAS = 5
SEED = 20261129
OPEN = "[data-figure=open] .wall-value span"
HALF = {"standard": (960, 540), "band": (1920, 540), "tall": (540, 960)}
"""Half of 1920×1080, 3840×1080 and 1080×1920: everything is counted in one unit, so half as many pixels show the same picture."""

TEXTS = """() => {
  const walker = document.createTreeWalker(document.querySelector('#wall'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, range = document.createRange();
    range.selectNodeContents(node);
    const text = node.textContent.trim();
    for (const box of text ? range.getClientRects() : []) {
      if (!box.width || !box.height) continue;
      const style = getComputedStyle(node.parentElement);
      found.push({ text, px: parseFloat(style.fontSize), rgb: style.color.match(/[\\d.]+/g).map(Number).slice(0, 3),
        box: [box.left, box.top, box.right, box.bottom] });
    }
  }
  return found;
}"""
"""Every text on screen with its size, colour and place."""
HIDE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('#wall *:not(#map, #map *) { color: transparent !important; }');
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[str]:
    with fresh_database(template=demo_template) as url:
        yield url


@pytest.fixture(scope="module")
def server(town: str) -> Iterator[Server]:
    with serving(town) as made:
        yield made


def open_wall(page: Page, server: Server, search: str = "") -> None:
    page.goto(f"{server.url}/wall{search}")
    until(page, f"/\\d/.test(document.querySelector('{OPEN}')?.textContent)")
    still(page)


def count_open(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT sum(n) FROM incident_open o JOIN area a ON a.no = o.area_no WHERE a.level = 'grid'").fetchone()
    assert row
    return int(row[0])


def close_a_case(url: str) -> None:
    """One open case is closed, with all that follows from it."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT city, district, id FROM incident WHERE is_open AND geom IS NOT NULL ORDER BY id LIMIT 1"
        ).fetchone()
        assert row
        with rollup.changing_incidents(connection, row[0], [(row[1], row[2])]):
            query = "UPDATE incident SET stage = 'closed', closed_at = reported_at WHERE district = %s AND id = %s"
            connection.execute(query, row[1:])


def luminance(rgb: Any) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def weakest(picture: Image.Image, texts: list[dict[str, Any]]) -> tuple[float, str]:
    """The least contrast of any text to the brightest pixel behind it; texts are lighter than the picture."""
    found = []
    for one in texts:
        left, top, right, bottom = (round(v) for v in one["box"])
        part = picture.crop((max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)))
        brightest = max((luminance(rgb) for _, rgb in part.getcolors(1 << 24) or []), default=0.0)
        found.append(((luminance(one["rgb"]) + 0.05) / (brightest + 0.05), one["text"]))
    return min(found)


@pytest.mark.parametrize("layout", HALF)
def test_every_text_can_be_read_over_any_camera_in_every_layout(browser: Browser, server: Server, problems: Problems, layout: str) -> None:
    width, height = HALF[layout]
    rng = random.Random(SEED)
    with strict_page(browser, server, problems, viewport={"width": width, "height": height}) as page:
        open_wall(page, server, "?lang=zh" if layout != "band" else "?lang=en")
        assert page.evaluate("document.documentElement.dataset.layout") == layout
        assert page.evaluate("document.querySelectorAll('#wall :is(a, button, input, select, [tabindex])').length") == 0
        assert page.evaluate("[...document.querySelectorAll('#wall, #wall *')].every((one) => getComputedStyle(one).cursor === 'none')")
        assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight && document.scrollingElement.scrollWidth <= innerWidth")
        texts = page.evaluate(TEXTS)
        unit = float(page.evaluate("parseFloat(document.documentElement.style.fontSize)"))
        assert len(texts) > 30
        for one in texts:
            chinese = any("\u4e00" <= letter <= "\u9fff" for letter in one["text"])
            assert one["px"] >= (2.4 if chinese else 2.1) * unit - 0.01, one
            left, top, right, bottom = one["box"]
            assert left >= -1 and top >= -1 and right <= width + 1 and bottom <= height + 1, one
        shown = page.evaluate("[...document.querySelectorAll('.wall-figure, .wall-panel')].filter((one) => !one.hidden).length")
        assert shown == 8, "at this size everything has room"
        page.evaluate(HIDE)
        home = page.evaluate("({...window.gridwell.map.camera})")
        for _ in range(CAMERAS if layout == "standard" else 1):
            camera = {
                "longitude": home["longitude"] + rng.uniform(-0.02, 0.02),
                "latitude": home["latitude"] + rng.uniform(-0.02, 0.02),
                "zoom": home["zoom"] + rng.uniform(-0.6, 1.6),
                "pitch": rng.uniform(30, 62),
                "bearing": rng.uniform(-180, 180),
                "transitionDuration": 0,
            }
            page.evaluate("(camera) => window.gridwell.map.moved(camera)", camera)
            still(page)
            least, text = weakest(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), texts)
            assert least >= 7, (text, least, camera)


def test_counts_end_equal_to_the_database_after_every_cut(browser: Browser, town: str, server: Server, problems: Problems) -> None:
    stale = "!document.querySelector('#stale').hidden"
    with strict_page(browser, server, problems, viewport={"width": 960, "height": 540}) as page:
        open_wall(page, server)
        page.evaluate("window.unbroken = true")
        shows = f"n => document.querySelector('{OPEN}').textContent.replace(',', '') === String(n)"
        until(page, shows, count_open(town))
        assert not page.evaluate(stale)
        close_a_case(town)
        until(page, shows, count_open(town))

        page.evaluate("document.querySelector('#map canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()")
        until(page, "document.querySelectorAll('#map canvas').length === 1 && window.gridwell.map.surface.restoring === null")
        close_a_case(town)
        until(page, shows, count_open(town))
        assert still(page)["buildings"] > 0, "the city is there again"

        page.context.set_offline(True)
        close_a_case(town)
        until(page, stale)
        assert page.evaluate("/\\d\\d:\\d\\d/.test(document.querySelector('#stale').textContent)")
        page.context.set_offline(False)
        until(page, shows, count_open(town))
        until(page, f"!({stale})")

        server.stop()
        close_a_case(town)
        until(page, stale)
        server.start()
        until(page, shows, count_open(town))
        until(page, f"!({stale})")
        assert page.evaluate("window.unbroken") is True, "the page was never loaded again"
        problems[:] = [one for one in problems if not any(word in one for word in ("ERR_", "503", "502"))]
