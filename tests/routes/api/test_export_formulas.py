"""Every cell of every file that leaves, where people and programs of the city wrote the worst they could."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import openpyxl
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from databases import FreshDatabase
from whole_app import started_app

from data.accounts.guest import guest

WORST = (
    *("=cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1"),
    *("＠x", "\u3000\u200b\xad=1+1", "+1", "-1", "a;=1+1", "a\t=1+1"),
)
SIGNS = "=+-@＝＋－＠"
FILES = (
    "/api/cases/export?sort=number",
    "/api/cases/export?q=%3D1%2B1&category=env&unit=hostile",
    f"/api/areas/{city.CITY}?from={city.FROM}&to={city.TO}&category=env",
    f"/api/indicators?area={city.CITY}&by=district&unit=hostile",
    f"/api/indicators?area={city.CITY}&by=category",
    f"/api/indicators?area={city.CITY}&by=unit",
    f"/api/indicators/worse?area={city.CITY}&level=grid",
    "/api/indicators/overdue?",
    "/api/indicators/coverage?",
)


def spoil(connection: psycopg.Connection[Any]) -> None:
    """The worst in each text that leaves, by turns."""
    worst = list(WORST)
    texts = {"area": ("name", "name_en"), "category": ("name", "name_en"), "incident": ("title", "address", "handler")}
    connection.execute("INSERT INTO unit (city, code, name) VALUES (%s, 'hostile', %s)", (city.CITY, WORST[0]))
    for table, columns in texts.items():
        for turn, column in enumerate(columns):
            connection.execute(
                f"UPDATE {table} SET {column} = (%(worst)s::text[])[1 + (abs(hashtext(ctid::text)) + %(turn)s) %% %(n)s]",
                {"worst": worst, "turn": turn, "n": len(worst)},
            )
    connection.execute("UPDATE incident SET number = '=' || source_key, unit = 'hostile'")
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database(city.load, spoil) as url:
            yield url


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with started_app() as made:
        with guest("supervisor", shown=WORST[0]) as known:
            headers = {"authorization": f"Bearer {known.token}"}
            transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made_client:
                yield made_client


def first_seen(text: str) -> str:
    return text.strip("\t\r\n \u3000\u200b\xad")[:1]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_no_cell_of_any_file_is_a_formula(client: httpx.AsyncClient, lang: str) -> None:
    found = 0
    for path in FILES:
        told = await client.get(f"{path}&format=csv&lang={lang}")
        assert told.status_code == 200, told.text
        # Whatever a program takes for the end of a cell: no cell begins with a sign.
        for end in (",", ";", "\t"):
            for row in csv.reader(io.StringIO(told.content.decode("utf-8-sig"), newline=""), delimiter=end):
                for cell in row:
                    assert first_seen(cell) not in SIGNS or not cell or cell.replace(".", "").lstrip("-").isdigit(), (path, end, cell)
                    found += cell.startswith("'")
        told = await client.get(f"{path}&format=xlsx&lang={lang}")
        assert told.status_code == 200, told.text
        with zipfile.ZipFile(io.BytesIO(told.content)) as book:
            sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) > 1 and not [one for one in sheets if b"<f>" in one or b"<f " in one], path
        for sheet in openpyxl.load_workbook(io.BytesIO(told.content)).worksheets:
            texts = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
            assert {cell.data_type for cell in texts} == {"s"}, path
            found += sum(first_seen(cell.value) in SIGNS for cell in texts)
    assert found > 100, "the worst is in the files, as text"
