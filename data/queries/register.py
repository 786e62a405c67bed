"""Statements on the register: masked rows, and what PostgreSQL's own functions reveal or find. They need the people's database role."""

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, LargeBinary, String, Text, bindparam, column, func, literal_column, select, text
from sqlalchemy.sql import TextClause

from data.queries.expressions import Rows
from data.schema import area, building_seen, incident_reporter, person

SHOWN = ("district", "id", "household", "name_shown", "sex", "birth_year", "residence", "id_kind", "id_shown", "phone_shown")
"""Columns of a person in a list: all personal data in it are masked."""
MOST = 100
"""People of one list."""


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _listed(*kept: Any) -> Rows:
    """Masked people, by household, the oldest first; one more than ``MOST``, which shows whether there are more."""
    columns = (*(person.c[name] for name in SHOWN), area.c.name.label("area"), area.c.name_en.label("area_en"))
    found = select(*columns).outerjoin_from(person, area, area.c.code == person.c.grid)
    ordered = found.order_by(person.c.household, person.c.birth_year, person.c.district, person.c.id)
    return ordered.where(*kept).limit(literal_column(str(MOST + 1)))


@lru_cache
def people_of_building() -> Rows:
    """People of the building ``source_id`` with the key ``source_key``."""
    home = building_seen
    wanted = home.c.source_id == bindparam("source_id", type_=Integer), home.c.source_key == _text("source_key")
    return _listed(person.c.building_id == home.c.id, person.c.district == home.c.district, *wanted)


@lru_cache
def people_of_cell() -> Rows:
    """People of the cell ``code``. Areas that have cells below them are too large for a list."""
    return _listed(person.c.grid == _text("code"))


@lru_cache
def find_people() -> Rows:
    """Masked people found by ``what`` (name, id or phone), at most 50; PostgreSQL writes the search to the audit log."""
    columns: list[Any] = [column(name) for name in (*SHOWN, "grid")]
    called = func.find_people(_text("what"), _text("name"), bindparam("hash", type_=LargeBinary), _text("shown")).table_valued(*columns)
    there = called.alias("p")
    named = area.c.name.label("area"), area.c.name_en.label("area_en")
    return select(*(there.c[name] for name in SHOWN), *named).outerjoin_from(there, area, area.c.code == there.c.grid)


@lru_cache
def reveal_person() -> Rows:
    """One person in full, with the ciphers; PostgreSQL checks scope, purpose and rate, and writes the audit row."""
    columns = (column("name", String), column("birth_date", Date), column("id_kind", String))
    ciphers = (column("id_cipher", LargeBinary), column("phone_cipher", LargeBinary))
    called = func.reveal_person(_text("district"), bindparam("id", type_=BigInteger), _text("purpose"))
    return select(called.table_valued(*columns, *ciphers))


@lru_cache
def reveal_reporter() -> Rows:
    """Who reported a case, in the same way."""
    called = func.reveal_reporter(_text("district"), bindparam("id", type_=BigInteger), _text("purpose"))
    return select(called.table_valued(column("name", String), column("phone_cipher", LargeBinary)))


@lru_cache
def reveal_head() -> Rows:
    """The head of the area ``code`` with the whole telephone number, in the same way."""
    called = func.reveal_head(_text("code"), _text("purpose"))
    return select(called.table_valued(column("name", String), column("phone", String)))


@lru_cache
def reveal_unit() -> Rows:
    """The unit ``code`` of the ``city`` with the whole telephone number, in the same way."""
    called = func.reveal_unit(_text("city"), _text("code"), _text("purpose"))
    return select(called.table_valued(column("name", String), column("phone", String)))


@lru_cache
def reporter() -> Rows:
    """Who reported the case ``id`` of ``district``, masked."""
    table = incident_reporter
    wanted = table.c.district == _text("district"), table.c.incident_id == bindparam("id", type_=BigInteger)
    return select(table.c.district, table.c.incident_id.label("id"), table.c.name_shown, table.c.phone_shown).where(*wanted)


def note_list() -> TextClause:
    """Write to the audit log that a list of people was viewed."""
    return text("SELECT audit_append('list_people', :subject)")
