"""How the wall looks: at every size its texts can be read by the farthest viewer, over whatever the map shows, and nothing jumps.

``GRIDWELL_WALL_CAMERAS=200`` looks at the contrast through so many cameras.
"""

import io
import itertools
import math
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from browser import Problems, still, strict_page, until
from PIL import Image
from playwright.sync_api import Browser, Page
from serving import Server

pytestmark = pytest.mark.browser

CAMERAS = int(os.environ.get("GRIDWELL_WALL_CAMERAS", "1"))
SEED = 20261130
LEAST_CONTRAST = 7
SMALL_PICTURE = {"width": 480, "height": 270}
"""Everything is counted in one unit, so a quarter as many pixels show the same picture as 1920 × 1080, in a sixteenth of the time."""
USUAL = {(1920, 1080): (2.7, 8), (3840, 2160): (2.7, 8), (3840, 1080): (2.7, 8), (7680, 2160): (2.7, 8), (1080, 1920): (1.9, 3.2)}
"""Sizes in pixels; height of the picture and distance of the farthest viewer in metres, unless the address says so."""
SMALLER = (1, 0.8, 0.6, 0.45, 0.3)
"""Shares of the usual height: walls too low for their distance."""

TEXTS = """() => {
  const walker = document.createTreeWalker(document.querySelector('#wall'), NodeFilter.SHOW_TEXT);
  const found = [];
  const rgbOf = (color) => {
    const parts = color.match(/[\\d.]+/g).map(Number).slice(0, 3);
    return color.startsWith('rgb') ? parts : parts.map((part) => part * 255);
  };
  while (walker.nextNode()) {
    const node = walker.currentNode, range = document.createRange(), owner = node.parentElement;
    range.selectNodeContents(node);
    const text = node.textContent.trim(), style = getComputedStyle(owner);
    for (const box of text && owner.checkVisibility({ visibilityProperty: true }) ? range.getClientRects() : []) {
      if (!box.width || !box.height) continue;
      found.push({ text, px: parseFloat(style.fontSize), rgb: rgbOf(style.color), band: owner.closest('#hazard') !== null,
        box: [box.left, box.top, box.right, box.bottom] });
    }
  }
  return found;
}"""
"""Every text on screen with its size, its colour, and the place of each of its lines."""
CUT = """() => [...document.querySelectorAll('#wall :is(h1, h2, p, span, b, small, li, time)')]
  .filter((one) => getComputedStyle(one).overflow !== 'visible' && one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
GROUND_ALONE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('#wall > *:not(#map, .wall-scrim, .wall-dim) { opacity: 0 !important; }');
  document.adoptedStyleSheets = [sheet];
}"""
HOLD = """() => {
  const { map } = window.gridwell, move = map.moved.bind(map);
  map.moved = map.placeNames = () => {};
  window.look = (camera) => move({ ...camera, transitionDuration: 0 });
}"""
"""From now on the camera is the test's."""


BRIGHTNESS = """(share) => {
  gridwell.wall.touring.tour = { timezone: 'Asia/Shanghai', brightness: Array(24).fill(share), pixel_shift: { px: 0, every_s: 60 } };
  gridwell.wall.paintTour();
}"""
"""As bright as a tour says for every hour."""
HAZARD = {
    **{"level": 2, "colour": None, "is_end_said": True, "starts_at": "2000-01-01T00:00:00Z", "ends_at": "2099-09-30T20:00:00Z"},
    **{"event": "强对流天气（雷暴大风、冰雹、短时强降水和局地龙卷）", "sender": "市气象台", "sender_en": "City weather office"},
    "event_en": "Severe thunderstorms with large hail and damaging wind",
    **{"place": "钟楼、北塘、望江、东湖四区沿河街道和社区", "place_en": "Zhonglou and Beitang"},
}
"""A notice as long as plausible ones are."""
WARN = """(hazards) => {
  const { wall } = gridwell;
  wall.asking.stop();
  wall.take = () => {}; // an answer that is on its way comes too late
  wall.told = { ...wall.told, hazards };
  wall.paintClock();
}"""
AGE = "(ms) => { gridwell.wall.asking.age = () => ms; gridwell.wall.paintAge(); }"
BAND = """() => {
  const box = document.querySelector('#hazard').getBoundingClientRect();
  return box.height ? [box.left, box.top, box.right, box.bottom] : null;
}"""
NAMES = """() => [...gridwell.map.scene.placed.labels.values()].flat().map(({ text, size, at }) => {
  const [x, y] = gridwell.map.project(at[0], at[1]), lines = text.split('\\n');
  const [across, up] = [Math.max(...lines.map((one) => one.length)) * size / 4, lines.length * size / 2];
  return [x - across, y - up, x + across, y + up];
})"""
"""The least that each name on the map takes."""
LONGEST = """() => {
  const { wall } = gridwell;
  const share = (numerator, denominator) => ({ numerator, denominator, value: numerator / denominator, reason: null });
  const names = [['青龙山街道', 'Qinglongshan Subdistrict'], ['大王庄镇', 'Dawangzhuang Town'], ['经开区街道', 'Development Zone Street']];
  const areas = [...names, ...names].slice(0, 5).map(([name, name_en], n) =>
    ({ code: String(n), name, name_en, now: 1234, before: 1345 + n, ratio: 0.9, low: 0.8, high: 1.1, verdict: n % 2 ? 'less' : 'more' }));
  wall.asking.stop();
  wall.take({
    ...wall.told,
    ...{ reported: { n: 13579, usual: 12345, days: 30 }, open: { n: 45678, overdue: 12345, due_soon: 23456 } },
    ...{ on_time: share(398765, 412345), proactive: share(287654, 412345), satisfied: share(112345, 123456) },
    workers: { people: 18765, grids: 18642, of_grids: 20000 },
    residents: { total: 21893095, as_of: '2026-11-01', staffed: 18642, grids: 20000 },
    changes: { ...wall.told.changes, areas },
  });
  wall.take = () => {}; // an answer that is on its way comes too late
}"""
"""The figures of a city of more than twenty million, and long names."""
NAMED = [
    *("#title", "#about", "#date", "#time", "#legend .ramp", "#legend .dots", "#ticker div .what"),
    *(f"[data-figure={name}] .wall-value" for name in ("today", "open", "on_time", "proactive", "satisfied", "workers")),
    *(f"[data-figure={name}] .wall-note" for name in ("today", "open", "on_time", "proactive", "satisfied", "workers")),
    *('[data-panel="rhythm"] .wall-bar', '[data-panel="week"] rect', '[data-panel="changed"] .wall-change:nth-child(5)'),
]
"""What a wall of a usual size shows."""
MISSING = """(named) => named.filter((one) => ![...document.querySelectorAll(one)].some((found) => found.checkVisibility()))"""


@pytest.fixture(scope="module")
def wall(browser: Browser, server: Server) -> Iterator[Page]:
    """The wall of the demo city, in a quarter of its size."""
    problems: Problems = []
    with strict_page(browser, server, problems, viewport=SMALL_PICTURE) as page:
        page.goto(f"{server.url}/wall?area=990100&lang=zh")
        until(page, "/\\d/.test(document.querySelector('[data-figure=open] .wall-value span')?.textContent)")
        still(page)
        yield page


def luminance(rgb: Any) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def weakest(picture: Image.Image, texts: list[dict[str, Any]]) -> tuple[float, str]:
    """The least contrast of any text to the brightest pixel behind it; all texts are lighter than the picture."""
    found = []
    for one in texts:
        left, top, right, bottom = one["box"]
        box = (
            max(0, math.floor(left)),
            max(0, math.floor(top)),
            min(picture.width, math.ceil(right)),
            min(picture.height, math.ceil(bottom)),
        )
        brightest = max(luminance(rgb) for _, rgb in picture.crop(box).getcolors(1 << 24) or [])
        found.append(((luminance(one["rgb"]) + 0.05) / (brightest + 0.05), one["text"]))
    return min(found)


def test_every_text_can_be_read_over_any_camera(wall: Page) -> None:
    """Contrast of every text to the ground behind it, by WCAG 2.2, measured in the pixels of screenshots, by day and in the darkest hour.

    Of map and scrims alone, the brightest pixel inside the box of each line counts; no share of them is forgiven. The map is seen from
    anywhere: up to one and a half zooms nearer, from steep to flat, from every side, so that whatever is bright comes to lie behind
    every text.
    """
    rng = random.Random(SEED)
    texts = {}
    for share in (0.2, 1):
        wall.evaluate(BRIGHTNESS, share)
        texts[share] = wall.evaluate(TEXTS)
    assert len(texts[1]) > 40
    assert texts[0.2] != texts[1], "at night texts are darker, too"
    wall.evaluate(GROUND_ALONE)
    wall.evaluate(HOLD)
    home = wall.evaluate("({...window.gridwell.map.camera})")
    least = []
    for _ in range(CAMERAS):
        camera = {
            "longitude": home["longitude"] + rng.uniform(-0.03, 0.03),
            "latitude": home["latitude"] + rng.uniform(-0.03, 0.03),
            "zoom": home["zoom"] + rng.uniform(-0.6, 1.5),
            "pitch": rng.uniform(30, 60),
            "bearing": rng.uniform(-180, 180),
        }
        wall.evaluate("(camera) => window.look(camera)", camera)
        still(wall)
        for share, told in texts.items():
            wall.evaluate(BRIGHTNESS, share)
            least.append((*weakest(Image.open(io.BytesIO(wall.screenshot())).convert("RGB"), told), share, camera))
    print(f"{CAMERAS} cameras: least contrast {min(least, key=lambda one: one[0])}")
    assert min(one[0] for one in least) >= LEAST_CONTRAST, min(least, key=lambda one: one[0])


def test_nothing_jumps_and_nothing_moves_that_lays_the_page_out_anew(wall: Page) -> None:
    widths = """(digits) => [...document.querySelectorAll('.wall-value span, .wall-note, .counts, .wall-change b, #time')].map((one) => {
      const was = one.textContent;
      one.textContent = was.replace(/\\d/g, digits);
      const { width } = one.getBoundingClientRect();
      one.textContent = was;
      return width;
    })"""
    assert wall.evaluate(widths, "1") == pytest.approx(wall.evaluate(widths, "8"), abs=0.01)
    moved = """() => {
      document.querySelector('#pulses').append(document.createElement('i'));
      const of = document.getAnimations().filter((one) => one.effect.target.closest('#wall'));
      return [of.length, of.flatMap((one) => one.effect.getKeyframes().flatMap((frame) => Object.keys(frame)))];
    }"""
    wall.emulate_media(reduced_motion="no-preference")
    n, moving = wall.evaluate(moved)
    assert n > 0 and set(moving) <= {"offset", "easing", "composite", "computedOffset", "transform", "opacity"}
    wall.emulate_media(reduced_motion="reduce")
    assert wall.evaluate(moved)[0] == 0, "reduced motion is honoured"
    wall.evaluate("document.querySelector('#pulses').replaceChildren()")


def apart(a: Any, b: Any) -> bool:
    """Whether two boxes have nothing in common but a rounded pixel."""
    return bool(a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1)


def test_no_name_on_the_map_lies_under_a_notice(wall: Page) -> None:
    wall.goto(wall.url.split("?")[0] + "?area=990100&lang=zh")
    until(wall, "/\\d/.test(document.querySelector('[data-figure=open] .wall-value span')?.textContent)")
    until(wall, "gridwell.wall.clock.isSet")
    for width, height in ((480, 270), (270, 480)):
        wall.set_viewport_size({"width": width, "height": height})
        until(wall, "([width, height]) => innerWidth === width && innerHeight === height", [width, height])
        wall.evaluate(WARN, [HAZARD])
        until(wall, f"({BAND})() !== null && gridwell.map.size.height === {height}")
        still(wall)
        band, names = wall.evaluate(BAND), wall.evaluate(NAMES)
        assert wall.evaluate("gridwell.map.padding.top") >= band[3], (width, height)
        assert names and all(apart(band, name) for name in names), (width, height, band, names)
    wall.set_viewport_size(SMALL_PICTURE)


def test_colours_differ_in_lightness_too(wall: Page) -> None:
    shades = """(names) => names.map((name) => {
      const made = document.createElement('i');
      made.style.color = name.startsWith('--') ? `var(${name})` : '';
      document.querySelector('#ticker').append(made);
      if (!name.startsWith('--')) made.className = name;
      const { color, backgroundColor } = getComputedStyle(made);
      made.remove();
      return (name.startsWith('--') ? color : backgroundColor).match(/[\\d.]+/g).map(Number).slice(0, 3);
    })"""
    ramp = [luminance(rgb) + 0.05 for rgb in wall.evaluate(shades, [f"--ramp-{n}" for n in range(6)])]
    assert all(after / before > 1.2 for before, after in itertools.pairwise(ramp)), ramp
    dots = sorted(luminance(rgb) + 0.05 for rgb in wall.evaluate(shades, ["overdue", "on_time", "ended", "amber"]))
    assert all(after / before > 1.2 for before, after in itertools.pairwise(dots)), dots


def check_picture(page: Page, size: tuple[int, int], wall_m: float, view_m: float) -> int:
    """Every text is large enough, whole, inside the picture and beside the others; gives how many there are."""
    width, height = size
    mm = wall_m * 1000 / height
    found, band = page.evaluate(TEXTS), page.evaluate(BAND)
    places = []
    for one in found:
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in one["text"])
        minutes = math.degrees(math.atan(one["px"] * mm / 1000 / view_m)) * 60
        assert minutes >= (25 if chinese else 21) - 0.01, (size, wall_m, one)
        left, top, right, bottom = one["box"]
        middle = (top + bottom) / 2
        above, below = middle - one["px"] / 2, middle + one["px"] / 2
        assert left >= -1 and right <= width + 1 and above >= -1 and below <= height + 1, (size, wall_m, one)
        places.append((left, middle - one["px"] * 0.4, right, middle + one["px"] * 0.4, one["text"]))
    for a, b in itertools.combinations(places, 2):
        assert apart(a, b), (size, wall_m, a, b)
    for one, place in zip(found, places, strict=True):
        assert one["band"] or band is None or apart(band, place), (size, wall_m, band, place)
    assert page.evaluate(CUT) == [], (size, wall_m)
    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight && document.scrollingElement.scrollWidth <= innerWidth")
    return len(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_farthest_viewer_reads_every_text_on_every_wall(wall: Page, lang: str) -> None:
    wall.goto(wall.url.split("?")[0] + f"?area=990100&lang={lang}")
    until(wall, "/\\d/.test(document.querySelector('[data-figure=open] .wall-value span')?.textContent)")
    until(wall, "document.querySelector('#legend .ticks') !== null")
    assert wall.evaluate("document.querySelectorAll('#wall > *:not(#map) :is(a, button, input, select, [tabindex])').length") == 0
    assert wall.evaluate("[...document.querySelectorAll('#wall, #wall *')].every((one) => getComputedStyle(one).cursor === 'none')")
    wall.evaluate("document.querySelector('#map').style.display = 'none'")  # no drawing in 7680 × 2160 without a graphics card
    until(wall, "gridwell.wall.clock.isSet")
    wall.evaluate(LONGEST)
    for size, (wall_m, view_m) in USUAL.items():
        shown = []
        wall.set_viewport_size({"width": size[0], "height": size[1]})
        until(wall, "([width, height]) => innerWidth === width && innerHeight === height", list(size))
        for share in SMALLER:
            search = f"?area=990100&lang={lang}&wall_m={wall_m * share:.3f}&view_m={view_m}"
            wall.evaluate("(search) => { history.replaceState(null, '', search); dispatchEvent(new Event('resize')); }", search)
            wall.evaluate(WARN, [])
            shown.append(check_picture(wall, size, round(wall_m * share, 3), view_m))
            wall.evaluate(WARN, [HAZARD] * 13)
            check_picture(wall, size, round(wall_m * share, 3), view_m)
            if share == 1:
                band = wall.evaluate(BAND)
                assert band[3] - band[1] < 4.5 * min(size) / 108, "one line"
                assert "12" in wall.inner_text("#hazard span:not([hidden]):last-child"), "how many more there are is said"
                wall.evaluate(AGE, 3_600_000)
                check_picture(wall, size, wall_m, view_m)
                assert "1" in wall.inner_text("#stale")
                wall.evaluate(AGE, None)
                assert wall.evaluate(MISSING, NAMED) == [], (size, lang)
                line = wall.evaluate("parseFloat(getComputedStyle(document.querySelectorAll('.wall-figure')[4]).borderTopWidth)")
                assert line == min(size) // 1080, "strokes grow with the wall"
                assert "21,893,095" in wall.inner_text("#about"), (size, lang)
        kept = wall.evaluate("[...document.querySelectorAll('.wall-figure, .wall-panel')].filter((one) => !one.hidden).length")
        assert kept < 9, "the smallest wall leaves things out"
        assert shown[0] > 45 and shown[0] > shown[-1] > 0, (size, shown)
