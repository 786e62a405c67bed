"""Unusable input: the sentence for each kind of error, and that the data stays as it was."""

import argparse
from pathlib import Path
from string import Formatter

import psycopg
import pytest
from import_city import CASES, COMMUNITIES, PROFILE, bring, collection, feature, sentences, square, write_city

from cli.import_ import ENDINGS, run
from data.core.i18n import _catalogue as catalogue
from data.importing.common.sentences import SENTENCES, ImportRefused
from data.importing.profile.profile import load_profile

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def rows(database: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(statement).fetchall()


def one(database: str, statement: str) -> object:
    return rows(database, statement)[0][0]


MESS = {
    "date": ("2026-10-02 08:00,2026", "soon,2026", "cases.csv, line 3, column “reported”: “soon” is not a date."),
    "future": (
        "2026-10-02 08:00,2026",
        "2031-10-02 08:00,2026",
        "cases.csv, line 3, column “reported”: 2031-10-02T08:00:00+08:00 lies after",
    ),
    "number": ("10.005,50.005", "east,50.005", "cases.csv, line 3, columns “lon, lat”: “east, 50.005” is not a coordinate."),
    "null": ("10.005,50.005", ",", "cases.csv, line 3: there are no coordinates."),
    "zero": ("10.005,50.005", "0,0", "cases.csv, line 3: the coordinates are 0, 0."),
    "far": ("10.005,50.005", "11.005,50.005", "cases.csv, line 3: (11.005000, 50.005000) lies 70.6 km from the nearest area"),
    "impossible": ("10.005,50.005", "1000.5,50.005", "cases.csv, line 3: (1000.5, 50.005) are not degrees of longitude and latitude."),
    "swapped row": (
        "10.005,50.005",
        "50.005,10.005",
        "cases.csv, line 3: (50.005000, 10.005000) lies in the city only when longitude and latitude are swapped.",
    ),
    "duplicate": ("\n2,Rub", "\n1,Rub", "cases.csv, line 3, column “id”: the key “1” occurred before (cases.csv:2)."),
    "status": ("2,Rubbish,open", "2,Rubbish,sleeping", "cases.csv, line 3, column “status”: no stage lists “sleeping”."),
    "no key": ("\n2,Rub", "\n,Rub", "cases.csv, line 3: column “id” is empty, but needed."),
    "closed early": (
        "2026-10-02 08:00,10.005",
        "2026-09-02 08:00,10.005",
        "cases.csv, line 2: closed (2026-09-02T08:00:00+08:00) before it was reported.",
    ),
    "closed never": ("2026-10-02 08:00,10.005", ",10.005", "cases.csv, line 2: the case is closed, but has no closing date."),
    "swapped all": ("lon,lat", "lat,lon", "4 of 4 rows lie in the city only when longitude and latitude are swapped. Set swap = true."),
    "column": ("reported,due", "reportd,due", "cases.csv has no column “reported”; the nearest one is “reportd”."),
    "header only": (CASES.split("\n", 1)[1], "", "cases.csv is empty: it holds no rows."),
}


@pytest.mark.parametrize("kind", MESS)
def test_each_mess_gives_its_sentence_and_leaves_the_data_alone(database: str, tmp_path: Path, kind: str) -> None:
    old, new, told = MESS[kind]
    assert old in CASES
    bring(write_city(tmp_path))
    before = rows(database, "SELECT data_version FROM city"), rows(database, "SELECT * FROM incident ORDER BY id")
    outcome = bring(write_city(tmp_path, cases=CASES.replace(old, new, 1)))
    assert outcome.outcome == "failed"
    assert told in sentences(outcome)
    assert (rows(database, "SELECT data_version FROM city"), rows(database, "SELECT * FROM incident ORDER BY id")) == before
    assert one(database, "SELECT outcome FROM import_run ORDER BY id DESC LIMIT 1") == "failed"


AREA_MESS = {
    "parent": ({"district": "T9"}, "communities.geojson, line 4: there is no area with the code “T9” to stand under."),
    "twice": ({"code": "T2001"}, "communities.geojson, line 4: the area code “T2001” occurs twice (first as community)."),
    "no name": ({"name": None}, "communities.geojson, line 4: column “name” is empty, but needed."),
}


@pytest.mark.parametrize("kind", AREA_MESS)
def test_areas_that_do_not_fit_stop_the_import(database: str, tmp_path: Path, kind: str) -> None:
    path = write_city(tmp_path)
    change, told = AREA_MESS[kind]
    last = feature(COMMUNITIES[3]["geometry"], **{**COMMUNITIES[3]["properties"], **change})
    (tmp_path / "communities.geojson").write_text(collection([*COMMUNITIES[:3], last]), encoding="utf-8")
    outcome = bring(path)
    assert outcome.outcome == "failed"
    assert told in sentences(outcome)
    assert one(database, "SELECT count(*)::int FROM area") == 0


def test_bad_shapes_are_repaired_or_rejected(database: str, tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[10.001, 50.001], [10.002, 50.002], [10.002, 50.001], [10.001, 50.002], [10.001, 50.001]]]}
    loose = {"type": "Polygon", "coordinates": [[[10.003, 50.003], [10.004, 50.003], [10.004, 50.004], [10.003, 50.004]]]}
    flat = {"type": "Polygon", "coordinates": [[[10.005, 50.005], [10.006, 50.005], [10.005, 50.005], [10.005, 50.005]]]}
    two = {"type": "Polygon", "coordinates": [[[10.001, 50.001], [10.002, 50.002]]]}
    shapes = [bow, loose, flat, None, two, {"type": "Point", "coordinates": [10.001, 50.001]}, square(10.006, 50.006, 10.007, 50.007)]
    profile = PROFILE + '\n[[buildings]]\nfile = "houses.geojson"\nmax_rejected = 4\ncolumns = { height = "h" }\n'
    path = write_city(tmp_path, profile)
    (tmp_path / "houses.geojson").write_text(collection([feature(s, h="1,200.5" if i else None) for i, s in enumerate(shapes)]))
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    assert [r.reason for r in outcome.ledger.rejects] == [
        "empty_geometry",
        "hopeless_geometry",
        "hopeless_geometry",
        "wrong_geometry",
    ]
    assert rows(database, "SELECT height_m, height_origin FROM building ORDER BY source_key") == [
        (None, "none"),
        (1200.5, "published"),
        (1200.5, "published"),
    ]
    assert {k: n for (s, k), n in outcome.ledger.repairs.items() if s.startswith("buildings")} == {"made_valid": 1, "ring_closed": 1}


def test_a_wrong_encoding_names_line_and_column(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    (tmp_path / "cases.csv").write_bytes(CASES.replace("3,Lamp", "3,路灯").encode("gb18030"))
    told = sentences(bring(path))
    assert 'cases.csv, line 4, column 5: the text is not utf-8. Declare `encoding`; encoding = "gb18030" can read it.' in told


def test_missing_files_and_folders(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    (tmp_path / "cases.csv").unlink()
    (tmp_path / "districts.geojson").write_bytes(b"")
    assert f"incidents-cases: no file matches “cases.csv” in {tmp_path}." in sentences(bring(path))
    assert "There is no folder" in sentences(bring(path, tmp_path / "nowhere"))
    (tmp_path / "cases.csv").write_text(CASES)
    assert "districts.geojson is empty: it holds no rows." in sentences(bring(path))


PROFILE_MESS = {
    "unknown key": (
        PROFILE.replace("target_area_m2", "target_area"),
        "“target_area” is not a key of cells; the nearest one is “target_area_m2”.",
    ),
    "unknown column key": (
        PROFILE.replace("due_at =", "due ="),
        "“due” is not a key of [[incidents]] no. 1, columns; the nearest one is “due_at”.",
    ),
    "missing": (PROFILE.replace('timezone = "Asia/Shanghai"\n', ""), "city needs the key “timezone”."),
    "time zone": (PROFILE.replace("Asia/Shanghai", "Asia/Beijing"), "“timezone” in city cannot be used: “Asia/Beijing” is not a time zone"),
    "syntax": (PROFILE.replace("[cells]", "[cells"), "is not valid TOML"),
    "template": (PROFILE.replace('"code", name = "name", parent', '"{code|shout}", name = "name", parent'), "“shout” is not a filter"),
}


@pytest.mark.parametrize("kind", PROFILE_MESS)
def test_a_wrong_profile_is_refused_with_the_nearest_word(tmp_path: Path, kind: str) -> None:
    profile, told = PROFILE_MESS[kind]
    with pytest.raises(ImportRefused) as refused:
        load_profile(write_city(tmp_path, profile))
    assert told in "\n".join(s.tell("en") for s in refused.value.sentences)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_is_told_in_both_languages(lang: str) -> None:
    told = catalogue(lang)
    assert [text for text in [*SENTENCES.values(), *ENDINGS.values()] if text not in told] == []
    if lang == "zh":
        assert [
            text
            for text in SENTENCES.values()
            if {f for _, f, _, _ in Formatter().parse(text)} != {f for _, f, _, _ in Formatter().parse(told[text])}
        ] == []


def test_a_database_that_refuses_is_told_in_a_sentence(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("DROP TABLE incident_daily")
    ordered = argparse.Namespace(profile=str(write_city(tmp_path)), folder=None, dry_run=False, again=False, max_rejected=None, lang="en")
    assert run(ordered) == 2
    assert 'The database stopped the import: relation "incident_daily" does not exist' in "".join(capsys.readouterr())
    assert one(database, "SELECT count(*) FROM area") == 0


def test_a_profile_of_ours_needs_to_be_told_where_the_files_are(capsys: pytest.CaptureFixture[str]) -> None:
    given = argparse.Namespace(profile="shenzhen", folder=None, dry_run=False, again=False, max_rejected=None, lang="en")
    assert run(given) == 2
    assert capsys.readouterr().out.startswith("Say where the files are: ./gridwell import shenzhen FOLDER\n")
