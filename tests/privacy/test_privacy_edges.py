"""Masks at every length, what a seal is bound to, and which of several keys seals and opens."""

from dataclasses import replace

import pytest

from data.core.text import could_be_code, mask_phone, storable
from data.privacy import (
    BadCipher,
    keyed_hash,
    keyed_hash_all,
    mask_id,
    mask_name,
    normalize_id_number,
    normalize_phone,
    seal,
    seal_all,
    unseal,
)
from data.privacy.keys import Keyring
from data.privacy.masking import mask_text
from data.privacy.number_formats import birth_date_of, contains_number, is_resident_card, normalize_resident_card, sex_of
from data.privacy.sealing import key_number

RING = Keyring.generate()
CARD = "11010519491231002X"

# ---- Masks ----


@pytest.mark.parametrize(("name", "shown"), [
    ("", "*"),
    ("张", "张*"),
    ("ab", "a*"),
    ("张明", "张*"),
    ("abc", "a*c"),
    ("张小明", "张*明"),
    ("abcd", "a**d"),
    ("阿依古丽", "阿**丽"),
    ("Anna Lee", "A******e"),
    ("a" * 60, "a" + "*" * 58 + "a"),
])  # fmt: skip
def test_a_name_keeps_its_ends_from_three_characters_on(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(("number", "shown"), [
    ("", "***"),
    ("1", "***1"),
    ("12", "***2"),
    ("1234", "***4"),
    ("12345", "****5"),
    ("123456", "*****6"),
    ("1234567", "1****67"),
    ("E12345678", "E******78"),
    ("1" * 17, "1" + "*" * 14 + "11"),
    ("330102199003074512", "3301" + "*" * 12 + "12"),
    ("1" * 19, "1" + "*" * 16 + "11"),
])  # fmt: skip
def test_a_number_keeps_more_of_a_resident_card_than_of_others(number: str, shown: str) -> None:
    assert mask_id(number) == shown


@pytest.mark.parametrize(("phone", "shown"), [
    (None, None),
    ("", None),
    ("1", "****1"),
    ("1234567890", "****90"),
    ("13812345678", "138****5678"),
    ("008613812345678", "008****5678"),
])  # fmt: skip
def test_a_phone_keeps_more_from_eleven_digits_on(phone: str | None, shown: str | None) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(("value", "shown"), [("abcdefgh", "a******h"), ("abcdefg1", "a*****g1")])
def test_one_digit_makes_a_text_a_number(value: str, shown: str) -> None:
    assert mask_text(value) == shown


# ---- Numbers ----


@pytest.mark.parametrize(("typed", "plain"), [("1" * 40, "1" * 40), ("1" * 41, None), ("a" * 20 + "-" + "b" * 20, "A" * 20 + "B" * 20)])
def test_an_identity_number_has_forty_places_at_most(typed: str, plain: str | None) -> None:
    assert normalize_id_number(typed) == plain


@pytest.mark.parametrize(("typed", "plain"), [
    ("110", "110"),
    ("11", None),
    ("+8613812345678", "13812345678"),
    ("8613812345678", "13812345678"),
    ("861381234567", "861381234567"),  # too short for a mobile number behind the country's code
    ("86138123456789", "86138123456789"),
    ("+4915112345678", "+4915112345678"),
    ("++110", None),
    ("1+10", None),
])  # fmt: skip
def test_only_before_a_mobile_number_is_the_countrys_code_left_out(typed: str, plain: str | None) -> None:
    assert normalize_phone(typed) == plain


@pytest.mark.parametrize(("text", "found"), [
    ("13812345678", True),
    ("12812345678", False),
    ("1381234567", False),
    ("138123456789", False),
    ("19912345678", True),
    (f"x{CARD}", True),
    (f"1{CARD}", False),
    (CARD[:17], False),
    ("110105491231002", True),
    ("110105492231002", False),  # month 22
    ("110105491241002", False),  # day 41
    ("010105491231002", False),
])  # fmt: skip
def test_a_number_in_a_text_has_its_own_length_and_beginning(text: str, found: bool) -> None:
    assert contains_number(text) == found


def test_the_last_place_but_one_tells_men_from_women() -> None:
    assert [sex_of(f"1101051949123100{n}X") for n in "0123456789"] == ["F", "M"] * 5


@pytest.mark.parametrize(
    ("number", "card"), [(CARD, True), (CARD[:-1], False), (CARD + "1", False), ("0" + CARD[1:], False), (CARD.lower(), False)]
)
def test_a_card_has_eighteen_places(number: str, card: bool) -> None:
    assert is_resident_card(number) == card
    assert (normalize_resident_card(number) == number) == card


def test_a_card_tells_its_day_where_there_is_one() -> None:
    assert str(birth_date_of("110105200002290000")) == "2000-02-29" and birth_date_of("110105190002290000") is None


# ---- Texts ----


@pytest.mark.parametrize(("value", "possible"), [
    ("", False),
    ("x", True),
    ("x" * 200, True),
    ("x" * 201, False),
    ("\x00", False),
    ("\x01", True),
    ("\ud7ff", True),
    ("\ud800", False),
    ("\udfff", False),
    ("\ue000", True),
])  # fmt: skip
def test_what_may_be_a_code(value: str, possible: bool) -> None:
    assert could_be_code(value) == possible
    assert storable(value) == (possible or len(value) in (0, 201))


# ---- Seals ----

KINDS = ("person.id", "person.phone", "reporter.phone", "account.totp_secret")


@pytest.mark.parametrize("kind", KINDS)
def test_a_seal_is_bound_to_its_kind(kind: str) -> None:
    for cipher in (seal(CARD, kind, RING), seal_all([CARD], kind, RING)[0]):
        assert unseal(cipher, kind, RING) == CARD
        for other in {*KINDS, "", kind + "s", kind[:-1]} - {kind}:
            with pytest.raises(BadCipher):
                unseal(cipher, other, RING)


def test_many_are_sealed_and_hashed_each_by_itself() -> None:
    texts = ["", CARD, CARD, "张小明"]
    ciphers = seal_all(texts, "person.id", RING)
    assert [unseal(cipher, "person.id", RING) for cipher in ciphers] == texts and len(set(ciphers)) == 4
    assert len({cipher[9:21] for cipher in ciphers}) == 4, "no nonce is used twice"
    assert keyed_hash_all(texts, "id", RING) == [keyed_hash(text, "id", RING) for text in texts]
    assert seal_all([], "person.id", RING) == [] and keyed_hash_all([], "id", RING) == []


def test_each_rotation_adds_one_key_that_seals_from_then_on() -> None:
    second = RING.rotated()
    third = second.rotated()
    numbers = [ring.newest for ring in (RING, second, third)]
    assert sorted(third.keys) == sorted(numbers) and len(set(numbers)) == 3
    assert third.keys[RING.newest] == RING.keys[RING.newest] and len(set(third.keys.values())) == 3 and third.hashing == RING.hashing
    assert [key_number(seal("x", "k", ring)) for ring in (RING, second, third)] == numbers
    assert {key_number(one) for one in seal_all(["x", "y"], "k", third)} == {third.newest}
    assert unseal(seal("x", "k", RING), "k", third) == "x"
    last = third.only_newest()
    assert (last.newest, list(last.keys), last.keys[last.newest]) == (third.newest, [third.newest], third.keys[third.newest])
    for ring in (RING, second):
        with pytest.raises(BadCipher):
            unseal(seal("x", "k", ring), "k", last)


def test_two_installations_never_number_different_keys_alike() -> None:
    numbers = {number for _ in range(100) for number in Keyring.generate().rotated().keys}
    assert len(numbers) == 200 and min(numbers) >= 2**32 and max(numbers) < 2**63


@pytest.mark.parametrize(("number", "form"), [(1, 1), (65_535, 1), (65_536, 2), (2**63 - 1, 2)])
def test_keys_that_were_numbered_one_after_the_other_go_on_working(number: int, form: int) -> None:
    ring = replace(RING, newest=number, keys={number: RING.keys[RING.newest]})
    sealed = seal("x", "k", ring)
    assert sealed[0] == form and key_number(sealed) == number and unseal(sealed, "k", ring.rotated()) == "x"


@pytest.mark.parametrize(("length", "cipher"), [(20, False), (21, True)])
def test_a_seal_is_no_shorter_than_its_head(length: int, cipher: bool) -> None:
    text = seal("x", "k", RING)[:length]
    if cipher:
        assert key_number(text) == RING.newest
    else:
        with pytest.raises(BadCipher):
            key_number(text)
    with pytest.raises(BadCipher):
        unseal(text, "k", RING)
