"""The band of hazards on a wall: a feed sends a notice, every wall shows it, and it goes when it is over, also while the server is away."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import cap_files
import httpx
import psycopg
import pytest
import small_city as city
from browser import Problems, strict_page, until
from cap_files import make_cap, make_info
from databases import FreshDatabase
from playwright.sync_api import Browser
from serving import Server, serving
from sqlalchemy import make_url

from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser

TEXT = "document.querySelector('#hazard').hidden ? null : document.querySelector('#hazard').textContent"
LEAST_CONTRAST = 7
COLOURS = "(one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor, getComputedStyle(one).fontSize])"
SMALL = {"width": 960, "height": 540}
LASTS_S = 1_200


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as owner:
            owner.execute("UPDATE city SET as_of = NULL")
        yield url


def make_token(url: str, role: str) -> str:
    with owner_transaction(make_url(url).set(drivername="postgresql+psycopg")) as connection:
        made = store.add(connection, Draft(f"{role}-{secrets.token_hex(4)}", role=role, scope="*"))
        return tokens.make(connection, made.name, "test", 1)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    values = [float(one) / 255 for one in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def send(server: Server, token: str, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/xml", "Accept-Language": "zh"}
    return httpx.post(f"{server.url}/api/hazards", content=body, headers=headers, timeout=60)


def test_a_notice_is_shown_while_it_is_in_force(browser: Browser, town: str, problems: Problems) -> None:
    with serving(town) as server:
        feed = make_token(town, "hazard_feed")
        session = replace(server, session="")
        with strict_page(browser, session, problems, viewport=SMALL, locale="zh-CN") as page:
            page.goto(f"{server.url}/wall?token={make_token(town, 'wall')}&area={city.D1}&lang=zh")
            until(page, "/\\d/.test(document.querySelector('[data-figure=open] .wall-value span')?.textContent)")
            assert page.evaluate(TEXT) is None

            assert send(server, make_token(town, "wall"), make_cap(make_info())).status_code == 403, "a wall brings nothing in"
            told = send(server, feed, make_cap(make_info(), status="Exercise"))
            assert told.status_code == 422 and "演练" in told.json()["error"]["sentence"]
            read = httpx.get(f"{server.url}/api/areas", headers={"Authorization": f"Bearer {feed}"}, timeout=60)
            assert read.status_code == 403, "nothing else"

            answer = send(server, feed, make_cap(make_info(), make_info("大风", "Blue"), identifier="n-1"))
            assert (answer.status_code, answer.json()["result"], answer.json()["city"]) == (200, "taken", city.CITY)
            until(page, f"({TEXT})?.includes('暴雨预警（严重）')")
            shown = page.evaluate(TEXT)
            assert "▲" in shown and "全市" in shown and "至 " in shown and "另有 1 条" in shown
            contrasts = []
            for level in range(1, 6):
                page.evaluate(f"document.querySelector('#hazard').dataset.level = '{level}'")
                text, ground, size = page.evaluate(f"{COLOURS}(document.querySelector('#hazard'))")
                light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
                contrasts.append((light + 0.05) / (dark + 0.05))
                assert float(size.removesuffix("px")) >= 2.4 * SMALL["height"] / 108
            assert min(contrasts) >= LEAST_CONTRAST, contrasts

            # It is over when its time is, and nobody is there who could say so.
            ending = make_info("雷电", "Red", expires=((datetime.now(UTC) - cap_files.NOW).total_seconds() + LASTS_S) / 3600)
            body = make_cap(ending, identifier="n-2", kind="Update", references=cap_files.name("n-1"), sent=0.001)
            assert send(server, feed, body).json()["ended"] == 1
            until(page, f"({TEXT})?.includes('雷电红色预警')")
            page.context.set_offline(True)
            page.evaluate(f"gridwell.wall.clock.offset += {LASTS_S * 1000}")
            until(page, f"({TEXT}) === null")
            page.context.set_offline(False)
            problems[:] = [one for one in problems if "ERR_INTERNET_DISCONNECTED" not in one]
