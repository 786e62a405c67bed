"""Files of cities that the import was not written for: unusual headers, archives, codes and values."""

import zipfile
from pathlib import Path

import psycopg
import pytest
from import_city import CASES, PROFILE, bring, sentences, write_city

from data.importing.common.sentences import ImportRefused

pytestmark = pytest.mark.slow

HEAD = CASES.splitlines()[0]


def stored(database: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(statement).fetchall()


def test_dates_of_one_column_may_be_written_in_several_ways(database: str, tmp_path: Path) -> None:
    written = ["2026年3月5日 14:30", "2026/3/5", "2026-3-5 14:30", "2026-03-05T14:30", "2026年3月5日14时30分", "2026.3.5"]
    lines = [f"{i},Lamp,open,{date},,,10.005,50.015" for i, date in enumerate(written)]
    outcome = bring(write_city(tmp_path, cases="\n".join([HEAD, *lines])))
    assert outcome.outcome == "loaded", sentences(outcome)
    statement = "SELECT to_char(reported_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') FROM incident ORDER BY source_key"
    assert [row[0] for row in stored(database, statement)] == [f"03-05 {'00:00' if i in (1, 5) else '14:30'}" for i in range(6)]


def test_whether_day_or_month_comes_first_is_asked_of_every_row(database: str, tmp_path: Path) -> None:
    lines = [f"{i},Lamp,open,03/04/2026 10:00,,,10.005,50.015" for i in range(2_100)]
    undecided = bring(write_city(tmp_path, cases="\n".join([HEAD, *lines])))
    assert "can be read day first or month first" in sentences(undecided)
    outcome = bring(write_city(tmp_path, cases="\n".join([HEAD, *lines, "last,Lamp,open,30/04/2026,,,10.005,50.015"])))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert stored(database, "SELECT DISTINCT extract(month FROM reported_at)::int FROM incident") == [(4,)]


def test_decimal_commas_of_a_whole_file(database: str, tmp_path: Path) -> None:
    cases = CASES.replace(",", ";").replace("10.0", "10,0").replace("50.0", "50,0")
    told = sentences(bring(write_city(tmp_path, cases=cases)))
    assert "cases.csv, line 2, columns “lon, lat”: “10,005, 50,015” is not a coordinate." in told
    outcome = bring(write_city(tmp_path, PROFILE.replace('file = "cases.csv"', 'file = "cases.csv"\ndecimal = ","'), cases))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert stored(database, "SELECT round(ST_X(geom)::numeric, 3)::text FROM incident WHERE source_key = '3'") == [("10.015",)]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("word", "hint"), [("Straßenbeleuchtung", "cp1252"), ("道路照明", "gb18030")])
def test_the_encoding_that_is_named_suits_the_script(tmp_path: Path, word: str, hint: str) -> None:
    path = write_city(tmp_path)
    (tmp_path / "cases.csv").write_bytes(CASES.replace("Lamp", word).encode(hint))
    assert f'encoding = "{hint}" can read it' in sentences(bring(path))


def test_a_closing_in_the_hour_that_comes_twice_is_not_before_its_report(database: str, tmp_path: Path) -> None:
    cases = f"{HEAD}\n1,Lamp,closed,2026-10-25 02:50,,2026-10-25 02:10,10.005,50.015\n"
    outcome = bring(write_city(tmp_path, PROFILE.replace("Asia/Shanghai", "Europe/Berlin"), cases))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert stored(database, "SELECT closed_at - reported_at = '20 min' FROM incident") == [(True,)]


@pytest.mark.usefixtures("database")
def test_people_given_twice_for_one_area_are_told_with_their_column(tmp_path: Path) -> None:
    more = '\n[[population]]\nfile = "people.csv"\nas_of = 2026-01-01\ncolumns = { area = "unit", total = "people" }\n'
    path = write_city(tmp_path, PROFILE + more)
    (tmp_path / "people.csv").write_text("unit,people\nT1001,10\nT1001,12\n")
    assert "people.csv, line 3, column “unit”: the key “T1001” occurred before (people.csv:2)." in sentences(bring(path))


def rubbish(folder: Path, kind: str) -> None:
    """Replace a file of the city, or the name the profile gives it, by something that cannot be read."""
    profile = folder / "city.toml"
    given = profile.read_text(encoding="utf-8")
    old, new, content = RUBBISH[kind]
    profile.write_text(given.replace(f'file = "{old}"', f"file = {new}"), encoding="utf-8")
    if content is not None:
        (folder / new.strip('"')).write_bytes(content)


ODD = b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":[1],"geometry":null}]}'
RUBBISH: dict[str, tuple[str, str, bytes | None]] = {
    "xlsx": ("cases.csv", '"cases.xlsx"', b"PK but no workbook"),
    "zip": ("districts.geojson", '"d.zip"', b"PK but no archive"),
    "gz": ("districts.geojson", '"d.gpkg.gz"', b"not packed"),
    "gpkg": ("districts.geojson", '"d.gpkg"', b"not a database"),
    "name": ("cases.csv", f'"{"x" * 5000}.csv"', None),
    "delimiter": ("cases.csv", '"cases.csv"\ndelimiter = ";;"', None),
    "nul": ("cases.csv", '"a\\u0000b.csv"', None),
    "properties": ("districts.geojson", '"districts.geojson"', ODD),
}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_gives_a_sentence(tmp_path: Path, kind: str) -> None:
    path = write_city(tmp_path)
    rubbish(tmp_path, kind)
    try:
        told = sentences(bring(path))
    except ImportRefused as refused:
        told = "\n".join(sentence.tell("en") for sentence in refused.sentences)
    assert any(
        words in told
        for words in ("cannot be read", "in none of the formats", "no file matches", "one character", "NUL", "has no column", "is none")
    )
    assert "It might help" not in told
    assert str(tmp_path) not in told.replace(f"in {tmp_path}", "")


def test_a_zip_file_of_several_files_is_not_guessed_from(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path, PROFILE.replace('"districts.geojson"', '"all.zip"'))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("districts.geojson", "communities.geojson"):
            archive.write(tmp_path / name, name)
    assert "all.zip holds several files: districts.geojson, communities.geojson." in sentences(bring(path))
    assert stored(database, "SELECT count(*)::int FROM area") == [(0,)]


def test_what_the_database_cannot_keep_of_a_rejected_value_is_left_out(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path, cases=CASES.replace("2026-10-02 08:00", "so\0on")))
    assert stored(database, "SELECT DISTINCT value FROM reject") == [("soon",)]


@pytest.mark.usefixtures("database")
def test_a_profile_may_begin_with_a_byte_order_mark_and_may_not_be_a_folder(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert bring(path).outcome == "loaded"
    with pytest.raises(ImportRefused) as refused:
        bring(tmp_path)
    assert "cannot be read" in refused.value.sentences[0].tell("en")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("as_of", ["", "as_of = 2020-10-31"])
def test_old_cases_without_a_moment_are_remarked_on(tmp_path: Path, as_of: str) -> None:
    outcome = bring(write_city(tmp_path, PROFILE.replace("as_of = 2026-10-31", as_of), CASES.replace("2026-", "2020-")))
    told = [sentence.tell("en") for _, sentence in outcome.ledger.remarks]
    assert any("Set as_of = 2020-10-30 in [city]." in sentence for sentence in told) is (not as_of)
