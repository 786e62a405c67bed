"""What one area is told as, and what is said to who asks for an area outside of theirs: at the values themselves."""

import asyncio
from collections import defaultdict
from typing import Any

import pytest

from data.core.viewer import Viewer
from data.figures.assemble import assemble_unit
from data.figures.scope import explain_missing_area, explain_missing_object


def row(**given: Any) -> Any:
    """A row of an area: nothing is known of it but what is given."""
    return defaultdict(lambda: None, {"due_closed": 0, "due": 0, "due_on_time": 0, **given})


def test_an_area_without_a_roll_up_of_buildings_has_none() -> None:
    assert assemble_unit(row())["buildings"] == {"total": 0}
    assert assemble_unit(row(buildings=1))["buildings"] == {"total": 1}


def test_a_label_is_told_to_a_centimetre() -> None:
    assert assemble_unit(row(lon=116.12345678, lat=0.0))["label_point"] == [116.1234568, 0.0]
    assert assemble_unit(row())["label_point"] is None


@pytest.mark.parametrize(("lang", "name_en", "told"), [("en", "West", "West"), ("zh", "West", "西区"), ("en", "", "西区")])
def test_the_area_of_an_account_is_named_in_the_reader_s_language(lang: str, name_en: str, told: str) -> None:
    viewer = Viewer(name="li", role="leader", scope="C.T1", figures="C.T1", lang=lang)

    async def ask(statement: object, values: object) -> Any:
        return [{"name": "西区", "name_en": name_en}]

    for explained in (explain_missing_area(ask, "T2", viewer), explain_missing_object(ask, "building", "7", viewer)):
        error = asyncio.run(explained)
        assert error.code == "out_of_scope"
        assert error.facts["scope"] == told
