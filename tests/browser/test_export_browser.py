"""What a browser itself draws and hands over: the map as a picture and as a PDF, charts, and the desk's list as files and on paper."""

import csv
import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from browser import DESK, Problems, still, strict_page, until
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from serving import Server
from sqlalchemy import make_url

from data.accounts import sessions, store
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction

pytestmark = pytest.mark.browser


@pytest.fixture
def supervisor(browser: Browser, server: Server, demo_city: str, problems: Problems) -> Iterator[Page]:
    with owner_transaction(make_url(demo_city).set(drivername="postgresql+psycopg")) as connection:
        made = store.add(connection, Draft(f"out-{secrets.token_hex(4)}", shown="周敏", role="supervisor", scope="*"))
        session = sessions.begin(connection, made.id, "full", "", "test")
    with strict_page(browser, replace(server, session=session), problems, viewport=DESK, accept_downloads=True) as page:
        yield page


def download(page: Page, button: Locator) -> tuple[str, bytes]:
    with page.expect_download() as waited:
        button.click()
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def test_the_map_leaves_as_a_picture_and_as_a_pdf(supervisor: Page, server: Server) -> None:
    page = supervisor
    page.goto(f"{server.url}/?dim=2d&layers=grid")
    still(page)
    name, content = download(page, page.locator('[data-save="map"][data-format="png"]'))
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    assert name.endswith(".png") and picture.size == (3508, 2480)
    colours = picture.resize((351, 248)).getcolors(100_000)
    assert colours and len(colours) > 50, "the map is on the sheet, and not an empty canvas"
    assert picture.getpixel((5, 5)) == (255, 255, 255)
    name, content = download(page, page.locator('[data-save="map"][data-format="pdf"][data-paper="a3"]'))
    with pikepdf.open(io.BytesIO(content)) as book:
        (image,) = book.pages[0].get_images().values()
        assert len(book.pages[0].Contents.read_bytes().split(b" Tm ")) > 8, "what is written on it can be searched"
        assert (int(image.Width), int(image.Height)) == (4961, 3508) and [round(float(one)) for one in book.pages[0].mediabox] == [
            0,
            0,
            1191,
            842,
        ]
    name, content = download(page, page.locator('[data-save="figures"][data-format="xlsx"]'))
    assert name.endswith(".xlsx") and len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == 4


def test_a_chart_of_the_figures_leaves_as_a_picture(supervisor: Page, server: Server) -> None:
    page = supervisor
    page.goto(f"{server.url}/desk/figures?view=time")
    page.locator("#trend .js-plotly-plot").first.wait_for()
    name, content = download(page, page.locator('#trend [data-form="png"]').first)
    picture = Image.open(io.BytesIO(content))
    assert name == "gridwell-trend.png" and picture.format == "PNG" and picture.width > 500


def test_the_list_leaves_as_workbook_as_csv_and_on_paper(supervisor: Page, server: Server) -> None:
    page = supervisor
    page.add_init_script(
        "window.print = () => { dispatchEvent(new Event('beforeprint'));"
        " window.printed = [...document.querySelectorAll('.on-paper tbody tr')].map((row) => row.cells[0].textContent);"
        " dispatchEvent(new Event('afterprint')); }"
    )
    page.goto(f"{server.url}/desk?state=overdue,amber&severity=1,2,3&sort=-reported_at&map=off")
    expect(page.locator("#toolrow .listed-count")).to_contain_text("件 ·")
    told = re.search(r"[\d,]+", page.locator("#toolrow .listed-count").inner_text())
    assert told
    n = int(told[0].replace(",", ""))
    assert n > 1

    def take(form: str) -> Locator:
        page.click(".take-out summary")
        return page.locator(f"[data-export={form}]")

    name, content = download(page, take("xlsx"))
    assert name.startswith("gridwell-cases-") and name.endswith(".xlsx")
    cases, about = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    numbers = [row[0].value for row in cases.iter_rows(min_row=2)]
    assert len(numbers) == n
    facts = {row[0].value: row[1].value for row in about}
    assert facts["筛选条件"] == "时限状态：超期，临期\n紧急程度：特急，紧急，一般" and facts["排序"] == "上报时间，降序"
    name, content = download(page, take("csv"))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert name.endswith(".csv") and [row[0] for row in rows[1:]] == numbers

    take("print").click()
    until(page, "window.printed")
    assert page.evaluate("window.printed") == numbers
    assert page.locator(".on-paper").count() == 0, "nothing of it is left on screen"
    page.goto(f"{server.url}/desk?case={numbers[0]}&map=off")
    page.locator("#drawer .time-line li").first.wait_for()
    with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as book:
        assert [round(float(one)) for one in book.pages[0].mediabox] == [0, 0, 595, 842], "one case is A4, upright"
