"""Importing the register: people are located, checked, sealed and counted, and no report or reject reveals a number."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from databases import FreshDatabase
from import_city import COMMUNITIES, PROFILE, bring, collection, feature, sentences, square
from import_people import BUILDINGS, PEOPLE, card, dbf, everything_stored, faults, house, old_card, with_x, write_register

from data.core.settings import settings
from data.core.viewer import Viewer, everything
from data.importing.profile.headings import HEADINGS, write_template
from data.importing.profile.profile import load_profile
from data.importing.run import Outcome
from data.people import register
from data.privacy import keyed_hash, unseal

pytestmark = pytest.mark.slow

ZHANG, LI, WU, CHEN = card("19900307", 11), card("19850102", 12), old_card("19520601", 13), with_x()
PHONE, OTHER_PHONE = "13812345678", "13912345678"
ROWS = (
    f"1,张小明,男,1990-03-07,身份证,{ZHANG},{PHONE},户籍,H1,b1,,,,",
    f"2,李华,,,,{LI},138 1234 5679,流动人口,H1,柳荫路2号,,,,2099-01-01",
    "3,王五,男,1970/1/2,护照,E12345678,不详,境外,,,T1001001,,,",
    "4,赵六,女,2020年1月2日,,,,,H3,没有的楼,,10.015,50.015,",
    f"5,吴老,男,1952.06.01,居民身份证,{WU},,户籍,H4,b3,,,,",
    f"{ZHANG},张\u200f小明,1,19900307,,\u202d{ZHANG}\u202c,,户籍,{PHONE},b3,,,,",
    f"7,陈静,女,,,{CHEN.lower()},+86 {OTHER_PHONE},户籍,H7,b3,,,,".replace("女", "男" if int(CHEN[16]) % 2 else "女"),
    "8,孙全,,,身份证," + "".join(chr(ord(c) + 0xFEE0) for c in card("20010203", 15)) + ",,户籍,H8,b3,,,,",
)
SECRETS = (ZHANG, LI, WU, CHEN, CHEN.lower(), card("19520601", 13), card("20010203", 15), PHONE, "13812345679", OTHER_PHONE, "E12345678")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("register")


@pytest.fixture(scope="module")
def loaded(folder: Path, fresh_database: FreshDatabase) -> Iterator[tuple[str, Outcome]]:
    """A register of eight, in a city that had nothing before."""
    with fresh_database() as url:
        yield url, bring(write_register(folder, *ROWS))


@pytest.fixture
def url(loaded: tuple[str, Outcome]) -> str:
    return loaded[0]


def asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_people_stand_where_the_file_says(url: str, loaded: tuple[str, Outcome]) -> None:
    assert loaded[1].outcome == "loaded", sentences(loaded[1])
    found = asked(
        url,
        """
        SELECT p.source_key, p.name, p.sex, p.birth_date::text, p.residence, p.id_kind, p.id_shown, p.phone_shown, b.source_key,
            left(p.grid, 5)
        FROM person p LEFT JOIN building b ON b.id = p.building_id WHERE p.source_key !~ '#' ORDER BY 1
        """,
    )
    assert found[:4] == [
        ("1", "张小明", "M", "1990-03-07", "registered", "resident_card", f"3301************{ZHANG[-2:]}", "138****5678", "b1", "T1001"),
        ("2", "李华", "F", "1985-01-02", "floating", "resident_card", f"3301************{LI[-2:]}", "138****5679", "b2", "T1002"),
        ("3", "王五", "M", "1970-01-02", "overseas", "passport", "E******78", None, None, "T1001"),
        ("4", "赵六", "F", "2020-01-02", "registered", None, None, None, None, "T2001"),
    ]
    assert {row[0]: row[3] for row in found}["8"] == "2001-02-03"


def test_numbers_are_sealed_in_one_form_and_found_by_their_hash(url: str) -> None:
    rows = asked(url, "SELECT source_key, id_cipher, id_hash, phone_cipher, phone_hash FROM person WHERE source_key IN ('5', '7')")
    found = {row[0]: row[1:] for row in rows}
    whole = card("19520601", 13)
    assert unseal(found["5"][0], "person.id") == whole and found["5"][1] == keyed_hash(whole, "id")
    assert unseal(found["7"][0], "person.id") == CHEN and unseal(found["7"][2], "person.phone") == OTHER_PHONE
    assert found["7"][3] == keyed_hash(OTHER_PHONE, "phone")
    assert register.parse_search(WU).hash == keyed_hash(whole, "id")


def test_a_key_that_is_a_number_is_kept_as_a_hash(url: str) -> None:
    assert [len(row[0]) for row in asked(url, "SELECT source_key FROM person WHERE source_key ~ '^#'")] == [41]
    assert [len(row[0]) for row in asked(url, "SELECT household FROM person WHERE household ~ '^#'")] == [41]


def test_nothing_that_is_kept_tells_a_number(url: str) -> None:
    kept = everything_stored(url, settings().home)
    assert "张小明" in kept and [secret for secret in SECRETS if secret in kept] == []


def test_figures_follow_and_the_doctor_finds_nothing(url: str) -> None:
    assert faults(url) == []
    figures = "population, male + female, ages ->> '35-39', population_method, population_as_of::text"
    assert asked(url, f"SELECT {figures} FROM area_figure WHERE area = 'T'") == [(8, 8, "3", "register", "2026-10-31")]
    assert asked(url, "SELECT shown_population, people_hidden FROM area_figure WHERE area = 'T1'") == [(None, True)]
    assert asked(url, "SELECT source_key, residents FROM building ORDER BY 1") == [("b1", 1), ("b2", 1), ("b3", 4)]


def test_the_audit_log_says_that_the_register_changed_and_not_by_how_many(url: str) -> None:
    (detail,) = asked(url, "SELECT detail FROM audit_log WHERE action = 'import' ORDER BY no LIMIT 1")[0]
    assert detail == {"run": 1, "outcome": "loaded", "rejected": 0, "register": "changed"}


def test_one_number_under_two_keys_is_told_with_its_lines(loaded: tuple[str, Outcome]) -> None:
    remarks = [told.tell("en") for _, told in loaded[1].ledger.remarks]
    assert "people-register: identity numbers that stand under more than one key: 1, in lines 2 = 7. Nothing was merged." in remarks
    assert any('id_number = "证件号码"' in remark and 'building = "建筑物编号"' in remark for remark in remarks)
    repairs = {reason: n for (_, reason), n in loaded[1].ledger.repairs.items()}
    assert (repairs["phone_left_out"], repairs["key_sealed"]) == (1, 2)


async def test_who_sees_another_street_sees_none_of_them(url: str) -> None:
    path = asked(url, "SELECT path::text, grid FROM person WHERE source_key = '1'")[0]
    steward = replace(everything(), name="steward", role="steward", address="127.0.0.1")

    def within(scope: str) -> Viewer:
        return replace(steward, scope=scope, figures=scope, scope_code=scope.rpartition(".")[2])

    assert len((await register.people_of_cell(path[1], within("T.T1"))).people) == 1
    assert len((await register.find_people(ZHANG, within("T.T1.T1001"))).people) == 1
    assert (await register.people_of_cell(path[1], within("T.T2"))).people == ()
    assert (await register.find_people(LI, within("T.T2"))).people == ()


def test_the_same_again_changes_nothing_and_a_changed_row_is_changed(url: str, folder: Path) -> None:
    before = asked(url, "SELECT id, source_key, id_cipher FROM person ORDER BY 1")
    assert bring(folder / "city.toml", again=True).outcome == "unchanged"
    assert asked(url, "SELECT id, source_key, id_cipher FROM person ORDER BY 1") == before
    moved = ROWS[0].replace("b1", "b3")
    outcome = bring(write_register(folder, moved, *ROWS[2:]))
    assert outcome.report["changes"]["person"] == {"inserted": 0, "updated": 1, "deleted": 0}
    assert faults(url) == [] and len(asked(url, "SELECT FROM person")) == 8  # who is not in the files stays, unless they are complete
    bring(write_register(folder, moved, *ROWS[2:], profile=PROFILE + BUILDINGS + PEOPLE + "complete = true\n"))
    assert faults(url) == [] and len(asked(url, "SELECT FROM person")) == 7
    assert asked(url, "SELECT source_key, residents FROM building ORDER BY 1") == [("b1", 0), ("b2", 0), ("b3", 5)]
    assert asked(url, "SELECT population FROM area_figure WHERE area = 'T1002'") == [(0,)]


HOSTILE = {
    # what is wrong with a row, and the row
    "bad_name": ("a", '"=HYPERLINK(""http://x"")",男,1990-03-07,,,,户籍,,b1,,,,'),
    "bad_name/phone": ("b", f"张三{PHONE},男,1990-03-07,,,,户籍,,b1,,,,"),
    "no_value/blank": ("c", "\u202e\u200f,男,1990-03-07,,,,户籍,,b1,,,,"),
    "bad_id_number": ("d", f"李四,男,1990-03-07,身份证,{ZHANG[:-1]}{'0' if ZHANG[-1] != '0' else '1'},,户籍,,b1,,,,"),
    "bad_id_number/rounded": ("e", f"李四,男,1990-03-07,,{ZHANG[:15]}000,,户籍,,b1,,,,"),
    "bad_id_number/old": ("f", "李四,男,1990-03-07,,330106901307011,,户籍,,b1,,,,"),
    "id_contradicts": ("g", f"李四,女,1990-03-07,,{ZHANG},,户籍,,b1,,,,"),
    "id_contradicts/birth": ("h", f"李四,男,1991-03-07,,{ZHANG},,户籍,,b1,,,,"),
    "impossible_birth": ("i", "李四,男,1800-01-01,,,,户籍,,b1,,,,"),
    "future_date": ("j", "李四,男,2031-01-01,,,,户籍,,b1,,,,"),
    "unknown_sex": ("k", "李四,x,1990-03-07,,,,户籍,,b1,,,,"),
    "unknown_id_kind": ("l", "李四,男,1990-03-07,月票,E7654321,,户籍,,b1,,,,"),
    "unknown_residence": ("m", "李四,男,1990-03-07,,,,农业,,b1,,,,"),
    "no_value": ("n", "李四,,1990-03-07,,,,户籍,,b1,,,,"),
    "no_home": ("o", "李四,男,1990-03-07,,,,户籍,,b9,T1001,,,"),
    "outside": ("p", "李四,男,1990-03-07,,,,户籍,,,,11.5,50.01,"),
    "bad_date": ("q", f"李四,男,{ZHANG},,,,户籍,,b1,,,,"),
    "retention_over": ("r", "李四,男,1990-03-07,,,,户籍,,b1,,,,2020-01-01"),
    "duplicate_key": ("good", "李四,男,1990-03-07,,,,户籍,,b1,,,,"),
}


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is sent, with its values."""
    sent: list[str] = []
    run = psycopg.Cursor.execute

    def spy(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        sent.append(f"{query!r} {params!r}")
        return run(self, query, params, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", spy)
    return sent


def test_hostile_rows_are_told_by_line_and_never_in_plain(tmp_path: Path, database: str, spied: list[str]) -> None:
    good = f"good,钱\x00一,男,1990-03-07,,{ZHANG.lower()},{PHONE},户籍,,b1,,,,"
    path = write_register(tmp_path, good, *(f"{key},{row}" for key, row in HOSTILE.values()))
    refused = bring(path)
    assert refused.outcome == "failed" and len(refused.unforgiven) == len(HOSTILE) - 1  # a last day that is over stops nothing
    assert len(asked(database, "SELECT FROM person")) == 0
    outcome = bring(path, max_rejected="100")
    assert outcome.outcome == "loaded" and asked(database, "SELECT name FROM person") == [("钱一",)]
    expected = {n: reason.partition("/")[0] for n, reason in enumerate(HOSTILE, start=3)}
    assert outcome.rejects_file is not None
    with outcome.rejects_file.open(encoding="utf-8-sig", newline="") as handle:
        kept = list(csv.DictReader(handle))
    assert {int(row["line"]): row["reason"] for row in kept} == expected
    said = "\n".join(
        [everything_stored(database, settings().home), *spied, sentences(refused), sentences(refused, "zh"), str(outcome.report)]
    )
    secrets = (*SECRETS, ZHANG[:-1], ZHANG[:15], "330106901307011", "E7654321", "HYPERLINK", "1991-03-07", "李四")
    assert [secret for secret in secrets if secret in said] == []
    assert faults(database) == []


def test_a_workbook_whose_cells_are_formulas(tmp_path: Path, database: str) -> None:
    path = write_register(tmp_path, profile=PROFILE + BUILDINGS + '[[people]]\nfile = "r.xlsx"\nallow = ["no_value", "bad_name"]\n')
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["id", "name", "id_number", "building"])
    sheet.append([1, "=1+1", ZHANG, "b1"])
    sheet.append([2, "李华", LI, "b1"])
    sheet.append([3, "@SUM(A1)", ZHANG, "b1"])
    sheet.cell(4, 2).data_type = "s"
    book.save(tmp_path / "r.xlsx")
    assert "column “name” holds formulas whose results are not stored (the first at B2)" in sentences(bring(path))
    sheet.cell(2, 2).value = None
    book.save(tmp_path / "r.xlsx")
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    assert {(r.line, r.reason) for r in outcome.ledger.rejects} == {(2, "no_value"), (4, "bad_name")}
    assert asked(database, "SELECT source_key, name, sex FROM person") == [("2", "李华", "F")]


@pytest.mark.parametrize(("policy", "kept"), [("card", ("M", "1990-03-07")), ("columns", ("F", "1991-03-07"))])
def test_a_contradiction_may_be_settled(tmp_path: Path, database: str, policy: str, kept: tuple[str, str]) -> None:
    row = f"1,李四,女,1991-03-07,,{ZHANG},,户籍,,b1,,,,"
    outcome = bring(write_register(tmp_path, row, profile=PROFILE + BUILDINGS + PEOPLE + f'contradiction = "{policy}"\n'))
    assert outcome.ledger.repairs["people-register", "contradiction_settled"] == 2
    assert asked(database, "SELECT sex, birth_date::text FROM person") == [kept]


def test_a_file_without_headings_is_refused_without_telling_its_first_row(tmp_path: Path, database: str) -> None:
    told = sentences(bring(write_register(tmp_path, ROWS[1], headings=ROWS[0])))
    assert "has no column “姓名”" in told and ZHANG not in told and PHONE not in told and "张小明" not in told


# ---- Moving along ----


def where(url: str) -> dict[str, tuple[Any, ...]]:
    rows = asked(url, "SELECT p.source_key, p.grid, p.district, b.source_key FROM person p LEFT JOIN building b ON b.id = p.building_id")
    return {row[0]: row[1:] for row in rows}


def test_people_move_along_with_buildings_and_areas(tmp_path: Path, database: str) -> None:
    rows = [ROWS[0], ROWS[2], ROWS[4], ROWS[3]]
    path = write_register(tmp_path, *rows)
    assert bring(path).outcome == "loaded"
    # The register itself is not given again: b1 moves to the other district, b3 is pulled down.
    path.write_text(PROFILE + BUILDINGS, encoding="utf-8")
    before = where(database)
    (tmp_path / "buildings.geojson").write_text(collection([house("b1", 10.018, 50.002), house("b2")]), encoding="utf-8")
    outcome = bring(path)
    after = where(database)
    assert outcome.report["changes"]["person"] == {"inserted": 0, "updated": 2, "deleted": 0}
    assert after["1"][0].startswith("T2002") and after["1"][1:] == ("T2", "b1")
    assert after["5"] == (*before["5"][:2], None) and (after["3"], after["4"]) == (before["3"], before["4"])
    assert faults(database) == []
    # Other cells: who lives in a building follows it, the others go to the cell that lies where theirs was.
    path.write_text((PROFILE + BUILDINGS).replace("200_000", "90_000").replace("[cells]", '[cells]\ncode = "{parent}-{number|pad3}"'))
    assert bring(path).outcome == "loaded"
    assert all(grid[5] == "-" and grid[:5] == after[key][0][:5] for key, (grid, _, _) in where(database).items())
    assert len(where(database)) == 4 and faults(database) == []


def test_districts_that_change_take_their_people_along(tmp_path: Path, database: str) -> None:
    path = write_register(tmp_path, *ROWS[:5])
    assert bring(path).outcome == "loaded"
    one = [feature(square(10.00, 50.0, 10.02, 50.02), code="T9", name="新区")]
    (tmp_path / "districts.geojson").write_text(collection(one), encoding="utf-8")
    renamed = [{**area, "properties": {**area["properties"], "district": "T9"}} for area in COMMUNITIES]
    (tmp_path / "communities.geojson").write_text(collection(renamed), encoding="utf-8")
    outcome = bring(path)
    assert outcome.outcome == "loaded" and outcome.report["changes"]["person"] == {"inserted": 0, "updated": 5, "deleted": 0}
    assert {row[1] for row in where(database).values()} == {"T9"} and faults(database) == []
    assert asked(database, "SELECT population FROM area_figure WHERE area IN ('T', 'T9')") == [(5,), (5,)]


def test_the_template_is_a_profile_with_every_field(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    path.write_text(PROFILE + write_template(), encoding="utf-8")
    (source,) = load_profile(path).people
    assert (
        {field for field in HEADINGS if getattr(source.columns, field) is not None}
        == set(HEADINGS)
        == set(type(source.columns).model_fields)
    )


def test_a_table_of_a_database_program(tmp_path: Path, database: str) -> None:
    names = ("人员编号", "姓名", "证件号码", "联系电话", "住址")
    values = ("1", "张小明", ZHANG, PHONE, "柳荫路1号")
    path = write_register(tmp_path, profile=PROFILE + BUILDINGS + '[[people]]\nfile = "r.dbf"\nencoding = "gbk"\n')
    (tmp_path / "r.dbf").write_bytes(dbf(names, values))
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    assert asked(database, "SELECT name, birth_date::text, phone_shown FROM person") == [("张小明", "1990-03-07", "138****5678")]


def test_a_file_of_which_no_row_is_kept_brings_nobody(tmp_path: Path, database: str) -> None:
    kept = '[people.keep]\n"户籍类型" = ["境外"]\n'
    outcome = bring(write_register(tmp_path, ROWS[0], ROWS[4], profile=PROFILE + BUILDINGS + PEOPLE + kept))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert asked(database, "SELECT count(*) FROM person") == [(0,)] and faults(database) == []
