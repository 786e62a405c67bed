"""A profile declares a category of cases sensitive, or no longer: the roll-ups are counted anew, whatever else changed."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import CASES, PROFILE, bring, write_city

from data import rollup
from data.core.period import Period
from data.core.viewer import everything
from data.figures.reports import fetch_report
from data.importing.common.sentences import ImportRefused
from data.importing.profile.profile import load_profile

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]

OCTOBER = Period.parse("2026-10-02", "2026-10-31")
DECLARED = """
[categories.incident]
rubbish = { name = "垃圾", values = ["Rubbish"] }
care = { name = "关爱", values = ["Lamp"], sensitive = true }
"""


def asked(database: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(statement.encode()).fetchall()


def differences(database: str) -> list[rollup.Difference]:
    with psycopg.connect(database) as connection:
        return rollup.compare(connection, "T")


async def totals() -> tuple[int, int]:
    """Cases of the period that are counted for who may see the register, and for others. Without a period it would end earlier: with the
    newest case that is not sensitive.
    """
    counted = [(await fetch_report("T", OCTOBER, viewer))["incidents"]["total"] for viewer in (everything(), everything(detail="cases"))]
    return counted[0], counted[1]


async def test_a_first_import_counts_them_apart(database: str, tmp_path: Path) -> None:
    assert bring(write_city(tmp_path, PROFILE + DECLARED)).outcome == "loaded"
    assert asked(database, "SELECT code, sensitive FROM category ORDER BY 1") == [("care", True), ("rubbish", False)]
    assert differences(database) == [] and await totals() == (3, 1)


async def test_a_declaration_that_comes_later_or_is_taken_back_counts_again(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path, PROFILE + DECLARED.replace(", sensitive = true", "")))
    assert await totals() == (3, 3)
    assert bring(write_city(tmp_path, PROFILE + DECLARED)).outcome == "loaded"
    assert differences(database) == [] and await totals() == (3, 1)
    bring(write_city(tmp_path, PROFILE + DECLARED.replace(", sensitive = true", "")))
    assert differences(database) == [] and await totals() == (3, 3)


async def test_a_sensitive_category_that_appears_with_new_cases_is_counted_apart(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path, PROFILE + DECLARED, CASES.replace("Lamp", "Rubbish")))
    assert await totals() == (3, 3)
    bring(write_city(tmp_path, PROFILE + DECLARED))
    assert differences(database) == [] and await totals() == (3, 1)


def test_only_categories_of_cases_can_be_sensitive(tmp_path: Path) -> None:
    path = write_city(tmp_path, PROFILE + '[categories.facility]\nschool = { name = "学校", sensitive = true }\n')
    with pytest.raises(ImportRefused) as caught:
        load_profile(path)
    assert "sensitive" in caught.value.sentences[0].tell("en")
