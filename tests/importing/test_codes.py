"""Codes of cities and areas: what stands in addresses and file names cannot lead anywhere else."""

from pathlib import Path

import psycopg
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


def test_cells_are_not_called_what_communities_are_called(database: str, tmp_path: Path) -> None:
    """Communities of a code table, without polygons: their codes are those of their district and a number, as the cells' would be."""
    areas = PROFILE[PROFILE.index('[[areas]]\nlevel = "community"') : PROFILE.index("[[incidents]]")]
    table = '[[areas]]\nlevel = "community"\nfile = "table.csv"\ncolumns = { code = "code", name = "name", parent = "district" }\n\n'
    path = write_city(tmp_path, PROFILE.replace(areas, table))
    (tmp_path / "table.csv").write_text("code,name,district\nT1001,北,T1\nT1002,南,T1\n", encoding="utf-8")
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    with psycopg.connect(database) as connection:
        codes = connection.execute("SELECT parent, min(code) FROM area WHERE level = 'grid' GROUP BY 1 ORDER BY 1").fetchall()
    assert codes == [("T1", "T1-001"), ("T2", "T2001")]
    path.write_text(path.read_text("utf-8").replace("[cells]", '[cells]\ncode = "{parent}{number|pad3}"'), encoding="utf-8")
    assert "The cell code “T1001” is taken already" in sentences(bring(path))
