"""The register in a real browser: from a building to one record, and closed by the next step."""

import psycopg
import pytest
from browser_steps import FLAT
from playwright.sync_api import Page, expect
from serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(demo_city: str) -> tuple[str, str, str]:
    """The address of a building in its cell, with the masked and the whole name of somebody who lives there."""
    with psycopg.connect(demo_city) as connection:
        row = connection.execute(
            """
            SELECT 'area=' || b.grid || '&building=' || b.source_id || ':' || b.source_key, p.name_shown, p.name
            FROM person p JOIN building b ON b.id = p.building_id
            WHERE p.phone_cipher IS NOT NULL AND length(p.name) > 2 ORDER BY p.id LIMIT 1
            """
        ).fetchone()
    assert row
    return row[0], row[1], row[2]


def test_one_record_is_opened_for_a_purpose(page: Page, server: Server, home: tuple[str, str, str]) -> None:
    building, masked, name = home
    page.goto(f"{server.url}/{FLAT}&{building}")
    page.get_by_role("button", name="查看居住人员").click()
    line = page.locator(".people li").filter(has_text=masked).first
    expect(line).to_be_visible()
    assert name not in page.content()
    line.get_by_text("查看完整信息").click()
    line.get_by_role("combobox").fill("走访核实")
    line.get_by_role("button", name="查看").click()
    expect(page.locator(".drawer")).to_contain_text(name)
    expect(page.locator(".drawer")).to_contain_text("审计日志")
    assert "走访" not in page.url and name not in page.url
    page.locator(".crumb a:visible").first.dispatch_event("click")
    expect(page.locator(".drawer")).to_be_empty()


def test_people_are_searched_by_whole_names(page: Page, server: Server, home: tuple[str, str, str]) -> None:
    _, masked, name = home
    page.goto(f"{server.url}/{FLAT}")
    field = page.get_by_placeholder("完整姓名、证件号码或电话号码")
    field.fill(name)
    field.press("Enter")
    expect(page.locator(".people li").filter(has_text=masked).first).to_be_visible()
    expect(page.locator(".drawer h2")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".drawer-close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_be_empty()
    expect(field).to_be_focused()
