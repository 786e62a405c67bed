"""A quick run of the bench's row of reports: at the terminal, and through the server's own queue and printer."""

from pathlib import Path

import pytest
from databases import FreshDatabase

from bench.model import Row
from bench.order import QUICK, Order
from bench.rows import measure


@pytest.mark.slow
def test_reports_are_made_while_viewers_browse(fresh_database: FreshDatabase, demo_template: str, tmp_path: Path) -> None:
    with fresh_database(template=demo_template) as url:
        row = Row("reports")
        measure("reports")(Order("test", {"test": url}, url, str(tmp_path), counts=QUICK), row)
    told = {one.what: one.value for one in row.figures}
    assert told["ten reports at once, until the first"] < told["ten reports at once, until the last"], (
        "the printer makes one after the other"
    )
    for what in ("weekly report of a street", "weekly report of the city"):
        assert told[what] > 0 and 0.02 < told[f"{what}, size of the PDF"] < 3
        assert told[f"{what}, largest memory"] > 50
    assert told["ten reports at once, largest memory"] > 50, "the printer was found"
    assert {one.what: one.value for one in row.ratios}["errors"] == 0
