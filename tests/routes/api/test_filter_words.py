"""The filters of a list in the reader's words, as the last sheet of a workbook says them."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from data.queries.case_filters import NO_FILTERS, CaseFilters, Days
from data.queries.case_list import COLUMNS, Order
from routes.exports.case_table import case_columns
from routes.exports.filter_words import Names, word_filters, word_order

NAMES = Names({"env": "市容环境"}, {"u1": "路灯管理所"})
EACH: dict[str, Any] = {
    "words": ("路灯",),
    "number": "GW-1",
    "stages": ("filed", "closed"),
    "states": ("overdue", "amber"),
    "categories": ("env", "unknown"),
    "channels": ("hotline",),
    "severities": (1, 2),
    "units": ("u1",),
    "assignees": ("zhou",),
    "reported": Days(date(2026, 11, 1), date(2026, 11, 30)),
    "due": Days(None, date(2026, 11, 30)),
    "closed": Days(date(2026, 11, 1), None),
    "box": (1.0, 2.0, 3.0, 4.0),
    "polygon": "POLYGON((0 0, 1 0, 1 1, 0 0))",
    "placed": False,
    "provisional": True,
    "with_unit": False,
    "with_assignee": True,
    "own_units": True,
    "behind": ("closing_rate", "rest"),
    "weekday": 1,
    "hour": 8,
    "only_day": True,
    "due_within": 24,
}


def told(lang: str, **filters: Any) -> str:
    title, text = word_filters(CaseFilters(**filters), NAMES, lang)
    assert title == {"zh": "筛选条件", "en": "Filters"}[lang]
    return str(text)


def test_what_is_asked_is_told_as_people_say_it() -> None:
    asked = {name: EACH[name] for name in ("stages", "states", "categories", "channels", "severities", "units", "reported", "placed")}
    assert told("zh", **asked).splitlines() == [
        "阶段：待派遣，已结案",
        "时限状态：超期，临期",
        "类别：市容环境，unknown",
        "来源：热线 12345",
        "紧急程度：特急，紧急",
        "处置单位：路灯管理所",
        "上报 2026-11-01 至 2026-11-30",
        "位置不明",
    ]
    assert told("en", states=("overdue", "amber"), words=("lamp", "dark"), due=EACH["due"]).splitlines() == [
        "Deadline state: Overdue, Due soon",
        "Searched for: lamp dark",
        "Due … to 2026-11-30",
    ]
    assert (told("zh"), told("en")) == ("无", "none")


@pytest.mark.parametrize("name", [one.name for one in fields(CaseFilters) if one.name != "moment"])
def test_no_filter_is_passed_over_in_silence(name: str) -> None:
    assert getattr(NO_FILTERS, name) != EACH[name]
    assert told("en", **{name: EACH[name]}) != "none"
    in_chinese = told("zh", **{name: EACH[name]})
    assert any("\u4e00" <= letter <= "\u9fff" for letter in in_chinese), "no code of the machine door stands alone"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_order_has_words(column: str) -> None:
    assert str(word_order(Order(column, True), "zh")[1]).endswith("降序" if column != "urgency" else "")
    assert word_order(Order(column, False), "en")[1] not in ("", column)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_columns_of_the_list_have_the_same_head(lang: str) -> None:
    heads = [column.title for column in case_columns(lang)]
    assert len(heads) == len(set(heads)), heads
