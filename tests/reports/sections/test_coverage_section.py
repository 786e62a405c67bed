"""Coverage names every area that has nobody: a few in a box, many in a table."""

from datetime import date

import pytest

from data.core.period import Period
from data.core.viewer import Lang, everything
from data.indicators.types import Coverage, Gap
from reports.content import Aside, Table
from reports.context import Context
from reports.sections.coverage import MOST_IN_BOX, MOST_NAMED, name_gaps


def context(lang: Lang = "en") -> Context:
    return Context("1", "month", Period(date(2026, 10, 1), date(2026, 10, 31)), everything(lang))


def make_coverage(missing: int, told: int | None = None, of_area: int = 20) -> Coverage:
    """Of as many areas again as are missing; ``of_area`` lie in each area above."""
    gaps = [
        Gap(code=f"{at}", name=f"格{at}", name_en=f"Cell {at}", within=f"社区{at // of_area}", within_en=f"Community {at // of_area}")
        for at in range(missing if told is None else told)
    ]
    return {"level": "grid", "areas": 2 * missing, "headed": missing, "with_worker": 0, "staffed": missing, "gaps": gaps}


def test_a_few_stand_in_a_box() -> None:
    made = name_gaps(context(), make_coverage(2), "Grid cell")
    assert made == Aside("Without anybody: Grid cell (2)", "name, area above", "Cell 0 (Community 0), Cell 1 (Community 0).")
    assert isinstance(name_gaps(context("zh"), make_coverage(MOST_IN_BOX), "网格"), Aside)


@pytest.mark.parametrize("of_area", [1, 20, 190])
@pytest.mark.parametrize("missing", [MOST_IN_BOX + 1, 190, 2_000])
def test_many_stand_in_a_table_and_none_is_left_out(missing: int, of_area: int) -> None:
    made = name_gaps(context(), make_coverage(missing, of_area=of_area), "Grid cell")
    assert isinstance(made, Table) and made.title == f"Without anybody: Grid cell ({missing:,})" and made.note == ""
    named = [(within, name) for within, names in made.rows for name in str(names).split(", ")]
    assert named == [(f"Community {at // of_area}", f"Cell {at}") for at in range(missing)]
    assert max(sum(map(len, str(names).split(", "))) for _, names in made.rows) <= 300, "a row fits on a page"


def test_what_is_not_named_is_counted() -> None:
    made = name_gaps(context("zh"), make_coverage(MOST_NAMED + 7, told=MOST_NAMED), "网格")
    assert isinstance(made, Table) and made.note == "等，另有 7 个"
