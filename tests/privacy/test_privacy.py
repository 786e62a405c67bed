"""Masks, seals and keyed hashes of personal data, and the file of their keys."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.core.settings import settings
from data.privacy import BadCipher, keyed_hash, keyring, normalize_id_number, normalize_phone, seal, unseal
from data.privacy import keys as key_file
from data.privacy.keys import Keyring, KeysExposed, KeysUnreadable
from data.privacy.masking import mask_text
from data.privacy.number_formats import (
    birth_date_of,
    check_digit,
    contains_number,
    is_resident_card,
    normalize_resident_card,
    sex_of,
    strip_invisible,
)
from data.privacy.sealing import key_number

CARD = "11010519491231002X"
"""The example of GB 11643."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A key file of this test alone."""
    monkeypatch.setenv("GRIDWELL_KEY_FILE", str(tmp_path / "vault" / "keys"))
    settings.cache_clear()
    yield tmp_path / "vault" / "keys"
    key_file._read.cache_clear()
    monkeypatch.undo()
    settings.cache_clear()


# ---- One way of writing ----


@pytest.mark.parametrize("typed", [CARD, "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X"])
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normalize_id_number(typed) == CARD


@pytest.mark.parametrize(
    "typed", ["13812345678", "138-1234-5678", "+86 138 1234 5678", "0086 13812345678", "8613812345678", "１３８12345678"]
)
def test_a_phone_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normalize_phone(typed) == "13812345678"


@pytest.mark.parametrize("typed", ["", "张小明", "12", "138'; DROP", "1" * 41, "１３八"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert normalize_phone(typed) is None


def test_the_last_place_of_a_card_is_checked() -> None:
    assert is_resident_card(CARD) and check_digit(CARD[:17]) == "X"
    assert not is_resident_card("110105194912310021") and not is_resident_card("E12345678")


# ---- Seals ----

RING = Keyring.generate()
OTHER = Keyring.generate()


@given(st.text(max_size=40))
def test_what_is_sealed_is_opened_again(text: str) -> None:
    assert unseal(seal(text, "person.id", RING), "person.id", RING) == text


def test_the_same_text_never_looks_the_same() -> None:
    assert seal(CARD, "person.id", RING) != seal(CARD, "person.id", RING)
    assert CARD.encode() not in seal(CARD, "person.id", RING)


@given(st.integers(0, 48), st.integers(1, 255))
def test_a_changed_seal_is_not_opened(place: int, flip: int) -> None:
    cipher = bytearray(seal(CARD, "person.id", RING))
    cipher[place] ^= flip
    with pytest.raises(BadCipher):
        unseal(bytes(cipher), "person.id", RING)


@pytest.mark.parametrize("cipher", [b"", b"\x01", b"\x01\x00\x01", b"\x02" + b"0" * 50, CARD.encode()])
def test_what_is_no_seal_is_not_opened(cipher: bytes) -> None:
    with pytest.raises(BadCipher):
        unseal(cipher, "person.id", RING)


def test_a_seal_serves_for_its_own_kind_and_key_only() -> None:
    cipher = seal(CARD, "person.id", RING)
    for kind, ring in (("person.phone", RING), ("person.id", OTHER)):
        with pytest.raises(BadCipher):
            unseal(cipher, kind, ring)


def test_after_a_rotation_old_seals_are_opened_and_new_ones_are_made_with_the_new_key() -> None:
    ring = RING.rotated()
    assert unseal(seal(CARD, "person.id", RING), "person.id", ring) == CARD
    cipher = seal(CARD, "person.id", ring)
    assert unseal(cipher, "person.id", ring.only_newest()) == CARD
    with pytest.raises(BadCipher):
        unseal(cipher, "person.id", RING)


def test_hashes_find_and_tell_nothing() -> None:
    assert keyed_hash(CARD, "id", RING) == keyed_hash(CARD, "id", RING.rotated())
    assert len({keyed_hash(CARD, "id", RING), keyed_hash(CARD, "phone", RING), keyed_hash(CARD, "id", OTHER)}) == 3


def test_keys_do_not_show_in_a_traceback() -> None:
    assert RING.hashing.hex() not in repr(RING) and repr(RING.keys[RING.newest]) not in repr(RING)


# ---- The file ----


def test_the_file_is_made_once_for_its_owner_alone(file: Path) -> None:
    first = Keyring.generate()
    key_file.write_keyring(file, first, new=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keyring() == first
    assert [one.name for one in file.parent.iterdir()] == ["keys"]


def test_of_two_first_starts_one_wins(file: Path) -> None:
    mine = Keyring.generate()
    key_file.write_keyring(file, mine, new=True)
    key_file.write_keyring(file, Keyring.generate(), new=True)
    assert keyring() == mine


def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    key_file.write_keyring(file, RING)
    file.chmod(0o640)
    with pytest.raises(KeysExposed):
        keyring()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"newest": 2, "keys": {}, "hash": ""}', '{"newest": 1, "keys": {"1": "AAAA"}, "hash": "AAAA"}']
)
def test_a_damaged_file_is_told_and_not_replaced(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.touch(0o600)
    file.write_text(text)
    with pytest.raises(KeysUnreadable):
        keyring()
    assert file.read_text() == text


def test_a_key_that_came_since_is_read_by_itself(file: Path) -> None:
    ring = RING
    key_file.write_keyring(file, ring)
    cipher = seal(CARD, "person.id", ring.rotated())
    with pytest.raises(BadCipher):
        unseal(cipher, "person.id")
    newer = ring.rotated()
    key_file.write_keyring(file, newer)
    assert unseal(seal(CARD, "person.id", newer), "person.id") == CARD
    assert json.loads(file.read_text())["newest"] == newer.newest
    assert key_number(seal(CARD, "person.id")) == newer.newest, "a process that goes on running seals with the newer key"


# ---- Resident cards ----


def test_an_old_card_is_the_one_of_today() -> None:
    old = CARD[:6] + CARD[8:17]
    assert normalize_resident_card(CARD) == CARD and normalize_resident_card(old) == CARD
    assert (str(birth_date_of(CARD)), sex_of(CARD)) == ("1949-12-31", "F")


@pytest.mark.parametrize("number", ["", "E12345678", "110105491331002", "110105490231002", "110105194913310021", CARD[:-1] + "1", "١" * 18])
def test_what_is_no_card_is_none(number: str) -> None:
    assert normalize_resident_card(number) is None


@pytest.mark.parametrize(
    "text", [CARD, f"户主{CARD.lower()}", CARD[:6] + CARD[8:17], "张三138 1234-5678", "１３８12345678", "\u202d13812345678"]
)
def test_a_text_that_tells_a_number_is_known(text: str) -> None:
    assert contains_number(text)


@pytest.mark.parametrize("text", ["", "张小明", "H-000123", "T1001001", "330106001001", "2026-10-31 08:00", "12345678901234567890123"])
def test_other_texts_tell_none(text: str) -> None:
    assert not contains_number(text)


def test_what_nobody_sees_is_left_out() -> None:
    assert strip_invisible("\u202d张\u200f小\x00明\u3000 ａ") == "张小明 a"


@pytest.mark.parametrize(("text", "shown"), [("张小明", "张*明"), ("1990-03-07", "1*******07"), (CARD, "1101************2X"), ("", "*")])
def test_any_text_can_be_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown
