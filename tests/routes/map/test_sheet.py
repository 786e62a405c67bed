"""The map on a sheet: the picture on a page of the right size, its words, who made it, what is refused, and the row of the audit log."""

import io
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pikepdf
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from PIL import Image
from whole_app import started_app

from data.accounts.guest import guest
from routes.middleware.request_limits import LONGEST_SHEET


def picture(width: int = 350, height: int = 248, mode: str = "RGB", form: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new(mode, (width, height), 200).save(made, form)
    return made.getvalue()


@pytest_asyncio.fixture
async def client(small: str) -> AsyncIterator[httpx.AsyncClient]:
    async with started_app() as app:
        with guest("leader", shown="林主任") as known:
            headers = {"accept-language": "en", "authorization": f"Bearer {known.token}"}
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
                yield made


async def send(client: httpx.AsyncClient, body: bytes, **params: str) -> httpx.Response:
    return await client.post("/map/sheet", content=body, params={"format": "pdf", "area": city.CITY, **params})


def audited(url: str) -> tuple[Any, ...]:
    with psycopg.connect(url) as connection:
        (row,) = connection.execute("SELECT action, subject, detail FROM audit_log ORDER BY no DESC LIMIT 1").fetchall()
    return row


@pytest.mark.parametrize(("paper", "size"), [("a4", (841.89, 595.28)), ("a3", (1190.55, 841.89))])
async def test_a_sheet_is_one_page_with_the_picture_as_it_was(
    client: httpx.AsyncClient, small: str, paper: str, size: tuple[float, float]
) -> None:
    sent = picture()
    answer = await send(client, sent, paper=paper, title="澜州市 · 案件数")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, "application/pdf", "no-store")
    with pikepdf.open(io.BytesIO(answer.content)) as book:
        (page,) = book.pages
        assert [float(side) for side in page.mediabox] == pytest.approx([0, 0, *size], abs=0.1)
        (image,) = page.get_images().values()
        assert (int(image.Width), int(image.Height)) == (350, 248) and image.read_raw_bytes() == sent
        with book.open_metadata() as about:
            assert about["dc:title"] == "澜州市 · 案件数" and about["dc:creator"] == ["林主任"]
    assert audited(small) == ("export", "map", {"format": "pdf", "area": city.CITY, "paper": paper})


WORDS = [
    ["澜州市 · 案件数", 10, 10, 6.5, 70.5],
    ["".join(map(chr, range(0x4E00, 0x4E00 + 300))), 10, 20, 3, 250],  # more letters than one font holds
    ["𠮷 A", 10, 30, 3, 12],
    ["", 0, 0, 3, 0],
]


def read_lines(page: pikepdf.Page) -> list[str]:
    """The texts of a page, letter by letter through the tables of its fonts, as a reader finds them."""
    letters = {}
    for name, font in page.Resources.Font.items():
        rows = re.findall(rb"<([0-9a-f]{2})> <([0-9a-f]{4,})>", font.ToUnicode.read_bytes())
        letters[name] = {int(code, 16): bytes.fromhex(one.decode()).decode("utf-16-be") for code, one in rows}
    lines, font = [""], letters.get("/Text0", {})
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tm":
            lines.append("")
        elif str(operator) == "Tf":
            font = letters[str(operands[0])]
        elif str(operator) == "Tj":
            lines[-1] += "".join(font[code] for code in bytes(operands[0]))
    return lines[1:]


async def test_what_is_written_on_a_sheet_can_be_searched_and_is_not_drawn_again(client: httpx.AsyncClient) -> None:
    sent, words = picture(), json.dumps(WORDS).encode()
    answer = await send(client, sent + words, words=str(len(words)))
    with pikepdf.open(io.BytesIO(answer.content)) as book:
        (page,) = book.pages
        (image,) = page.get_images().values()
        assert image.read_raw_bytes() == sent
        assert read_lines(page) == [text for text, *_ in WORDS[:3]]
        content = page.Contents.read_bytes()
        assert b"3 Tr" in content and len(page.Resources.Font.keys()) == 2
        # 10 mm from the left; its baseline at 80 % of its height below 10 mm from the top of 210 mm.
        left, low = (float(one) for one in re.findall(rb"1 0 0 1 (\S+) (\S+) Tm", content)[0])
        assert (left, low) == pytest.approx((10 * 72 / 25.4, (210 - 10 - 6.5 * 0.8) * 72 / 25.4), abs=0.01)
        # Nine letters of its height would be 58.5 mm wide, and take 70.5 mm.
        assert float(re.findall(rb"(\S+) Tz", content)[0]) == pytest.approx(100 * 70.5 / (6.5 * 9), abs=0.01)


@pytest.mark.parametrize(
    "words",
    [
        b"x",
        b"{}",
        b'"text"',
        b'[["a", 1, 2, 3]]',
        b'[["a", 1, 2, 3, "wide"]]',
        b'[["a", 1e300, 2, 3, 4]]',
        b'[["\\u0000", 1, 2, 3, 4]]',
        b'[["\\ud800", 1, 2, 3, 4]]',
        json.dumps([["a" * 501, 1, 2, 3, 4]]).encode(),
        json.dumps([["a", 1, 2, 3, 4]] * 201).encode(),
    ],
)
async def test_words_that_are_none_are_refused(client: httpx.AsyncClient, words: bytes) -> None:
    answer = await send(client, picture() + words, words=str(len(words)))
    assert answer.status_code == 422 and answer.json()["error"]["sentence"]


async def test_a_picture_is_told_of_and_nothing_else(client: httpx.AsyncClient, small: str) -> None:
    answer = await send(client, b"", format="png")
    assert (answer.status_code, answer.content) == (204, b"")
    assert audited(small) == ("export", "map", {"format": "png", "area": city.CITY, "paper": "a4"})


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (b"", {}),
        (b"GIF89a", {}),
        (picture(form="PNG"), {}),
        (picture(mode="L"), {}),
        (picture(5_001, 10), {}),
        (picture()[:40], {}),
        (picture(), {"format": "svg"}),
        (picture(), {"paper": "a0"}),
        (picture(), {"area": "\x00"}),
        (picture(), {"title": "x" * 201}),
        (picture(), {"words": "-1"}),
        (picture(), {"words": "64001"}),
        (picture(), {"words": "60000"}),
    ],
)
async def test_what_is_no_sheet_is_refused_in_words(client: httpx.AsyncClient, small: str, body: bytes, params: dict[str, str]) -> None:
    before = audited(small)
    answer = await send(client, body, **params)
    assert answer.status_code == 422 and answer.json()["error"]["sentence"]
    assert audited(small) == before


async def test_a_sheet_has_a_limit_of_its_own(client: httpx.AsyncClient) -> None:
    assert (await send(client, b"x" * (LONGEST_SHEET + 1))).status_code == 413
