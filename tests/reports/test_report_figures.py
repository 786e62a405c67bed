"""The weekly report of the demo city: its figures are what pandas counts from raw rows; its PDF is for archives, and for everybody."""

import dataclasses
import io
import re
from collections.abc import Iterator
from typing import Any, Literal

import pandas as pd
import pikepdf
import psycopg
import pytest

from data.core.errors import BadInput, BadPeriod
from data.core.viewer import everything
from data.demo.common.frame import PINNED_DAY
from data.demo.common.names import CITY_CODE
from data.schema import CLOSED_STAGES, OTHER_ENDS, PROACTIVE_CHANNELS
from reports.compose import NotForThisPeriod, compose
from reports.content import Fraction, KeyFigures, Number, Pair, Report, Table
from reports.graphics import Bars
from reports.writers.pdf import write_pdf

pytestmark = pytest.mark.slow

LAST_MONDAY = pd.Timestamp(PINNED_DAY) - pd.Timedelta(days=pd.Timestamp(PINNED_DAY).day_of_week)
FIRST = LAST_MONDAY - pd.Timedelta(days=7)
WEEK = f"{FIRST:%G-W%V}"


async def make(lang: Literal["zh", "en"] = "zh", detail: Literal["figures", "cases"] = "cases", area: str = CITY_CODE) -> Report:
    return await compose(area, "weekly", WEEK, everything(lang, detail))


@pytest.fixture
def cases(demo_database: str) -> Iterator[pd.DataFrame]:
    """Every case that is not of a sensitive category, in the city's own time."""
    with psycopg.connect(demo_database) as owner:
        rows = owner.execute(
            "SELECT i.number, i.channel, i.category, i.stage, i.paused, split_part(i.path::text, '.', 2) AS district,"
            " i.reported_at AT TIME ZONE c.timezone AS at, i.due_at AT TIME ZONE c.timezone AS due,"
            " i.closed_at AT TIME ZONE c.timezone AS closed FROM incident i JOIN city c ON c.code = i.city"
            " JOIN category k ON k.city = i.city AND k.code = i.category AND k.subject = 'incident' WHERE NOT k.sensitive"
        )
        names = [column.name for column in rows.description or ()]
        yield pd.DataFrame(rows.fetchall(), columns=names)


def within(moments: pd.Series, back: int = 0) -> pd.Series:
    start = FIRST - pd.Timedelta(days=back)
    return (moments >= start) & (moments < start + pd.Timedelta(days=7))


def find_figures(report: Report) -> dict[str, Any]:
    return {one.label: one for one in report.figures}


async def test_key_figures_are_as_pandas_counts_them(cases: pd.DataFrame) -> None:
    figures = find_figures(await make())
    reported = cases[within(cases["at"])]
    assert figures["上报案件"].value == len(reported) > 50
    proactive = reported["channel"].isin(PROACTIVE_CHANNELS).sum()
    assert (figures["主动发现占比"].numerator, figures["主动发现占比"].denominator) == (proactive, len(reported))
    due = cases[within(cases["due"]) & ~cases["stage"].isin(OTHER_ENDS) & ~cases["paused"]]
    on_time = due["stage"].isin(CLOSED_STAGES) & (due["closed"] <= due["due"])
    assert (figures["按期结案率"].numerator, figures["按期结案率"].denominator) == (on_time.sum(), len(due))
    assert figures["按期结案率"].value == on_time.mean()
    assert all(one.definition and one.source for one in figures.values() if one.label != "登记人口")


async def test_changes_are_against_the_week_before(cases: pd.DataFrame) -> None:
    report = await make()
    key = next(block for section in report.sections for block in section.blocks if isinstance(block, KeyFigures)).figures[0]
    now, before = within(cases["at"]).sum(), within(cases["at"], back=7).sum()
    assert key.value == f"{now:,}"
    assert key.changes[0].title == "环比"
    assert key.changes[0].text == f"{(now / before - 1) * 100:+.1f}%".replace("-", "−")
    assert key.spark[-1] == now and key.spark[-2] == before


async def test_the_ranking_is_as_pandas_counts_it(cases: pd.DataFrame) -> None:
    first, after = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-11-01")
    report = await compose(CITY_CODE, "monthly", "2026-10", everything("zh", "cases"))
    ranking = next(
        block for section in report.sections for block in section.blocks if isinstance(block, Table) and block.columns[0].title == "排名"
    )
    due = cases[(cases["due"] >= first) & (cases["due"] < after) & ~cases["stage"].isin(OTHER_ENDS) & ~cases["paused"]]
    on_time = (due["stage"].isin(CLOSED_STAGES) & (due["closed"] <= due["due"])).groupby(due["district"]).agg(["sum", "size"])
    wanted = on_time[on_time["size"] >= 30]
    assert sorted((row[3].numerator, row[3].denominator) for row in ranking.rows if isinstance(row[3], Fraction)) == sorted(
        (row["sum"], row["size"]) for _, row in wanted.iterrows()
    )
    assert len(ranking.rows) == len(wanted) > 0
    shares = [row[5].value for row in ranking.rows if isinstance(row[5], Number)]
    assert shares == sorted(shares, reverse=True)


async def test_the_days_are_as_pandas_counts_them(cases: pd.DataFrame) -> None:
    pair = next(block for section in (await make()).sections for block in section.blocks if isinstance(block, Pair))
    assert isinstance(pair.left, Bars)
    for back, shown in ((0, [point.value for point in pair.left.points]), (7, [point.before for point in pair.left.points])):
        by_day = cases[within(cases["at"], back)].groupby(cases["at"].dt.date).size()
        assert shown == by_day.tolist()
    assert [point.label for point in pair.left.points] == ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]


async def test_who_sees_figures_only_gets_no_case(demo_database: str) -> None:
    report = await make(detail="figures")
    assert not re.search(r"LZ\d{8}", str(report)), "no number of a case"
    assert "按期结案率" in find_figures(report), "the roll-ups know it"


async def test_the_same_report_gives_the_same_bytes_for_archives_and_for_everybody(demo_database: str) -> None:
    report = await make("en")
    made = write_pdf(report)
    assert made == write_pdf(report)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        with pdf.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"], told["pdfuaid:part"]) == ("2", "A", "1")
        root = pdf.Root
        assert root.MarkInfo.Marked and root.ViewerPreferences.DisplayDocTitle and str(root.Lang).startswith("en")
        assert str(pdf.docinfo["/Title"]) == f"{report.title} {report.period}"
        fonts = [font for page in pdf.pages for font in page.Resources.get("/Font", {}).values()]
        assert fonts
        for font in fonts:
            descriptor = font.DescendantFonts[0].FontDescriptor if "/DescendantFonts" in font else font.FontDescriptor
            assert any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3")), "every font is embedded"
    assert len(made) < 3_000_000


async def test_texts_are_never_markup(demo_database: str) -> None:
    report = await make()
    hostile = '#panic("x") $x$ *b* _i_ `c` <label> @ref \\ // [b] #import "@preview/x:1.0.0"'
    made = write_pdf(dataclasses.replace(report, issuer=hostile, area_name=hostile))
    assert made.startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "period"), [("daily", "2026-11-15"), ("monthly", "2026-10"), ("profile", None), ("weekly", "2020-W10"), ("weekly", "2026-W47")]
)
async def test_every_kind_can_be_written_for_any_area(demo_database: str, kind: str, period: str | None) -> None:
    with psycopg.connect(demo_database) as owner:
        found = owner.execute("SELECT DISTINCT ON (level) code FROM area WHERE origin <> 'unplaced' ORDER BY level, code").fetchall()
    for (code,) in found:
        assert write_pdf(await compose(code, kind, period, everything("en", "cases"))).startswith(b"%PDF"), (code, kind)


async def test_areas_side_by_side_say_what_each_says_alone(demo_database: str) -> None:
    with psycopg.connect(demo_database) as owner:
        codes = [code for (code,) in owner.execute("SELECT code FROM area WHERE level = 'district' ORDER BY code LIMIT 3")]
    both = await compose(codes[0], "comparison", "2026-10", everything("en", "cases"), beside=codes[1:])
    table = next(block for section in both.sections for block in section.blocks if isinstance(block, Table))
    for place, code in enumerate(codes):
        alone = await compose(code, "profile", "2026-10", everything("en", "cases"))
        figures = find_figures(alone)
        assert table.rows[0][place + 1].value == figures["Cases reported"].value  # type: ignore[union-attr]
    with pytest.raises(BadPeriod, match=r"^The period “2099-W01” cannot be used: it has not begun$"):
        await compose(codes[0], "weekly", "2099-W01", everything("en", "cases"))
    with pytest.raises(NotForThisPeriod):
        await compose(codes[0], "weekly", "2026-10", everything("en", "cases"))
    with pytest.raises(BadInput):
        await compose(codes[0], "comparison", "2026-10", everything("en", "cases"), beside=[codes[0]])
