"""Monthly reports beside raw rows: every figure, and every number of a table, a chart or a tile, is what pandas counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from import_city import bring, sentences

from data.core.settings import ROOT
from data.core.viewer import everything
from data.demo.common.names import CITY_CODE
from reports.compose import compose
from tests.reports.recount.check import Recount
from tests.reports.recount.counts import month
from tests.reports.recount.rows import Rows, read


async def recount(rows: Rows, area: str, when: str, detail: Literal["people", "cases"] = "people", **more: Any) -> tuple[int, set[str]]:
    """Compare a report with raw rows: how many figures it has, and which kinds of tables."""
    report = await compose(area, "monthly", when, everything("en", detail))
    again = Recount(rows, report, month(when), rounded=detail == "cases", **more)
    return again.check_figures(), set(again.check_blocks())


@pytest.mark.slow
@pytest.mark.parametrize("detail", ["people", "cases"])
async def test_the_demo_city_by_level(demo_database: str, detail: Literal["people", "cases"]) -> None:
    rows = read(demo_database, CITY_CODE, sensitive=detail == "people")
    figures, kinds = await recount(rows, CITY_CODE, "2026-10", detail)
    assert figures >= 25
    assert kinds == {
        *("kinds", "indicators", "key", "ranking", "bars", "curve", "holders", "oldest", "coverage", "place", "facilities"),
    }
    district = rows.children(CITY_CODE)[1]
    street = rows.children(district)[0]
    for area in (district, street, rows.children(street)[0]):
        assert (await recount(rows, area, "2026-10", detail))[0] >= 10


@pytest.mark.slow
@pytest.mark.parametrize("when", ["2026-02", "2026-11", "2025-01"])
async def test_short_months_the_month_that_is_not_over_and_an_early_one(demo_database: str, when: str) -> None:
    assert (await recount(read(demo_database, CITY_CODE), CITY_CODE, when))[0] >= 10


_WORKED = """
CREATE TEMP TABLE dice AS SELECT district, id, ('x' || substr(md5(number), 1, 8))::bit(32)::bigint % 97 AS n FROM incident
WHERE reported_at > '2026-07-01';
INSERT INTO source (city, key, subject, name) SELECT DISTINCT city, 'gridwell', 'incidents', 'here' FROM incident;
UPDATE incident i SET source_id = (SELECT id FROM source WHERE key = 'gridwell'), filed_at = reported_at + interval '1 hour', version = 3,
    dispatched_at = CASE WHEN n % 3 > 0 AND stage <> 'filed' THEN reported_at + interval '2 hours' END, reworked = (n % 11 < 2)::int,
    reopened = (n % 7 = 0)::int
FROM dice d WHERE (d.district, d.id) = (i.district, i.id) AND n % 2 = 0 AND stage <> 'reported';
UPDATE incident i SET filed_at = reported_at + interval '1 hour', version = 2, dispatched_at = reported_at + interval '3 hours'
FROM dice d WHERE (d.district, d.id) = (i.district, i.id) AND n % 2 = 1 AND n % 5 < 3 AND stage <> 'reported';
UPDATE incident i SET answered = n % 5 < 4, solved = CASE WHEN n % 5 < 4 THEN n % 5 < 3 END,
    satisfied = CASE WHEN n % 5 < 4 AND n % 4 > 0 THEN n % 5 < 2 END
FROM dice d WHERE (d.district, d.id) = (i.district, i.id) AND stage IN ('closed', 'evaluated') AND version > 0 AND n % 13 > 2;
DELETE FROM incident_event;
INSERT INTO incident_event (district, incident_id, seq, at, stage, step, account, details)
SELECT i.district, i.id, 1, i.filed_at, 'filed', 'file', 'somebody', '{}'::jsonb FROM incident i WHERE filed_at IS NOT NULL
UNION ALL SELECT i.district, i.id, 2, i.filed_at, 'reported', 'undo', 'somebody', '{"undone": 1}'::jsonb
    FROM dice d JOIN incident i USING (id) WHERE filed_at IS NOT NULL AND n % 7 = 1 AND n % 2 = 1
UNION ALL SELECT i.district, i.id, 3, i.dispatched_at, 'filed', 'not_responsible', 'somebody', '{}'::jsonb
    FROM dice d JOIN incident i USING (id) WHERE dispatched_at IS NOT NULL AND n % 9 < 2
UNION ALL SELECT i.district, i.id, 4, i.dispatched_at, 'dispatched', 'undo', 'somebody', '{"undone": 3}'::jsonb FROM incident i
    JOIN dice d USING (id) WHERE dispatched_at IS NOT NULL AND n % 9 = 0;
"""
"""The demo's cases have no steps that were made here: some get them, so that indicators that ask for them have something to count."""


@pytest.mark.slow
async def test_indicators_that_need_steps_made_here(fresh_database: Any, demo_template: str) -> None:
    with fresh_database(template=demo_template) as url:
        with psycopg.connect(url) as owner:
            owner.execute(_WORKED)
        rows = read(url, CITY_CODE)
        report = await compose(CITY_CODE, "monthly", "2026-10", everything("en"))
        again = Recount(rows, report, month("2026-10"))
        again.check_figures()
        again.check_blocks()
    shares = {one.label: one for one in report.figures if one.unit == "share"}
    for title in (
        "Accurate filing rate",
        "Accurate dispatch rate",
        "Rework rate",
        "Call-backs answered",
        "Solved rate",
        "Satisfaction rate",
    ):
        assert 10 < (shares[title].numerator or 0) < (shares[title].denominator or 0), shares[title]


@pytest.fixture(scope="module")
def washington(fresh_database: Any, realdata: Path) -> Iterator[str]:
    with fresh_database() as url:
        outcome = bring(ROOT / "data" / "profiles" / "washington_dc.toml", realdata)
        assert outcome.outcome == "loaded", sentences(outcome)
        yield url


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("when", ["2016-07", "2016-03"])
async def test_washington_also_in_the_month_in_which_clocks_change(washington: str, when: str) -> None:
    with psycopg.connect(washington) as owner:
        (code,) = owner.execute("SELECT code FROM city").fetchone() or ("",)
    rows = read(washington, code)
    report = await compose(code, "monthly", when, everything("en"))
    assert Recount(rows, report, month(when)).check_figures() >= 15
