"""The map in a real browser: every layer draws, the camera keeps its place, a lost graphics context is made again."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from browser import PATIENCE_MS, PHONE, Problems, still, strict_page, until
from playwright.sync_api import Browser, Page, Route
from serving import Server

from layers.registry import LAYERS
from layers.spec.deck import _COMMON, PROPERTIES

pytestmark = pytest.mark.browser

WAIT_MS = PATIENCE_MS
EVERYTHING = "layers=" + ",".join(LAYERS)


def at_rest(page: Page) -> dict[str, int]:
    """Objects drawn by each layer, once everything is there and drawn."""
    counts = still(page, WAIT_MS)
    assert page.evaluate("window.gridwell.failed || null") is None
    return counts


def opened(page: Page, server: Server, search: str) -> dict[str, int]:
    """Open an address and wait until the map is at rest."""
    page.goto(f"{server.url}/{search}")
    return at_rest(page)


def camera(page: Page) -> dict[str, float]:
    """Where the map looks."""
    found: dict[str, float] = page.evaluate(
        "(({longitude, latitude, zoom, pitch, bearing}) => ({longitude, latitude, zoom, pitch, bearing}))(window.gridwell.map.camera)"
    )
    return found


@pytest.fixture
def street(server: Server) -> str:
    """The address of a street, where single buildings and pins are drawn."""
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {server.token}"}, timeout=60) as client:
        city = client.get(f"/api/areas/{client.get('/api/areas').json()['areas'][0]['code']}").json()
        district = client.get(f"/api/areas/{city['children'][0]['code']}").json()
    return f"?area={max(district['children'], key=lambda child: child['incidents']['open'])['code']}"


@pytest.fixture(scope="module")
def flat(browser: Browser, server: Server) -> Iterator[Page]:
    """A page with the city's flat map and many of its layers at rest, for tests that only look."""
    with strict_page(browser, server, []) as page:
        opened(page, server, "?dim=2d&layers=grid,population,incidents")
        yield page


def test_every_layer_draws_something_in_three_dimensions(page: Page, server: Server, street: str) -> None:
    counts = opened(page, server, f"{street}&dim=3d&{EVERYTHING}")
    wanted = (
        "land",
        "ground",
        "base",
        "grid",
        "line-units",
        "line-self",
        "buildings",
        "population",
        "fg-incidents",
        "fg-facilities",
        "fg-names",
    )
    assert not [name for name in wanted if not counts.get(name)], counts


def test_every_layer_draws_something_flat(flat: Page) -> None:
    counts = at_rest(flat)
    wanted = ("land", "base", "grid", "line-units", "line-children", "population-circles", "fg-incidents", "fg-names", "fg-water-names")
    assert not [name for name in wanted if not counts.get(name)], counts


def test_properties_exist_in_the_library(flat: Page) -> None:
    for kind, names in PROPERTIES.items():
        known: list[str] | None = flat.evaluate(
            """kind => { let one = deck[kind]; if (!one) return null; const names = [];
            for (; one?.defaultProps; one = Object.getPrototypeOf(one)) names.push(...Object.keys(one.defaultProps));
            return names; }""",
            kind,
        )
        if known is None:
            assert flat.evaluate("kind => kind in window.gridwell.recipes", kind), kind
            continue
        written = {camel(name) for name in names | _COMMON}
        # Two that deck.gl takes without naming a default.
        assert written - set(known) - {"material", "widthMinPixels"} == set(), kind


def camel(name: str) -> str:
    """``get_fill_color`` as ``getFillColor``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def test_two_and_three_dimensions_keep_the_centre(flying: Page, server: Server) -> None:
    page = flying
    opened(page, server, "?dim=2d&layers=grid")
    level = camera(page)
    page.locator(".tools .dims a:not([aria-current])").click()
    until(page, "window.gridwell.map.scene.flat === false && window.gridwell.map.camera.pitch > 49", timeout=WAIT_MS)
    at_rest(page)
    deep = camera(page)
    assert (level["pitch"], deep["pitch"]) == (0, 50)
    for name in ("longitude", "latitude", "zoom"):
        assert deep[name] == pytest.approx(level[name], abs=1e-4)


def test_a_map_that_flies_is_not_at_rest(flying: Page, server: Server) -> None:
    page = flying
    opened(page, server, "?dim=2d&layers=grid")
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 6})  # frames take longer than the pause after which a camera counts as still
    before = camera(page)["zoom"]
    assert page.evaluate("(window.gridwell.map.zoom(1), window.gridwell.map.idle)") is False
    at_rest(page)
    assert camera(page)["zoom"] == pytest.approx(before + 1)


def test_a_map_that_waits_for_tiles_is_not_at_rest(page: Page, server: Server) -> None:
    held: list[Route] = []
    full = True
    page.route("**/tiles/**", lambda route: held.append(route) if full else route.continue_())
    page.goto(f"{server.url}/?dim=2d&layers=grid")
    until(page, "window.gridwell?.map?.drawn && window.gridwell.map.drawn()['line-units']", timeout=WAIT_MS)
    wanted = "window.gridwell.map.scene.placed.labels.size > 0 && window.gridwell.map.settling === null"
    until(page, wanted, timeout=WAIT_MS)
    assert page.evaluate("window.gridwell.map.idle") is False
    full = False
    while held:
        held.pop().continue_()
    assert at_rest(page).get("base")


def test_new_data_does_not_move_the_camera(flying: Page, server: Server) -> None:
    page = flying
    opened(page, server, "?dim=2d&layers=grid")
    before = camera(page)["zoom"]
    page.evaluate("window.gridwell.map.zoom(1)")
    # The flight's end, however late a busy machine begins it.
    until(page, f"window.gridwell.map.camera.zoom > {before + 1 - 1e-6}", timeout=WAIT_MS)
    at_rest(page)
    moved = camera(page)
    shown = page.evaluate("JSON.stringify(window.gridwell.map.scene.spec.camera.key)")
    page.evaluate("window.gridwell.map.show({...window.gridwell.map.scene.spec})")
    at_rest(page)
    assert camera(page) == moved
    assert page.evaluate("JSON.stringify(window.gridwell.map.scene.spec.camera.key)") == shown


def test_the_pointer_is_told_what_it_points_at(page: Page, server: Server) -> None:
    opened(page, server, "?dim=2d&layers=grid")
    x, y, name = page.evaluate(
        """() => { const map = window.gridwell.map; const label = map.scene.placed.labels.get('fg-names')[0];
        return [...map.project(...label.at), label.text.split('\\n')[0]]; }"""
    )
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y + 2)
    page.wait_for_selector(".map-tip:not([hidden])", timeout=WAIT_MS)
    assert page.locator(".map-tip-title").inner_text().startswith(name)
    assert page.evaluate("window.gridwell.map.scene.hover") is not None
    page.mouse.move(4, 4)
    page.wait_for_selector(".map-tip", state="hidden", timeout=WAIT_MS)


def test_chinese_names_are_all_there(flat: Page) -> None:
    at_rest(flat)
    seen, missing = flat.evaluate(
        """() => { const map = window.gridwell.map; const found = []; let seen = 0;
        for (const layer of map.deck.layerManager.getLayers()) {
          if (layer.constructor.layerName !== 'TextLayer' || !layer.id.startsWith('fg-names')) continue;
          const mapping = layer.state.fontAtlasManager.mapping;
          for (const row of layer.props.data) for (const c of layer.props.getText(row)) {
            seen += 1;
            if (c !== '\\n' && !mapping[c]) found.push(c);
          }
        } return [seen, found]; }"""
    )
    assert seen and missing == []


def test_the_theme_changes_without_asking_the_server(page: Page, server: Server) -> None:
    opened(page, server, "?dim=2d&layers=grid")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    inks: Any = "window.gridwell.map.scene.layers.find(layer => layer.id === 'grid').inks[0]"
    light = page.evaluate(inks)
    page.evaluate("document.documentElement.setAttribute('data-mantine-color-scheme', 'dark')")
    until(page, f"JSON.stringify({inks}) !== '{str(light).replace(' ', '')}'", timeout=WAIT_MS)
    at_rest(page)
    assert asked == []


def test_a_lost_graphics_context_is_made_again(page: Page, server: Server, problems: Problems) -> None:
    before = opened(page, server, "?dim=2d&layers=grid")
    page.evaluate(
        """() => { const map = window.gridwell.map; window.lost = map.deck;
        map.root.querySelector('.map-canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext(); }"""
    )
    until(page, "window.gridwell.map.deck && window.gridwell.map.deck !== window.lost", timeout=WAIT_MS)
    assert at_rest(page) == before
    # The browser itself reports the loss that was provoked here.
    problems[:] = [one for one in problems if "context" not in one.lower()]


def test_on_a_phone_the_area_stays_above_the_sheet(browser: Browser, server: Server, problems: Problems) -> None:
    with strict_page(browser, server, problems, viewport=PHONE, device_scale_factor=1, has_touch=True) as page:
        counts = opened(page, server, "?dim=2d&layers=grid")
        assert counts["grid"]
        middle = page.evaluate(
            """() => { const map = window.gridwell.map, b = map.scene.spec.camera.box;
            return map.project((b[0] + b[2]) / 2, (b[1] + b[3]) / 2); }"""
        )
        assert 0 < middle[0] < PHONE["width"] and 100 < middle[1] < PHONE["height"] * 0.5
