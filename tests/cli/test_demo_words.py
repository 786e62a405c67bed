"""``./gridwell demo`` speaks one language, and names what it made in words, not as tables."""

import re

import pytest

from cli import demo
from data.core.i18n import t
from data.demo import progress_bar
from data.demo.common.scale import SCALES
from data.demo.progress_bar import Watch

LATIN, CHINESE = re.compile("[A-Za-z]{2,}"), re.compile("[\u4e00-\u9fff]")


def lines(lang: str) -> list[str]:
    """What is told of a filling that has all steps, and of its summary."""
    told: list[str] = []
    with Watch(SCALES["test"], told.append, lang) as watch:
        for name in progress_bar._STEP_TITLES:
            watch.step(name)
        watch.done()
    return told + [t(lang, title) for title in demo._TABLE_TITLES.values()]


@pytest.mark.parametrize(("lang", "other"), [("en", CHINESE), ("zh", LATIN)])
def test_steps_and_summary_are_in_one_language(lang: str, other: re.Pattern[str]) -> None:
    found = lines(lang)
    assert len(found) == len(progress_bar._STEP_TITLES) + len(demo._TABLE_TITLES)
    assert [line for line in found if other.search(line.replace(" s ", ""))] == []


def test_every_table_of_the_demo_city_has_a_name() -> None:
    tables = {"area", "base_feature", "facility", "building", "person", "area_figure", "incident", "incident_reporter", "incident_event"}
    assert set(demo._TABLE_TITLES) == tables
