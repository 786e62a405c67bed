"""Identities of the people in a file: names, identity numbers, sexes and dates of birth, checked against the resident card's number.

Every row is looked at by itself: what is wrong with it is a sentence about its line, and nothing of it leaves here unmasked.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.importing.profile.model import PeopleColumns, PeopleSource
from data.importing.profile.vocabulary import ID_KIND_WORDS, NO_SEX, RESIDENCE_WORDS, SEX_WORDS
from data.importing.rows.batch import Batch
from data.privacy import normalize_id_number
from data.privacy.number_formats import birth_date_of, contains_number, normalize_resident_card, sex_of, strip_invisible

CARD = "resident_card"
LONGEST_NAME = 60
_OLDEST = 130
"""The greatest possible age, in years."""
_FORMULA = tuple("=+-@|")
_DIGITS = 5
"""A name with so many digits is none."""
_CARD_LENGTHS = (15, 18)
_SHORTEST = 4
"""Of numbers of documents."""


def _lookup(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {word.casefold(): name for name, known in words.items() for word in (name, *known)}


_SEXES, _KINDS, _RESIDENCES = _lookup(SEX_WORDS), _lookup(ID_KIND_WORDS), _lookup(RESIDENCE_WORDS)


@dataclass
class Person:
    """What one row says of somebody; numbers in their normal form, never in a repr."""

    name: str = ""
    sex: str | None = None
    birth: dt.date | None = None
    kind: str | None = None
    number: str | None = None
    residence: str = ""

    def __repr__(self) -> str:
        return "Person"


class Checker:
    """Checks the rows of one batch, whose fields were read before."""

    def __init__(self, batch: Batch, source: PeopleSource, columns: PeopleColumns, moment: dt.datetime) -> None:
        self._batch, self._source, self._columns = batch, source, columns
        self._today = moment.astimezone(batch.zone).date()
        self._fields = {name: batch.list_values(name) for name in ("name", "sex", "birth_date", "id_kind", "id_number", "residence")}

    def people(self) -> list[Person | None]:
        """Every row that can be used; the others are rejected."""
        made: list[Person | None] = [None] * len(self._batch)
        for row in self._batch.list_living():
            person = self._person(row)
            if self._batch.alive[row]:
                made[row] = person
        return made

    def _person(self, row: int) -> Person:
        person = Person(birth=self._fields["birth_date"][row])
        for step in (self._name, self._word, self._number, self._by_card, self._born):
            step(row, person)
            if not self._batch.alive[row]:
                break
        return person

    def _reject(self, row: int, reason: str, field: str, value: object = None) -> None:
        spec = getattr(self._columns, field)
        self._batch.reject(row, reason, spec.describe() if spec else field, value)

    def _name(self, row: int, person: Person) -> None:
        given = self._fields["name"][row]
        person.name = strip_invisible(given)
        digits = sum(c.isdigit() for c in person.name)
        known = any(c.isalpha() for c in person.name) and not person.name.startswith(_FORMULA)
        if not known or digits >= _DIGITS or len(person.name) > LONGEST_NAME:
            self._reject(row, "bad_name", "name", given)

    def _word(self, row: int, person: Person) -> None:
        """Sex, kind of document and residence, as words that are known."""
        for field, known, reason in (
            ("sex", _SEXES, "unknown_sex"),
            ("id_kind", _KINDS, "unknown_id_kind"),
            ("residence", _RESIDENCES, "unknown_residence"),
        ):
            given = self._fields[field][row]
            word = None if given is None else strip_invisible(given).casefold()
            found = known.get(word) if word else None
            if word and found is None and not (field == "sex" and word in NO_SEX):
                self._reject(row, reason, field, given)
            if field == "sex":
                person.sex = found
            elif field == "id_kind":
                person.kind = found
            else:
                person.residence = found or self._source.residence

    def _number(self, row: int, person: Person) -> None:
        given = self._fields["id_number"][row]
        if given is None:
            person.kind = None
            return
        number = normalize_id_number(strip_invisible(given))
        card = normalize_resident_card(number) if number else None
        looks_like = number is not None and number[:-1].isdigit() and len(number) in _CARD_LENGTHS
        wants_card = person.kind == CARD or (person.kind is None and looks_like)
        if number is None or (wants_card and card is None) or len(number) < _SHORTEST or not any(c.isdigit() for c in number):
            self._refuse_number(row, given, person)
            return
        person.kind = person.kind or (CARD if card else "other")
        person.number = card if wants_card else number

    def _refuse_number(self, row: int, given: object, person: Person) -> None:
        spec = self._columns.id_number
        person.kind = None
        if spec is not None and spec.bad == "null":
            self._batch.repair("number_left_out")
        else:
            self._reject(row, "bad_id_number", "id_number", given)

    def _by_card(self, row: int, person: Person) -> None:
        """Take missing values of a row from the number of the resident card. Where both have a value, they must agree."""
        card = person.number if person.kind == CARD else None
        if card is None:
            return
        says: dict[str, str | dt.date | None] = {"sex": sex_of(card), "birth": birth_date_of(card)}
        for name, field in (("sex", "sex"), ("birth", "birth_date")):
            own = getattr(person, name)
            if own is None:
                self._batch.repair("by_card")
            elif own == says[name]:
                continue
            elif self._source.contradiction == "reject":
                self._reject(row, "id_contradicts", field, own)
                return
            else:
                self._batch.repair("contradiction_settled")
                if self._source.contradiction == "columns":
                    continue
            setattr(person, name, says[name])

    def _born(self, row: int, person: Person) -> None:
        for value, field in ((person.sex, "sex"), (person.birth, "birth_date")):
            if value is None:
                self._reject(row, "no_value", field)
                return
        birth = person.birth
        if birth is not None and birth > self._today:
            self._reject(row, "future_date", "birth_date", birth)
        elif birth is not None and birth.year < self._today.year - _OLDEST:
            self._reject(row, "impossible_birth", "birth_date", birth)


def telling(text: str, numbers: Sequence[str | None]) -> bool:
    """Whether a key or household number tells an identity or telephone number: one of the row's own, or something that looks like one."""
    normal = normalize_id_number(strip_invisible(text))
    return (normal is not None and normal in numbers) or contains_number(text)
