"""Statements on what people keep for themselves at the desk. Policies leave out what is somebody else's."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, CompoundSelect, Text, bindparam, func, select, text

from data.queries.expressions import Rows
from data.schema import area, case_filter, category, desk_setting, unit


@lru_cache
def filters_seen() -> Rows:
    """Filters of the viewer in their order, then those that others share with the viewer's units."""
    table = case_filter.c
    return select(table.id, table.account, table.name, table.search, table.city, table.unit).order_by(
        table.account != bindparam("account", type_=Text), table.ordinal, table.id
    )


@lru_cache
def known_codes() -> CompoundSelect[Any]:
    """Which of some ``areas``, ``categories`` and ``units`` there are, as rows ``kind, code``."""
    parts = []
    for kind, column, extra in (
        ("area", area.c.code, ()),
        ("category", category.c.code, (category.c.subject == "incident",)),
        ("unit", unit.c.code, ()),
    ):
        wanted = func.any(bindparam(kind, type_=ARRAY(Text)))
        parts.append(select(text(f"'{kind}' AS kind"), column.label("code")).where(column == wanted, *extra).distinct())
    return parts[0].union_all(*parts[1:])


@lru_cache
def setting() -> Rows:
    """The value of the viewer's setting with a ``name``."""
    return select(desk_setting.c.value).where(
        desk_setting.c.account == bindparam("account", type_=Text), desk_setting.c.name == bindparam("name", type_=Text)
    )


COUNT_OWN = text("SELECT count(*) FROM case_filter WHERE account = :account")
ADD_FILTER = text(
    "INSERT INTO case_filter (name, search, city, unit, ordinal) VALUES (:name, :search, :city, :unit,"
    " (SELECT coalesce(max(ordinal), 0) + 1 FROM case_filter WHERE account = :account)) RETURNING id"
)
CHANGE_FILTER = text(
    "UPDATE case_filter SET name = :name, search = :search, city = :city, unit = :unit, changed_at = now()"
    " WHERE id = :id AND account = :account RETURNING id"
)
DELETE_FILTER = text("DELETE FROM case_filter WHERE id = :id AND account = :account RETURNING id")
ORDER_FILTERS = text(
    "UPDATE case_filter SET ordinal = o.place FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY o (id, place)"
    " WHERE case_filter.id = o.id AND account = :account"
)
KEEP_SETTING = text(
    "INSERT INTO desk_setting (name, value) VALUES (:name, CAST(:value AS jsonb))"
    " ON CONFLICT (account, name) DO UPDATE SET value = excluded.value, changed_at = now()"
)
NAMES = text("SELECT account, shown FROM names_of_accounts(CAST(:accounts AS text[]))")
MEMBERS = text("SELECT account, shown, post FROM unit_members(:city, :unit)")
