"""A city in which every text is a script, in a real browser: all texts are shown as texts, and nothing runs."""

from collections.abc import Iterator
from typing import Any

import hostile_inputs as hostile
import psycopg
import pytest
from browser import PATIENCE_MS, Problems, still, strict_page
from browser_steps import follow, open_at
from playwright.sync_api import Browser, Page
from psycopg import sql
from serving import PATIENT, Server, serving

pytestmark = pytest.mark.browser

WAIT_MS = PATIENCE_MS
_TEXTS = {
    "area": ("name", "name_en", "head_name", "head_title"),
    "building": ("name", "address"),
    "facility": ("name", "address"),
    "incident": ("title", "address", "handler"),
    "incident_event": ("actor", "remark"),
    "category": ("name", "name_en"),
    "base_feature": ("name",),
    "city": ("name", "name_en"),
}
"""Every text that an import can bring and a page can show."""


@pytest.fixture(scope="module")
def hostile_city(fresh_database: object, demo_template: str) -> Iterator[Server]:
    """The demo city under other names: every text of every row is one of the scripts, by turns."""
    with fresh_database(template=demo_template) as url:  # type: ignore[operator]
        with psycopg.connect(url) as connection:
            for table, columns in _TEXTS.items():
                for column in columns:
                    _rename(connection, table, column)
        with serving(url, **PATIENT) as server:
            yield server


def _rename(connection: psycopg.Connection[Any], table: str, column: str) -> None:
    """Neighbouring rows and columns get different scripts, so that each comes to be shown in many places."""
    statement = sql.SQL("UPDATE {table} SET {column} = (%s::text[])[1 + abs(hashtext(ctid::text || %s)) %% %s] WHERE {column} IS NOT NULL")
    named = statement.format(table=sql.Identifier(table), column=sql.Identifier(column))
    connection.execute(named, [hostile.SCRIPTS, column, len(hostile.SCRIPTS)])


def shown(page: Page) -> str:
    """See that nothing ran; returns the panel's text."""
    assert page.evaluate("window.owned") is None
    assert page.locator("#panel script, #panel iframe, .panel img[src=x], svg[onload], a[href^='javascript']").count() == 0
    return page.locator("#panel").inner_text()


def test_nothing_of_it_runs(browser: Browser, hostile_city: Server, problems: Problems) -> None:
    with strict_page(browser, hostile_city, problems) as page:
        open_at(page, hostile_city, "?dim=2d&layers=grid,incidents,facilities,buildings")
        read = shown(page)
        still(page, WAIT_MS)
        for search in ("?dim=2d&layers=grid&area=990102", "?dim=2d&layers=grid&area=990102003"):
            follow(page, search)
            read += shown(page)
        open_at(page, hostile_city, "?dim=2d&layers=grid&lang=en")
        read += shown(page)
        assert [text for text in hostile.SCRIPTS if text not in read] == [], "each of them was there as a text"
        page.locator("#search").fill("<")
        page.wait_for_timeout(1_000)
        assert page.evaluate("window.owned") is None
        still(page, WAIT_MS)
        page.mouse.move(500, 300)
        page.wait_for_timeout(1_000)
        assert page.evaluate("window.owned") is None, "the tooltip"
        for path in ("account", "docs", "signin"):
            page.goto(f"{hostile_city.url}/{path}")
            assert page.evaluate("window.owned") is None
