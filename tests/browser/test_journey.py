"""Journeys through the page in a real browser: nothing may fail, nothing may leave the machine, no layer may be empty."""

import re
from collections.abc import Iterator

import pytest
from browser import PHONE, Problems, still, strict_page, until
from browser_steps import FLAT, WAIT_MS, answered, drawn, level_down, open_at, parameters, title
from playwright.sync_api import Browser, Page, expect
from serving import Server

pytestmark = pytest.mark.browser


def test_the_map_is_drawn_and_drills_by_click_to_a_building_and_back(flying: Page, server: Server) -> None:
    page = flying
    open_at(page, server, "?dim=2d&layers=grid,buildings")
    drawn(page)
    for level in range(1, 5):
        click_map(page, "area")
        expect(page.locator(".steps .step")).to_have_count(level)  # district, street, community, grid cell: one level with each click
    drawn(page, "buildings")
    click_map(page, "building")
    expect(page.locator("#panel .back")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel .back")).to_have_count(0)
    for level in (3, 2, 1, 0):
        answered(page)
        page.keyboard.press("Escape")
        expect(page.locator(".steps .step")).to_have_count(level)


def test_three_dimensions_keep_the_place_and_draw_every_layer(page: Page, server: Server) -> None:
    open_at(page, server, "?dim=2d")
    level_down(page)
    still(page, WAIT_MS)
    before = page.evaluate(CENTRE)
    page.locator(".dims .segment-part", has_text="3D").click()
    until(page, "document.documentElement.dataset.dim === '3d'", timeout=WAIT_MS)
    answered(page)
    drawn(page, "buildings", "fg-incidents", "fg-names")
    assert page.evaluate(CENTRE) == before
    until(page, "window.gridwell.map.camera.pitch > 0", timeout=WAIT_MS)  # it tilts slowly, and a slow machine draws that late


CAMERA = """(({ longitude, latitude, zoom }) => [longitude.toFixed(5), latitude.toFixed(5), zoom.toFixed(2)])(
  window.gridwell.map.camera)"""
"""As the address writes it."""
CENTRE = "[window.gridwell.map.camera.longitude.toFixed(4), window.gridwell.map.camera.latitude.toFixed(4)].join()"


POINT = """(wanted) => { const map = window.gridwell.map, p = map.padding, { width, height } = map.size;
  const here = map.scene.spec.area.code;
  const [mx, my] = [(p.left + width - p.right) / 2, (p.top + height - p.bottom) / 2], found = [];
  for (let y = p.top + 20; y < height - p.bottom; y += 14) for (let x = p.left + 20; x < width - p.right; x += 14) found.push([x, y]);
  found.sort((a, b) => Math.hypot(a[0] - mx, a[1] - my) - Math.hypot(b[0] - mx, b[1] - my));
  return found.find(([x, y]) => {
    const pick = map.pickAt(x, y);
    return pick.kind === wanted && pick.code !== here;
  }) || null; }"""
"""The point nearest to the middle of the free part of the map under which deck.gl finds what is wanted."""
PICKED = """(before) => { const now = new URLSearchParams(location.search);
  return ['area', 'building'].some((part) => (now.get(part) || '') !== (before[part] || '')); }"""


def click_map(page: Page, wanted: str) -> None:
    """Click an area or a building on the map at rest, and wait for what it opens."""
    drawn(page)
    before, point = parameters(page), page.evaluate(POINT, wanted)
    assert point, f"no {wanted} on the map"
    page.mouse.move(*point)
    page.mouse.click(*point)
    until(page, PICKED, before, WAIT_MS)
    answered(page)


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
    until(page, "document.activeElement.classList.contains('choice')")
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
    fitted = page.evaluate(CAMERA)
    page.mouse.move(400, 300)
    page.mouse.down()
    page.mouse.move(460, 360, steps=4)
    page.mouse.up()
    page.evaluate("window.gridwell.map.zoom(1)")
    drawn(page)
    until(page, "location.search.includes('cam=')", timeout=WAIT_MS)
    kept = page.evaluate(CAMERA)
    assert [a != b for a, b in zip(kept, fitted, strict=True)] == [True, True, True], "it was moved east, north and closer"
    until(page, "(cam) => location.search.includes(`cam=${cam.join()},`)", kept, WAIT_MS)
    address, seen, figures = page.evaluate("location.search"), title(page), page.locator(".key-figures").inner_text()
    with strict_page(browser, server, problems) as other:
        open_at(other, server, address)
        assert title(other) == seen
        assert other.locator(".key-figures").inner_text() == figures
        drawn(other)
        assert other.evaluate(CAMERA) == page.evaluate(CAMERA) == kept


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


def test_open_cases_are_filtered_by_deadline_on_the_map_and_lead_to_the_desk(page: Page, server: Server) -> None:
    """By the row of the legend: pins, chip, figure, colours and the desk's address follow, in both dimensions."""
    open_at(page, server, "?dim=2d&layers=grid,incidents&measure=open")
    row = page.locator(".states .state").first
    expected = number(row.locator("b").inner_text())
    row.click()
    expect(page.locator(".filter")).to_have_count(1)
    answered(page)
    assert parameters(page)["state"] == "overdue" and expected > 0
    assert number(page.locator(".key-figures .value").nth(2).inner_text()) == expected
    assert drawn_cases(page) == {"total": expected, "overdue": expected}
    desk = page.locator(".key-figures .value a.to-desk").get_attribute("href") or ""
    assert "state=overdue" in desk and f"area={parameters(page).get('area', '')}" in desk
    page.locator(".tools .dims a:not([aria-current])").click()
    until(page, "window.gridwell.map.scene.flat === false", timeout=WAIT_MS)
    answered(page)
    assert parameters(page)["state"] == "overdue" and drawn_cases(page) == {"total": expected, "overdue": expected}
    page.locator(".severities .pill").first.click()
    expect(page.locator(".filter:not(.clear)")).to_have_count(2)
    answered(page)
    assert parameters(page)["severity"] == "1" and drawn_cases(page)["total"] <= expected
    page.locator(".filter.clear").click()
    expect(page.locator(".filter")).to_have_count(0)
    answered(page)
    assert "state" not in parameters(page) and drawn_cases(page)["total"] > expected


def drawn_cases(page: Page) -> dict[str, int]:
    """How many cases the map holds once it shows the page's answer, and how many of them are overdue."""
    still(page, WAIT_MS)
    found: dict[str, int] = page.evaluate(
        """() => { const { scene } = window.gridwell.map; const cases = scene.json(scene.layer('IncidentPins').data);
        const late = (row) => (cases.kind === 'points' ? Number(row.state === 'overdue') : row.overdue);
        return { total: cases.total, overdue: cases.rows.reduce((sum, row) => sum + late(row), 0) }; }"""
    )
    return found


def test_areas_are_coloured_by_change_with_chance_and_too_few_apart(page: Page, server: Server) -> None:
    open_at(page, server, FLAT)
    page.locator(".pick .menu-button").first.click()
    page.locator(".pick .choice", has_text="环比").click()
    until(page, "location.search.includes('measure=change')", timeout=WAIT_MS)
    answered(page)
    expect(page.locator(".categories.lines > div")).to_have_count(7)
    lines = [counted(text) for text in page.locator(".categories.lines > div").all_inner_texts()]
    classes: dict[str, int] = page.evaluate("window.gridwell.map.scene.spec.classes")
    assert lines == [list(classes.values()).count(index) for index in range(7)] and sum(lines) > 0
    apart = list(classes.values()).count(-1)
    assert apart == (counted(page.locator(".legend-line").first.inner_text()) if apart else 0)
    tips: dict[str, list[str | None]] = page.evaluate("window.gridwell.map.scene.spec.tips.of")
    for label, (_, value, *told) in tips.items():
        assert "前期" in str(told[0 if value else 1]), "both counts"
        assert ("95%" in " ".join(map(str, told))) is (value is not None), "and the interval, where there is one"
        assert (value is None) is (classes[label] == -1)


def counted(text: str) -> int:
    """The number in the last parentheses of a text."""
    return number(re.split("[(（]", text)[-1])


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
    until(page, "location.search.includes('from=')", timeout=WAIT_MS)
    answered(page)
    page.locator(".play").click()
    until(page, "location.search.includes('wfrom=')", timeout=WAIT_MS)
    first = parameters(page)["wfrom"]
    until(page, f"!location.search.includes('wfrom={first}')", timeout=WAIT_MS)
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
    until(page, "location.search.includes('wfrom=')", timeout=WAIT_MS)
    answered(page)
    before = parameters(page)["wfrom"]
    page.locator(".brush").focus()
    page.keyboard.press("ArrowLeft")
    until(page, f"!location.search.includes('wfrom={before}')", timeout=WAIT_MS)
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


@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "井格"), ("en-GB", "Gridwell")])
def test_the_browser_s_language_comes_first_and_nothing_is_cut_off(
    browser: Browser, server: Server, problems: Problems, locale: str, name: str
) -> None:
    with strict_page(browser, server, problems, locale=locale, viewport=PHONE) as opened:
        open_at(opened, server, FLAT)
        expect(opened.locator("#logo")).to_have_text(name)
        for width, height in ((390, 844), (1366, 768), (1920, 1080)):
            opened.set_viewport_size({"width": width, "height": height})
            until(opened, "([width, height]) => innerWidth === width && innerHeight === height", [width, height])
            assert opened.evaluate(CUT_OFF) == [], (width, height)


CUT_OFF = """() => [...document.querySelectorAll(
    '.key-figures *, .section-head h2, .bar-count, .title h1, .layer-head span, .tools b, .time-text b')]
  .filter((one) => one.getClientRects().length && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')
  .map((one) => one.className + ': ' + one.textContent)"""
