"""The bench measures a real server over a real database; asserted is only that it measures, never how fast anything is."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from databases import FreshDatabase
from serving import PATIENT

from bench import databases, table
from bench.client import Connection
from bench.load import Load
from bench.model import Row, Unmeasured, percentile
from bench.order import QUICK, Order
from bench.rows import LIMITS_S, ROWS, SOAKS, measure
from bench.run import _measured
from cli.bench import NotAnAddress, _database
from data.core.settings import ROOT

pytestmark = pytest.mark.slow

MEASURED = ("drill", "cold-tile", "warm-tile")
PEERS = ("group-by", "pgbench", "static")
"""Those that need no network."""


@pytest.fixture(scope="module")
def ran(demo_city: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], str]]:
    """One real run with tiny counts: its JSON, and a document whose measured part it wrote."""
    folder = tmp_path_factory.mktemp("bench")
    result, document = folder / "result.json", folder / "BENCHMARKS.md"
    document.write_text(f"# By hand\n\n{table.BEGIN}\nold\n{table.END}\n\nWhat bounds it: a sentence.\n", encoding="utf-8")
    against = [word for name in PEERS for word in ("--against", name)]
    given = [word for name in ("test", "tenth") for word in ("--database", f"{name}={demo_city}")]
    command = [sys.executable, "-m", "cli", "bench", "--quick", "--scale", "test", *given, *against]
    answer = subprocess.run(
        [*command, "--json", str(result), "--write", str(document), "--only", *MEASURED],
        cwd=ROOT,
        env={**os.environ, **PATIENT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    yield json.loads(result.read_text("utf-8")), document.read_text("utf-8")


def test_every_row_asked_for_is_measured(ran: tuple[dict[str, Any], str]) -> None:
    result, _ = ran
    assert [row["name"] for row in result["rows"]] == list(MEASURED)
    assert all(row["unmeasured"] == [] and row["figures"] and row["ratios"] for row in result["rows"])


def test_every_figure_of_a_real_run_is_a_time_or_a_rate(ran: tuple[dict[str, Any], str]) -> None:
    """Nothing takes no time or less. How figures are made of measured values is tested in ``test_bench_rows``."""
    for row in ran[0]["rows"]:
        assert all(figure["low"] > 0 and figure["unit"] for figure in row["figures"]), row
        assert all(ratio["value"] > 0 and ratio["aim"] for ratio in row["ratios"])


def test_the_result_says_what_it_was_measured_on(ran: tuple[dict[str, Any], str]) -> None:
    machine, versions = ran[0]["machine"], ran[0]["versions"]
    assert machine["cores"] >= 1 and machine["memory_gb"] > 0 and machine["cpu"]
    assert all(versions[name] for name in ("gridwell", "postgresql", "postgis", "python", "server_settings"))


def test_a_drill_is_measured_beside_the_same_city_with_a_tenth_of_its_cases(ran: tuple[dict[str, Any], str]) -> None:
    drill = ran[0]["rows"][0]
    assert {"click, uncached, p95", "click, uncached (tenth), p95"} <= {figure["what"] for figure in drill["figures"]}
    assert any(ratio["what"] == "uncached click, all cases ÷ a tenth of them, p95" for ratio in drill["ratios"])


def test_the_bench_makes_the_smaller_city_itself(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url:
        databases.fill(url, "test", 500)
        assert databases.one(url, "SELECT count(*) FROM incident") == 500
        counted = databases.one(url, "SELECT sum(reported) FROM incident_daily")
        with databases.connect(url) as connection:
            connection.execute("TRUNCATE incident_daily")
            connection.execute("UPDATE city SET states_at = NULL")
        databases.prepare(url)
        assert databases.one(url, "SELECT sum(reported) FROM incident_daily") == counted, "what a migration empties is counted again"
        with pytest.raises(Unmeasured):
            databases.fill(url, "test", 1)


def test_the_document_keeps_what_was_written_by_hand(ran: tuple[dict[str, Any], str]) -> None:
    _, document = ran
    assert document.startswith("# By hand\n") and document.endswith("What bounds it: a sentence.\n")
    assert "old" not in document.split(table.BEGIN)[1].split(table.END)[0].split()
    assert "| cold-tile | cold tiles ÷ pgbench with the same SQL |" in document


def test_a_document_without_that_part_is_left_alone(ran: tuple[dict[str, Any], str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("# Mine\n", encoding="utf-8")
    with pytest.raises(table.NoPlace):
        table.write(ran[0], mine)
    assert mine.read_text("utf-8") == "# Mine\n"


def test_a_row_that_cannot_be_measured_says_why_and_stops_nothing(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@/nothing?host=/nowhere"
    row = _measured("drill", Order("test", {"test": nowhere}, nowhere, str(tmp_path), counts=QUICK), lambda _: None)
    assert row.figures == [] and "nowhere" in row.unmeasured[0]


def test_every_row_has_a_file_a_limit_and_a_function() -> None:
    assert {*ROWS, *SOAKS} == set(LIMITS_S)
    assert all(callable(measure(name)) for name in LIMITS_S)


def test_rows_and_orders_survive_json() -> None:
    row = Row("drill", notes=["as it was"])
    row.percentiles("click", "ms", [1.0, 2.0, 3.0], 50, 95)
    row.compare("beside", 0.5, "≤ 1")
    assert Row.from_json(json.loads(json.dumps(row.as_json()))) == row
    order = Order("test", {"test": "postgresql:///a"}, "postgresql:///b", "/home", counts=QUICK)
    assert Order.from_json(json.loads(json.dumps(order.as_json()))) == order


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 95), percentile([7.0], 99)) == (50.0, 95.0, 7.0)


def test_a_figure_of_nothing_is_not_a_figure() -> None:
    with pytest.raises(Unmeasured):
        Row("drill").add("click", "ms", [])


def test_databases_are_given_by_scale() -> None:
    assert _database("city=postgresql://a@/b?host=/c") == ("city", "postgresql://a@/b?host=/c")
    assert _database("tenth=postgresql:///a") == ("tenth", "postgresql:///a")
    for wrong in ("postgresql:///a", "village=postgresql:///a", "city="):
        with pytest.raises(NotAnAddress):
            _database(wrong)


# ---- The client ----


@asynccontextmanager
async def saying(answer: bytes, hang_up: bool = False) -> AsyncIterator[str]:
    """A server that says the same each time; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(answer)
            if hang_up:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("hang_up", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ],
)
async def test_the_client_reads_whole_and_chunked_answers_and_comes_back(answer: bytes, hang_up: bool) -> None:
    async with saying(answer, hang_up) as url, Connection(url, {}) as http:
        replies = [await http.get("/"), await http.get("/")]
    assert [(reply.status, reply.body) for reply in replies] == [(200, b"hello")] * 2
    assert all(reply.seconds > 0 for reply in replies)


@pytest.mark.parametrize(
    "wrk", [pytest.param(True, marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")), False]
)
async def test_a_load_counts_what_is_answered_and_takes_nothing_else(wrk: bool, tmp_path: Path) -> None:
    load = Load(tmp_path, wrk)
    async with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as url:
        assert await asyncio.to_thread(load.rate, url, ["/a", "/b"], {"Accept": "*/*"}, 0.2) > 0
    async with saying(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as url:
        with pytest.raises(Unmeasured):
            await asyncio.to_thread(load.rate, url, ["/a"], {}, 0.2)
