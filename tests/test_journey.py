"""Journeys through the page in a real browser: nothing may fail, nothing may leave the machine, no layer may be empty."""

import re
from collections.abc import Iterator

import pytest
from browser import PHONE, Problems, launched, strict_page
from playwright.sync_api import Browser, Page, expect
from serving import Server

pytestmark = pytest.mark.browser

FLAT = "?dim=2d&layers=grid"
"""Light to draw: for journeys that are not about the map."""
DRAWN = ("land", "grid", "base", "line-units")
WAIT_MS = 40_000


def open_at(page: Page, server: Server, search: str = "") -> None:
    """Open an address and wait for its figures."""
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{server.url}/{search}")
    answered(page)


def answered(page: Page) -> None:
    """Wait until the last address has its answer."""
    page.wait_for_selector("#panel .title h1, #panel .state")
    page.wait_for_function("!('waiting' in document.documentElement.dataset)")


def drawn(page: Page) -> dict[str, int]:
    """What the map drew, once it is at rest."""
    page.wait_for_function("window.gridwell.map.idle === true")
    counts: dict[str, int] = page.evaluate("window.gridwell.map.drawn()")
    empty = [layer for layer in DRAWN if not counts.get(layer)]
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


def area_of(page: Page) -> str | None:
    """Code of the area in the address."""
    return parameters(page).get("area")


def test_the_map_is_drawn_and_drills_by_click_to_a_building_and_back(page: Page, server: Server) -> None:
    open_at(page, server, "?layers=grid,buildings")
    drawn(page)
    levels = 0
    while page.locator(".ranking").last.locator("a.rank-row:not(.own)").count() and levels < 6:
        before = area_of(page)
        click_map(page)
        if area_of(page) == before:
            break
        levels += 1
    assert levels >= 4, "city, district, street, community, grid"
    drawn(page)
    click_building(page)
    expect(page.locator("#panel .back")).to_be_visible()
    assert parameters(page)["building"]
    page.keyboard.press("Escape")
    expect(page.locator("#panel .back")).to_have_count(0)
    answered(page)
    for _ in range(levels):
        page.keyboard.press("Escape")
        answered(page)
    assert page.locator(".steps .step").count() == 0


def click_map(page: Page) -> None:
    """Click the area in the middle of the free part of the map, and wait for what it opens."""
    page.wait_for_function("window.gridwell.map.idle === true")
    before = parameters(page).get("area")
    x, y = page.evaluate(
        """() => { const map = window.gridwell.map, box = map.root.getBoundingClientRect();
        const p = map.padding; return [(p.left + box.width - p.right) / 2, (p.top + box.height - p.bottom) / 2 + 6]; }"""
    )
    for dx, dy in ((0, 0), (40, 20), (-60, 30), (30, -50), (-30, -30)):
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(600)
        answered(page)
        if parameters(page).get("area") != before:
            return
        if set(parameters(page)) & {"incident", "facility", "building"}:
            page.keyboard.press("Escape")
            answered(page)


def click_building(page: Page) -> None:
    """Click until a building's card opens: the roof of the first one drawn in the open cell that lies free."""
    page.wait_for_function("window.gridwell.map.idle === true")
    points = page.evaluate(
        """() => { const map = window.gridwell.map, p = map.padding, { width, height } = map.size; const found = [];
        for (let y = p.top + 30; y < height - p.bottom - 20; y += 26)
          for (let x = p.left + 30; x < width - p.right - 30; x += 26) found.push([x, y]);
        const mid = [(p.left + width - p.right) / 2, (p.top + height - p.bottom) / 2];
        return found.sort((a, b) => Math.hypot(a[0] - mid[0], a[1] - mid[1]) - Math.hypot(b[0] - mid[0], b[1] - mid[1])).slice(0, 60); }"""
    )
    for x, y in points:
        page.mouse.click(x, y)
        page.wait_for_timeout(250)
        answered(page)
        if "building" in parameters(page):
            return
        if set(parameters(page)) & {"incident", "facility"}:
            page.keyboard.press("Escape")
            answered(page)
    raise AssertionError("no building under sixty points of the map")


def test_back_and_breadcrumb_lead_back(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    city = title(page)
    district = level_down(page)
    level_down(page)
    page.go_back()
    expect(page.locator("#panel .title h1")).to_have_text(district)
    answered(page)
    page.locator(".steps .step").first.click()
    expect(page.locator("#panel .title h1")).to_have_text(city)


def test_the_whole_way_by_keyboard(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    city = title(page)
    page.locator(".ranking").last.locator("a.rank-row").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#panel .title h1")).not_to_have_text(city)
    answered(page)
    first = title(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel .title h1")).not_to_have_text(first)
    answered(page)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#panel .title h1")).to_have_text(first)
    answered(page)
    page.keyboard.press("Backspace")
    expect(page.locator("#panel .title h1")).to_have_text(city)
    answered(page)
    page.locator(".places summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.classList.contains('choice')")
    page.keyboard.press("Escape")
    expect(page.locator(".places[open]")).to_have_count(0)
    toggle = page.locator(".switch").first
    expect(toggle).to_have_attribute("aria-checked", "true")
    toggle.focus()
    page.keyboard.press("Space")
    expect(page.locator(".switch").first).to_have_attribute("aria-checked", "false")


def test_an_address_restores_the_view_in_another_browser(page: Page, server: Server, browser: Browser, problems: Problems) -> None:
    open_at(page, server, FLAT)
    level_down(page)
    page.locator(".count-bars a").first.click()
    expect(page.locator(".filter")).to_have_count(1)
    answered(page)
    drawn(page)
    page.wait_for_function("location.search.includes('cam=')")
    address, seen, figures = page.evaluate("location.search"), title(page), page.locator(".key-figures").inner_text()
    with strict_page(browser, server, problems) as other:
        open_at(other, server, address)
        assert title(other) == seen
        assert other.locator(".key-figures").inner_text() == figures
        drawn(other)
        camera = "JSON.stringify([window.gridwell.map.camera.longitude.toFixed(4), window.gridwell.map.camera.zoom.toFixed(1)])"
        assert other.evaluate(camera) == page.evaluate(camera)


def test_language_changes_in_place_and_is_kept(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page.locator("#logo")).to_have_text("井格")
    page.locator(".tools > .segment .segment-part", has_text="EN").click()
    expect(page.locator("#logo")).to_have_text("Gridwell")
    answered(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    told = page.locator("body").inner_text()
    chinese = set(re.findall(r"[\u4e00-\u9fff]{2,}", told))
    names = set(re.findall(r"[\u4e00-\u9fff]{2,}", page.locator(".head").inner_text() if page.locator(".head").count() else ""))
    assert not chinese - names, f"still Chinese: {chinese - names}"
    page.goto(f"{server.url}/{FLAT}")
    answered(page)
    expect(page.locator("#logo")).to_have_text("Gridwell")


def test_the_browser_s_language_comes_first(browser: Browser, server: Server, problems: Problems) -> None:
    with strict_page(browser, server, problems, locale="en-GB") as opened:
        open_at(opened, server, FLAT)
        expect(opened.locator("#logo")).to_have_text("Gridwell")


def test_periods_windows_and_filters_count_the_same_cases(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    page.locator(".period summary").click()
    page.locator(".period .choice").nth(3).click()
    answered(page)
    span = parameters(page)
    assert span["from"] < span["to"]
    bar = page.locator(".day").nth(5)
    count = int(re.findall(r"([\d,]+)", bar.get_attribute("aria-label") or "")[-1].replace(",", ""))
    bar.click()
    expect(page.locator(".filter")).to_have_count(1)
    answered(page)
    assert number(page.locator(".key-figures .value").first.inner_text()) == count
    page.locator(".filter").first.click()
    expect(page.locator(".filter")).to_have_count(0)
    answered(page)
    row = page.locator(".count-bars a.bar-row").first
    expected = number(row.locator(".bar-count").inner_text())
    row.click()
    expect(page.locator(".filter")).to_have_count(1)
    answered(page)
    assert number(page.locator(".key-figures .value").first.inner_text()) == expected


def number(text: str) -> int:
    """The number in a text such as '8,480件'."""
    return int(re.sub(r"[^\d]", "", text))


def test_free_days_and_play(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    page.locator(".period summary").click()
    last = page.locator("input[name=to]").input_value()
    page.locator("input[name=from]").fill(last[:-2] + "30")
    page.locator("input[name=to]").fill(last[:-2] + "01")
    page.locator(".own-days button").click()
    expect(page.locator(".form-error")).to_be_visible()
    page.locator("input[name=from]").fill(last[:-2] + "01")
    page.locator("input[name=to]").fill(last[:-2] + "14")
    page.locator(".own-days button").click()
    page.wait_for_function("location.search.includes('from=')")
    answered(page)
    page.locator(".play").click()
    page.wait_for_function("location.search.includes('wfrom=')")
    first = parameters(page)["wfrom"]
    page.wait_for_function(f"!location.search.includes('wfrom={first}')")
    page.locator(".play").click()
    expect(page.locator("body.playing")).to_have_count(0)


def test_the_window_is_dragged_and_moved_by_arrows(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    box = page.locator(".bars-row").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 10, steps=4)
    page.mouse.up()
    page.wait_for_function("location.search.includes('wfrom=')")
    answered(page)
    before = parameters(page)["wfrom"]
    page.locator(".brush").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"!location.search.includes('wfrom={before}')")
    assert parameters(page)["wfrom"] < before


def test_search_finds_an_area_by_code_and_by_name(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    name = page.locator(".ranking").last.locator("a.rank-row .bar-name").first.inner_text()
    page.keyboard.press("/")
    page.keyboard.type(name)
    expect(page.locator(".results .found").first).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.locator("#panel .title h1")).to_have_text(name)
    answered(page)
    page.locator("#search").fill("qqqq no such place")
    expect(page.locator(".results .menu-head")).to_be_visible()


def test_an_unknown_area_is_told_with_a_way_on(page: Page, server: Server) -> None:
    open_at(page, server, "?area=nowhere")
    expect(page.locator("#panel .state")).to_contain_text("nowhere")
    page.locator("#panel .state .primary").click()
    expect(page.locator("#panel .title h1")).to_be_visible()


@pytest.fixture
def phone(browser: Browser, server: Server, problems: Problems) -> Iterator[Page]:
    """A signed-in phone."""
    with strict_page(browser, server, problems, viewport=PHONE, has_touch=True, is_mobile=True) as opened:
        yield opened


def test_on_a_phone_one_sheet_with_three_stops(phone: Page, server: Server) -> None:
    open_at(phone, server, FLAT)
    drawn(phone)
    sheet = phone.locator("#figures")
    expect(sheet).to_have_attribute("data-stop", "half")
    for stop in ("full", "low", "half"):
        phone.locator("#grip").click()
        expect(sheet).to_have_attribute("data-stop", stop)
    phone.locator("[data-act=layers]").click()
    expect(phone.locator("#layers .layer").first).to_be_in_viewport()
    phone.keyboard.press("Escape")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    level_down(phone)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_off(browser: Browser, server: Server, problems: Problems, size: tuple[int, int], lang: str) -> None:
    with strict_page(browser, server, problems, viewport={"width": size[0], "height": size[1]}) as opened:
        open_at(opened, server, f"{FLAT}&lang={lang}")
        assert opened.evaluate(CUT_OFF) == []


CUT_OFF = """() => [...document.querySelectorAll('.key-figures *, .section-head h2, .bar-count, .title h1, .layer-head span, .tools b, .time-text b')]
  .filter((one) => one.getClientRects().length && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')
  .map((one) => one.className + ': ' + one.textContent)"""


def test_without_webgl_the_flat_map_drills_too(server: Server, problems: Problems) -> None:
    with launched("--disable-gpu", "--disable-3d-apis") as plain, strict_page(plain, server, problems) as opened:
        open_at(opened, server, "?dim=2d")
        expect(opened.locator(".flat-note")).to_be_visible()
        opened.wait_for_selector("#fallback-figure .plotly")
        before = title(opened)
        opened.evaluate(CLICK_FIGURE)
        expect(opened.locator("#panel .title h1")).not_to_have_text(before)


CLICK_FIGURE = """() => { const figure = document.querySelector('#fallback-figure .js-plotly-plot');
  const trace = figure.data.findIndex((one) => one.customdata);
  figure.emit('plotly_click', { points: [{ curveNumber: trace, pointNumber: 0, customdata: figure.data[trace].customdata[0] }] }); }"""
