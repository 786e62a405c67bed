"""The summary of the demo city's week: its counts, and those of the twelve weeks before, are what pandas counts from raw rows."""

from datetime import timedelta
from typing import Any, Literal

import pandas as pd
import psycopg
import pytest

from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.demo.common.frame import PINNED_DAY
from data.demo.common.names import CITY_CODE
from data.figures.reports import fetch_units
from data.queries.figures import NO_FILTERS
from data.schema import CLOSED_STAGES, OTHER_ENDS
from reports.content import Bullets, Note, Section
from reports.context import Context
from reports.periods import Step
from reports.sections import summary
from reports.sections.summary import Options, list_earlier, make
from reports.summary.pieces import text_of

MONDAY = PINNED_DAY - timedelta(days=PINNED_DAY.weekday() + 7)
WEEK = Period(MONDAY, MONDAY + timedelta(days=6))


def context_of(area: str = CITY_CODE, step: Step = "week", period: Period = WEEK, viewer: Viewer | None = None) -> Context:
    return Context(area, step, period, viewer or everything("zh", "cases"))


async def write(context: Context, **options: Any) -> tuple[Section, list[str]]:
    section = await make(context, Options(**options))
    assert section is not None and isinstance(section.blocks[0], Bullets) and isinstance(section.blocks[1], Note)
    return section, [text_of(point) for point in section.blocks[0].points]


@pytest.fixture
def cases(demo_database: str) -> pd.DataFrame:
    """Every case that is not of a sensitive category, in the city's own time, with the week, from 0, before or of the report."""
    with psycopg.connect(demo_database) as owner:
        rows = owner.execute(
            "SELECT i.category, i.stage, i.paused, split_part(i.path::text, '.', 2) AS district,"
            " (i.reported_at AT TIME ZONE c.timezone)::date AS day, (i.due_at AT TIME ZONE c.timezone)::date AS due_day,"
            " i.due_at, i.closed_at"
            " FROM incident i JOIN city c ON c.code = i.city"
            " JOIN category k ON k.city = i.city AND k.code = i.category AND k.subject = 'incident' WHERE NOT k.sensitive"
        )
        found = pd.DataFrame(rows.fetchall(), columns=[column.name for column in rows.description or ()])
    found["back"] = (pd.Timestamp(WEEK.end) - pd.to_datetime(found["day"])).dt.days // 7
    found["due_back"] = (pd.Timestamp(WEEK.end) - pd.to_datetime(found["due_day"])).dt.days // 7
    return found


async def test_the_counts_of_thirteen_weeks_are_those_of_raw_rows(cases: pd.DataFrame) -> None:
    context = context_of()
    _, points = await write(context)
    figures = {one.label: one for one in context.figures}
    weeks = cases.groupby("back").size()
    first = (pd.Timestamp(WEEK.end) - pd.to_datetime(cases["day"]).min()).days
    spans = min(12, (first + 1) // 7 - 1)
    assert spans >= 4
    assert figures["上报案件"].value == weeks[0] > 50
    assert figures[f"上报案件，此前 {spans} 周平均"].value == pytest.approx(weeks.loc[1:spans].mean())
    due = cases[~cases["stage"].isin(OTHER_ENDS) & ~cases["paused"]]
    on_time = due["stage"].isin(CLOSED_STAGES) & (due["closed_at"] <= due["due_at"])
    share = figures["按期结案率"]
    assert (share.numerator, share.denominator) == (on_time[due["due_back"] == 0].sum(), (due["due_back"] == 0).sum())
    past = due["due_back"].between(1, spans)
    assert figures[f"按期结案率，此前 {spans} 周平均"].value == pytest.approx(on_time[past].mean())
    assert any(point.startswith(f"上报 {weeks[0]:,} 件，") for point in points)


async def test_overdue_cases_are_those_of_the_end_of_the_week(cases: pd.DataFrame) -> None:
    context = context_of()
    _, points = await write(context)
    late, report = next(one for one in context.figures if one.label == "超期未结"), await context.report()
    assert (late.value, late.denominator) == (report["incidents"]["overdue_at_end"], report["incidents"]["open_at_end"])
    open_now = cases[~cases["stage"].isin((*CLOSED_STAGES, *OTHER_ENDS)) & ~cases["paused"]]
    long = (pd.to_datetime(open_now["due_day"]) <= pd.Timestamp(WEEK.end) - pd.Timedelta(days=3)).sum()
    told = next((one.value for one in context.figures if one.label == "超期三天以上未结"), 0)
    assert told == min(long, report["incidents"]["overdue_at_end"])
    assert points[-1].startswith(f"超期未结 {late.value:,.0f} 件。")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("level", ["city", "street", "community", "grid", "zone"])
async def test_every_level_has_a_summary_from_roll_ups_alone(demo_database: str, level: str, lang: Literal["zh", "en"]) -> None:
    """For a reader of figures, too: nothing of it needs a single case."""
    reader = everything(lang, "figures")
    code = CITY_CODE if level == "city" else (await fetch_units(CITY_CODE, level, WEEK, NO_FILTERS, reader))[0]["code"]
    section, points = await write(context_of(code, viewer=reader))
    assert section.title == {"zh": "本周要点", "en": "The week in brief"}[lang]
    assert points and not any("{" in point or "None" in point for point in points)


async def test_of_a_day_the_same_days_of_earlier_weeks_are_compared(demo_database: str) -> None:
    day = Period.last_days(1, PINNED_DAY - timedelta(days=2))
    earlier = list_earlier(context_of(step="day", period=day))
    assert [(day.start - one.start).days for one in earlier] == [7 * back for back in range(12, 0, -1)]
    context = context_of(step="day", period=day)
    _, points = await write(context, level="street")
    assert any("上周同日" in point or "周同日" in point for point in points)


async def test_a_period_that_is_not_over_is_not_compared(demo_database: str) -> None:
    period = Period(PINNED_DAY - timedelta(days=3), PINNED_DAY + timedelta(days=3))
    _, points = await write(context_of(period=period))
    assert points[0].endswith("本期尚未结束，不作比较。")


async def test_the_beginning_of_the_data_has_no_history(demo_database: str) -> None:
    context = context_of(period=Period(MONDAY - timedelta(days=7_000), MONDAY - timedelta(days=6_994)))
    _, points = await write(context)
    assert points[0] == "本期无上报案件。"


@pytest.mark.parametrize(("long", "at_end", "told"), [(0, 0, 0), (3, 3, 3), (2, 3, 2), (4, 3, None)])
def test_more_cases_overdue_for_long_than_were_overdue_are_not_told(long: int, at_end: int, told: int | None) -> None:
    assert summary._agree(long, at_end) == told
