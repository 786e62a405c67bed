"""SQLAlchemy still tells whether a statement has a limit of its own, as ``data/database/sqlalchemy_internals.py`` relies on."""

import pytest
from sqlalchemy import Executable, Select, column, insert, literal, select, table, text, union_all
from sqlalchemy.dialects import postgresql

from data.database.sqlalchemy_internals import limit_rows

PLACES = table("places", column("name"))
ALL: Select[tuple[str]] = select(PLACES.c.name)


def sql(statement: Executable) -> str:
    return " ".join(str(statement.compile(dialect=postgresql.dialect())).split())  # type: ignore[attr-defined, no-untyped-call]


@pytest.mark.parametrize("statement", [ALL, ALL.order_by(PLACES.c.name), ALL.distinct(), union_all(ALL, ALL)])
def test_a_statement_without_a_limit_gets_one_in_its_text(statement: Executable) -> None:
    assert sql(limit_rows(statement, 41)) == f"{sql(statement)} LIMIT 41"


@pytest.mark.parametrize(
    "statement",
    [
        ALL.limit(3),
        ALL.offset(3),
        ALL.fetch(3),
        ALL.limit(literal(3)),
        union_all(ALL, ALL).limit(3),
        text("SELECT 1"),
        insert(PLACES).values(name="x"),
    ],
)
def test_every_other_statement_stays_as_it_is(statement: Executable) -> None:
    assert limit_rows(statement, 41) is statement
