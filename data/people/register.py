"""The register of people: masked lists, search by name or number, and one record in full.

Every reveal and every search has a row in the audit log: PostgreSQL's functions write it before they answer.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Executable, RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from data.core.errors import GridwellError, NotOpen
from data.core.roles import Ability
from data.core.text import LARGEST_INTEGER, could_be_code, parse_whole_number, storable
from data.core.viewer import Viewer
from data.database.transactions import Values, write_transaction
from data.privacy import keyed_hash, mask_id, mask_name, mask_phone, normalize_id_number, normalize_phone, unseal
from data.privacy.number_formats import normalize_resident_card
from data.queries import register as queries

LONGEST_PURPOSE = 200
LONGEST_NAME = 60
By = Literal["name", "id", "phone"]


class PurposeNeeded(GridwellError):
    status, code, sentence = 400, "purpose_needed", "State the purpose. It is written to the audit log."


class TooManyRevealed(GridwellError):
    status, code = 429, "too_many_revealed"
    sentence = "You have reached the limit of records that one account may open within an hour. Try again later."
    retry_s = 600


class TooManySearched(GridwellError):
    status, code = 429, "too_many_searched"
    sentence = "You have reached the limit of searches for people that one account may make within an hour. Try again later."
    retry_s = 600


class NobodySought(GridwellError):
    status, code = 422, "nobody_sought"
    sentence = "To find people, enter a full name of two characters or more, a complete ID number, or a complete phone number."


class UnknownPerson(GridwellError):
    status, code, sentence = 404, "unknown_person", "There is no such record, or it is outside your area."


_STATES: dict[str, type[GridwellError]] = {
    **{"GW001": PurposeNeeded, "GW002": TooManyRevealed, "GW006": TooManySearched},
    **{"GW003": NotOpen, "42501": NotOpen},
}
"""Errors of PostgreSQL's functions, by SQLSTATE."""


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """A person in a list.

    Attributes:
        key: ``district:id``, the argument of a reveal.
        area, area_en: name of the cell.
    """

    key: str
    household: str
    name: str
    sex: str
    birth_year: int
    residence: str
    id_kind: str | None
    id_number: str | None
    phone: str | None
    area: str | None
    area_en: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Masked people, and whether there are more people than listed."""

    people: tuple[MaskedPerson, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Revealed:
    """One record in full; what the register does not have is ``None``."""

    name: str
    birth_date: date | None = None
    id_kind: str | None = None
    id_number: str | None = None
    phone: str | None = None


@asynccontextmanager
async def _able_transaction(viewer: Viewer, ability: Ability) -> AsyncIterator[AsyncConnection]:
    """A transaction for a viewer with this ability. PostgreSQL's refusals become errors with a sentence.

    Raises:
        NotOpen: the viewer may not.
        PurposeNeeded, TooManyRevealed, TooManySearched: see the functions in the database.
    """
    if not viewer.may(ability):
        raise NotOpen
    try:
        async with write_transaction(viewer) as connection:
            yield connection
    except DBAPIError as error:
        told = _STATES.get(getattr(error.orig, "sqlstate", None) or "")
        if told is None:
            raise
        raise told from None


async def _rows(connection: AsyncConnection, statement: Executable, values: Values) -> Sequence[RowMapping]:
    return (await connection.execute(statement, values)).mappings().all()


# ---- Lists ----


async def people_of_building(key: str, viewer: Viewer) -> Listing:
    """The people who live in a building, masked.

    Raises:
        NotOpen: the viewer may not see the register.
    """
    source, _, source_key = key.partition(":")
    source_id = parse_whole_number(source, LARGEST_INTEGER)
    known = source_id is not None and could_be_code(source_key)
    values = {"source_id": source_id, "source_key": source_key} if known else None
    return await _listed(queries.people_of_building(), values, f"building {key}", viewer)


async def people_of_cell(code: str, viewer: Viewer) -> Listing:
    """The people who live in a cell, masked; none for an area that is divided into cells.

    Raises:
        NotOpen: the viewer may not see the register.
    """
    return await _listed(queries.people_of_cell(), {"code": code} if could_be_code(code) else None, f"area {code}", viewer)


async def _listed(statement: Executable, values: Values | None, subject: str, viewer: Viewer) -> Listing:
    async with _able_transaction(viewer, "find_people") as connection:
        if values is None:
            return Listing(())
        rows = await _rows(connection, statement, values)
        await connection.execute(queries.note_list(), {"subject": subject})
    return Listing(tuple(_masked(row) for row in rows[: queries.MOST]), len(rows) > queries.MOST)


def _masked(row: RowMapping) -> MaskedPerson:
    return MaskedPerson(
        key=f"{row['district']}:{row['id']}",
        household=row["household"],
        name=row["name_shown"],
        sex=row["sex"],
        birth_year=row["birth_year"],
        residence=row["residence"],
        id_kind=row["id_kind"],
        id_number=row["id_shown"],
        phone=row["phone_shown"],
        area=row["area"],
        area_en=row["area_en"],
    )


# ---- Search ----


@dataclass(frozen=True, slots=True)
class Search:
    """The term of a search, and its form for the audit log."""

    by: By
    name: str | None
    hash: bytes | None
    shown: str


def parse_search(text: str) -> Search:
    """Parse the typed text: a whole identity number, a whole telephone number, or a whole name.

    Raises:
        NobodySought: it is none of these.
    """
    told = text.strip()
    number, phone = normalize_id_number(told), normalize_phone(told)
    card = normalize_resident_card(number) if number else None
    if number is not None and (card or (any(c.isdigit() for c in number) and any(c.isalpha() for c in number))):
        return Search("id", None, keyed_hash(card or number, "id"), mask_id(card or number))
    if phone is not None:
        return Search("phone", None, keyed_hash(phone, "phone"), mask_phone(phone) or "")
    if not 2 <= len(told) <= LONGEST_NAME or not storable(told):
        raise NobodySought
    return Search("name", told, None, mask_name(told))


async def find_people(text: str, viewer: Viewer) -> Listing:
    """People in the viewer's scope with exactly this name, identity number or telephone number, masked, at most 50.

    Raises:
        NotOpen: the viewer may not search for people.
        NobodySought: the typed text is none of these.
        TooManySearched: too many within an hour.
    """
    if not viewer.may("find_people"):
        raise NotOpen
    sought = parse_search(text)
    values = {"what": sought.by, "name": sought.name, "hash": sought.hash, "shown": sought.shown}
    async with _able_transaction(viewer, "find_people") as connection:
        rows = await _rows(connection, queries.find_people(), values)
    return Listing(tuple(_masked(row) for row in rows))


# ---- One record ----


async def reveal_person(key: str, purpose: str, viewer: Viewer) -> Revealed:
    """One person in full.

    Raises:
        NotOpen, PurposeNeeded, TooManyRevealed: not allowed, no purpose given, or too many within an hour.
        UnknownPerson: nobody in scope has this key.
        BadCipher: a number was sealed with a key that is gone.
    """
    row = await _revealed(queries.reveal_person(), _parse_key(key), purpose, viewer)
    number, phone = (
        unseal(bytes(row[f"{name}_cipher"]), f"person.{name}") if row[f"{name}_cipher"] is not None else None for name in ("id", "phone")
    )
    return Revealed(row["name"], row["birth_date"], row["id_kind"], number, phone)


async def reveal_reporter(key: str, purpose: str, viewer: Viewer) -> Revealed:
    """Who reported a case, in full; ``key`` is ``district:id`` of the case. Raises as ``reveal_person``."""
    row = await _revealed(queries.reveal_reporter(), _parse_key(key), purpose, viewer)
    cipher = row["phone_cipher"]
    return Revealed(row["name"], phone=None if cipher is None else unseal(bytes(cipher), "reporter.phone"))


async def reveal_head(code: str, purpose: str, viewer: Viewer) -> Revealed:
    """The head of an area with the whole telephone number. Raises as ``reveal_person``."""
    row = await _revealed(queries.reveal_head(), {"code": code} if could_be_code(code) else None, purpose, viewer, "call")
    return Revealed(row["name"] or "", phone=row["phone"])


async def reveal_unit(city: str, code: str, purpose: str, viewer: Viewer) -> Revealed:
    """A unit with the whole telephone number of its office. Raises as ``reveal_person``."""
    values = {"city": city, "code": code} if could_be_code(city) and could_be_code(code) else None
    row = await _revealed(queries.reveal_unit(), values, purpose, viewer, "call")
    return Revealed(row["name"], phone=row["phone"])


async def _revealed(statement: Executable, values: Values | None, purpose: str, viewer: Viewer, ability: Ability = "reveal") -> RowMapping:
    if not viewer.may(ability):
        raise NotOpen
    told = check_purpose(purpose)
    if values is None:
        raise UnknownPerson
    async with _able_transaction(viewer, ability) as connection:
        rows = await _rows(connection, statement, {**values, "purpose": told})
    if not rows:
        raise UnknownPerson
    return rows[0]


def check_purpose(given: str) -> str:
    """Clean the purpose that somebody gives, for the audit log.

    Raises:
        PurposeNeeded: an auditor could not read it: too short, too long, or with characters that are invisible or change the direction.
    """
    told = " ".join(given.split())
    if sum(map(str.isalnum, told)) < 2 or len(told) > LONGEST_PURPOSE or not told.isprintable():
        raise PurposeNeeded
    return told


def _parse_key(key: str) -> Values | None:
    """Split ``district:id``; ``None`` where the text is not such a key."""
    district, _, number = key.rpartition(":")
    found = parse_whole_number(number)
    return {"district": district, "id": found} if found is not None and could_be_code(district) else None
