"""The register and the reporters of cases: every column says whether it is ordinary, personal or sensitive.

Personal: it identifies somebody. Sensitive: it can harm the person if others get it. Numbers of identity cards and
telephones are stored as ciphers, with a keyed hash for searching and a masked form for showing; see ``data.privacy``.
"""

from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Computed, Date, Identity, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from data.schema.common import Ltree, metadata

Privacy = Literal["ordinary", "personal", "sensitive"]


def _said(privacy: Privacy) -> dict[str, Any]:
    return {"info": {"privacy": privacy}}


_ORDINARY, _PERSONAL, _SENSITIVE = _said("ordinary"), _said("personal"), _said("sensitive")

NAME_SHOWN = (
    "CASE WHEN length(name) > 2 THEN left(name, 1) || repeat('*', length(name) - 2) || right(name, 1) ELSE left(name, 1) || '*' END"
)
"""张小明 as 张*明, 张明 as 张*."""
BIRTH_YEAR = "date_part('year', birth_date::timestamp)::smallint"


def _phone() -> list[Column[Any]]:
    return [
        Column("phone_cipher", LargeBinary, comment="encrypted: data.privacy", **_SENSITIVE),
        Column("phone_hash", LargeBinary, comment="keyed hash, to be found by", **_SENSITIVE),
        Column("phone_shown", Text, comment="masked: 138****5678", **_PERSONAL),
    ]


person = Table(
    "person",
    metadata,
    Column("district", Text, primary_key=True, **_ORDINARY),
    Column("id", BigInteger, Identity(), primary_key=True, **_ORDINARY),
    Column("city", Text, nullable=False, **_ORDINARY),
    Column("source_id", Integer, nullable=False, **_ORDINARY),
    Column("source_key", Text, nullable=False, **_ORDINARY),
    Column("grid", Text, nullable=False, **_ORDINARY),
    Column("path", Ltree, nullable=False, **_ORDINARY),
    Column("building_id", BigInteger, index=True, **_PERSONAL),
    Column("household", Text, nullable=False, **_PERSONAL),
    Column("name", Text, nullable=False, **_PERSONAL),
    Column("sex", Text, nullable=False, comment="M or F", **_PERSONAL),
    Column("birth_date", Date, nullable=False, **_PERSONAL),
    Column("residence", Text, nullable=False, comment="registered (户籍), floating (流动) or overseas (境外)", **_PERSONAL),
    Column("name_shown", Text, Computed(NAME_SHOWN, persisted=True), comment="masked: 张*明", **_PERSONAL),
    Column("birth_year", SmallInteger, Computed(BIRTH_YEAR, persisted=True), **_PERSONAL),
    Column("id_kind", Text, comment="of the identity document: resident_card, passport, …", **_PERSONAL),
    Column("id_cipher", LargeBinary, comment="encrypted: data.privacy", **_SENSITIVE),
    Column("id_hash", LargeBinary, comment="keyed hash, to be found by", **_SENSITIVE),
    Column("id_shown", Text, comment="masked: 3301************12", **_PERSONAL),
    *_phone(),
    Column("retain_until", Date, comment="the last day this row may be kept; null: as long as the register", **_ORDINARY),
    Index("uq_person_source", "source_id", "source_key", unique=True),
    Index("ix_person_grid", "grid"),
    Index("ix_person_name", "name"),
    Index("ix_person_id_hash", "id_hash", postgresql_where=text("id_hash IS NOT NULL")),
    Index("ix_person_phone_hash", "phone_hash", postgresql_where=text("phone_hash IS NOT NULL")),
    Index("ix_person_retain_until", "retain_until", postgresql_where=text("retain_until IS NOT NULL")),
    comment="the register; what is personal or sensitive is declared on the columns",
)

incident_reporter = Table(
    "incident_reporter",
    metadata,
    Column("district", Text, primary_key=True, **_ORDINARY),
    Column("incident_id", BigInteger, primary_key=True, autoincrement=False, **_ORDINARY),
    Column("seq", SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"), **_ORDINARY),
    Column("city", Text, nullable=False, **_ORDINARY),
    Column("grid", Text, nullable=False, **_ORDINARY),
    Column("path", Ltree, nullable=False, **_ORDINARY),
    Column("name", Text, nullable=False, **_PERSONAL),
    Column("name_shown", Text, Computed(NAME_SHOWN, persisted=True), comment="masked: 张*明", **_PERSONAL),
    *_phone(),
    Column("retain_until", Date, comment="the last day this row may be kept; null: as long as the case", **_ORDINARY),
    Column("merged_from", Text, comment="number of the merged case that this reporter came with", **_ORDINARY),
    Index("ix_incident_reporter_city", "city"),
    Index("ix_incident_reporter_phone_hash", "phone_hash", postgresql_where=text("phone_hash IS NOT NULL")),
    Index("ix_incident_reporter_retain_until", "retain_until", postgresql_where=text("retain_until IS NOT NULL")),
    comment="who reported a case, where that is known",
)
