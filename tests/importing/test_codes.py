"""Codes of cities and areas: what stands in addresses and file names cannot lead anywhere else."""

from pathlib import Path

import pytest
from import_city import PROFILE, bring, sentences, write_city

from data.core.codes import is_code
from data.importing.common.sentences import ImportRefused

GOOD = ("440305", "a", "井", "dc-1A", "SMD 1A01", "x.y", "Ward #3", "A'b", "甲（1）"[:1], "a" * 64, "K(1)", "A&B")
BAD = (
    "",
    "*",
    "..",
    "../../x",
    "/x",
    "a/b",
    "a\\b",
    "a..b",
    ".x",
    "-x",
    " x",
    "x ",
    "a\nb",
    "a\0b",
    "a*",
    "?",
    "[a]",
    "a" * 65,
    "<b>",
    "a;b",
    '"',
)


@pytest.mark.parametrize("code", GOOD)
def test_a_code(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize("code", BAD)
def test_no_code(code: str) -> None:
    assert not is_code(code)


@pytest.mark.parametrize("code", ["", "*", "../../x", "/etc/x"])
def test_a_profile_with_such_a_code_of_the_city_is_refused(tmp_path: Path, code: str) -> None:
    profile = write_city(tmp_path, PROFILE.replace('code = "T"', f'code = "{code}"'))
    with pytest.raises(ImportRefused) as told:
        bring(profile)
    assert "code" in told.value.sentences[0].tell("en")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("code", ["*", "../../x"])
def test_a_row_with_such_a_code_of_an_area_is_rejected(tmp_path: Path, code: str) -> None:
    profile = write_city(tmp_path)
    districts = profile.parent / "districts.geojson"
    text = districts.read_text(encoding="utf-8")
    assert '"code": "T1"' in text
    districts.write_text(text.replace('"code": "T1"', f'"code": "{code}"'), encoding="utf-8")
    assert f"“{code}” cannot be the code of an area" in sentences(bring(profile))
