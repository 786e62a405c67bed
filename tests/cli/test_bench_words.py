"""Everything that the bench measures has a name in both languages; the file of figures keeps the English ones."""

import io
import re

import pytest
from rich.console import Console

from bench import table
from bench.model import Row
from cli.bench import translate_name
from data.core.settings import ROOT

CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES_OF_PROGRAMS = re.compile(r"pgbench|SQL|GROUP BY|HTTP|tipg|COPY|geopandas to_postgis|ogr2ogr|RSS|PSS|p\d\d|KB|MB|ms")


def published() -> list[str]:
    """Names of all figures and ratios of the run in BENCHMARKS.md."""
    part = (ROOT / "BENCHMARKS.md").read_text("utf-8").partition(table.BEGIN)[2].partition(table.END)[0]
    return [cells[2].strip() for line in part.splitlines() if len(cells := line.split("|")) > 5 and not line.startswith("|---")]


def test_every_published_name_is_chinese_in_chinese() -> None:
    names = [name for name in published() if "metropolis ÷ city" not in name and "(city)" not in name]  # of an older bench
    assert len(names) > 80
    told = {name: NAMES_OF_PROGRAMS.sub("", translate_name("zh", name)) for name in names}
    assert {name: text for name, text in told.items() if re.search("[A-Za-z]", text)} == {}
    assert {name for name, text in told.items() if text.strip("÷，. ") and not CHINESE.search(text)} == set()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("largest worker after 10,000 requests, RSS", "最大工作进程，10,000 次请求后，RSS"),
        ("click, uncached (tenth), p95", "点击，无缓存（十分之一案件），p95"),
        ("growth of the largest from 10,000 to 20,000 requests", "最大工作进程从 10,000 次到 20,000 次请求的增长"),
        ("≤ 1.2 at 10 M incidents", "案件 10 百万条时 ≤ 1.2"),
        ("≥ 0.85", "≥ 0.85"),
        ("tiles/s", "瓦片/秒"),
        ("ms", "ms"),
    ],
)
def test_a_name_in_both_languages(name: str, told: str) -> None:
    assert translate_name("zh", name) == told
    assert translate_name("en", name) == name


def test_english_names_stay_as_they_are() -> None:
    assert [name for name in published() if translate_name("en", name) != name] == []


def test_the_table_is_in_one_language() -> None:
    row = Row("cold-tile")
    row.add("cold tiles through HTTP", "tiles/s", [1.0, 2.0])
    row.compare("cold tiles ÷ pgbench with the same SQL", 0.9, "≥ 0.85")
    console = Console(width=180, record=True, file=io.StringIO())
    table.show({"scale": "test", "rows": [row.as_json()]}, console, lambda name: translate_name("zh", name))
    shown = console.export_text()
    assert all(word in shown for word in ("测量内容", "经 HTTP 的冷瓦片", "瓦片/秒", "冷瓦片 ÷ pgbench 执行相同 SQL", "目标"))
    assert not any(word in shown for word in ("measured", "beside", "ratio", "cold tiles"))
