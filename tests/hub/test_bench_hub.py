"""The bench's row of the data hub: what it fills is what it says, and its statements see all of it."""

import pytest

from bench.model import Row
from bench.rows.hub import CITY, DAYS, FEEDS, as_viewer, measure_on


@pytest.mark.slow
def test_the_year_of_a_whole_city_is_counted(database: str) -> None:
    row = Row("hub")
    measure_on(database, row, 1)
    with as_viewer(database) as server:
        counted = "SELECT count(*), count(DISTINCT (level, department)) FROM feed_day WHERE city = %s"
        seen = server.execute(counted, [CITY]).fetchone()
    assert seen == (FEEDS * DAYS, 120), "120 crossings, all seen by the viewer's role"
    assert {one.what for one in row.figures if one.ours} == {"the year's matrix", "the matrix of a day", "the weeks of a department"}
    assert len(row.ratios) == 1 and all(one.value > 0 for one in row.figures)
