"""Hostile files, folders and texts in an import: refused in one sentence, and the data stays as it was."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import hostile_inputs as hostile
import psycopg
import pytest
from import_city import CASES, PROFILE, bring, sentences, write_city

from data.importing.common.sentences import ImportRefused

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def held(database: str) -> int:
    with psycopg.connect(database) as connection:
        return sum(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[index]
            for table in ("city", "area", "incident", "building")
        )


def told(profile: Path) -> str:
    """All that an import says which does not land."""
    try:
        return sentences(bring(profile))
    except ImportRefused as refused:
        return "\n".join(sentence.tell("en") for sentence in refused.sentences)


def city(tmp_path: Path, name: str = "cases.csv", cases: str = CASES) -> Path:
    """The small city, some folders deep, with its cases in another file."""
    folder = tmp_path / "in" / "city"
    folder.mkdir(parents=True)
    return write_city(folder, PROFILE.replace('"cases.csv"', f'"{name}"'), cases)


@pytest.mark.parametrize("name, make, said", hostile.FILES.values(), ids=hostile.FILES)
def test_a_hostile_file_is_told_and_not_read(tmp_path: Path, database: str, name: str, make: Callable[[], bytes], said: str) -> None:
    profile = city(tmp_path, name)
    (profile.parent / name).write_bytes(make())
    assert said in told(profile)
    assert held(database) == 0
    assert not list(tmp_path.rglob("*owned*"))
    assert not Path("/etc/owned.csv").exists()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "a/../../../x.csv", "../../*/cases.csv"])
def test_a_profile_cannot_name_files_elsewhere(tmp_path: Path, database: str, name: str) -> None:
    assert f"the file name “{name}” leads out of the folder" in told(city(tmp_path, name))
    assert held(database) == 0


@pytest.mark.parametrize("value", hostile.NUMBERS)
def test_a_coordinate_that_is_none_is_told_by_its_line(tmp_path: Path, database: str, value: str) -> None:
    said = told(city(tmp_path, cases=CASES.replace("2026-10-04 08:00,,10.005", f"2026-10-04 08:00,,{value}")))
    assert "cases.csv, line 3" in said
    assert held(database) == 0


@pytest.mark.parametrize("text", [*hostile.SQL, *hostile.SCRIPTS])
def test_a_text_stays_a_text(tmp_path: Path, database: str, text: str) -> None:
    line = io.StringIO()
    csv.writer(line).writerow([text])
    bring(city(tmp_path, cases=CASES.replace("2,Rubbish", f"2,{line.getvalue().strip()}")))
    with psycopg.connect(database) as connection:
        kept = connection.execute("SELECT name FROM category WHERE name = %s", [text]).fetchall()
        owned = connection.execute("SELECT count(*) FROM area WHERE name = 'owned'").fetchone()
        cases = connection.execute("SELECT count(*) FROM incident").fetchone()
    assert (len(kept), owned, cases) == (1, (0,), (4,))
