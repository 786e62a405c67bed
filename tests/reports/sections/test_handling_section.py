"""Handling times of the demo city's week are those of raw rows: an independent curve by statsmodels, open cases counted as open."""

from datetime import timedelta

import numpy as np
import psycopg
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from data.core.period import Period
from data.core.viewer import everything
from data.demo.common.frame import PINNED_DAY
from data.demo.common.names import CITY_CODE
from data.indicators.handling import fetch_handling
from data.schema import CLOSED_STAGES, OPEN_STAGES
from reports.content import Paragraph
from reports.context import Context
from reports.graphics import Curve
from reports.sections.handling import Options, make
from reports.summary.pieces import text_of

pytestmark = pytest.mark.slow

MONDAY = PINNED_DAY - timedelta(days=PINNED_DAY.weekday() + 7)
WEEK = Period(MONDAY, MONDAY + timedelta(days=6))
VIEWER = everything("zh", "cases")


def raw_times(database: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Hours to a tenth, whether they ended with a closing, and of how many cases hours are not known."""
    with psycopg.connect(database) as owner:
        rows = owner.execute(
            "SELECT i.stage = ANY(%s), extract(epoch FROM i.closed_at - i.reported_at)::float / 3600,"
            " extract(epoch FROM c.as_of - i.reported_at)::float / 3600, i.reported_is_day, i.closed_is_day FROM incident i"
            " JOIN city c ON c.code = i.city JOIN category k ON k.city = i.city AND k.code = i.category AND k.subject = 'incident'"
            " WHERE NOT k.sensitive AND i.stage = ANY(%s) AND (i.reported_at AT TIME ZONE c.timezone)::date BETWEEN %s AND %s",
            [list(CLOSED_STAGES), [*OPEN_STAGES, *CLOSED_STAGES], WEEK.start, WEEK.end],
        ).fetchall()
    known = [
        (took if closed else lasts, closed) for closed, took, lasts, day, of_closing in rows if not day and not (closed and of_closing)
    ]
    known = [(hours, closed) for hours, closed in known if hours >= 0 or not closed]
    hours = np.array([max(hours, 0) for hours, _ in known])
    return np.round(hours * 10) / 10, np.array([closed for _, closed in known], int), len(rows) - len(known)


async def test_the_curve_is_that_of_raw_rows(demo_database: str) -> None:
    hours, closed, unknown = raw_times(demo_database)
    found = await fetch_handling(CITY_CODE, WEEK, VIEWER)
    assert found is not None
    assert (found.curve.cases, found.curve.events, found.unknown) == (len(hours), closed.sum(), unknown)
    assert 0 < found.curve.events < found.curve.cases
    theirs = SurvfuncRight(hours, closed)
    assert found.curve.times == pytest.approx(theirs.surv_times, abs=1e-9)
    assert found.curve.open_share == pytest.approx(theirs.surv_prob, abs=1e-9)


async def test_the_section_tells_median_and_curve(demo_database: str) -> None:
    context = Context(CITY_CODE, "week", WEEK, VIEWER)
    section, found = await make(context, Options()), await fetch_handling(CITY_CODE, WEEK, VIEWER)
    assert section is not None and found is not None
    paragraph, curve = section.blocks[:2]
    assert isinstance(paragraph, Paragraph) and isinstance(curve, Curve)
    middle, told = found.curve.quantile(0.5), next(iter(context.figures))
    assert (told.value, told.low, told.high, told.denominator) == (middle.value, middle.low, middle.high, found.curve.cases)
    assert middle.value is not None and text_of(paragraph.pieces).startswith(f"半数案件在 {middle.value:,.1f} 小时内结案。")
    # All reported cases are more: a sentence of the fewer must not be taken for the figure “cases reported”.
    assert f"此处计入本期案件 {found.curve.cases:,} 件，不含作废、重复和其他单位的" in text_of(paragraph.pieces)
    assert len(curve.steps) <= 120 and curve.steps[-1].share == found.curve.open_share[-1]
    assert all(0 <= mark <= curve.end for mark, _ in curve.marks) and curve.marks


async def test_a_reader_of_figures_and_a_period_without_cases_have_no_section(demo_database: str) -> None:
    assert await make(Context(CITY_CODE, "week", WEEK, everything("zh", "figures")), Options()) is None
    long_ago = Period(MONDAY - timedelta(days=7_000), MONDAY - timedelta(days=6_994))
    assert await make(Context(CITY_CODE, "week", long_ago, VIEWER), Options()) is None
