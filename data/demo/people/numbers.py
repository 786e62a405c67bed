"""Identity and telephone numbers of people who do not exist: of the right form, with a region and a prefix that no real person has.

They are sealed like real ones. That takes 10 µs a person, so only the first people of a large register, and who reported lately, have any.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from data.demo.common import names
from data.demo.common.columns import Columns, join_texts, pick_texts
from data.demo.common.frame import make_dice
from data.demo.people.register import GIVEN_NAMES, SURNAMES, People
from data.privacy import keyed_hash_all, keyring, mask_id, mask_phone, seal_all
from data.privacy.number_formats import check_digit

MOST_PEOPLE = 100_000
"""So many people of the register have numbers; all of them in the smaller cities."""
REPORTER_DAYS = 30
"""So many days back cases know who reported them."""
REPORTING = ("hotline", "public")
"""Channels through which people give a name and a number."""
_NO_PHONE_BELOW = 12
_KINDS = ("resident_card", "resident_card", "passport")
"""By index into ``RESIDENCES``: people from abroad have a passport."""
_PASSPORT_DIGITS = 8


def seal_people(people: People, first: int) -> Columns:
    """Columns of the register for a portion that begins with the person ``first``."""
    count = len(people.building)
    having = max(0, min(MOST_PEOPLE - first, count))
    some, rng = people.some(slice(0, having)), make_dice(17, first + 1)
    order = rng.integers(0, 500, having) * 2 + (1 - some.female)  # odd for men
    numbers = range(first, first + having)
    born: Any = some.birth_date
    ids = [_identity(*one) for one in zip(some.residence.tolist(), born.tolist(), order.tolist(), numbers, strict=True)]
    old_enough = some.age_days >= _NO_PHONE_BELOW * 365.2425
    phones = [names.make_phone(n) if old else None for n, old in zip(numbers, old_enough.tolist(), strict=True)]
    kinds = pick_texts(list(_KINDS), some.residence)
    return {
        "id_kind": pa.concat_arrays([kinds, pa.nulls(count - having, pa.string())]),
        **_sealed("id", "person.id", ids, count),
        **_sealed("phone", "person.phone", phones, count),
    }


def seal_reporters(first: int, count: int) -> Columns:
    """Names and numbers of so many who reported something; ``first`` is the place of their first case in the city's list."""
    rng = make_dice(18, first + 1)
    surname, given = rng.integers(0, len(SURNAMES), count), rng.integers(0, len(GIVEN_NAMES), count)
    phones = [names.make_phone(n) for n in rng.integers(0, 10**6, count).tolist()]
    return {
        "name": join_texts(pick_texts(SURNAMES, surname), pick_texts(GIVEN_NAMES, given)),
        **_sealed("phone", "reporter.phone", phones, count),
    }


def _identity(residence: int, born: date, order: int, n: int) -> str:
    """A card's number with the demo city's region, date of birth, order and check digit; or a passport's."""
    if _KINDS[residence] == "passport":
        return f"X{n:0{_PASSPORT_DIGITS}d}"
    first = f"{names.CITY_CODE}{born:%Y%m%d}{order:03d}"
    return first + check_digit(first)


def _sealed(field: str, kind: str, texts: Sequence[str | None], count: int) -> Columns:
    """Cipher, hash and mask of a column of texts, as COPY takes them; what is missing at the end stays empty."""
    there = [text for text in texts if text is not None]
    ring = keyring()
    sealed, hashes = iter(seal_all(there, kind, ring)), iter(keyed_hash_all(there, field, ring))
    masked = mask_id if field == "id" else mask_phone
    empty: list[str | None] = [None] * (count - len(texts))

    def hexed(values: Iterator[bytes]) -> pa.Array:
        return pa.array([None if text is None else "\\x" + next(values).hex() for text in texts] + empty, pa.string())

    return {
        f"{field}_cipher": hexed(sealed),
        f"{field}_hash": hexed(hashes),
        f"{field}_shown": pa.array([None if text is None else masked(text) for text in texts] + empty, pa.string()),
    }
