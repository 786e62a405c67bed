"""A profile of somebody else, and texts that act where they are shown: told in one sentence, without an exception."""

import io
import os
import time
from pathlib import Path

import numpy as np
import openpyxl
import psycopg
import pytest
import shapely
from import_city import CASES, PROFILE, bring, sentences, write_city
from import_rows import building_source, make_batch, rejected, repaired

from cli import _terminal
from data.core.nearest import find_nearest_word
from data.core.settings import settings
from data.importing.common.sentences import FileProblem, ImportRefused
from data.importing.files.file_patterns import find_files, open_parts
from data.importing.profile.profile import load_profile
from data.importing.rows import rejects
from data.importing.rows.geometry import settle_geometry
from data.importing.rows.tangles import is_tangled


def told(profile: Path) -> str:
    """All that an import says which does not land."""
    try:
        return sentences(bring(profile))
    except ImportRefused as refused:
        return "\n".join(sentence.tell("en") for sentence in refused.sentences)


# -- which files a profile reaches -----------------------------------------------------------------------------------------


def test_what_lies_beside_the_folder_is_not_reached(tmp_path: Path) -> None:
    """Beside the folder there may be another city, a home, or all of the disk."""
    for name in ("mine/a.csv", "other/b.csv", "keys.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a\n1\n")
    patterns = [
        "other/b.csv",
        "keys.csv",
        "*.csv",
        "*/b.csv",
        "**/*.csv",
        "mine/../keys.csv",
        str(tmp_path / "keys.csv"),
        "mine/*/../../*.csv",
    ]
    found, empty = find_files(tmp_path / "mine", patterns)
    assert [told for _, told in found] == ["a.csv"]
    assert empty == [p for p in patterns if p not in ("*.csv", "**/*.csv")]
    around, _ = find_files(tmp_path, ["mine/a.csv"])
    inside, _ = find_files(tmp_path / "mine", ["mine/a.csv"])
    assert around == inside == [(tmp_path / "mine/a.csv", "mine/a.csv")]


@pytest.mark.parametrize(
    "pattern", ["**/" * 40 + "*.csv", "*/" * 40 + "*.csv", "a**b", "**", "[", "***/x", "", ".", "/", "a\0b", "x" * 5_000]
)
def test_no_pattern_takes_for_ever_or_raises(tmp_path: Path, pattern: str) -> None:
    folder = tmp_path
    for _ in range(12):
        folder = folder / "d"
        folder.mkdir()
        (folder / "x.csv").write_text("a\n")
        (folder / "one").symlink_to(tmp_path)
        (folder / "two").symlink_to(tmp_path)
    began = time.process_time()
    found, _ = find_files(tmp_path, [pattern])
    assert len(found) in (0, 12)
    assert time.process_time() - began < 30


def test_the_state_folder_and_the_keys_are_not_read_under_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.importing.files import file_patterns

    home, elsewhere = tmp_path / ".gridwell", tmp_path / "elsewhere"
    home.mkdir()
    (home / "log.csv").write_text("a\n1\n")
    elsewhere.write_text("key")
    os.link(elsewhere, tmp_path / "linked.csv")
    given = settings().model_copy(update={"home": home, "key_file": elsewhere})
    monkeypatch.setattr(file_patterns, "settings", lambda: given)
    (tmp_path / "own.csv").write_text("a\n1\n")
    for name in (".gridwell/log.csv", "linked.csv"):
        with pytest.raises(FileProblem) as problem, open_parts(tmp_path, tmp_path / name, name):
            pass
        assert "a file of Gridwell itself" in problem.value.told.tell("en")
    inputs = home / "bench" / "x.csv"
    inputs.parent.mkdir()
    inputs.write_text("a\n1\n")
    for folder, path in ((tmp_path, tmp_path / "own.csv"), (inputs.parent, inputs)):
        with open_parts(folder, path, path.name) as parts:
            assert [name for name, _ in parts] == [path.name]
    os.link(elsewhere, inputs.parent / "linked.csv")
    with pytest.raises(FileProblem), open_parts(inputs.parent, inputs.parent / "linked.csv", "linked.csv"):
        pass


BROKEN = {
    "no file": ('file = "cases.csv"', "file = []", "needs the key “file”"),
    "a part of the date twice": ('reported_at = "reported"', 'reported_at = { column = "reported", date_format = "%d%d" }', "twice"),
    "no part of a date": ('reported_at = "reported"', 'reported_at = { column = "reported", date_format = "%Q" }', "bad directive"),
    "a date twice for all": ('file = "cases.csv"', 'file = "cases.csv"\ndate_format = "%Y %Y"', "twice"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_profile_that_raised_is_told(tmp_path: Path, kind: str) -> None:
    before, after, said = BROKEN[kind]
    with pytest.raises(ImportRefused) as refused:
        load_profile(write_city(tmp_path, PROFILE.replace(before, after)))
    assert said in refused.value.sentences[0].tell("en")


# -- texts that act --------------------------------------------------------------------------------------------------------

ACTING = "\x1b]0;owned\x07\x9b2J\u202e\u2066x\nLoaded in 1.0 s (run 7).\x00"


def test_the_terminal_gets_nothing_that_it_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    _terminal.say(f"a {ACTING}")
    _terminal.complain(f"a {ACTING}")
    out, err = capsys.readouterr()
    for shown in (out, err):
        assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066\x00")


def _workbook(name: str) -> bytes:
    made = io.BytesIO()
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([name, "b"])
    book.active.append([1, 2])
    book.save(made)
    return made.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", f'"{ACTING}",b\n1,2\n'.encode()),
        ("x.csv", CASES.replace("2026-10-01 08:00", f'"{ACTING}"').encode()),
        ("x.csv", CASES.replace("10.005,50.015", f'"{ACTING}",50').encode()),
        ("x.xlsx", _workbook("_xD800_half")),
        ("x\x1b[2J\n.csv", b"a,b\n1,2\n"),
    ],
)
def test_texts_of_files_act_neither_at_the_terminal_nor_in_the_report(tmp_path: Path, database: str, name: str, content: bytes) -> None:
    profile = write_city(tmp_path, PROFILE.replace('"cases.csv"', '"x*"'))
    (tmp_path / name).write_bytes(content)
    outcome = bring(profile)
    assert outcome.outcome == "failed"
    for line in sentences(outcome).split("\n"):
        assert not set(line) & set("\x1b\x07\x9b\u202e\u2066\x00")
        assert not line.startswith("Loaded")
    with psycopg.connect(database) as connection:
        ((kept, report),) = connection.execute("SELECT outcome, report::text FROM import_run").fetchall()
    assert kept == "failed"
    assert "\\u001b" not in report


SYSTEMS = {
    "a projection without its parameters": 'PROJCRS["p",BASEGEOGCRS["a",DATUM["b",ELLIPSOID["c",6378137,298.257]]],'
    'CONVERSION["x",METHOD["PROJ pipeline step"]],CS[Cartesian,2],AXIS["e",east],AXIS["n",north],UNIT["m",1]]',
}


@pytest.mark.slow
@pytest.mark.parametrize("crs", SYSTEMS.values(), ids=SYSTEMS)
def test_a_system_that_proj_cannot_use_is_told(tmp_path: Path, database: str, crs: str) -> None:
    profile = write_city(tmp_path, PROFILE.replace('file = "cases.csv"', f"file = \"cases.csv\"\ncrs = '{crs}'"))
    assert "is not a coordinate system that is known here" in told(profile)


@pytest.mark.slow
def test_a_key_of_a_source_is_no_markup(tmp_path: Path, database: str) -> None:
    from data.importing.run import Order, import_city

    profile = write_city(tmp_path, PROFILE.replace("[[incidents]]", '[[incidents]]\nkey = "[/bold][link=x]\\u001b[2J"'))
    outcome = import_city(Order(load_profile(profile), profile.name, tmp_path, show_progress=True))
    assert outcome.outcome == "loaded"


# -- work without end ------------------------------------------------------------------------------------------------------


def _star(points: int) -> shapely.Polygon:
    """Each line crosses nearly each other: GEOS needs minutes for a hundred, hours for a thousand."""
    turn = np.arange(points) * (points // 2) % points * 2 * np.pi / points
    return shapely.Polygon(np.column_stack([10 + np.cos(turn), 50 + np.sin(turn)]))


def test_an_outline_that_crosses_itself_without_end_is_rejected() -> None:
    bow = shapely.Polygon([(10, 50), (11, 51), (11, 50), (10, 51)])
    around = shapely.Point(10, 50).buffer(1, quad_segs=3_000)
    many = shapely.MultiPolygon([shapely.box(x, 0, x + 0.5, 1) for x in range(2_000)])
    assert [is_tangled(shape) for shape in (bow, around, many, _star(31), _star(301), shapely.MultiPolygon([around, _star(301)]))] == [
        *(False, False, False, False, True, True)
    ]
    batch = make_batch({"a": ["x", "y"]}, building_source(), shapes=[_star(301), bow])
    settle_geometry(batch, "footprint")
    assert rejected(batch) == {2: "tangled_geometry"}
    assert repaired(batch) == {"made_valid": 1}


def test_rejected_rows_without_end_stop_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejects, "MOST_REJECTS", 2)
    batch = make_batch({"a": ["x", "y", "z"]})
    batch.reject(0, "no_value")
    batch.reject(1, "no_value")
    with pytest.raises(ImportRefused) as refused:
        batch.reject(2, "no_value")
    assert "more than 2 rows cannot be used" in refused.value.sentences[0].tell("en")


def test_the_nearest_of_words_without_end_is_found_by_their_beginnings() -> None:
    assert find_nearest_word("reported" * 100_000, ["report" + "x" * 20_000_000, "y" * 20_000_000]).startswith("reportx")
