"""The register: masked lists, search by whole names and numbers, and one record in full, each with its row in the audit log."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from databases import FreshDatabase
from table_locks import until

from callbacks import people as asked
from data.accounts.model import TOTP_KIND
from data.core.errors import NotOpen
from data.core.settings import settings
from data.core.viewer import Viewer, everything
from data.people import register
from data.people.register import NobodySought, PurposeNeeded, TooManyRevealed, TooManySearched, UnknownPerson
from data.privacy import BadCipher, keyring, seal, unseal
from data.privacy.key_checks import check_keys
from data.privacy.key_rotation import list_unreadable, rotate_keys
from data.privacy.keys import key_file
from data.privacy.sealed_columns import SEALED_COLUMNS
from data.schema import metadata

pytestmark = pytest.mark.slow

WHY = "走访核实"


@pytest.fixture(scope="module")
def filled(fresh_database: FreshDatabase, demo_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small demo city, of which nothing is known outside this file; with keys of its own, for here they are changed."""
    own = tmp_path_factory.mktemp("keys") / "keys"
    shutil.copy2(key_file(), own)
    with pytest.MonkeyPatch.context() as patch, fresh_database(template=demo_template) as url:
        patch.setenv("GRIDWELL_KEY_FILE", str(own))
        settings.cache_clear()
        yield url
    settings.cache_clear()


@pytest.fixture
def owner(filled: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(filled, autocommit=True) as connection:
        yield connection


@pytest.fixture
def steward(request: pytest.FixtureRequest) -> Viewer:
    """Who may see all, under a name of this test: how much one account reveals is counted."""
    return replace(everything(), name=request.node.name, role="steward", address="127.0.0.1")


def somebody(owner: psycopg.Connection[Any], where: str = "true") -> dict[str, Any]:
    with owner.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        found = cursor.execute(
            f"""
            SELECT p.*, b.source_id || ':' || b.source_key AS building FROM person p JOIN building b ON b.id = p.building_id
            WHERE p.phone_cipher IS NOT NULL AND p.id_kind = 'resident_card' AND {where} ORDER BY p.id LIMIT 1
            """
        ).fetchone()
    assert found
    return {**found, "key": f"{found['district']}:{found['id']}"}


def noted(owner: psycopg.Connection[Any], account: str) -> list[tuple[Any, ...]]:
    statement = "SELECT action, subject, person, purpose, detail FROM audit_log WHERE account = %s ORDER BY no"
    return owner.execute(statement, [account]).fetchall()


def within(steward: Viewer, path: str) -> Viewer:
    return replace(steward, scope=path, figures=path, scope_code=path.rpartition(".")[2])


# ---- Lists ----


async def test_a_list_is_masked_and_written_down(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one = somebody(owner)
    found = await register.people_of_building(one["building"], steward)
    shown = next(person for person in found.people if person.key == one["key"])
    assert (shown.name, shown.id_number, shown.phone) == (one["name_shown"], one["id_shown"], one["phone_shown"])
    secrets = (one["name"], unseal(one["id_cipher"], "person.id"), unseal(one["phone_cipher"], "person.phone"), str(one["birth_date"]))
    assert not [secret for secret in secrets if secret in repr(found)]
    assert noted(owner, steward.name) == [("list_people", f"building {one['building']}", None, None, {})]


async def test_a_list_of_a_cell_holds_those_who_live_there(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    cell, n = owner.execute("SELECT grid, count(*) FROM person GROUP BY grid HAVING count(*) < 100 ORDER BY 2 DESC LIMIT 1").fetchone() or (
        "",
        0,
    )
    assert len((await register.people_of_cell(cell, steward)).people) == n
    large, _ = owner.execute("SELECT grid, count(*) FROM person GROUP BY grid ORDER BY 2 DESC LIMIT 1").fetchone() or ("", 0)
    found = await register.people_of_cell(large, steward)
    assert found.more and len(found.people) == 100


@pytest.mark.parametrize("key", ["", "x", "1:", "99999999999:B1", "1:'; DROP TABLE person", "1:\x00"])
async def test_what_is_no_building_holds_nobody(filled: str, steward: Viewer, key: str) -> None:
    assert (await register.people_of_building(key, steward)).people == ()


# ---- Search ----


async def test_people_are_found_by_whole_name_number_or_phone(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one = somebody(owner)
    number, phone = unseal(one["id_cipher"], "person.id"), unseal(one["phone_cipher"], "person.phone")
    for text in (one["name"], number, number.lower(), f"{phone[:3]} {phone[3:7]}-{phone[7:]}", f"+86{phone}"):
        assert one["key"] in {person.key for person in (await register.find_people(text, steward)).people}
    assert (await register.find_people(one["name"][:-1] + "囗", steward)).people == ()
    told = noted(owner, steward.name)
    assert [row[1] for row in told] == ["name", "id", "id", "phone", "phone", "name"]
    assert not [secret for secret in (one["name"], number, phone) if secret in repr(told)]
    assert told[0][4]["wanted"] == one["name_shown"]


@pytest.mark.parametrize("text", ["", " ", "张", "x" * 61, "a\x00b", "\ud800\ud800"])
async def test_what_is_neither_name_nor_number_is_refused(filled: str, steward: Viewer, text: str) -> None:
    with pytest.raises(NobodySought):
        await register.find_people(text, steward)


async def test_nobody_is_found_outside_the_scope(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one = somebody(owner)
    other = somebody(owner, f"p.district <> '{one['district']}'")
    here = within(steward, str(one["path"]).split(".")[0] + "." + str(one["path"]).split(".")[1])
    assert (await register.find_people(unseal(other["id_cipher"], "person.id"), here)).people == ()
    assert (await register.people_of_building(other["building"], here)).people == ()
    assert (await register.find_people(unseal(one["id_cipher"], "person.id"), here)).people[0].key == one["key"]
    with pytest.raises(UnknownPerson):
        await register.reveal_person(other["key"], WHY, here)
    assert (await register.reveal_person(one["key"], WHY, here)).name == one["name"]


# ---- One record ----


async def test_a_record_is_revealed_with_its_purpose_written_down(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one = somebody(owner)
    found = await register.reveal_person(one["key"], f"  {WHY}\n ", steward)
    assert (found.name, found.birth_date) == (one["name"], one["birth_date"])
    assert (found.id_number or "")[6:14] == f"{one['birth_date']:%Y%m%d}" and (found.phone or "").startswith("19901")
    person = f"{one['source_id']}:{one['source_key']}"
    assert noted(owner, steward.name) == [("reveal_person", f"person {one['district']}/{one['id']}", person, WHY, {})]


UNSEEN = ["\u200b\u200b", "\u202ereversed", "why\u2066", "..", "x\u00ad", "why\ud800"]
"""Purposes of which an auditor would read nothing, or something else."""


@pytest.mark.parametrize("purpose", ["", " ", "x", "\n\t", "y" * 201, "why\x00", *UNSEEN])
async def test_without_a_purpose_nothing_is_revealed(owner: psycopg.Connection[Any], steward: Viewer, purpose: str) -> None:
    with pytest.raises(PurposeNeeded):
        await register.reveal_person(somebody(owner)["key"], purpose, steward)
    assert noted(owner, steward.name) == []


async def test_one_account_reveals_so_many_within_an_hour(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one = somebody(owner)
    owner.execute("UPDATE rate_limit SET most = 2 WHERE name = 'reveals_per_hour'")
    try:
        for _ in range(2):
            await register.reveal_person(one["key"], WHY, steward)
        with pytest.raises(TooManyRevealed):
            await register.reveal_person(one["key"], WHY, steward)
    finally:
        owner.execute("UPDATE rate_limit SET most = 30 WHERE name = 'reveals_per_hour'")
    assert len(noted(owner, steward.name)) == 2


async def test_a_masked_number_cannot_be_tried_out(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    owner.execute("UPDATE rate_limit SET most = 2 WHERE name = 'searches_per_hour'")
    try:
        for n in range(2):
            assert (await register.find_people(f"1990100{n:04}", steward)).people is not None
        with pytest.raises(TooManySearched):
            await register.find_people("19901000002", steward)
    finally:
        owner.execute("UPDATE rate_limit SET most = 120 WHERE name = 'searches_per_hour'")
    assert len(noted(owner, steward.name)) == 2


@pytest.mark.parametrize("key", ["", ":", "990101", "990101:", "990101:x", "990101:-1", f"990101:{2**63}", "990101:0", "\x00:1"])
async def test_what_is_no_record_is_told_so(filled: str, steward: Viewer, key: str) -> None:
    with pytest.raises(UnknownPerson):
        await register.reveal_person(key, WHY, steward)


@pytest.mark.parametrize("detail", ["figures", "cases"])
async def test_who_has_less_detail_sees_nothing_of_it(owner: psycopg.Connection[Any], steward: Viewer, detail: Any) -> None:
    less, one = replace(steward, detail=detail), somebody(owner)
    for work in (
        register.people_of_building(one["building"], less),
        register.people_of_cell(str(one["grid"]), less),
        register.find_people(one["name"], less),
        register.reveal_person(one["key"], WHY, less),
    ):
        with pytest.raises(NotOpen):
            await work
    assert noted(owner, steward.name) == []


@pytest.mark.parametrize(
    ("role", "detail", "able"), [("leader", "cases", True), ("dispatcher", "cases", True), ("leader", "figures", False)]
)
async def test_who_works_with_cases_may_call_heads(
    owner: psycopg.Connection[Any], steward: Viewer, role: str, detail: Any, able: bool
) -> None:
    (phone,) = owner.execute("SELECT head_phone FROM area WHERE code = '990100'").fetchone() or ("",)
    viewer = replace(steward, role=role, detail=detail)
    if able:
        assert (await register.reveal_head("990100", WHY, viewer)).phone == phone
        assert noted(owner, steward.name)[0][0] == "reveal_head"
    else:
        with pytest.raises(NotOpen):
            await register.reveal_head("990100", WHY, viewer)


async def test_heads_and_reporters_are_revealed_too(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    name, phone = owner.execute("SELECT head_name, head_phone FROM area WHERE code = '990100'").fetchone() or ("", "")
    head = await register.reveal_head("990100", WHY, steward)
    assert (head.name, head.phone) == (name, phone)
    row = owner.execute("SELECT district, incident_id, name, phone_shown FROM incident_reporter LIMIT 1").fetchone()
    assert row
    reporter = await register.reveal_reporter(f"{row[0]}:{row[1]}", WHY, steward)
    assert reporter.name == row[2] and (reporter.phone or "")[-4:] == row[3][-4:]
    assert [(told[0], told[2]) for told in noted(owner, steward.name)] == [
        ("reveal_head", "head:990100"),
        ("reveal_reporter", f"reporter:{row[0]}/{row[1]}"),
    ]


# ---- On the page ----


async def test_the_drawer_answers_in_words(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one = somebody(owner)
    listed = repr(await asked.answer_question({"do": "list", "of": "building", "key": one["building"]}, steward))
    assert one["name_shown"] in listed and "data-people" in listed and one["name"] not in listed
    revealed = repr(await asked.answer_question({"do": "reveal", "of": "person", "key": one["key"], "purpose": WHY}, steward))
    assert one["name"] in revealed and "审计日志" in revealed
    assert "用途" in repr(await asked.answer_question({"do": "reveal", "of": "person", "key": one["key"]}, steward))
    assert await asked.answer_question({"do": "close"}, steward) == []


@pytest.mark.parametrize(
    "question", [{}, {"do": "drop"}, {"do": "list", "of": "city"}, {"do": 7}, {"do": "reveal", "of": ["person"], "key": None}]
)
async def test_other_questions_are_refused(filled: str, steward: Viewer, question: dict[str, Any]) -> None:
    assert "class" in repr(await asked.answer_question(question, steward)) and "未显示" in repr(
        await asked.answer_question(question, steward)
    )


# ---- Keys ----


def test_every_column_of_ciphers_is_sealed_again() -> None:
    ciphers = {(table.name, column.name) for table in metadata.tables.values() for column in table.c if column.name.endswith("_cipher")}
    assert {*ciphers, ("account", "totp_secret")} == {(one.table, one.column) for one in SEALED_COLUMNS}
    assert next(one.kind for one in SEALED_COLUMNS if one.table == "account") == TOTP_KIND


def test_a_new_key_seals_everything_again(owner: psycopg.Connection[Any], steward: Viewer) -> None:
    one, ring = somebody(owner), keyring()
    number = unseal(one["id_cipher"], "person.id")
    told = dict[str, int]()
    broken_off, other = (key_file().with_name(f"{key_file().name}.{end}") for end in ("0123456789abcdef", "before-20261129t000000"))
    for file in (broken_off, other):
        file.write_bytes(key_file().read_bytes())
    newer = rotate_keys(owner, told.__setitem__, drop_old=True)
    assert other.exists() and not broken_off.exists()
    other.unlink()
    assert list(newer.keys) == [newer.newest] != [ring.newest] and told["person.id_cipher"] > 1000
    again = somebody(owner)
    assert again["id_cipher"] != one["id_cipher"] and unseal(again["id_cipher"], "person.id") == number
    with pytest.raises(BadCipher):
        unseal(one["id_cipher"], "person.id")
    assert list(list_unreadable(owner)) == []
    assert owner.execute("SELECT detail FROM audit_log WHERE action = 'keys_rotated'").fetchone() == ({"newest": str(newer.newest)},)
    check_keys(owner)


def test_what_is_under_way_with_the_old_key_is_not_lost(owner: psycopg.Connection[Any], filled: str) -> None:
    one, old = somebody(owner), keyring()
    owner.commit()
    told: list[str] = []
    rotating = threading.Thread(target=_rotate_dropping, args=(filled, told))
    with psycopg.connect(filled) as other:
        other.execute("SELECT 1")  # the old key is in the hands of this transaction
        rotating.start()
        until(lambda: len(told) == len(SEALED_COLUMNS), "everything is sealed anew")
        rotating.join(1)
        assert rotating.is_alive() and old.newest in keyring().keys, "the old key is kept while an import may still use it"
        late = seal("330106200001011234", "person.id", old)
        other.execute("UPDATE person SET id_cipher = %s WHERE district = %s AND id = %s", [late, one["district"], one["id"]])
    rotating.join(180)
    assert not rotating.is_alive() and old.newest not in keyring().keys and len(keyring().keys) == 1
    assert unseal(somebody(owner)["id_cipher"], "person.id") == "330106200001011234" and list(list_unreadable(owner)) == []


def _rotate_dropping(url: str, told: list[str]) -> None:
    with psycopg.connect(url) as connection:
        rotate_keys(connection, lambda column, n: told.append(column), drop_old=True)


def test_two_rotations_at_once_wait_for_each_other_and_end(owner: psycopg.Connection[Any], filled: str) -> None:
    """The first one waits for all open transactions: the second must not wait inside of one."""
    owner.commit()
    told: list[str] = []
    with psycopg.connect(filled) as other:
        other.execute("SELECT 1")  # keeps the first one until the second waits, too
        both = [threading.Thread(target=_rotate_dropping, args=(filled, told), daemon=True) for _ in range(2)]
        both[0].start()
        until(lambda: len(told) == len(SEALED_COLUMNS), "the first one has everything sealed anew")
        both[1].start()
        both[1].join(1)
        assert all(one.is_alive() for one in both)
    for one in both:
        one.join(180)
    assert not any(one.is_alive() for one in both) and len(keyring().keys) == 1
    assert list(list_unreadable(owner)) == []


def test_a_lost_key_is_told(owner: psycopg.Connection[Any]) -> None:
    owner.execute("UPDATE person SET phone_cipher = '\\x01ffff' || substr(phone_cipher, 10) WHERE id = (SELECT min(id) FROM person)")
    assert list(list_unreadable(owner)) == ["person.phone_cipher: 65535"]
